//! When a zone's clock is changed, and what instant a local time is: a repeated one is its first, one that the clock
//! leaves out is the end of the gap.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

use super::walk::{SEVEN_DAYS, Turns};

/// A change of the clock, in the week that begins on this Monday. One at the very midnight between two weeks is in both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    pub monday: NaiveDate,
    at: DateTime<Utc>,
    /// What the clock is ahead of UTC before and after.
    before: Duration,
    pub after: Duration,
}

impl Turn {
    /// The instant of a local time of this week.
    pub fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        let local = local.and_utc();
        if local - self.before < self.at { local - self.before } else { self.at.max(local - self.after) }
    }
}

/// The instant of any local time.
pub fn instant(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    let found = zone.from_local_datetime(&local).earliest();
    let found = found.or_else(|| GapInfo::new(&local, &zone).and_then(|gap| gap.end));
    found.map_or_else(|| local.and_utc(), |at| at.to_utc())
}

pub fn ahead(zone: Tz, at: DateTime<Utc>) -> Duration {
    let seconds = zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc();
    Duration::seconds(seconds.into())
}

pub fn midnight(day: NaiveDate) -> NaiveDateTime {
    day.and_time(NaiveTime::MIN)
}

/// Mondays. Before the first, clocks are taken to go as they went then; after the last, zones have no rules.
const FIRST: NaiveDate = NaiveDate::from_ymd_opt(1970, 1, 5).unwrap();
const LAST_YEAR: i32 = 2100;

/// A zone's changes, found once. No zone has two in one week: a test looks at all of them.
pub fn turns_of(zone: Tz) -> Turns {
    static FOUND: LazyLock<Mutex<HashMap<Tz, Turns>>> = LazyLock::new(Mutex::default);
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    found.entry(zone).or_insert_with(|| Arc::new(find_turns(zone))).clone()
}

fn find_turns(zone: Tz) -> Vec<Turn> {
    let mut turns = Vec::new();
    for monday in FIRST.iter_weeks().take_while(|monday| monday.year() <= LAST_YEAR) {
        // a second before it, so that a change at this midnight is in this week too
        let from = instant(zone, midnight(monday)) - Duration::seconds(1);
        let to = instant(zone, midnight(monday + SEVEN_DAYS));
        let (before, after) = (ahead(zone, from), ahead(zone, to));
        if before != after {
            turns.push(Turn { monday, at: change_between(zone, from, to), before, after });
        }
    }
    turns
}

/// The first second at which the clock shows what it shows at `to`.
fn change_between(zone: Tz, from: DateTime<Utc>, to: DateTime<Utc>) -> DateTime<Utc> {
    let (mut from, mut to, after) = (from, to, ahead(zone, to));
    while to - from > Duration::seconds(1) {
        let middle = from + Duration::seconds((to - from).num_seconds() / 2);
        if ahead(zone, middle) == after {
            to = middle;
        } else {
            from = middle;
        }
    }
    to
}
