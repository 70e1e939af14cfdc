//! What was deleted is found by when: figures of the past count what there was.

use crate::table::Table;

pub fn indexes() -> Vec<Table> {
    ["opportunity", "lead_cycle"]
        .map(|name| {
            Table::plain(name, []).index("gone", &["organization_id", "deleted_at"], Some("deleted_at IS NOT NULL"))
        })
        .into()
}
