//! Who came to a stage and when is found by the stage, not by looking through every state.

use crate::table::Table;

pub fn indexes() -> Vec<Table> {
    vec![Table::plain("opportunity_state", []).index("stage", &["organization_id", "stage_id", "at"], None)]
}
