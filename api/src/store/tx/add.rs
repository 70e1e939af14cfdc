//! Rows that add others up, `Guarded::TOLD` says which: what is added to one that is there already raises it, in one
//! statement for hundreds of them. Whoever writes the rows that are added up writes these in the same commit.

use entity::id::RowId;
use sea_orm::{
    ConnectionTrait, ExprTrait, Value,
    sea_query::{Alias, Expr, OnConflict, Query},
};

use super::{super::row::new_id, Tx};
use crate::{
    error::{Error, Result},
    store::Guarded,
};

/// Rows in one statement: as many as their columns leave room for.
const ROWS: usize = 500;

/// Which sums, and what is added to each of them.
pub type Added = (Vec<Value>, Vec<i64>);

impl Tx {
    /// Adds to sums, each known by the values of its key. They come in the order of their keys, so that two who add
    /// cannot wait for each other.
    pub async fn add<E: Guarded>(&mut self, key: &[&'static str], sums: &[&'static str], rows: &[Added]) -> Result<()> {
        if E::TOLD {
            return Err(Error::internal(format!("{} does not add others up", E::NAME)));
        }
        let now = self.access.now();
        let organization = self.access.actor().organization.uuid();
        let base = ["id", "organization_id", "created_at", "updated_at", "version"];
        for some in rows.chunks(ROWS) {
            let columns = base.iter().chain(key).chain(sums).map(|name| Alias::new(*name));
            let mut insert = Query::insert();
            insert.into_table(E::NAME).columns(columns);
            for (keys, added) in some {
                let base: [Value; 5] = [new_id().into(), organization.into(), now.into(), now.into(), 1.into()];
                let added = added.iter().map(|n| Value::from(*n));
                let values = base.into_iter().chain(keys.iter().cloned()).chain(added).map(Expr::val);
                insert.values(values).map_err(Error::internal)?;
            }
            let raised = sums.iter().map(|name| {
                let more = Expr::col((Alias::new("excluded"), Alias::new(*name)));
                (Alias::new(*name), Expr::col((E::NAME, Alias::new(*name))).add(more))
            });
            let unique = std::iter::once("organization_id").chain(key.iter().copied()).map(Alias::new);
            let raise = OnConflict::columns(unique)
                .target_and_where(Expr::col("deleted_at").is_null())
                .values(raised)
                .value("updated_at", now)
                .to_owned();
            insert.on_conflict(raise);
            self.db().execute(&insert).await?;
        }
        Ok(())
    }

    /// Takes sums away, to be made anew in the same work.
    pub async fn clear<E: Guarded>(&mut self, condition: sea_orm::Condition) -> Result<()> {
        if E::TOLD {
            return Err(Error::internal(format!("{} does not add others up", E::NAME)));
        }
        let delete = Query::delete()
            .from_table(E::NAME)
            .and_where(Expr::col((E::NAME, "organization_id")).eq(self.access.actor().organization.uuid()))
            .cond_where(condition)
            .take();
        self.db().execute(&delete).await?;
        Ok(())
    }
}
