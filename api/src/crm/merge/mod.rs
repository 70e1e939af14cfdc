//! Records made one: everything that belonged to the losers goes to the winner in one unit of work, the losers' ids lead
//! to it from then on, and within thirty days it can be undone. Children follow by the fields that name their record
//! (`Meta`), so that a table added later follows without a word here.

mod follow;
pub mod graphql;
mod kinds;
mod picks;
mod record;
mod undo;

use entity::{id::RowId, merge as merges, merge_move as moves};
use indexmap::IndexMap;
use sea_orm::{ActiveValue::Set, ModelTrait};
use serde_json::{Map, Value, json};
use uuid::Uuid;

pub use kinds::Mergeable;
pub use picks::Pick;
pub use record::{meta, seen};
pub use undo::undo;

use super::custom_field;
use crate::{
    actor::Permission,
    error::{Error, FaultCode, Result},
    graph::{
        Patch,
        record::{lock, save},
        repoint::{Trace, Traces, json_of, trace, values_of},
        veil,
    },
    store::{Access, Tx, column, id_of},
};

/// How many records may be merged into one at once.
const MOST_LOSERS: usize = 10;

/// What is to be merged.
pub struct Wish {
    pub winner: Uuid,
    pub losers: Vec<Uuid>,
    pub picks: Vec<Pick>,
    pub dry_run: bool,
}

/// What a merge did, or would do.
#[derive(Clone, Debug)]
pub struct Done {
    pub winner: Uuid,
    /// None after a dry run.
    pub merge: Option<Uuid>,
    /// The winner's fields that changed, by their columns, and what they hold now.
    pub taken: Map<String, Value>,
    /// How many rows of each table went to the winner.
    pub moved: IndexMap<String, usize>,
}

pub async fn run<E: Mergeable>(access: &Access, wish: Wish) -> Result<Done> {
    access.require(Permission::DuplicateMerge)?;
    let mut tx = access.begin(E::UPDATE).await?;
    check(&wish)?;
    let (winner, losers) = lock_all::<E>(&mut tx, &wish).await?;
    E::ready(&winner, &losers)?;
    let mut patch = picks::patch::<E>(&winner, &losers, &wish.picks)?;
    fitting::<E>(&tx, &mut patch).await?;
    let kept = losers.iter().map(|row| former::<E>(row)).collect::<Result<Vec<_>>>()?;
    let mut traces = E::before(&mut tx, &winner, &losers, &patch).await?;
    for loser in &losers {
        let now = tx.access().now();
        E::leaving(&mut tx, loser, now).await?;
        tx.merge_away::<E>(E::lost(loser, wish.winner, now), wish.winner).await?;
    }
    traces.extend(follow::children::<E>(&mut tx, &wish.losers, wish.winner).await?);
    // a follower may have been the winner itself, as the child of a loser
    let before = tx.lock::<E>(E::Id::from_uuid(wish.winner)).await?;
    let after = save::<E>(&mut tx, Some(before.clone()), patch).await?;
    let after = E::settle(&mut tx, after).await?;
    let taken = taken::<E>(&winner, &after);
    let moved = follow::count(&traces);
    let merge = write::<E>(&mut tx, &wish, kept, &taken, traces).await?;
    crate::crm::duplicate::pairs::merged(&mut tx, wish.winner, &wish.losers).await?;
    let hidden = veil::hidden(&tx, E::meta(), wish.winner).await?;
    let told = taken.iter().filter(|(name, _)| !hidden.contains(&name.as_str()));
    let now = told.map(|(name, pair)| (name.clone(), pair[1].clone())).collect();
    if wish.dry_run {
        return Ok(Done { winner: wish.winner, merge: None, taken: now, moved });
    }
    tx.commit(json!({ "id": wish.winner, "merge": merge })).await?;
    Ok(Done { winner: wish.winner, merge: Some(merge), taken: now, moved })
}

/// Of own fields only what still fits them is taken: they may have gone, or changed, since it was said. The rest stays with
/// the losers.
async fn fitting<E: Mergeable>(tx: &Tx, patch: &mut Patch) -> Result<()> {
    for (name, value) in &mut patch.values {
        let ("custom", sea_orm::Value::Json(Some(own))) = (*name, &*value) else { continue };
        let fits = custom_field::shared(tx, own, &[E::NAME]).await?.remove(E::NAME);
        *value = Value::Object(fits.unwrap_or_default()).into();
    }
    Ok(())
}

fn check(wish: &Wish) -> Result<()> {
    let wrong = |message: &str| Err(Error::invalid("loserIds", message));
    let mut ids = wish.losers.clone();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() || wish.losers.len() > MOST_LOSERS {
        return wrong(&format!("give 1 to {MOST_LOSERS} records"));
    }
    if ids.len() < wish.losers.len() {
        return wrong("each record only once");
    }
    if ids.contains(&wish.winner) {
        return wrong("the winner is not one of them");
    }
    Ok(())
}

/// All of them, locked in the order of their ids so that two merges cannot wait for each other.
async fn lock_all<E: Mergeable>(tx: &mut Tx, wish: &Wish) -> Result<(E::Model, Vec<E::Model>)> {
    let mut ids = wish.losers.clone();
    ids.push(wish.winner);
    ids.sort_unstable();
    let mut rows = Vec::new();
    for id in ids {
        let field = if id == wish.winner { "winnerId" } else { "loserIds" };
        rows.push(lock::<E>(tx, id).await.map_err(|error| blame(error, field))?);
    }
    let mut take = |id: Uuid| -> Result<E::Model> {
        let at = rows.iter().position(|row| id_of::<E>(row).is_ok_and(|own| own == id));
        Ok(rows.swap_remove(at.ok_or_else(|| Error::not_found("loserIds"))?))
    };
    let winner = take(wish.winner)?;
    Ok((winner, wish.losers.iter().map(|id| take(*id)).collect::<Result<_>>()?))
}

fn blame(error: Error, field: &str) -> Error {
    let Error::Refused(mut faults) = error else { return error };
    for fault in &mut faults {
        fault.field = vec![field.to_owned()];
    }
    Error::Refused(faults)
}

/// What a loser was, for the day on which it comes back: only what merging changes.
fn former<E: Mergeable>(row: &E::Model) -> Result<Value> {
    let mut was = Map::new();
    for name in E::CHANGED {
        was.insert((*name).to_owned(), json_of(&row.get(column::<E>(name)?)));
    }
    Ok(json!({ "id": id_of::<E>(row)?, "was": was }))
}

/// The winner's columns that changed: before and after.
fn taken<E: Mergeable>(before: &E::Model, after: &E::Model) -> Map<String, Value> {
    let mut taken = Map::new();
    for c in <E::Column as sea_orm::Iterable>::iter() {
        let name = sea_orm::IdenStatic::as_str(&c);
        let (was, now) = (json_of(&before.get(c)), json_of(&after.get(c)));
        if was != now && !["version", "updated_at", "updated_by", "search_text"].contains(&name) {
            taken.insert(name.to_owned(), json!([was, now]));
        }
    }
    taken
}

/// Keeps what was done, so that it can be undone.
async fn write<E: Mergeable>(
    tx: &mut Tx,
    wish: &Wish,
    losers: Vec<Value>,
    taken: &Map<String, Value>,
    traces: Vec<follow::Followed>,
) -> Result<Uuid> {
    let row = merges::ActiveModel {
        entity: Set(E::NAME.to_owned()),
        winner_id: Set(wish.winner),
        losers: Set(losers.into()),
        taken: Set(taken.clone().into()),
        moved: Set(json!(follow::count(&traces))),
        undone_at: Set(None),
        ..Default::default()
    };
    let merge = tx.insert::<merges::Entity>(row).await?;
    let rows = follow::rows(tx, &merge, traces)?;
    if !rows.is_empty() {
        tx.insert_many::<moves::Entity>(rows).await?;
    }
    tx.redirect::<E>(&wish.losers, wish.winner, merge.id.uuid()).await?;
    Ok(merge.id.uuid())
}

/// A merge that cannot be undone any more, or again.
fn refused(message: &str) -> Error {
    Error::refused(FaultCode::Locked, "id", message)
}
