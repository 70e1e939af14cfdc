//! Activities in the schema.

use std::sync::LazyLock;

use entity::activity::{Column as C, Direction, Entity, Kind};

use super::super::{account, contact, lead, opportunity, owner};
use crate::{
    access::user,
    actor::Permission,
    graph::{self, Meta, Rules, record::link},
    marketing::campaign,
};

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::ActivityRead,
            create: Some(Permission::ActivityCreate),
            update: Some(Permission::ActivityUpdate),
            delete: Some(Permission::ActivityDelete),
            assign: Some(Permission::ActivityAssign),
        };
        let mut fields = vec![
            graph::word::<Kind, _>(C::Kind, "What sort it is.").required().once().filter().order().group(),
            graph::text(C::Subject, "What it is about, in a line.").required().write().search(),
            graph::text(C::Body, "The whole of it, in plain text.").max(50_000).write(),
            graph::word::<Direction, _>(C::Direction, "Who turned to whom; none for notes and tasks.").write(),
            graph::time(C::HappenedAt, "When it took place; now for what is neither planned nor a task.")
                .write()
                .filter()
                .order()
                .group(),
            graph::time(C::DueAt, "When it is to be done, or is to begin.").write().filter().order().group(),
            graph::time(C::DoneAt, "When a task was done; null reopens it.").write().filter().order().group(),
            link(C::OwnerId, user::meta, "Who does it or did it; its maker unless given.")
                .ordered_by(entity::user::Column::Name, graph::Kind::Text),
            link(C::LeadId, lead::meta, "The lead it concerns."),
            link(C::ContactId, contact::meta, "The contact it concerns."),
            link(C::AccountId, account::meta, "The account it concerns."),
            link(C::OpportunityId, opportunity::meta, "The opportunity it concerns."),
            link(C::CampaignId, campaign::meta, "The campaign it is part of."),
        ];
        fields.extend(owner::groups());
        Meta::new::<Entity>("Activity", "activities", "A call, mail, meeting, note or task.", rules, fields)
    });
    &META
}
