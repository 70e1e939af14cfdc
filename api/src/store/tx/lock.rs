//! Rows locked until the end of the work: read as they are, and kept to be compared with what is written.

use entity::id::RowId;
use sea_orm::{ExprTrait, sea_query::Expr};
use uuid::Uuid;

use super::Tx;
use crate::{
    actor::Permission,
    error::{Error, Result},
    store::{
        Guarded, Scoped,
        row::id_of,
        scoped::{all_columns, within_ids},
    },
};

impl Tx {
    /// The row, locked until the end of the work. Unreadable is `NOT_FOUND`; readable but out of the permission's
    /// reach is `FORBIDDEN`.
    pub async fn lock<E: Guarded>(&mut self, id: E::Id) -> Result<E::Model> {
        self.lock_or_refuse::<E>(Scoped::<E>::new(&self.access, self.permission).seen(), self.permission, id).await
    }

    /// `lock` of another table's row, under that table's permission.
    pub async fn lock_as<E: Guarded>(&mut self, permission: Permission, id: E::Id) -> Result<E::Model> {
        self.lock_or_refuse::<E>(Scoped::<E>::new(&self.access, permission), permission, id).await
    }

    async fn lock_or_refuse<E: Guarded>(
        &mut self,
        wanted: Scoped<E>,
        permission: Permission,
        id: E::Id,
    ) -> Result<E::Model> {
        match self.lock_one::<E>(wanted, id).await? {
            Some(row) => Ok(row),
            None if self.readable::<E>(id).await? => Err(Error::Forbidden(permission)),
            None => Err(Error::not_found("id")),
        }
    }

    /// A deleted row, for restore.
    pub async fn lock_deleted<E: Guarded>(&mut self, id: E::Id) -> Result<E::Model> {
        let deleted = Expr::col((E::NAME, "deleted_at")).is_not_null();
        let wanted = Scoped::<E>::with_deleted(&self.access, self.permission).seen().filter(deleted);
        self.lock_one::<E>(wanted, id).await?.ok_or_else(|| Error::not_found("id"))
    }

    async fn lock_one<E: Guarded>(&mut self, wanted: Scoped<E>, id: E::Id) -> Result<Option<E::Model>> {
        let query = wanted
            .filter(Expr::col((E::NAME, "id")).eq(id.uuid()))
            .shape(all_columns::<E>)
            .shape(|q| _ = q.lock_exclusive())
            .into_query();
        let row = self.models::<E>(&query).await?.pop();
        if let Some(row) = &row {
            self.remember::<E>(id.uuid(), row.clone());
        }
        Ok(row)
    }

    /// Many rows at once, locked in the order of their ids so that two bulk writers cannot wait for each other.
    pub async fn lock_where<E: Guarded>(&mut self, condition: sea_orm::Condition) -> Result<Vec<E::Model>> {
        self.lock_rows(Scoped::<E>::new(&self.access, self.permission).filter(condition)).await
    }

    /// The same, of the rows that the caller may read.
    pub async fn lock_seen<E: Guarded>(&mut self, condition: sea_orm::Condition) -> Result<Vec<E::Model>> {
        self.lock_rows(Scoped::<E>::new(&self.access, self.permission).seen().filter(condition)).await
    }

    async fn lock_rows<E: Guarded>(&mut self, wanted: Scoped<E>) -> Result<Vec<E::Model>> {
        let query = wanted
            .shape(all_columns::<E>)
            .shape(|q| _ = q.order_by((E::NAME, "id"), sea_orm::Order::Asc).lock_exclusive())
            .into_query();
        let rows = self.models::<E>(&query).await?;
        for row in &rows {
            self.remember::<E>(id_of::<E>(row)?, row.clone());
        }
        Ok(rows)
    }

    async fn readable<E: Guarded>(&self, id: E::Id) -> Result<bool> {
        let query = Scoped::<E>::read(&self.access)
            .filter(Expr::col((E::NAME, "id")).eq(id.uuid()))
            .shape(|q| _ = q.expr(Expr::val(1)))
            .into_query();
        Ok(!self.all(&query).await?.is_empty())
    }

    /// Which of these ids the scope holds; they are share-locked, so that a parent cannot vanish under its child.
    pub async fn share(&self, scoped: Scoped, table: &'static str, ids: &[Uuid]) -> Result<Vec<Uuid>> {
        let query = scoped
            .filter(within_ids((table, "id"), ids, self.access.store().backend()))
            .shape(|q| _ = q.column((table, "id")).order_by((table, "id"), sea_orm::Order::Asc).lock_shared())
            .into_query();
        let rows = self.all(&query).await?;
        Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
    }
}
