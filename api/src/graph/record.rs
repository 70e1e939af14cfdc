//! A record: a guarded table with its place in the schema. One declaration (`Record::meta`) gives its object type,
//! lookups, lists, filters, orders, groups, create, update, delete, restore and upsert.

mod save;

use std::{collections::HashMap, marker::PhantomData};

use chrono::{DateTime, Utc};
use entity::id::RowId;
use futures_util::future::BoxFuture;
use sea_orm::{Condition, sea_query::SelectStatement};
use uuid::Uuid;

pub(super) use save::update;
pub use save::{save, save_all};

use super::{
    field::{Field, Kind, Shape, base, can, one},
    patch::Patch,
    repoint::{self, Pointer, Trace, Traces},
    step::Step,
    upsert,
};
use crate::{
    actor::{Actor, Permission},
    error::{Error, FaultCode, Result},
    store::{Access, Former, Guarded, Op, Scoped, Tx, condition_of, expect_version, visible},
};

/// Verbs and steps of a record (all, when none is named), and user errors that their rules give.
pub type Refusals = &'static [(&'static [&'static str], &'static [FaultCode])];

/// What a domain says of its table. `check` and `after` see batches, so that a rule costs the same statements for
/// one row and for a thousand.
pub trait Record: Guarded {
    /// User errors that its rules give beside those which its declaration implies.
    const REFUSES: Refusals = &[];

    fn meta() -> &'static Meta;

    /// A new row before a client's values are laid over it: the values that columns start with.
    fn blank(_now: DateTime<Utc>) -> Self::ActiveModel {
        <Self::ActiveModel as sea_orm::ActiveModelTrait>::default()
    }

    /// The table's rules: may adjust the rows or refuse some. Called before they are written.
    fn check<'a>(_tx: &'a mut Tx, _changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    /// What else a write means: history rows, derived tables. Same commit.
    fn after<'a>(_tx: &'a mut Tx, _written: &'a [(Option<Self::Model>, Self::Model)]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    /// What its deletion or restoration means, or why it may not be. Called before it is marked; same commit.
    fn leave<'a>(_tx: &'a mut Tx, _row: &'a Self::Model, _op: Op) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    /// What a row takes over from another of the same key that is folded into it, when records are merged.
    fn absorb(_kept: &Self::Model, _gone: &Self::Model) -> Option<Self::ActiveModel> {
        None
    }

    /// Whether a row that comes when records are merged stays in the place of the one of the same key that is there,
    /// which is then folded into it.
    fn outranks(_comes: &Self::Model, _there: &Self::Model) -> bool {
        false
    }

    /// A better name for the event of a change than "updated", e.g. `opportunity.won`.
    fn event(_before: &Self::Model, _after: &Self::Model) -> Option<&'static str> {
        None
    }
}

/// One row about to be written.
pub struct Change<E: Guarded> {
    /// The row as it is; none for a new one.
    pub before: Option<E::Model>,
    pub row: E::ActiveModel,
    /// What is wrong with it: a change with faults is not written.
    pub faults: Vec<crate::error::Fault>,
}

/// The permissions for a record's verbs; a verb without one is not in the schema.
#[derive(Clone, Copy)]
pub struct Rules {
    pub read: Permission,
    pub create: Option<Permission>,
    pub update: Option<Permission>,
    pub delete: Option<Permission>,
    pub assign: Option<Permission>,
}

/// A record as the schema sees it, its Rust type forgotten.
pub struct Meta {
    /// Its type's name, e.g. `Lead`.
    pub name: &'static str,
    /// Its list's name, e.g. `leads`.
    pub plural: &'static str,
    pub about: &'static str,
    /// The table, and the prefix of ids.
    pub table: &'static str,
    pub fields: Vec<Field>,
    pub rules: Rules,
    pub measures: Vec<Measure>,
    /// Its named changes beside create and update.
    pub steps: Vec<Step>,
    pub scoped: fn(&Access) -> Scoped,
    /// The same with deleted rows: for the feed only.
    pub scoped_deleted: fn(&Access) -> Scoped,
    /// Which rows would be readable if they still belonged to whom they did: for the feed only.
    pub formerly: fn(&Access, &[Former]) -> Option<Scoped>,
    pub within: fn(&Actor, Permission) -> Condition,
    pub visible: fn(&Actor, Permission) -> SelectStatement,
    /// Whether a permission reaches every row.
    pub every: fn(&Actor, Permission) -> bool,
    pub verbs: &'static dyn Verbs,
    pub refuses: Refusals,
}

/// A count over the rows of an aggregate that meet a condition.
pub struct Measure {
    pub name: &'static str,
    pub about: &'static str,
    pub condition: fn() -> Condition,
    pub kind: MeasureKind,
}

pub enum MeasureKind {
    Count,
    /// As a share of the rows that meet this other condition.
    Share(fn() -> Condition),
    /// The sum of these columns of amount and currency.
    Sum(&'static str, &'static str),
}

impl Meta {
    pub fn new<E: Record>(
        name: &'static str,
        plural: &'static str,
        about: &'static str,
        rules: Rules,
        own: Vec<Field>,
    ) -> Self {
        let mut fields = vec![base("id", Kind::Id(E::NAME), "Its id, for `node` and for other operations.").filter()];
        fields.extend(own);
        fields.extend(base_fields());
        fields.push(can());
        Self {
            name,
            plural,
            about,
            table: E::NAME,
            fields,
            rules,
            measures: vec![],
            steps: vec![],
            scoped: |access| Scoped::<E>::read(access).erased(),
            scoped_deleted: |access| Scoped::<E>::with_deleted(access, E::READ).erased(),
            formerly: |access, former| Some(Scoped::<E>::formerly(access, E::READ, former)?.erased()),
            within: condition_of::<E>,
            visible: visible::<E>,
            every: E::every,
            verbs: &Table::<E>(PhantomData),
            refuses: E::REFUSES,
        }
    }

    #[must_use]
    pub fn measure(mut self, name: &'static str, condition: fn() -> Condition, about: &'static str) -> Self {
        self.measures.push(Measure { name, about, condition, kind: MeasureKind::Count });
        self
    }

    #[must_use]
    pub fn ratio(
        mut self,
        name: &'static str,
        condition: fn() -> Condition,
        of: fn() -> Condition,
        about: &'static str,
    ) -> Self {
        self.measures.push(Measure { name, about, condition, kind: MeasureKind::Share(of) });
        self
    }

    #[must_use]
    pub fn sum<C: sea_orm::ColumnTrait>(
        mut self,
        name: &'static str,
        (amount, currency): (C, C),
        condition: fn() -> Condition,
        about: &'static str,
    ) -> Self {
        let kind = MeasureKind::Sum(amount.as_str(), currency.as_str());
        self.measures.push(Measure { name, about, condition, kind });
        self
    }

    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name && f.via.is_none())
    }

    pub fn searchable(&self) -> bool {
        self.fields.iter().any(|f| f.search)
    }

    /// Its name in the names of root fields: `opportunityLine`.
    pub fn lower(&self) -> String {
        super::field::camel(self.table)
    }
}

fn base_fields() -> Vec<Field> {
    use crate::access::user;
    vec![
        base(
            "version",
            Kind::Integer,
            "Raised by one with every change; give it as `expectedVersion` to refuse stale writes.",
        ),
        base("created_at", Kind::Time, "When it was created.").filter().order().group(),
        base("updated_at", Kind::Time, "When it last changed.").filter().order(),
        one_base("created_by", "created_by", user::meta, "Who created it; null when Accord did."),
        one_base("updated_by", "updated_by", user::meta, "Who last changed it; null when Accord did."),
    ]
}

fn one_base(name: &'static str, key: &'static str, to: fn() -> &'static Meta, about: &'static str) -> Field {
    Field { shape: Shape::One(key, to), null: true, ..base(name, Kind::Json, about) }
}

/// The writing verbs of one record, its Rust type forgotten. Each opens one unit of work.
pub trait Verbs: Send + Sync {
    fn create<'a>(&'a self, access: &'a Access, patch: Patch) -> BoxFuture<'a, Result<Uuid>>;
    fn update<'a>(&'a self, access: &'a Access, target: Target, patch: Patch) -> BoxFuture<'a, Result<Uuid>>;
    fn delete<'a>(&'a self, access: &'a Access, target: Target) -> BoxFuture<'a, Result<Uuid>>;
    fn restore<'a>(&'a self, access: &'a Access, target: Target) -> BoxFuture<'a, Result<Uuid>>;
    fn upsert<'a>(&'a self, access: &'a Access, bulk: upsert::Bulk) -> BoxFuture<'a, Result<Vec<upsert::Outcome>>>;
    /// `upsert` as a step of somebody's work.
    fn write<'a>(&'a self, tx: &'a mut Tx, bulk: upsert::Bulk) -> BoxFuture<'a, Result<Vec<upsert::Outcome>>>;
    /// Rows that name one of these records come to name another; see `repoint`.
    fn repoint<'a>(
        &'a self,
        tx: &'a mut Tx,
        pointer: Pointer,
        from: &'a [Uuid],
        to: Uuid,
    ) -> BoxFuture<'a, Result<Traces>>;
    fn put_back<'a>(&'a self, tx: &'a mut Tx, traces: &'a [Trace]) -> BoxFuture<'a, Result<usize>>;
    /// The versions that rows of this work have by now.
    fn versions(&self, tx: &Tx, ids: &[Uuid]) -> Result<HashMap<Uuid, i32>>;
}

/// Which row a verb is about, and the version its caller read.
#[derive(Clone, Copy)]
pub struct Target {
    pub id: Uuid,
    pub version: Option<i32>,
}

struct Table<E>(PhantomData<fn() -> E>);

fn allowed(permission: Option<Permission>) -> Result<Permission> {
    permission.ok_or_else(|| Error::internal("a verb that the schema does not have was called"))
}

/// The answer that an idempotency key remembers.
pub fn remembered(id: Uuid) -> serde_json::Value {
    serde_json::json!({ "id": id })
}

/// The row, locked for a change; one that was merged into another is LOCKED, not unknown.
pub async fn lock<E: Record>(tx: &mut Tx, id: Uuid) -> Result<E::Model> {
    match tx.lock::<E>(E::Id::from_uuid(id)).await {
        Err(Error::Refused(faults)) => {
            still_itself::<E>(tx, id).await?;
            Err(Error::Refused(faults))
        }
        done => done,
    }
}

/// Refuses what would change a record that was merged into another.
async fn still_itself<E: Record>(tx: &Tx, id: Uuid) -> Result<()> {
    let Some(winner) = tx.merged_into(E::NAME, id).await? else { return Ok(()) };
    let seen = tx.cells(Scoped::<E>::read(tx.access()).ids(&[winner]).shape(|q| _ = q.column((E::NAME, "id")))).await?;
    if seen.is_empty() {
        return Err(Error::not_found("id"));
    }
    let message = format!("this was merged into {}: change that, or undo the merge", E::Id::from_uuid(winner));
    Err(Error::refused(crate::error::FaultCode::Locked, "id", message))
}

impl<E: Record> Verbs for Table<E> {
    fn create<'a>(&'a self, access: &'a Access, patch: Patch) -> BoxFuture<'a, Result<Uuid>> {
        Box::pin(async move {
            let mut tx = access.begin(allowed(E::meta().rules.create)?).await?;
            let row = save::<E>(&mut tx, None, patch).await?;
            let id = crate::store::id_of::<E>(&row)?;
            tx.commit(remembered(id)).await?;
            Ok(id)
        })
    }

    fn update<'a>(&'a self, access: &'a Access, target: Target, patch: Patch) -> BoxFuture<'a, Result<Uuid>> {
        Box::pin(async move {
            let mut tx = access.begin(allowed(E::meta().rules.update)?).await?;
            let before = lock::<E>(&mut tx, target.id).await?;
            expect_version::<E>(&before, target.version)?;
            save::<E>(&mut tx, Some(before), patch).await?;
            tx.commit(remembered(target.id)).await?;
            Ok(target.id)
        })
    }

    fn delete<'a>(&'a self, access: &'a Access, target: Target) -> BoxFuture<'a, Result<Uuid>> {
        Box::pin(async move {
            let mut tx = access.begin(allowed(E::meta().rules.delete)?).await?;
            let row = lock::<E>(&mut tx, target.id).await?;
            expect_version::<E>(&row, target.version)?;
            E::leave(&mut tx, &row, Op::Deleted).await?;
            tx.delete::<E>(row).await?;
            tx.commit(remembered(target.id)).await?;
            Ok(target.id)
        })
    }

    fn restore<'a>(&'a self, access: &'a Access, target: Target) -> BoxFuture<'a, Result<Uuid>> {
        Box::pin(async move {
            let mut tx = access.begin(allowed(E::meta().rules.delete)?).await?;
            still_itself::<E>(&tx, target.id).await?;
            let row = tx.lock_deleted::<E>(E::Id::from_uuid(target.id)).await?;
            expect_version::<E>(&row, target.version)?;
            E::leave(&mut tx, &row, Op::Restored).await?;
            tx.restore::<E>(row).await?;
            tx.commit(remembered(target.id)).await?;
            Ok(target.id)
        })
    }

    fn upsert<'a>(&'a self, access: &'a Access, bulk: upsert::Bulk) -> BoxFuture<'a, Result<Vec<upsert::Outcome>>> {
        Box::pin(upsert::run::<E>(access, bulk))
    }

    fn write<'a>(&'a self, tx: &'a mut Tx, bulk: upsert::Bulk) -> BoxFuture<'a, Result<Vec<upsert::Outcome>>> {
        Box::pin(upsert::write::<E>(tx, bulk))
    }

    fn repoint<'a>(
        &'a self,
        tx: &'a mut Tx,
        pointer: Pointer,
        from: &'a [Uuid],
        to: Uuid,
    ) -> BoxFuture<'a, Result<Traces>> {
        Box::pin(repoint::repoint::<E>(tx, pointer, from, to))
    }

    fn put_back<'a>(&'a self, tx: &'a mut Tx, traces: &'a [Trace]) -> BoxFuture<'a, Result<usize>> {
        Box::pin(repoint::put_back::<E>(tx, traces))
    }

    fn versions(&self, tx: &Tx, ids: &[Uuid]) -> Result<HashMap<Uuid, i32>> {
        tx.versions::<E>(ids)
    }
}

/// A writable field that leads to a record; see `one`.
pub fn link<C: sea_orm::ColumnTrait>(c: C, to: fn() -> &'static Meta, about: &'static str) -> Field {
    one(c, to, about).filter().group().write()
}
