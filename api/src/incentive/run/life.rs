//! The states of a run and which may follow which. Pure.

use entity::incentive_run::{
    Model,
    RunStatus::{self, Approved, Calculated, Draft, InReview, Locked, Paid, Reversed},
};

use crate::{crm::transition, error::Result};

/// The states that may follow.
pub fn next(from: RunStatus) -> &'static [RunStatus] {
    match from {
        Draft => &[Calculated, Reversed],
        Calculated => &[InReview, Reversed],
        InReview => &[Calculated, Approved, Reversed],
        Approved => &[Locked, Calculated, Reversed],
        Locked => &[Paid, Reversed],
        Paid => &[Reversed],
        Reversed => &[],
    }
}

/// Refuses a step with `INVALID_TRANSITION`.
pub fn ensure(from: RunStatus, to: RunStatus) -> Result<()> {
    transition::ensure("status", from, to, next(from))
}

/// Whether it may be calculated, again or for the first time.
pub fn ensure_open(from: RunStatus) -> Result<()> {
    if from == Calculated { Ok(()) } else { ensure(from, Calculated) }
}

/// The event of a change.
pub fn event(before: &Model, after: &Model) -> Option<&'static str> {
    if before.revision != after.revision {
        return Some("incentive_run.calculated");
    }
    if before.status == after.status {
        return (before.failure.is_none() && after.failure.is_some()).then_some("incentive_run.failed");
    }
    Some(match after.status {
        Draft | Calculated => "incentive_run.reopened",
        InReview => "incentive_run.submitted",
        Approved => "incentive_run.approved",
        Locked => "incentive_run.locked",
        Paid => "incentive_run.paid",
        Reversed => "incentive_run.reversed",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_states_is_allowed_or_refused_as_agreed() {
        transition::assert_table(
            next,
            "DRAFT      CALCULATED REVERSED
             CALCULATED IN_REVIEW REVERSED
             IN_REVIEW  CALCULATED APPROVED REVERSED
             APPROVED   LOCKED CALCULATED REVERSED
             LOCKED     PAID REVERSED
             PAID       REVERSED
             REVERSED",
        );
    }

    #[test]
    fn it_is_calculated_until_it_is_locked() {
        let open = [Draft, Calculated, InReview, Approved, Locked, Paid, Reversed].map(|s| ensure_open(s).is_ok());
        assert_eq!(open, [true, true, true, true, false, false, false]);
    }
}
