//! Custom fields of which each value may be there only once, and the values that records have of them.

use crate::table::{Column, Table, bare_id, boolean, text};

pub fn columns() -> Vec<(&'static str, Column)> {
    vec![("custom_field", boolean("unique").filled("false"))]
}

pub fn tables() -> Vec<Table> {
    let values =
        [bare_id("organization_id").key(), bare_id("custom_field_id").key(), text("value").key(), bare_id("record_id")];
    vec![Table::plain("custom_value", values).index("record_id", &["custom_field_id", "record_id"], None)]
}
