//! Figures that both sides trust: metrics, the way from a lead to a sale, how the pipeline moved. It reads what the other
//! themes keep, and changes nothing.

pub mod aging;
pub mod forecast;
pub mod funnel;
pub mod metric;
mod small;
pub mod waterfall;
