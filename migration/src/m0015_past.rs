//! Who else wanted to sell, and what reads the past: the sales that rounds of leads became, and states by their end. What
//! people forecast, what customers pay again and again, and what they answer when they are asked.

use crate::table::{Column, Table, big, child, date, id, integer, text, time};

pub fn columns() -> Vec<(&'static str, Column)> {
    vec![("opportunity", text("competitor").null().indexed()), ("opportunity_state", text("competitor").null())]
}

pub fn indexes() -> Vec<Table> {
    let led = Some("source_lead_id IS NOT NULL");
    vec![Table::plain("opportunity_state", []).index("led", &["organization_id", "source_lead_id", "at"], led).index(
        "ended",
        &["organization_id", "until", "opportunity_id"],
        Some("until IS NOT NULL"),
    )]
}

pub fn tables() -> Vec<Table> {
    vec![forecast_submission(), customer_contract(), survey_response()]
}

fn forecast_submission() -> Table {
    let own = [
        id("owner_id"),
        date("starts_on").indexed(),
        date("ends_on").indexed(),
        text("category").indexed(),
        big("amount_minor").indexed(),
        text("currency"),
        text("comment").null(),
    ];
    Table::row("forecast_submission", own).index(
        "period",
        &["organization_id", "starts_on", "ends_on", "category", "owner_id", "created_at"],
        None,
    )
}

fn customer_contract() -> Table {
    let own = [
        child("account_id", "account"),
        id("product_id").null(),
        date("starts_on").indexed(),
        date("ends_on").null().indexed(),
        big("monthly_minor").indexed(),
        text("currency"),
        text("churn_reason").null(),
    ];
    Table::row("customer_contract", own)
}

pub fn survey_response() -> Table {
    let own = [
        child("contact_id", "contact"),
        text("kind").indexed(),
        integer("score").indexed(),
        time("responded_at").indexed(),
        text("comment").null(),
    ];
    Table::row("survey_response", own).index(
        "latest",
        &["organization_id", "contact_id", "kind", "responded_at"],
        Some("deleted_at IS NULL"),
    )
}
