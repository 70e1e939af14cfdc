//! The statements of an aggregate: one for the groups, one for each amount of money.

use std::collections::HashMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use sea_orm::{
    Condition, ExprTrait, JoinType, QueryResult, Value,
    sea_query::{Expr, Func, NullOrdering, Order, SelectStatement, SimpleExpr},
};

use super::{
    Asked, Group,
    figures::Wanted,
    period::{begins, period},
};
use crate::{
    access::user,
    actor::Actor,
    error::{Error, Result},
    graph::{
        fetch::{self, Fetched},
        field::{Kind, Shape},
        filter::{Compiler, search},
        plan::Plan,
        record::Meta,
        value,
    },
    store::{Access, Reckoning, Scoped},
};

/// One currency's figures of one group, in minor units.
pub(super) struct Sums {
    pub(super) currency: String,
    pub(super) count: i64,
    pub(super) sum: i64,
    pub(super) min: i64,
    pub(super) max: i64,
}

pub(super) type Key = Vec<Value>;

pub(super) struct Done {
    pub(super) groups: Fetched,
    pub(super) rows: Vec<(Key, i64, Vec<i64>)>,
    pub(super) moneys: Vec<HashMap<String, Vec<Sums>>>,
}

pub(super) async fn compute(access: &Access, asked: &Asked, keys: &Plan, wanted: &Wanted) -> Result<Done> {
    let days = |kind| matches!(kind, Kind::Time | Kind::Date);
    let by_time = asked.groups.iter().any(|g| matches!(g.field.shape, Shape::Column(_, kind) if days(kind)));
    let here = if by_time { access.reckoning().await? } else { Reckoning::CALENDAR };
    let exprs: Vec<(SimpleExpr, Kind)> = asked.groups.iter().map(|g| grouped(asked.meta, g, access, here)).collect();
    let base = || scoped(access, asked, &exprs);
    let query = base()?.shape(|q| {
        q.expr(Expr::cust("COUNT(*)"));
        q.exprs(wanted.numbers.iter().cloned());
        for (expr, _) in &exprs {
            q.order_by_expr_with_nulls(expr.clone(), Order::Asc, NullOrdering::Last);
        }
        q.limit(asked.first);
    });
    let kinds = Kinds { of: exprs.iter().map(|(_, kind)| *kind).collect(), zone: here.zone };
    let mut rows = Vec::new();
    for row in query.rows().await? {
        let key = kinds.key(&row)?;
        let at_count = kinds.of.len();
        let number = |at: usize| {
            Ok::<_, Error>(
                row.try_get_by_index::<Option<i64>>(at)
                    .or_else(|_| row.try_get_by_index::<Option<i32>>(at).map(|n| n.map(i64::from)))?
                    .unwrap_or(0),
            )
        };
        let numbers = (0..wanted.numbers.len()).map(|i| number(at_count + 1 + i)).collect::<Result<_>>()?;
        rows.push((key, row.try_get_by_index(at_count)?, numbers));
    }
    let mut moneys = Vec::new();
    for (amount, currency, condition) in &wanted.moneys {
        moneys.push(sums(base()?, asked.meta, amount, currency, *condition, &kinds).await?);
    }
    let groups = places(access, asked, keys, &rows).await?;
    Ok(Done { groups, rows, moneys })
}

pub(super) fn scoped(access: &Access, asked: &Asked, exprs: &[(SimpleExpr, Kind)]) -> Result<Scoped> {
    let mut scoped = (asked.meta.scoped)(access);
    if let Some(filter) = &asked.filter {
        scoped = scoped.filter(Compiler::new(access).condition(asked.meta, filter)?);
    }
    if let Some(words) = &asked.search {
        scoped = scoped.filter(Condition::all().add(search(asked.meta, words, access.store().backend())?));
    }
    Ok(scoped.shape(|q| {
        join(q, asked, access.actor());
        for (expr, _) in exprs {
            q.expr(expr.clone()).add_group_by([expr.clone()]);
        }
    }))
}

fn via(key: &str) -> String {
    format!("via_{key}")
}

/// Joins the users whose columns groups go by, and the records whose ids do where the caller sees only some of them: what
/// they may not see is in one group with none.
fn join(query: &mut SelectStatement, asked: &Asked, actor: &Actor) {
    let mut joined: Vec<&str> = asked.groups.iter().filter_map(|group| group.field.via).collect();
    joined.sort_unstable();
    joined.dedup();
    for key in joined {
        let users = user::meta();
        let mut seen = (users.visible)(actor, users.rules.read);
        let mut columns: Vec<&str> =
            asked.groups.iter().filter(|g| g.field.via == Some(key)).filter_map(|g| g.field.key()).collect();
        columns.sort_unstable();
        columns.dedup();
        seen.columns(columns.into_iter().filter(|c| *c != "id").map(|column| (users.table, column)));
        let on = Expr::col((via(key), "id")).eq(Expr::col((asked.meta.table, key)));
        query.join_subquery(JoinType::LeftJoin, seen.take(), via(key), on);
    }
    for group in &asked.groups {
        if let Some((key, to)) = veiled(group, actor) {
            let on = Expr::col((seen(group), "id")).eq(Expr::col((table(asked.meta, group), key)));
            query.join_subquery(JoinType::LeftJoin, (to.visible)(actor, to.rules.read).take(), seen(group), on);
        }
    }
}

/// The key of a group and where it leads, if the caller sees only some of the records there.
fn veiled(group: &Group, actor: &Actor) -> Option<(&'static str, &'static Meta)> {
    let Shape::One(key, to) = group.field.shape else { return None };
    (!(to().every)(actor, to().rules.read)).then(|| (key, to()))
}

fn seen(group: &Group) -> String {
    format!("seen_{}", group.field.name)
}

/// What a group's column is a column of.
fn table(meta: &Meta, group: &Group) -> String {
    group.field.via.map_or_else(|| meta.table.to_owned(), via)
}

/// What a group goes by.
pub(super) fn grouped(meta: &Meta, group: &Group, access: &Access, here: Reckoning) -> (SimpleExpr, Kind) {
    let (column, kind) = match group.field.shape {
        Shape::One(column, to) => (column, Kind::Id(to().table)),
        Shape::Column(column, kind) => (column, kind),
        _ => ("id", Kind::Id(meta.table)),
    };
    if veiled(group, access.actor()).is_some() {
        return (Expr::col((seen(group), "id")), kind);
    }
    let table = table(meta, group);
    let expr = Expr::col((table.clone(), column));
    match kind {
        Kind::Time | Kind::Date => {
            let grain = group.grain.as_deref().unwrap_or("DAY");
            (period(&table, column, kind, grain, (here, access.store().backend())), kind)
        }
        _ => (expr, kind),
    }
}

/// What the cells of a group's key are; periods of instants come as days of this zone.
pub(super) struct Kinds {
    of: Vec<Kind>,
    zone: Tz,
}

impl Kinds {
    fn key(&self, row: &QueryResult) -> Result<Key> {
        let cell = |(at, kind): (usize, &Kind)| match kind {
            Kind::Time => {
                let day: Option<NaiveDate> = row.try_get_by_index(at)?;
                Ok(Value::ChronoDateTimeUtc(day.map(|day| begins(day, self.zone))))
            }
            kind => Ok(value::cell(row, at, *kind)?),
        };
        self.of.iter().enumerate().map(cell).collect()
    }
}

/// A group's key as text, to find its sums by.
pub(super) fn text(key: &Key) -> String {
    format!("{key:?}")
}

pub(super) async fn sums(
    scoped: Scoped,
    meta: &Meta,
    amount: &'static str,
    currency: &'static str,
    condition: Option<fn() -> Condition>,
    kinds: &Kinds,
) -> Result<HashMap<String, Vec<Sums>>> {
    let amount_of = || Expr::col((meta.table, amount));
    let query = scoped.shape(|q: &mut SelectStatement| {
        q.column((meta.table, currency))
            .expr(Func::count(amount_of()))
            .expr(SimpleExpr::FunctionCall(Func::sum(amount_of())).cast_as("bigint"))
            .expr(Func::min(amount_of()))
            .expr(Func::max(amount_of()))
            .and_where(amount_of().is_not_null())
            .add_group_by([Expr::col((meta.table, currency))])
            .order_by((meta.table, currency), Order::Asc);
        if let Some(condition) = condition {
            q.cond_where(condition());
        }
    });
    let mut found: HashMap<String, Vec<Sums>> = HashMap::new();
    let at = kinds.of.len();
    for row in query.rows().await? {
        let sums = Sums {
            currency: row.try_get_by_index(at)?,
            count: row.try_get_by_index(at + 1)?,
            sum: row.try_get_by_index(at + 2)?,
            min: row.try_get_by_index(at + 3)?,
            max: row.try_get_by_index(at + 4)?,
        };
        found.entry(text(&kinds.key(&row)?)).or_default().push(sums);
    }
    Ok(found)
}

/// The groups as rows of the key's plan, with the records they lead to.
pub(super) async fn places(
    access: &Access,
    asked: &Asked,
    keys: &Plan,
    rows: &[(Key, i64, Vec<i64>)],
) -> Result<Fetched> {
    let cells = |key: &Key| {
        let cell = |(name, kind): &(&str, Kind)| {
            let at = asked.groups.iter().position(|g| g.field.name == *name);
            at.map_or_else(|| value::null(*kind), |at| key[at].clone())
        };
        keys.columns.iter().map(cell).collect()
    };
    let rows = rows.iter().map(|(key, ..)| cells(key)).collect();
    fetch::relations(access, keys, Fetched { rows, ..Fetched::default() }).await
}
