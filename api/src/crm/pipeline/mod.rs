//! Pipelines: ways of selling, each a list of stages. One may be given new opportunities only while its stages make
//! sense; everybody with `PIPELINE_READ` sees all of them.

mod seed;
pub mod shape;

use std::{collections::HashMap, sync::LazyLock};

use chrono::{DateTime, Utc};
use entity::{
    committee_requirement as requirements, external_ref as refs,
    id::{PipelineId, RowId},
    opportunity as opportunities,
    pipeline::{ActiveModel, Column as C, Entity, Model},
    stage,
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition, ExprTrait, sea_query::Expr};

pub use seed::seed_defaults;

use super::{all_rows, committee::requirement, external_ref, opportunity, stage as stages};
use crate::{
    actor::{Actor, Permission},
    error::{Error, Fault, FaultCode, Result},
    graph::{self, Change, Meta, Record, Refusals, Rules},
    store::{Guarded, Op, Scoped, Tx},
};

impl Guarded for Entity {
    type Id = PipelineId;
    const NAME: &'static str = "pipeline";
    const READ: Permission = Permission::PipelineRead;

    /// The whole organisation's.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&[], &[FaultCode::Locked, FaultCode::CriteriaUnmet])];

    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(_: DateTime<Utc>) -> ActiveModel {
        ActiveModel { position: Set(0), active: Set(false), ..Default::default() }
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let begun = |c: &Change<Self>| {
                c.row.active.try_as_ref() == Some(&true) && !c.before.as_ref().is_some_and(|b| b.active)
            };
            let ids: Vec<PipelineId> =
                changes.iter().filter(|c| begun(c)).filter_map(|c| Some(c.before.as_ref()?.id)).collect();
            let stages = stages_of(tx, &ids).await?;
            for change in changes.iter_mut().filter(|c| begun(c)) {
                let places = change.before.as_ref().and_then(|b| stages.get(&b.id)).cloned().unwrap_or_default();
                let wrong = shape::wrong(&places);
                change.faults.extend(wrong.map(|what| Fault::new(FaultCode::CriteriaUnmet, "active", what)));
            }
            Ok(())
        })
    }

    /// Not while opportunities are in it.
    fn leave<'a>(tx: &'a mut Tx, row: &'a Model, op: Op) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let inside = Condition::all().add(Expr::col(("opportunity", opportunities::Column::PipelineId)).eq(row.id));
            if op == Op::Deleted && used(tx, inside).await? {
                return Err(Error::refused(
                    FaultCode::Locked,
                    "id",
                    "opportunities are in this pipeline; set it inactive instead",
                ));
            }
            Ok(())
        })
    }
}

/// Whether any opportunity meets this.
pub(super) async fn used(tx: &Tx, inside: Condition) -> Result<bool> {
    let any = Scoped::<opportunities::Entity>::read(&all_rows(tx)).filter(inside).shape(|q| _ = q.limit(1));
    Ok(!tx.read(any).await?.is_empty())
}

/// The stages of these pipelines, for their shape.
pub(super) async fn stages_of(tx: &Tx, ids: &[PipelineId]) -> Result<HashMap<PipelineId, Vec<shape::Place>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let theirs = Expr::col(("stage", stage::Column::PipelineId)).is_in(ids.iter().map(|id| id.uuid()));
    let rows = tx.read(Scoped::<stage::Entity>::read(&all_rows(tx)).filter(Condition::all().add(theirs))).await?;
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        let place = shape::Place { stage: Some(row.id), position: row.position, stage_type: row.stage_type };
        found.entry(row.pipeline_id).or_default().push(place);
    }
    Ok(found)
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
        Meta::new::<Entity>("Pipeline", "pipelines", "A way of selling: a list of stages.", rules, vec![
            graph::text(C::Name, "Its name. Unique in the organisation.").max(100).unique().required().write().filter(),
            graph::integer(C::Position, "Place among the pipelines, from 0. The first active one is the default.").max(1000).write().filter().order(),
            graph::boolean(C::Active, "Whether it may be given new opportunities. Needs open stages first, then at least one WON and one LOST stage, else CRITERIA_UNMET.").write(),
            graph::many("stages", stage::Column::PipelineId, stages::meta, "Its stages; order them by POSITION.").filter(),
            graph::many("committee_requirements", requirements::Column::PipelineId, requirement::meta, "Roles that its opportunities should know somebody for.").filter(),
            graph::many("external_refs", refs::Column::EntityId, external_ref::meta, "What other systems call it.")
                .only(refs::Column::EntityType, "pipeline"),
            graph::many("opportunities", opportunities::Column::PipelineId, opportunity::meta, "Opportunities in it.").filter(),
        ])
    });
    &META
}
