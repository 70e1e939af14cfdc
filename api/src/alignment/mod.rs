//! What marketing and sales agree on, and what follows from it: definitions, handoffs, promises kept and broken. It
//! knows customers and campaigns; pay and reports know it.

pub mod agreement;

use crate::graph::Meta;

/// The records of this theme.
pub fn records() -> Vec<&'static Meta> {
    agreement::graphql::records()
}
