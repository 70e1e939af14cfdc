//! What became of offers, by what brought the leads, why they were refused and who answered: what marketing learns from
//! rejections. It counts only offers that the caller may see.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use std::collections::BTreeMap;

use async_graphql::{Context, Enum, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{
    campaign,
    handoff::{Category, Column as C, Entity, State},
    rejection_reason, user,
};
use sea_orm::{
    Condition, ExprTrait, QueryResult,
    sea_query::{Expr, Func, SimpleExpr},
};
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    graph::{
        Node,
        derived::{Period, Ratio, Term},
    },
    store::{Access, Scoped},
};

/// By what offers are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum RejectionGroup {
    /// Where the leads were from.
    Source,
    /// The campaign that had brought them.
    Campaign,
    /// The reason for which they were rejected; null for all others.
    Reason,
    /// Who answered, or is to answer.
    Rep,
}

/// What became of the offers of one group.
#[derive(SimpleObject)]
pub struct RejectionRow {
    /// Of groups by SOURCE: the source; null where none is known.
    source: Option<String>,
    /// Of groups by CAMPAIGN: the campaign.
    campaign: Node<campaign::Entity>,
    /// Of groups by REASON: the reason.
    reason: Node<rejection_reason::Entity>,
    /// Of groups by REP: the user.
    rep: Node<user::Entity>,
    /// Accepted in the period, overturned rejections among them.
    accepted: i32,
    /// Rejected in the period and not overturned.
    rejected: i32,
    /// Offered in the period and waiting for an answer.
    pending: i32,
    /// Expired in the period.
    expired: i32,
    /// Accepted among those accepted or rejected.
    acceptance: Ratio,
    /// Rejections by kind of reason.
    categories: Vec<RejectionShare>,
}

/// Rejections of one kind.
#[derive(SimpleObject)]
pub struct RejectionShare {
    /// The kind of reason.
    category: Term<Category>,
    /// How many, overturned ones not among them.
    count: i32,
}

#[derive(Default)]
struct Tally {
    accepted: i64,
    rejected: i64,
    pending: i64,
    expired: i64,
    categories: BTreeMap<Category, i64>,
}

/// The key of a group.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Text(Option<String>),
    Id(Option<Uuid>),
}

#[derive(Default)]
pub struct HandoffReads;

#[Object]
impl HandoffReads {
    /// What became of offers in a period: answered, expired and withdrawn ones by when that was, waiting ones by when they
    /// were offered. Counts what the caller may see of handoffs, at most 1000 groups in the order of their keys. Requires
    /// LEAD_READ, without which it is empty.
    async fn rejection_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By what offers are counted.")] group_by: RejectionGroup,
        #[graphql(desc = "The period.")] period: Period,
    ) -> async_graphql::Result<Vec<RejectionRow>> {
        let access = ctx.data_opt::<Access>().ok_or(Error::Unauthenticated)?;
        let tallies = count(access, group_by, period.ends()?).await?;
        Ok(tallies.into_iter().take(1000).map(|(key, tally)| row(group_by, key, tally)).collect())
    }
}

fn column(c: C) -> SimpleExpr {
    Expr::col(("handoff", c))
}

fn within(c: C, (start, end): (DateTime<Utc>, DateTime<Utc>)) -> Condition {
    Condition::all().add(column(c).gte(start)).add(column(c).lt(end))
}

async fn count(
    access: &Access,
    group: RejectionGroup,
    period: (DateTime<Utc>, DateTime<Utc>),
) -> Result<BTreeMap<Key, Tally>> {
    let key = match group {
        RejectionGroup::Source => column(C::Source),
        RejectionGroup::Campaign => column(C::CampaignId),
        RejectionGroup::Reason => column(C::RejectionReasonId),
        RejectionGroup::Rep => Func::coalesce([column(C::DecidedBy), column(C::OfferedUserId)]).into(),
    };
    let waiting = within(C::OfferedAt, period).add(column(C::State).eq(State::Pending));
    let rows = Scoped::<Entity>::read(access)
        .filter(Condition::any().add(within(C::DecidedAt, period)).add(waiting))
        .shape(|q| {
            q.expr(key.clone())
                .expr(column(C::State))
                .expr(column(C::RejectionCategory))
                .expr(column(C::Overturned))
                .expr(Func::count(column(C::Id)))
                .add_group_by([key, column(C::State), column(C::RejectionCategory), column(C::Overturned)]);
        })
        .rows()
        .await?;
    let mut tallies = BTreeMap::new();
    for row in &rows {
        let key = match group {
            RejectionGroup::Source => Key::Text(row.try_get_by_index(0)?),
            _ => Key::Id(row.try_get_by_index(0)?),
        };
        add(tallies.entry(key).or_default(), row)?;
    }
    Ok(tallies)
}

fn add(tally: &mut Tally, row: &QueryResult) -> Result<()> {
    let (overturned, n): (bool, i64) = (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
    let category: Option<Category> = row.try_get_by_index(2)?;
    match row.try_get_by_index::<State>(1)? {
        State::Accepted => tally.accepted += n,
        State::Rejected if overturned => tally.accepted += n,
        State::Rejected => {
            tally.rejected += n;
            if let Some(category) = category {
                *tally.categories.entry(category).or_insert(0) += n;
            }
        }
        State::Pending => tally.pending += n,
        State::Expired => tally.expired += n,
        State::Withdrawn => {}
    }
    Ok(())
}

fn row(group: RejectionGroup, key: Key, tally: Tally) -> RejectionRow {
    let whole = |n: i64| i32::try_from(n).unwrap_or(i32::MAX);
    let id = |of: RejectionGroup| if let (true, Key::Id(id)) = (group == of, &key) { *id } else { None };
    let categories = tally.categories.into_iter();
    RejectionRow {
        campaign: id(RejectionGroup::Campaign).into(),
        reason: id(RejectionGroup::Reason).into(),
        rep: id(RejectionGroup::Rep).into(),
        accepted: whole(tally.accepted),
        rejected: whole(tally.rejected),
        pending: whole(tally.pending),
        expired: whole(tally.expired),
        acceptance: Ratio::of(tally.accepted, tally.accepted + tally.rejected),
        categories: categories.map(|(c, n)| RejectionShare { category: Term(c), count: whole(n) }).collect(),
        source: if let Key::Text(text) = key { text } else { None },
    }
}
