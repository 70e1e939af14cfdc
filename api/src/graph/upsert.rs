//! Bulk upsert: up to a thousand rows matched by a unique key, each with its own outcome. Matching, checking and
//! inserting cost the same few statements however many rows there are.

use std::collections::HashMap;

use async_graphql::Value as ConstValue;
use sea_orm::{
    ActiveModelTrait, ActiveValue, Condition, ModelTrait, Value,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{
    field::Shape,
    patch::{Patch, check_links},
    record::{Change, Meta, Record},
};
use crate::{
    error::{Error, Fault, FaultCode, Result},
    store::{Access, Tx, column, id_of},
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
pub async fn write<E: Record>(tx: &mut Tx, bulk: Bulk) -> Result<Vec<Outcome>> {
    let meta = E::meta();
    let found = existing::<E>(tx, meta, &bulk).await?;
    let mut outcomes = vec![None; bulk.rows.len()];
    let mut changes: Vec<Change<E>> = Vec::new();
    let mut places = Vec::new();
    let mut seen = HashMap::new();
    for (at, row) in bulk.rows.iter().enumerate() {
        match one::<E>(tx, &bulk, &found, &mut seen, at, row) {
            Ok(change) => {
                changes.push(change);
                places.push(at);
            }
            Err(outcome) => outcomes[at] = Some(outcome),
        }
    }
    check_links::<E>(tx, &mut changes).await?;
    E::check(tx, &mut changes).await?;
    for (at, outcome) in places.into_iter().zip(save_all::<E>(tx, changes).await?) {
        outcomes[at] = Some(outcome);
    }
    Ok(outcomes.into_iter().map(|o| o.unwrap_or_else(|| Outcome::failed(vec![]))).collect())
}

/// What one row means: a change to make, or an outcome already.
fn one<E: Record>(
    tx: &Tx,
    bulk: &Bulk,
    found: &HashMap<String, E::Model>,
    seen: &mut HashMap<String, usize>,
    at: usize,
    row: &ConstValue,
) -> Result<Change<E>, Outcome> {
    let meta = E::meta();
    let key = bulk.match_on.and_then(|column| key_of(meta, column, row));
    if let (Some(key), Some(first)) = (&key, key.as_ref().and_then(|k| seen.get(k))) {
        let message = format!("row {first} of this call has the same key {key}");
        return Err(Outcome::failed(vec![Fault::new(FaultCode::Duplicate, "", message)]));
    }
    if let Some(key) = &key {
        seen.insert(key.clone(), at);
    }
    let before = key.and_then(|key| found.get(&key)).cloned();
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
    if column == "id" {
        let text = super::args::member(row, "id").and_then(super::args::string)?;
        return super::value::id(meta.table, &text).map(|id| id.to_string());
    }
    let patch = Patch::read(meta, row, true);
    patch.get(column).and_then(plain)
}

fn plain(v: &Value) -> Option<String> {
    match v {
        Value::String(text) => text.clone(),
        Value::Uuid(id) => id.map(|id| id.to_string()),
        Value::Int(n) => n.map(|n| n.to_string()),
        _ => None,
    }
}

/// The rows that match, locked, by their key.
async fn existing<E: Record>(tx: &mut Tx, meta: &'static Meta, bulk: &Bulk) -> Result<HashMap<String, E::Model>> {
    let Some(name) = bulk.match_on else { return Ok(HashMap::new()) };
    let keys: Vec<Value> =
        bulk.rows.iter().filter_map(|row| key_of(meta, name, row)).map(|key| key_value(name, key)).collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let condition = Condition::all().add(Expr::col((meta.table, name)).is_in(keys));
    let c = column::<E>(name)?;
    let rows = tx.lock_where::<E>(condition).await?;
    Ok(rows.into_iter().filter_map(|row| Some((plain(&row.get(c))?, row))).collect())
}

fn key_value(name: &str, key: String) -> Value {
    if name == "id" { Uuid::parse_str(&key).map_or(Value::Uuid(None), Value::from) } else { key.into() }
}

/// Writes the faultless changes; if the database refuses one, row by row, so that only that one fails.
async fn save_all<E: Record>(tx: &mut Tx, changes: Vec<Change<E>>) -> Result<Vec<Outcome>> {
    let mut outcomes = vec![Outcome::failed(vec![]); changes.len()];
    let (mut new, mut old) = (Vec::new(), Vec::new());
    for (at, change) in changes.into_iter().enumerate() {
        if !change.faults.is_empty() {
            outcomes[at].faults = change.faults;
        } else if change.before.is_none() {
            new.push((at, change.row));
        } else {
            old.push((at, change));
        }
    }
    let mut written = Vec::new();
    insert_all::<E>(tx, new, &mut outcomes, &mut written).await?;
    for (at, change) in old {
        let before = change.before.clone();
        if let Some(row) = attempt::<E>(tx, change.row, before.as_ref(), &mut outcomes[at]).await? {
            let same = before.as_ref().is_some_and(|b| version_of::<E>(b) == version_of::<E>(&row));
            let status = if same { Status::Unchanged } else { Status::Updated };
            outcomes[at] = Outcome { status, id: Some(id_of::<E>(&row)?), faults: vec![] };
            if !same {
                written.push((before, row));
            }
        }
    }
    E::after(tx, &written).await?;
    Ok(outcomes)
}

fn version_of<E: Record>(row: &E::Model) -> Option<Value> {
    column::<E>("version").ok().map(|c| row.get(c))
}

type Written<E> = Vec<(Option<<E as sea_orm::EntityTrait>::Model>, <E as sea_orm::EntityTrait>::Model)>;

async fn insert_all<E: Record>(
    tx: &mut Tx,
    rows: Vec<(usize, E::ActiveModel)>,
    outcomes: &mut [Outcome],
    written: &mut Written<E>,
) -> Result<()> {
    let most = 30_000 / <E::Column as sea_orm::Iterable>::iter().count();
    for batch in rows.chunks(most.min(250)) {
        let mark = tx.savepoint().await?;
        let all = batch.iter().map(|(_, row)| row.clone()).collect();
        let done = match tx.insert_many::<E>(all).await {
            Ok(rows) => batch.iter().zip(rows).map(|((at, _), row)| (*at, row)).collect(),
            Err(error) => {
                error.into_faults()?;
                tx.undo(mark).await?;
                one_by_one::<E>(tx, batch, outcomes).await?
            }
        };
        for (at, row) in done {
            outcomes[at] = Outcome { status: Status::Created, id: Some(id_of::<E>(&row)?), faults: vec![] };
            written.push((None, row));
        }
    }
    Ok(())
}

async fn one_by_one<E: Record>(
    tx: &mut Tx,
    batch: &[(usize, E::ActiveModel)],
    outcomes: &mut [Outcome],
) -> Result<Vec<(usize, E::Model)>> {
    let mut done = Vec::new();
    for (at, row) in batch {
        if let Some(row) = attempt::<E>(tx, row.clone(), None, &mut outcomes[*at]).await? {
            done.push((*at, row));
        }
    }
    Ok(done)
}

/// Writes one row behind a savepoint; a refusal becomes the row's outcome.
async fn attempt<E: Record>(
    tx: &mut Tx,
    row: E::ActiveModel,
    before: Option<&E::Model>,
    outcome: &mut Outcome,
) -> Result<Option<E::Model>> {
    let mark = tx.savepoint().await?;
    let done = match before {
        Some(before) => super::record::update::<E>(tx, row, Some(before)).await,
        None => tx.insert::<E>(row).await,
    };
    match done {
        Ok(row) => Ok(Some(row)),
        Err(error) => {
            outcome.faults = error.into_faults()?;
            tx.undo(mark).await?;
            Ok(None)
        }
    }
}

/// The columns that upserts may match on.
pub fn match_keys(meta: &Meta) -> Vec<(String, &'static str)> {
    let mut keys = vec![("ID".to_owned(), "id")];
    keys.extend(meta.fields.iter().filter(|f| f.unique).filter_map(|f| match f.shape {
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
