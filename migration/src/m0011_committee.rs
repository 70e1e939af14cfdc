//! Buying committees, and which of their roles a pipeline asks for.

use crate::table::{Table, child, integer, text};

pub fn tables() -> Vec<Table> {
    vec![
        Table::row(
            "committee_member",
            [
                child("opportunity_id", "opportunity").null(),
                child("account_id", "account").null(),
                child("contact_id", "contact"),
                text("role").indexed(),
                text("stance").indexed(),
                integer("influence").indexed(),
                text("note").null(),
            ],
        )
        .unique(&["opportunity_id", "contact_id", "role"])
        .unique(&["account_id", "contact_id", "role"]),
        Table::row("committee_requirement", [child("pipeline_id", "pipeline"), text("role")])
            .unique(&["pipeline_id", "role"]),
    ]
}
