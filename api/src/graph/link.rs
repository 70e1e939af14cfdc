//! The records that an input names must be some that the caller sees: nobody else may learn that they exist, neither by
//! being told so nor by what rules say of them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sea_orm::{ActiveModelTrait, ActiveValue, Value, prelude::Uuid, sea_query::LockType};
use serde_json::Value as Json;

use super::{
    field::{Field, Kind, Shape, Write},
    patch::Patch,
    record::{Change, Meta, Record},
    root::catalog,
};
use crate::{
    error::{Error, Fault, FaultCode, Result},
    store::{Access, Link, Tx, column},
};

/// Checks rows by their table's rules. Rules look at what rows refer to, so they are not asked of rows that refer to
/// what the caller does not see: these have their fault.
pub async fn check<E: Record>(tx: &mut Tx, changes: &mut Vec<Change<E>>) -> Result<()> {
    let lost = check_links::<E>(tx, changes).await?;
    if lost.is_empty() {
        return E::check(tx, changes).await;
    }
    let (mut apart, mut rest, mut places) = (vec![], vec![], vec![]);
    for (at, change) in std::mem::take(changes).into_iter().enumerate() {
        if lost.contains(&at) {
            apart.push((at, change));
        } else {
            places.push(at);
            rest.push(change);
        }
    }
    E::check(tx, &mut rest).await?;
    apart.extend(places.into_iter().zip(rest));
    apart.sort_by_key(|(at, _)| *at);
    changes.extend(apart.into_iter().map(|(_, change)| change));
    Ok(())
}

/// The places of changes that refer to what the caller does not see. One statement, however many relations and rows.
async fn check_links<E: Record>(tx: &mut Tx, changes: &mut [Change<E>]) -> Result<HashSet<usize>> {
    let mut links = Vec::new();
    for field in &E::meta().fields {
        let Shape::One(key, to) = field.shape else { continue };
        if field.write == Write::Never || field.via.is_some() {
            continue;
        }
        let wanted: Vec<Option<Uuid>> = changes.iter().map(|c| changed_link(c, key)).collect::<Result<_>>()?;
        if wanted.iter().any(Option::is_some) {
            links.push((field, to(), wanted));
        }
    }
    let mut lost = HashSet::new();
    let seen =
        tx.linked(links.iter().map(|(field, to, wanted)| link(tx.access(), field, to, wanted)).collect()).await?;
    for ((field, to, wanted), seen) in links.into_iter().zip(seen) {
        for (at, id) in wanted.into_iter().enumerate() {
            if id.is_some_and(|id| !seen.contains(&id)) {
                changes[at].faults.push(unseen(field, to));
                lost.insert(at);
            }
        }
    }
    Ok(lost)
}

/// Refuses what a step is told of records that the caller does not see, before it makes anything of it.
pub async fn check_told(tx: &Tx, fields: &[Field], told: &Patch) -> Result<()> {
    let mut links = Vec::new();
    for field in fields {
        let (column, to) = match field.shape {
            Shape::Column(column, Kind::Id(table)) => (column, catalog().and_then(|catalog| catalog.by_table(table))),
            Shape::One(column, to) => (column, Some(to())),
            _ => continue,
        };
        if let (Some(to), Some(Value::Uuid(Some(id)))) = (to, told.get(column)) {
            links.push((field, to, *id));
        }
    }
    let each = links.iter().map(|(field, to, id)| link(tx.access(), field, to, &[Some(*id)]));
    let seen = tx.linked(each.collect()).await?;
    let lost = links.iter().zip(seen).filter(|((_, _, id), seen)| !seen.contains(id));
    let faults: Vec<Fault> = lost.map(|((field, to, _), _)| unseen(field, to)).collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::Refused(faults)) }
}

/// A record that an input names, and where.
pub type Named = (Vec<String>, &'static Meta, Uuid);

/// The records that a text names in members whose name ends with `Id`, or also in lists whose name ends with `Ids`.
pub fn named_in(text: &Json, path: &mut Vec<String>, lists: bool, found: &mut Vec<Named>) {
    let listed = |path: &[String]| lists && path.iter().rev().nth(1).is_some_and(|name| name.ends_with("Ids"));
    let members: Vec<(String, &Json)> = match text {
        Json::Object(all) => all.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Json::Array(all) => all.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect(),
        Json::String(id) if path.last().is_some_and(|name| name.ends_with("Id")) || listed(path) => {
            found.extend(catalog().and_then(|all| all.by_id(id)).map(|(meta, id)| (path.clone(), meta, id)));
            return;
        }
        _ => return,
    };
    for (name, value) in members {
        path.push(name);
        named_in(value, path, lists, found);
        path.pop();
    }
}

/// Faults about those records of a text that the caller does not see, each with its path in the input. One statement,
/// and one part of it for each table.
pub async fn unseen_in(tx: &Tx, named: Vec<Named>) -> Result<Vec<Fault>> {
    let mut wanted: BTreeMap<&str, (&'static Meta, BTreeSet<Uuid>)> = BTreeMap::new();
    for (_, to, id) in &named {
        wanted.entry(to.table).or_insert((to, BTreeSet::new())).1.insert(*id);
    }
    let links = wanted.values().map(|(to, ids)| scope(tx.access(), to, ids.iter().copied().collect(), None));
    let seen = tx.linked(links.collect()).await?;
    let seen: HashMap<&str, _> = wanted.keys().copied().zip(seen).collect();
    let lost = |(_, to, id): &Named| seen.get(to.table).is_none_or(|seen| !seen.contains(id));
    let fault = |(field, to, _): Named| Fault { code: FaultCode::NotFound, message: missing(to), field };
    Ok(named.into_iter().filter(lost).map(fault).collect())
}

fn unseen(field: &Field, to: &Meta) -> Fault {
    Fault::new(FaultCode::NotFound, &field.input_name(), missing(to))
}

fn missing(to: &Meta) -> String {
    format!("no such {}, or you may not see it", to.lower())
}

fn link(access: &Access, field: &Field, to: &'static Meta, wanted: &[Option<Uuid>]) -> Link {
    let mut ids: Vec<Uuid> = wanted.iter().flatten().copied().collect();
    ids.sort_unstable();
    ids.dedup();
    scope(access, to, ids, field.lock)
}

fn scope(access: &Access, to: &'static Meta, ids: Vec<Uuid>, lock: Option<LockType>) -> Link {
    Link { scoped: (to.scoped)(access), table: to.table, ids, lock }
}

/// The id that a change newly sets.
fn changed_link<E: Record>(change: &Change<E>, key: &str) -> Result<Option<Uuid>> {
    use sea_orm::ModelTrait;
    let c = column::<E>(key)?;
    let ActiveValue::Set(new) = change.row.get(c) else { return Ok(None) };
    let old = change.before.as_ref().map(|row| row.get(c));
    Ok(match new {
        Value::Uuid(id) if old.as_ref() != Some(&new) => id,
        _ => None,
    })
}
