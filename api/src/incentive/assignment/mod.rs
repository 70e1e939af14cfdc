//! People in plans: the terms on which each is paid. They may change while the plan's version is a draft; from the moment
//! that it is put up for signature they stand, so that what was signed is what counts.

pub mod graphql;

use std::collections::HashMap;

use entity::{
    agreement::Kind,
    agreement_version::{self as versions, Status},
    id::{AgreementVersionId, IncentiveAssignmentId, RowId},
    incentive_assignment::{ActiveModel, Column as C, Entity, Model},
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition, TryIntoModel};

pub use graphql::meta;

use super::{
    IncentivePlanBody,
    paid::paid,
    pay::{
        plan::{Draw, Participant},
        validate,
    },
};
use crate::{
    actor::{Actor, Permission},
    alignment::agreement::body::{decode, kind_of},
    error::{Error, Fault, FaultCode, Result},
    graph::{Change, Meta, Record, Refusals},
    store::{Guarded, Op, Tx},
};

impl Guarded for Entity {
    type Id = IncentiveAssignmentId;
    const NAME: &'static str = "incentive_assignment";
    const READ: Permission = Permission::IncentiveRead;
    const PERSONAL: &'static [&'static str] =
        &["target_bonus_minor", "quota_minor", "guarantee_minor", "draw_minor", "pool_weight"];

    fn within(actor: &Actor, permission: Permission) -> Condition {
        paid(actor, permission, (Self::NAME, C::UserId))
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&[], &[FaultCode::Locked])];

    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(_: chrono::DateTime<chrono::Utc>) -> ActiveModel {
        ActiveModel { draw_recoverable: Set(false), pool_weight: Set(1), ..Default::default() }
    }

    /// One statement for each version of a plan, however many rows.
    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let known = versions_of(tx, changes).await?;
            for change in changes.iter_mut() {
                let faults = faults(tx, change, &known)?;
                change.faults.extend(faults);
            }
            Ok(())
        })
    }

    fn leave<'a>(tx: &'a mut Tx, row: &'a Model, _: Op) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            not_oneself(tx, row)?;
            let version = tx.lock_as::<versions::Entity>(Permission::AgreementRead, row.agreement_version_id).await?;
            still_a_draft(&version)
        })
    }
}

async fn versions_of(tx: &mut Tx, changes: &[Change<Entity>]) -> Result<HashMap<AgreementVersionId, versions::Model>> {
    let mut ids: Vec<_> = changes.iter().filter_map(|c| c.row.agreement_version_id.try_as_ref()).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let mut known = HashMap::new();
    for id in ids {
        // nobody puts it up for signature meanwhile
        match tx.lock_as::<versions::Entity>(Permission::AgreementRead, id).await {
            Ok(row) => _ = known.insert(id, row),
            Err(Error::Refused(_)) => {} // missing, and told so
            Err(other) => return Err(other),
        }
    }
    Ok(known)
}

fn faults(
    tx: &Tx,
    change: &Change<Entity>,
    known: &HashMap<AgreementVersionId, versions::Model>,
) -> Result<Vec<Fault>> {
    let Some(version) = change.row.agreement_version_id.try_as_ref().and_then(|id| known.get(id)) else {
        return Ok(vec![]); // missing, and told so
    };
    if kind_of(&version.body) != Some(Kind::IncentivePlan) {
        return Ok(vec![Fault::new(FaultCode::Validation, "agreementVersionId", "this is no incentive plan")]);
    }
    let Some(row) = whole(change) else { return Ok(vec![]) };
    if let Err(error) = still_a_draft(version).and_then(|()| not_oneself(tx, &row)) {
        return error.into_faults();
    }
    let said = decode::<IncentivePlanBody>(version.clone())?;
    Ok(wrong_in(&said.body, &row))
}

/// The row as it would be; none while something that is required is missing.
fn whole(change: &Change<Entity>) -> Option<Model> {
    let nil = uuid::Uuid::nil();
    let row = change.row.clone();
    let filled = ActiveModel {
        id: if row.id.is_not_set() { Set(IncentiveAssignmentId::from_uuid(nil)) } else { row.id },
        organization_id: if row.organization_id.is_not_set() {
            Set(RowId::from_uuid(nil))
        } else {
            row.organization_id
        },
        created_at: Set(chrono::DateTime::UNIX_EPOCH),
        created_by: Set(None),
        updated_at: Set(chrono::DateTime::UNIX_EPOCH),
        updated_by: Set(None),
        version: Set(1),
        deleted_at: Set(None),
        quota_minor: or_none(row.quota_minor),
        quota_currency: or_none(row.quota_currency),
        starts_on: or_none(row.starts_on),
        ends_on: or_none(row.ends_on),
        guarantee_minor: or_none(row.guarantee_minor),
        guarantee_currency: or_none(row.guarantee_currency),
        draw_minor: or_none(row.draw_minor),
        draw_currency: or_none(row.draw_currency),
        ..row
    };
    filled.try_into_model().ok()
}

fn or_none<T>(value: sea_orm::ActiveValue<Option<T>>) -> sea_orm::ActiveValue<Option<T>>
where
    Option<T>: Into<sea_orm::Value>,
{
    if value.is_not_set() { Set(None) } else { value }
}

fn still_a_draft(version: &versions::Model) -> Result<()> {
    if version.status == Status::Draft {
        return Ok(());
    }
    let message = format!("the plan is {}: what is up for signature or signed stays as it is", version.status);
    Err(Error::refused(FaultCode::Locked, "agreementVersionId", message))
}

/// Nobody enters their own terms.
fn not_oneself(tx: &Tx, row: &Model) -> Result<()> {
    if tx.access().actor().user == Some(row.user_id) {
        return Err(Error::refused(FaultCode::Locked, "userId", "nobody enters their own terms: ask somebody else"));
    }
    Ok(())
}

/// What is wrong with somebody's terms in a plan.
pub fn wrong_in(body: &IncentivePlanBody, row: &Model) -> Vec<Fault> {
    let currencies = [
        ("targetBonus", Some(row.currency)),
        ("quota", row.quota_currency),
        ("guarantee", row.guarantee_currency),
        ("draw", row.draw_currency),
    ];
    let other = currencies.into_iter().filter(|(_, c)| c.is_some_and(|c| c != body.currency.0));
    let message = format!("the plan is in {}", body.currency.0);
    let mut faults: Vec<Fault> =
        other.map(|(field, _)| Fault::new(FaultCode::Validation, field, message.clone())).collect();
    if row.pool_weight < 0 {
        faults.push(Fault::new(FaultCode::Validation, "poolWeight", "this cannot be negative"));
    }
    match body.plan() {
        Ok(plan) => faults.extend(validate::participant(&plan, &participant(row)).into_iter().map(named)),
        Err(wrong) => faults.extend(wrong),
    }
    faults
}

/// Pay's words for fields, as the record has them.
fn named(mut fault: Fault) -> Fault {
    for part in &mut fault.field {
        match part.as_str() {
            "until" => "endsOn".clone_into(part),
            "from" => "startsOn".clone_into(part),
            _ => {}
        }
    }
    fault
}

pub fn participant(row: &Model) -> Participant {
    Participant {
        user: row.user_id,
        side: row.side,
        target_bonus: row.target_bonus_minor,
        quota: row.quota_minor,
        from: row.starts_on,
        until: row.ends_on,
        guarantee: row.guarantee_minor,
        draw: row.draw_minor.map(|amount| Draw { amount, recoverable: row.draw_recoverable }),
        pool_weight: u32::try_from(row.pool_weight).unwrap_or(0),
    }
}
