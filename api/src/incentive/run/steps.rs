//! What the steps of a run before its approval need and make.

use entity::incentive_run::{Model, RunStatus};
use futures_util::future::BoxFuture;
use sea_orm::Value;

use super::{calculate, life};
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
        let patch = if before.status == RunStatus::InReview { back(patch) } else { patch };
        Ok(patch)
    })
}

fn back(patch: Patch) -> Patch {
    patch
        .with("status", RunStatus::Calculated)
        .with("submitted_at", Value::ChronoDateTimeUtc(None))
        .with("submitted_by", Value::Uuid(None))
}

/// Puts the last calculation up for approval.
pub fn submit<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        life::ensure(before.status, RunStatus::InReview)?;
        let unmet = |message: &str| Err(Error::refused(FaultCode::CriteriaUnmet, "id", message));
        if before.calculating.is_some() {
            return unmet("it is being calculated: wait until it is complete");
        }
        let access = tx.access();
        if Home::of(tx).await?.day(access.now()) < before.period_end {
            return unmet("its period is not over yet");
        }
        let Some(me) = access.actor().user else { return Err(Error::Forbidden(tx.permission())) };
        Ok(told.with("status", RunStatus::InReview).with("submitted_at", access.now()).with("submitted_by", me))
    })
}
