//! What marketing and sales agree on, version by version, and who turned which key.

use crate::table::{Column, Table, bare_id, boolean, child, integer, json, text, time};

pub fn tables() -> Vec<Table> {
    vec![
        Table::row(
            "agreement",
            [text("kind").indexed(), text("key").indexed(), text("title").indexed(), text("description").null()],
        )
        .searched()
        .unique(&["kind", "key"]),
        version(),
        Table::row(
            "agreement_approval",
            [
                child("agreement_version_id", "agreement_version"),
                text("side").indexed(),
                bare_id("user_id").indexed(),
                text("decision").indexed(),
                text("comment").null(),
                text("hash"),
                time("cleared_at").null(),
            ],
        )
        .unique_if(&["agreement_version_id", "user_id", "side"], Some("cleared_at IS NULL")),
    ]
}

fn version() -> Table {
    Table::row(
        "agreement_version",
        [
            child("agreement_id", "agreement"),
            integer("number").indexed(),
            text("status").indexed(),
            json("body"),
            text("hash"),
            text("summary").null(),
            time("effective_from").null().indexed(),
            time("proposed_at").null().indexed(),
            bare_id("proposed_by").null(),
            time("ratified_at").null().indexed(),
            time("activated_at").null(),
            time("superseded_at").null(),
            boolean("solo"),
        ],
    )
    .unique(&["agreement_id", "number"])
    .unique_if(&["agreement_id"], Some("status = 'ACTIVE'"))
    .index("in_force", &["organization_id", "agreement_id", "effective_from"], Some("ratified_at IS NOT NULL"))
}

/// Whether one person may turn both keys.
pub fn columns() -> Vec<(&'static str, Column)> {
    vec![("organization", boolean("solo_mode").filled("false"))]
}
