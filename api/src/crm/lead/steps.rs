//! What disqualifying and reopening a lead need and make.

use entity::{
    activity::{self as activities, Kind},
    lead::{DisqualifyCategory, Model, Status},
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Value};

use super::{later, lifecycle};
use crate::{
    crm::activity,
    error::{Error, FaultCode, Result},
    graph::Patch,
    store::Tx,
};

/// Nobody is given up whom nobody tried to reach.
pub fn disqualify<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        lifecycle::ensure(before.status, Status::Disqualified)?;
        if !activity::contacted(tx, before.id, None).await? {
            let message = "log at least one call or mail to the lead, or a meeting with it, first";
            return Err(Error::refused(FaultCode::CriteriaUnmet, "id", message));
        }
        Ok(told.with("status", Status::Disqualified))
    })
}

/// The reason is kept as a note on the lead.
pub fn reopen<'a>(tx: &'a mut Tx, before: &'a Model, mut told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        transition_back(before.status)?;
        let reason = told.remove("reason").unwrap_or(Value::String(None));
        if let Value::String(Some(reason)) = reason.clone() {
            let note = activities::ActiveModel {
                kind: Set(Kind::Note),
                subject: Set("Lead reopened".to_owned()),
                body: Set(Some(reason)),
                happened_at: Set(Some(tx.access().now())),
                owner_id: Set(tx.access().actor().user),
                lead_id: Set(Some(before.id)),
                ..Default::default()
            };
            tx.insert::<activities::Entity>(note).await?;
        }
        Ok(told
            .with("status", Status::Nurturing)
            .with("status_reason", reason)
            .with("disqualify_category", None::<DisqualifyCategory>)
            .with("disqualify_reason", None::<String>))
    })
}

/// NURTURING also follows other states, but only a disqualified lead is reopened.
fn transition_back(from: Status) -> Result<()> {
    if from == Status::Disqualified {
        return Ok(());
    }
    Err(crate::crm::transition::refused("status", from, Status::Nurturing, &[]))
}

/// In touch is who has called, written or met.
pub fn work<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        lifecycle::ensure(before.status, Status::Working)?;
        if !activity::contacted(tx, before.id, Some(before.status_changed_at)).await? {
            let message = "log a call or mail to the lead, or a meeting with it, first";
            return Err(Error::refused(FaultCode::CriteriaUnmet, "id", message));
        }
        Ok(told.with("status", Status::Working))
    })
}

/// With an instant to wait for the lead comes back by itself.
pub fn recycle<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        lifecycle::ensure(before.status, Status::Recycled)?;
        let now = tx.access().now();
        if let Some(Value::ChronoDateTimeUtc(Some(until))) = told.get("recycle_until") {
            if *until <= now {
                return Err(Error::invalid("until", "this has passed already"));
            }
            later::nurture(tx, before.id, now, *until).await?;
        }
        Ok(told.with("status", Status::Recycled))
    })
}

/// NURTURING also follows DISQUALIFIED, but only by reopening.
pub fn nurture<'a>(_: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        if before.status == Status::Disqualified {
            return Err(crate::crm::transition::refused("status", before.status, Status::Nurturing, &[]));
        }
        lifecycle::ensure(before.status, Status::Nurturing)?;
        Ok(told.with("status", Status::Nurturing))
    })
}
