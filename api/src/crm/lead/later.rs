//! What becomes of a lead by itself after a while: a rejected one is recycled, a recycled one nurtured again.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    id::LeadId,
    lead::{Entity, Model, Status},
};

use super::{advance, lifecycle};
use crate::{
    actor::Permission,
    error::{Error, Result},
    graph::Patch,
    store::{
        Store, Tx,
        jobs::{Handlers, Job, NewJob},
    },
};

const RECYCLE: &str = "lead.recycle";
const NURTURE: &str = "lead.nurture";

/// What goes on by itself.
pub fn handlers(handlers: Handlers) -> Handlers {
    handlers
        .on(RECYCLE, |store, job| async move { follow(&store, &job, Status::Rejected, Status::Recycled).await })
        .on(NURTURE, |store, job| async move { follow(&store, &job, Status::Recycled, Status::Nurturing).await })
}

/// A step: a rejected lead becomes RECYCLED after this long.
pub async fn recycle(tx: &mut Tx, lead: &Model, delay: TimeDelta) -> Result<()> {
    put(tx, RECYCLE, lead.id, lead.status_changed_at, lead.status_changed_at + delay).await
}

/// A step: a recycled lead becomes NURTURING then.
pub async fn nurture(tx: &mut Tx, lead: LeadId, since: DateTime<Utc>, until: DateTime<Utc>) -> Result<()> {
    put(tx, NURTURE, lead, since, until).await
}

async fn put(tx: &mut Tx, kind: &'static str, lead: LeadId, since: DateTime<Utc>, at: DateTime<Utc>) -> Result<()> {
    let payload = serde_json::json!({ "lead": lead.to_string(), "since": since });
    tx.enqueue(NewJob::new(kind, payload).at(at).once(format!("{kind}/{lead}/{}", since.timestamp_micros()))).await?;
    Ok(())
}

/// Only if the lead still stands where it stood when this was put down.
async fn follow(store: &Store, job: &Job, from: Status, to: Status) -> Result<()> {
    let read = |name: &str| job.payload[name].as_str().ok_or_else(|| Error::internal("a job without its lead"));
    let id: LeadId = read("lead")?.parse().map_err(Error::internal)?;
    let since: DateTime<Utc> = read("since")?.parse().map_err(Error::internal)?;
    let mut tx = job.access(store)?.begin(Permission::LeadUpdate).await?;
    let lead = match tx.lock::<Entity>(id).await {
        Ok(lead) => lead,
        Err(Error::Refused(_)) => return job_done(job, tx).await, // deleted meanwhile
        Err(error) => return Err(error),
    };
    if lead.status == from && lead.status_changed_at == since && lifecycle::ensure(from, to).is_ok() {
        let why = if to == Status::Recycled { lead.status_reason.clone() } else { None };
        advance(&mut tx, lead, to, Patch::default().with("status_reason", why)).await?;
    }
    job_done(job, tx).await
}

async fn job_done(job: &Job, tx: Tx) -> Result<()> {
    job.done_in(&tx).await?;
    tx.commit(serde_json::Value::Null).await
}
