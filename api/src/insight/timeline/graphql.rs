//! The timeline in the schema. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, ID, Object, Result as Answer, SimpleObject};
use chrono::DateTime as Instant;
use uuid::Uuid;

use super::{Entry, Kind, entries, subjects};
use crate::{
    error::{Error, Result},
    graph::{
        args::ListArgs,
        derived::{PageInfo, Term, Tried},
        fetch,
        plan::Plan,
        root::{access, catalog},
        scalar::DateTime,
        seal::Seal,
        together::OneOf,
    },
    store::Access,
};

#[derive(Default)]
pub struct TimelineReads;

/// A page of what happened, newest first.
#[derive(SimpleObject)]
pub struct TimelinePage {
    /// The entries.
    nodes: Vec<TimelineEntry>,
    /// Whether there is more, and where to go on.
    page_info: PageInfo,
}

/// One thing that happened.
#[derive(SimpleObject)]
pub struct TimelineEntry {
    /// Where it stands in this timeline, for `after`; opaque.
    cursor: String,
    /// What it is about.
    kind: Term<Kind>,
    /// When it happened.
    at: DateTime,
    /// The record that tells of it: an Activity, Touchpoint, CampaignMember, Lead, LeadStatusChange, Handoff,
    /// Opportunity or StageChange. Those of a page come in one statement for each type.
    record: OneOf,
}

#[Object]
impl TimelineReads {
    /// All that happened with an account, contact, lead or opportunity, newest first, on both sides of the funnel: what
    /// marketing sent, what sales did, how leads and sales moved. Of an account also what happened with its contacts,
    /// its leads (matched or converted) and its opportunities, the newest 500 of each; of a contact what happened with
    /// leads that became it and with opportunities whose primary contact it is; of a lead what happened with its
    /// opportunities. Only what the caller may see is in it. Null when there is no such record or it is out of reach; the
    /// id of a merged record leads to the one that it became part of. Errors: BAD_USER_INPUT. Requires ACCOUNT_READ,
    /// CONTACT_READ, LEAD_READ or OPPORTUNITY_READ, as the record does.
    async fn timeline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An account, contact, lead or opportunity.")] id: ID,
        #[graphql(desc = "Only entries of these kinds; all unless given.")] kinds: Option<Vec<Term<Kind>>>,
        #[graphql(desc = "How many, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Answer<Tried<TimelinePage>> {
        let (_, args) = (first, ListArgs::asked(ctx)?);
        let kinds: Vec<Kind> = kinds.into_iter().flatten().map(|kind| kind.0).collect();
        Ok(Tried(page(access(ctx)?, &id, &kinds, after, args).await))
    }
}

async fn page(
    access: &Access,
    id: &str,
    kinds: &[Kind],
    after: Option<String>,
    args: ListArgs,
) -> Result<Option<TimelinePage>> {
    let none = || Error::BadInput("id: timelines are of accounts, contacts, leads and opportunities".into());
    let (meta, id) = catalog().and_then(|all| all.by_id(id)).ok_or_else(none)?;
    if !subjects().iter().any(|subject| subject.table == meta.table) {
        return Err(none());
    }
    let Some(id) = within_reach(access, Plan::new(meta), id).await? else { return Ok(None) };
    let seal = args.seal.about(b"timeline").about(id.as_bytes());
    let before = after.map(|cursor| opened(&seal, &cursor)).transpose()?;
    let size = usize::try_from(args.size).unwrap_or(usize::MAX);
    let mut found = entries(access, (meta, id), kinds, before, size.saturating_add(1)).await?;
    let more = found.len() > size;
    found.truncate(size);
    let cursor =
        |entry: &Entry| seal.put(&[&entry.at.timestamp_micros().to_be_bytes()[..], entry.id.as_bytes()].concat());
    let (start, end) = (found.first().map(cursor), found.last().map(cursor));
    let records = OneOf::each(found.iter().map(|entry| (entry.meta, entry.id)).collect());
    let each = |(entry, record): (&Entry, OneOf)| TimelineEntry {
        cursor: cursor(entry),
        kind: Term(entry.kind),
        at: DateTime(entry.at),
        record,
    };
    let nodes = found.iter().zip(records).map(each).collect();
    let page_info = PageInfo { has_next: more, has_previous: before.is_some(), start, end };
    Ok(Some(TimelinePage { nodes, page_info }))
}

/// The id of this record, or of the one that it became part of; none when the caller may not see it.
async fn within_reach(access: &Access, plan: Plan, id: Uuid) -> Result<Option<Uuid>> {
    let found = fetch::by_ids(access, &plan, &[id]).await?;
    if !found.rows.is_empty() {
        return Ok(Some(id));
    }
    let winners: Vec<Uuid> = access.merged_into(plan.meta.table, &[id]).await?.into_values().collect();
    let found = fetch::by_ids(access, &plan, &winners).await?;
    Ok(winners.first().copied().filter(|_| !found.rows.is_empty()))
}

fn opened(seal: &Seal, cursor: &str) -> Result<(Instant<chrono::Utc>, Uuid)> {
    let place = seal.open(cursor).and_then(|bytes| {
        let (at, id) = bytes.split_first_chunk::<8>()?;
        Some((Instant::from_timestamp_micros(i64::from_be_bytes(*at))?, Uuid::from_slice(id).ok()?))
    });
    place.ok_or_else(|| Error::BadInput("after: this cursor does not belong to this timeline".into()))
}
