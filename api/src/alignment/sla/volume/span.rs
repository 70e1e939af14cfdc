//! Weeks, months and quarters of the calendar, as they begin where the organisation is. Pure.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};

use crate::{alignment::sla::policy::VolumePeriod, crm::home::Home};

/// A week, month or quarter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub first: NaiveDate,
    /// The first day after it.
    pub next: NaiveDate,
    pub begins: DateTime<Utc>,
    pub ends: DateTime<Utc>,
}

/// Those that overlap a period, in the order of time; none if there are more than `most`.
pub fn spans(
    period: VolumePeriod,
    home: Home,
    (start, end): (DateTime<Utc>, DateTime<Utc>),
    most: usize,
) -> Option<Vec<Span>> {
    let mut first = first_day(period, home.day(start))?;
    let mut all = Vec::new();
    loop {
        let next = following(period, first)?;
        let span = Span { first, next, begins: home.begins(first), ends: home.begins(next) };
        if span.begins >= end {
            return Some(all);
        }
        if all.len() == most {
            return None;
        }
        all.push(span);
        first = next;
    }
}

fn first_day(period: VolumePeriod, day: NaiveDate) -> Option<NaiveDate> {
    match period {
        VolumePeriod::Week => day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into())),
        VolumePeriod::Month => day.with_day(1),
        VolumePeriod::Quarter => day.with_day(1)?.checked_sub_months(Months::new(day.month0() % 3)),
    }
}

fn following(period: VolumePeriod, first: NaiveDate) -> Option<NaiveDate> {
    match period {
        VolumePeriod::Week => first.checked_add_days(Days::new(7)),
        VolumePeriod::Month => first.checked_add_months(Months::new(1)),
        VolumePeriod::Quarter => first.checked_add_months(Months::new(3)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(period: VolumePeriod, zone: chrono_tz::Tz, start: &str, end: &str) -> Vec<String> {
        let ends = (start.parse().unwrap(), end.parse().unwrap());
        let all = spans(period, Home::in_zone(zone), ends, 10).unwrap();
        all.iter().map(|span| format!("{} {}", span.first, span.begins.format("%d %H:%M"))).collect()
    }

    #[test]
    fn they_begin_where_the_organisation_is() {
        let berlin = chrono_tz::Europe::Berlin;
        let months = told(VolumePeriod::Month, berlin, "2026-02-28T23:00:00Z", "2026-04-30T22:00:00Z");
        assert_eq!(months, ["2026-03-01 28 23:00", "2026-04-01 31 22:00"], "it begins and ends with a month");
        let longer = told(VolumePeriod::Month, berlin, "2026-02-28T22:59:59Z", "2026-03-31T22:00:01Z");
        assert_eq!(longer, ["2026-02-01 31 23:00", "2026-03-01 28 23:00", "2026-04-01 31 22:00"]);
    }

    #[test]
    fn weeks_begin_on_monday_and_quarters_in_january() {
        let weeks = told(VolumePeriod::Week, chrono_tz::UTC, "2026-01-01T00:00:00Z", "2026-01-05T00:00:01Z");
        assert_eq!(weeks, ["2025-12-29 29 00:00", "2026-01-05 05 00:00"]);
        let quarters = told(VolumePeriod::Quarter, chrono_tz::UTC, "2025-12-31T00:00:00Z", "2026-05-01T00:00:00Z");
        assert_eq!(quarters, ["2025-10-01 01 00:00", "2026-01-01 01 00:00", "2026-04-01 01 00:00"]);
    }

    #[test]
    fn a_period_of_too_many_is_none() {
        let ends = ("2020-01-01T00:00:00Z".parse().unwrap(), "2026-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(spans(VolumePeriod::Week, Home::default(), ends, 120), None);
        assert_eq!(spans(VolumePeriod::Quarter, Home::default(), ends, 120).map(|all| all.len()), Some(24));
    }
}
