//! Scores by the SCORING agreement `LEAD`: computed from events when asked for, and kept as a whole number on the lead
//! for lists. The kept number follows every touch, activity and change of the lead in the same commit, and its decay
//! once a day. It decides nothing about a lead.

mod body;
mod cache;
pub mod graphql;
mod likeness;
mod predict;
mod score;
pub mod worked;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::{activity, id::LeadId, lead, touchpoint};
use uuid::Uuid;

pub use self::{
    body::ScoringBody,
    cache::{REFRESH, listeners, put_down, refresh_all, renew, renewed},
    score::{Cause, Contribution, Score, score},
};
use super::{
    agreement::{Active, active},
    rule::History,
};
use crate::{
    crm::Reader,
    error::{Error, Result},
    store::{Access, Guarded, Scoped},
};

/// The key of the agreement by which leads are scored.
pub const KEY: &str = "LEAD";

/// The score of a lead that the caller may read, as of an instant, by the version in force then. None without one.
pub async fn of(access: &Access, lead: LeadId, as_of: DateTime<Utc>) -> Result<Option<(Active<ScoringBody>, Score)>> {
    if as_of > access.now() {
        return Err(Error::BadInput("asOf lies in the future".into()));
    }
    let ids = [entity::id::RowId::uuid(lead)];
    let Some(row) = Scoped::<lead::Entity>::read(access).ids(&ids).one().await? else { return Ok(None) };
    let Some(agreed) = active::<ScoringBody>(&access.at(as_of), KEY).await? else { return Ok(None) };
    let history = History::of(Reader::Access(access), &[lead]).await?;
    let score = score(&agreed.body, &history.facts(&row, as_of));
    Ok(Some((agreed, score)))
}

/// Of the touchpoints and activities that a score was made of those that the caller may read: whose score it is need not
/// be whose talks they are. One statement for each of the two.
pub async fn seen(access: &Access, score: &Score) -> Result<HashSet<Uuid>> {
    let (mut touches, mut talks) = (vec![], vec![]);
    for one in &score.contributions {
        match one.cause {
            Cause::Touchpoint(id, _) => touches.push(id),
            Cause::Activity(id, _) => talks.push(id),
            Cause::Fit | Cause::Cap | Cause::Floor => {}
        }
    }
    let mut seen = readable::<touchpoint::Entity>(access, &touches).await?;
    seen.extend(readable::<activity::Entity>(access, &talks).await?);
    Ok(seen)
}

async fn readable<E: Guarded>(access: &Access, ids: &[Uuid]) -> Result<HashSet<Uuid>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let rows = Scoped::<E>::read(access).ids(ids).shape(|q| _ = q.column((E::NAME, "id"))).rows().await?;
    Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, sea_orm::DbErr>>()?)
}

/// The columns that are caches; see `Guarded::QUIET` of the lead.
const SCORE: &str = "score";
const SCORED_AT: &str = "scored_at";
