//! A calendar's hours and holidays as the schema writes them, and the calendar they make. Pure.

use async_graphql::{InputObject, SimpleObject};
use chrono::Weekday;
use chrono_tz::Tz;
use entity::words;
use serde::{Deserialize, Serialize};

use super::{Calendar, Flaw, Interval, Opening, shape::minutes};
use crate::{
    error::{Error, Fault, FaultCode, Result},
    graph::{derived::Term, scalar::Date},
};

words! {
    /// A day of the week.
    pub enum Day as "Weekday" {
        /// Monday.
        Monday = "MONDAY",
        /// Tuesday.
        Tuesday = "TUESDAY",
        /// Wednesday.
        Wednesday = "WEDNESDAY",
        /// Thursday.
        Thursday = "THURSDAY",
        /// Friday.
        Friday = "FRIDAY",
        /// Saturday.
        Saturday = "SATURDAY",
        /// Sunday.
        Sunday = "SUNDAY",
    }
}

/// Hours of the week and days off.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(name = "BusinessSchedule", input_name = "BusinessScheduleInput")]
pub struct Schedule {
    /// When it is open: 1 to 70 spans, several a day if need be, none sharing time with another.
    pub hours: Vec<Hours>,
    /// Days without any hours, at most 1000.
    #[serde(default)]
    #[graphql(default)]
    pub holidays: Vec<Holiday>,
}

/// Open hours of one weekday.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(name = "BusinessHours", input_name = "BusinessHoursInput")]
pub struct Hours {
    /// The weekday.
    pub day: Term<Day>,
    /// Local time from which on it is open, such as "09:00".
    pub opens_at: String,
    /// Local time at which it closes, later on the same day, at most "24:00". Hours over midnight are two spans.
    pub closes_at: String,
}

/// A day off.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(name = "Holiday", input_name = "HolidayInput")]
pub struct Holiday {
    /// The local date.
    pub date: Date,
    /// What is celebrated. At most 100 characters.
    pub name: Option<String>,
}

const MOST_HOURS: usize = 70;
const MOST_HOLIDAYS: usize = 1000;

fn fault(field: &str, message: &str) -> Fault {
    Fault::new(FaultCode::Validation, field, message)
}

impl Schedule {
    /// What is wrong with it, in paths below it.
    pub fn check(&self) -> Vec<Fault> {
        if self.hours.len() > MOST_HOURS {
            return vec![fault("hours", "there are more than 70 spans")];
        }
        if self.holidays.len() > MOST_HOLIDAYS {
            return vec![fault("holidays", "there are more than 1000 holidays")];
        }
        let long = |h: &&Holiday| h.name.as_ref().is_some_and(|name| name.chars().count() > 100);
        if self.holidays.iter().any(|h| long(&h)) {
            return vec![fault("holidays", "a name is longer than 100 characters")];
        }
        match self.intervals() {
            Err(faults) => faults,
            Ok(intervals) => match Calendar::new(Tz::UTC, &intervals, &[]) {
                Ok(_) => vec![],
                Err(flaw) => vec![said(flaw)],
            },
        }
    }

    /// The calendar in a zone.
    pub fn calendar(&self, zone: Tz) -> Result<Calendar> {
        let days: Vec<_> = self.holidays.iter().map(|holiday| holiday.date.0).collect();
        let intervals = self.intervals().map_err(Error::Refused)?;
        Calendar::new(zone, &intervals, &days).map_err(|flaw| Error::Refused(vec![said(flaw)]))
    }

    fn intervals(&self) -> Result<Vec<Interval>, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut intervals = Vec::new();
        for (at, hours) in self.hours.iter().enumerate() {
            let mut read = |field: &str, text: &str| {
                let found = minutes(text);
                if found.is_none() {
                    let what = fault(field, "not a time of day such as 09:00, at most 24:00");
                    faults.push(what.under(at.to_string()).under("hours"));
                }
                found.unwrap_or_default()
            };
            let opening = Opening::new(read("opensAt", &hours.opens_at), read("closesAt", &hours.closes_at));
            intervals.push(Interval { day: weekday(hours.day.0), opening });
        }
        if faults.is_empty() { Ok(intervals) } else { Err(faults) }
    }
}

fn said(flaw: Flaw) -> Fault {
    match flaw {
        Flaw::Empty => fault("hours", "it must be open at some time: give at least one span"),
        Flaw::Backwards(at) => {
            fault("closesAt", "this must be after opensAt, on the same day").under(at.to_string()).under("hours")
        }
        Flaw::Overlaps(at) => fault(&at.to_string(), "this shares time with another span of that day").under("hours"),
    }
}

fn weekday(day: Day) -> Weekday {
    match day {
        Day::Monday => Weekday::Mon,
        Day::Tuesday => Weekday::Tue,
        Day::Wednesday => Weekday::Wed,
        Day::Thursday => Weekday::Thu,
        Day::Friday => Weekday::Fri,
        Day::Saturday => Weekday::Sat,
        Day::Sunday => Weekday::Sun,
    }
}
