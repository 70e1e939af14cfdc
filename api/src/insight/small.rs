//! What says too much of few records, and to whom.

use super::metric::{ask::Ask, grain::Grain};

/// Fewer records than this say something of each of them.
pub const FEW: i64 = 5;

pub fn is_few(count: i64) -> bool {
    (1..FEW).contains(&count)
}

/// The caller sees every record, so that nothing has to be withheld.
pub fn sees_all(ask: &Ask, grain: Grain) -> bool {
    ask.access.actor().reaches_all(grain.permission())
}
