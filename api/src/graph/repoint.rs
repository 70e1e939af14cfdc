//! Rows that name a record come to name another: what a merge does with everything that belonged to the loser, and
//! how that is taken back. Rows that would then have the key of another are folded into it.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::unique::{Only, UNIQUE, Unique};
use sea_orm::{
    Condition, ModelTrait, Value,
    sea_query::{Expr, ExprTrait, sea_value_to_json_value},
};
use serde_json::{Map, json};
use uuid::Uuid;

use super::{field::Shape, record::Record};
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
    let Sorted::<E> { moving, folding } = sort::<E>(pointer, rows, kept)?;
    let mut traces = Traces::default();
    let gone: Vec<E::Model> = folding.iter().map(|(row, _)| row.clone()).collect();
    let deleted: Values = vec![("deleted_at", Value::from(Some(tx.access().now())))];
    let after = tx.set_all::<E>(&gone, &deleted, Op::Deleted).await?;
    traces.folded = trace::<E>(&gone, &after, &["deleted_at"])?;
    let after = tx.set_all::<E>(&moving, &[(pointer.column, Value::from(to))], Op::Updated).await?;
    traces.moved = trace::<E>(&moving, &after, &[pointer.column])?;
    for (row, into) in &folding {
        traces.absorbed.extend(absorb::<E>(tx, row, *into).await?);
        traces.absorbed.extend(renamed::<E>(tx, id_of::<E>(row)?, *into).await?);
    }
    Ok(traces)
}

/// Rows of the same table that name one that is folded into another name that one.
async fn renamed<E: Record>(tx: &mut Tx, gone: Uuid, into: Uuid) -> Result<Vec<Trace>> {
    let mut traces = Vec::new();
    for field in E::meta().fields.iter().filter(|field| field.via.is_none()) {
        let Shape::One(column, to) = field.shape else { continue };
        if to().table == E::NAME {
            let rows = tx.lock_followers::<E>(naming::<E>(tx, Pointer { column, only: None }, &[gone])).await?;
            let after = tx.set_all::<E>(&rows, &[(column, Value::from(into))], Op::Updated).await?;
            traces.extend(trace::<E>(&rows, &after, &[column])?);
        }
    }
    Ok(traces)
}

fn naming<E: Record>(tx: &Tx, pointer: Pointer, ids: &[Uuid]) -> Condition {
    let named = within_ids((E::NAME, pointer.column), ids, tx.access().store().backend());
    let of = pointer.only.map(|(column, table)| Expr::col((E::NAME, column)).eq(table));
    Condition::all().add(named).add_option(of)
}

/// The unique keys of a table that the column is part of.
fn keys<E: Record>(pointer: Pointer) -> impl Iterator<Item = &'static Unique> {
    UNIQUE.iter().filter(move |key| key.table == E::NAME && key.columns.contains(&pointer.column))
}

/// A key, and what a row has in the rest of its columns.
type Key = (&'static str, Vec<String>);

/// The keys of a row once the column names the same record everywhere. One that is not complete, or whose index leaves
/// the row out, collides with nothing.
fn keys_of<E: Record>(pointer: Pointer, row: &E::Model) -> Result<Vec<Key>> {
    let cell = |name: &str| column::<E>(name).map(|c| sea_value_to_json_value(&row.get(c)));
    let mut all = Vec::new();
    for key in keys::<E>(pointer) {
        let rest = key.columns.iter().filter(|name| **name != pointer.column).map(|name| cell(name));
        let rest = rest.collect::<Result<Vec<_>>>()?;
        if lives::<E>(row) && held(key.only, cell)? && !rest.contains(&serde_json::Value::Null) {
            all.push((key.name, rest.iter().map(ToString::to_string).collect()));
        }
    }
    Ok(all)
}

/// Whether a partial index holds a row with these cells.
fn held(only: Only, cell: impl Fn(&str) -> Result<serde_json::Value>) -> Result<bool> {
    Ok(match only {
        Only::Every => true,
        Only::Empty(name) => cell(name)? == serde_json::Value::Null,
        Only::True(name) => cell(name)? == true,
        Only::Is(name, words) => cell(name)?.as_str().is_some_and(|word| words.contains(&word)),
        Only::Not(name, word) => cell(name)? != word,
    })
}

/// Rows that move, and those that are folded into another: the row that comes, unless it outranks the one that is there.
struct Sorted<E: Record> {
    moving: Vec<E::Model>,
    folding: Vec<(E::Model, Uuid)>,
}

fn sort<E: Record>(pointer: Pointer, rows: Vec<E::Model>, kept: Vec<E::Model>) -> Result<Sorted<E>> {
    let mut there: HashMap<Key, (Uuid, E::Model)> = HashMap::new();
    for row in kept {
        let id = id_of::<E>(&row)?;
        there.extend(keys_of::<E>(pointer, &row)?.into_iter().map(|key| (key, (id, row.clone()))));
    }
    let (mut moving, mut folding) = (Vec::<(Uuid, E::Model)>::new(), Vec::<(E::Model, Uuid)>::new());
    for row in rows {
        let (id, mine) = (id_of::<E>(&row)?, keys_of::<E>(pointer, &row)?);
        if let Some((other, other_row)) = mine.iter().find_map(|key| there.get(key)).cloned() {
            if !E::outranks(&row, &other_row) {
                folding.push((row, other));
                continue;
            }
            there.retain(|_, (id, _)| *id != other);
            moving.retain(|(id, _)| *id != other);
            folding.iter_mut().filter(|(_, into)| *into == other).for_each(|(_, into)| *into = id);
            folding.push((other_row, id));
        }
        there.extend(mine.into_iter().map(|key| (key, (id, row.clone()))));
        moving.push((id, row));
    }
    Ok(Sorted { moving: moving.into_iter().map(|(_, row)| row).collect(), folding })
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
    // whoever took the place of a row leaves it before that one comes back
    let (restored, moved): (Vec<_>, Vec<_>) = groups.into_values().partition(|(values, _)| revives(values));
    let mut back = 0;
    for (values, rows) in moved {
        // what came with the merge goes with it
        let gone = values.iter().any(|(name, value)| *name == "deleted_at" && *value != value.as_null());
        back += tx.set_all::<E>(&rows, &values, if gone { Op::Deleted } else { Op::Updated }).await?.len();
    }
    for (values, rows) in restored {
        back += revive::<E>(tx, &rows, &values).await?;
    }
    Ok(back)
}

fn revives(values: &Values) -> bool {
    values.iter().any(|(name, value)| *name == "deleted_at" && *value == Value::ChronoDateTimeUtc(None))
}

/// Brings rows back; where one that stays has the key of some, each of the others alone.
async fn revive<E: Record>(tx: &mut Tx, rows: &[E::Model], values: &Values) -> Result<usize> {
    let step = tx.savepoint().await?;
    match tx.set_all::<E>(rows, values, Op::Restored).await {
        Ok(back) => {
            tx.release().await?;
            Ok(back.len())
        }
        Err(Error::Refused(_)) => {
            tx.undo(step).await?;
            let mut back = 0;
            if rows.len() > 1 {
                for row in rows.chunks(1) {
                    back += Box::pin(revive::<E>(tx, row, values)).await?;
                }
            }
            Ok(back)
        }
        Err(error) => Err(error),
    }
}

/// New rows that go again when what added them is taken back.
pub async fn added<E: Record>(tx: &mut Tx, rows: Vec<E::ActiveModel>) -> Result<Vec<Trace>> {
    if rows.is_empty() {
        return Ok(vec![]);
    }
    let rows = tx.insert_many::<E>(rows).await?;
    let made = rows.iter().map(id_of::<E>).collect::<Result<Vec<Uuid>>>()?;
    // what is kept are rows that the work has locked
    let made = tx.lock_where::<E>(within_ids((E::NAME, "id"), &made, tx.access().store().backend())).await?;
    let gone = json_of(&Value::from(Some(tx.access().now())));
    let version = column::<E>("version")?;
    let one = |row: &E::Model| {
        let before = Map::from_iter([("deleted_at".to_owned(), gone.clone())]);
        Ok(Trace { id: id_of::<E>(row)?, version: row.get(version).unwrap(), before })
    };
    made.iter().map(one).collect()
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
