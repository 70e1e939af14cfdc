//! The organisation's own day and currency: in what zone its days begin and into what its totals are converted.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use entity::{money::Currency, organization};

use super::all_rows;
use crate::{
    error::Result,
    store::{Scoped, Tx},
};

/// UTC and no currency until the organisation is known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Home {
    zone: Tz,
    pub currency: Option<Currency>,
}

impl Home {
    /// Where days begin in a time zone, and no currency.
    pub fn in_zone(zone: Tz) -> Self {
        Self { zone, currency: None }
    }

    pub async fn of(tx: &Tx) -> Result<Self> {
        let found = tx.read(Scoped::<organization::Entity>::read(&all_rows(tx))).await?.pop();
        let known = |row: organization::Model| Self {
            zone: row.time_zone.parse().unwrap_or_default(),
            currency: Some(row.base_currency),
        };
        Ok(found.map(known).unwrap_or_default())
    }

    /// The day that an instant falls on.
    pub fn day(self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_where_the_organisation_is() {
        let home = Home { zone: chrono_tz::America::New_York, currency: None };
        let day: NaiveDate = "2026-03-01".parse().expect("a day");
        assert_eq!(home.begins(day).to_rfc3339(), "2026-03-01T05:00:00+00:00");
        assert_eq!(home.day("2026-03-02T04:59:59Z".parse().expect("an instant")), day);
        assert_eq!(home.day(home.begins(day)), day);
    }
}
