//! Contacts in the schema.

use std::sync::LazyLock;

use entity::{
    activity as activities, campaign_member as members,
    contact::{Column as C, Entity},
    contact_account as ties,
    contact_address::{self as addresses, Column as A},
    contact_consent::{self as consents, State},
    external_ref as refs, lead as leads, opportunity as opportunities, touchpoint as touches,
    word::Word,
};

use super::{
    super::{
        account, activity, contact_account, contact_address, contact_consent, custom_field, external_ref, lead,
        opportunity, owner, quality,
    },
    withheld,
};
use crate::{
    access::user,
    actor::Permission,
    graph::{self, Field, Meta, Rules, record::link},
    marketing::{campaign_member, touchpoint},
};

/// Of what is a contact's own: whoever may change the contact may change it.
pub const PART: Rules = Rules {
    read: Permission::ContactRead,
    create: Some(Permission::ContactUpdate),
    update: Some(Permission::ContactUpdate),
    delete: Some(Permission::ContactUpdate),
    assign: None,
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
        fields.extend(reached());
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

/// How they are reached, and whether they want to be.
fn reached() -> Vec<Field> {
    let consent = |column, about| graph::word::<State, _>(column, about).write().filter().group();
    vec![
        graph::email(
            C::Email,
            "Main mail address. Unique in the organisation. Where `emailConsent` is WITHDRAWN, only the contact's owner and who \
             holds CONTACT_READ_WITHHELD know it: for all others it is null, also to filters, orders, search and lookups, and \
             writing it is LOCKED, as it always is for API keys.",
        )
        .unique()
        .write()
        .filter()
        .order()
        .search()
        .veiled(&withheld::EMAIL),
        graph::text(
            C::Phone,
            "Main telephone number, 7 to 15 digits, best with `+` and the country's prefix as in E.164; blanks, dots, dashes and \
             brackets are left out. Where `phoneConsent` is WITHDRAWN, it is withheld as `email` is.",
        )
        .max(40)
        .normal(graph::text::phone)
        .write()
        .veiled(&withheld::PHONE),
        consent(
            C::EmailConsent,
            "What they said last about mails; null: nothing. Setting it writes a `ContactConsent` of now; write that yourself to \
             say where, when and on what basis. It cannot be cleared; what was withdrawn is granted again only by people who still see \
             the address (LOCKED).",
        ),
        consent(C::PhoneConsent, "What they said last about telephone calls; like `emailConsent`."),
        consent(C::SmsConsent, "What they said last about short messages; like `emailConsent`. It withholds nothing."),
        consent(C::PostConsent, "What they said last about letters; like `emailConsent`. It withholds nothing."),
        graph::many("emails", A::ContactId, contact_address::meta, "Further mail addresses.")
            .only(A::Kind, addresses::Kind::Email.word())
            .filter(),
        graph::many("phones", A::ContactId, contact_address::meta, "Further telephone numbers.")
            .only(A::Kind, addresses::Kind::Phone.word())
            .filter(),
        graph::many(
            "consents",
            consents::Column::ContactId,
            contact_consent::meta,
            "All that they said about being written to and called.",
        )
        .filter(),
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
