//! Every move of a lead, and on the lead itself why it stands where it stands.

use crate::table::{Column, Table, bare_id, child, id, integer, text, time};

pub fn tables() -> Vec<Table> {
    let own = [
        child("lead_id", "lead"),
        integer("cycle_no"),
        text("from_status").null().indexed(),
        text("to_status").indexed(),
        time("at").indexed(),
        bare_id("by").null(),
        text("reason").null(),
        id("agreement_version_id").null(),
    ];
    vec![Table::row("lead_status_change", own).index("reached", &["organization_id", "to_status", "at"], None)]
}

pub fn columns() -> Vec<(&'static str, Column)> {
    vec![("lead", text("status_reason").null()), ("lead", id("agreement_version_id").null())]
}
