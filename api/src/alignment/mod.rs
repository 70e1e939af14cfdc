//! What marketing and sales agree on, and what follows from it: definitions, handoffs, promises kept and broken. It
//! knows customers and campaigns; pay and reports know it.

pub mod agreement;
pub mod attribution;
pub mod handoff;
pub mod qualification;
pub mod recognition;
pub mod routing;
pub mod rule;
pub mod scoring;
pub mod sla;
pub mod target_list;

pub use crate::access::calendar;

use crate::graph::Meta;

/// The records of this theme.
pub fn records() -> Vec<&'static Meta> {
    let signed = agreement::graphql::records();
    let kept = vec![
        sla::graphql::meta(),
        attribution::graphql::meta(),
        attribution::graphql::freeze(),
        recognition::graphql::meta(),
    ];
    [signed, target_list::graphql::records(), handoffs(), kept].concat()
}

/// How leads come to sales.
fn handoffs() -> Vec<&'static Meta> {
    vec![
        handoff::meta(),
        handoff::reason::meta(),
        handoff::dispute::meta(),
        handoff::feedback::meta(),
        routing::pool::meta(),
        routing::pool::members(),
        routing::decision::meta(),
    ]
}
