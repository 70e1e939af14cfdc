//! The account, the contact and the opportunity that a lead becomes: found, filled or made, each under its own
//! permission.

use entity::{
    account, contact,
    contact_consent::State,
    id::{AccountId, ContactId},
    opportunity,
    stage::StageType,
};
use sea_orm::{Condition, ExprTrait, Value, sea_query::Expr};

use super::{Part, carry::Carried, existing, fill, laid, required, within};
use crate::{
    actor::Permission,
    crm::{all_rows, contact_address},
    error::{Error, FaultCode, Result},
    graph::{Patch, record},
    store::{Guarded, Scoped, Tx},
};

pub async fn account(tx: &mut Tx, lead: &Carried, part: Part, overwrite: bool) -> Result<(account::Model, bool)> {
    let done = account_of(tx, lead, part, overwrite).await;
    within("account", "create", done)
}

async fn account_of(tx: &mut Tx, lead: &Carried, part: Part, overwrite: bool) -> Result<(account::Model, bool)> {
    let given = match part {
        Part::Existing(id) => {
            let row = existing::<account::Entity>(tx, id).await?;
            return Ok((filled(tx, lead, row, overwrite).await?, false));
        }
        Part::New(patch) => patch,
        Part::Fitting => {
            let matched = lead.lead.matched_account_id.map(entity::id::RowId::uuid);
            if let Some(id) = matched
                && let Some(row) = tx.read(Scoped::<account::Entity>::read(tx.access()).ids(&[id])).await?.pop()
            {
                return Ok((filled(tx, lead, row, overwrite).await?, false));
            }
            Patch::default()
        }
    };
    if !given.faults.is_empty() {
        return Err(Error::Refused(given.faults));
    }
    let mut patch = laid(given, lead.account());
    if let Some(row) = with_domain(tx, &patch).await? {
        return Ok((filled(tx, lead, row, overwrite).await?, false));
    }
    required::<account::Entity>(&mut patch, "name");
    if !patch.faults.is_empty() {
        return Err(Error::Refused(patch.faults));
    }
    tx.under(Permission::AccountCreate)?;
    let mark = tx.savepoint().await?;
    match record::save::<account::Entity>(tx, None, patch.clone()).await {
        Ok(row) => {
            tx.release().await?;
            Ok((row, true))
        }
        // somebody else has just made it: then it is the one
        Err(Error::Refused(faults)) if faults.iter().any(|f| f.code == FaultCode::Duplicate) => {
            tx.undo(mark).await?;
            let row = with_domain(tx, &patch).await?.ok_or(Error::Refused(faults))?;
            Ok((filled(tx, lead, row, overwrite).await?, false))
        }
        Err(error) => Err(error),
    }
}

async fn filled(tx: &mut Tx, lead: &Carried, row: account::Model, overwrite: bool) -> Result<account::Model> {
    let mut patch = lead.account();
    // its domain tells who it is, and its owner is not the lead's
    patch.values.retain(|(name, _)| *name != "owner_id" && (*name != "domain" || row.domain.is_none()));
    if patch.get("domain").is_some() && with_domain_anywhere(tx, &patch).await?.is_some() {
        patch.remove("domain");
    }
    fill::<account::Entity>(tx, row, patch, overwrite, Permission::AccountUpdate).await
}

/// The account with the domain of the patch, if the caller sees it.
async fn with_domain(tx: &Tx, patch: &Patch) -> Result<Option<account::Model>> {
    one_with::<account::Entity>(tx, Scoped::read(tx.access()), "domain", patch).await
}

async fn with_domain_anywhere(tx: &Tx, patch: &Patch) -> Result<Option<account::Model>> {
    one_with::<account::Entity>(tx, Scoped::read(&all_rows(tx)), "domain", patch).await
}

async fn one_with<E: Guarded>(
    tx: &Tx,
    scoped: Scoped<E>,
    name: &'static str,
    patch: &Patch,
) -> Result<Option<E::Model>> {
    let Some(Value::String(Some(text))) = patch.get(name) else { return Ok(None) };
    let same = Condition::all().add(Expr::col((E::NAME, name)).eq(text.as_str()));
    Ok(tx.read(scoped.filter(same)).await?.pop())
}

pub async fn contact(
    tx: &mut Tx,
    lead: &Carried,
    account: AccountId,
    part: Part,
    overwrite: bool,
) -> Result<(contact::Model, bool)> {
    within("contact", "create", contact_of(tx, lead, account, part, overwrite).await)
}

async fn contact_of(
    tx: &mut Tx,
    lead: &Carried,
    account: AccountId,
    part: Part,
    overwrite: bool,
) -> Result<(contact::Model, bool)> {
    let carried = lead.contact().with("account_id", account);
    let given = match part {
        Part::Existing(id) => {
            let row = existing::<contact::Entity>(tx, id).await?;
            return Ok((known(tx, row, carried, overwrite).await?, false));
        }
        Part::New(patch) => patch,
        Part::Fitting => Patch::default(),
    };
    if !given.faults.is_empty() {
        return Err(Error::Refused(given.faults));
    }
    let mut patch = laid(given, carried.clone());
    if let Some(row) = with_mail(tx, &patch).await? {
        return Ok((known(tx, row, carried, overwrite).await?, false));
    }
    required::<contact::Entity>(&mut patch, "last_name");
    if !patch.faults.is_empty() {
        return Err(Error::Refused(patch.faults));
    }
    tx.under(Permission::ContactCreate)?;
    Ok((record::save::<contact::Entity>(tx, None, patch).await?, true))
}

/// The contact that has the mail address of the patch as its main or as a further one, if the caller sees the contact.
async fn with_mail(tx: &Tx, patch: &Patch) -> Result<Option<contact::Model>> {
    if let Some(row) = one_with::<contact::Entity>(tx, Scoped::read(tx.access()), "email", patch).await? {
        return Ok(Some(row));
    }
    let Some(Value::String(Some(mail))) = patch.get("email") else { return Ok(None) };
    let further = contact_address::having(all_rows(tx).actor(), vec![mail.clone()]);
    let same = Condition::all().add(Expr::col((contact::Entity::NAME, "id")).in_subquery(further));
    Ok(tx.read(Scoped::<contact::Entity>::read(tx.access()).filter(same)).await?.pop())
}

/// A known contact keeps its owner, its address, what is withheld and, if it has one, its main company.
async fn known(tx: &mut Tx, row: contact::Model, mut patch: Patch, overwrite: bool) -> Result<contact::Model> {
    let has = |name: &str| match name {
        "owner_id" => true,
        "email" => row.email.is_some() || row.email_consent == Some(State::Withdrawn),
        "phone" => row.phone_consent == Some(State::Withdrawn),
        "account_id" => row.account_id.is_some(),
        _ => false,
    };
    patch.values.retain(|(name, _)| !has(name));
    fill::<contact::Entity>(tx, row, patch, overwrite, Permission::ContactUpdate).await
}

pub async fn opportunity(
    tx: &mut Tx,
    lead: &Carried,
    of: (&account::Model, ContactId),
    part: Part,
) -> Result<(opportunity::Model, bool)> {
    within("opportunity", "create", opportunity_of(tx, lead, of, part).await)
}

async fn opportunity_of(
    tx: &mut Tx,
    lead: &Carried,
    (account, contact): (&account::Model, ContactId),
    part: Part,
) -> Result<(opportunity::Model, bool)> {
    let carried = lead.opportunity().with("account_id", account.id).with("primary_contact_id", contact);
    let given = match part {
        Part::Existing(id) => {
            let row = existing::<opportunity::Entity>(tx, id).await?;
            if row.account_id.is_some_and(|other| other != account.id) {
                return Err(Error::invalid("existingId", "this opportunity belongs to another account"));
            }
            if row.stage_type != StageType::Open {
                return Err(Error::invalid(
                    "existingId",
                    "this opportunity is closed: name one that is open, or make one",
                ));
            }
            let mut patch = carried;
            patch.values.retain(|(name, _)| *name != "owner_id");
            // what it began with stays, whatever the policy
            return Ok((
                fill::<opportunity::Entity>(tx, row, patch, false, Permission::OpportunityUpdate).await?,
                false,
            ));
        }
        Part::New(patch) => patch,
        Part::Fitting => Patch::default(),
    };
    if !given.faults.is_empty() {
        return Err(Error::Refused(given.faults));
    }
    let patch = laid(given, carried.with("name", account.name.as_str()));
    tx.under(Permission::OpportunityCreate)?;
    Ok((record::save::<opportunity::Entity>(tx, None, patch).await?, true))
}
