//! Who is at work at an instant: within their hours, else the organisation's, and not away. Whoever has no calendar
//! always is.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::id::UserId;

use crate::{access::absence, alignment::sla::hours::Hours, crm::all_rows, error::Result, store::Tx};

pub async fn absent(tx: &Tx, users: &HashSet<UserId>, at: DateTime<Utc>) -> Result<HashSet<UserId>> {
    let ids: Vec<UserId> = users.iter().copied().collect();
    Ok(absence::away(tx, &all_rows(tx), &ids, at).await?.into_iter().collect())
}

/// Those of the users who are within their hours and not away.
pub async fn at_work(
    tx: &Tx,
    users: &HashSet<UserId>,
    away: &HashSet<UserId>,
    at: DateTime<Utc>,
) -> Result<HashSet<UserId>> {
    let ids: Vec<UserId> = users.iter().copied().collect();
    let hours = Hours::of(tx, None, &ids).await?;
    let open = |user: &UserId| hours.calendar(hours.choose(Some(*user))).is_open(at);
    Ok(ids.into_iter().filter(|user| open(user) && !away.contains(user)).collect())
}
