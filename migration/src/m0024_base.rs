//! How old rates of exchange may be is each organisation's own; what custom fields never were is gone; orders of lists
//! that had no index get one.

use crate::table::{Column, Table, boolean, integer};

pub fn columns() -> Vec<(&'static str, Column)> {
    vec![("organization", integer("rate_max_age_days").filled("7"))]
}

pub fn gone() -> Vec<(&'static str, Column)> {
    vec![("custom_field", boolean("is_unique").filled("false"))]
}

pub fn indexes() -> Vec<Table> {
    // by names that no index has yet
    let ordered = |table: Table, column: &'static str| {
        table.index(&format!("by_{column}"), &["organization_id", column, "id"], Some("deleted_at IS NULL"))
    };
    vec![
        ordered(ordered(Table::plain("user", []), "invited_at"), "activated_at"),
        ordered(Table::plain("lead_cycle", []), "cycle_no"),
        ordered(Table::plain("opportunity_state", []), "close_date"),
        ordered(Table::plain("visitor", []), "identified_at"),
        ordered(Table::plain("import_error", []), "row_number"),
    ]
}
