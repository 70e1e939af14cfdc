//! A side says yes or no to an account on a list, or to taking it off. The list is locked first, so that caps hold and
//! two votes at once count one after the other.

use chrono::{DateTime, Utc};
use entity::{
    id::{RowId, TargetEntryId, UserId},
    target_entry::{ActiveModel, Entity, Model, TargetEntryState as State},
    target_list::{self, TargetListState},
    target_vote::{self, Column as V, Entity as Votes, TargetChoice, TargetQuestion},
    user::Side,
    word::Word,
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    Condition, ExprTrait,
    sea_query::Expr,
};

use super::{
    agreed,
    ballot::{self, Outcome, Vote},
    cap, state,
};
use crate::{
    actor::Permission,
    alignment::agreement::{Voice, speaks},
    error::{Error, FaultCode, Result},
    graph::record::remembered,
    store::{Access, Guarded, Scoped, Tx, expect_version},
};

/// What somebody says for a side.
pub struct Said {
    pub entry: TargetEntryId,
    pub question: TargetQuestion,
    pub side: Side,
    pub choice: TargetChoice,
    pub comment: Option<String>,
    pub expected: Option<i32>,
}

/// The permission to speak for a side.
pub fn permission(side: Side) -> Permission {
    match side {
        Side::Marketing => Permission::TargetListVoteMarketing,
        Side::Sales => Permission::TargetListVoteSales,
    }
}

/// The work under the side's permission, who does it, and whether they are alone: as with the keys of agreements.
pub(super) async fn open(access: &Access, side: Side) -> Result<(Tx, UserId, bool)> {
    let key = permission(side);
    let held = access.actor().may(key);
    speaks(access, Voice { key, held, alone: Permission::TargetListUpdate, side: Some(side) }).await
}

/// A list whose period is over stays as it is.
pub(super) fn changeable(list: &target_list::Model, now: DateTime<Utc>, field: &str) -> Result<TargetListState> {
    match state(list, now) {
        TargetListState::Closed => {
            Err(Error::refused(FaultCode::Locked, field, "the list's period is over: nothing changes any more"))
        }
        open => Ok(open),
    }
}

/// Records what a side says, and what follows from it.
pub async fn vote(access: &Access, said: Said) -> Result<TargetEntryId> {
    let (mut tx, user, alone) = open(access, said.side).await?;
    let (list, entry) = lock(&mut tx, &said).await?;
    let stands = changeable(&list, access.now(), "id")?;
    let new = Vote { side: said.side, choice: said.choice, user };
    let rows = votes(&mut tx, &said).await?;
    let of = |row: &target_vote::Model| Vote { side: row.side, choice: row.choice, user: row.user_id };
    let mut all: Vec<Vote> = rows.iter().map(of).collect();
    // what the state does not allow is refused before who may say it
    ballot::outcome(entry.state, stands, said.question, &[new])?;
    ballot::may_speak(&all, new, alone)?;
    all.retain(|vote| vote.side != said.side);
    all.push(new);
    record(&mut tx, rows.iter().find(|row| row.side == said.side), &said, user).await?;
    match ballot::outcome(entry.state, stands, said.question, &all)? {
        Outcome::Waits => {}
        Outcome::Stays => forget(&mut tx, &said).await?,
        Outcome::Becomes(to) => {
            let solo = all.iter().any(|one| all.iter().any(|other| one.side != other.side && one.user == other.user));
            become_(&mut tx, &list, entry, to, solo).await?;
        }
    }
    tx.commit(remembered(said.entry.uuid())).await?;
    Ok(said.entry)
}

/// The list first, so that everybody waits in the same order.
async fn lock(tx: &mut Tx, said: &Said) -> Result<(target_list::Model, Model)> {
    let seen = tx.read(Scoped::<Entity>::read(tx.access()).ids(&[said.entry.uuid()])).await?;
    let seen = seen.first().ok_or_else(|| Error::not_found("id"))?;
    let list = tx.lock::<target_list::Entity>(seen.target_list_id).await?;
    let entry = tx.lock::<Entity>(said.entry).await?;
    expect_version::<Entity>(&entry, said.expected)?;
    Ok((list, entry))
}

/// What was said to this question so far.
async fn votes(tx: &mut Tx, said: &Said) -> Result<Vec<target_vote::Model>> {
    let column = |c: V| Expr::col((Votes::NAME, c));
    let these =
        Condition::all().add(column(V::TargetEntryId).eq(said.entry)).add(column(V::Question).eq(said.question));
    tx.lock_where::<Votes>(these).await
}

/// One vote of a side: the first, or another in its place.
async fn record(tx: &mut Tx, had: Option<&target_vote::Model>, said: &Said, user: UserId) -> Result<()> {
    let row = target_vote::ActiveModel {
        choice: Set(said.choice),
        user_id: Set(user),
        comment: Set(said.comment.clone()),
        ..Default::default()
    };
    if let Some(had) = had {
        tx.update::<Votes>(target_vote::ActiveModel { id: Unchanged(had.id), ..row }).await?;
        return Ok(());
    }
    let new = target_vote::ActiveModel {
        target_entry_id: Set(said.entry),
        question: Set(said.question),
        side: Set(said.side),
        ..row
    };
    tx.insert::<Votes>(new).await?;
    Ok(())
}

/// Nobody asks any more: the wish and the answer are deleted, and stay in the history.
async fn forget(tx: &mut Tx, said: &Said) -> Result<()> {
    for row in votes(tx, said).await? {
        tx.delete::<Votes>(row).await?;
    }
    Ok(())
}

async fn become_(tx: &mut Tx, list: &target_list::Model, entry: Model, to: State, solo: bool) -> Result<()> {
    let now = tx.access().now();
    let (id, tier, replaces) = (entry.id, entry.tier, entry.replaces_id);
    if let (State::Agreed, Some(replaced)) = (to, replaces) {
        give_way(tx, replaced).await?;
    }
    let row = ActiveModel { id: Unchanged(id), state: Set(to), solo: Set(entry.solo || solo), ..Default::default() };
    let (row, kind) = match to {
        State::Removed => (ActiveModel { removed_at: Set(Some(now)), ..row }, "target_entry.removed"),
        State::Agreed => (ActiveModel { decided_at: Set(Some(now)), ..row }, "target_entry.agreed"),
        _ => (ActiveModel { decided_at: Set(Some(now)), ..row }, "target_entry.declined"),
    };
    tx.update::<Entity>(row).await?;
    tx.emit(kind);
    let Some(cap) = cap(list, tier).filter(|_| to == State::Agreed) else { return Ok(()) };
    let used = agreed(tx, &[list.id]).await?.into_iter().find(|(_, of, _)| *of == tier).map_or(0, |(.., n)| n);
    if used > i64::from(cap) {
        let message = format!("{} is full with {cap} accounts: take one off, or propose with replacesId", tier.word());
        return Err(Error::refused(FaultCode::CriteriaUnmet, "tier", message));
    }
    Ok(())
}

/// The account whose place is taken goes off the list with the same votes.
async fn give_way(tx: &mut Tx, replaced: TargetEntryId) -> Result<()> {
    let gone =
        || Error::refused(FaultCode::CriteriaUnmet, "replacesId", "the account it replaces is not agreed any more");
    let old = match tx.lock::<Entity>(replaced).await {
        Err(Error::Refused(faults)) if faults.iter().all(|fault| fault.code == FaultCode::NotFound) => {
            return Err(gone());
        }
        found => found?,
    };
    if old.state != State::Agreed {
        return Err(gone());
    }
    let now = tx.access().now();
    let row = ActiveModel {
        id: Unchanged(old.id),
        state: Set(State::Removed),
        removed_at: Set(Some(now)),
        ..Default::default()
    };
    tx.update::<Entity>(row).await?;
    tx.emit("target_entry.removed");
    Ok(())
}
