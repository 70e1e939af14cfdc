//! What proposing and withdrawing a version need and make.

use chrono::{DateTime, Utc};
use entity::agreement_version::{Model, Status};
use futures_util::future::BoxFuture;

use super::life;
use crate::{
    error::{Error, FaultCode, Result},
    graph::Patch,
    store::Tx,
};

/// Up for signature, for an instant that has not passed.
pub fn propose<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        life::ensure(before.status, Status::Proposed)?;
        let access = tx.access();
        ahead(before.effective_from, access.now())?;
        Ok(told
            .with("status", Status::Proposed)
            .with("proposed_at", access.now())
            .with("proposed_by", access.actor().user))
    })
}

/// Taken back by whoever may change it.
pub fn withdraw<'a>(_: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        life::ensure(before.status, Status::Withdrawn)?;
        Ok(told.with("status", Status::Withdrawn))
    })
}

/// Nothing is agreed for the past.
pub fn ahead(effective_from: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<()> {
    if effective_from.is_none_or(|from| from >= now) {
        return Ok(());
    }
    let message = "effectiveFrom has passed: choose another, or none for as soon as every key is turned";
    Err(Error::refused(FaultCode::CriteriaUnmet, "id", message))
}
