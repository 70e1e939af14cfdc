//! What the steps of a run before its approval need and make.

use entity::{
    id::RowId,
    incentive_run::{Model, RunStatus},
};
use futures_util::future::BoxFuture;
use sea_orm::Value;

use super::{
    approve::{is_paid, person},
    calculate,
    frozen::Frozen,
    life,
};
use crate::{
    crm::home::Home,
    error::{Error, FaultCode, Result},
    graph::Patch,
    store::Tx,
};

/// Begins a calculation in the place of one that goes on; whoever reads the run sees the last complete one meanwhile. What
/// was up for approval is so no more.
pub fn calculate<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        life::ensure_open(before.status)?;
        let attempt = before.attempts + 1;
        tx.enqueue(calculate::job(before.id, attempt)).await?;
        let patch = told
            .with("attempts", attempt)
            .with("calculating", attempt)
            .with("looked_at", 0)
            .with("failure", Value::String(None));
        let patch =
            if matches!(before.status, RunStatus::InReview | RunStatus::Approved) { back(patch) } else { patch };
        Ok(patch)
    })
}

fn back(patch: Patch) -> Patch {
    patch
        .with("status", RunStatus::Calculated)
        .with("submitted_at", Value::ChronoDateTimeUtc(None))
        .with("submitted_by", Value::Uuid(None))
        .with("approved_at", Value::ChronoDateTimeUtc(None))
        .with("approved_by", Value::Uuid(None))
}

/// Puts the last calculation up for approval.
pub fn submit<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        life::ensure(before.status, RunStatus::InReview)?;
        let me = person(tx)?;
        let unmet = |message: &str| Err(Error::refused(FaultCode::CriteriaUnmet, "id", message));
        if before.calculating.is_some() {
            return unmet("it is being calculated: wait until it is complete");
        }
        if before.attempts != before.revision {
            return unmet("its last calculation came to nothing: calculate it again");
        }
        let home = Home::of(tx).await?;
        let closes = Frozen::of(before)?.closes.map_or(before.period_end, |day| day.max(before.period_end));
        if before.calculated_at.is_none_or(|at| at < home.begins(closes)) {
            let message =
                format!("it was calculated before {closes}, when its period and its goals are over: calculate it then");
            return unmet(&message);
        }
        if is_paid(tx, before, me.uuid()).await? {
            return Err(Error::refused(FaultCode::Locked, "id", "you are paid by it: somebody else must put it up"));
        }
        let access = tx.access();
        Ok(told.with("status", RunStatus::InReview).with("submitted_at", access.now()).with("submitted_by", me))
    })
}
