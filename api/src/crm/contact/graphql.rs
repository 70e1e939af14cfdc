//! Contacts in the schema.

use std::sync::LazyLock;

use entity::{
    activity as activities, campaign_member as members,
    contact::{Column as C, Entity},
    contact_account as ties, external_ref as refs, lead as leads, opportunity as opportunities, touchpoint as touches,
};

use super::super::{account, activity, contact_account, custom_field, external_ref, lead, opportunity, owner, quality};
use crate::{
    access::user,
    actor::Permission,
    graph::{self, Field, Meta, Rules, record::link},
    marketing::{campaign_member, touchpoint},
};

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::ContactRead,
            create: Some(Permission::ContactCreate),
            update: Some(Permission::ContactUpdate),
            delete: Some(Permission::ContactDelete),
            assign: Some(Permission::ContactAssign),
        };
        let mut fields = own();
        fields.extend(relations());
        fields.extend(owner::groups());
        Meta::new::<Entity>("Contact", "contacts", "A person at a company.", rules, fields)
    });
    &META
}

fn own() -> Vec<Field> {
    vec![
        graph::text(C::FirstName, "Given name.").max(100).write().search(),
        graph::text(C::LastName, "Family name.").max(100).required().write().filter().order().search(),
        graph::email(C::Email, "Main mail address. Unique in the organisation.")
            .unique()
            .write()
            .filter()
            .order()
            .search(),
        graph::text(C::Phone, "Telephone number, 7 to 15 digits, best with `+` and the country's prefix as in E.164; blanks, dots, dashes and brackets are left out.").max(40).normal(graph::text::phone).write(),
        graph::text(C::Title, "Job title, as they write it.").write(),
        graph::text(C::Persona, "The part they play in buying, in the organisation's own words.")
            .max(100)
            .write()
            .filter()
            .order()
            .group(),
        graph::text(C::Country, "Where they work: ISO 3166 country code, two letters.")
            .max(2)
            .normal(graph::text::country)
            .write(),
        graph::text(C::Description, "What else there is to say, in plain text.").max(10_000).write(),
        custom_field::field(C::Custom),
        quality::record::field(entity::data_quality_rule::Subject::Contact),
    ]
}

fn relations() -> Vec<Field> {
    vec![
        link(C::OwnerId, user::meta, "Who looks after them; their maker unless given.")
            .ordered_by(entity::user::Column::Name, graph::Kind::Text),
        link(
            C::AccountId,
            account::meta,
            "Their main company. Setting it also ties them to it; the tie to an earlier one stays, no longer primary.",
        ),
        graph::many("account_ties", ties::Column::ContactId, contact_account::meta, "Every company they are tied to.")
            .filter(),
        graph::many(
            "opportunities",
            opportunities::Column::PrimaryContactId,
            opportunity::meta,
            "Opportunities dealt with through them.",
        )
        .filter(),
        graph::many("activities", activities::Column::ContactId, activity::meta, "What was said and is to be done.")
            .filter(),
        graph::many("leads", leads::Column::ConvertedContactId, lead::meta, "The leads they once were.").filter(),
        graph::many(
            "campaign_members",
            members::Column::ContactId,
            campaign_member::meta,
            "The campaigns they took part in.",
        )
        .filter(),
        graph::many("touchpoints", touches::Column::ContactId, touchpoint::meta, "What they did that shows interest.")
            .filter(),
        graph::many("external_refs", refs::Column::EntityId, external_ref::meta, "What other systems call them.")
            .only(refs::Column::EntityType, "contact"),
    ]
}
