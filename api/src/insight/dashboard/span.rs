//! Periods of widgets: relative ones as days of the organisation, and how a period is cut into steps. Pure.

use chrono::{Datelike, Days as Many, Months, NaiveDate};
use entity::words;

use crate::insight::metric::prior::Days;

words! {
    /// A period that goes with the day on which it is looked at, in the organisation's time zone. Weeks begin on Monday.
    pub enum RelativePeriod as "RelativePeriod" {
        /// The day itself.
        Today = "TODAY",
        /// The day before.
        Yesterday = "YESTERDAY",
        /// The whole week of the day.
        ThisWeek = "THIS_WEEK",
        /// The whole week before that.
        LastWeek = "LAST_WEEK",
        /// The whole calendar month of the day.
        ThisMonth = "THIS_MONTH",
        /// The whole calendar month before that.
        LastMonth = "LAST_MONTH",
        /// The whole calendar month after that.
        NextMonth = "NEXT_MONTH",
        /// The whole quarter of the day, of the organisation's year: see `Organization.fiscalYearStartMonth`.
        ThisQuarter = "THIS_QUARTER",
        /// The whole quarter before that.
        LastQuarter = "LAST_QUARTER",
        /// The whole quarter after that.
        NextQuarter = "NEXT_QUARTER",
        /// The organisation's whole year of the day.
        ThisYear = "THIS_YEAR",
        /// Its whole year before that.
        LastYear = "LAST_YEAR",
        /// Seven days, the last of them the day itself.
        Last7Days = "LAST_7_DAYS",
        /// Thirty days, the last of them the day itself.
        Last30Days = "LAST_30_DAYS",
        /// Ninety days, the last of them the day itself.
        Last90Days = "LAST_90_DAYS",
        /// Twelve whole calendar months, the last of them that of the day.
        Last12Months = "LAST_12_MONTHS",
    }
}

words! {
    /// Into what a line cuts its period. Steps begin where their own do; the first and the last may be shorter.
    pub enum Every as "DashboardStep" {
        /// Days.
        Day = "DAY",
        /// Weeks, from Monday on.
        Week = "WEEK",
        /// Calendar months.
        Month = "MONTH",
        /// Quarters of the organisation's year.
        Quarter = "QUARTER",
        /// The organisation's years.
        Year = "YEAR",
    }
}

/// The month in which the organisation's year begins, 1 to 12.
pub type YearBegins = u32;

impl Every {
    /// The first day of the step that a day is in.
    fn begins(self, day: NaiveDate, year: YearBegins) -> NaiveDate {
        let month = day - Many::new(day.day0().into());
        let since = (day.month0() + 13 - year) % 12;
        match self {
            Self::Day => day,
            Self::Week => day - Many::new(day.weekday().num_days_from_monday().into()),
            Self::Month => month,
            Self::Quarter => month - Months::new(since % 3),
            Self::Year => month - Months::new(since),
        }
    }

    /// The same day so many steps later, or earlier.
    fn later(self, day: NaiveDate, steps: i32) -> NaiveDate {
        let (count, back) = (steps.unsigned_abs(), steps < 0);
        let days = |each: u32| Many::new((each * count).into());
        let months = |each: u32| Months::new(each * count);
        match self {
            Self::Day if back => day - days(1),
            Self::Day => day + days(1),
            Self::Week if back => day - days(7),
            Self::Week => day + days(7),
            Self::Month | Self::Quarter | Self::Year => {
                let each = if self == Self::Month {
                    1
                } else if self == Self::Quarter {
                    3
                } else {
                    12
                };
                if back { day - months(each) } else { day + months(each) }
            }
        }
    }

    /// The whole step that a day is in, or that lies so many steps from it.
    fn around(self, day: NaiveDate, steps: i32, year: YearBegins) -> Days {
        let start = self.later(self.begins(day, year), steps);
        (start, self.later(start, 1))
    }

    /// Into how many steps so many days fall, at most.
    pub fn most_steps(self, days: i64) -> i64 {
        let each = match self {
            Self::Day => return days,
            Self::Week => 7,
            Self::Month => 28,
            Self::Quarter => 90,
            Self::Year => 365,
        };
        days / each + 2
    }

    /// The pieces of a period, from the first on, each with the day after it.
    pub fn cut(self, (start, end): Days, year: YearBegins) -> Vec<Days> {
        let mut pieces = Vec::new();
        let mut from = start;
        while from < end {
            let next = self.later(self.begins(from, year), 1).min(end);
            pieces.push((from, next));
            from = next;
        }
        pieces
    }
}

impl RelativePeriod {
    /// The first day, and the first after it, as seen on a day.
    pub fn days(self, today: NaiveDate, year: YearBegins) -> Days {
        let tomorrow = Every::Day.later(today, 1);
        let last = |days: u64| (tomorrow - Many::new(days), tomorrow);
        match self {
            Self::Today => Every::Day.around(today, 0, year),
            Self::Yesterday => Every::Day.around(today, -1, year),
            Self::ThisWeek => Every::Week.around(today, 0, year),
            Self::LastWeek => Every::Week.around(today, -1, year),
            Self::ThisMonth => Every::Month.around(today, 0, year),
            Self::LastMonth => Every::Month.around(today, -1, year),
            Self::NextMonth => Every::Month.around(today, 1, year),
            Self::ThisQuarter => Every::Quarter.around(today, 0, year),
            Self::LastQuarter => Every::Quarter.around(today, -1, year),
            Self::NextQuarter => Every::Quarter.around(today, 1, year),
            Self::ThisYear => Every::Year.around(today, 0, year),
            Self::LastYear => Every::Year.around(today, -1, year),
            Self::Last7Days => last(7),
            Self::Last30Days => last(30),
            Self::Last90Days => last(90),
            Self::Last12Months => (Every::Month.around(today, -11, year).0, Every::Month.around(today, 0, year).1),
        }
    }

    /// Days that it has at most.
    pub fn most_days(self) -> i64 {
        let in_month = |month| NaiveDate::from_ymd_opt(2000, month, 15).map(|day| self.days(day, 1));
        (1..=12).filter_map(in_month).map(|(start, end)| (end - start).num_days()).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use entity::word::Word;

    use super::*;

    fn on(day: &str, word: &str) -> String {
        let (start, end) = RelativePeriod::parse(word).expect(word).days(day.parse().expect("a day"), 1);
        format!("{start} {end}")
    }

    #[test]
    fn periods_go_with_the_day() {
        for (word, days) in [
            ("TODAY", "2028-02-29 2028-03-01"),
            ("YESTERDAY", "2028-02-28 2028-02-29"),
            ("THIS_WEEK", "2028-02-28 2028-03-06"),
            ("LAST_WEEK", "2028-02-21 2028-02-28"),
            ("THIS_MONTH", "2028-02-01 2028-03-01"),
            ("LAST_MONTH", "2028-01-01 2028-02-01"),
            ("NEXT_MONTH", "2028-03-01 2028-04-01"),
            ("THIS_QUARTER", "2028-01-01 2028-04-01"),
            ("LAST_QUARTER", "2027-10-01 2028-01-01"),
            ("NEXT_QUARTER", "2028-04-01 2028-07-01"),
            ("THIS_YEAR", "2028-01-01 2029-01-01"),
            ("LAST_YEAR", "2027-01-01 2028-01-01"),
            ("LAST_7_DAYS", "2028-02-23 2028-03-01"),
            ("LAST_30_DAYS", "2028-01-31 2028-03-01"),
            ("LAST_90_DAYS", "2027-12-02 2028-03-01"),
            ("LAST_12_MONTHS", "2027-03-01 2028-03-01"),
        ] {
            assert_eq!(on("2028-02-29", word), days, "{word}");
        }
        assert_eq!(RelativePeriod::VALUES.len(), 16, "each has its line above");
        assert_eq!(on("2026-12-31", "NEXT_MONTH"), "2027-01-01 2027-02-01");
        assert_eq!(on("2026-03-31", "LAST_MONTH"), "2026-02-01 2026-03-01");
    }

    #[test]
    fn quarters_and_years_are_the_organisations() {
        let day: NaiveDate = "2026-01-15".parse().expect("a day");
        let of = |period: RelativePeriod, year| {
            let (start, end) = period.days(day, year);
            format!("{start} {end}")
        };
        assert_eq!(of(RelativePeriod::ThisYear, 4), "2025-04-01 2026-04-01");
        assert_eq!(of(RelativePeriod::LastYear, 4), "2024-04-01 2025-04-01");
        assert_eq!(of(RelativePeriod::ThisQuarter, 2), "2025-11-01 2026-02-01");
        assert_eq!(of(RelativePeriod::NextQuarter, 12), "2026-03-01 2026-06-01");
        assert_eq!(of(RelativePeriod::ThisMonth, 12), "2026-01-01 2026-02-01");
    }

    #[test]
    fn steps_begin_with_the_calendars_and_leave_no_gap() {
        let days: Days = ("2026-01-15".parse().expect("a day"), "2026-04-02".parse().expect("a day"));
        for (every, count) in
            [(Every::Day, 77), (Every::Week, 12), (Every::Month, 4), (Every::Quarter, 2), (Every::Year, 1)]
        {
            let pieces = every.cut(days, 1);
            assert_eq!(pieces.len(), count, "{every}");
            assert_eq!((pieces[0].0, pieces[count - 1].1), days);
            assert!(i64::try_from(count).expect("few") <= every.most_steps(77), "{every}");
            assert!(pieces.windows(2).all(|two| two[0].1 == two[1].0));
        }
        assert!(Every::Day.cut((days.0, days.0), 1).is_empty());
    }
}
