//! The states of a version and which may follow which. Pure: no clock, no database, no keys.

use entity::agreement_version::Status::{self, Active, Draft, Proposed, Ratified, Rejected, Superseded, Withdrawn};

use crate::{crm::transition, error::Result};

/// The states that may follow.
pub fn next(from: Status) -> &'static [Status] {
    match from {
        Draft => &[Proposed],
        Proposed => &[Ratified, Rejected, Withdrawn, Draft],
        Ratified => &[Active],
        Active => &[Superseded],
        Superseded | Rejected | Withdrawn => &[],
    }
}

/// Refuses a step with `INVALID_TRANSITION`.
pub fn ensure(from: Status, to: Status) -> Result<()> {
    transition::ensure("status", from, to, next(from))
}

/// States in which its text may still change.
pub const OPEN: [Status; 2] = [Draft, Proposed];

/// Whether its text may still change.
pub fn is_open(status: Status) -> bool {
    OPEN.contains(&status)
}

/// The event of a change of state.
pub fn event(from: Status, to: Status) -> Option<&'static str> {
    if from == to {
        return None;
    }
    Some(match to {
        Draft => "agreement.revised",
        Proposed => "agreement.proposed",
        Ratified => "agreement.ratified",
        Active => "agreement.activated",
        Superseded => "agreement.superseded",
        Rejected => "agreement.rejected",
        Withdrawn => "agreement.withdrawn",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_states_is_allowed_or_refused_as_agreed() {
        transition::assert_table(
            next,
            "DRAFT      PROPOSED
             PROPOSED   RATIFIED REJECTED WITHDRAWN DRAFT
             RATIFIED   ACTIVE
             ACTIVE     SUPERSEDED
             SUPERSEDED
             REJECTED
             WITHDRAWN",
        );
    }

    #[test]
    fn only_what_nobody_has_signed_may_change() {
        let open = [Draft, Proposed, Ratified, Active, Superseded, Rejected, Withdrawn].map(is_open);
        assert_eq!(open, [true, true, false, false, false, false, false]);
    }
}
