//! Leads: from first sight to converted, or given up.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use entity::{
    campaign::Channel,
    id::LeadId,
    lead::{ActiveModel, Column as C, DisqualifyCategory, Entity, Status},
};
use sea_orm::{ActiveValue::Set, Condition};

use crate::{
    access::user,
    actor::{Actor, Permission},
    graph::{self, Meta, Record, Rules, record::link},
    store::Guarded,
};

impl Guarded for Entity {
    type Id = LeadId;
    const NAME: &'static str = "lead";
    const READ: Permission = Permission::LeadRead;
    const ASSIGN: Option<Permission> = Some(Permission::LeadAssign);
    const PERSONAL: &'static [&'static str] = &["first_name", "last_name", "email", "phone"];

    fn within(actor: &Actor, permission: Permission) -> Condition {
        actor.reach(permission, (Self::NAME, C::OwnerId))
    }

    fn search_text(row: &ActiveModel) -> Option<String> {
        Some(graph::text::search_of::<Self>(row, &[C::FirstName, C::LastName, C::Email, C::CompanyName]))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(now: DateTime<Utc>) -> ActiveModel {
        ActiveModel {
            status: Set(Status::New),
            status_changed_at: Set(now),
            cycle_no: Set(1),
            score: Set(0),
            custom: Set(serde_json::json!({})),
            ..Default::default()
        }
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::LeadRead,
            create: Some(Permission::LeadCreate),
            update: Some(Permission::LeadUpdate),
            delete: Some(Permission::LeadDelete),
            assign: Some(Permission::LeadAssign),
        };
        Meta::new::<Entity>(
            "Lead",
            "leads",
            "A person or company that may buy, before there is an opportunity.",
            rules,
            vec![
                graph::text(C::FirstName, "Given name.").max(100).write().search(),
                graph::text(C::LastName, "Family name.").max(100).write().filter().order().search(),
                graph::email(C::Email, "Where to reach them.").write().filter().order().search(),
                graph::text(C::Phone, "Telephone number in E.164.").normal(graph::text::phone).write().filter(),
                graph::text(C::CompanyName, "The company, as the person wrote it.").write().filter().order().search(),
                graph::text(C::Title, "Their position.").write(),
                graph::text(C::Source, "Where the lead came from, e.g. \"web\".").max(100).write().filter().group(),
                graph::word::<Channel, _>(C::Channel, "The channel the lead came through.").write().filter().group(),
                graph::word::<Status, _>(C::Status, "Where the lead stands on its way.").filter().order().group(),
                graph::integer(C::Score, "How well and how warm, by the agreed scoring.").filter().order(),
                graph::integer(C::CycleNo, "How often it has gone round, from 1."),
                link(C::OwnerId, user::meta, "The salesperson working this lead; none until it is handed over."),
                graph::word::<DisqualifyCategory, _>(C::DisqualifyCategory, "Why it was given up.").filter().group(),
                graph::time(C::ConvertedAt, "When it became an opportunity.").filter().order(),
            ],
        )
    });
    &META
}
