//! A merge taken back: the losers live again, and what was moved and not touched since goes back to them.

use std::collections::{BTreeMap, HashSet};

use chrono::TimeDelta;
use entity::{
    id::{MergeId, RowId},
    merge as merges,
    merge_move::{self as moves, Column as M, Kind},
};
use sea_orm::{ActiveValue::Set, Condition, ExprTrait, IntoActiveModel, ModelTrait, sea_query::Expr};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Mergeable, Trace, follow, picks, refused, values_of};
use crate::{
    error::{Error, Result},
    graph::{
        repoint::{json_of, lay},
        root::catalog,
    },
    store::{Access, Guarded, Tx, column},
};

/// How long a merge can be undone.
pub const DAYS: i64 = 30;

/// What came back.
pub struct Undone {
    pub merge: Uuid,
    pub winner: Uuid,
    pub losers: Vec<Uuid>,
    /// Rows that went back to the losers.
    pub back: usize,
    /// Rows that were touched since and stay with the winner.
    pub kept: usize,
}

pub async fn undo<E: Mergeable>(access: &Access, id: MergeId) -> Result<Undone> {
    let mut tx = access.begin(E::UPDATE).await?;
    let merge = open::<E>(&mut tx, id).await?;
    crate::graph::record::lock::<E>(&mut tx, merge.winner_id).await?;
    // rows first: what the winner gives up may change those that stay with it
    let (back, kept) = rows_back(&mut tx, &merge).await?;
    let winner = tx.lock::<E>(E::Id::from_uuid(merge.winner_id)).await?;
    give_up::<E>(&mut tx, winner, &merge).await?;
    let losers = bring_back::<E>(&mut tx, &merge).await?;
    tx.undirect(merge.id.uuid()).await?;
    let now = tx.access().now();
    let winner = merge.winner_id;
    crate::crm::duplicate::pairs::parted(&mut tx, winner, &losers).await?;
    tx.update::<merges::Entity>(merges::ActiveModel { undone_at: Set(Some(now)), ..merge.into_active_model() }).await?;
    tx.commit(json!({ "id": winner, "merge": id.uuid(), "back": back, "kept": kept, "losers": losers })).await?;
    Ok(Undone { merge: id.uuid(), winner, losers, back, kept })
}

/// The merge, if it still can be undone.
async fn open<E: Mergeable>(tx: &mut Tx, id: MergeId) -> Result<merges::Model> {
    let own = Expr::col((merges::Entity::NAME, merges::Column::Id)).eq(id.uuid());
    let merge = tx.lock_followers::<merges::Entity>(Condition::all().add(own)).await?.pop();
    let merge = merge.filter(|merge| merge.entity == E::NAME).ok_or_else(|| Error::not_found("id"))?;
    if merge.undone_at.is_some() {
        return Err(refused("this merge was undone before"));
    }
    if tx.access().now() - merge.created_at > TimeDelta::days(DAYS) {
        return Err(refused(&format!("a merge can be undone for {DAYS} days")));
    }
    Ok(merge)
}

/// The winner gives up what it took, where it still holds just that; of own fields each for itself.
async fn give_up<E: Mergeable>(tx: &mut Tx, winner: E::Model, merge: &merges::Model) -> Result<()> {
    let mut was = Map::new();
    for (name, pair) in merge.taken.as_object().into_iter().flatten() {
        let now = json_of(&winner.get(column::<E>(name)?));
        if now == pair[1] {
            was.insert(name.clone(), pair[0].clone());
        } else if name == "custom" {
            was.insert(name.clone(), picks::given_up(&now, &pair[0], &pair[1]));
        }
    }
    E::own(tx, &winner, &mut was).await?;
    let values = values_of::<E>(&winner, &was)?;
    let after = tx.update::<E>(lay::<E>(winner.clone(), values)?).await?;
    E::after(tx, &[(Some(winner), after)]).await
}

async fn bring_back<E: Mergeable>(tx: &mut Tx, merge: &merges::Model) -> Result<Vec<Uuid>> {
    let mut ids = Vec::new();
    for loser in merge.losers.as_array().into_iter().flatten() {
        let id: Uuid = loser["id"].as_str().and_then(|id| id.parse().ok()).ok_or_else(|| Error::not_found("id"))?;
        let row = tx.lock_deleted::<E>(E::Id::from_uuid(id)).await?;
        let values = values_of::<E>(&row, loser["was"].as_object().unwrap_or(&Map::new()))?;
        let was = E::back(lay::<E>(row.clone(), values)?, tx.access().now());
        let back = tx.bring_back::<E>(was).await?;
        E::after(tx, &[(Some(row), back)]).await?;
        ids.push(id);
    }
    Ok(ids)
}

/// The traces of a merge by table and row: of several the first says what a row held.
struct Kept {
    table: String,
    /// Rows that only took something over give it up before those they took it from come back.
    first: Vec<Trace>,
    then: Vec<Trace>,
}

async fn rows_back(tx: &mut Tx, merge: &merges::Model) -> Result<(usize, usize)> {
    let own = Expr::col((moves::Entity::NAME, M::MergeId)).eq(merge.id.uuid());
    let rows = tx.lock_followers::<moves::Entity>(Condition::all().add(own)).await?;
    let (mut back, mut all) = (0, 0);
    for Kept { table, first, then } in sorted(&rows)? {
        let Some(meta) = catalog().and_then(|c| c.by_table(&table)) else { continue };
        back += meta.verbs.put_back(tx, &first).await? + meta.verbs.put_back(tx, &then).await?;
        all += first.len() + then.len();
    }
    Ok((back, all - back))
}

fn sorted(rows: &[moves::Model]) -> Result<Vec<Kept>> {
    let mut tables: BTreeMap<&str, BTreeMap<Uuid, Trace>> = BTreeMap::new();
    let mut more: HashSet<Uuid> = HashSet::new();
    for row in rows {
        let traces = tables.entry(&row.entity).or_default();
        for trace in follow::read(row)? {
            if row.kind != Kind::Absorbed {
                more.insert(trace.id);
            }
            let known = traces.entry(trace.id).or_insert_with(|| Trace { before: Map::new(), ..trace.clone() });
            for (name, value) in trace.before {
                known.before.entry(name).or_insert(value);
            }
        }
    }
    let part = |(table, traces): (&str, BTreeMap<Uuid, Trace>)| {
        let (then, first) = traces.into_values().partition(|trace| more.contains(&trace.id));
        Kept { table: table.to_owned(), first, then }
    };
    Ok(tables.into_iter().map(part).collect())
}

/// What an idempotency key remembers of an undone merge.
pub fn replayed(answer: &Value) -> Option<Undone> {
    let id = |value: &Value| value.as_str()?.parse().ok();
    let number = |value: &Value| value.as_u64().and_then(|n| usize::try_from(n).ok());
    Some(Undone {
        merge: id(&answer["merge"])?,
        winner: id(&answer["id"])?,
        losers: answer["losers"].as_array()?.iter().filter_map(id).collect(),
        back: number(&answer["back"])?,
        kept: number(&answer["kept"])?,
    })
}
