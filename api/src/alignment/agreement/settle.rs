//! Marks what is in force: of the versions whose instant has come the latest is ACTIVE, those before it SUPERSEDED.
//! Questions do not wait for it (`body::in_force`).

use chrono::{DateTime, Utc};
use entity::{
    agreement::Entity as Agreements,
    agreement_version::{ActiveModel, Column as C, Entity, Model, Status},
    id::{AgreementId, RowId},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition};
use serde_json::json;

use super::version::advance;
use crate::{
    actor::Permission,
    error::{Error, Result},
    store::{
        Access, Tx,
        jobs::{Job, NewJob},
    },
};

/// The kind of job that brings a version into force.
pub const ACTIVATE: &str = "agreement.activate";

/// A step: puts down that the version comes into force at its instant.
pub async fn schedule(tx: &mut Tx, version: &Model) -> Result<()> {
    let Some(at) = version.effective_from else { return Ok(()) };
    let job = NewJob::new(
        ACTIVATE,
        json!({ "version": version.id.to_string(), "agreement": version.agreement_id.to_string() }),
    );
    tx.enqueue(job.at(at).once(format!("{ACTIVATE}/{}", version.id))).await?;
    Ok(())
}

/// The job: brings into force what is due, once however often it runs.
pub async fn activate(access: &Access, job: &Job) -> Result<()> {
    let named = job.payload["agreement"].as_str().unwrap_or_default();
    let agreement: AgreementId = named.parse().map_err(Error::internal)?;
    let mut tx = access.begin(Permission::AgreementUpdate).await?;
    tx.lock::<Agreements>(agreement).await?;
    settle(&mut tx, agreement, access.now()).await?;
    job.done_in(&tx).await?;
    tx.commit(serde_json::Value::Null).await
}

/// The version that is marked as in force, of an agreement that is locked.
pub async fn active(tx: &mut Tx, agreement: AgreementId) -> Result<Option<Model>> {
    let marked = Condition::all().add(C::AgreementId.eq(agreement.uuid())).add(C::Status.eq(Status::Active));
    Ok(tx.lock_where::<Entity>(marked).await?.pop())
}

/// When a version that is or was in force came into it.
pub fn since(version: &Model) -> DateTime<Utc> {
    version.effective_from.unwrap_or_default()
}

/// A step: marks what is in force at an instant. The agreement is locked, so that of two who settle it at once one finds
/// nothing left to do. Nothing takes the place of what came into force after it.
pub async fn settle(tx: &mut Tx, agreement: AgreementId, now: DateTime<Utc>) -> Result<()> {
    let standing = Condition::all()
        .add(C::AgreementId.eq(agreement.uuid()))
        .add(C::Status.is_in([Status::Ratified, Status::Active]));
    let rows = tx.lock_where::<Entity>(standing).await?;
    let (active, ratified): (Vec<Model>, Vec<Model>) = rows.into_iter().partition(|row| row.status == Status::Active);
    let mut former = active.into_iter().next();
    let newest = former.as_ref().map(place);
    let newer = |row: &Model| newest.is_none_or(|newest| place(row) > newest);
    for next in in_turn(ratified, now).into_iter().filter(newer) {
        if let Some(row) = former.take() {
            let superseded = ActiveModel {
                status: Set(Status::Superseded),
                superseded_at: Set(next.effective_from),
                ..Default::default()
            };
            advance(tx, &row, superseded).await?;
        }
        let activated = ActiveModel { status: Set(Status::Active), activated_at: Set(Some(now)), ..Default::default() };
        former = Some(advance(tx, &next, activated).await?);
    }
    Ok(())
}

/// Those whose instant has come, in the order in which they take each other's place.
fn in_turn(mut ratified: Vec<Model>, now: DateTime<Utc>) -> Vec<Model> {
    ratified.retain(|row| row.effective_from.is_some_and(|from| from <= now));
    ratified.sort_by_key(place);
    ratified
}

/// Of several whose instant has come, the last in this order is in force (`body::newest`).
fn place(row: &Model) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>, i32) {
    (row.effective_from, row.ratified_at, row.number)
}
