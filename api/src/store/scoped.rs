//! `Scoped`: the only way to make a query over a guarded table. Tenancy, visibility and "not deleted" are in it
//! from the start and cannot be taken out.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use entity::id::RowId;
use sea_orm::{
    Condition, DbBackend, ExprTrait, FromQueryResult, Iden, IdenStatic, Iterable, QueryResult,
    sea_query::{
        Alias, Expr, Func, FunctionCall, IntoCondition, JoinType, Query, SelectStatement, SimpleExpr, UnionType,
        extension::postgres::PgFunc,
    },
};
use uuid::Uuid;

use super::{Access, Guarded, condition_of, guard::nothing};
use crate::{actor::Permission, error::Result};

/// A guarded SELECT over the table of `E`; `Scoped<()>` has forgotten which, for code that serves every table.
pub struct Scoped<E = ()> {
    access: Access,
    query: SelectStatement,
    table: PhantomData<E>,
}

/// A row, and who owned it once.
pub struct Former {
    pub id: Uuid,
    pub owner: Option<Uuid>,
}

const OWNER: &str = "owner_id";

impl<E: Guarded> Scoped<E> {
    /// The rows that the actor may read.
    pub fn read(access: &Access) -> Self {
        Self::new(access, E::READ)
    }

    /// The rows that `permission` reaches.
    pub fn new(access: &Access, permission: Permission) -> Self {
        let mut scoped = Self::with_deleted(access, permission);
        scoped.query.and_where(Expr::col((E::NAME, "deleted_at")).is_null());
        scoped
    }

    /// Every row of the organisation, for figures that are the same for whoever may read figures. Nothing read this way
    /// names a record to the caller. `tests/house.rs` lists the callers.
    pub fn shared(access: &Access) -> Self {
        let everybody = if access.actor().may(Permission::MetricRead) { Condition::all() } else { nothing() };
        let query = Query::select()
            .from(E::NAME)
            .and_where(Expr::col((E::NAME, "organization_id")).eq(access.actor().organization.uuid()))
            .and_where(Expr::col((E::NAME, "deleted_at")).is_null())
            .cond_where(everybody)
            .take();
        Self { access: access.clone(), query, table: PhantomData }
    }

    /// The same rows, and those that were deleted at an instant or later; none: now.
    pub fn shared_at(access: &Access, at: Option<DateTime<Utc>>) -> Self {
        let everybody = if access.actor().may(Permission::MetricRead) { Condition::all() } else { nothing() };
        at.map_or_else(|| Self::shared(access), |at| Self::there(access, at).filter(everybody))
    }

    /// The rows that the actor may read, and those that were deleted at an instant or later and are seen all the same; none:
    /// now.
    pub fn read_at(access: &Access, at: Option<DateTime<Utc>>) -> Self {
        let seen = condition_of::<E>(access.actor(), E::READ);
        at.map_or_else(|| Self::read(access), |at| Self::there(access, at).filter(seen))
    }

    /// What is there and what has gone since are read apart: each has its index.
    fn there(access: &Access, at: DateTime<Utc>) -> Self {
        let ours = || Expr::col((E::NAME, "organization_id")).eq(access.actor().organization.uuid());
        let rows = || {
            let columns = E::Column::iter().map(|column| (E::NAME, Alias::new(column.to_string())));
            Query::select().columns(columns).from(E::NAME).and_where(ours()).take()
        };
        let deleted = || Expr::col((E::NAME, "deleted_at"));
        let gone = rows().and_where(deleted().gte(at)).take();
        let all = rows().and_where(deleted().is_null()).union(UnionType::All, gone).take();
        let query = Query::select().from_subquery(all, E::NAME).and_where(ours()).take();
        Self { access: access.clone(), query, table: PhantomData }
    }

    /// Of these only the rows that the caller may read too: a right to change shows nothing.
    #[must_use]
    pub fn seen(mut self) -> Self {
        let actor = self.access.actor();
        if !E::every(actor, E::READ) {
            self.query.cond_where(condition_of::<E>(actor, E::READ));
        }
        self
    }

    /// Deleted rows too: for restore and the feed only.
    pub fn with_deleted(access: &Access, permission: Permission) -> Self {
        let query = Query::select()
            .from(E::NAME)
            .and_where(Expr::col((E::NAME, "organization_id")).eq(access.actor().organization.uuid()))
            .cond_where(condition_of::<E>(access.actor(), permission))
            .take();
        Self { access: access.clone(), query, table: PhantomData }
    }

    /// Which of `former` the permission would reach if the row still belonged to whom it did: for the feed only. Each
    /// answers its place in the list. None for tables whose rows have no owner.
    pub fn formerly(access: &Access, permission: Permission, former: &[Former]) -> Option<Self> {
        let columns: Vec<E::Column> = E::Column::iter().collect();
        if !columns.iter().any(|c| c.as_str() == OWNER) {
            return None;
        }
        let backend = access.store().backend();
        let mut rows = Query::select();
        rows.from_function(listed(former, backend), "was")
            .join_as(JoinType::InnerJoin, E::NAME, "row_", Expr::col(("row_", "id")).eq(part(1, backend)))
            .expr_as(part(0, backend), "place_");
        for column in columns.iter().map(IdenStatic::as_str) {
            let value = if column == OWNER { part(2, backend) } else { Expr::col(("row_", column)) };
            rows.expr_as(value, column);
        }
        let query = Query::select()
            .column((E::NAME, "place_"))
            .from_subquery(rows, E::NAME)
            .and_where(Expr::col((E::NAME, "organization_id")).eq(access.actor().organization.uuid()))
            .cond_where(condition_of::<E>(access.actor(), permission))
            .take();
        Some(Self { access: access.clone(), query, table: PhantomData })
    }

    #[must_use]
    pub fn ids(self, ids: &[Uuid]) -> Self {
        let backend = self.access.store().backend();
        self.filter(within_ids((E::NAME, "id"), ids, backend))
    }

    pub fn erased(self) -> Scoped {
        Scoped { access: self.access, query: self.query, table: PhantomData }
    }

    /// Whole rows: for rules and small lists; hot lists choose their columns.
    pub async fn models(self) -> Result<Vec<E::Model>> {
        let rows = self.shape(all_columns::<E>).rows().await?;
        Ok(rows.iter().map(|row| E::Model::from_query_result(row, "")).collect::<Result<_, _>>()?)
    }

    pub async fn one(self) -> Result<Option<E::Model>> {
        Ok(self.shape(|q| _ = q.limit(1)).models().await?.into_iter().next())
    }
}

impl<E> Scoped<E> {
    #[must_use]
    pub fn filter(mut self, condition: impl IntoCondition) -> Self {
        self.query.cond_where(condition);
        self
    }

    /// Anything else a SELECT may need; the guard is in the WHERE already, and WHERE only grows.
    #[must_use]
    pub fn shape(mut self, shape: impl FnOnce(&mut SelectStatement)) -> Self {
        shape(&mut self.query);
        self
    }

    /// The query as a part of a larger one: for limits per parent.
    #[must_use]
    pub fn wrap(mut self, outer: impl FnOnce(SelectStatement) -> SelectStatement) -> Self {
        self.query = outer(self.query);
        self
    }

    pub fn access(&self) -> &Access {
        &self.access
    }

    pub fn into_query(self) -> SelectStatement {
        self.query
    }

    pub async fn rows(self) -> Result<Vec<QueryResult>> {
        self.access.fetch(&self.query).await
    }

    pub async fn count(self) -> Result<i64> {
        let rows = self.shape(|q| _ = q.expr_as(Expr::cust("COUNT(*)"), Alias::new("n"))).rows().await?;
        Ok(rows.first().map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0))
    }
}

/// Former rows as one parameter: an array of [place, id, owner].
fn listed(former: &[Former], backend: DbBackend) -> FunctionCall {
    let hex = |id: Uuid| id.simple().to_string();
    let rows = former.iter().enumerate().map(|(place, f)| serde_json::json!([place, hex(f.id), f.owner.map(hex)]));
    let rows = serde_json::Value::Array(rows.collect());
    match backend {
        DbBackend::Postgres => Func::cust("jsonb_array_elements").arg(rows),
        _ => Func::cust("json_each").arg(rows.to_string()),
    }
}

/// A part of one former row.
fn part(at: usize, backend: DbBackend) -> SimpleExpr {
    let value = format!("\"was\".\"value\" ->> {at}");
    Expr::cust(match (backend, at) {
        (DbBackend::Postgres, 0) => format!("({value})::int"),
        (DbBackend::Postgres, _) => format!("({value})::uuid"),
        (_, 0) => value,
        _ => format!("unhex({value})"),
    })
}

pub(super) fn all_columns<E: Guarded>(query: &mut SelectStatement) {
    query.columns(E::Column::iter().map(|column| (E::NAME, Alias::new(column.to_string()))));
}

/// `column` is one of `ids`, with the whole list as one parameter: the statement's text does not depend on it. One id
/// alone is a text of its own, which PostgreSQL plans once instead of each time.
pub fn within_ids(column: (&'static str, &'static str), ids: &[Uuid], backend: DbBackend) -> Condition {
    let column = Expr::col(column);
    match ids {
        [] => return nothing(),
        [id] => return Condition::all().add(column.eq(*id)),
        _ => {}
    }
    if backend == DbBackend::Postgres {
        return Condition::all().add(column.eq(PgFunc::any(ids.to_vec())));
    }
    let list: Vec<String> = ids.iter().map(|id| id.simple().to_string()).collect();
    let each = Func::cust("json_each").arg(serde_json::json!(list).to_string());
    let ids = Query::select().expr(Expr::cust("unhex(value)")).from_function(each, "ids").take();
    Condition::all().add(column.in_subquery(ids))
}
