//! Rows that name a record come to name another: what a merge does with everything that belonged to the loser, and
//! how that is taken back. Rows that would then have the key of another are folded into it.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::unique::{UNIQUE, Unique};
use sea_orm::{
    Condition, ModelTrait, Value,
    sea_query::{Expr, ExprTrait, sea_value_to_json_value},
};
use serde_json::{Map, json};
use uuid::Uuid;

use super::record::Record;
use crate::{
    error::{Error, Result},
    store::{Op, Tx, Values, column, id_of, set, within_ids},
};

/// A column that names records, and the table it must say where it may name any.
#[derive(Clone, Copy)]
pub struct Pointer {
    pub column: &'static str,
    /// The column that says the table, and the table.
    pub only: Option<(&'static str, &'static str)>,
}

/// What happened to a row: what its columns held before, and its version afterwards.
#[derive(Clone, Debug)]
pub struct Trace {
    pub id: Uuid,
    pub version: i32,
    pub before: Map<String, serde_json::Value>,
}

/// What a repointing did.
#[derive(Default)]
pub struct Traces {
    pub moved: Vec<Trace>,
    pub folded: Vec<Trace>,
    pub absorbed: Vec<Trace>,
}

/// A few statements, however many rows; one more for each row that takes something over.
pub async fn repoint<E: Record>(tx: &mut Tx, pointer: Pointer, from: &[Uuid], to: Uuid) -> Result<Traces> {
    let rows = tx.lock_followers::<E>(naming::<E>(tx, pointer, from)).await?;
    if rows.is_empty() {
        return Ok(Traces::default());
    }
    let kept = if keys::<E>(pointer).next().is_some() {
        tx.lock_followers::<E>(naming::<E>(tx, pointer, &[to])).await?
    } else {
        vec![]
    };
    let (moving, folding) = sort::<E>(pointer, rows, &kept)?;
    let mut traces = Traces::default();
    let gone: Vec<E::Model> = folding.iter().map(|(row, _)| row.clone()).collect();
    let deleted: Values = vec![("deleted_at", Value::from(Some(tx.access().now())))];
    let after = tx.set_all::<E>(&gone, &deleted, Op::Deleted).await?;
    traces.folded = trace::<E>(&gone, &after, &["deleted_at"])?;
    let after = tx.set_all::<E>(&moving, &vec![(pointer.column, Value::from(to))], Op::Updated).await?;
    traces.moved = trace::<E>(&moving, &after, &[pointer.column])?;
    for (row, into) in &folding {
        traces.absorbed.extend(absorb::<E>(tx, row, *into).await?);
    }
    Ok(traces)
}

fn naming<E: Record>(tx: &Tx, pointer: Pointer, ids: &[Uuid]) -> Condition {
    let named = within_ids((E::NAME, pointer.column), ids, tx.access().store().backend());
    let of = pointer.only.map(|(column, table)| Expr::col((E::NAME, column)).eq(table));
    Condition::all().add(named).add_option(of)
}

/// The unique keys of a table of which the column is one part of several.
fn keys<E: Record>(pointer: Pointer) -> impl Iterator<Item = &'static Unique> {
    UNIQUE
        .iter()
        .filter(move |key| key.table == E::NAME && key.columns.contains(&pointer.column) && key.columns.len() > 2)
}

/// The rest of a row's key; none where it is not complete and so collides with nothing.
fn rest<E: Record>(key: &Unique, pointer: Pointer, row: &E::Model) -> Result<Option<Vec<String>>> {
    let mut all = Vec::new();
    for name in key.columns.iter().filter(|name| **name != pointer.column) {
        let value = sea_value_to_json_value(&row.get(column::<E>(name)?));
        if value == serde_json::Value::Null {
            return Ok(None);
        }
        all.push(value.to_string());
    }
    Ok(Some(all))
}

type Sorted<E> = (Vec<<E as sea_orm::EntityTrait>::Model>, Vec<(<E as sea_orm::EntityTrait>::Model, Uuid)>);

/// Which rows move, and which are folded into one that is there. Deleted rows always move.
fn sort<E: Record>(pointer: Pointer, rows: Vec<E::Model>, kept: &[E::Model]) -> Result<Sorted<E>> {
    let mut taken: HashMap<(&str, Vec<String>), Uuid> = HashMap::new();
    for row in kept.iter().filter(|row| lives::<E>(row)) {
        for key in keys::<E>(pointer) {
            if let Some(rest) = rest::<E>(key, pointer, row)? {
                taken.insert((key.name, rest), id_of::<E>(row)?);
            }
        }
    }
    let (mut moving, mut folding) = (Vec::new(), Vec::new());
    for row in rows {
        let mut into = None;
        if lives::<E>(&row) {
            for key in keys::<E>(pointer) {
                if let Some(rest) = rest::<E>(key, pointer, &row)? {
                    into = into.or_else(|| taken.get(&(key.name, rest.clone())).copied());
                    taken.entry((key.name, rest)).or_insert(id_of::<E>(&row)?);
                }
            }
        }
        match into {
            Some(into) => folding.push((row, into)),
            None => moving.push(row),
        }
    }
    Ok((moving, folding))
}

fn lives<E: Record>(row: &E::Model) -> bool {
    column::<E>("deleted_at").is_ok_and(|c| row.get(c) == Value::ChronoDateTimeUtc(None))
}

async fn absorb<E: Record>(tx: &mut Tx, gone: &E::Model, into: Uuid) -> Result<Option<Trace>> {
    let found = within_ids((E::NAME, "id"), &[into], tx.access().store().backend());
    let Some(kept) = tx.lock_followers::<E>(found).await?.pop() else { return Ok(None) };
    let Some(row) = E::absorb(&kept, gone) else { return Ok(None) };
    let names: Vec<&'static str> = crate::store::differing::<E>(&kept, &row).iter().map(|(c, _)| name(c)).collect();
    let after = tx.update::<E>(row).await?;
    Ok(trace::<E>(std::slice::from_ref(&kept), std::slice::from_ref(&after), &names)?.pop())
}

fn name<C: sea_orm::IdenStatic>(c: &C) -> &'static str {
    c.as_str()
}

/// What rows held before, for those that changed.
pub fn trace<E: Record>(before: &[E::Model], after: &[E::Model], names: &[&str]) -> Result<Vec<Trace>> {
    let was = before.iter().map(|row| Ok((id_of::<E>(row)?, row))).collect::<Result<HashMap<_, _>>>()?;
    let version = column::<E>("version")?;
    let one = |now: &E::Model| {
        let id = id_of::<E>(now)?;
        let was = was.get(&id).ok_or_else(|| Error::internal("a row changed that was not read"))?;
        let cell = |name: &&str| Ok(((*name).to_owned(), json_of(&was.get(column::<E>(name)?))));
        let before = names.iter().map(cell).collect::<Result<_>>()?;
        Ok(Trace { id, version: now.get(version).unwrap(), before })
    };
    after.iter().map(one).collect()
}

/// Gives rows back what they held, unless somebody touched them since; how many came back.
pub async fn put_back<E: Record>(tx: &mut Tx, traces: &[Trace]) -> Result<usize> {
    let ids: Vec<Uuid> = traces.iter().map(|t| t.id).collect();
    let rows = tx.lock_followers::<E>(within_ids((E::NAME, "id"), &ids, tx.access().store().backend())).await?;
    let version = column::<E>("version")?;
    let mut groups: HashMap<String, (Values, Vec<E::Model>)> = HashMap::new();
    for row in rows {
        let id = id_of::<E>(&row)?;
        let Some(trace) = traces.iter().find(|t| t.id == id) else { continue };
        if row.get(version).unwrap::<i32>() == trace.version {
            let values = values_of::<E>(&row, &trace.before)?;
            groups.entry(json!(trace.before).to_string()).or_insert((values, vec![])).1.push(row);
        }
    }
    let mut back = 0;
    for (values, rows) in groups.into_values() {
        let restored = values.iter().any(|(name, v)| *name == "deleted_at" && *v == Value::ChronoDateTimeUtc(None));
        let op = if restored { Op::Restored } else { Op::Updated };
        back += tx.set_all::<E>(&rows, &values, op).await?.len();
    }
    Ok(back)
}

/// JSON as values of a row's columns.
pub fn values_of<E: Record>(row: &E::Model, cells: &Map<String, serde_json::Value>) -> Result<Values> {
    let mut values = Values::new();
    let mut seen = HashSet::new();
    for c in <E::Column as sea_orm::Iterable>::iter() {
        let name = sea_orm::IdenStatic::as_str(&c);
        if let Some(cell) = cells.get(name).filter(|_| seen.insert(name)) {
            values.push((name, like(&row.get(c), cell)?));
        }
    }
    Ok(values)
}

/// A cell as JSON, times as RFC 3339.
pub fn json_of(value: &Value) -> serde_json::Value {
    match value {
        Value::ChronoDateTimeUtc(Some(time)) => json!(time),
        Value::ChronoDate(Some(day)) => json!(day),
        other => sea_value_to_json_value(other),
    }
}

/// JSON as a value of the same type as another.
fn like(value: &Value, cell: &serde_json::Value) -> Result<Value> {
    let wrong = || Error::internal("a kept value does not fit its column");
    let read = |fits: Option<Value>| {
        if *cell == serde_json::Value::Null { Ok(value.as_null()) } else { fits.ok_or_else(wrong) }
    };
    match value {
        Value::Json(_) => Ok(Value::Json(Some(Box::new(cell.clone())))),
        Value::Uuid(_) => read(cell.as_str().and_then(|s| s.parse::<Uuid>().ok()).map(Value::from)),
        Value::String(_) => read(cell.as_str().map(Value::from)),
        Value::Bool(_) => read(cell.as_bool().map(Value::from)),
        Value::Int(_) => read(cell.as_i64().and_then(|n| i32::try_from(n).ok()).map(Value::from)),
        Value::BigInt(_) => read(cell.as_i64().map(Value::from)),
        Value::ChronoDateTimeUtc(_) => {
            read(cell.as_str().and_then(|s| s.parse::<DateTime<Utc>>().ok()).map(Value::from))
        }
        Value::ChronoDate(_) => read(cell.as_str().and_then(|s| s.parse::<chrono::NaiveDate>().ok()).map(Value::from)),
        _ => Err(wrong()),
    }
}

/// Lays values over a locked row.
pub fn lay<E: Record>(row: E::Model, values: Values) -> Result<E::ActiveModel> {
    let mut row = sea_orm::IntoActiveModel::into_active_model(row);
    for (name, value) in values {
        set::<E>(&mut row, name, value)?;
    }
    Ok(row)
}
