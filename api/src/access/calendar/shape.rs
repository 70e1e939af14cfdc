//! What a calendar's week may look like: intervals within a day, from 00:00 to 24:00, that do not overlap. An interval
//! over midnight is two.

use chrono::{Duration, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// Part of a day, in minutes since its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Opening {
    pub from: u16,
    /// At most 1440: 24:00.
    pub to: u16,
}

/// An opening of one weekday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    pub day: Weekday,
    pub opening: Opening,
}

/// Why a week cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// There is no interval.
    Empty,
    /// The interval with this place in the list does not end after it begins, or not within the day.
    Backwards(usize),
    /// The interval with this place in the list shares time with another.
    Overlaps(usize),
}

impl Opening {
    pub const fn new(from: u16, to: u16) -> Self {
        Self { from, to }
    }

    /// As the clock tells it, whatever the clock does that day.
    pub fn seconds(self) -> i64 {
        i64::from(self.to - self.from) * 60
    }

    /// Both ends on that day; 24:00 is the next day's beginning.
    pub fn on(self, day: NaiveDate) -> (NaiveDateTime, NaiveDateTime) {
        let at = |minutes: u16| day.and_time(NaiveTime::MIN) + Duration::minutes(minutes.into());
        (at(self.from), at(self.to))
    }
}

/// `09:30` in minutes; `24:00` is the end of the day.
pub fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !two(hours) || !two(minutes) {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let all = hours * 60 + minutes;
    (minutes < 60 && all <= DAY).then_some(all)
}

/// By weekday and in order.
pub fn arrange(intervals: &[Interval]) -> Result<[Vec<Opening>; 7], Flaw> {
    if intervals.is_empty() {
        return Err(Flaw::Empty);
    }
    let mut days: [Vec<Opening>; 7] = Default::default();
    for (place, Interval { day, opening }) in intervals.iter().enumerate() {
        if opening.to <= opening.from || opening.to > DAY {
            return Err(Flaw::Backwards(place));
        }
        let there = &mut days[day.num_days_from_monday() as usize];
        if there.iter().any(|other| opening.from < other.to && other.from < opening.to) {
            return Err(Flaw::Overlaps(place));
        }
        there.push(*opening);
    }
    for day in &mut days {
        day.sort_unstable();
    }
    Ok(days)
}
