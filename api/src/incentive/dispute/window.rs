//! Until when a statement may be disputed, and which states may follow. Pure.

use chrono::{Days, NaiveDate};
use entity::dispute::Status::{self, Denied, Open, UnderReview, Upheld, Withdrawn};

use crate::{crm::transition, error::Result};

/// The last day on which a statement may be disputed: `days` whole days after the day on which its run was locked.
pub fn last_day(locked: NaiveDate, days: i32) -> NaiveDate {
    let days = u64::try_from(days).unwrap_or(0);
    locked.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX)
}

/// The states that may follow.
pub fn next(from: Status) -> &'static [Status] {
    match from {
        Open => &[UnderReview, Withdrawn],
        UnderReview => &[Upheld, Denied],
        Upheld | Denied | Withdrawn => &[],
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
            "OPEN         UNDER_REVIEW WITHDRAWN
             UNDER_REVIEW UPHELD DENIED
             UPHELD
             DENIED
             WITHDRAWN",
        );
    }

    #[test]
    fn fourteen_days_after_the_lock_it_is_still_time() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(last_day(day("2026-10-05"), 14), day("2026-10-19"));
        assert_eq!(last_day(day("2026-10-05"), 0), day("2026-10-05"));
    }
}
