//! The organisation's own day and currency: in what zone its days begin and into what its totals are converted.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use entity::{money::Currency, organization};

use super::{all_rows, whole};
use crate::{
    error::Result,
    store::{Access, Scoped, Tx},
};

/// UTC and no currency until the organisation is known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Home {
    zone: Tz,
    pub currency: Option<Currency>,
    /// The month in which its year begins, 1 to 12; of no meaning until the organisation is known.
    year_begins: u32,
    /// Since when that is its currency; none: always.
    since: Option<DateTime<Utc>>,
    /// How many days old a rate of exchange may be; a week until the organisation is known.
    rate_age: Option<u32>,
}

impl Home {
    /// Where days begin in a time zone, and no currency.
    pub fn in_zone(zone: Tz) -> Self {
        Self { zone, ..Self::default() }
    }

    /// The same with days that begin in another time zone.
    #[must_use]
    pub fn moved(self, zone: Tz) -> Self {
        Self { zone, ..self }
    }

    /// Where its days begin.
    pub fn zone(self) -> Tz {
        self.zone
    }

    /// One that converts by rates of so many days.
    #[cfg(test)]
    pub fn converting(currency: Currency, rate_age: u32) -> Self {
        Self { currency: Some(currency), rate_age: Some(rate_age), ..Self::default() }
    }

    pub async fn of(tx: &Tx) -> Result<Self> {
        let found = tx.read(Scoped::<organization::Entity>::read(&all_rows(tx))).await?.pop();
        Ok(found.map(Self::from).unwrap_or_default())
    }

    /// The same outside a unit of work.
    pub async fn seen(access: &Access) -> Result<Self> {
        let found = Scoped::<organization::Entity>::read(&whole(access)).one().await?;
        Ok(found.map(Self::from).unwrap_or_default())
    }

    /// Whether a rate that was kept then leads to its present currency.
    pub fn rates_of(self, then: DateTime<Utc>) -> bool {
        self.since.is_none_or(|since| then >= since)
    }

    /// Since when its currency is the present one; none when it always was.
    pub fn since(self) -> Option<DateTime<Utc>> {
        self.since
    }

    /// How old a rate of exchange may be.
    pub fn rate_age(self) -> Days {
        Days::new(self.rate_age.unwrap_or(7).into())
    }

    /// The month in which its year begins, 1 to 12.
    pub fn year_begins(self) -> u32 {
        self.year_begins.clamp(1, 12)
    }

    /// The day that an instant falls on.
    pub fn day(self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// The days that begin in a span of time, the last one not part of them.
    pub fn days(self, start: DateTime<Utc>, end: DateTime<Utc>) -> (NaiveDate, NaiveDate) {
        let first = |at: DateTime<Utc>| {
            let day = self.day(at);
            if self.begins(day) < at { day.succ_opt().unwrap_or(day) } else { day }
        };
        (first(start), first(end))
    }

    /// When a day begins; where clocks jump over midnight, UTC's midnight.
    pub fn begins(self, day: NaiveDate) -> DateTime<Utc> {
        let midnight = day.and_time(NaiveTime::MIN);
        midnight
            .and_local_timezone(self.zone)
            .earliest()
            .map_or_else(|| midnight.and_utc(), |at| at.with_timezone(&Utc))
    }
}

impl From<organization::Model> for Home {
    fn from(row: organization::Model) -> Self {
        let zone = row.time_zone.parse().unwrap_or_default();
        let year_begins = row.fiscal_year_start_month.unsigned_abs();
        let rate_age = Some(row.rate_max_age_days.unsigned_abs());
        Self { zone, currency: Some(row.base_currency), year_begins, since: row.base_currency_since, rate_age }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_where_the_organisation_is() {
        let home = Home::in_zone(chrono_tz::America::New_York);
        let day: NaiveDate = "2026-03-01".parse().expect("a day");
        assert_eq!(home.begins(day).to_rfc3339(), "2026-03-01T05:00:00+00:00");
        assert_eq!(home.day("2026-03-02T04:59:59Z".parse().expect("an instant")), day);
        assert_eq!(home.day(home.begins(day)), day);
        let july = ["2026-07-01T04:00:00Z", "2026-08-01T04:00:00Z"].map(|at| at.parse().expect("an instant"));
        let days = home.days(july[0], july[1]);
        assert_eq!((days.0.to_string(), days.1.to_string()), ("2026-07-01".to_owned(), "2026-08-01".to_owned()));
        assert_eq!(home.days(july[0] - chrono::TimeDelta::hours(4), july[1]), days, "midnights of UTC do as well");
    }
}
