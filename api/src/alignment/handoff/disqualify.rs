//! A lead that sales rejected is given up only when its data cannot be mended; any other rejection comes round again.

use entity::{
    handoff::{Category, Column as H, Entity, State},
    id::RowId,
    lead::{Model, Status},
};
use futures_util::future::BoxFuture;
use sea_orm::{Condition, ExprTrait, sea_query::Expr};

use crate::{
    crm::lead::steps,
    error::{Error, FaultCode, Result},
    graph::Patch,
    store::{Guarded, Scoped, Tx},
};

pub fn disqualify<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        if before.status == Status::Rejected && !beyond_mending(tx, before).await? {
            let message = "a rejected lead is given up only when the reason is CLERICAL; others are recycled";
            return Err(Error::refused(FaultCode::InvalidTransition, "id", message));
        }
        steps::disqualify(tx, before, told).await
    })
}

async fn beyond_mending(tx: &Tx, lead: &Model) -> Result<bool> {
    let column = |c: H| Expr::col((Entity::NAME, c));
    let theirs = Condition::all()
        .add(column(H::LeadId).eq(lead.id.uuid()))
        .add(column(H::CycleNo).eq(lead.cycle_no))
        .add(column(H::State).eq(State::Rejected));
    let mut rejected = tx.read(Scoped::<Entity>::read(&crate::crm::all_rows(tx)).filter(theirs)).await?;
    rejected.sort_by_key(|row| (row.decided_at, row.id));
    Ok(rejected.last().is_some_and(|row| row.rejection_category == Some(Category::Clerical)))
}
