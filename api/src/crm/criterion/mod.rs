//! What must be true before an opportunity leaves a stage: the conditions, what buyers confirmed of them, and what was
//! passed over. Whether they hold is `judge`'s to say, whether that stops a move is the opportunity's.

pub mod confirmation;
mod definition;
pub mod graphql;
pub mod judge;
pub mod overridden;
pub mod sheet;

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use entity::{
    activity::Kind as ActivityKind,
    committee_member::CommitteeRole,
    id::{RowId, StageCriterionId},
    stage::{self, StageType},
    stage_criterion::{ActiveModel, Column as C, CriterionKind, Entity},
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition, ExprTrait, sea_query::Expr};

use super::stage as stages;
use crate::{
    actor::{Actor, Permission},
    error::{Fault, FaultCode, Result},
    graph::{self, Change, Meta, Record, Rules, record::link},
    store::{Guarded, Scoped, Tx, belonging},
};

impl Guarded for Entity {
    type Id = StageCriterionId;
    const NAME: &'static str = "stage_criterion";
    const READ: Permission = Permission::PipelineRead;

    /// The whole organisation's, while their stage is there.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        belonging::<stage::Entity>(actor, permission, (Self::NAME, C::StageId))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(_: DateTime<Utc>) -> ActiveModel {
        ActiveModel { position: Set(0), ..Default::default() }
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for change in changes.iter_mut() {
                change.faults.extend(definition::faults(&change.row));
            }
            of_open_stages(tx, changes).await
        })
    }
}

/// Only an open stage is left. One statement.
async fn of_open_stages(tx: &Tx, changes: &mut [Change<Entity>]) -> Result<()> {
    let new = |c: &&mut Change<Entity>| c.before.is_none();
    let ids: Vec<_> = changes.iter().filter_map(|c| c.row.stage_id.try_as_ref()).map(|id| id.uuid()).collect();
    let ended = Condition::all().add(Expr::col(("stage", stage::Column::StageType)).ne(StageType::Open));
    // as the caller sees them: who may not see a stage learns nothing of it
    let ended = tx.read(Scoped::<stage::Entity>::read(tx.access()).ids(&ids).filter(ended)).await?;
    for change in changes.iter_mut().filter(new) {
        if change.row.stage_id.try_as_ref().is_some_and(|id| ended.iter().any(|stage| stage.id == *id)) {
            change.faults.push(Fault::new(FaultCode::Validation, "stageId", "only an OPEN stage has exit criteria"));
        }
    }
    Ok(())
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::PipelineRead,
            create: Some(Permission::PipelineUpdate),
            update: Some(Permission::PipelineUpdate),
            delete: Some(Permission::PipelineUpdate),
            assign: None,
        };
        let about = "A condition for leaving a stage forward, or winning from it: an exit criterion. `opportunityExitCriteria` tells whether an opportunity meets it.";
        Meta::new::<Entity>("StageCriterion", "stageCriteria", about, rules, vec![
            link(C::StageId, stages::meta, "The stage, an OPEN one.").once(),
            graph::integer(C::Position, "Place among the stage's criteria, from 0; 0 unless given.").max(1000).write().filter().order(),
            graph::text(C::Label, "What people call it, e.g. \"Budget is known\".").max(200).required().write(),
            graph::word::<CriterionKind, _>(C::Kind, "What it looks at.").required().once().filter().group(),
            graph::text(C::Field, "FIELD only, and needed there: which field of the opportunity must be filled in, by its name in the type Opportunity, e.g. \"amount\", \"primaryContact\"; \"customFields.budget\"; or \"committeeMembers\".").max(100).write(),
            graph::decimal(C::MinimumE4, 4, "The least number: of the field's amount in its own currency, of activities of the kind, or of people in the committee. 1 for activities and people unless given; without it a field need only be filled in.")
                .named("minimum")
                .write(),
            graph::word::<ActivityKind, _>(C::ActivityKind, "ACTIVITY only, and needed there: which sort. Calls, mails, meetings and notes count when they took place, tasks when they are done.").write(),
            graph::word::<CommitteeRole, _>(C::CommitteeRole, "Only with the field \"committeeMembers\": the part that somebody must play.").write(),
        ])
    });
    &META
}
