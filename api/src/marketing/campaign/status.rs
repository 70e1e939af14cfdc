//! The states of a campaign and which may follow which. Pure.

use entity::campaign::Status::{self, Active, Cancelled, Completed, Draft, Paused, Planned};

use crate::{crm::transition, error::Result};

/// The states that may follow.
pub fn next(from: Status) -> &'static [Status] {
    match from {
        Draft => &[Planned, Cancelled],
        Planned => &[Active, Cancelled],
        Active => &[Paused, Completed],
        Paused => &[Active, Completed, Cancelled],
        Completed | Cancelled => &[],
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
            "DRAFT     PLANNED CANCELLED
             PLANNED   ACTIVE CANCELLED
             ACTIVE    PAUSED COMPLETED
             PAUSED    ACTIVE COMPLETED CANCELLED
             COMPLETED
             CANCELLED",
        );
    }
}
