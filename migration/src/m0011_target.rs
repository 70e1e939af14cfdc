//! Target accounts: lists, what is on them, and what each side says.

use crate::table::{Table, bare_id, boolean, child, date, integer, text, time};

pub fn tables() -> Vec<Table> {
    vec![
        Table::row(
            "target_list",
            [
                text("name").indexed(),
                date("period_start").indexed(),
                date("period_end").indexed(),
                time("locks_at").indexed(),
                time("closes_at").indexed(),
                integer("tier1_cap").null(),
                integer("tier2_cap").null(),
                integer("tier3_cap").null(),
            ],
        )
        .unique(&["name"]),
        Table::row(
            "target_entry",
            [
                child("target_list_id", "target_list"),
                child("account_id", "account"),
                text("tier").indexed(),
                text("side").indexed(),
                text("state").indexed(),
                text("reason"),
                bare_id("replaces_id").null(),
                time("decided_at").null().indexed(),
                time("removed_at").null().indexed(),
                boolean("solo"),
            ],
        )
        .unique_if(&["target_list_id", "account_id"], Some("state <> 'REMOVED'")),
        Table::row(
            "target_vote",
            [
                child("target_entry_id", "target_entry"),
                text("question"),
                text("side").indexed(),
                text("choice").indexed(),
                bare_id("user_id").indexed(),
                text("comment").null(),
            ],
        )
        .unique(&["target_entry_id", "question", "side"]),
    ]
}
