//! What people keep of figures: how they want to look at them.

pub mod dashboard;
pub mod dashboard_share;
