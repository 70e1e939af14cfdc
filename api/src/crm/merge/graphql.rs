//! Merging in the schema. It holds no rules.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, ID, InputObject, Json, Object, Result as Answer, SimpleObject};
use entity::{
    account, contact,
    id::{MergeId, RowId},
    lead, merge as merges,
};
use uuid::Uuid;

use super::{Done, Mergeable, Pick, Wish, undo, undo::Undone};
use crate::{
    actor::Permission,
    error::{Error, Result},
    graph::{
        Node,
        derived::{UserError, outcome},
        root::access,
        value,
    },
    store::{Access, Guarded},
};

/// A field that the winner takes from one of the others.
#[derive(InputObject)]
pub struct FieldPickInput {
    /// The field's name, e.g. `email`, or `customFields` as a whole.
    field: String,
    /// The record to take it from: one of `loserIds`.
    from_id: ID,
}

/// Which records to make one.
#[derive(InputObject)]
pub struct MergeInput {
    /// The record that stays.
    winner_id: ID,
    /// The records that become part of it, 1 to 10, all of the same type. Where the winner has no value, the first of
    /// them that has one gives it; custom fields likewise, key by key.
    loser_ids: Vec<ID>,
    /// Fields whose value the winner takes from one of the others though it has one itself.
    #[graphql(default)]
    field_picks: Vec<FieldPickInput>,
    /// Check everything, say what would change, write nothing.
    #[graphql(default)]
    dry_run: bool,
}

/// Which merge to undo.
#[derive(InputObject)]
pub struct MergeUndoInput {
    /// The merge: an id that begins with `merge_`.
    id: ID,
}

/// How many rows of one table went to the winner.
#[derive(SimpleObject, Clone)]
pub struct MergeMoved {
    /// The table, as its records' ids begin.
    entity: String,
    /// How many.
    count: i32,
}

macro_rules! payload {
    ($name:ident $record:ident $entity:ty, $about:literal) => {
        #[doc = $about]
        #[derive(SimpleObject)]
        pub struct $name {
            /// The winner as it now is; after a dry run as it was.
            $record: Node<$entity>,
            /// The merge, for `mergeUndo`; null after a dry run, and when the caller may not read merges.
            merge: Node<merges::Entity>,
            /// The winner's values that changed or would change, by their columns.
            changed: Option<Json<serde_json::Value>>,
            /// How many rows of each table went or would go to the winner.
            moved: Vec<MergeMoved>,
            /// What was wrong with the input; empty when it was done.
            user_errors: Vec<UserError>,
        }

        impl $name {
            async fn answer(access: &Access, input: MergeInput) -> Result<Self> {
                let (done, user_errors) = outcome(merged::<$entity>(access, input).await)?;
                let moved = done.iter().flat_map(|done| &done.moved);
                let moved = moved.map(|(entity, n)| MergeMoved { entity: entity.clone(), count: count(*n) }).collect();
                Ok(Self {
                    $record: done.as_ref().map(|done| done.winner).into(),
                    merge: done.as_ref().and_then(|done| done.merge).into(),
                    changed: done.map(|done| Json(done.taken.into())),
                    moved,
                    user_errors,
                })
            }
        }
    };
}

payload!(LeadMergePayload lead lead::Entity, "The answer of `leadMerge`.");
payload!(ContactMergePayload contact contact::Entity, "The answer of `contactMerge`.");
payload!(AccountMergePayload account account::Entity, "The answer of `accountMerge`.");

/// The answer of `mergeUndo`.
#[derive(SimpleObject)]
pub struct MergeUndoPayload {
    /// The merge, with the time it was undone.
    merge: Node<merges::Entity>,
    /// Ids of the records that live again.
    restored_ids: Vec<ID>,
    /// How many rows went back to them.
    moved_back: i32,
    /// How many rows stay with the winner, as somebody touched them since.
    kept: i32,
    /// What was wrong with the input; empty when it was done.
    user_errors: Vec<UserError>,
}

fn count(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

#[derive(Default)]
pub struct MergeWrites;

#[Object]
impl MergeWrites {
    /// Makes several leads one: activities, campaign memberships, opportunities, references of other systems and
    /// everything else that names a loser goes to the winner; the losers become MERGED and their ids lead to the winner
    /// in `lead`, `node` and `nodes`, while changing them is LOCKED. A loser must be NEW or NURTURING. User errors: VALIDATION, NOT_FOUND,
    /// INVALID_TRANSITION, LOCKED, DUPLICATE. Takes an idempotency key; writes events, `lead.merged` for each loser.
    /// All of them must be within LEAD_UPDATE. Requires DUPLICATE_MERGE.
    async fn lead_merge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which lead stays, which are folded into it, and whose values are taken.")] input: MergeInput,
    ) -> Answer<Option<LeadMergePayload>> {
        Ok(Some(LeadMergePayload::answer(access(ctx)?, input).await?))
    }

    /// Makes several contacts one, like `leadMerge`; the losers' companies, addresses and numbers become further ones of the
    /// winner, and of consents the stricter holds. LOCKED also where an address would come to be seen by a caller from whom it
    /// is withheld, and for API keys where any is. User errors: VALIDATION, NOT_FOUND, LOCKED, DUPLICATE. Takes an idempotency key; writes events, `contact.merged` for each loser. All of them must be within CONTACT_UPDATE.
    /// Requires DUPLICATE_MERGE.
    async fn contact_merge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contact stays, which are folded into it, and whose values are taken.")]
        input: MergeInput,
    ) -> Answer<Option<ContactMergePayload>> {
        Ok(Some(ContactMergePayload::answer(access(ctx)?, input).await?))
    }

    /// Makes several accounts one, like `leadMerge`; contacts, opportunities, matched leads and parts of the losers go to
    /// the winner, whose life cycle follows. Of two entries on one target list the one that is AGREED stays, else the one still
    /// PROPOSED, else the winner's; no side's vote is carried over. User errors: VALIDATION, NOT_FOUND, LOCKED, DUPLICATE.
    /// Takes an idempotency key; writes events, `account.merged` for each loser. All of them must be within
    /// ACCOUNT_UPDATE. Requires DUPLICATE_MERGE.
    async fn account_merge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which account stays, which are folded into it, and whose values are taken.")]
        input: MergeInput,
    ) -> Answer<Option<AccountMergePayload>> {
        Ok(Some(AccountMergePayload::answer(access(ctx)?, input).await?))
    }

    /// Undoes a merge within 30 days: the losers live again, and what was moved and not touched since goes back; the
    /// winner gives up what it took and still holds. User errors: NOT_FOUND, LOCKED (undone before, or too late),
    /// DUPLICATE (a loser's e-mail address, domain or value of a unique custom field is somebody else's by now). Takes an idempotency key; writes events.
    /// The records must be within what merging them needs. Requires DUPLICATE_MERGE.
    async fn merge_undo(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which merge.")] input: MergeUndoInput,
    ) -> Answer<Option<MergeUndoPayload>> {
        let (done, user_errors) =
            outcome(undone(access(ctx)?, &input.id).await.map_err(|error| error.within(&[], "id")))?;
        let (table, done) = done.unzip();
        let losers: &[Uuid] = done.as_ref().map_or(&[], |done: &Undone| &done.losers);
        Ok(Some(MergeUndoPayload {
            restored_ids: losers
                .iter()
                .map(|id| ID(format!("{}_{}", table.unwrap_or_default(), id.simple())))
                .collect(),
            merge: done.as_ref().map(|done| done.merge).into(),
            moved_back: done.as_ref().map_or(0, |done| count(done.back)),
            kept: done.as_ref().map_or(0, |done| count(done.kept)),
            user_errors,
        }))
    }
}

async fn merged<E: Mergeable>(access: &Access, input: MergeInput) -> Result<Done> {
    access.require(Permission::DuplicateMerge)?;
    let id = |field: &str, id: &ID| value::typed::<E::Id>(field, id).map(RowId::uuid);
    let pick = |pick: FieldPickInput| Ok(Pick { from: id("fieldPicks", &pick.from_id)?, field: pick.field });
    let wish = Wish {
        winner: id("winnerId", &input.winner_id)?,
        losers: input.loser_ids.iter().map(|one| id("loserIds", one)).collect::<Result<_>>()?,
        picks: input.field_picks.into_iter().map(pick).collect::<Result<_>>()?,
        dry_run: input.dry_run,
    };
    match super::run::<E>(access, wish).await {
        Err(Error::Replayed(answer)) => again(&answer),
        done => done,
    }
}

/// What an idempotency key remembers.
fn again(answer: &serde_json::Value) -> Result<Done> {
    let id = |name: &str| answer[name].as_str().and_then(|id| id.parse::<Uuid>().ok());
    let winner = id("id").ok_or(Error::KeyInProgress)?;
    Ok(Done { winner, merge: id("merge"), taken: serde_json::Map::new(), moved: indexmap::IndexMap::new() })
}

/// The merged records' type, and what came back.
async fn undone(access: &Access, id: &ID) -> Result<(&'static str, Undone)> {
    access.require(Permission::DuplicateMerge)?;
    let id: MergeId = value::typed("id", id)?;
    let merge = crate::store::Scoped::<merges::Entity>::read(access).ids(&[id.uuid()]).one().await?;
    let entity = merge.ok_or_else(|| Error::not_found("id"))?.entity;
    let (table, done) = match entity.as_str() {
        lead::Entity::NAME => (lead::Entity::NAME, undo::undo::<lead::Entity>(access, id).await),
        contact::Entity::NAME => (contact::Entity::NAME, undo::undo::<contact::Entity>(access, id).await),
        _ => (account::Entity::NAME, undo::undo::<account::Entity>(access, id).await),
    };
    match done {
        Err(Error::Replayed(answer)) => Ok((table, undo::replayed(&answer).ok_or(Error::KeyInProgress)?)),
        done => Ok((table, done?)),
    }
}
