//! When people of the demo organisation work: nine to six on workdays with a break, but on the days when everybody is off.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::{
    access::calendar::{
        Calendar,
        schedule::{Day, Holiday, Hours, Schedule},
    },
    error::{Error, Result},
    graph::{Patch, derived::Term, scalar::Date},
};

pub const ZONE: Tz = Tz::Europe__Berlin;
const DAYS: [Day; 5] = [Day::Monday, Day::Tuesday, Day::Wednesday, Day::Thursday, Day::Friday];
const SPANS: [(&str, &str); 2] = [("09:00", "12:30"), ("13:30", "18:00")];
const HOLIDAYS: [(u32, u32, &str); 4] =
    [(1, 1, "New Year"), (5, 1, "Labour Day"), (12, 25, "Christmas Day"), (12, 26, "St Stephen's Day")];

/// With the holidays of the past that the demo has, and of the year to come.
fn schedule(now: DateTime<Utc>) -> Schedule {
    let span = |day: Day, (from, to): (&str, &str)| Hours {
        day: Term(day),
        opens_at: from.to_owned(),
        closes_at: to.to_owned(),
    };
    let hours = DAYS.into_iter().flat_map(|day| SPANS.map(|it| span(day, it))).collect();
    let off = |year: i32, (month, day, name): (u32, u32, &str)| {
        let date = NaiveDate::from_ymd_opt(year, month, day)?;
        Some(Holiday { date: Date(date), name: Some(name.to_owned()) })
    };
    let years = now.year() - 2..=now.year() + 1;
    let holidays = years.flat_map(|year| HOLIDAYS.into_iter().filter_map(move |it| off(year, it))).collect();
    Schedule { hours, holidays }
}

pub fn calendar(now: DateTime<Utc>) -> Calendar {
    schedule(now).calendar(ZONE).unwrap_or_else(|_| Calendar::always())
}

/// The same as a record.
pub fn record(now: DateTime<Utc>) -> Result<Patch> {
    let schedule = serde_json::to_value(schedule(now)).map_err(Error::internal)?;
    Ok(Patch::default().with("name", "Office hours").with("time_zone", ZONE.name()).with("schedule", schedule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_office_is_closed_at_night_at_weekends_and_on_holidays() {
        let calendar = calendar("2026-11-22T10:00:00Z".parse().unwrap());
        let open = |at: &str| calendar.is_open(at.parse().unwrap());
        assert!(open("2026-11-23T10:00:00Z") && open("2026-07-06T07:30:00Z"));
        for closed in ["2026-11-23T20:00:00Z", "2026-11-22T10:00:00Z", "2026-12-25T10:00:00Z", "2027-01-01T10:00:00Z"] {
            assert!(!open(closed), "{closed}");
        }
    }
}
