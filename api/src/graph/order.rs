//! The order of a list and its cursors: keyset paging, so that a page costs the same wherever it lies and rows
//! inserted meanwhile move nothing.

use async_graphql::Value as ConstValue;
use sea_orm::{
    Condition, ExprTrait, Order, Value,
    sea_query::{Expr, NullOrdering, SelectStatement, SimpleExpr},
};

use super::{
    args::{ListArgs, list, member, string},
    field::{Field, Kind, Shape},
    record::Meta,
    seal::Seal,
    through::Through,
    value, veil, write,
};
use crate::{
    error::{Error, Result},
    store::Access,
};

/// One column of an order.
#[derive(Clone)]
pub struct Key {
    pub column: &'static str,
    pub kind: Kind,
    pub null: bool,
    pub desc: bool,
    pub nulls_first: bool,
    /// It is not this table's column but one of a record that it leads to.
    pub through: Option<Through>,
    /// Rows whose value counts; elsewhere there is none.
    shown: Option<Condition>,
}

impl Key {
    pub fn expr(&self, table: &'static str) -> Expr {
        let column = || veil::behind(Expr::col((table, self.column)), self.shown.clone());
        self.through.map_or_else(column, |through| through.expr())
    }

    /// Whether nulls come before everything else in this direction of reading.
    fn nulls_lead(&self, backwards: bool) -> bool {
        self.nulls_first != backwards
    }
}

/// An order: its keys, the id last, so that it is total.
pub struct Ordering {
    pub keys: Vec<Key>,
    /// For cursors of this list alone: its caller, order, filter and search.
    seal: Seal,
}

const MOST_KEYS: usize = 4;

impl Ordering {
    pub fn read(meta: &'static Meta, args: &ListArgs, access: Option<&Access>) -> Result<Self> {
        let mut keys = Vec::new();
        for wanted in args.order.iter().flat_map(|v| list(v)) {
            let mut key = key(meta, wanted)?;
            key.shown = access.and_then(|access| veil::shown(meta, key.column, access.actor()));
            keys.push(key);
        }
        if keys.len() > MOST_KEYS {
            return Err(Error::BadInput(format!("orderBy takes at most {MOST_KEYS} fields")));
        }
        if keys.is_empty() {
            keys.push(plain("created_at", Kind::Time, true));
        }
        let desc = keys[0].desc;
        keys.push(plain("id", Kind::Id(meta.table), desc));
        let seal = sealed(meta, &keys, args);
        Ok(Self { keys, seal })
    }

    pub fn apply(&self, query: &mut SelectStatement, table: &'static str, backwards: bool) {
        for key in &self.keys {
            let order = if key.desc == backwards { Order::Asc } else { Order::Desc };
            if key.null {
                let nulls = if key.nulls_first == backwards { NullOrdering::Last } else { NullOrdering::First };
                query.order_by_expr_with_nulls(key.expr(table), order, nulls);
            } else {
                query.order_by_expr(key.expr(table), order);
            }
        }
    }

    /// The condition that a row lies beyond the cursor, seen in the direction of reading.
    pub fn beyond(&self, table: &'static str, cursor: &str, backwards: bool) -> Result<Condition> {
        let stretches = self.stretches(table, cursor, backwards)?;
        Ok(stretches.into_iter().fold(Condition::any(), Condition::add))
    }

    /// The same in one or two stretches, to be read one after the other: each says within which values of the first key
    /// its rows lie, so that an index leads there at once.
    pub fn stretches(&self, table: &'static str, cursor: &str, backwards: bool) -> Result<Vec<Condition>> {
        let values =
            self.decode(cursor).ok_or_else(|| Error::BadInput("this cursor does not belong to this list".into()))?;
        let col = |key: &Key| key.expr(table);
        let first = &self.keys[0];
        let even = self.keys.iter().all(|k| !k.null && k.desc == first.desc);
        if even {
            let here = Expr::tuple(self.keys.iter().map(col));
            let there = Expr::tuple(values.into_iter().map(Expr::val));
            let condition = if first.desc == backwards { here.gt(there) } else { here.lt(there) };
            return Ok(vec![Condition::all().add(condition)]);
        }
        let mut any = Condition::any();
        for (i, key) in self.keys.iter().enumerate() {
            let Some(past) = past(col(key), key, &values[i], backwards, i == 0) else { continue };
            let mut all = Condition::all();
            for (same, v) in self.keys.iter().zip(&values).take(i) {
                all = all.add(if is_null(v) { col(same).is_null() } else { col(same).eq(v.clone()) });
            }
            any = any.add(all.add(past));
        }
        let (here, ascending) = (&values[0], first.desc == backwards);
        let bound = match (is_null(here), ascending) {
            (true, _) => col(first).is_null(),
            (_, true) => col(first).gte(here.clone()),
            (_, false) => col(first).lte(here.clone()),
        };
        let rest = match (is_null(here), first.nulls_lead(backwards)) {
            (true, true) => Some(col(first).is_not_null()),
            (false, false) if first.null => Some(col(first).is_null()),
            _ => None,
        };
        let near = Condition::all().add(bound).add(any);
        Ok(std::iter::once(near).chain(rest.map(|rest| Condition::all().add(rest))).collect())
    }

    /// The cursor of a row, from the values of its keys.
    pub fn cursor<'a>(&self, values: impl Iterator<Item = &'a Value>) -> String {
        let mut json = Vec::from(*b"[");
        for (i, (key, v)) in self.keys.iter().zip(values).enumerate() {
            write::comma(&mut json, i);
            value::put(&mut json, key.kind, v);
        }
        json.push(b']');
        self.seal.put(&json)
    }

    fn decode(&self, cursor: &str) -> Option<Vec<Value>> {
        let values: Vec<serde_json::Value> = serde_json::from_slice(&self.seal.open(cursor)?).ok()?;
        if values.len() != self.keys.len() {
            return None;
        }
        let read = |(key, v): (&Key, &serde_json::Value)| match ConstValue::from_json(v.clone()).ok()? {
            ConstValue::Null if key.null => Some(value::null(key.kind)),
            v => value::read(key.kind, &v).ok(),
        };
        self.keys.iter().zip(&values).map(read).collect()
    }
}

/// Further on than this value; of the first key within the same stretch: nulls with nulls, values with values.
fn past(column: Expr, key: &Key, v: &Value, backwards: bool, first: bool) -> Option<SimpleExpr> {
    let nulls_lead = key.nulls_lead(backwards);
    if is_null(v) {
        return (nulls_lead && !first).then(|| column.is_not_null());
    }
    let further = if key.desc == backwards { column.clone().gt(v.clone()) } else { column.clone().lt(v.clone()) };
    Some(if key.null && !nulls_lead && !first { further.or(column.is_null()) } else { further })
}

fn is_null(v: &Value) -> bool {
    *v == v.as_null()
}

fn plain(column: &'static str, kind: Kind, desc: bool) -> Key {
    Key { column, kind, null: false, desc, nulls_first: desc, through: None, shown: None }
}

fn key(meta: &'static Meta, wanted: &ConstValue) -> Result<Key> {
    let name = member(wanted, "field").and_then(string).unwrap_or_default();
    let unknown = || Error::BadInput(format!("{} cannot be ordered by {name}", meta.name));
    let desc = member(wanted, "direction").and_then(string).is_some_and(|d| d == "DESC");
    let nulls_first = member(wanted, "nulls").and_then(string).map_or(desc, |n| n == "FIRST");
    let through = meta.fields.iter().flat_map(Field::orders).find(|(word, _)| *word == name);
    if let Some((_, through)) = through {
        let (column, kind, through) = (through.cell, through.kind, Some(*through));
        return Ok(Key { column, kind, null: true, desc, nulls_first, through, shown: None });
    }
    let field = meta.fields.iter().find(|f| f.order && f.enum_name() == name).ok_or_else(unknown)?;
    let (column, kind) = match field.shape {
        Shape::Column(column, kind) => (column, kind),
        Shape::Money(amount, _) => (amount, Kind::Amount),
        Shape::One(key, to) => (key, Kind::Id(to().table)),
        Shape::Found(..) | Shape::Many(..) | Shape::Any(..) | Shape::Reckoned(..) | Shape::Ratio(..) | Shape::Can => {
            return Err(unknown());
        }
    };
    Ok(Key { column, kind, null: field.null, desc, nulls_first, through: None, shown: None })
}

fn sealed(meta: &Meta, keys: &[Key], args: &ListArgs) -> Seal {
    let order = keys.iter().map(|key| format!("{} {} {};", key.column, key.desc, key.nulls_first));
    let order = order.collect::<String>();
    let filter = args.filter.as_ref().map(ToString::to_string).unwrap_or_default();
    let search = args.search.as_deref().unwrap_or_default();
    [meta.table, &order, &filter, search].iter().fold(args.seal.clone(), |seal, part| seal.about(part.as_bytes()))
}
