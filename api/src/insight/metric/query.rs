//! The guarded query that a part of a metric begins with: its records, filtered, with the columns of their groups.

use entity::id::RowId;
use sea_orm::{
    Condition, ExprTrait, QueryResult,
    sea_query::{Alias, Expr, Query, SelectStatement},
};
use uuid::Uuid;

use super::{
    Part,
    ask::{Ask, Only},
    dimension::{Dimension, Holds, Spot, join, seen},
    grain::{Door, Grain},
    scope,
};
use crate::{
    error::{Error, Result},
    store::Scoped,
};

/// What the records of a group have in common in one dimension.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    Word(Option<String>),
    Id(Option<Uuid>),
}

pub type Key = Vec<Cell>;

/// Largest number of groups.
pub const MOST_GROUPS: usize = 1000;

/// The columns of the groups are named so.
pub fn named(at: usize) -> Alias {
    Alias::new(format!("k{at}"))
}

/// The records of a part, and which groups they are in.
pub fn rows(ask: &Ask, part: &Part, door: Door) -> Result<Scoped> {
    let grain = part.grain;
    let groups = ask.by.iter().map(|dimension| spot(*dimension, grain)).collect::<Result<Vec<_>>>()?;
    let reached = ask.by.iter().filter_map(|dimension| dimension.reached(ask.access.actor(), grain));
    let condition = reached.fold((part.which)(ask), Condition::add);
    let columns: Vec<_> = groups.iter().map(|spot| spot.at.clone()).collect();
    Ok(joined(ask, grain, condition, groups, door)?.shape(|q| {
        for (at, column) in columns.into_iter().enumerate() {
            q.expr_as(column, named(at));
        }
    }))
}

/// The records that meet a condition and the filter.
pub fn filtered(ask: &Ask, grain: Grain, which: Condition, door: Door) -> Result<Scoped> {
    joined(ask, grain, which, vec![], door)
}

fn joined(ask: &Ask, grain: Grain, which: Condition, more: Vec<Spot>, door: Door) -> Result<Scoped> {
    let (kept, mut spots) = kept(ask, grain)?;
    spots.extend(more);
    Ok(grain.rows(&ask.access, door, ask.at).filter(kept.add(which)).shape(|q| join(q, grain, &spots)))
}

fn spot(dimension: Dimension, grain: Grain) -> Result<Spot> {
    let unknown = || Error::BadInput(format!("{dimension} is not known of what this metric counts: {grain}"));
    dimension.spot(grain).ok_or_else(unknown)
}

/// What the filter keeps, and what has to be joined for it.
fn kept(ask: &Ask, grain: Grain) -> Result<(Condition, Vec<Spot>)> {
    let (mut all, mut spots) = (Condition::all(), Vec::new());
    for only in &ask.only {
        let Only { dimension, any } = only;
        if scope::names(*dimension, grain) {
            all = all.add(scope::naming(ask, only));
            continue;
        }
        let spot = spot(*dimension, grain)?;
        let (condition, spot) = dimension.among(spot, any, ask.access.actor(), grain);
        all = all.add(condition);
        spots.push(spot);
    }
    Ok((all, spots))
}

/// The records of a part as a condition on the list of them. What the filter asks of records that the caller may not see
/// holds of none.
pub fn contributors(ask: &Ask, grain: Grain, which: Condition) -> Result<Condition> {
    let (kept, spots) = kept(ask, grain)?;
    if ask.only.is_empty() {
        return Ok(which);
    }
    let actor = ask.access.actor();
    let mut ids: SelectStatement = Query::select();
    ids.column((grain.table(), "id"))
        .from(grain.table())
        .and_where(Expr::col((grain.table(), "organization_id")).eq(actor.organization.uuid()))
        .cond_where(which)
        .cond_where(kept)
        .cond_where(seen(&spots, actor));
    join(&mut ids, grain, &spots);
    Ok(Condition::all().add(Expr::col((grain.table(), "id")).in_subquery(ids)))
}

/// The group of a row.
pub fn key(by: &[Dimension], row: &QueryResult) -> Result<Key> {
    let cell = |(at, dimension): (usize, &Dimension)| {
        Ok(match dimension.holds() {
            Holds::Word => Cell::Word(row.try_get_by_index(at)?),
            Holds::Id(_) => Cell::Id(row.try_get_by_index(at)?),
        })
    };
    by.iter().enumerate().map(cell).collect()
}
