//! Target accounts in the schema: lists, entries, votes, and the two mutations that make them. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use std::sync::LazyLock;

use async_graphql::{Context, ID, InputObject, Object, Result as Answer, SimpleObject};
use entity::{
    id::RowId,
    target_entry::{self as entry, TargetEntryState},
    target_list::{Column as C, Entity, TargetListState, TargetTier},
    target_vote::{self as vote, TargetChoice, TargetQuestion},
    user::Side,
    word::Word,
};
use sea_orm::{
    ExprTrait,
    sea_query::{CaseStatement, Expr, Func, Query, SimpleExpr},
};

use super::{Said, Wanted, propose::MOST};
use crate::{
    access::user,
    actor::Permission,
    crm::account,
    error::{Error, Result},
    graph::{
        self, Kind, Meta, Nodes, Payload, Reckoned, Rules,
        derived::{Term, UserError, outcome},
        root::access,
        value,
    },
    store::Access,
};

pub fn records() -> Vec<&'static Meta> {
    vec![meta(), entries(), votes()]
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::TargetListRead,
            create: Some(Permission::TargetListCreate),
            update: Some(Permission::TargetListUpdate),
            delete: Some(Permission::TargetListDelete),
            assign: None,
        };
        let cap = |c, about| graph::integer(c, about).max(100_000).write();
        let states = Kind::Word(TargetListState::NAME, TargetListState::ABOUT, TargetListState::VALUES);
        let agreement =
            [Reckoned { name: "agreed_entries", sql: agreed }, Reckoned { name: "all_entries", sql: proposed }];
        let about = "The companies that marketing and sales go for together in a period. Period and caps are LOCKED once it has begun.";
        Meta::new::<Entity>("TargetList", "targetLists", about, rules, vec![
            graph::text(C::Name, "Its name. Unique in the organisation.").max(100).required().write().unique().filter().order(),
            graph::date(C::PeriodStart, "The first day of its period; from its beginning on, in the organisation's time zone, every change needs both sides.").required().write().filter().order(),
            graph::date(C::PeriodEnd, "The first day after its period; from then on nothing changes.").required().write().filter().order(),
            cap(C::Tier1Cap, "The most accounts that may be agreed as TIER_1; null for any number. Not less than are agreed, else CRITERIA_UNMET."),
            cap(C::Tier2Cap, "The most accounts that may be agreed as TIER_2; null for any number. Not less than are agreed, else CRITERIA_UNMET."),
            cap(C::Tier3Cap, "The most accounts that may be agreed as TIER_3; null for any number. Not less than are agreed, else CRITERIA_UNMET."),
            graph::reckoned("state", states, state, "How far it can still be changed, at this moment.").filter(),
            graph::ratio("agreement_rate", agreement, "Accounts that both sides want, out of all that either side proposed: those declined or taken off again stay in the denominator. Over the whole list, whoever may see its accounts; `value` is null while nothing was proposed."),
            graph::many("entries", entry::Column::TargetListId, entries, "The accounts on it that the caller may see, in every state.").filter(),
        ])
    });
    &META
}

fn state(access: &Access) -> SimpleExpr {
    let now = access.now();
    let until = |c| Expr::col(("target_list", c)).gt(now);
    CaseStatement::new()
        .case(until(C::LocksAt), TargetListState::Open.word())
        .case(until(C::ClosesAt), TargetListState::Locked.word())
        .finally(TargetListState::Closed.word())
        .into()
}

/// Accounts of the list: one that was taken off and proposed again counts once.
fn accounts(access: &Access, state: Option<TargetEntryState>) -> SimpleExpr {
    let column = |c: entry::Column| Expr::col(("target_entry", c));
    let of = Query::select()
        .expr(Func::count_distinct(column(entry::Column::AccountId)))
        .from("target_entry")
        .and_where(column(entry::Column::OrganizationId).eq(access.actor().organization.uuid()))
        .and_where(column(entry::Column::DeletedAt).is_null())
        .and_where(column(entry::Column::TargetListId).equals(("target_list", C::Id)))
        .and_where_option(state.map(|state| column(entry::Column::State).eq(state)))
        .take();
    SimpleExpr::SubQuery(None, Box::new(of.into())).cast_as("integer")
}

fn agreed(access: &Access) -> SimpleExpr {
    accounts(access, Some(TargetEntryState::Agreed))
}

fn proposed(access: &Access) -> SimpleExpr {
    accounts(access, None)
}

fn read_only() -> Rules {
    Rules { read: Permission::TargetListRead, create: None, update: None, delete: None, assign: None }
}

pub fn entries() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        use entry::Column as E;
        let about = "An account that a side wants on a list: `targetEntryPropose` makes it, `targetEntryVote` decides. Seen by who sees the account.";
        Meta::new::<entry::Entity>(
            "TargetEntry",
            "targetEntries",
            about,
            read_only(),
            vec![
                graph::one(E::TargetListId, meta, "The list.").filter().group(),
                graph::one(E::AccountId, account::meta, "The account; once on a list, unless it was taken off.")
                    .filter()
                    .group(),
                graph::word::<TargetTier, _>(E::Tier, "How much is to be done for it.").filter().order().group(),
                graph::word::<Side, _>(E::Side, "Which side proposed it.").filter().order().group(),
                graph::word::<TargetEntryState, _>(E::State, "Where it stands between the two sides.")
                    .filter()
                    .order()
                    .group(),
                graph::text(E::Reason, "Why that side wants it, in plain text."),
                graph::one(
                    E::ReplacesId,
                    entries,
                    "The account whose place it takes once it is agreed: that one goes off the list at the same moment.",
                ),
                graph::time(E::DecidedAt, "When it was agreed or declined.").filter().order(),
                graph::time(E::RemovedAt, "When it was taken off.").filter().order(),
                graph::boolean(
                    E::Solo,
                    "Whether one person spoke for both sides, which the organisation's `soloMode` allowed.",
                )
                .group(),
                graph::many("votes", vote::Column::TargetEntryId, votes, "What each side says.").filter(),
            ],
        )
    });
    &META
}

pub fn votes() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        use vote::Column as V;
        let about =
            "What a side says to an account on a list. A side has one vote on each question; its last word counts.";
        Meta::new::<vote::Entity>(
            "TargetVote",
            "targetVotes",
            about,
            read_only(),
            vec![
                graph::one(V::TargetEntryId, entries, "The account on the list.").filter().group(),
                graph::word::<TargetQuestion, _>(V::Question, "What is voted on.").group(),
                graph::word::<Side, _>(V::Side, "For which side.").filter().order().group(),
                graph::word::<TargetChoice, _>(V::Choice, "What it says.").filter().order().group(),
                graph::one(V::UserId, user::meta, "Who said it.").filter().group(),
                graph::text(V::Comment, "Why, in their words."),
            ],
        )
    });
    &META
}

/// An account for a list.
#[derive(InputObject)]
pub struct TargetEntryProposeRow {
    /// Which account: an id that begins with `account_`.
    account_id: ID,
    /// How much is to be done for it.
    tier: Term<TargetTier>,
    /// Why, in plain text. At most 1000 characters.
    reason: String,
    /// An agreed entry of the list that goes off when this one is agreed: an id that begins with `target_entry_`.
    replaces_id: Option<ID>,
}

/// Accounts that a side wants on a list.
#[derive(InputObject)]
pub struct TargetEntryProposeInput {
    /// Which list: an id that begins with `target_list_`.
    target_list_id: ID,
    /// Which side wants them.
    side: Term<Side>,
    /// The accounts, 1 to 1000.
    rows: Vec<TargetEntryProposeRow>,
}

/// What a side says.
#[derive(InputObject)]
pub struct TargetEntryVoteInput {
    /// Which account on a list: an id that begins with `target_entry_`.
    id: ID,
    /// Refuse with CONFLICT unless the entry still has this `version`.
    expected_version: Option<i32>,
    /// Which side says it.
    side: Term<Side>,
    /// What it says.
    choice: Term<TargetChoice>,
    /// To what: ADD unless given.
    question: Option<Term<TargetQuestion>>,
    /// Why, in plain text. At most 1000 characters.
    comment: Option<String>,
}

/// The answer of `targetEntryPropose`.
#[derive(SimpleObject)]
pub struct TargetEntryProposePayload {
    /// The new entries, in the order of the input; empty when refused.
    target_entries: Nodes<entry::Entity>,
    /// What was wrong with the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct TargetWrites;

#[Object]
impl TargetWrites {
    /// Proposes accounts for a list, all or none, with that side's YES. Nobody else's proposal is touched: an account
    /// that is on the list already is DUPLICATE, vote for it instead. API keys never propose. User errors: VALIDATION,
    /// NOT_FOUND, DUPLICATE, LOCKED once the list's period is over, and for who stands on the other
    /// side. Takes an idempotency key; writes events. Requires TARGET_LIST_VOTE_MARKETING or TARGET_LIST_VOTE_SALES, as the side says.
    async fn target_entry_propose(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The list, the side that proposes, and the accounts.")] input: TargetEntryProposeInput,
    ) -> Answer<Option<TargetEntryProposePayload>> {
        let done = match proposed_in(access(ctx)?, input).await {
            Err(Error::Replayed(ids)) => Ok(replayed(&ids)),
            done => done,
        };
        let (ids, user_errors) = outcome(done)?;
        Ok(Some(TargetEntryProposePayload { target_entries: ids.unwrap_or_default().into(), user_errors }))
    }

    /// Says yes or no for a side to a proposed account, which is AGREED once both sides say YES and DECLINED by one NO;
    /// or, with `question: REMOVE`, to taking an agreed or declined one off: before the list's period begins one side is
    /// enough, afterwards both must say YES, and a NO ends the matter. Nobody speaks for both sides, unless `soloMode`
    /// lets the only administrator; API keys never vote. User errors: NOT_FOUND, INVALID_TRANSITION, CONFLICT, DUPLICATE
    /// (the side has said so already), LOCKED (the caller stands on the other side or has spoken for it, or the period is over),
    /// CRITERIA_UNMET (the tier is full, or the account to replace is not agreed any more), VALIDATION. Takes an
    /// idempotency key; writes events, among them `target_entry.agreed`, `target_entry.declined` and
    /// `target_entry.removed`. Requires TARGET_LIST_VOTE_MARKETING or TARGET_LIST_VOTE_SALES, as the side says.
    async fn target_entry_vote(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The entry, the side that votes, and its choice.")] input: TargetEntryVoteInput,
    ) -> Answer<Payload<entry::Entity>> {
        Ok(voted(access(ctx)?, input).await.into())
    }
}

fn replayed(answer: &serde_json::Value) -> Vec<uuid::Uuid> {
    let ids = answer.get("ids").and_then(serde_json::Value::as_array);
    ids.into_iter().flatten().filter_map(|id| id.as_str()?.parse().ok()).collect()
}

async fn proposed_in(access: &Access, input: TargetEntryProposeInput) -> Result<Vec<uuid::Uuid>> {
    if input.rows.is_empty() || input.rows.len() > MOST {
        return Err(Error::invalid("rows", format!("give between 1 and {MOST} rows")));
    }
    let (mut rows, mut faults) = (vec![], vec![]);
    for (at, row) in input.rows.into_iter().enumerate() {
        match wanted(row) {
            Ok(row) => rows.push(row),
            Err(Error::Refused(wrong)) => {
                faults.extend(wrong.into_iter().map(|fault| fault.under(at.to_string()).under("rows")));
            }
            Err(other) => return Err(other),
        }
    }
    let list = value::typed("targetListId", &input.target_list_id)?;
    // who keeps lists proposes for either side; a refusal names the side's own permission
    access.require(Permission::TargetListUpdate).or_else(|_| access.require(super::permission(input.side.0)))?;
    if !faults.is_empty() {
        return Err(Error::Refused(faults));
    }
    super::propose(access, list, input.side.0, rows).await
}

fn wanted(row: TargetEntryProposeRow) -> Result<Wanted> {
    let reason = value::text("reason", Some(row.reason), 1000, true)?;
    Ok(Wanted {
        account: value::typed("accountId", &row.account_id)?,
        tier: row.tier.0,
        reason: reason.unwrap_or_default(),
        replaces: row.replaces_id.map(|id| value::typed("replacesId", &id)).transpose()?,
    })
}

async fn voted(access: &Access, input: TargetEntryVoteInput) -> Result<uuid::Uuid> {
    let said = Said {
        entry: value::typed("id", &input.id)?,
        question: input.question.map_or(TargetQuestion::Add, |question| question.0),
        side: input.side.0,
        choice: input.choice.0,
        comment: value::text("comment", input.comment, 1000, false)?,
        expected: input.expected_version,
    };
    Ok(super::vote(access, said).await?.uuid())
}
