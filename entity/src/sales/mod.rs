//! What is being sold, to the last line: pipelines, opportunities, products, rates of exchange.

pub mod committee_member;
pub mod committee_requirement;
pub mod exchange_rate;
pub mod opportunity;
pub mod opportunity_line;
pub mod pipeline;
pub mod product;
pub mod stage;
pub mod stage_change;
