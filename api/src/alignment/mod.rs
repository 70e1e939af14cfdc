//! What marketing and sales agree on, and what follows from it: definitions, handoffs, promises kept and broken. It
//! knows customers and campaigns; pay and reports know it.

pub mod agreement;
pub mod qualification;
pub mod rule;
pub mod scoring;
pub mod target_list;

use crate::graph::Meta;

/// The records of this theme.
pub fn records() -> Vec<&'static Meta> {
    [agreement::graphql::records(), target_list::graphql::records()].concat()
}
