//! Campaigns, who took part and what they cost.

use crate::table::{Table, big, boolean, child, date, id, json, text, time};

pub fn tables() -> Vec<Table> {
    vec![
        Table::row(
            "campaign",
            [
                text("name").indexed(),
                text("kind").null().indexed(),
                text("channel").null().indexed(),
                text("status").indexed(),
                date("start_date").null().indexed(),
                date("end_date").null().indexed(),
                big("budget_minor").null().indexed(),
                text("budget_currency").null(),
                id("owner_id").null(),
                child("parent_id", "campaign").null(),
                text("description").null(),
                json("custom"),
            ],
        )
        .searched(),
        Table::row(
            "campaign_member",
            [
                child("campaign_id", "campaign"),
                child("contact_id", "contact").null(),
                child("lead_id", "lead").null(),
                text("step").indexed(),
                boolean("success"),
                time("responded_at").null().indexed(),
            ],
        )
        .unique(&["campaign_id", "contact_id"])
        .unique(&["campaign_id", "lead_id"]),
        Table::row(
            "campaign_cost",
            [
                child("campaign_id", "campaign"),
                date("date").indexed(),
                big("amount_minor").indexed(),
                text("currency"),
                text("kind").indexed(),
                text("note").null(),
            ],
        ),
    ]
}
