//! Visitors nobody knows yet, what campaigns did day by day, and credit for sales.

use crate::table::{Column, Table, bare_id, big, boolean, child, date, id, integer, json, text, time};

pub fn tables() -> Vec<Table> {
    vec![
        visitor(),
        campaign_member_change(),
        campaign_delivery(),
        attribution_credit(),
        attribution_day(),
        attribution_freeze(),
    ]
}

fn visitor() -> Table {
    let own = [
        text("key"),
        child("lead_id", "lead").null(),
        child("contact_id", "contact").null(),
        time("identified_at").null(),
    ];
    Table::row("visitor", own).unique(&["key"])
}

fn campaign_member_change() -> Table {
    let own = [
        child("campaign_member_id", "campaign_member"),
        text("from_step").null(),
        text("to_step"),
        time("at").indexed(),
        bare_id("by").null(),
    ];
    Table::row("campaign_member_change", own)
}

fn campaign_delivery() -> Table {
    let own = [
        child("campaign_id", "campaign"),
        date("date").indexed(),
        text("placement").null().indexed(),
        integer("impressions"),
        integer("clicks"),
    ];
    Table::row("campaign_delivery", own)
}

fn attribution_credit() -> Table {
    let own = [
        bare_id("opportunity_id"),
        bare_id("agreement_version_id"),
        text("anchor"),
        bare_id("touchpoint_id").null(),
        boolean("adjusts"),
        time("counts_at"),
        date("counts_on"),
        integer("presence"),
        big("weight_e12"),
        big("amount_minor").null(),
        text("currency").null(),
        big("home_minor").null(),
        text("home_currency").null(),
        big("deal_minor").null(),
        big("deal_home_minor").null(),
        text("channel").null(),
        bare_id("campaign_id").null(),
        text("source").null(),
        text("content").null(),
        boolean("sourcing"),
    ];
    Table::row("attribution_credit", own)
        .index("opportunity_id", &["organization_id", "opportunity_id", "id"], Some("deleted_at IS NULL"))
        .index("touchpoint_id", &["organization_id", "touchpoint_id", "id"], Some("deleted_at IS NULL"))
        .index(
            "counts_on",
            &["organization_id", "agreement_version_id", "anchor", "counts_on"],
            Some("deleted_at IS NULL"),
        )
        .index(
            "campaign_id",
            &["organization_id", "campaign_id", "agreement_version_id", "anchor"],
            Some("deleted_at IS NULL"),
        )
        .index(
            "rebuilt",
            &["organization_id", "agreement_version_id", "opportunity_id", "anchor", "id"],
            Some("deleted_at IS NULL"),
        )
}

fn attribution_day() -> Table {
    let key = ["agreement_version_id", "anchor", "grouping", "day", "part", "adjusts", "currency", "converted"];
    let own = [
        bare_id("agreement_version_id"),
        text("anchor"),
        text("grouping"),
        date("day"),
        text("part"),
        boolean("adjusts"),
        text("currency"),
        boolean("converted"),
    ];
    let sums =
        ["amount", "weight_e12", "sales", "earning", "influenced", "influenced_amount", "sourced", "sourced_amount"];
    Table::row("attribution_day", own.into_iter().chain(sums.map(big))).unique(&key)
}

fn attribution_freeze() -> Table {
    Table::row("attribution_freeze", [time("start").indexed(), time("end"), text("note").null()])
}

/// Who touched us before we knew them, what disputes found, and since when rates lead to the present currency.
pub fn columns() -> Vec<(&'static str, Column)> {
    vec![
        ("touchpoint", text("visitor").null()),
        ("touchpoint", text("session").null()),
        ("touchpoint", boolean("not_marketing").filled("false")),
        ("organization", time("base_currency_since").null()),
    ]
}

pub fn indexes() -> Vec<Table> {
    let known = |column: &str| format!("deleted_at IS NULL AND {column} IS NOT NULL");
    let index = |name: &'static str| {
        Table::plain("touchpoint", []).index(name, &["organization_id", name, "id"], Some(&known(name)))
    };
    let undone = Table::plain("job", []).index("undone", &["organization_id", "kind"], Some("done_at IS NULL"));
    vec![index("visitor"), index("session"), undone]
}

/// Disputes before that step, with the index that an earlier one has given them: about the answer to an offer.
pub fn old_disputes() -> Table {
    indexed(crate::m0009_routing::dispute())
}

fn indexed(table: Table) -> Table {
    let gap = Some("deleted_at IS NULL AND agreement_version_id IS NOT NULL");
    table.index("agreement_version_id", &["organization_id", "agreement_version_id", "id"], gap)
}

/// After it: about that, or about credit for a sale.
pub fn disputes() -> Table {
    let mut table = old_disputes();
    for column in table.columns.iter_mut().filter(|column| column.name == "handoff_id") {
        *column = column.null();
    }
    table.indexes.clear();
    table.columns.extend([
        child("opportunity_id", "opportunity").null(),
        id("touchpoint_id").null(),
        text("attribution_claim").null(),
        json("correction").null(),
    ]);
    indexed(table)
        .unique_if(&["handoff_id"], Some("status <> 'WITHDRAWN'"))
        .unique_if(&["touchpoint_id", "attribution_claim"], Some("status <> 'WITHDRAWN'"))
        .unique_if(
            &["opportunity_id"],
            Some("attribution_claim = 'MISSING_TOUCH' AND status IN ('OPEN', 'UNDER_REVIEW')"),
        )
}
