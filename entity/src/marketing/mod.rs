//! What we do so that people come, and what it costs.

pub mod campaign;
pub mod campaign_cost;
pub mod campaign_member;
pub mod touchpoint;
