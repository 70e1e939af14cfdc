//! A side wants accounts on a list: any number at once, all or none, each with that side's YES.

use std::collections::HashSet;

use entity::{
    account,
    id::{AccountId, RowId, TargetEntryId, TargetListId, UserId},
    target_entry::{ActiveModel, Column as C, Entity, Model, TargetEntryState},
    target_list::{self, TargetTier},
    target_vote::{self, TargetChoice, TargetQuestion},
    user::Side,
};
use sea_orm::{ActiveValue::Set, Condition, ExprTrait, sea_query::Expr};
use uuid::Uuid;

use super::vote::{changeable, open};
use crate::{
    crm::whole,
    error::{Error, Fault, FaultCode, Result},
    store::{Access, Guarded, Scoped, Tx},
};

/// At most so many accounts in one call.
pub const MOST: usize = 1_000;
const BATCH: usize = 500;

/// An account that a side wants on a list.
pub struct Wanted {
    pub account: AccountId,
    pub tier: TargetTier,
    pub reason: String,
    pub replaces: Option<TargetEntryId>,
}

/// Proposes accounts for a list; the new entries in the order of the input.
pub async fn propose(access: &Access, list: TargetListId, side: Side, wanted: Vec<Wanted>) -> Result<Vec<Uuid>> {
    let (mut tx, user, _) = open(access, side).await?;
    let list = tx.lock::<target_list::Entity>(list).await.map_err(|error| match error {
        Error::Refused(_) => Error::not_found("targetListId"),
        other => other,
    })?;
    changeable(&list, access.now(), "targetListId")?;
    let faults = faults(&tx, &list, &wanted).await?;
    if !faults.is_empty() {
        return Err(Error::Refused(faults));
    }
    let rows = wanted.into_iter().map(|one| entry(list.id, side, one)).collect();
    let written = write(&mut tx, user, side, rows).await?;
    tx.commit(serde_json::json!({ "ids": written })).await?;
    Ok(written)
}

fn entry(list: TargetListId, side: Side, one: Wanted) -> ActiveModel {
    ActiveModel {
        target_list_id: Set(list),
        account_id: Set(one.account),
        tier: Set(one.tier),
        side: Set(side),
        state: Set(TargetEntryState::Proposed),
        reason: Set(one.reason),
        replaces_id: Set(one.replaces),
        solo: Set(false),
        ..Default::default()
    }
}

/// Two inserts for every few hundred.
async fn write(tx: &mut Tx, user: UserId, side: Side, rows: Vec<ActiveModel>) -> Result<Vec<Uuid>> {
    let mut ids = Vec::with_capacity(rows.len());
    for batch in rows.chunks(BATCH) {
        let mut written = tx.insert_many::<Entity>(batch.to_vec()).await?;
        // databases may answer in another order than they were given
        let place = |entry: &Model| batch.iter().position(|row| row.account_id == Set(entry.account_id));
        written.sort_by_key(place);
        let vote = |entry: &Model| target_vote::ActiveModel {
            target_entry_id: Set(entry.id),
            question: Set(TargetQuestion::Add),
            side: Set(side),
            choice: Set(TargetChoice::Yes),
            user_id: Set(user),
            comment: Set(None),
            ..Default::default()
        };
        tx.insert_many::<target_vote::Entity>(written.iter().map(vote).collect()).await?;
        ids.extend(written.iter().map(|entry| entry.id.uuid()));
    }
    Ok(ids)
}

/// What is wrong with which row. Three statements.
async fn faults(tx: &Tx, list: &target_list::Model, wanted: &[Wanted]) -> Result<Vec<Fault>> {
    let mut accounts: Vec<Uuid> = wanted.iter().map(|one| one.account.uuid()).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let seen = Scoped::<account::Entity>::read(tx.access()).erased();
    let seen: HashSet<Uuid> = tx.share(seen, account::Entity::NAME, &accounts).await?.into_iter().collect();
    let there = living(tx, list.id).await?;
    let mut again = HashSet::new();
    let mut all = vec![];
    for (at, one) in wanted.iter().enumerate() {
        let taken = there.iter().find(|entry| entry.account_id == one.account);
        let fault = if !seen.contains(&one.account.uuid()) {
            Some((FaultCode::NotFound, "accountId", "no such account, or you may not see it".to_owned()))
        } else if let Some(entry) = taken {
            let message = format!("it is on the list already: {}, proposed by {}", entry.state, entry.side);
            Some((FaultCode::Duplicate, "accountId", message))
        } else if !again.insert(one.account) {
            Some((FaultCode::Duplicate, "accountId", "this account comes twice".to_owned()))
        } else {
            let agreed = |id| there.iter().any(|e| e.id == id && e.state == TargetEntryState::Agreed);
            let wrong = one.replaces.is_some_and(|id| !agreed(id));
            wrong.then(|| (FaultCode::Validation, "replacesId", "this is not an agreed account of the list".to_owned()))
        };
        let under = |(code, field, message)| Fault::new(code, field, message).under(at.to_string()).under("rows");
        all.extend(fault.map(under));
    }
    Ok(all)
}

/// What is on the list, whoever may see it.
async fn living(tx: &Tx, list: TargetListId) -> Result<Vec<Model>> {
    let column = |c: C| Expr::col((Entity::NAME, c));
    let here =
        Condition::all().add(column(C::TargetListId).eq(list)).add(column(C::State).ne(TargetEntryState::Removed));
    tx.read(Scoped::<Entity>::read(&whole(tx.access())).filter(here)).await
}
