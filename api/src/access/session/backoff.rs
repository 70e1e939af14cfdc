//! How long an account waits after wrong passwords. Pure. It delays and never locks: the longest wait is 15 minutes,
//! and a try that came too early does not make it longer.

use chrono::{DateTime, TimeDelta, Utc};

use crate::store::door::Failures;

/// Wrong tries that cost nothing: people mistype.
const FREE: i32 = 5;
const LONGEST: TimeDelta = TimeDelta::minutes(15);

/// Each quiet quarter of an hour forgives one wrong try.
fn forgiven(failures: Failures, now: DateTime<Utc>) -> i32 {
    let quiet = failures.last.map_or(TimeDelta::zero(), |last| now - last);
    let steps = i32::try_from(quiet.num_seconds() / LONGEST.num_seconds()).unwrap_or(i32::MAX);
    failures.count.saturating_sub(steps.max(0)).max(0)
}

/// 1 s after the fifth wrong try, then twice as long after each further one.
pub fn delay(count: i32) -> TimeDelta {
    match count - FREE {
        steps @ 0..=9 => TimeDelta::seconds(1 << steps),
        steps if steps < 0 => TimeDelta::zero(),
        _ => LONGEST,
    }
}

/// The count with this try in it, or none while the account must still wait.
pub fn attempt(failures: Failures, now: DateTime<Utc>) -> Option<Failures> {
    let count = forgiven(failures, now);
    let early = failures.last.is_some_and(|last| now < last + delay(count));
    (!early).then_some(Failures { count: count.saturating_add(1), last: Some(now) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn the_first_five_are_free() {
        let mut failures = Failures { count: 0, last: None };
        for _ in 0..5 {
            failures = attempt(failures, at(0)).unwrap();
        }
        assert_eq!(failures.count, 5);
        assert!(attempt(failures, at(0)).is_none());
        assert!(attempt(failures, at(1)).is_some());
    }

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        let seconds: Vec<i64> = (4..=16).map(|n| delay(n).num_seconds()).collect();
        assert_eq!(seconds, [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert_eq!(delay(i32::MAX), LONGEST);
    }

    #[test]
    fn nobody_waits_longer_than_a_quarter_of_an_hour() {
        let failures = Failures { count: 1_000_000, last: Some(at(0)) };
        assert!(attempt(failures, at(899)).is_none());
        assert!(attempt(failures, at(900)).is_some());
    }

    #[test]
    fn quiet_time_forgives() {
        let failures = Failures { count: 8, last: Some(at(0)) };
        assert_eq!(attempt(failures, at(4 * 900)).unwrap().count, 5);
        assert_eq!(attempt(failures, at(400 * 900)).unwrap().count, 1);
    }
}
