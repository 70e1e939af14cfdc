//! Turns a typed filter into a SQL condition. Relations become guarded subqueries, so that a filter never says more
//! than a list would.

mod special;

use async_graphql::Value as ConstValue;
use sea_orm::{
    Condition, DbBackend, ExprTrait,
    sea_query::{Expr, LikeExpr, Query, SimpleExpr},
};

pub use self::special::{Custom, custom};
use self::special::{compare_money, custom_operator};
use super::{
    args::{list, member, members, string},
    field::{Field, Kind, Only, Reckoned, Shape},
    record::Meta,
    value,
    veil::{self, not},
};
use crate::{
    error::{Error, Result},
    store::Access,
};

const DEPTH: usize = 5;
const PREDICATES: usize = 50;

/// Compiles filters for one caller, and counts what they cost.
pub struct Compiler<'a> {
    access: &'a Access,
    predicates: usize,
}

impl<'a> Compiler<'a> {
    pub fn new(access: &'a Access) -> Self {
        Self { access, predicates: 0 }
    }

    pub fn condition(&mut self, meta: &'static Meta, filter: &ConstValue) -> Result<Condition> {
        self.level(meta, filter, 1)
    }

    fn level(&mut self, meta: &'static Meta, filter: &ConstValue, depth: usize) -> Result<Condition> {
        if depth > DEPTH {
            return Err(Error::BadInput(format!("a filter may be nested {DEPTH} levels deep")));
        }
        let mut all = Condition::all();
        for (name, value) in members(filter) {
            if *value == ConstValue::Null {
                continue;
            }
            all = all.add(match name {
                "and" => self.each(meta, value, depth, Condition::all())?,
                "or" => self.each(meta, value, depth, Condition::any())?,
                "not" => not(self.level(meta, value, depth + 1)?),
                "customField" => self.custom(meta, value)?,
                _ => self.field(meta, name, value, depth)?,
            });
        }
        Ok(all)
    }

    fn each(
        &mut self,
        meta: &'static Meta,
        value: &ConstValue,
        depth: usize,
        mut into: Condition,
    ) -> Result<Condition> {
        for part in list(value) {
            into = into.add(self.level(meta, part, depth + 1)?);
        }
        Ok(into)
    }

    fn field(&mut self, meta: &'static Meta, name: &str, value: &ConstValue, depth: usize) -> Result<Condition> {
        let by_name = |f: &&Field| f.via.is_none() && (f.name == name || f.input_name() == name);
        let unknown = || Error::BadInput(format!("{} cannot be filtered by {name}", meta.name));
        let field = meta.fields.iter().find(by_name).ok_or_else(unknown)?;
        match field.shape {
            Shape::Column(column, kind) => self.compare(meta, column, kind, value),
            Shape::Reckoned(of, kind) => self.compare_reckoned(of, kind, value),
            Shape::Money(amount, currency) => self.money(meta, amount, currency, value),
            Shape::One(key, to) if name == field.name => {
                let inner = self.level(to(), value, depth + 1)?;
                Ok(Condition::all().add(self.related(meta, key, to(), inner)))
            }
            Shape::One(key, to) => self.compare_id(meta, key, to(), value),
            Shape::Many(key, to) => self.many(meta, (key, field.only), to(), value, depth),
            Shape::Any(table, id) => self.any(meta, table, id, value),
            Shape::Found(..) | Shape::Ratio(..) | Shape::Can => Err(unknown()),
        }
    }

    /// By the id of a record: one that the caller may not see is as good as none.
    fn compare_id(
        &mut self,
        meta: &'static Meta,
        key: &'static str,
        to: &'static Meta,
        ops: &ConstValue,
    ) -> Result<Condition> {
        let all = self.compare(meta, key, Kind::Id(to.table), ops)?;
        if (to.every)(self.access.actor(), to.rules.read) {
            return Ok(all);
        }
        let shown = self.related(meta, key, to, Condition::all());
        Ok(match member(ops, "isNull") {
            Some(ConstValue::Boolean(true)) => Condition::any().add(all).add(shown.not()),
            _ => all.add(shown),
        })
    }

    /// The record whose id `key` holds is visible and meets the condition.
    fn related(&self, meta: &'static Meta, key: &'static str, to: &'static Meta, inner: Condition) -> SimpleExpr {
        let mut visible = (to.visible)(self.access.actor(), to.rules.read);
        Expr::col((meta.table, key)).in_subquery(visible.cond_where(inner).take())
    }

    fn many(
        &mut self,
        meta: &'static Meta,
        key: (&'static str, Only),
        to: &'static Meta,
        value: &ConstValue,
        depth: usize,
    ) -> Result<Condition> {
        let mut all = Condition::all();
        for (quantifier, inner) in members(value) {
            let inner = self.level(to, inner, depth + 1)?;
            let inner = if quantifier == "every" { not(inner) } else { inner };
            let id = Expr::col((meta.table, "id"));
            let parents = self.parents(key, to, inner);
            all = all.add(if quantifier == "some" { id.in_subquery(parents) } else { id.not_in_subquery(parents) });
        }
        Ok(all)
    }

    /// The ids that visible rows of `to` hold in `key`.
    fn parents(
        &self,
        (key, only): (&'static str, Only),
        to: &'static Meta,
        inner: Condition,
    ) -> sea_orm::sea_query::SelectStatement {
        let mut rows = (to.visible)(self.access.actor(), to.rules.read);
        rows.clear_selects().column((to.table, key)).cond_where(inner);
        if let Some((column, word)) = only {
            rows.and_where(Expr::col((to.table, column)).eq(word));
        }
        rows.and_where(Expr::col((to.table, key)).is_not_null()).take()
    }

    /// The id of a record of any type: both its columns must fit.
    fn any(
        &mut self,
        meta: &'static Meta,
        table: &'static str,
        id: &'static str,
        ops: &ConstValue,
    ) -> Result<Condition> {
        let one = |v: &ConstValue| {
            let text = text_of(v);
            let (of, uuid) = value::any_id(&text).ok_or_else(|| Error::BadInput(format!("{id}: not an id")))?;
            Ok::<_, Error>(Expr::col((meta.table, id)).eq(uuid).and(Expr::col((meta.table, table)).eq(of)))
        };
        let mut all = Condition::all();
        for (op, wanted) in members(ops) {
            self.count()?;
            let wanted = list(wanted).into_iter().map(one).collect::<Result<Vec<_>>>()?;
            let any = wanted.into_iter().fold(Condition::any(), Condition::add);
            all = match op {
                "eq" | "in" => all.add(any),
                "ne" | "notIn" => all.add(any.not()),
                _ => return Err(Error::BadInput(format!("{op}: unknown operator"))),
            };
        }
        Ok(all)
    }

    fn compare(
        &mut self,
        meta: &'static Meta,
        column: &'static str,
        kind: Kind,
        ops: &ConstValue,
    ) -> Result<Condition> {
        let mut all = Condition::all();
        let shown = veil::shown(meta, column, self.access.actor());
        for (op, wanted) in members(ops) {
            self.count()?;
            let holds = self.operator(meta, column, kind, op, wanted)?;
            all = match &shown {
                None => all.add(holds),
                // what is not shown is as good as none; the plain comparison beside it keeps its index
                Some(shown) if op == "isNull" && *wanted == ConstValue::Boolean(true) => {
                    all.add(Condition::any().add(holds).add(not(shown.clone())))
                }
                Some(shown) => all.add(holds).add(shown.clone()),
            };
        }
        Ok(all)
    }

    fn compare_reckoned(&mut self, of: Reckoned, kind: Kind, ops: &ConstValue) -> Result<Condition> {
        let mut all = Condition::all();
        for (op, wanted) in members(ops) {
            self.count()?;
            all = all.add(plain((of.sql)(self.access), of.name, kind, op, wanted)?);
        }
        Ok(all)
    }

    fn operator(
        &self,
        meta: &'static Meta,
        column: &'static str,
        kind: Kind,
        op: &str,
        wanted: &ConstValue,
    ) -> Result<SimpleExpr> {
        let col = Expr::col((meta.table, column));
        match op {
            "startsWith" if *wanted != ConstValue::Null => Ok(starts_with(col, &text_of(wanted))),
            "contains" if *wanted != ConstValue::Null => self.contains(meta, column, &text_of(wanted)),
            _ => plain(col, column, kind, op, wanted),
        }
    }

    /// Case-sensitive; where the search column holds this text too, its index narrows it first.
    fn contains(&self, meta: &'static Meta, column: &'static str, part: &str) -> Result<SimpleExpr> {
        let backend = self.access.store().backend();
        let place = if backend == DbBackend::Postgres { "strpos" } else { "instr" };
        let here = sea_orm::sea_query::Func::cust(place).arg(Expr::col((meta.table, column))).arg(part);
        let here = SimpleExpr::FunctionCall(here).gt(0);
        let searched = meta.fields.iter().any(|f| f.search && f.key() == Some(column));
        if searched {
            let found = search(meta, part, backend)?;
            // search text leaves out what is closed
            let found = match veil::closed(meta, column) {
                Some(closed) => found.or(SimpleExpr::from(closed)),
                None => found,
            };
            return Ok(found.and(here));
        }
        long_enough(part)?;
        Ok(here)
    }

    fn money(
        &mut self,
        meta: &'static Meta,
        amount: &'static str,
        currency: &'static str,
        ops: &ConstValue,
    ) -> Result<Condition> {
        let mut all = Condition::all();
        let code = member(ops, "currency").and_then(string);
        for (op, wanted) in members(ops) {
            self.count()?;
            if op == "currency" {
                all = all.add(self.operator(meta, currency, Kind::Currency, "eq", wanted)?);
            } else if op == "isNull" {
                all = all.add(self.operator(meta, amount, Kind::Amount, op, wanted)?);
            } else {
                let needs = || Error::BadInput("give the currency in which to compare amounts".into());
                let code = code.as_deref().ok_or_else(needs)?;
                all = all.add(compare_money(Expr::col((meta.table, amount)), op, wanted, code)?);
            }
        }
        Ok(all)
    }

    fn custom(&mut self, meta: &'static Meta, value: &ConstValue) -> Result<Condition> {
        let key = member(value, "key").and_then(string).unwrap_or_default();
        if key.is_empty() || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(Error::BadInput("customField.key is not a custom field's key".into()));
        }
        let mut all = Condition::all();
        for (op, wanted) in members(value).filter(|(op, _)| *op != "key") {
            self.count()?;
            all = all.add(custom_operator(meta, &key, op, wanted, self.access.store().backend())?);
        }
        Ok(all)
    }

    fn count(&mut self) -> Result<()> {
        self.predicates += 1;
        if self.predicates > PREDICATES {
            return Err(Error::BadInput(format!("a filter may hold {PREDICATES} comparisons")));
        }
        Ok(())
    }
}

/// The comparisons that any value has.
fn plain(value: SimpleExpr, name: &str, kind: Kind, op: &str, wanted: &ConstValue) -> Result<SimpleExpr> {
    if *wanted == ConstValue::Null {
        return Err(Error::BadInput(format!("{op}: null matches nothing; use isNull")));
    }
    let bad = |what: String| Error::BadInput(format!("{name} {op}: {what}"));
    let read = |v: &ConstValue| value::read(kind, v).map_err(bad);
    Ok(match op {
        "eq" => value.eq(read(wanted)?),
        "ne" => value.ne(read(wanted)?),
        "lt" => value.lt(read(wanted)?),
        "lte" => value.lte(read(wanted)?),
        "gt" => value.gt(read(wanted)?),
        "gte" => value.gte(read(wanted)?),
        "in" | "notIn" => {
            let values = list(wanted).into_iter().map(read).collect::<Result<Vec<_>>>()?;
            if values.len() > 100 {
                return Err(bad("at most 100 values".into()));
            }
            if op == "in" { value.is_in(values) } else { value.is_not_in(values) }
        }
        "isNull" if *wanted == ConstValue::Boolean(true) => value.is_null(),
        "isNull" => value.is_not_null(),
        _ => return Err(bad("unknown operator".into())),
    })
}

fn text_of(value: &ConstValue) -> String {
    string(value).unwrap_or_default()
}

/// A range, so that an index on the text leads there: it is compared by its bytes on both databases.
fn starts_with(column: Expr, part: &str) -> SimpleExpr {
    let mut end: Vec<char> = part.chars().collect();
    while let Some(last) = end.pop() {
        if let Some(next) = (last..=char::MAX).nth(1) {
            end.push(next);
            let end: String = end.into_iter().collect();
            return column.clone().gte(part).and(column.lt(end));
        }
    }
    column.gte(part)
}

fn long_enough(part: &str) -> Result<()> {
    if part.chars().count() < 3 {
        return Err(Error::BadInput("search and contains need at least three characters".into()));
    }
    Ok(())
}

/// Rows whose search text holds the words, in any case.
pub fn search(meta: &'static Meta, words: &str, backend: DbBackend) -> Result<SimpleExpr> {
    let part = words.trim().to_lowercase();
    long_enough(&part)?;
    let column = Expr::col((meta.table, "search_text"));
    if backend == DbBackend::Postgres {
        return Ok(column.like(LikeExpr::new(format!("%{}%", escape(&part))).escape('\\')));
    }
    let table = format!("{}_search", meta.table);
    let phrase = format!("\"{}\"", part.replace('"', "\"\""));
    let matches = Expr::cust_with_values(format!("{table} MATCH ?"), [phrase]);
    let hits = Query::select().column("rowid").from(table).and_where(matches).take();
    Ok(Expr::col((meta.table, "row_no")).in_subquery(hits))
}

fn escape(part: &str) -> String {
    part.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
