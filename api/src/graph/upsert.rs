//! Bulk upsert: up to a thousand rows matched by a unique key, each with its own outcome. Matching, checking and
//! inserting cost the same few statements however many rows there are.

mod pair;
mod save;

use std::collections::{HashMap, HashSet};

use async_graphql::Value as ConstValue;
use sea_orm::{
    ActiveModelTrait, ActiveValue, Condition, ModelTrait, Value,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use self::save::save_all;
use super::{
    external,
    field::Shape,
    link,
    patch::Patch,
    record::{Change, Meta, Record},
    veil,
};
use crate::{
    error::{Error, Fault, FaultCode, Result},
    store::{Access, Tx, column, id_of, within_ids},
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OnConflict {
    Update,
    FillEmpty,
    Skip,
    Refuse,
}

pub struct Bulk {
    /// The column that says which row is meant; None always creates.
    pub match_on: Option<&'static str>,
    pub on_conflict: OnConflict,
    /// All rows or none.
    pub atomic: bool,
    pub dry_run: bool,
    pub rows: Vec<ConstValue>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    Created,
    Updated,
    Unchanged,
    Skipped,
    Failed,
}

#[derive(Clone, Debug)]
pub struct Outcome {
    pub status: Status,
    pub id: Option<Uuid>,
    pub faults: Vec<Fault>,
}

impl Outcome {
    fn failed(faults: Vec<Fault>) -> Self {
        Self { status: Status::Failed, id: None, faults }
    }
}

pub const MOST_ROWS: usize = 1000;

pub async fn run<E: Record>(access: &Access, bulk: Bulk) -> Result<Vec<Outcome>> {
    let rules = E::meta().rules;
    let held = rules.update.filter(|p| access.actor().may(*p)).or(rules.create);
    let permission = held.ok_or_else(|| Error::internal("not writable"))?;
    let mut tx = access.begin(permission).await?;
    let (dry_run, atomic) = (bulk.dry_run, bulk.atomic);
    let outcomes = write::<E>(&mut tx, bulk).await?;
    let failed = outcomes.iter().any(|o| o.status == Status::Failed);
    if dry_run || (atomic && failed) {
        return Ok(undone(outcomes, dry_run));
    }
    tx.commit(serde_json::json!({ "rows": outcomes.iter().map(remembered).collect::<Vec<_>>() })).await?;
    Ok(outcomes)
}

/// What an idempotency key remembers of a row; faults are found again by the retry's reader in the stored answer.
fn remembered(outcome: &Outcome) -> serde_json::Value {
    serde_json::json!([outcome.status as u8, outcome.id])
}

/// The outcomes that a key remembers.
pub fn replayed(answer: &serde_json::Value) -> Option<Vec<Outcome>> {
    let row = |row: &serde_json::Value| {
        let status = STATUSES.into_iter().find(|s| Some(*s as u64) == row[0].as_u64())?;
        Some(Outcome { status, id: row[1].as_str().and_then(|id| id.parse().ok()), faults: vec![] })
    };
    answer["rows"].as_array()?.iter().map(row).collect()
}

const STATUSES: [Status; 5] = [Status::Created, Status::Updated, Status::Unchanged, Status::Skipped, Status::Failed];

/// Nothing was written: new rows have no id, and of an atomic call nothing happened.
fn undone(outcomes: Vec<Outcome>, dry_run: bool) -> Vec<Outcome> {
    let undo = |mut outcome: Outcome| {
        if outcome.status == Status::Created {
            outcome.id = None;
        }
        if !dry_run && outcome.status != Status::Failed {
            outcome.status = Status::Skipped;
        }
        outcome
    };
    outcomes.into_iter().map(undo).collect()
}

/// A step: matches, checks and writes the rows inside somebody's work.
pub async fn write<E: Record>(tx: &mut Tx, mut bulk: Bulk) -> Result<Vec<Outcome>> {
    let mut outcomes = write_once::<E>(tx, &bulk).await?;
    let places = overtaken::<E>(tx, &bulk, &outcomes).await?;
    if !places.is_empty() {
        bulk.rows = places.iter().map(|at| bulk.rows[*at].clone()).collect();
        for (at, outcome) in places.into_iter().zip(write_once::<E>(tx, &bulk).await?) {
            outcomes[at] = outcome;
        }
    }
    Ok(outcomes)
}

/// Rows that somebody else has written at the same time and first: they were refused, left nothing behind, and are known
/// by now.
async fn overtaken<E: Record>(tx: &mut Tx, bulk: &Bulk, outcomes: &[Outcome]) -> Result<Vec<usize>> {
    let meta = E::meta();
    let Some(name) = bulk.match_on.filter(|name| *name != "id" && bulk.on_conflict != OnConflict::Refuse) else {
        return Ok(vec![]);
    };
    // the same key twice in one call has no field to blame, and stays refused
    let by_database = |fault: &Fault| fault.code == FaultCode::Duplicate && !fault.field.is_empty();
    let refused = |outcome: &Outcome| !outcome.faults.is_empty() && outcome.faults.iter().all(by_database);
    let keyed = |at: usize| Some((at, key_of(meta, name, &bulk.rows[at])?));
    let keys: Vec<(usize, String)> =
        (0..outcomes.len()).filter(|at| refused(&outcomes[*at])).filter_map(keyed).collect();
    if keys.is_empty() {
        return Ok(vec![]);
    }
    let found = existing::<E>(tx, meta, name, keys.iter().map(|(_, key)| key.clone()).collect()).await?;
    Ok(keys.into_iter().filter(|(_, key)| found.knows(key)).map(|(at, _)| at).collect())
}

async fn write_once<E: Record>(tx: &mut Tx, bulk: &Bulk) -> Result<Vec<Outcome>> {
    let meta = E::meta();
    let found = match bulk.match_on {
        Some(name) => {
            let keys = bulk.rows.iter().filter_map(|row| key_of(meta, name, row)).collect();
            existing::<E>(tx, meta, name, keys).await?
        }
        None => Found::default(),
    };
    let mut outcomes = vec![None; bulk.rows.len()];
    let mut changes: Vec<Change<E>> = Vec::new();
    let mut places = Vec::new();
    let mut seen = HashMap::new();
    for (at, row) in bulk.rows.iter().enumerate() {
        match one::<E>(tx, bulk, &found, &mut seen, at, row) {
            Ok(change) => {
                changes.push(change);
                places.push(at);
            }
            Err(outcome) => outcomes[at] = Some(outcome),
        }
    }
    link::check::<E>(tx, &mut changes).await?;
    let name = |at: &usize| external::key_of(&bulk.rows[*at]).filter(|_| bulk.match_on == Some(external::MATCH));
    let names = places.iter().map(name).collect();
    for (at, outcome) in places.into_iter().zip(save_all::<E>(tx, changes, names).await?) {
        outcomes[at] = Some(outcome);
    }
    Ok(outcomes.into_iter().map(|o| o.unwrap_or_else(|| Outcome::failed(vec![]))).collect())
}

/// What one row means: a change to make, or an outcome already.
fn one<E: Record>(
    tx: &Tx,
    bulk: &Bulk,
    found: &Found<E>,
    seen: &mut HashMap<String, usize>,
    at: usize,
    row: &ConstValue,
) -> Result<Change<E>, Outcome> {
    let meta = E::meta();
    let key = bulk.match_on.and_then(|column| key_of(meta, column, row));
    if let Some(fault) = external::unnamed(meta, bulk.match_on, row) {
        return Err(Outcome::failed(vec![fault]));
    }
    if let (Some(key), Some(first)) = (&key, key.as_ref().and_then(|k| seen.get(k))) {
        let message = format!("row {first} of this call has the same key {key}");
        return Err(Outcome::failed(vec![Fault::new(FaultCode::Duplicate, "", message)]));
    }
    if let Some(key) = &key {
        seen.insert(key.clone(), at);
    }
    if bulk.match_on == Some(external::MATCH) {
        if let Some(fault) = external::fault(row) {
            return Err(Outcome::failed(vec![fault]));
        }
        if key.as_ref().is_some_and(|key| found.taken.contains(key)) {
            let message = "this names a record that is deleted, or that you may not change";
            return Err(Outcome::failed(vec![Fault::new(FaultCode::NotFound, "externalRef", message)]));
        }
    }
    if let Some(id) = key.as_ref().and_then(|key| found.told.get(key)) {
        return Err(pair::again(bulk.on_conflict, *id));
    }
    let before = key.and_then(|key| found.rows.get(&key)).cloned();
    if bulk.match_on == Some("id") && before.is_none() {
        return Err(Outcome::failed(vec![Fault::new(
            FaultCode::NotFound,
            "id",
            "no such object, or you may not change it",
        )]));
    }
    let mut patch = Patch::read(meta, row, before.is_none());
    if let Some(before) = &before {
        let id = id_of::<E>(before).ok();
        match bulk.on_conflict {
            OnConflict::Skip => return Err(Outcome { status: Status::Skipped, id, faults: vec![] }),
            OnConflict::Refuse => {
                return Err(Outcome::failed(vec![Fault::new(
                    FaultCode::Duplicate,
                    "",
                    "a record with this key exists",
                )]));
            }
            OnConflict::FillEmpty => patch = patch.only_empty::<E>(before),
            OnConflict::Update => {}
        }
    }
    let needed = if before.is_some() { meta.rules.update } else { meta.rules.create };
    match needed {
        None => return Err(Outcome::failed(vec![Fault::new(FaultCode::Validation, "", "this cannot be written")])),
        Some(p) if !tx.access().actor().may(p) => {
            return Err(Outcome::failed(vec![Fault::new(FaultCode::Forbidden, "", Error::Forbidden(p).to_string())]));
        }
        Some(_) => {}
    }
    Ok(patch.apply::<E>(before, tx.access().now()))
}

/// The match key of a row in its stored form.
fn key_of(meta: &'static Meta, column: &'static str, row: &ConstValue) -> Option<String> {
    if column == external::MATCH {
        return external::key_of(row);
    }
    if column == "id" {
        let text = super::args::member(row, "id").and_then(super::args::string)?;
        return super::value::id(meta.table, &text).map(|id| id.to_string());
    }
    let patch = Patch::read(meta, row, true);
    let key = patch.get(column).and_then(plain)?;
    match pair::with(meta, column) {
        Some(with) => Some(pair::joined(&patch.get(with).and_then(plain)?, &key)),
        None => Some(key),
    }
}

fn plain(v: &Value) -> Option<String> {
    match v {
        Value::String(text) => text.clone(),
        Value::Uuid(id) => id.map(|id| id.to_string()),
        Value::Int(n) => n.map(|n| n.to_string()),
        _ => None,
    }
}

/// What the match keys lead to.
struct Found<E: Record> {
    /// The rows, locked, by their key.
    rows: HashMap<String, E::Model>,
    /// References to records that are out of reach.
    taken: HashSet<String>,
    /// What is told once.
    told: HashMap<String, Uuid>,
}

impl<E: Record> Default for Found<E> {
    fn default() -> Self {
        Self { rows: HashMap::new(), taken: HashSet::new(), told: HashMap::new() }
    }
}

impl<E: Record> Found<E> {
    fn knows(&self, key: &str) -> bool {
        self.rows.contains_key(key) || self.taken.contains(key) || self.told.contains_key(key)
    }
}

async fn existing<E: Record>(
    tx: &mut Tx,
    meta: &'static Meta,
    name: &'static str,
    keys: Vec<String>,
) -> Result<Found<E>> {
    let mut found = Found::default();
    if keys.is_empty() {
        return Ok(found);
    }
    if name == external::MATCH {
        let named = external::named(tx, meta.table, &keys).await?;
        let ids: Vec<Uuid> = named.values().copied().collect();
        let rows = tx.lock_seen::<E>(within_ids((meta.table, "id"), &ids, tx.access().store().backend())).await?;
        let mut by_id = rows.into_iter().map(|row| Ok((id_of::<E>(&row)?, row))).collect::<Result<HashMap<_, _>>>()?;
        for (key, id) in named {
            match by_id.remove(&id) {
                Some(row) => _ = found.rows.insert(key, row),
                None => _ = found.taken.insert(key),
            }
        }
        return Ok(found);
    }
    if let Some(with) = pair::with(meta, name) {
        found.told = pair::existing::<E>(tx, (with, name), &keys).await?;
        return Ok(found);
    }
    let keys = keys.into_iter().map(|key| key_value(name, key));
    let c = column::<E>(name)?;
    let shown = veil::shown(meta, name, tx.access().actor());
    let named = Condition::all().add(Expr::col((meta.table, name)).is_in(keys)).add_option(shown);
    let rows = tx.lock_seen::<E>(named).await?;
    found.rows = rows.into_iter().filter_map(|row| Some((plain(&row.get(c))?, row))).collect();
    Ok(found)
}

fn key_value(name: &str, key: String) -> Value {
    if name == "id" { Uuid::parse_str(&key).map_or(Value::Uuid(None), Value::from) } else { key.into() }
}

/// The columns that upserts may match on.
pub fn match_keys(meta: &Meta) -> Vec<(String, &'static str)> {
    let mut keys = vec![("ID".to_owned(), "id")];
    if external::fits(meta) {
        keys.push(("EXTERNAL_REF".to_owned(), external::MATCH));
    }
    keys.extend(meta.fields.iter().filter(|f| f.unique || f.unique_with.is_some()).filter_map(|f| match f.shape {
        Shape::Column(column, _) => Some((f.enum_name(), column)),
        _ => None,
    }));
    keys
}

/// Unset columns of a row as they are, for rules that look at what will be.
pub fn will_be<E: Record>(change: &Change<E>, name: &str) -> Option<Value> {
    match change.row.get(column::<E>(name).ok()?) {
        ActiveValue::Set(v) | ActiveValue::Unchanged(v) => Some(v),
        ActiveValue::NotSet => None,
    }
}
