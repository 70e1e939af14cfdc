//! Disputes over statements of pay: a table of its own, for an audience of its own.

use crate::table::{Table, bare_id, big, child, id, integer, json, text, time};

pub fn tables() -> Vec<Table> {
    let own = [
        child("statement_id", "incentive_statement"),
        id("run_id"),
        id("user_id"),
        bare_id("statement_line_id").null(),
        integer("position"),
        text("claim"),
        json("evidence"),
        text("status").indexed(),
        big("amount_minor").null(),
        text("currency"),
        text("resolution").null(),
        bare_id("resolved_by").null(),
        time("resolved_at").null().indexed(),
        bare_id("adjustment_id").null(),
    ];
    vec![Table::row("incentive_dispute", own).unique_if(&["statement_id", "position"], Some("status <> 'WITHDRAWN'"))]
}
