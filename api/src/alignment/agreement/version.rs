//! Versions of agreements: written, changed while nobody has signed the whole, never after.

use chrono::{DateTime, Utc};
use entity::{
    agreement_version::{ActiveModel, Column as C, Entity, Model, Status},
    id::{AgreementVersionId, RowId},
};
use futures_util::future::BoxFuture;
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    Condition,
};

use super::{approval, body, graphql, hash, life, named};
use crate::{
    actor::{Actor, Permission},
    error::{Error, Fault, FaultCode, Result},
    graph::{Change, Meta, Record, Refusals, link::unseen_in},
    store::{Guarded, Tx, differing},
};

impl Guarded for Entity {
    type Id = AgreementVersionId;
    const NAME: &'static str = "agreement_version";
    const READ: Permission = Permission::AgreementRead;

    /// Agreements are the whole organisation's.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&[], &[FaultCode::Locked]), (&["Propose"], &[FaultCode::CriteriaUnmet])];

    fn meta() -> &'static Meta {
        graphql::version()
    }

    fn blank(_: DateTime<Utc>) -> ActiveModel {
        ActiveModel { status: Set(Status::Draft), solo: Set(false), tie_broken: Set(false), ..Default::default() }
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for change in changes.iter_mut() {
                sealed(change);
                if let Err(error) = sound(change) {
                    change.faults.extend(error.into_faults()?);
                }
                change.faults.extend(unseen_in(tx, named::new(change)).await?);
            }
            Ok(())
        })
    }

    /// Keys turned on a text that has changed open nothing.
    fn after<'a>(tx: &'a mut Tx, written: &'a [(Option<Model>, Model)]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let back = |before: &Option<Model>| before.as_ref().is_some_and(|row| row.status == Status::Proposed);
            for (_, after) in written.iter().filter(|(before, after)| back(before) && after.status == Status::Draft) {
                approval::clear(tx, after.id).await?;
            }
            Ok(())
        })
    }

    fn event(before: &Model, after: &Model) -> Option<&'static str> {
        life::event(before.status, after.status)
    }
}

/// The hash of the text goes with the text.
fn sealed(change: &mut Change<Entity>) {
    if let Set(text) = &change.row.body {
        change.row.hash = Set(hash::of(text));
    }
}

/// Steps change the state alone; another text begins a new round of signing, while there may still be one.
fn sound(change: &mut Change<Entity>) -> Result<()> {
    let Some(before) = &change.before else { return Ok(()) };
    let changed: Vec<C> = differing::<Entity>(before, &change.row).into_iter().map(|(column, _)| column).collect();
    let has = |wanted: fn(&C) -> bool| changed.iter().any(wanted);
    if let (true, Set(to)) = (has(|c| matches!(c, C::Status)), &change.row.status) {
        return life::ensure(before.status, *to);
    }
    if let (true, Set(text)) = (has(|c| matches!(c, C::Body)), &change.row.body)
        && body::kind_of(text) != body::kind_of(&before.body)
    {
        return Err(Error::invalid("body", "an agreement keeps its kind: give a body of the same"));
    }
    if !has(|c| matches!(c, C::Body | C::EffectiveFrom | C::Summary)) {
        return Ok(());
    }
    if !life::is_open(before.status) {
        let message = format!("a version that is {} stays as it is: create the next one", before.status);
        return Err(Error::Refused(vec![Fault::new(FaultCode::Locked, "id", message)]));
    }
    change.row.status = Set(Status::Draft);
    change.row.proposed_at = Set(None);
    change.row.proposed_by = Set(None);
    Ok(())
}

/// A step: changes a version's state and what goes with it, under its event's name.
pub async fn advance(tx: &mut Tx, before: &Model, row: ActiveModel) -> Result<Model> {
    let row = ActiveModel { id: Unchanged(before.id), ..row };
    let after = tx.update::<Entity>(row).await?;
    if let Some(kind) = life::event(before.status, after.status) {
        tx.emit(kind);
    }
    Ok(after)
}

/// The number of the next version of an agreement that is locked.
pub async fn next_number(tx: &Tx, agreement: entity::id::AgreementId) -> Result<i32> {
    use sea_orm::{ColumnTrait, Order};
    let all = crate::store::Scoped::<Entity>::read(&crate::crm::all_rows(tx))
        .filter(C::AgreementId.eq(agreement.uuid()))
        .shape(|q| _ = q.order_by((Entity::NAME, "number"), Order::Desc).limit(1));
    Ok(tx.read(all).await?.first().map_or(0, |row| row.number) + 1)
}
