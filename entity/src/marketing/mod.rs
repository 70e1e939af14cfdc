//! What we do so that people come, and what it costs.

pub mod attribution;
pub mod attribution_credit;
pub mod attribution_day;
pub mod attribution_freeze;
pub mod campaign;
pub mod campaign_cost;
pub mod campaign_delivery;
pub mod campaign_member;
pub mod campaign_member_change;
pub mod content_asset;
pub mod content_use;
pub mod touchpoint;
pub mod visitor;
