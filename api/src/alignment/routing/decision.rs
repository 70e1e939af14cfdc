//! Routing decisions in the schema. Rows are only added; they are seen by who sees the lead.

use std::sync::LazyLock;

use entity::{
    id::RoutingDecisionId,
    lead,
    routing_decision::{Action, Column as C, Entity},
};
use sea_orm::Condition;

use super::pool;
use crate::{
    access::user,
    actor::{Actor, Permission},
    crm::lead as leads,
    graph::{self, Meta, Record, Rules},
    store::{Guarded, outliving},
};

impl Guarded for Entity {
    type Id = RoutingDecisionId;
    const NAME: &'static str = "routing_decision";
    const READ: Permission = Permission::LeadRead;

    fn within(actor: &Actor, permission: Permission) -> Condition {
        outliving::<lead::Entity>(actor, permission, (Self::NAME, C::LeadId))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules { read: Permission::LeadRead, create: None, update: None, delete: None, assign: None };
        let about = "A decision to whom a lead goes, with all that led to it. Never changed.";
        let fields = vec![
            graph::one(C::LeadId, leads::meta, "The lead.").filter(),
            graph::time(C::At, "When.").filter().order().group(),
            graph::text(C::Rule, "The rule that decided, by its label; null when nobody could be found."),
            graph::word::<Action, _>(C::Action, "What the rule did; null when nobody could be found.").filter().group(),
            graph::one(C::ChosenUserId, user::meta, "Who was chosen; null when anybody of the pool may take it.")
                .filter()
                .group(),
            graph::one(C::PoolId, pool::meta, "The pool whose turn it was.").filter().group(),
            graph::boolean(C::Failed, "Whether nobody could be found."),
            graph::json(
                C::Trace,
                "Each rule that was tried, in order: an object with `rule`, `action`, `result` (CHOSEN, PASSED or \
                 NOT_MET), `why`, `user` and `pool`.",
            ),
            graph::json(
                C::PoolState,
                "The pool's members after the decision: objects with `user`, `weight`, `assigned` (this month), `open` \
                 (leads), `eligible` and `why` not: INACTIVE, MAY_NOT_ANSWER (offers), NO_SHARE, ABSENT, OUT_OF_HOURS, \
                 FULL, LACKS_SKILLS or PASSED_OVER.",
            ),
        ];
        Meta::new::<Entity>("RoutingDecision", "routingDecisions", about, rules, fields)
    });
    &META
}
