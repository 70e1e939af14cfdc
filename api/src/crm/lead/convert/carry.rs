//! What a lead gives to the records it becomes: its fields, its own fields by equal keys, and what was said to it.

use std::collections::BTreeMap;

use entity::{
    activity::{self, Column as A},
    id::{AccountId, ContactId, LeadId, OpportunityId, RowId},
    lead,
};
use sea_orm::{Condition, ExprTrait, Value, sea_query::Expr};

use crate::{
    crm::{custom_field, matching::domain},
    error::Result,
    graph::Patch,
    store::{Guarded, Op, Tx, Values},
};

/// The lead, and its own fields as far as others have the same.
pub struct Carried {
    pub lead: lead::Model,
    own: BTreeMap<String, custom_field::Values>,
}

impl Carried {
    pub async fn of(tx: &Tx, lead: &lead::Model) -> Result<Self> {
        let own = custom_field::shared(tx, &lead.custom, &["account", "contact", "opportunity"]).await?;
        Ok(Self { lead: lead.clone(), own })
    }

    fn own(&self, entity: &str) -> Value {
        serde_json::Value::Object(self.own.get(entity).cloned().unwrap_or_default()).into()
    }

    pub fn account(&self) -> Patch {
        let lead = &self.lead;
        let domain = lead.email.as_deref().and_then(domain::corporate).map(str::to_owned);
        Patch::default()
            .with("name", lead.company_name.clone().or_else(|| domain.clone()))
            .with("domain", domain)
            .with("country", lead.country.clone())
            .with("owner_id", lead.owner_id.map(RowId::uuid))
            .with("custom", self.own("account"))
    }

    pub fn contact(&self) -> Patch {
        let lead = &self.lead;
        Patch::default()
            .with("first_name", lead.first_name.clone())
            .with("last_name", lead.last_name.clone())
            .with("email", lead.email.clone())
            .with("phone", lead.phone.clone())
            .with("title", lead.title.clone())
            .with("country", lead.country.clone())
            .with("description", lead.description.clone())
            .with("owner_id", lead.owner_id.map(RowId::uuid))
            .with("custom", self.own("contact"))
    }

    pub fn opportunity(&self) -> Patch {
        Patch::default()
            .with("source_lead_id", self.lead.id.uuid())
            .with("source_campaign_id", self.lead.campaign_id.map(RowId::uuid))
            .with("owner_id", self.lead.owner_id.map(RowId::uuid))
            .with("custom", self.own("opportunity"))
    }
}

/// What was said to the lead is now about the contact, the account and the opportunity too, where it was about none. A
/// few statements, however many activities.
pub async fn activities(
    tx: &mut Tx,
    lead: LeadId,
    account: AccountId,
    contact: ContactId,
    opportunity: Option<OpportunityId>,
) -> Result<()> {
    let theirs = Condition::all().add(Expr::col((activity::Entity::NAME, A::LeadId)).eq(lead.uuid()));
    let mut groups: BTreeMap<[bool; 3], Vec<activity::Model>> = BTreeMap::new();
    for row in tx.lock_followers::<activity::Entity>(theirs).await? {
        let lacks = [row.contact_id.is_none(), row.account_id.is_none(), row.opportunity_id.is_none()];
        groups.entry(lacks).or_default().push(row);
    }
    for ([no_contact, no_account, no_opportunity], rows) in groups {
        let mut values = Values::new();
        if no_contact {
            values.push(("contact_id", contact.uuid().into()));
        }
        if no_account {
            values.push(("account_id", account.uuid().into()));
        }
        if let Some(id) = opportunity.filter(|_| no_opportunity) {
            values.push(("opportunity_id", id.uuid().into()));
        }
        tx.set_all::<activity::Entity>(&rows, &values, Op::Updated).await?;
    }
    Ok(())
}
