//! What moving, winning, losing and reopening make of their inputs. The rules themselves are in `settle`.

use entity::{
    id::{RowId, StageId},
    opportunity::Model,
    stage::StageType,
    stage_change::{self, Column as H},
};
use futures_util::future::BoxFuture;
use sea_orm::{Condition, ExprTrait, Order, Value, sea_query::Expr};

use super::{Book, exit, moves};
use crate::{
    crm::all_rows,
    error::{Error, Result},
    graph::Patch,
    store::{Guarded, Scoped, Tx},
};

pub fn shift<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        moves::ensure(before.stage_type, StageType::Open, false)?;
        exit::excused(tx, before, told).await
    })
}

pub fn win<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(end(tx, before, told, StageType::Won))
}

pub fn lose<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(end(tx, before, told, StageType::Lost))
}

async fn end(tx: &mut Tx, before: &Model, told: Patch, to: StageType) -> Result<Patch> {
    moves::ensure(before.stage_type, to, false)?;
    let book = Book::load(tx).await?;
    let told = into(told, &book, to, book.first(before.pipeline_id, to).map(|s| s.id))?;
    exit::excused(tx, before, told).await
}

pub fn reopen<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        moves::ensure(before.stage_type, StageType::Open, true)?;
        let book = Book::load(tx).await?;
        let last = came_from(tx, before).await?;
        let open = last.and_then(|id| book.stage(id)).filter(|s| s.stage_type == StageType::Open);
        let open = open.or_else(|| book.first(before.pipeline_id, StageType::Open)).map(|s| s.id);
        into(told, &book, StageType::Open, open)
    })
}

/// The patch with a stage of this type: the one told, else the one found.
fn into(told: Patch, book: &Book, to: StageType, found: Option<StageId>) -> Result<Patch> {
    let wrong = |message: String| Error::invalid("stageId", message);
    let Some(Value::Uuid(Some(asked))) = told.get("stage_id") else {
        let id = found.ok_or_else(|| wrong(format!("its pipeline has no {to} stage")))?;
        return Ok(told.with("stage_id", id.uuid()));
    };
    match book.stage(StageId::from_uuid(*asked)) {
        Some(stage) if stage.stage_type != to => Err(wrong(format!("this is not a {to} stage"))),
        _ => Ok(told),
    }
}

/// The stage from which it was closed.
async fn came_from(tx: &Tx, opportunity: &Model) -> Result<Option<StageId>> {
    let column = |c: H| Expr::col((stage_change::Entity::NAME, c));
    let closing = Condition::all()
        .add(column(H::OpportunityId).eq(opportunity.id))
        .add(column(H::ToStageId).eq(opportunity.stage_id));
    let last = Scoped::<stage_change::Entity>::read(&all_rows(tx))
        .filter(closing)
        .shape(|q| _ = q.order_by((stage_change::Entity::NAME, H::Id), Order::Desc).limit(1));
    Ok(tx.read(last).await?.pop().and_then(|change| change.from_stage_id))
}
