//! What was not met when an opportunity was moved all the same. Rows are only added, by the move itself; they are seen
//! with it.

use std::sync::LazyLock;

use entity::{
    id::OverriddenCriterionId,
    overridden_criterion::{Column as C, Entity},
    stage_change,
};
use sea_orm::{Condition, ExprTrait, sea_query::Expr};

use crate::{
    actor::{Actor, Permission},
    crm::stage_change as changes,
    graph::{self, Meta, Record, Rules},
    store::{Guarded, visible},
};

impl Guarded for Entity {
    type Id = OverriddenCriterionId;
    const NAME: &'static str = "overridden_criterion";
    const READ: Permission = Permission::OpportunityRead;

    fn within(actor: &Actor, permission: Permission) -> Condition {
        let moves = visible::<stage_change::Entity>(actor, permission);
        Condition::all().add(Expr::col((Self::NAME, C::StageChangeId)).in_subquery(moves))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules { read: Permission::OpportunityRead, create: None, update: None, delete: None, assign: None };
        let about = "An exit criterion that was not met when somebody moved an opportunity with `overrideReason`; the reason is the move's. Never changed.";
        let fields = vec![
            graph::one(C::StageChangeId, changes::meta, "The move.").filter().group(),
            graph::one(C::StageCriterionId, super::meta, "The criterion as it is now; null when it was deleted.")
                .filter()
                .group(),
            graph::text(C::Label, "What people called it then."),
            graph::text(C::Expected, "What it asked for."),
            graph::text(C::Actual, "What there was."),
        ];
        Meta::new::<Entity>("OverriddenCriterion", "overriddenCriteria", about, rules, fields)
    });
    &META
}
