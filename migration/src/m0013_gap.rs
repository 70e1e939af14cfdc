//! Disputes that found a gap are listed with the draft of the better definition.

use crate::table::Table;

pub fn indexes() -> Vec<Table> {
    let gap = Some("deleted_at IS NULL AND agreement_version_id IS NOT NULL");
    let columns = &["organization_id", "agreement_version_id", "id"];
    vec![Table::plain("dispute", []).index("agreement_version_id", columns, gap)]
}
