//! Where the organisation is: in which time zone its days begin.

use chrono_tz::Tz;
use entity::id::RowId;
use sea_orm::{
    ExprTrait,
    sea_query::{Expr, Query},
};

use super::Access;
use crate::error::Result;

impl Access {
    /// The organisation's time zone; UTC until the organisation is known.
    pub async fn zone(&self) -> Result<Tz> {
        let here = Query::select()
            .column(("organization", "time_zone"))
            .from("organization")
            .and_where(Expr::col(("organization", "id")).eq(self.actor().organization.uuid()))
            .take();
        let rows = self.fetch(&here).await?;
        let name: Option<String> = rows.first().map(|row| row.try_get_by_index(0)).transpose()?;
        Ok(name.and_then(|name| name.parse().ok()).unwrap_or_default())
    }
}
