//! Pairs that a scan found, and what was decided about them. A pair is seen by who sees both records.

use std::sync::LazyLock;

use entity::{
    duplicate_pair::{Column as C, Entity, Model, State},
    id::DuplicatePairId,
};
use futures_util::future::BoxFuture;
use sea_orm::{Condition, ExprTrait, Value, sea_query::Expr};
use uuid::Uuid;

use crate::{
    actor::{Actor, Permission},
    crm::{merge, transition},
    error::Result,
    graph::{self, Item, Meta, Patch, Record, Rules},
    store::{Guarded, Op, Tx, within_ids},
};

impl Guarded for Entity {
    type Id = DuplicatePairId;
    const NAME: &'static str = "duplicate_pair";
    const READ: Permission = Permission::DuplicateRead;

    fn within(actor: &Actor, _: Permission) -> Condition {
        merge::seen(actor, Self::NAME, &["first_id", "second_id"])
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    fn event(before: &Model, after: &Model) -> Option<&'static str> {
        (before.state != after.state && after.state == State::Dismissed).then_some("duplicate_pair.dismissed")
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules { read: Permission::DuplicateRead, create: None, update: None, delete: None, assign: None };
        let about = "Two records that may be the same, found by `duplicateScanCreate`. Seen by who sees both.";
        Meta::new::<Entity>(
            "DuplicatePair",
            "duplicatePairs",
            about,
            rules,
            vec![
                graph::text(C::Entity, "The records' type, as their ids begin: lead, contact or account.")
                    .filter()
                    .group(),
                graph::any("first_id", C::Entity, C::FirstId, "The older record."),
                graph::any("second_id", C::Entity, C::SecondId, "The other record."),
                graph::integer(C::Score, "How likely they are the same by themselves, from 50 to 100; from 25 where both are the same as a third (THIRD).").filter().order(),
                graph::list(C::Rules, Item::of::<super::evidence::Rule>(), "What speaks for it."),
                graph::word::<State, _>(C::State, "What was decided.").filter().order().group(),
            ],
        )
        .step::<Entity>(
            "Dismiss",
            Permission::DuplicateUpdate,
            "Says that two records are not the same: later scans leave it at that. Emits `duplicate_pair.dismissed`.",
            vec![],
            dismiss,
        )
        .step::<Entity>("Reopen", Permission::DuplicateUpdate, "Takes a dismissal back.", vec![], reopen)
    });
    &META
}

/// What may follow: a merged pair stays one until the merge is undone.
fn next(from: State) -> &'static [State] {
    match from {
        State::Open => &[State::Dismissed, State::Merged],
        State::Dismissed => &[State::Open],
        State::Merged => &[],
    }
}

fn dismiss<'a>(_: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        transition::ensure("state", before.state, State::Dismissed, next(before.state))?;
        Ok(told.with("state", State::Dismissed))
    })
}

fn reopen<'a>(_: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        transition::ensure("state", before.state, State::Open, next(before.state))?;
        Ok(told.with("state", State::Open))
    })
}

fn of(tx: &Tx, ids: &[Uuid]) -> Condition {
    let backend = tx.access().store().backend();
    let living = Expr::col((Entity::NAME, C::DeletedAt)).is_null();
    let either = Condition::any().add(within_ids((Entity::NAME, "first_id"), ids, backend)).add(within_ids(
        (Entity::NAME, "second_id"),
        ids,
        backend,
    ));
    Condition::all().add(either).add(living)
}

/// A step of a merge: pairs among the merged are MERGED; others of the losers go, a later scan finds the winner's.
pub async fn merged(tx: &mut Tx, winner: Uuid, losers: &[Uuid]) -> Result<()> {
    let rows = tx.lock_followers::<Entity>(of(tx, losers)).await?;
    let inside = |row: &Model| [row.first_id, row.second_id].iter().all(|id| *id == winner || losers.contains(id));
    let (one, others): (Vec<Model>, Vec<Model>) = rows.into_iter().partition(inside);
    tx.set_all::<Entity>(&one, &[("state", State::Merged.into())], Op::Updated).await?;
    let gone = vec![("deleted_at", Value::from(Some(tx.access().now())))];
    tx.set_all::<Entity>(&others, &gone, Op::Deleted).await?;
    Ok(())
}

/// A step of undoing one: whoever parts two records says that they are not the same.
pub async fn parted(tx: &mut Tx, winner: Uuid, losers: &[Uuid]) -> Result<()> {
    let rows = tx.lock_followers::<Entity>(of(tx, losers)).await?;
    let inside = |row: &Model| [row.first_id, row.second_id].iter().all(|id| *id == winner || losers.contains(id));
    let rows: Vec<Model> = rows.into_iter().filter(|row| row.state == State::Merged && inside(row)).collect();
    tx.set_all::<Entity>(&rows, &[("state", State::Dismissed.into())], Op::Updated).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_open_dismissed_or_merged() {
        transition::assert_table(
            next,
            "OPEN      DISMISSED MERGED
             DISMISSED OPEN
             MERGED",
        );
    }
}
