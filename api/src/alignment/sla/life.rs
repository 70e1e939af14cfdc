//! The states of a clock and which may follow which. Pure.

use entity::sla_clock::Status::{self, Breached, Met, Paused, Pending, Void};

use crate::{crm::transition, error::Result};

/// The states that may follow.
pub fn next(from: Status) -> &'static [Status] {
    match from {
        Pending => &[Paused, Met, Breached, Void],
        Paused => &[Pending],
        // MET when the answer came in time and was written down late (decision 0021)
        Breached => &[Met, Void],
        Met | Void => &[],
    }
}

/// Refuses a step with `INVALID_TRANSITION`.
pub fn ensure(from: Status, to: Status) -> Result<()> {
    transition::ensure("status", from, to, next(from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_states_is_allowed_or_refused_as_agreed() {
        transition::assert_table(
            next,
            "PENDING  PAUSED MET BREACHED VOID
             PAUSED   PENDING
             MET
             BREACHED MET VOID
             VOID",
        );
    }
}
