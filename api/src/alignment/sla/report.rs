//! How promises were kept: attainment, and how long answers took. Over the clocks that the caller may see.

use chrono::{DateTime, Utc};
use entity::{
    lead,
    sla_clock::{Column as C, Entity, Kind, Status},
    words,
};
use sea_orm::{
    ColumnTrait, Condition, ExprTrait, JoinType, Order,
    sea_query::{Alias, CaseStatement, Expr, NullOrdering, SimpleExpr},
};
use uuid::Uuid;

use super::{
    percentile::{between, place},
    steps::{from_the_beginning, of_offers},
};
use crate::{
    error::{Error, Result},
    graph::derived::Ratio,
    store::{Access, Guarded, Scoped},
};

words! {
    /// What clocks can be grouped by.
    pub enum GroupBy as "SlaGroupField" {
        /// What they waited for.
        Kind = "KIND",
        /// How much they hurried.
        Priority = "PRIORITY",
        /// Who was to act.
        User = "USER",
        /// The source of the lead.
        Source = "SOURCE",
        /// The channel of the lead.
        Channel = "CHANNEL",
        /// The campaign of the lead.
        Campaign = "CAMPAIGN",
    }
}

/// Which clocks are meant.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub as_of: DateTime<Utc>,
    pub kind: Option<Kind>,
}

/// The clocks of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// A word of the group, where it is one.
    pub word: Option<String>,
    /// The record of the group, where it is one.
    pub id: Option<Uuid>,
    pub met: i64,
    pub breached: i64,
    pub open: i64,
}

impl Tally {
    /// Met of met and breached.
    pub fn attainment(&self) -> Ratio {
        Ratio::of(self.met, self.met + self.breached)
    }
}

/// Largest number of groups.
const MOST_GROUPS: usize = 1000;

fn col(c: C) -> SimpleExpr {
    Expr::col((Entity::NAME, c))
}

/// Clocks that count, of those that belong to the period.
fn counted(access: &Access, asked: &Asked, of_period: Condition) -> Scoped<Entity> {
    let mut which = Condition::all().add(of_period).add(C::Status.ne(Status::Void)).add(C::StartedAt.lte(asked.as_of));
    if let Some(kind) = asked.kind {
        which = which.add(C::Kind.eq(kind));
    }
    Scoped::<Entity>::read(access).filter(which)
}

/// How clocks stood: a clock belongs to the period of its `dueAt`; one that is not yet due, or stands still, is open.
pub async fn attainment(access: &Access, asked: &Asked, by: Option<GroupBy>) -> Result<Vec<Tally>> {
    let met = Condition::all().add(C::Status.eq(Status::Met)).add(C::MetAt.lte(asked.as_of));
    let late = Condition::all().add(C::Status.ne(Status::Paused)).add(C::LateAfter.lt(asked.as_of));
    let standing = CaseStatement::new().case(met, "MET").case(late, "BREACHED").finally("OPEN");
    let key = key_of(by);
    let due = Condition::all().add(C::DueAt.gte(asked.start)).add(C::DueAt.lt(asked.end));
    let rows = counted(access, asked, due).shape(|q| {
        if matches!(by, Some(GroupBy::Source | GroupBy::Channel | GroupBy::Campaign)) {
            let same = Expr::col((lead::Entity::NAME, "id")).equals((Entity::NAME, "lead_id"));
            q.join(JoinType::InnerJoin, lead::Entity::NAME, same);
        }
        let (standing_, key_) = (Alias::new("standing_"), Alias::new("key_"));
        q.expr_as(key, key_.clone())
            .expr_as(standing, standing_.clone())
            .expr_as(Expr::cust("COUNT(*)"), Alias::new("n_"))
            .group_by_columns([key_.clone(), standing_])
            .order_by_with_nulls(key_, Order::Asc, NullOrdering::Last)
            .limit(3 * MOST_GROUPS as u64 + 1);
    });
    let rows = rows.rows().await?;
    if rows.len() > 3 * MOST_GROUPS {
        return Err(Error::BadInput("groupBy: there are more than 1000 groups; ask for a shorter period".into()));
    }
    let mut tallies: Vec<Tally> = Vec::new();
    for row in &rows {
        let records = matches!(by, Some(GroupBy::User | GroupBy::Campaign));
        let id = if records { row.try_get_by_index::<Option<Uuid>>(0)? } else { None };
        let word = if records || by.is_none() { None } else { row.try_get_by_index::<Option<String>>(0)? };
        let (standing, n): (String, i64) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        if tallies.last().is_none_or(|last| (&last.word, last.id) != (&word, id)) {
            tallies.push(Tally { word, id, met: 0, breached: 0, open: 0 });
        }
        if let Some(last) = tallies.last_mut() {
            match standing.as_str() {
                "MET" => last.met = n,
                "BREACHED" => last.breached = n,
                _ => last.open = n,
            }
        }
    }
    Ok(tallies)
}

fn key_of(by: Option<GroupBy>) -> SimpleExpr {
    let of_lead = |c: lead::Column| Expr::col((lead::Entity::NAME, c));
    match by {
        None => Expr::cust("NULL"),
        Some(GroupBy::Kind) => col(C::Kind),
        Some(GroupBy::Priority) => col(C::Priority),
        Some(GroupBy::User) => col(C::UserId),
        Some(GroupBy::Source) => of_lead(lead::Column::Source),
        Some(GroupBy::Channel) => of_lead(lead::Column::Channel),
        Some(GroupBy::Campaign) => of_lead(lead::Column::CampaignId),
    }
}

/// How long answers took, in hundredths of business seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    pub answered: i64,
    pub unanswered: i64,
    pub p50: Option<i64>,
    pub p90: Option<i64>,
}

/// Of offers made in the period: an offer that went on to somebody else, because its clock ran out, counts once, from the
/// beginning. With `censored`, those that nobody has answered count as later than all others.
pub async fn times(access: &Access, asked: &Asked, censored: bool) -> Result<Times> {
    let begun = || counted(access, asked, of_offers(asked.start, asked.end)).filter(from_the_beginning());
    let came = Condition::all().add(C::MetAt.lte(asked.as_of));
    let all = begun().count().await?;
    let answered = begun().filter(came.clone()).count().await?;
    let mut times = Times { answered, unanswered: all - answered, p50: None, p90: None };
    let n = u64::try_from(if censored { all } else { answered }).unwrap_or_default();
    for (percent, slot) in [(50, &mut times.p50), (90, &mut times.p90)] {
        let Some((low, rest)) = place(n, percent) else { continue };
        let two = begun().filter(came.clone()).shape(|q| {
            q.expr(col(C::BusinessSeconds))
                .order_by((Entity::NAME, C::BusinessSeconds), Order::Asc)
                .order_by((Entity::NAME, C::Id), Order::Asc)
                .offset(low)
                .limit(2);
        });
        let two = two.rows().await?;
        let at = |place: usize| two.get(place).map(|row| row.try_get_by_index::<i64>(0)).transpose();
        *slot = between(at(0)?, at(1)?, rest);
    }
    Ok(times)
}
