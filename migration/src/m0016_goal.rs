//! Goals of both sides, and how they stood day by day.

use crate::table::{Table, big, boolean, child, date, id, integer, text, time};

pub fn tables() -> Vec<Table> {
    vec![goal(), snapshot()]
}

fn goal() -> Table {
    let own = [
        child("agreement_id", "agreement"),
        child("agreement_version_id", "agreement_version"),
        text("metric_key").indexed(),
        text("currency").null(),
        date("period_start").indexed(),
        date("period_end").indexed(),
        big("baseline"),
        big("target"),
        big("stretch").null(),
        id("parent_id").null(),
        text("status").indexed(),
        time("decided_at").null().indexed(),
    ];
    Table::row("goal", own).unique(&["agreement_id"])
}

fn snapshot() -> Table {
    let own = [
        child("goal_id", "goal"),
        id("agreement_version_id"),
        date("day").indexed(),
        time("at"),
        integer("formula_version"),
        integer("records"),
        boolean("few"),
        big("actual").null(),
        big("expected").null(),
        big("progress").null(),
        big("pace_ratio").null(),
        big("projected").null(),
        big("required_per_day").null(),
        text("status").null().indexed(),
    ];
    Table::row("goal_snapshot", own).unique(&["goal_id", "day"])
}
