//! A calendar's weeks, one after the other. Weeks without holidays and without a change of the clock are all alike: so
//! many of them are known without looking into one.

use std::sync::Arc;

use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, NaiveDateTime, Utc};

use super::{
    Calendar,
    clock::{Turn, ahead, midnight},
};

pub const SEVEN_DAYS: Duration = Duration::days(7);

#[cfg(test)]
thread_local! {
    /// Weeks that this thread has looked at: what a calculation costs.
    pub static LOOKED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// From Monday to Monday, local time.
pub struct Week {
    monday: NaiveDate,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    /// How many weeks from this one on are alike; none when this one has a holiday or a change of the clock.
    pub alike: i64,
    /// What the clock is ahead of UTC at the start.
    ahead: Duration,
    /// The change of the clock.
    turn: Option<Turn>,
}

impl Calendar {
    /// The week in which `at` lies.
    pub fn week_of(&self, at: DateTime<Utc>) -> Week {
        let today = at.with_timezone(&self.zone).date_naive();
        let monday = today - Days::new(today.weekday().num_days_from_monday().into());
        let start = super::clock::instant(self.zone, midnight(monday));
        self.week_from(monday, start, ahead(self.zone, start))
    }

    /// So many weeks later; all but the first are like it.
    pub fn after(&self, week: &Week, weeks: i64) -> Week {
        let further = Duration::weeks(weeks - 1);
        let now = week.turn.as_ref().map_or(week.ahead, |turn| turn.after);
        self.week_from(week.monday + SEVEN_DAYS + further, week.end + further, now)
    }

    fn week_from(&self, monday: NaiveDate, start: DateTime<Utc>, ahead: Duration) -> Week {
        #[cfg(test)]
        LOOKED.with(|weeks| weeks.set(weeks.get() + 1));
        let at = self.turns.partition_point(|turn| turn.monday < monday);
        let next = self.turns.get(at);
        let turn = next.filter(|turn| turn.monday == monday).cloned();
        let holiday = self.holidays.get(self.holidays.partition_point(|day| *day < monday));
        let odd = next.map(|turn| turn.monday).into_iter().chain(holiday.copied()).min().unwrap_or(NaiveDate::MAX);
        let alike = (odd - monday).num_days() / 7;
        let mut week = Week { monday, start, end: start, alike, ahead, turn };
        week.end = week.instant(midnight(monday + SEVEN_DAYS));
        week
    }

    /// The openings of a week in order.
    pub fn openings<'a>(&'a self, week: &'a Week) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> + 'a {
        let days = week.monday.iter_days().zip(&self.weekly).filter(|(day, _)| !self.is_holiday(*day));
        let local = days.flat_map(|(day, openings)| openings.iter().map(move |opening| opening.on(day)));
        local.map(|(from, to)| (week.instant(from), week.instant(to)))
    }

    fn is_holiday(&self, day: NaiveDate) -> bool {
        self.holidays.binary_search(&day).is_ok()
    }
}

impl Week {
    /// The instant of a local time of this week, its end included.
    fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        match &self.turn {
            Some(turn) => turn.instant(local),
            None => local.and_utc() - self.ahead,
        }
    }
}

/// What calendars of one zone share.
pub type Turns = Arc<Vec<Turn>>;
