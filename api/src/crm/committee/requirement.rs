//! Which roles of a buying committee a pipeline's opportunities should have somebody for. Part of the pipeline's
//! configuration, with its rights.

use std::sync::LazyLock;

use entity::{
    committee_member::CommitteeRole,
    committee_requirement::{Column as C, Entity},
    id::CommitteeRequirementId,
    pipeline,
};
use sea_orm::{Condition, ExprTrait, sea_query::Expr};

use crate::{
    actor::{Actor, Permission},
    crm::pipeline as pipelines,
    graph::{self, Meta, Record, Rules, record::link},
    store::{Guarded, visible},
};

impl Guarded for Entity {
    type Id = CommitteeRequirementId;
    const NAME: &'static str = "committee_requirement";
    const READ: Permission = Permission::PipelineRead;

    /// The whole organisation's, while their pipeline is there.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        let pipelines = visible::<pipeline::Entity>(actor, permission);
        Condition::all().add(Expr::col((Self::NAME, C::PipelineId)).in_subquery(pipelines))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::PipelineRead,
            create: Some(Permission::PipelineUpdate),
            update: None,
            delete: Some(Permission::PipelineUpdate),
            assign: None,
        };
        let about = "A role that every opportunity of a pipeline should know somebody for; see `Opportunity.committeeCoverage`.";
        Meta::new::<Entity>(
            "CommitteeRequirement",
            "committeeRequirements",
            about,
            rules,
            vec![
                link(C::PipelineId, pipelines::meta, "The pipeline.").once(),
                graph::word::<CommitteeRole, _>(C::Role, "The role; each once for a pipeline.")
                    .required()
                    .once()
                    .filter()
                    .group(),
            ],
        )
    });
    &META
}
