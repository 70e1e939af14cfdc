//! Approving a run: by a second person, who is not paid by it, on exactly what they saw. Programs never do.

use entity::{
    id::{RowId, UserId},
    incentive_run::{Model, RunStatus},
    incentive_statement::{Column as S, Entity as Statements},
};
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, Condition, Value};

use super::life;
use crate::{
    actor::Via,
    crm::all_rows,
    error::{Error, FaultCode, Result},
    graph::Patch,
    store::{Scoped, Tx},
};

pub fn approve<'a>(tx: &'a mut Tx, before: &'a Model, mut told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        let me = person(tx)?;
        life::ensure(before.status, RunStatus::Approved)?;
        let seen = told.remove("inputs_hash");
        if !matches!(&seen, Some(Value::String(Some(seen))) if Some(seen) == before.inputs_hash.as_ref()) {
            let message = "it was calculated from other inputs than these: read it again";
            return Err(Error::refused(FaultCode::Conflict, "inputsHash", message));
        }
        let locked = |message: &str| Err(Error::refused(FaultCode::Locked, "id", message));
        if before.submitted_by == Some(me) {
            return locked("you have put it up yourself: somebody else must approve it");
        }
        if is_paid(tx, before, me.uuid()).await? {
            return locked("you are paid by it: somebody else must approve it");
        }
        Ok(told.with("status", RunStatus::Approved).with("approved_at", tx.access().now()).with("approved_by", me))
    })
}

/// Who does it: a program with an API key never does.
pub fn person(tx: &Tx) -> Result<UserId> {
    let actor = tx.access().actor();
    let person = actor.user.filter(|_| !matches!(actor.via, Via::ApiKey(_)));
    person.ok_or(Error::Forbidden(tx.permission()))
}

/// Whether somebody is paid by its last calculation.
pub async fn is_paid(tx: &Tx, run: &Model, me: uuid::Uuid) -> Result<bool> {
    let mine = Condition::all().add(S::RunId.eq(run.id.uuid())).add(S::UserId.eq(me)).add(S::Revision.eq(run.revision));
    Ok(!tx.read(Scoped::<Statements>::read(&all_rows(tx)).filter(mine)).await?.is_empty())
}
