//! Business time: seconds that count only while a calendar is open, exact across clock changes and holidays. Pure: no
//! clock, no database. A year costs microseconds, as weeks that are like any other are not looked into.

mod clock;
pub mod record;
pub mod schedule;
mod shape;
mod walk;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use chrono_tz::Tz;

pub use shape::{Flaw, Interval, Opening};

use self::walk::Turns;
use crate::error::{Error, Result};

/// When somebody works: intervals of each weekday in a time zone, and local dates without any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    zone: Tz,
    /// Of each weekday from Monday, in order and disjoint.
    weekly: [Vec<Opening>; 7],
    /// In order.
    holidays: Vec<NaiveDate>,
    /// The changes of the clock, in order.
    turns: Turns,
    /// Open seconds of a week of seven days of 24 hours.
    week: i64,
}

/// No answer lies later than this.
const LAST_YEAR: i32 = 9999;
/// More than there is until then.
const TOO_LONG: Duration = Duration::days(10_000 * 366);

impl Calendar {
    /// Refuses one that is never open, and intervals that overlap.
    pub fn new(zone: Tz, intervals: &[Interval], holidays: &[NaiveDate]) -> Result<Self, Flaw> {
        let weekly = shape::arrange(intervals)?;
        let week = weekly.iter().flatten().map(|opening| opening.seconds()).sum();
        let mut holidays = holidays.to_vec();
        holidays.sort_unstable();
        holidays.dedup();
        Ok(Self { zone, weekly, holidays, turns: clock::turns_of(zone), week })
    }

    /// Open around the clock: what counts where nobody keeps hours.
    pub fn always() -> Self {
        let weekly = std::array::from_fn(|_| vec![Opening::new(0, 24 * 60)]);
        let turns = clock::turns_of(Tz::UTC);
        Self { zone: Tz::UTC, weekly, holidays: vec![], turns, week: 7 * 86_400 }
    }

    /// The earliest instant at which this many business seconds have passed since `start`; with none, `start` itself or
    /// the next opening.
    pub fn add_business(&self, start: DateTime<Utc>, seconds: i64) -> Result<DateTime<Utc>> {
        self.earliest(start, long(seconds), false)
    }

    /// The same to the microsecond.
    pub fn add_open(&self, start: DateTime<Utc>, open: Duration) -> Result<DateTime<Utc>> {
        self.earliest(start, open, false)
    }

    /// The last instant at which no more than so much business time has passed since `start`: whoever answers
    /// later is late. It differs from `add_business` where that ends with an interval: then nothing passes until the
    /// next one opens.
    pub fn last_in_time(&self, start: DateTime<Utc>, open: Duration) -> Result<DateTime<Utc>> {
        self.earliest(start, open, true)
    }

    /// How long the calendar was open in `[a, b)`, in whole seconds; 0 when `b` is not after `a`.
    pub fn business_elapsed(&self, a: DateTime<Utc>, b: DateTime<Utc>) -> i64 {
        self.open_between(a, b).num_seconds()
    }

    /// The same to the microsecond.
    pub fn open_between(&self, a: DateTime<Utc>, b: DateTime<Utc>) -> Duration {
        if b <= a {
            return Duration::zero();
        }
        let (mut sum, mut week) = (Duration::zero(), self.week_of(a));
        while week.start < b {
            let whole = ((b - week.start).num_days() / 7).min(week.alike);
            if whole > 0 && week.start >= a {
                sum += Duration::seconds(self.week * whole);
                week = self.after(&week, whole);
                continue;
            }
            for (from, to) in self.openings(&week) {
                sum += (to.min(b) - from.max(a)).max(Duration::zero());
            }
            week = self.after(&week, 1);
        }
        sum
    }

    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        let week = self.week_of(at);
        // where clocks go back over Monday's midnight, the next week has begun once already
        let weeks = [self.after(&week, 1), week];
        weeks.iter().any(|week| self.openings(week).any(|(from, to)| from <= at && at < to))
    }

    /// Where so much has passed; with `past`, where more than that begins to pass.
    fn earliest(&self, start: DateTime<Utc>, wanted: Duration, past: bool) -> Result<DateTime<Utc>> {
        let mut left = wanted.clamp(Duration::zero(), TOO_LONG);
        let mut week = self.week_of(start);
        while week.end.year() <= LAST_YEAR {
            let whole = ((left - Duration::microseconds(1)).num_seconds() / self.week).min(week.alike);
            if whole > 0 && week.start >= start {
                left -= Duration::seconds(self.week * whole);
                week = self.after(&week, whole);
                continue;
            }
            for (from, to) in self.openings(&week).filter(|(_, to)| *to > start) {
                let from = from.max(start);
                let there = from + left;
                // with nothing left an interval's end does not count as inside of it
                if there < to || (there == to && !past && !left.is_zero()) {
                    return Ok(there);
                }
                left -= to - from;
            }
            week = self.after(&week, 1);
        }
        Err(too_far())
    }
}

fn long(seconds: i64) -> Duration {
    Duration::try_seconds(seconds).unwrap_or(TOO_LONG)
}

fn too_far() -> Error {
    Error::invalid("", format!("this many business seconds end after the year {LAST_YEAR}"))
}
