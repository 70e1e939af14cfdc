//! New agreements, and further versions of those there are.

use async_graphql::Value as ConstValue;
use entity::{
    agreement::Entity as Agreements,
    agreement_version::{Entity, Model},
    id::{AgreementId, AgreementVersionId, RowId},
};
use sea_orm::Value;

use super::{body::kind_of, graphql, steps, version::next_number};
use crate::{
    actor::Permission,
    error::{Error, Result},
    graph::{
        Patch,
        record::{remembered, save},
    },
    store::{Access, Tx},
};

/// An agreement and its first draft; its kind is that of the draft's body. `given` has the members of
/// `AgreementCreateInput`.
pub async fn draft(access: &Access, given: &ConstValue) -> Result<(AgreementId, AgreementVersionId)> {
    let mut tx = access.begin(Permission::AgreementCreate).await?;
    let (named, mut draft) = (Patch::read(graphql::meta(), given, true), Patch::read(graphql::version(), given, true));
    // the agreement is made with it: it need not be named
    draft.faults.retain(|fault| fault.field != ["agreementId"]);
    let faults = [named.faults.clone(), draft.faults.clone()].concat();
    if !faults.is_empty() {
        return Err(Error::Refused(faults));
    }
    let kind = kind(&draft)?;
    let agreement = save::<Agreements>(&mut tx, None, named.with("kind", kind)).await?;
    let draft = draft.with("agreement_id", agreement.id.uuid()).with("number", 1);
    let version = save::<Entity>(&mut tx, None, draft).await?;
    tx.commit(remembered(agreement.id.uuid())).await?;
    Ok((agreement.id, version.id))
}

/// Puts a draft up for signature.
pub async fn propose(access: &Access, id: AgreementVersionId) -> Result<AgreementVersionId> {
    let mut tx = access.begin(Permission::AgreementUpdate).await?;
    let before = tx.lock::<Entity>(id).await?;
    let patch = steps::propose(&mut tx, &before, Patch::default()).await?;
    save::<Entity>(&mut tx, Some(before), patch).await?;
    tx.commit(remembered(id.uuid())).await?;
    Ok(id)
}

/// The next draft of an agreement.
pub async fn next(access: &Access, draft: Patch) -> Result<AgreementVersionId> {
    let mut tx = access.begin(Permission::AgreementCreate).await?;
    if !draft.faults.is_empty() {
        return Err(Error::Refused(draft.faults));
    }
    let number = numbered(&mut tx, &draft).await?;
    let row = save::<Entity>(&mut tx, None, draft.with("number", number)).await?;
    tx.commit(remembered(row.id.uuid())).await?;
    Ok(row.id)
}

/// A step: the next draft of an agreement, which is locked, that says what another of its versions says.
pub async fn copy(tx: &mut Tx, of: Model, summary: String) -> Result<Model> {
    let number = next_number(tx, of.agreement_id).await?;
    let draft = Patch::default().with("agreement_id", of.agreement_id.uuid()).with("number", number);
    save::<Entity>(tx, None, draft.with("body", of.body).with("summary", summary)).await
}

/// Its number among the agreement's, which stays locked: of two at once one waits.
async fn numbered(tx: &mut Tx, draft: &Patch) -> Result<i32> {
    let Some(Value::Uuid(Some(id))) = draft.get("agreement_id") else {
        return Err(Error::invalid("agreementId", "this is required"));
    };
    let locked = tx.lock::<Agreements>(AgreementId::from_uuid(*id)).await;
    let agreement = locked.map_err(|error| match error {
        Error::Refused(_) => Error::not_found("agreementId"),
        other => other,
    })?;
    if agreement.kind != kind(draft)? {
        return Err(Error::invalid("body", format!("this agreement is about {}: give a body of that", agreement.kind)));
    }
    next_number(tx, agreement.id).await
}

fn kind(draft: &Patch) -> Result<entity::agreement::Kind> {
    let body = if let Some(Value::Json(Some(json))) = draft.get("body") { kind_of(json) } else { None };
    body.ok_or_else(|| Error::invalid("body", "this is required"))
}
