//! Which records other systems' ids name: asked by the machinery that matches rows, which may not make a second
//! record of one that the caller does not see. It tells an id, never a row.

use sea_orm::{
    Condition, ConnectionTrait, ExprTrait, Order,
    sea_query::{Expr, NullOrdering, Query},
};
use uuid::Uuid;

use super::{Guarded, Tx};
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

    /// The rows with such values in two columns, deleted ones too, and these values.
    pub async fn told<E: Guarded>(
        &self,
        columns: [&'static str; 2],
        which: Condition,
    ) -> Result<Vec<([String; 2], Uuid)>> {
        let query = Query::select()
            .columns(columns)
            .column("id")
            .from(E::NAME)
            .and_where(Expr::col("organization_id").eq(entity::id::RowId::uuid(self.access().actor().organization)))
            .cond_where(which)
            .order_by_with_nulls("deleted_at", Order::Asc, NullOrdering::First)
            .take();
        let rows = self.db().query_all(&query).await?;
        let read = |row: &sea_orm::QueryResult| {
            Ok(([row.try_get_by_index(0)?, row.try_get_by_index(1)?], row.try_get_by_index(2)?))
        };
        Ok(rows.iter().map(read).collect::<Result<_, sea_orm::DbErr>>()?)
    }
}
