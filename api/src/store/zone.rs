//! Where the organisation is, and when its days and years begin.

use chrono_tz::Tz;
use entity::id::RowId;
use sea_orm::{
    ExprTrait,
    sea_query::{Expr, Query},
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
}
