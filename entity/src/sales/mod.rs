//! What is being sold, to the last line: pipelines, opportunities, products, rates of exchange.

pub mod buyer_confirmation;
pub mod committee_member;
pub mod committee_requirement;
pub mod customer_contract;
pub mod exchange_rate;
pub mod forecast_submission;
pub mod opportunity;
pub mod opportunity_line;
pub mod opportunity_split;
pub mod opportunity_state;
pub mod overridden_criterion;
pub mod pipeline;
pub mod product;
pub mod stage;
pub mod stage_change;
pub mod stage_criterion;
