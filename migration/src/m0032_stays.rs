//! Where a lead came to before a change of its status is found from the change.

use crate::table::Table;

pub fn indexes() -> Vec<Table> {
    vec![Table::plain("lead_status_change", []).index(
        "stays",
        &["organization_id", "lead_id", "to_status", "at"],
        None,
    )]
}
