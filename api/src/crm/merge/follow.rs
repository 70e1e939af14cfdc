//! What belonged to the losers follows to the winner: every record with a field that names their type, and references
//! of other systems.

use std::collections::HashMap;

use entity::{
    merge as merges,
    merge_move::{self as moves, Kind},
};
use indexmap::IndexMap;
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Mergeable, Trace, Traces};
use crate::{
    error::{Error, Result},
    graph::{Meta, field::Shape, repoint::Pointer, root::catalog},
    store::Tx,
};

/// What happened to rows of one table by one of its columns.
pub struct Followed {
    pub table: &'static str,
    pub column: &'static str,
    pub traces: Traces,
}

/// The columns of a record that name records of this table.
fn pointers(meta: &'static Meta, table: &'static str) -> Vec<Pointer> {
    let one = |shape: &Shape| match *shape {
        Shape::One(column, to) if to().table == table => Some(Pointer { column, only: None }),
        Shape::Any(of, column) => Some(Pointer { column, only: Some((of, table)) }),
        _ => None,
    };
    let mut all: Vec<Pointer> = Vec::new();
    for pointer in meta.fields.iter().filter(|f| f.via.is_none()).filter_map(|f| one(&f.shape)) {
        if !all.iter().any(|known| known.column == pointer.column) {
            all.push(pointer);
        }
    }
    all
}

/// Records about merging itself, and what happened to a record while it was its own: they keep what they say.
const STAY: [&str; 8] = [
    "contact_consent",
    "merge",
    "duplicate_pair",
    "duplicate_scan",
    "lead_status_change",
    "lead_cycle",
    "opportunity_state",
    "sla_clock",
];

pub async fn children<E: Mergeable>(tx: &mut Tx, losers: &[Uuid], winner: Uuid) -> Result<Vec<Followed>> {
    let mut all = Vec::new();
    let records = catalog().map(|c| c.records.as_slice()).unwrap_or_default();
    for meta in records.iter().filter(|meta| !STAY.contains(&meta.table)) {
        for pointer in pointers(meta, E::NAME) {
            if pointer.column == "merged_into_id" {
                continue;
            }
            let traces = meta.verbs.repoint(tx, pointer, losers, winner).await?;
            all.push(Followed { table: meta.table, column: pointer.column, traces });
        }
    }
    Ok(all)
}

/// How many rows of each table moved or were folded.
pub fn count(all: &[Followed]) -> IndexMap<String, usize> {
    let mut counts = IndexMap::new();
    for followed in all {
        let n = followed.traces.moved.len() + followed.traces.folded.len();
        if n > 0 {
            *counts.entry(followed.table.to_owned()).or_insert(0) += n;
        }
    }
    counts
}

/// How many traces one row keeps.
const CHUNK: usize = 500;

/// The rows that keep it. What counts is the version at the end of the work, which may change a row again.
pub fn rows(tx: &Tx, merge: &merges::Model, all: Vec<Followed>) -> Result<Vec<moves::ActiveModel>> {
    let mut latest: HashMap<(&str, Uuid), i32> = HashMap::new();
    for Followed { table, traces, .. } in &all {
        let Some(meta) = catalog().and_then(|c| c.by_table(table)) else { continue };
        let every = traces.moved.iter().chain(&traces.folded).chain(&traces.absorbed);
        let ids: Vec<Uuid> = every.map(|trace| trace.id).collect();
        latest.extend(meta.verbs.versions(tx, &ids)?.into_iter().map(|(id, version)| ((*table, id), version)));
    }
    let mut rows = Vec::new();
    for Followed { table, column, traces } in all {
        let kinds = [(Kind::Moved, traces.moved), (Kind::Folded, traces.folded), (Kind::Absorbed, traces.absorbed)];
        for (kind, traces) in kinds {
            for chunk in traces.chunks(CHUNK) {
                let version = |t: &Trace| latest.get(&(table, t.id)).copied().unwrap_or(t.version);
                let kept = chunk.iter().map(|t| json!([t.id, version(t), t.before]));
                rows.push(moves::ActiveModel {
                    merge_id: Set(merge.id),
                    entity: Set(table.to_owned()),
                    field: Set(column.to_owned()),
                    kind: Set(kind),
                    rows: Set(Value::Array(kept.collect())),
                    ..Default::default()
                });
            }
        }
    }
    Ok(rows)
}

/// The traces that a row keeps.
pub fn read(row: &moves::Model) -> Result<Vec<Trace>> {
    let one = |kept: &Value| {
        Some(Trace {
            id: kept[0].as_str()?.parse().ok()?,
            version: kept[1].as_i64().and_then(|n| i32::try_from(n).ok())?,
            before: kept[2].as_object()?.clone(),
        })
    };
    let wrong = || Error::internal("a merge's trace cannot be read");
    row.rows.as_array().into_iter().flatten().map(|kept| one(kept).ok_or_else(wrong)).collect()
}
