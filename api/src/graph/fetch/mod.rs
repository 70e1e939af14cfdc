//! Fetches a plan level by level: one guarded statement per to-many relation, however many rows there are. Records that
//! rows lead to come along in the rows' own statement.

mod children;
mod select;

use std::{collections::HashMap, ops::Range};

use futures_util::future::BoxFuture;
use sea_orm::{Condition, Value, sea_query::Order};
use uuid::Uuid;

use self::{
    children::children,
    select::{decode, select},
};
use super::{
    connection::Page,
    filter::{Compiler, search},
    plan::Plan,
    through, veil,
};
use crate::{
    error::Result,
    store::{Access, Scoped, within_ids},
};

/// The rows of a plan, and for each relation the rows it leads to.
#[derive(Default)]
pub struct Fetched {
    pub rows: Vec<Vec<Value>>,
    /// For each record that rows lead to: where its row is.
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
        return relations(access, plan, Fetched { rows: vec![row], ..Fetched::default() }).await;
    }
    let meta = plan.meta;
    let scoped = (meta.scoped)(access)
        .filter(within_ids((meta.table, "id"), ids, access.store().backend()))
        .shape(|q| select(q, plan, access));
    let found = decode(plan, &scoped.rows().await?)?;
    relations(access, plan, found).await
}

/// The row that this request has just written, if the caller may read every row of its table.
fn just_written(access: &Access, plan: &Plan, ids: &[Uuid]) -> Option<Vec<Value>> {
    let meta = plan.meta;
    let columns: Vec<&str> = plan.columns.iter().map(|(column, _)| *column).collect();
    let all = (meta.within)(access.actor(), meta.rules.read).is_empty()
        && plan.cans.is_empty()
        && columns.iter().all(|column| veil::shown(meta, column, access.actor()).is_none());
    if let ([id], true) = (ids, all) { access.written(meta.table, *id, &columns) } else { None }
}

/// Records that meet a condition, at most one page.
pub async fn matching(access: &Access, plan: &Plan, condition: Condition, limit: u64) -> Result<Fetched> {
    let scoped = (plan.meta.scoped)(access).filter(condition).shape(|q| {
        select(q, plan, access);
        q.order_by((plan.meta.table, "id"), Order::Asc).limit(limit);
    });
    let found = decode(plan, &scoped.rows().await?)?;
    relations(access, plan, found).await
}

/// One page of a list.
pub async fn page(access: &Access, page: &Page) -> Result<(Fetched, Span)> {
    let (args, table) = (&page.args, page.plan.meta.table);
    let (from, until) = if args.backwards { (&args.before, &args.after) } else { (&args.after, &args.before) };
    let stretches = match from {
        Some(cursor) => page.ordering.stretches(table, cursor, args.backwards)?,
        None => vec![Condition::all()],
    };
    let mut rows = Vec::new();
    for stretch in stretches {
        let left = (args.size + 1).saturating_sub(rows.len() as u64);
        if left == 0 {
            break;
        }
        let mut list = ordered(access, page)?.filter(stretch);
        if let Some(cursor) = until {
            list = list.filter(page.ordering.beyond(table, cursor, !args.backwards)?);
        }
        let list = list.shape(|q| {
            select(q, &page.plan, access);
            page.ordering.apply(q, table, args.backwards);
            q.limit(left);
        });
        rows.extend(list.rows().await?);
    }
    let mut found = decode(&page.plan, &rows)?;
    let mut span = span(page, 0..found.rows.len());
    found.rows.truncate(span.rows.end);
    if page.args.backwards {
        found.rows.reverse();
    }
    if page.total {
        span.total = whole(access, page)?.count().await?;
    }
    Ok((relations(access, &page.plan, found).await?, span))
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
    if let Some(only) = &page.args.only {
        scoped = scoped.filter(only.clone());
    }
    if let Some(filter) = &page.args.filter {
        scoped = scoped.filter(Compiler::new(access).condition(meta, filter)?);
    }
    if let Some(words) = &page.args.search {
        scoped = scoped.filter(Condition::all().add(search(meta, words, access.store().backend())?));
    }
    Ok(scoped)
}

/// The same, with what they are ordered by.
fn ordered(access: &Access, page: &Page) -> Result<Scoped> {
    let table = page.plan.meta.table;
    Ok(whole(access, page)?.shape(|q| through::join(q, &page.ordering.keys, table, access)))
}

/// The rows of the list beyond the cursors.
fn listed(access: &Access, page: &Page) -> Result<Scoped> {
    let table = page.plan.meta.table;
    let mut scoped = ordered(access, page)?;
    if let Some(cursor) = &page.args.after {
        scoped = scoped.filter(page.ordering.beyond(table, cursor, false)?);
    }
    if let Some(cursor) = &page.args.before {
        scoped = scoped.filter(page.ordering.beyond(table, cursor, true)?);
    }
    Ok(scoped)
}

/// What the rows lead to and is not there yet.
pub fn relations<'a>(access: &'a Access, plan: &'a Plan, mut fetched: Fetched) -> BoxFuture<'a, Result<Fetched>> {
    Box::pin(async move {
        let joined = std::mem::take(&mut fetched.ones);
        if joined.is_empty() {
            for one in &plan.ones {
                let mut ids: Vec<Uuid> = fetched.rows.iter().filter_map(|row| uuid_at(row, one.key)).collect();
                ids.sort_unstable();
                ids.dedup();
                let found = by_ids(access, &one.plan, &ids).await?;
                let places = (0..found.rows.len()).filter_map(|row| Some((found.id(row)?, row))).collect();
                fetched.ones.push((places, found));
            }
        }
        for (one, (places, found)) in plan.ones.iter().zip(joined) {
            fetched.ones.push((places, relations(access, &one.plan, found).await?));
        }
        for many in &plan.manies {
            let ids: Vec<Uuid> = (0..fetched.rows.len()).filter_map(|row| fetched.id(row)).collect();
            fetched.manies.push(children(access, many, &ids).await?);
        }
        Ok(fetched)
    })
}
