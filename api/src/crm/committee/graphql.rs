//! Committee members in the schema.

use std::sync::LazyLock;

use entity::committee_member::{Column as C, CommitteeRole, CommitteeStance, Entity};

use super::{
    super::{account, contact, opportunity},
    figures,
};
use crate::{
    actor::Permission,
    graph::{self, Kind, Meta, Rules, record::link},
};

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::CommitteeMemberRead,
            create: Some(Permission::CommitteeMemberUpdate),
            update: Some(Permission::CommitteeMemberUpdate),
            delete: Some(Permission::CommitteeMemberUpdate),
            assign: None,
        };
        let about = "Somebody's part in a buying committee: a contact may play several, each once. It is seen by who sees the opportunity or account, and changed by who may change that.";
        Meta::new::<Entity>(
            "CommitteeMember",
            "committeeMembers",
            about,
            rules,
            vec![
                link(
                    C::OpportunityId,
                    opportunity::meta,
                    "The opportunity that they have a say in; either this or the account.",
                )
                .once(),
                link(
                    C::AccountId,
                    account::meta,
                    "The company, when they have a say in whatever it buys; either this or the opportunity.",
                )
                .once(),
                link(C::ContactId, contact::meta, "The person.").once(),
                graph::word::<CommitteeRole, _>(C::Role, "What part they play. DUPLICATE when they have it already.")
                    .required()
                    .write()
                    .filter()
                    .order()
                    .group(),
                graph::word::<CommitteeStance, _>(C::Stance, "Where they stand; UNKNOWN unless given.")
                    .write()
                    .filter()
                    .order()
                    .group(),
                graph::integer(C::Influence, "How much they count, from 1, little, to 5, most; 3 unless given.")
                    .max(5)
                    .write()
                    .filter()
                    .order()
                    .group(),
                graph::text(C::Note, "What else is known, in plain text.").max(2000).write(),
                graph::reckoned(
                    "engaged_at",
                    Kind::Time,
                    figures::engaged_at,
                    "When they last met or answered us, whoever of us it was: a MEETING that took place, or an INBOUND call or mail. Null for never.",
                ),
            ],
        )
    });
    &META
}
