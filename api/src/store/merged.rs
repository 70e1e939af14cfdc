//! Where the ids of merged records lead. Asked only when a lookup finds nothing; it tells an id, never a row, and the row
//! is then read through its own guard.

use std::collections::HashMap;

use entity::id::RowId;
use sea_orm::{
    ConnectionTrait, ExprTrait, QueryResult,
    sea_query::{Expr, Query, SelectStatement},
};
use uuid::Uuid;

use super::{Access, Tx, within_ids};
use crate::error::Result;

/// A record merged into one that was merged itself, and so on: no further than this.
const FURTHEST: usize = 20;

fn next(access: &Access, table: &str, ids: &[Uuid]) -> SelectStatement {
    Query::select()
        .columns(["loser_id", "winner_id"])
        .from("merged_record")
        .and_where(Expr::col("organization_id").eq(access.actor().organization.uuid()))
        .and_where(Expr::col("entity").eq(table))
        .cond_where(within_ids(("merged_record", "loser_id"), ids, access.store().backend()))
        .take()
}

fn read(rows: &[QueryResult]) -> Result<Vec<(Uuid, Uuid)>> {
    let pair = |row: &QueryResult| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?));
    Ok(rows.iter().map(pair).collect::<Result<_, sea_orm::DbErr>>()?)
}

impl Access {
    /// The records that these ids lead to now; those that were not merged are left out.
    pub async fn merged_into(&self, table: &str, ids: &[Uuid]) -> Result<HashMap<Uuid, Uuid>> {
        let mut leads: HashMap<Uuid, Uuid> = HashMap::new();
        let mut ask = ids.to_vec();
        for _ in 0..FURTHEST {
            let found = read(&self.fetch(&next(self, table, &ask)).await?)?;
            if found.is_empty() {
                break;
            }
            for (loser, winner) in &found {
                leads.values_mut().filter(|to| **to == *loser).for_each(|to| *to = *winner);
                if ids.contains(loser) {
                    leads.insert(*loser, *winner);
                }
            }
            ask = found.into_iter().map(|(_, winner)| winner).collect();
        }
        Ok(leads)
    }
}

impl Tx {
    /// The record that this one was merged into, if it was.
    pub async fn merged_into(&self, table: &str, id: Uuid) -> Result<Option<Uuid>> {
        let rows = self.db().query_all(&next(self.access(), table, &[id])).await?;
        Ok(read(&rows)?.pop().map(|(_, winner)| winner))
    }
}
