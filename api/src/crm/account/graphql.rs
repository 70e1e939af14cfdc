//! Accounts in the schema: fields and relations.

use std::sync::LazyLock;

use entity::{
    account::{Column as C, EmployeeBand, Entity, IcpFit, Lifecycle},
    activity as activities, committee_member as members, contact as contacts, contact_account as ties,
    external_ref as refs, lead as leads, opportunity as opportunities, target_entry as targets,
};

use super::super::{
    activity, committee, contact, contact_account, custom_field, external_ref, lead, opportunity, owner, quality,
};
use crate::{
    access::user,
    actor::Permission,
    alignment::target_list,
    graph::{self, Field, Meta, Rules, record::link},
};

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::AccountRead,
            create: Some(Permission::AccountCreate),
            update: Some(Permission::AccountUpdate),
            delete: Some(Permission::AccountDelete),
            assign: Some(Permission::AccountAssign),
        };
        let mut fields = own();
        fields.extend(relations());
        fields.extend(owner::groups());
        Meta::new::<Entity>("Account", "accounts", "A company that buys, bought or may buy.", rules, fields)
    });
    &META
}

fn own() -> Vec<Field> {
    vec![
        graph::text(C::Name, "The name people know it by.").required().write().filter().order().search(),
        graph::text(C::Domain, "Its internet domain, e.g. \"example.com\"; an address is cut down to it. Unique in the organisation.")
            .normal(graph::text::domain)
            .max(253)
            .unique()
            .write()
            .filter()
            .order()
            .search(),
        graph::text(C::Industry, "Its trade, in the organisation's own words.").max(100).write().filter().order().group().search(),
        graph::word::<EmployeeBand, _>(C::EmployeeBand, "How many people it employs.").write().filter().group(),
        graph::money("annual_revenue", C::AnnualRevenueMinor, C::AnnualRevenueCurrency, "What it takes in a year.")
            .write()
            .filter()
            .order(),
        graph::text(C::Country, "Its seat: ISO 3166 country code, two letters, such as DE; whether there is such a country is not checked.").max(2).normal(graph::text::country).write().filter().group(),
        graph::text(C::Phone, "Telephone number, 7 to 15 digits, best with `+` and the country's prefix as in E.164; blanks, dots, dashes and brackets are left out.").max(40).normal(graph::text::phone).write(),
        graph::text(C::Website, "Public web address.").max(2000).write(),
        graph::word::<Lifecycle, _>(C::Lifecycle, "Where it stands with us. OPPORTUNITY and CUSTOMER come by themselves with an open and a won opportunity, PROSPECT when the last open one is lost; CHURNED is set by hand.")
            .write()
            .filter()
            .order()
            .group(),
        graph::word::<IcpFit, _>(C::IcpFit, "How well it matches the customers we do best with.").write().filter().group(),
        graph::text(C::Description, "What it is about, in plain text.").max(10_000).write(),
        custom_field::field(C::Custom),
        quality::record::field(entity::data_quality_rule::Subject::Account),
    ]
}

fn relations() -> Vec<Field> {
    vec![
        link(C::OwnerId, user::meta, "Who looks after it; its maker unless given.")
            .ordered_by(entity::user::Column::Name, graph::Kind::Text),
        link(C::ParentId, meta, "The company it is part of; never one of its own parts."),
        graph::many("children", C::ParentId, meta, "The companies that are part of it.").filter(),
        graph::many("contacts", contacts::Column::AccountId, contact::meta, "People whose main company it is.")
            .filter(),
        graph::many(
            "contact_ties",
            ties::Column::AccountId,
            contact_account::meta,
            "Everybody tied to it, with their part.",
        )
        .filter(),
        graph::many("opportunities", opportunities::Column::AccountId, opportunity::meta, "What it may buy or bought.")
            .filter(),
        graph::many("activities", activities::Column::AccountId, activity::meta, "What was said and is to be done.")
            .filter(),
        graph::many("matched_leads", leads::Column::MatchedAccountId, lead::meta, "Leads that seem to belong to it.")
            .filter(),
        graph::many(
            "committee_members",
            members::Column::AccountId,
            committee::meta,
            "Who has a say in whatever it buys.",
        )
        .filter(),
        graph::many(
            "target_entries",
            targets::Column::AccountId,
            target_list::graphql::entries,
            "The lists of target accounts that it is or was on.",
        )
        .filter(),
        graph::many("external_refs", refs::Column::EntityId, external_ref::meta, "What other systems call it.")
            .only(refs::Column::EntityType, "account"),
    ]
}
