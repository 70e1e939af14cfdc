//! What a statement asks for, and how its rows are read: a plan's own cells, then those of the records that its rows lead
//! to. These are joined, each behind its own guard: whoever may not see such a record reads none.

use std::collections::HashMap;

use sea_orm::{
    Condition, ExprTrait, JoinType, QueryResult,
    sea_query::{Alias, CaseStatement, Expr, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use super::Fetched;
use crate::{
    error::Result,
    graph::{
        field::Kind,
        plan::{One, Plan},
        value, veil,
    },
    store::Access,
};

/// Databases stop looking for the best order of more joins than about this; then each relation is a statement.
const MOST_JOINS: usize = 6;

fn joins(plan: &Plan) -> usize {
    plan.ones.iter().map(|one| 1 + joins(&one.plan)).sum()
}

/// The records that a plan's rows lead to and that come along in the same statement.
fn joined(plan: &Plan) -> &[One] {
    if joins(plan) <= MOST_JOINS { &plan.ones } else { &[] }
}

fn alias(at: usize) -> String {
    format!("one{at}")
}

/// How many cells a row has, joined records included.
pub(super) fn width(plan: &Plan) -> usize {
    plan.columns.len() + plan.cans.len() + joined(plan).iter().map(|one| width(&one.plan)).sum::<usize>()
}

/// The names of all cells, in their order.
pub(super) fn names(plan: &Plan) -> Vec<String> {
    let columns = plan.columns.iter().map(|(column, _)| (*column).to_owned());
    let mut all: Vec<String> = columns.chain((0..plan.cans.len()).map(|at| format!("can{at}"))).collect();
    for (at, one) in joined(plan).iter().enumerate() {
        all.extend(names(&one.plan).into_iter().map(|name| format!("{}_{name}", alias(at))));
    }
    all
}

pub(super) fn select(query: &mut SelectStatement, plan: &Plan, access: &Access) {
    for (column, _) in &plan.columns {
        let through = plan.through.iter().find(|through| through.cell == *column);
        let reckoned = plan.reckoned.iter().find(|of| of.name == *column);
        match (through, reckoned) {
            (Some(through), _) => query.expr_as(through.expr(), *column),
            (_, Some(of)) => query.expr_as((of.sql)(access), *column),
            _ => query.expr_as(veil::cell(plan.meta, column, access.actor()), *column),
        };
    }
    for (at, permission) in plan.cans.iter().enumerate() {
        let within = match permission {
            Some(p) if access.actor().may(*p) => (plan.meta.within)(access.actor(), *p),
            _ => Condition::all().add(SimpleExpr::val(1).eq(0)),
        };
        let within = Condition::all().add(SimpleExpr::val(1).eq(1)).add(within);
        query.expr_as(CaseStatement::new().case(within, 1).finally(0), Alias::new(format!("can{at}")));
    }
    for (at, one) in joined(plan).iter().enumerate() {
        let alias = alias(at);
        let inner = (one.plan.meta.scoped)(access).shape(|q| select(q, &one.plan, access)).into_query();
        let key = plan.columns.get(one.key).map_or("id", |(column, _)| *column);
        let id = Expr::col((alias.clone(), "id"));
        let on = match plan.reckoned.iter().find(|of| of.name == key) {
            Some(of) => id.eq((of.sql)(access)),
            None => id.equals((plan.meta.table, key)),
        };
        query.join_subquery(JoinType::LeftJoin, inner, alias.clone(), on);
        for name in names(&one.plan) {
            query.expr_as(Expr::col((alias.clone(), name.clone())), format!("{alias}_{name}"));
        }
    }
}

/// Reads rows by position.
pub(super) fn decode(plan: &Plan, rows: &[QueryResult]) -> Result<Fetched> {
    let mut fetched = room(plan);
    for row in rows {
        take(plan, row, &mut 0, &mut fetched)?;
    }
    Ok(fetched)
}

/// A place for the rows of each joined record.
fn room(plan: &Plan) -> Fetched {
    let ones = joined(plan).iter().map(|one| (HashMap::new(), room(&one.plan))).collect();
    Fetched { ones, ..Fetched::default() }
}

/// Reads one row's cells from `at` on. A record that several rows lead to is kept once.
fn take(plan: &Plan, row: &QueryResult, at: &mut usize, into: &mut Fetched) -> Result<()> {
    let kinds = plan.columns.iter().map(|(_, kind)| *kind);
    let mut cells = Vec::with_capacity(plan.columns.len() + plan.cans.len());
    for kind in kinds.chain(plan.cans.iter().map(|_| Kind::Integer)) {
        cells.push(value::cell(row, *at, kind)?);
        *at += 1;
    }
    for (one, (places, found)) in joined(plan).iter().zip(&mut into.ones) {
        match row.try_get_by_index::<Option<Uuid>>(*at)? {
            Some(id) if !places.contains_key(&id) => {
                places.insert(id, found.rows.len());
                take(&one.plan, row, at, found)?;
            }
            _ => *at += width(&one.plan),
        }
    }
    into.rows.push(cells);
    Ok(())
}
