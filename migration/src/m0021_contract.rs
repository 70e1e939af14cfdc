//! Which sale a contract was made by, and that it was cancelled or refunded: what was paid for the sale is then taken back.

use crate::table::{Column, big, id, time};

pub fn columns() -> Vec<(&'static str, Column)> {
    vec![
        ("customer_contract", id("opportunity_id").null()),
        ("customer_contract", time("cancelled_at").null().indexed()),
        ("customer_contract", big("refunded_minor").null()),
    ]
}
