//! What is kept of figures: how people want to look at them, and what cannot be told of the past.

pub mod dashboard;
pub mod dashboard_share;
pub mod metric_day;
