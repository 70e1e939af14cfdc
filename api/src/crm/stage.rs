//! Stages: the steps of a pipeline. While the pipeline is active, no change may spoil its shape.

use std::{collections::HashMap, sync::LazyLock};

use entity::{
    external_ref as refs,
    id::{PipelineId, RowId, StageId},
    opportunity as opportunities, pipeline,
    stage::{ActiveModel, Column as C, Entity, ForecastCategory, Model, StageType},
    stage_criterion as criteria,
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition, ExprTrait, sea_query::Expr};

use super::{
    all_rows, criterion, external_ref, opportunity,
    pipeline::{self as pipelines, shape},
};
use crate::{
    actor::{Actor, Permission},
    error::{Error, Fault, FaultCode, Result},
    graph::{self, Change, Meta, Record, Refusals, Rules, record::link},
    store::{Guarded, Op, Scoped, Tx, visible},
};

impl Guarded for Entity {
    type Id = StageId;
    const NAME: &'static str = "stage";
    const READ: Permission = Permission::PipelineRead;

    /// The whole organisation's, while their pipeline is there.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        let pipelines = visible::<pipeline::Entity>(actor, permission);
        Condition::all().add(Expr::col((Self::NAME, C::PipelineId)).in_subquery(pipelines))
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&[], &[FaultCode::Locked, FaultCode::CriteriaUnmet])];

    fn meta() -> &'static Meta {
        meta()
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for change in changes.iter_mut() {
                complete(change);
            }
            let ids = changes.iter().filter_map(|c| c.row.pipeline_id.try_as_ref().copied()).collect();
            let mut places = active_places(tx, ids).await?;
            for change in changes.iter() {
                if let Some(theirs) = change.row.pipeline_id.try_as_ref().and_then(|id| places.get_mut(id)) {
                    lay_over(theirs, change.before.as_ref().map(|b| b.id), &change.row);
                }
            }
            for change in changes.iter_mut() {
                let theirs = change.row.pipeline_id.try_as_ref().and_then(|id| places.get(id));
                if let Some(what) = theirs.and_then(|theirs| shape::wrong(theirs)) {
                    change.faults.push(Fault::new(FaultCode::CriteriaUnmet, "position", what));
                }
            }
            Ok(())
        })
    }

    /// Not while opportunities stand in it, nor if the active pipeline needs it.
    fn leave<'a>(tx: &'a mut Tx, row: &'a Model, op: Op) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let inside = Condition::all().add(Expr::col(("opportunity", opportunities::Column::StageId)).eq(row.id));
            if op == Op::Deleted && pipelines::used(tx, inside).await? {
                return Err(Error::refused(
                    FaultCode::Locked,
                    "id",
                    "opportunities stand in this stage; move them first",
                ));
            }
            let mut places = active_places(tx, vec![row.pipeline_id]).await?;
            let Some(theirs) = places.get_mut(&row.pipeline_id) else { return Ok(()) };
            theirs.retain(|p| p.stage != Some(row.id));
            if op == Op::Restored {
                theirs.push(shape::Place { stage: Some(row.id), position: row.position, stage_type: row.stage_type });
            }
            shape::wrong(theirs).map_or(Ok(()), |what| Err(Error::refused(FaultCode::CriteriaUnmet, "id", what)))
        })
    }
}

/// What follows from the type: an end is certain, and counts as such.
fn complete(change: &mut Change<Entity>) {
    let row = &mut change.row;
    let (fixed, category) = match row.stage_type.try_as_ref() {
        Some(StageType::Won) => (Some(100), ForecastCategory::Closed),
        Some(StageType::Lost) => (Some(0), ForecastCategory::Omitted),
        _ => (None, ForecastCategory::Pipeline),
    };
    match (row.probability.try_as_ref(), fixed) {
        (None, _) => row.probability = Set(fixed.unwrap_or(0)),
        (Some(given), Some(fixed)) if *given != fixed => {
            let message = format!("this type of stage is {fixed} percent likely");
            change.faults.push(Fault::new(FaultCode::Validation, "probability", message));
        }
        _ => {}
    }
    if row.forecast_category.is_not_set() {
        row.forecast_category = Set(category);
    }
    if fixed.is_none() && row.forecast_category.try_as_ref() == Some(&ForecastCategory::Closed) {
        let message = "only stages that are won or lost are CLOSED";
        change.faults.push(Fault::new(FaultCode::Validation, "forecastCategory", message));
    }
}

/// The stages of those of these pipelines that are active. Two statements.
async fn active_places(tx: &Tx, mut ids: Vec<PipelineId>) -> Result<HashMap<PipelineId, Vec<shape::Place>>> {
    ids.sort_unstable();
    ids.dedup();
    let uuids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    let active = Condition::all().add(Expr::col(("pipeline", pipeline::Column::Active)).eq(true));
    let rows = tx.read(Scoped::<pipeline::Entity>::read(&all_rows(tx)).ids(&uuids).filter(active)).await?;
    let ids: Vec<PipelineId> = rows.into_iter().map(|p| p.id).collect();
    pipelines::stages_of(tx, &ids).await
}

fn lay_over(places: &mut Vec<shape::Place>, stage: Option<StageId>, row: &ActiveModel) {
    places.retain(|p| stage.is_none() || p.stage != stage);
    if let (Some(position), Some(stage_type)) = (row.position.try_as_ref(), row.stage_type.try_as_ref()) {
        places.push(shape::Place { stage, position: *position, stage_type: *stage_type });
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::PipelineRead,
            create: Some(Permission::PipelineCreate),
            update: Some(Permission::PipelineUpdate),
            delete: Some(Permission::PipelineDelete),
            assign: None,
        };
        let about = "A step of a pipeline: open ones first, then the ways it can end.";
        Meta::new::<Entity>("Stage", "stages", about, rules, vec![
            link(C::PipelineId, pipelines::meta, "The pipeline.").once(),
            graph::text(C::Name, "Its name. Unique in the pipeline.").max(100).required().write(),
            graph::integer(C::Position, "Place in the pipeline, from 0; no two the same.").max(1000).required().write().filter().order(),
            graph::word::<StageType, _>(C::StageType, "On the way, or an end of it.").named("type").required().once().group(),
            graph::integer(C::Probability, "Chance of winning from here, in percent. 100 for a WON stage, 0 for a LOST one.").max(100).write(),
            graph::word::<ForecastCategory, _>(C::ForecastCategory, "Where opportunities in it count, unless they say otherwise. PIPELINE, CLOSED or OMITTED by type unless given.").write(),
            graph::text(C::BuyerMilestone, "What the buyer has done by then, in plain text.").max(2000).write(),
            graph::integer(C::MaxDays, "Days after which an opportunity has been here too long.").max(3650).write(),
            graph::many("criteria", criteria::Column::StageId, criterion::meta, "What must be true before an opportunity leaves it forward; order them by POSITION.").filter(),
            graph::many("external_refs", refs::Column::EntityId, external_ref::meta, "What other systems call it.")
                .only(refs::Column::EntityType, "stage"),
            graph::many("opportunities", opportunities::Column::StageId, opportunity::meta, "Opportunities standing in it.").filter(),
        ])
    });
    &META
}
