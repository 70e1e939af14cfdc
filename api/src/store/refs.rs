//! Which records other systems' ids name: asked by the machinery that matches rows, which may not make a second
//! record of one that the caller does not see. It tells an id, never a row.

use sea_orm::{
    ConnectionTrait, ExprTrait,
    sea_query::{Expr, Query},
};
use uuid::Uuid;

use super::Tx;
use crate::error::Result;

impl Tx {
    /// The ids over there that name a record of this table, and that record.
    pub async fn named(&self, table: &str, system: &str, ids: &[&str]) -> Result<Vec<(String, Uuid)>> {
        let organization = entity::id::RowId::uuid(self.access().actor().organization);
        let query = Query::select()
            .columns(["external_id", "entity_id"])
            .from("external_ref")
            .and_where(Expr::col("organization_id").eq(organization))
            .and_where(Expr::col("entity_type").eq(table))
            .and_where(Expr::col("system").eq(system))
            .and_where(Expr::col("external_id").is_in(ids.iter().copied()))
            .and_where(Expr::col("deleted_at").is_null())
            .take();
        let rows = self.db().query_all(&query).await?;
        Ok(rows
            .iter()
            .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
            .collect::<Result<_, sea_orm::DbErr>>()?)
    }
}
