//! Where the organisation is, and when its days and years begin.

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use entity::id::RowId;
use sea_orm::{
    ExprTrait,
    sea_query::{CaseStatement, Expr, Query, SimpleExpr},
};

use super::Access;
use crate::error::Result;

/// When an organisation's days and years begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reckoning {
    pub zone: Tz,
    /// The month in which its year begins, 1 to 12; its quarters follow.
    pub first_month: u32,
}

impl Reckoning {
    pub const CALENDAR: Self = Self { zone: Tz::UTC, first_month: 1 };
}

impl Access {
    /// The organisation's time zone; UTC until the organisation is known.
    pub async fn zone(&self) -> Result<Tz> {
        Ok(self.reckoning().await?.zone)
    }

    /// When the organisation's days and years begin; UTC's and January until it is known.
    pub async fn reckoning(&self) -> Result<Reckoning> {
        let column = |name: &'static str| ("organization", name);
        let here = Query::select()
            .columns([column("time_zone"), column("fiscal_year_start_month")])
            .from("organization")
            .and_where(Expr::col(column("id")).eq(self.actor().organization.uuid()))
            .take();
        let rows = self.fetch(&here).await?;
        let Some(row) = rows.first() else { return Ok(Reckoning::CALENDAR) };
        let (name, month): (String, i32) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        Ok(Reckoning {
            zone: name.parse().unwrap_or_default(),
            first_month: u32::try_from(month).unwrap_or(1).clamp(1, 12),
        })
    }

    /// The organisation's present day as an expression, for statements that are made before anything is read: as many zones as
    /// there are, it is one of three days.
    pub fn today(&self) -> SimpleExpr {
        let here = Query::select()
            .column(("organization", "time_zone"))
            .from("organization")
            .and_where(Expr::col(("organization", "id")).eq(self.actor().organization.uuid()))
            .take();
        let zone = SimpleExpr::from(here);
        let utc = self.now().date_naive();
        let other = |day: NaiveDate| (zone.clone().is_in(zones(self.now(), day)), Expr::val(day));
        let days = [utc + Days::new(1), utc - Days::new(1)].map(other);
        days.into_iter().fold(CaseStatement::new(), |case, (is, day)| case.case(is, day)).finally(Expr::val(utc)).into()
    }
}

/// The zones in which an instant lies on a day.
fn zones(at: DateTime<Utc>, day: NaiveDate) -> Vec<&'static str> {
    let there = TZ_VARIANTS.into_iter().filter(|zone| at.with_timezone(zone).date_naive() == day);
    there.map(Tz::name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_in_the_east() {
        let at: DateTime<Utc> = "2026-03-01T12:30:00Z".parse().unwrap();
        let of = |day: &str| zones(at, day.parse().unwrap());
        assert!(of("2026-03-02").contains(&"Pacific/Auckland") && !of("2026-03-02").contains(&"Asia/Tokyo"));
        assert!(of("2026-03-01").contains(&"UTC") && of("2026-02-28").is_empty());
        let [west, here, east] = ["2026-02-28", "2026-03-01", "2026-03-02"].map(|day| of(day).len());
        assert_eq!(west + here + east, TZ_VARIANTS.len());
    }
}
