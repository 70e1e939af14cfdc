//! Which period a period is compared with. Pure; in days, the last of which is not part of it.

use chrono::{Datelike, Months, NaiveDate};

use super::options::PriorMode;

/// From a day up to another, which is not part of it.
pub type Days = (NaiveDate, NaiveDate);

/// The period before; none when the calendar was asked for a period that is not of whole months.
pub fn prior((start, end): Days, mode: PriorMode) -> Option<Days> {
    match mode {
        PriorMode::Days => Some((start.checked_sub_signed(end - start)?, start)),
        PriorMode::Yoy => Some((a_year_before(start)?, a_year_before(end)?)),
        PriorMode::Calendar => {
            let first = start.day() == 1;
            let months = months((start, end)).filter(|_| first)?;
            Some((start.checked_sub_months(Months::new(months))?, start))
        }
    }
}

/// How many calendar months these days are; none where they are not whole ones.
pub fn months((start, end): Days) -> Option<u32> {
    let months = (end.year() - start.year()) * 12 + end.month().cast_signed() - start.month().cast_signed();
    u32::try_from(months).ok().filter(|n| *n > 0 && start.day() == end.day())
}

fn a_year_before(day: NaiveDate) -> Option<NaiveDate> {
    day.checked_sub_months(Months::new(12))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(start: &str, end: &str, mode: PriorMode) -> Option<(String, String)> {
        let day = |text: &str| text.parse().unwrap();
        prior((day(start), day(end)), mode).map(|(start, end)| (start.to_string(), end.to_string()))
    }

    fn days(start: &str, end: &str) -> (String, String) {
        (start.to_owned(), end.to_owned())
    }

    #[test]
    fn as_many_days_directly_before() {
        assert_eq!(found("2026-07-01", "2026-10-01", PriorMode::Days), Some(days("2026-03-31", "2026-07-01")));
        assert_eq!(found("2026-03-01", "2026-03-02", PriorMode::Days), Some(days("2026-02-28", "2026-03-01")));
    }

    #[test]
    fn as_many_months_or_the_same_days_a_year_ago() {
        assert_eq!(found("2026-07-01", "2026-10-01", PriorMode::Calendar), Some(days("2026-04-01", "2026-07-01")));
        assert_eq!(found("2026-01-01", "2027-01-01", PriorMode::Calendar), Some(days("2025-01-01", "2026-01-01")));
        assert_eq!(found("2026-07-02", "2026-10-01", PriorMode::Calendar), None);
        assert_eq!(found("2028-02-29", "2028-03-01", PriorMode::Yoy), Some(days("2027-02-28", "2027-03-01")));
    }
}
