//! A lead becomes an account, a contact and perhaps an opportunity, all in one unit of work or not at all. A lead that was
//! converted before answers what it became, and changes nothing.

mod carry;
pub mod graphql;
mod make;

use entity::{
    id::{AccountId, ContactId, LeadId, OpportunityId, RowId},
    lead::{self, Status},
};
use sea_orm::ModelTrait;
use serde_json::json;
use uuid::Uuid;

use super::lifecycle;
use crate::{
    actor::Permission,
    crm::contact::withheld,
    error::{Error, Result},
    graph::{Patch, Record, record},
    store::{Access, Scoped, Tx, expect_version},
};

/// Which record a lead becomes part of.
#[derive(Default)]
pub enum Part {
    /// The one that fits, else a new one.
    #[default]
    Fitting,
    Existing(Uuid),
    /// A new one, with these values before the lead's.
    New(Patch),
}

/// How a lead is to be converted.
pub struct Wish {
    pub lead: LeadId,
    pub version: Option<i32>,
    pub account: Part,
    pub contact: Part,
    pub opportunity: Option<Part>,
    /// The lead's values replace those of existing records, where they would otherwise only fill gaps.
    pub overwrite: bool,
    pub dry_run: bool,
}

/// What a lead became.
#[derive(Clone, Copy, Debug, Default)]
pub struct Done {
    pub lead: Uuid,
    /// None for one that a dry run would make.
    pub account: Option<Uuid>,
    pub contact: Option<Uuid>,
    pub opportunity: Option<Uuid>,
    pub made: Made,
}

/// Which records are new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    pub account: bool,
    pub contact: bool,
    pub opportunity: bool,
}

pub async fn run(access: &Access, wish: Wish) -> Result<Done> {
    let mut tx = access.begin(Permission::LeadUpdate).await?;
    let before = record::lock::<lead::Entity>(&mut tx, wish.lead.uuid()).await?;
    if before.status == Status::Converted {
        return Ok(again(&before));
    }
    expect_version::<lead::Entity>(&before, wish.version)?;
    lifecycle::ensure(before.status, Status::Converted)?;
    let carried = carry::Carried::of(&tx, &before).await?;
    let (account, new_account) = make::account(&mut tx, &carried, wish.account, wish.overwrite).await?;
    let named = matches!(wish.contact, Part::Existing(_));
    let (contact, new_contact) = make::contact(&mut tx, &carried, account.id, wish.contact, wish.overwrite).await?;
    let opportunity = match wish.opportunity {
        None => None,
        Some(part) => Some(make::opportunity(&mut tx, &carried, (&account, contact.id), part).await?),
    };
    let new_opportunity = opportunity.as_ref().is_some_and(|(_, new)| *new);
    let opportunity = opportunity.map(|(row, _)| row.id);
    carry::activities(&mut tx, before.id, account.id, contact.id, opportunity).await?;
    tx.under(Permission::LeadUpdate)?;
    close(&mut tx, before, account.id, contact.id, opportunity).await?;
    let made = Made { account: new_account, contact: new_contact, opportunity: new_opportunity };
    let done = Done {
        lead: wish.lead.uuid(),
        account: Some(account.id.uuid()),
        contact: Some(contact.id.uuid()),
        opportunity: opportunity.map(RowId::uuid),
        made,
    };
    if wish.dry_run {
        // nobody finds out for nothing whose an address is that is withheld from them
        let hidden = !named && withheld::is_hidden(&tx, &contact).await?;
        let made = Made { contact: done.made.contact || hidden, ..done.made };
        let done = Done { made, ..done };
        return Ok(done.unmade());
    }
    tx.commit(json!({ "id": done.lead, "made": [made.account, made.contact, made.opportunity] })).await?;
    Ok(done)
}

impl Done {
    /// Nothing was written: what would be new does not exist.
    fn unmade(self) -> Self {
        let kept = |id: Option<Uuid>, new: bool| id.filter(|_| !new);
        Self {
            account: kept(self.account, self.made.account),
            contact: kept(self.contact, self.made.contact),
            opportunity: kept(self.opportunity, self.made.opportunity),
            ..self
        }
    }
}

/// What a converted lead became.
fn again(lead: &lead::Model) -> Done {
    Done {
        lead: lead.id.uuid(),
        account: lead.converted_account_id.map(RowId::uuid),
        contact: lead.converted_contact_id.map(RowId::uuid),
        opportunity: lead.converted_opportunity_id.map(RowId::uuid),
        made: Made::default(),
    }
}

/// What an idempotency key remembers: the lead as it is, and what was new then.
pub async fn replayed(access: &Access, answer: &serde_json::Value) -> Result<Done> {
    let id: Uuid = answer["id"].as_str().and_then(|id| id.parse().ok()).ok_or(Error::KeyInProgress)?;
    let lead = Scoped::<lead::Entity>::read(access).ids(&[id]).one().await?.ok_or_else(|| Error::not_found("id"))?;
    let new = |at: usize| answer["made"][at] == true;
    Ok(Done { made: Made { account: new(0), contact: new(1), opportunity: new(2) }, ..again(&lead) })
}

async fn close(
    tx: &mut Tx,
    before: lead::Model,
    account: AccountId,
    contact: ContactId,
    opportunity: Option<OpportunityId>,
) -> Result<lead::Model> {
    let patch = Patch::default()
        .with("status", Status::Converted)
        .with("converted_at", tx.access().now())
        .with("converted_account_id", account)
        .with("converted_contact_id", contact)
        .with("converted_opportunity_id", opportunity)
        .with("matched_account_id", account);
    record::save::<lead::Entity>(tx, Some(before), patch).await
}

/// A row that the caller sees.
async fn existing<E: Record>(tx: &Tx, id: Uuid) -> Result<E::Model> {
    let row = tx.read(Scoped::<E>::read(tx.access()).ids(&[id])).await?.pop();
    row.ok_or_else(|| Error::not_found("existingId"))
}

/// Lays values over an existing row: those it lacks, or all. Gaps of a record that the caller may not change stay.
async fn fill<E: Record>(
    tx: &mut Tx,
    row: E::Model,
    patch: Patch,
    overwrite: bool,
    permission: Permission,
) -> Result<E::Model> {
    let patch = laid_over::<E>(&row, patch, overwrite)?;
    let differs = |(name, value): &(&'static str, sea_orm::Value)| {
        crate::store::column::<E>(name).is_ok_and(|c| row.get(c) != *value)
    };
    if !patch.values.iter().any(differs) {
        return Ok(row);
    }
    let id = E::Id::from_uuid(crate::store::id_of::<E>(&row)?);
    let locked = match tx.under(permission) {
        Ok(_) => tx.lock::<E>(id).await,
        Err(refused) => Err(refused),
    };
    match locked {
        Ok(before) => record::save::<E>(tx, Some(before), patch).await,
        Err(Error::Forbidden(_)) if !overwrite => Ok(row),
        Err(error) => Err(error),
    }
}

/// What of a patch an existing row takes; of the organisation's own fields those it lacks, key by key.
fn laid_over<E: Record>(row: &E::Model, mut patch: Patch, overwrite: bool) -> Result<Patch> {
    let own = if let Some(sea_orm::Value::Json(Some(json))) = patch.remove("custom") { *json } else { json!({}) };
    let has = row.get(crate::store::column::<E>("custom")?);
    let has = if let sea_orm::Value::Json(Some(json)) = has { *json } else { json!({}) };
    let new = |(key, value): &(&String, &serde_json::Value)| match has.get(key.as_str()) {
        None => true,
        Some(old) => overwrite && old != *value,
    };
    let own: serde_json::Map<_, _> =
        own.as_object().into_iter().flatten().filter(new).map(|(key, value)| (key.clone(), value.clone())).collect();
    if overwrite {
        // what the lead does not say takes nothing away
        patch.values.retain(|(_, value)| *value != value.as_null());
    } else {
        patch = patch.only_empty::<E>(row);
    }
    Ok(if own.is_empty() { patch } else { patch.with("custom", serde_json::Value::Object(own)) })
}

/// The columns of a new row that a client's values and the lead's give.
fn laid(own: Patch, carried: Patch) -> Patch {
    let mut patch = own;
    for (name, value) in carried.values {
        if patch.get(name).is_none() && value != value.as_null() {
            patch.values.push((name, value));
        }
    }
    patch
}

/// A column that a new row must have.
fn required<E: Record>(patch: &mut Patch, name: &'static str) {
    let missing = patch.get(name).is_none_or(|value| *value == value.as_null());
    if let (true, Some(field)) = (missing, E::meta().fields.iter().find(|f| f.key() == Some(name))) {
        patch.fault(&field.input_name(), "the lead does not say it: give it here");
    }
}

/// Says in which part of the input something is wrong.
fn within<T>(part: &str, step: &str, done: Result<T>) -> Result<T> {
    done.map_err(|error| match error {
        Error::Refused(faults) => Error::Refused(
            faults
                .into_iter()
                .map(
                    |fault| {
                        if fault.field == ["existingId"] { fault.under(part) } else { fault.under(step).under(part) }
                    },
                )
                .collect(),
        ),
        other => other,
    })
}
