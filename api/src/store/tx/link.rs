//! Which of the records that a write refers to its actor may see.

use std::collections::HashSet;

use sea_orm::{
    Order,
    sea_query::{Expr, LockType, Query, SelectStatement, UnionType},
};
use uuid::Uuid;

use super::Tx;
use crate::{
    error::Result,
    store::{Scoped, within_ids},
};

/// References to records of one table.
pub struct Link {
    pub scoped: Scoped,
    pub table: &'static str,
    pub ids: Vec<Uuid>,
    /// Shared, so that a parent cannot vanish under its child; against other writers, where the parent changes with its
    /// children. A reference without which a row can live locks nothing: locking is a write, and a reference to what
    /// was deleted reads as none.
    pub lock: Option<LockType>,
}

impl Tx {
    /// For each link those of its ids that its scope holds: one statement for all of them.
    pub async fn linked(&self, links: Vec<Link>) -> Result<Vec<HashSet<Uuid>>> {
        let mut found = vec![HashSet::new(); links.len()];
        let backend = self.access.store().backend();
        let each = links.into_iter().enumerate().map(|(place, link)| {
            let ids = within_ids((link.table, "id"), &link.ids, backend);
            let scoped = link.scoped.filter(ids).shape(|q| {
                q.column((link.table, "id"));
                if let Some(lock) = link.lock {
                    q.order_by((link.table, "id"), Order::Asc).lock(lock);
                }
            });
            let place = Expr::cust(place.to_string());
            Query::select().expr(place).column(("linked", "id")).from_subquery(scoped.into_query(), "linked").take()
        });
        let union = |mut all: SelectStatement, next: SelectStatement| all.union(UnionType::All, next).take();
        let Some(query) = each.reduce(union) else { return Ok(found) };
        for row in self.all(&query).await? {
            let (place, id): (i32, Uuid) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            if let Some(ids) = usize::try_from(place).ok().and_then(|place| found.get_mut(place)) {
                ids.insert(id);
            }
        }
        Ok(found)
    }
}
