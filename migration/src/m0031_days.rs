//! Figures as they were on each day; and what was deleted is found by when, of what else figures of the past count.

use crate::table::{Table, big, boolean, date, integer, json, text, time};

pub fn tables() -> Vec<Table> {
    let own = [
        text("metric_key"),
        date("day"),
        time("at"),
        integer("formula_version"),
        integer("records"),
        big("value").null(),
        big("numerator").null(),
        big("denominator").null(),
        json("parts"),
        text("rules_hash"),
        boolean("told"),
    ];
    let latest = ["organization_id", "metric_key", "at"];
    vec![Table::row("metric_day", own).unique(&["metric_key", "day"]).index(
        "latest",
        &latest,
        Some("deleted_at IS NULL"),
    )]
}

pub fn indexes() -> Vec<Table> {
    ["activity", "content_asset", "target_entry", "goal"]
        .map(|name| {
            Table::plain(name, []).index("gone", &["organization_id", "deleted_at"], Some("deleted_at IS NOT NULL"))
        })
        .into()
}
