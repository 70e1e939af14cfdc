//! A converted lead's campaigns and touches: its memberships and what it did become those of the contact that it became,
//! in the same commit. Where the contact is a member already, that membership takes over what the lead's knew.

use std::collections::{BTreeMap, HashMap};

use entity::{
    campaign_member::{Entity, Model},
    id::{AccountId, CampaignId, ContactId, LeadId, RowId},
    lead, touchpoint,
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition, ExprTrait, IntoActiveModel, Value, sea_query::Expr};
use uuid::Uuid;

use super::visitor;
use crate::{
    error::Result,
    graph::Record,
    store::{Guarded, Listener, News, Op, Tx, Values, within_ids},
};

pub fn listener() -> Listener {
    Listener { table: lead::Entity::NAME, hear }
}

fn hear(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let converted: Vec<Uuid> = news.iter().filter(|n| n.kind == "lead.converted").map(|n| n.id).collect();
        if converted.is_empty() {
            return Ok(());
        }
        let backend = tx.access().store().backend();
        let leads =
            tx.lock_followers::<lead::Entity>(within_ids((lead::Entity::NAME, "id"), &converted, backend)).await?;
        let became: HashMap<LeadId, ContactId> =
            leads.iter().filter_map(|lead| Some((lead.id, lead.converted_contact_id?))).collect();
        follow(tx, &became).await?;
        touches(tx, &leads).await?;
        visitor::became(tx, &became).await
    })
}

/// What a lead did is the contact's and the account's too, where it was nobody's; the times stay.
async fn touches(tx: &mut Tx, leads: &[lead::Model]) -> Result<()> {
    let became: HashMap<LeadId, &lead::Model> =
        leads.iter().filter(|lead| lead.converted_contact_id.is_some()).map(|lead| (lead.id, lead)).collect();
    let ids: Vec<Uuid> = became.keys().map(|id| id.uuid()).collect();
    let theirs = within_ids((touchpoint::Entity::NAME, "lead_id"), &ids, tx.access().store().backend())
        .add(Expr::col((touchpoint::Entity::NAME, "contact_id")).is_null());
    let mut groups: BTreeMap<(ContactId, Option<AccountId>), Vec<touchpoint::Model>> = BTreeMap::new();
    for row in tx.lock_followers::<touchpoint::Entity>(theirs).await? {
        let Some(lead) = row.lead_id.and_then(|id| became.get(&id)) else { continue };
        let Some(contact) = lead.converted_contact_id else { continue };
        // what was done for an account stays that account's
        let account = lead.converted_account_id.filter(|_| row.account_id.is_none());
        groups.entry((contact, account)).or_default().push(row);
    }
    for ((contact, account), rows) in groups {
        let mut values: Values = vec![("contact_id", contact.uuid().into())];
        values.extend(account.map(|account| ("account_id", account.uuid().into())));
        tx.set_all::<touchpoint::Entity>(&rows, &values, Op::Updated).await?;
    }
    Ok(())
}

async fn follow(tx: &mut Tx, became: &HashMap<LeadId, ContactId>) -> Result<()> {
    let backend = tx.access().store().backend();
    let leads: Vec<Uuid> = became.keys().map(|id| id.uuid()).collect();
    let contacts: Vec<Uuid> = became.values().map(|id| id.uuid()).collect();
    let either = Condition::any().add(within_ids((Entity::NAME, "lead_id"), &leads, backend)).add(within_ids(
        (Entity::NAME, "contact_id"),
        &contacts,
        backend,
    ));
    let rows = tx.lock_followers::<Entity>(either).await?;
    let (theirs, of_leads): (Vec<Model>, Vec<Model>) = rows.into_iter().partition(|row| row.contact_id.is_some());
    let mut known: HashMap<(CampaignId, ContactId), Model> = theirs
        .into_iter()
        .filter(|row| row.deleted_at.is_none())
        .filter_map(|row| Some(((row.campaign_id, row.contact_id?), row)))
        .collect();
    for row in of_leads {
        let Some(contact) = row.lead_id.and_then(|id| became.get(&id)).copied() else { continue };
        match known.get(&(row.campaign_id, contact)) {
            Some(kept) if row.deleted_at.is_none() => {
                let gone = vec![("deleted_at", Value::from(Some(tx.access().now())))];
                tx.set_all::<Entity>(std::slice::from_ref(&row), &gone, Op::Deleted).await?;
                if let Some(more) = Entity::absorb(kept, &row) {
                    tx.update::<Entity>(more).await?;
                }
            }
            Some(_) => {}
            None => {
                let live = row.deleted_at.is_none();
                let key = (row.campaign_id, contact);
                let moved = entity::campaign_member::ActiveModel {
                    lead_id: Set(None),
                    contact_id: Set(Some(contact)),
                    ..row.into_active_model()
                };
                let moved = tx.update::<Entity>(moved).await?;
                if live {
                    known.insert(key, moved);
                }
            }
        }
    }
    Ok(())
}
