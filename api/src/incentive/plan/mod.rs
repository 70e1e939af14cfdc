//! Incentive plans: agreements of kind `INCENTIVE_PLAN`, signed by marketing, sales and finance. Everybody reads what a plan
//! says; the terms of each person in it are records of their own, as pay is not read by everybody.

pub mod body;
mod hear;
mod parts;
pub mod read;

pub use body::IncentivePlanBody;
pub use hear::LISTENER;
pub use parts::{IncentiveComponent, SpiffEvent};
