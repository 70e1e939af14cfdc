//! Figures that both sides trust: metrics, shared goals, the way from a lead to a sale, how the pipeline moved. It reads what
//! the other themes keep, and changes nothing there.

pub mod aging;
pub mod alignment_index;
pub mod answers;
pub mod attribution;
pub mod dashboard;
pub mod forecast;
pub mod funnel;
pub mod goal;
pub mod health;
pub mod initiative;
pub mod metric;
pub mod metric_day;
pub mod reaches;
pub mod report;
pub mod self_test;
pub mod small;
pub mod timeline;
pub mod waterfall;

use crate::graph::Meta;

/// The records of this theme.
pub fn records() -> Vec<&'static Meta> {
    let mut all = [goal::graphql::records(), dashboard::graphql::records()].concat();
    all.extend([report::graphql::snapshots(), initiative::graphql::meta()]);
    all
}
