//! Eighteen months in half weeks, counted back from now. Nobody works at weekends, and nothing lies in the future.
//! Between the offer of a lead and the first word with it the minutes of office hours count.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, TimeZone, Utc, Weekday};

use crate::{access::calendar::Calendar as Hours, demo::hours};

/// The present half week; 0 is where it began, 78 weeks ago.
pub const LAST: i64 = 156;

#[derive(Clone, Debug)]
pub struct Calendar {
    now: DateTime<Utc>,
    hours: Hours,
}

impl Calendar {
    pub fn new(now: DateTime<Utc>) -> Self {
        Self { now, hours: hours::calendar(now) }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.now
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

    /// So many minutes of office hours later; with none the next opening.
    pub fn later(&self, at: DateTime<Utc>, minutes: i64) -> DateTime<Utc> {
        self.hours.add_open(at, TimeDelta::minutes(minutes)).unwrap_or(at)
    }

    /// About so many minutes of office hours ago.
    pub fn ago(&self, minutes: i64) -> DateTime<Utc> {
        let mut at = self.now;
        loop {
            let missing = minutes - self.hours.open_between(at, self.now).num_minutes();
            if missing <= 0 {
                return self.later(at, 0);
            }
            at -= TimeDelta::minutes(missing.max(5));
        }
    }

    /// When the day's calls and answers have been written down: after closing, some minutes apart; today just now.
    pub fn evening(&self, at: DateTime<Utc>, turn: i64) -> DateTime<Utc> {
        let day = at.with_timezone(&hours::ZONE).date_naive().and_hms_opt(18, 5, 0).unwrap_or_default();
        let closed = hours::ZONE.from_local_datetime(&day).earliest().map_or(at, |at| at.to_utc());
        (closed + TimeDelta::minutes(5 * turn)).min(self.now - TimeDelta::minutes(2 - turn))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: [&str; 5] = [
        "2026-11-22T00:03:00Z",
        "2026-03-02T17:07:30Z",
        "2028-02-29T12:00:00Z",
        "2026-12-28T08:02:00Z",
        "2027-01-03T22:00:00Z",
    ];

    #[test]
    fn time_never_runs_back_and_never_beyond_now() {
        for now in NOW {
            let now = now.parse().expect("an instant");
            let calendar = Calendar::new(now);
            let all: Vec<_> = (0..=LAST).flat_map(|t| (0..15).map(move |who| (t, who))).collect();
            let all: Vec<_> = all.into_iter().map(|(t, who)| calendar.instant(t, who)).collect();
            assert!(all.is_sorted(), "{now}");
            assert!(all.iter().all(|at| *at < now && *at > now - TimeDelta::days(550)));
        }
    }

    #[test]
    fn minutes_ago_are_minutes_of_office_hours() {
        for now in NOW {
            let calendar = Calendar::new(now.parse().expect("an instant"));
            for minutes in [1, 30, 90, 700] {
                let at = calendar.ago(minutes);
                let open = calendar.hours.open_between(at, calendar.now).num_minutes();
                assert!((minutes..minutes + 5).contains(&open), "{now}: {minutes} {open}");
                assert!(calendar.hours.is_open(at), "{now}: {at}");
            }
        }
    }

    #[test]
    fn calls_are_written_down_after_the_answers_and_never_ahead() {
        for now in NOW {
            let calendar = Calendar::new(now.parse().expect("an instant"));
            for minutes in [3, 30, 90, 700] {
                let (answers, calls) = (calendar.ago(minutes), calendar.ago(minutes));
                let (first, second) = (calendar.evening(answers, 0), calendar.evening(calls, 1));
                assert!(answers < first && first < second && second < calendar.now, "{now} {minutes}");
            }
        }
    }
}
