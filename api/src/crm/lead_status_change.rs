//! The history of leads. Rows are only added, by the lead's own writes; they are seen by who sees the lead.

use std::sync::LazyLock;

use entity::{
    id::LeadStatusChangeId,
    lead::{self, Status},
    lead_status_change::{Column as C, Entity},
};
use sea_orm::Condition;

use super::lead as leads;
use crate::{
    access::user,
    actor::{Actor, Permission},
    graph::{self, Kind, Meta, Record, Rules},
    store::{Guarded, outliving},
};

impl Guarded for Entity {
    type Id = LeadStatusChangeId;
    const NAME: &'static str = "lead_status_change";
    const READ: Permission = Permission::LeadRead;
    /// Who gives a lead away still writes its history.
    const ASSIGN: Option<Permission> = Some(Permission::LeadAssign);
    /// The lead's own event tells the same.
    const TOLD: bool = false;

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
        let about = "A move of a lead from state to state. Never changed; each begins where the one before it ended.";
        let fields = vec![
            graph::one(C::LeadId, leads::meta, "The lead.").filter().group(),
            graph::integer(C::CycleNo, "The round it was in afterwards, from 1."),
            graph::word::<Status, _>(C::FromStatus, "The state it left; null for its beginning.").filter().group(),
            graph::word::<Status, _>(C::ToStatus, "The state it came to.").filter().group(),
            graph::time(C::At, "When.").filter().order().group(),
            graph::one(C::By, user::meta, "Who did it; null when Accord did."),
            graph::text(C::Reason, "Why, in somebody's words."),
            graph::told(
                "agreement_version_id",
                Kind::Id("agreement_version"),
                "The version of an agreement by which it moved: an id for `node`.",
            ),
        ];
        Meta::new::<Entity>("LeadStatusChange", "leadStatusChanges", about, rules, fields)
    });
    &META
}
