//! When people work, and how soon leads are answered.

use crate::table::{Column, Table, bare_id, big, child, id, integer, json, text, time};

pub fn tables() -> Vec<Table> {
    vec![
        Table::row("business_calendar", [text("name").indexed(), text("time_zone"), json("schedule")])
            .unique(&["name"]),
        Table::row(
            "user_absence",
            [id("user_id"), time("starts_at").indexed(), time("ends_at").indexed(), text("reason").null()],
        ),
        Table::row(
            "notification",
            [
                id("user_id"),
                text("kind").indexed(),
                text("subject"),
                text("entity_type"),
                bare_id("entity_id"),
                time("read_at").null().indexed(),
            ],
        ),
        clock(),
    ]
}

fn clock() -> Table {
    Table::row(
        "sla_clock",
        [
            id("handoff_id").null(),
            child("lead_id", "lead"),
            text("kind").indexed(),
            integer("number"),
            id("user_id").null(),
            text("priority").indexed(),
            text("status").indexed(),
            time("started_at").indexed(),
            big("target_seconds"),
            time("due_at").indexed(),
            time("late_after"),
            bare_id("calendar_id").null(),
            time("running_since"),
            big("spent_micros"),
            integer("round"),
            time("paused_at").null(),
            json("pauses"),
            time("at_risk_at").null().indexed(),
            time("met_at").null().indexed(),
            time("breached_at").null().indexed(),
            big("business_seconds").null(),
            integer("escalations"),
            text("reason").null(),
            bare_id("agreement_version_id").indexed(),
        ],
    )
    .unique_if(&["lead_id", "kind"], Some("status IN ('PENDING', 'PAUSED')"))
}

/// Whose hours count.
pub fn columns() -> Vec<(&'static str, Column)> {
    vec![("organization", id("business_calendar_id").null()), ("user", id("calendar_id").null())]
}
