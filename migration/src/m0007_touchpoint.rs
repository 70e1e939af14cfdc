//! What people did that shows interest.

use crate::table::{Column, Table, big, child, date, id, text, time};

pub fn tables() -> Vec<Table> {
    let own = [
        text("kind").indexed(),
        text("channel").indexed(),
        time("occurred_at").indexed(),
        child("lead_id", "lead").null(),
        child("contact_id", "contact").null(),
        child("account_id", "account").null(),
        id("campaign_id").null(),
        text("url").null(),
        text("utm_source").null().indexed(),
        text("utm_medium").null(),
        text("utm_campaign").null().indexed(),
        text("utm_term").null(),
        text("utm_content").null(),
        text("system").null(),
        text("external_event_id").null().indexed(),
    ];
    let of_lead = ["organization_id", "lead_id", "occurred_at"];
    vec![Table::row("touchpoint", own).unique(&["system", "external_event_id"]).index(
        "lead_id_occurred_at",
        &of_lead,
        Some("deleted_at IS NULL"),
    )]
}

/// What a lead's score was last computed for, and what sales asks of a lead before it is one: budget, authority, need
/// and timing.
pub fn columns() -> Vec<(&'static str, Column)> {
    vec![
        ("lead", time("scored_at").null().indexed()),
        ("lead", big("budget_minor").null().indexed()),
        ("lead", text("budget_currency").null()),
        ("lead", text("authority").null().indexed()),
        ("lead", text("need").null()),
        ("lead", date("buys_by").null().indexed()),
    ]
}
