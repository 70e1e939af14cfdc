//! Eighteen months in half weeks, counted back from now. Nobody works at weekends, and nothing lies in the future.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};

/// The present half week; 0 is where it began, 78 weeks ago.
pub const LAST: i64 = 156;

#[derive(Clone, Copy, Debug)]
pub struct Calendar {
    now: DateTime<Utc>,
}

impl Calendar {
    pub fn new(now: DateTime<Utc>) -> Self {
        Self { now }
    }

    /// The day of a half week; later ones than the last lie ahead.
    pub fn day(&self, tick: i64) -> NaiveDate {
        let day = (self.now - TimeDelta::hours(84 * (LAST - tick))).date_naive();
        let back = match day.weekday() {
            Weekday::Sat => 1,
            Weekday::Sun => 2,
            _ => 0,
        };
        day - Days::new(back)
    }

    /// When somebody works in it: whoever comes first among the people works first.
    pub fn instant(&self, tick: i64, who: usize) -> DateTime<Utc> {
        let who = i64::try_from(who).unwrap_or(0);
        let minutes = 8 * 60 + who * 38 + (tick * 17 + who * 5) % 38;
        let at = self.day(tick).and_hms_opt(0, 0, 0).unwrap_or_default().and_utc() + TimeDelta::minutes(minutes);
        // today's work is done by now, whatever time it is
        at.min(self.now - TimeDelta::minutes(15 - who.min(14)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_never_runs_back_and_never_beyond_now() {
        for now in ["2026-11-22T00:03:00Z", "2026-03-02T17:59:00Z", "2028-02-29T12:00:00Z"] {
            let now = now.parse().expect("an instant");
            let calendar = Calendar::new(now);
            let all: Vec<_> = (0..=LAST).flat_map(|t| (0..14).map(move |who| calendar.instant(t, who))).collect();
            assert!(all.is_sorted(), "{now}");
            assert!(all.iter().all(|at| *at < now && *at > now - TimeDelta::days(550)));
        }
    }
}
