//! Figures that both sides trust: metrics, the way from a lead to a sale, how the pipeline moved. It reads what the other
//! themes keep, and changes nothing.

pub mod attribution;
pub mod metric;
pub mod waterfall;
