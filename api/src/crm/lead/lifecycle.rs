//! The states of a lead and which may follow which. Pure: no clock, no database, no conditions beside the state.

use entity::lead::Status::{
    self, Accepted, Converted, Disqualified, Merged, Mql, New, Nurturing, Offered, Recycled, Rejected, Sql, Working,
};

use crate::{crm::transition, error::Result};

/// The states that may follow.
pub fn next(from: Status) -> &'static [Status] {
    match from {
        New => &[Nurturing, Mql, Disqualified, Merged],
        Nurturing => &[Mql, Disqualified, Merged],
        Mql => &[Offered, Nurturing],
        Offered => &[Accepted, Rejected, Mql],
        Accepted => &[Working, Recycled],
        Working => &[Sql, Disqualified, Recycled],
        Sql => &[Converted, Disqualified, Recycled],
        Rejected => &[Recycled, Disqualified],
        Recycled => &[Nurturing, Mql],
        Disqualified => &[Nurturing],
        Converted | Merged => &[],
    }
}

/// Refuses a step with `INVALID_TRANSITION`.
pub fn ensure(from: Status, to: Status) -> Result<()> {
    transition::ensure("status", from, to, next(from))
}

/// Whether a step begins another round.
pub fn begins_round(from: Status, to: Status) -> bool {
    from == Recycled && matches!(to, Nurturing | Mql)
}

/// States in which a lead may be created: those that need nothing beside the lead itself.
pub const BEGINNINGS: [Status; 7] = [New, Nurturing, Mql, Working, Sql, Disqualified, Recycled];

/// States in which sales has a lead: offered, and neither given back nor given up.
pub const WITH_SALES: [Status; 5] = [Offered, Accepted, Working, Sql, Converted];

/// Whether nothing but custom fields may change any more.
pub fn is_final(status: Status) -> bool {
    matches!(status, Converted | Merged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_states_is_allowed_or_refused_as_agreed() {
        transition::assert_table(
            next,
            "NEW          NURTURING MQL DISQUALIFIED MERGED
             NURTURING    MQL DISQUALIFIED MERGED
             MQL          OFFERED NURTURING
             OFFERED      ACCEPTED REJECTED MQL
             ACCEPTED     WORKING RECYCLED
             WORKING      SQL DISQUALIFIED RECYCLED
             SQL          CONVERTED DISQUALIFIED RECYCLED
             CONVERTED
             REJECTED     RECYCLED DISQUALIFIED
             DISQUALIFIED NURTURING
             RECYCLED     NURTURING MQL
             MERGED",
        );
    }

    #[test]
    fn only_leaving_the_recycled_state_begins_a_round() {
        assert!(begins_round(Recycled, Mql) && begins_round(Recycled, Nurturing));
        assert!(!begins_round(New, Mql) && !begins_round(Disqualified, Nurturing));
    }

    #[test]
    fn what_needs_a_handoff_or_a_conversion_is_no_beginning() {
        for status in [Offered, Accepted, Rejected, Converted, Merged] {
            assert!(!BEGINNINGS.contains(&status));
        }
    }
}
