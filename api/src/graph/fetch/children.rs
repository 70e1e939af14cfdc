//! The children of many parents: for each parent one page.

use std::collections::HashMap;

use sea_orm::{
    Condition, DbBackend, ExprTrait, JoinType, Value,
    sea_query::{Alias, Expr, Func, NullOrdering, Order, Query, SelectStatement, WindowStatement},
};
use uuid::Uuid;

use super::{
    Fetched, Span, listed, relations,
    select::{decode, names, select, width},
    span, whole,
};
use crate::{
    error::Result,
    graph::plan::Many,
    store::{Access, within_ids},
};

/// For each parent one page of its children: one statement, and one more for their totals.
pub(super) async fn children(access: &Access, many: &Many, parents: &[Uuid]) -> Result<(HashMap<Uuid, Span>, Fetched)> {
    if parents.is_empty() {
        return Ok((HashMap::new(), Fetched::default()));
    }
    let page = &many.page;
    let scoped = listed(access, page)?.filter(among(many)).wrap(|inner| match access.store().backend() {
        DbBackend::Postgres => lateral(inner, many, parents, access),
        _ => numbered(inner, many, parents, access),
    });
    let raw = scoped.rows().await?;
    let parent_at = width(&page.plan);
    let mut found = decode(&page.plan, &raw)?;
    let mut groups: HashMap<Uuid, Vec<Vec<Value>>> = HashMap::new();
    for (row, cells) in raw.iter().zip(std::mem::take(&mut found.rows)) {
        groups.entry(row.try_get_by_index(parent_at)?).or_default().push(cells);
    }
    let totals = if page.total { totals(access, many, parents).await? } else { HashMap::new() };
    let mut spans = HashMap::new();
    for parent in parents {
        let mut group = groups.remove(parent).unwrap_or_default();
        let start = found.rows.len();
        let mut span = span(page, start..start + group.len());
        group.truncate(span.rows.len());
        if page.args.backwards {
            group.reverse();
        }
        span.total = totals.get(parent).copied().unwrap_or(0);
        found.rows.extend(group);
        spans.insert(*parent, span);
    }
    Ok((spans, relations(access, &page.plan, found).await?))
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
    for name in names(&page.plan) {
        outer.column(("child", Alias::new(name)));
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
