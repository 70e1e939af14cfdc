//! Which sale a contract was made by, and that it was cancelled or refunded: what was paid for the sale is then taken back. And by
//! which shares a sale was split when it was credited, also those that a run pays nothing for.

use crate::table::{Column, big, id, text, time};

pub fn columns() -> Vec<(&'static str, Column)> {
    vec![
        ("customer_contract", id("opportunity_id").null()),
        ("customer_contract", time("cancelled_at").null().indexed()),
        ("customer_contract", big("refunded_minor").null()),
        ("incentive_source", text("rest").null()),
    ]
}
