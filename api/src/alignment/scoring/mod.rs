//! Scores by the SCORING agreement `LEAD`: computed from events when asked for, and kept as a whole number on the lead
//! for lists. The kept number follows every touch, activity and change of the lead in the same commit, and its decay
//! once a day. It decides nothing about a lead.

mod body;
mod cache;
pub mod graphql;
mod likeness;
mod predict;
mod score;

use chrono::{DateTime, Utc};
use entity::{id::LeadId, lead};

pub use self::{
    body::ScoringBody,
    cache::{REFRESH, listeners, put_down, refresh_all, renew},
    score::{Cause, Contribution, Score, score},
};
use super::{
    agreement::{Active, active},
    rule::History,
};
use crate::{
    crm::Reader,
    error::{Error, Result},
    store::{Access, Scoped},
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

/// The columns that are caches; see `Guarded::QUIET` of the lead.
const SCORE: &str = "score";
const SCORED_AT: &str = "scored_at";
