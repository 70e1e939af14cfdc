//! `Tx`: one unit of work. Locks, checks versions, stays inside the permission it was begun with, and writes an
//! event for every change in the same commit. Dropped before `commit`, it rolls back.

mod add;
mod cache;
mod discard;
mod link;
mod lock;
mod many;
mod own;
mod reach;
mod spread;
mod step;

pub use add::Added;
pub use link::Link;
pub use own::OwnField;
pub use step::Savepoint;

use std::{any::Any, collections::HashMap, sync::Arc};

use entity::id::RowId;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ConnectionTrait, DatabaseTransaction, ExprTrait, Iterable, ModelTrait, Value,
    sea_query::{Expr, Query, SelectStatement},
};
use uuid::Uuid;

use super::{
    Access, Guarded, Scoped,
    access::Written,
    differing,
    event::{Events, Op},
    guard::type_of,
    idempotency,
    row::{column, decode, new_id, returning, set, stale, value_of},
    scoped::all_columns,
};
use crate::{
    actor::Permission,
    error::{Error, Result},
};

pub use many::Values;
/// A table and a row of it.
type Which = (std::any::TypeId, Uuid);
type Remembered = Arc<dyn Any + Send + Sync>;

pub struct Tx {
    access: Access,
    permission: Permission,
    db: DatabaseTransaction,
    /// Rows as `lock` read them: what updates are compared with.
    before: HashMap<Which, Remembered>,
    /// What was remembered in their place before the open savepoints: for `undo`.
    replaced: Vec<(Which, Option<Remembered>)>,
    savepoints: usize,
    events: Events,
    /// The row written last.
    last: Option<Written>,
    /// Somebody may do other things once this commits.
    rights: bool,
    /// Why it is done, in somebody's words.
    reason: Option<String>,
    /// Caches of rows were written: the row written last may be another by now.
    cached: bool,
    /// What is known of the organisation's own fields.
    own: own::Own,
}

impl Tx {
    pub(super) async fn begin(access: Access, permission: Permission) -> Result<Self> {
        let db = access.store().begin().await?;
        let mut tx = Self {
            access,
            permission,
            db,
            before: HashMap::new(),
            replaced: Vec::new(),
            savepoints: 0,
            events: Events::default(),
            rights: false,
            reason: None,
            cached: false,
            own: own::Own::default(),
            last: None,
        };
        if let Some(key) = tx.access.key().cloned() {
            idempotency::claim(&mut tx, &key).await?;
        }
        Ok(tx)
    }

    pub fn access(&self) -> &Access {
        &self.access
    }

    pub fn permission(&self) -> Permission {
        self.permission
    }

    /// Says why the work is done: for the histories that it writes.
    pub fn because(&mut self, reason: String) {
        self.reason = Some(reason);
    }

    /// Why the work is done, if somebody said so.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Cells read inside the work, guarded like any other read.
    pub async fn cells<E>(&self, scoped: Scoped<E>) -> Result<Vec<sea_orm::QueryResult>> {
        self.all(&scoped.into_query()).await
    }

    /// Rows read inside the work, guarded like any other read.
    pub async fn read<E: Guarded>(&self, scoped: Scoped<E>) -> Result<Vec<E::Model>> {
        self.models::<E>(&scoped.shape(all_columns::<E>).into_query()).await
    }

    /// Inserts a row: id, organisation, times, authors and version are set here, whatever the caller put there, but for
    /// the id where `Guarded::NAMED` says so.
    pub async fn insert<E: Guarded>(&mut self, row: E::ActiveModel) -> Result<E::Model> {
        let mut rows = self.insert_many::<E>(vec![row]).await?;
        rows.pop().ok_or_else(|| Error::internal("INSERT returned nothing"))
    }

    /// Inserts rows in one statement.
    pub async fn insert_many<E: Guarded>(&mut self, rows: Vec<E::ActiveModel>) -> Result<Vec<E::Model>> {
        let columns: Vec<E::Column> = E::Column::iter().collect();
        let mut insert = Query::insert();
        insert.into_table(E::NAME).columns(columns.iter().map(sea_orm::IdenStatic::as_str));
        for mut row in rows {
            self.stamp_new::<E>(&mut row)?;
            let values = columns.iter().map(|c| match row.get(*c) {
                ActiveValue::Set(v) | ActiveValue::Unchanged(v) => Expr::val(v),
                ActiveValue::NotSet => Expr::cust("NULL"),
            });
            insert.values(values).map_err(Error::internal)?;
        }
        insert.returning(returning::<E>());
        self.access.store().count();
        let models = decode::<E>(&self.db.query_all(&insert).await?)?;
        for model in &models {
            self.events.record::<E>(&self.access, self.permission, Op::Created, None, model)?;
        }
        let own = own::changed::<E>(models.iter().map(|model| (None, model)))?;
        self.own_changed(E::NAME, own).await?;
        self.last = models.last().map(Written::of::<E>).transpose()?;
        self.check_reach::<E>(None, &models).await?;
        Ok(models)
    }

    fn stamp_new<E: Guarded>(&self, row: &mut E::ActiveModel) -> Result<()> {
        let (actor, now) = (self.access.actor(), self.access.now());
        let user = actor.user.map(RowId::uuid);
        // an organisation is its own tenant
        let own = || if E::NAMED { value_of::<E>(row, "id").ok() } else { None };
        let id = if E::NAME == "organization" { actor.organization.uuid() } else { own().unwrap_or_else(new_id) };
        set::<E>(row, "id", Value::from(id))?;
        set::<E>(row, "organization_id", Value::from(actor.organization.uuid()))?;
        set::<E>(row, "created_at", Value::from(now))?;
        set::<E>(row, "updated_at", Value::from(now))?;
        set::<E>(row, "created_by", Value::from(user))?;
        set::<E>(row, "updated_by", Value::from(user))?;
        set::<E>(row, "version", Value::from(1))?;
        if let Some(text) = E::search_text(row) {
            set::<E>(row, "search_text", Value::from(text))?;
        }
        Ok(())
    }

    /// Writes what differs from the row that `lock` read. Nothing differs: nothing is written, no event, no version.
    pub async fn update<E: Guarded>(&mut self, row: E::ActiveModel) -> Result<E::Model> {
        self.write::<E>(row, Op::Updated).await
    }

    /// Soft delete.
    pub async fn delete<E: Guarded>(&mut self, row: E::Model) -> Result<E::Model> {
        self.mark_deleted::<E>(row, Some(self.access.now()), Op::Deleted).await
    }

    pub async fn restore<E: Guarded>(&mut self, row: E::Model) -> Result<E::Model> {
        self.mark_deleted::<E>(row, None, Op::Restored).await
    }

    async fn mark_deleted<E: Guarded>(
        &mut self,
        row: E::Model,
        at: Option<chrono::DateTime<chrono::Utc>>,
        op: Op,
    ) -> Result<E::Model> {
        let mut row = sea_orm::IntoActiveModel::into_active_model(row);
        set::<E>(&mut row, "deleted_at", Value::from(at))?;
        self.write::<E>(row, op).await
    }

    async fn write<E: Guarded>(&mut self, mut row: E::ActiveModel, op: Op) -> Result<E::Model> {
        changeable::<E>()?;
        if let Some(text) = E::search_text(&row) {
            set::<E>(&mut row, "search_text", Value::from(text))?;
        }
        let id: Uuid = value_of::<E>(&row, "id")?;
        let before = self.before::<E>(id)?;
        let changes = differing::<E>(&before, &row);
        if changes.is_empty() {
            return Ok(before);
        }
        let version = before.get(column::<E>("version")?).unwrap::<i32>();
        let quiet = changes.iter().all(|(c, _)| E::QUIET.contains(&sea_orm::IdenStatic::as_str(c)));
        let mut update = Query::update();
        update.table(E::NAME).values(changes.into_iter().map(|(c, v)| (sea_orm::IdenStatic::as_str(&c), Expr::val(v))));
        if !quiet {
            update
                .value("version", version + 1)
                .value("updated_at", self.access.now())
                .value("updated_by", self.access.actor().user.map(RowId::uuid));
        }
        update
            .and_where(Expr::col((E::NAME, "id")).eq(id))
            .and_where(Expr::col((E::NAME, "version")).eq(version))
            .and_where(Expr::col((E::NAME, "organization_id")).eq(self.access.actor().organization.uuid()))
            .returning(returning::<E>());
        self.access.store().count();
        let after = decode::<E>(&self.db.query_all(&update).await?)?.pop().ok_or_else(|| stale(version))?;
        if !quiet {
            self.rights |= E::RIGHTS;
            self.events.record::<E>(&self.access, self.permission, op, Some(&before), &after)?;
        }
        self.remember::<E>(id, after.clone());
        self.last = if matches!(op, Op::Deleted | Op::Merged) { None } else { Some(Written::of::<E>(&after)?) };
        if op == Op::Updated {
            self.check_reach::<E>(Some(&before), std::slice::from_ref(&after)).await?;
        }
        let own = own::changed::<E>(std::iter::once((Some(&before), &after)))?;
        self.own_changed(E::NAME, own).await?;
        Ok(after)
    }

    /// Names the last change of this work, e.g. `opportunity.won`, where "updated" says too little.
    pub fn emit(&mut self, kind: &'static str) {
        self.events.name_last(kind);
    }

    /// The same for the last of many that were written at once.
    pub fn emit_all(&mut self, count: usize, kind: &'static str) {
        self.events.name(count, kind);
    }

    /// An event without a change of the row, for what is kept elsewhere, e.g. `user.password_changed`.
    pub fn note<E: Guarded>(&mut self, row: &E::Model, kind: &'static str) -> Result<()> {
        self.events.record::<E>(&self.access, self.permission, Op::Updated, Some(row), row)?;
        self.events.name_last(kind);
        Ok(())
    }

    /// Somebody may do other things once this commits; changes to `Guarded::RIGHTS` tables say so by themselves.
    pub fn rights_changed(&mut self) {
        self.rights = true;
    }

    /// Events first, then COMMIT: whoever sees the change will see its event.
    pub async fn commit(mut self, answer: serde_json::Value) -> Result<()> {
        self.spread().await?;
        self.last = self.last.take().filter(|_| !self.cached);
        let changes = std::mem::take(&mut self.events);
        changes.write(&self).await?;
        if let Some(key) = self.access.key().cloned() {
            idempotency::finish(&self, &key, answer).await?;
        }
        let store = self.access.store().clone();
        let (rights, last) = (self.rights, self.last.take());
        self.db.commit().await?;
        if rights {
            store.0.rights.fetch_add(1, std::sync::atomic::Ordering::Release);
        }
        self.access.wrote(last);
        store.0.commits.send_modify(|n| *n += 1);
        Ok(())
    }

    pub(super) fn db(&self) -> &DatabaseTransaction {
        self.access.store().count();
        &self.db
    }

    async fn all(&self, query: &SelectStatement) -> Result<Vec<sea_orm::QueryResult>> {
        Ok(self.db().query_all(query).await?)
    }

    async fn models<E: Guarded>(&self, query: &SelectStatement) -> Result<Vec<E::Model>> {
        decode::<E>(&self.all(query).await?)
    }

    fn remember<E: Guarded>(&mut self, id: Uuid, row: E::Model) {
        let which = (type_of::<E>(), id);
        let replaced = self.before.insert(which, Arc::new(row));
        if self.savepoints > 0 {
            self.replaced.push((which, replaced));
        }
    }

    fn before<E: Guarded>(&self, id: Uuid) -> Result<E::Model> {
        self.before
            .get(&(type_of::<E>(), id))
            .and_then(|row| row.downcast_ref::<E::Model>())
            .cloned()
            .ok_or_else(|| Error::internal(format!("{} was written without being locked", E::NAME)))
    }
}

fn changeable<E: Guarded>() -> Result<()> {
    if E::LASTS { Err(Error::internal(format!("{} is only added to", E::NAME))) } else { Ok(()) }
}
