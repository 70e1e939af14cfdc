//! Fetches a plan level by level: one guarded statement per relation, however many rows there are.

use std::{collections::HashMap, ops::Range};

use futures_util::future::BoxFuture;
use sea_orm::{
    Condition, DbBackend, ExprTrait, JoinType, QueryResult, Value,
    sea_query::{
        Alias, CaseStatement, Expr, Func, NullOrdering, Order, Query, SelectStatement, SimpleExpr, WindowStatement,
    },
};
use uuid::Uuid;

use super::{
    connection::Page,
    field::Kind,
    filter::{Compiler, search},
    plan::{Many, Plan},
    through, value,
};
use crate::{
    error::Result,
    store::{Access, Scoped, within_ids},
};

/// The rows of a plan, and for each relation the rows it leads to.
#[derive(Default)]
pub struct Fetched {
    pub rows: Vec<Vec<Value>>,
    pub ones: Vec<(HashMap<Uuid, usize>, Fetched)>,
    pub manies: Vec<(HashMap<Uuid, Span>, Fetched)>,
}

/// Which of the rows make up one page.
#[derive(Default, Clone)]
pub struct Span {
    pub rows: Range<usize>,
    pub has_next: bool,
    pub has_previous: bool,
    pub total: i64,
}

impl Fetched {
    pub fn id(&self, row: usize) -> Option<Uuid> {
        uuid_at(&self.rows[row], 0)
    }
}

fn uuid_at(row: &[Value], at: usize) -> Option<Uuid> {
    if let Some(Value::Uuid(id)) = row.get(at) { *id } else { None }
}

/// Records by their ids; those the caller may not see are missing.
pub async fn by_ids(access: &Access, plan: &Plan, ids: &[Uuid]) -> Result<Fetched> {
    if ids.is_empty() {
        return Ok(Fetched::default());
    }
    if let Some(row) = just_written(access, plan, ids) {
        return relations(access, plan, vec![row]).await;
    }
    let meta = plan.meta;
    let scoped = (meta.scoped)(access)
        .filter(within_ids((meta.table, "id"), ids, access.store().backend()))
        .shape(|q| select(q, plan, access));
    let rows = decode(plan, &scoped.rows().await?)?;
    relations(access, plan, rows).await
}

/// The row that this request has just written, if the caller may read every row of its table.
fn just_written(access: &Access, plan: &Plan, ids: &[Uuid]) -> Option<Vec<Value>> {
    let meta = plan.meta;
    let all = (meta.within)(access.actor(), meta.rules.read).is_empty() && plan.cans.is_empty();
    let columns: Vec<&str> = plan.columns.iter().map(|(column, _)| *column).collect();
    if let ([id], true) = (ids, all) { access.written(meta.table, *id, &columns) } else { None }
}

/// Records that meet a condition, at most one page.
pub async fn matching(access: &Access, plan: &Plan, condition: Condition, limit: u64) -> Result<Fetched> {
    let scoped = (plan.meta.scoped)(access).filter(condition).shape(|q| {
        select(q, plan, access);
        q.order_by((plan.meta.table, "id"), Order::Asc).limit(limit);
    });
    let rows = decode(plan, &scoped.rows().await?)?;
    relations(access, plan, rows).await
}

/// One page of a list.
pub async fn page(access: &Access, page: &Page) -> Result<(Fetched, Span)> {
    let list = listed(access, page)?.shape(|q| {
        select(q, &page.plan, access);
        page.ordering.apply(q, page.plan.meta.table, page.args.backwards);
        q.limit(page.args.size + 1);
    });
    let mut rows = decode(&page.plan, &list.rows().await?)?;
    let mut span = span(page, 0..rows.len());
    rows.truncate(span.rows.end);
    if page.args.backwards {
        rows.reverse();
    }
    if page.total {
        span.total = whole(access, page)?.count().await?;
    }
    Ok((relations(access, &page.plan, rows).await?, span))
}

/// A row more than the page was asked for: it says that there are more.
fn span(page: &Page, rows: Range<usize>) -> Span {
    let size = usize::try_from(page.args.size).unwrap_or(usize::MAX);
    let more = rows.len() > size;
    let (after, before) = (page.args.after.is_some(), page.args.before.is_some());
    let (has_next, has_previous) = if page.args.backwards { (before, more || after) } else { (more || before, after) };
    Span { rows: rows.start..rows.end.min(rows.start + size), has_next, has_previous, total: 0 }
}

/// All rows of the list, whatever the page.
fn whole(access: &Access, page: &Page) -> Result<Scoped> {
    let meta = page.plan.meta;
    let mut scoped = (meta.scoped)(access);
    if let Some(filter) = &page.args.filter {
        scoped = scoped.filter(Compiler::new(access).condition(meta, filter)?);
    }
    if let Some(words) = &page.args.search {
        scoped = scoped.filter(Condition::all().add(search(meta, words, access.store().backend())?));
    }
    Ok(scoped)
}

/// The rows of the list beyond the cursors.
fn listed(access: &Access, page: &Page) -> Result<Scoped> {
    let table = page.plan.meta.table;
    let mut scoped = whole(access, page)?.shape(|q| through::join(q, &page.ordering.keys, table, access));
    if let Some(cursor) = &page.args.after {
        scoped = scoped.filter(page.ordering.beyond(table, cursor, false)?);
    }
    if let Some(cursor) = &page.args.before {
        scoped = scoped.filter(page.ordering.beyond(table, cursor, true)?);
    }
    Ok(scoped)
}

fn select(query: &mut SelectStatement, plan: &Plan, access: &Access) {
    for (column, _) in &plan.columns {
        match plan.through.iter().find(|through| through.cell == *column) {
            Some(through) => query.expr_as(through.expr(), *column),
            None => query.column((plan.meta.table, *column)),
        };
    }
    for (i, permission) in plan.cans.iter().enumerate() {
        let within = match permission {
            Some(p) if access.actor().may(*p) => (plan.meta.within)(access.actor(), *p),
            _ => Condition::all().add(SimpleExpr::val(1).eq(0)),
        };
        let within = Condition::all().add(SimpleExpr::val(1).eq(1)).add(within);
        query.expr_as(CaseStatement::new().case(within, 1).finally(0), Alias::new(format!("can{i}")));
    }
}

fn decode(plan: &Plan, rows: &[QueryResult]) -> Result<Vec<Vec<Value>>> {
    let one = |row: &QueryResult| {
        let mut cells = Vec::with_capacity(plan.columns.len() + plan.cans.len());
        for (at, (_, kind)) in plan.columns.iter().enumerate() {
            cells.push(value::cell(row, at, *kind)?);
        }
        for i in 0..plan.cans.len() {
            cells.push(value::cell(row, plan.columns.len() + i, Kind::Integer)?);
        }
        Ok(cells)
    };
    rows.iter().map(one).collect()
}

pub fn relations<'a>(access: &'a Access, plan: &'a Plan, rows: Vec<Vec<Value>>) -> BoxFuture<'a, Result<Fetched>> {
    Box::pin(async move {
        let mut fetched = Fetched { rows, ..Fetched::default() };
        for one in &plan.ones {
            let mut ids: Vec<Uuid> = fetched.rows.iter().filter_map(|row| uuid_at(row, one.key)).collect();
            ids.sort_unstable();
            ids.dedup();
            let found = by_ids(access, &one.plan, &ids).await?;
            let places = (0..found.rows.len()).filter_map(|row| Some((found.id(row)?, row))).collect();
            fetched.ones.push((places, found));
        }
        for many in &plan.manies {
            let ids: Vec<Uuid> = (0..fetched.rows.len()).filter_map(|row| fetched.id(row)).collect();
            fetched.manies.push(children(access, many, &ids).await?);
        }
        Ok(fetched)
    })
}

/// For each parent one page of its children: one statement, and one more for their totals.
async fn children(access: &Access, many: &Many, parents: &[Uuid]) -> Result<(HashMap<Uuid, Span>, Fetched)> {
    if parents.is_empty() {
        return Ok((HashMap::new(), Fetched::default()));
    }
    let page = &many.page;
    let scoped = listed(access, page)?.filter(among(many)).wrap(|inner| match access.store().backend() {
        DbBackend::Postgres => lateral(inner, many, parents, access),
        _ => numbered(inner, many, parents, access),
    });
    let raw = scoped.rows().await?;
    let parent_at = page.plan.columns.len() + page.plan.cans.len();
    let decoded = decode(&page.plan, &raw)?;
    let mut groups: HashMap<Uuid, Vec<Vec<Value>>> = HashMap::new();
    for (row, cells) in raw.iter().zip(decoded) {
        groups.entry(row.try_get_by_index(parent_at)?).or_default().push(cells);
    }
    let totals = if page.total { totals(access, many, parents).await? } else { HashMap::new() };
    let (mut rows, mut spans) = (Vec::new(), HashMap::new());
    for parent in parents {
        let mut group = groups.remove(parent).unwrap_or_default();
        let start = rows.len();
        let mut span = span(page, start..start + group.len());
        group.truncate(span.rows.len());
        if page.args.backwards {
            group.reverse();
        }
        span.total = totals.get(parent).copied().unwrap_or(0);
        rows.extend(group);
        spans.insert(*parent, span);
    }
    Ok((spans, relations(access, &page.plan, rows).await?))
}

/// Which of the children are meant.
fn among(many: &Many) -> Condition {
    let only = many.only.map(|(column, word)| Expr::col((many.page.plan.meta.table, column)).eq(word));
    only.into_iter().fold(Condition::all(), Condition::add)
}

/// PostgreSQL: for each parent its first rows by the index.
fn lateral(mut inner: SelectStatement, many: &Many, parents: &[Uuid], access: &Access) -> SelectStatement {
    let (page, table) = (&many.page, many.page.plan.meta.table);
    select(&mut inner, &page.plan, access);
    page.ordering.apply(&mut inner, table, page.args.backwards);
    inner.and_where(Expr::col((table, many.key)).eq(Expr::col(("parent", "parent")))).limit(page.args.size + 1);
    let ids = Func::cust("unnest").arg(Expr::val(parents.to_vec()));
    Query::select()
        .column(("child", sea_orm::sea_query::Asterisk))
        .column(("parent", "parent"))
        .from_function(ids, "parent")
        .join_lateral(JoinType::InnerJoin, inner, "child", Expr::cust("TRUE"))
        .take()
}

/// SQLite has no LATERAL: number the children of each parent and keep the first.
fn numbered(mut inner: SelectStatement, many: &Many, parents: &[Uuid], access: &Access) -> SelectStatement {
    let (page, table) = (&many.page, many.page.plan.meta.table);
    inner.cond_where(within_ids((table, many.key), parents, DbBackend::Sqlite));
    select(&mut inner, &page.plan, access);
    inner.expr_as(Expr::col((table, many.key)), "parent_");
    let mut window = WindowStatement::partition_by((table, many.key));
    for key in &page.ordering.keys {
        let order = if key.desc == page.args.backwards { Order::Asc } else { Order::Desc };
        let nulls = if key.nulls_first == page.args.backwards { NullOrdering::Last } else { NullOrdering::First };
        window.order_by_expr_with_nulls(key.expr(table), order, nulls);
    }
    inner.expr_window_as(Expr::cust("ROW_NUMBER()"), window, "number_");
    let mut outer = Query::select();
    for (column, _) in &page.plan.columns {
        outer.column(("child", *column));
    }
    for i in 0..page.plan.cans.len() {
        outer.column(("child", Alias::new(format!("can{i}"))));
    }
    let limit = page.args.size + 1;
    outer
        .column(("child", "parent_"))
        .from_subquery(inner, "child")
        .and_where(Expr::col(("child", "number_")).lte(limit))
        .order_by(("child", "number_"), Order::Asc)
        .take()
}

async fn totals(access: &Access, many: &Many, parents: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    let table = many.page.plan.meta.table;
    let counted = whole(access, &many.page)?
        .filter(among(many))
        .filter(within_ids((table, many.key), parents, access.store().backend()))
        .shape(|q| {
            q.column((table, many.key)).expr_as(Expr::cust("COUNT(*)"), "n").group_by_col((table, many.key));
        });
    let mut totals = HashMap::new();
    for row in counted.rows().await? {
        totals.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    }
    Ok(totals)
}
