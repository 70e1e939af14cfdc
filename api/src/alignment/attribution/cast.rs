//! Who has a part in which opportunities: the people that they began with, their committees, everybody of their accounts,
//! and all of these while they were leads. A few statements, however many opportunities.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use entity::{
    committee_member as committee, contact, contact_account as ties,
    id::{AccountId, ContactId, LeadId, RowId},
    lead, lead_status_change as moves,
};
use sea_orm::{Condition, ExprTrait, sea_query::Expr};
use uuid::Uuid;

use super::deals::Deal;
use crate::{
    crm::Reader,
    error::Result,
    store::{Guarded, Scoped, within_ids},
};

/// Somebody's part in a deal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    pub member: bool,
    pub creator: bool,
}

impl Part {
    const MEMBER: Self = Self { member: true, creator: false };
    const CREATOR: Self = Self { member: true, creator: true };

    fn add(&mut self, other: Self) {
        self.member |= other.member;
        self.creator |= other.creator;
    }
}

pub type Parts = BTreeMap<usize, Part>;

/// Who has a part in which of the deals, by their places.
#[derive(Default)]
pub struct Cast {
    pub contacts: HashMap<ContactId, Parts>,
    pub leads: HashMap<LeadId, Parts>,
    pub accounts: HashMap<AccountId, Vec<usize>>,
    /// The contacts that leads became.
    pub became: HashMap<LeadId, ContactId>,
}

impl Cast {
    /// With `whole`, everybody of the accounts too. Says when the leads came that deals began with.
    pub async fn of(reader: Reader<'_>, deals: &mut [Deal], whole: bool) -> Result<Self> {
        let mut cast = Self::default();
        began(reader, deals, &mut cast).await?;
        committees(reader, deals, &mut cast).await?;
        if whole {
            neighbours(reader, deals, &mut cast).await?;
        }
        former_leads(reader, deals, &mut cast, whole).await?;
        Ok(cast)
    }

    fn contact(&mut self, id: ContactId, deal: usize, part: Part) {
        self.contacts.entry(id).or_default().entry(deal).or_default().add(part);
    }

    fn lead(&mut self, id: LeadId, deal: usize, part: Part) {
        self.leads.entry(id).or_default().entry(deal).or_default().add(part);
    }

    /// The parts of a touch's person, and of its account if everybody there counts.
    pub fn parts(&self, contact: Option<ContactId>, lead: Option<LeadId>, account: Option<AccountId>) -> Parts {
        let mut parts = Parts::new();
        let theirs = contact.and_then(|id| self.contacts.get(&id)).into_iter();
        for (deal, part) in theirs.chain(lead.and_then(|id| self.leads.get(&id))).flatten() {
            parts.entry(*deal).or_default().add(*part);
        }
        for deal in account.and_then(|id| self.accounts.get(&id)).into_iter().flatten() {
            parts.entry(*deal).or_default();
        }
        parts
    }
}

const LEAD: &str = lead::Entity::NAME;

/// What deals began with: the lead, whose present round is a moment of theirs, and the contact.
async fn began(reader: Reader<'_>, deals: &mut [Deal], cast: &mut Cast) -> Result<()> {
    for (at, deal) in deals.iter().enumerate() {
        if let Some(contact) = deal.row.primary_contact_id {
            let part = if deal.row.source_lead_id.is_none() { Part::CREATOR } else { Part::MEMBER };
            cast.contact(contact, at, part);
        }
        if let Some(lead) = deal.row.source_lead_id {
            cast.lead(lead, at, Part::CREATOR);
        }
    }
    let sources: Vec<Uuid> = cast.leads.keys().map(|id| id.uuid()).collect();
    if sources.is_empty() {
        return Ok(());
    }
    let leads = Scoped::<lead::Entity>::read(&reader.everything())
        .ids(&sources)
        .shape(|q| _ = q.columns(["id", "created_at", "cycle_no", "converted_contact_id"].map(|c| (LEAD, c))));
    let mut rounds: HashMap<LeadId, (i32, DateTime<Utc>)> = HashMap::new();
    for row in reader.cells(leads).await? {
        let (id, began): (LeadId, _) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        rounds.insert(id, (row.try_get_by_index(2)?, began));
        if let Some(contact) = row.try_get_by_index::<Option<ContactId>>(3)? {
            cast.became.insert(id, contact);
            let theirs: Vec<usize> = cast.leads.get(&id).into_iter().flatten().map(|(at, _)| *at).collect();
            for at in theirs {
                cast.contact(contact, at, Part::CREATOR);
            }
        }
    }
    later_rounds(reader, &mut rounds).await?;
    for deal in deals {
        deal.moments.lead = deal.row.source_lead_id.and_then(|id| rounds.get(&id)).map(|(_, began)| *began);
    }
    Ok(())
}

/// When the present round of leads began that had one before.
async fn later_rounds(reader: Reader<'_>, rounds: &mut HashMap<LeadId, (i32, DateTime<Utc>)>) -> Result<()> {
    const MOVES: &str = moves::Entity::NAME;
    let again: Vec<Uuid> = rounds.iter().filter(|(_, (cycle, _))| *cycle > 1).map(|(id, _)| id.uuid()).collect();
    if again.is_empty() {
        return Ok(());
    }
    let began = Scoped::<moves::Entity>::read(&reader.everything())
        .filter(within_ids((MOVES, "lead_id"), &again, reader.backend()))
        .shape(|q| {
            q.columns(["lead_id", "cycle_no"].map(|c| (MOVES, c)))
                .expr(Expr::col((MOVES, "at")).min())
                .group_by_columns(["lead_id", "cycle_no"].map(|c| (MOVES, c)));
        });
    for row in reader.cells(began).await? {
        let (id, cycle): (LeadId, i32) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        if let Some((now, began)) = rounds.get_mut(&id)
            && *now == cycle
        {
            *began = row.try_get_by_index(2)?;
        }
    }
    Ok(())
}

/// The places of deals by a key of theirs.
fn places<K: std::hash::Hash + Eq>(deals: &[Deal], key: impl Fn(&Deal) -> Option<K>) -> HashMap<K, Vec<usize>> {
    let mut places: HashMap<K, Vec<usize>> = HashMap::new();
    for (at, deal) in deals.iter().enumerate() {
        if let Some(key) = key(deal) {
            places.entry(key).or_default().push(at);
        }
    }
    places
}

/// Their own committees, and the standing ones of their accounts.
async fn committees(reader: Reader<'_>, deals: &[Deal], cast: &mut Cast) -> Result<()> {
    const TABLE: &str = committee::Entity::NAME;
    let by_account = places(deals, |deal| deal.row.account_id);
    let by_deal = places(deals, |deal| Some(deal.row.id));
    let ids: Vec<Uuid> = by_deal.keys().map(|id| id.uuid()).collect();
    let accounts: Vec<Uuid> = by_account.keys().map(|id| id.uuid()).collect();
    let theirs = Condition::any().add(within_ids((TABLE, "opportunity_id"), &ids, reader.backend())).add(within_ids(
        (TABLE, "account_id"),
        &accounts,
        reader.backend(),
    ));
    let members = Scoped::<committee::Entity>::read(&reader.everything())
        .filter(theirs)
        .shape(|q| _ = q.columns(["contact_id", "opportunity_id", "account_id"].map(|c| (TABLE, c))));
    for row in reader.cells(members).await? {
        let contact: ContactId = row.try_get_by_index(0)?;
        let deal = row.try_get_by_index::<Option<entity::id::OpportunityId>>(1)?.and_then(|id| by_deal.get(&id));
        let account = row.try_get_by_index::<Option<AccountId>>(2)?.and_then(|id| by_account.get(&id));
        for at in deal.into_iter().chain(account).flatten() {
            cast.contact(contact, *at, Part::MEMBER);
        }
    }
    Ok(())
}

/// Everybody else of their accounts.
async fn neighbours(reader: Reader<'_>, deals: &[Deal], cast: &mut Cast) -> Result<()> {
    cast.accounts = places(deals, |deal| deal.row.account_id);
    let accounts: Vec<Uuid> = cast.accounts.keys().map(|id| id.uuid()).collect();
    let all = reader.everything();
    let within = |table| within_ids((table, "account_id"), &accounts, reader.backend());
    let contacts = Scoped::<contact::Entity>::read(&all)
        .filter(within(contact::Entity::NAME))
        .shape(|q| _ = q.columns(["id", "account_id"].map(|c| (contact::Entity::NAME, c))));
    let tied = Scoped::<ties::Entity>::read(&all)
        .filter(within(ties::Entity::NAME))
        .shape(|q| _ = q.columns(["contact_id", "account_id"].map(|c| (ties::Entity::NAME, c))));
    for row in reader.cells(contacts).await?.iter().chain(&reader.cells(tied).await?) {
        let (contact, account): (ContactId, AccountId) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        for at in cast.accounts.get(&account).cloned().unwrap_or_default() {
            cast.contact(contact, at, Part::default());
        }
    }
    Ok(())
}

/// What contacts did while they were leads is theirs. Where a deal began with no lead that is there, the earliest of its committee's
/// from before it takes that place.
async fn former_leads(reader: Reader<'_>, deals: &mut [Deal], cast: &mut Cast, whole: bool) -> Result<()> {
    let known: Vec<bool> = deals.iter().map(|deal| deal.moments.lead.is_some()).collect();
    let contacts: Vec<Uuid> = cast.contacts.keys().map(|id| id.uuid()).collect();
    let accounts: Vec<Uuid> = if whole { cast.accounts.keys().map(|id| id.uuid()).collect() } else { vec![] };
    let theirs = Condition::any()
        .add(within_ids((LEAD, "converted_contact_id"), &contacts, reader.backend()))
        .add(within_ids((LEAD, "converted_account_id"), &accounts, reader.backend()));
    let leads = Scoped::<lead::Entity>::read(&reader.everything()).filter(theirs).shape(|q| {
        let columns = ["id", "created_at", "converted_contact_id", "converted_account_id"];
        q.columns(columns.map(|c| (LEAD, c)));
    });
    for row in reader.cells(leads).await? {
        let (id, came): (LeadId, DateTime<Utc>) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        if let Some(contact) = row.try_get_by_index::<Option<ContactId>>(2)? {
            cast.became.insert(id, contact);
            for (at, part) in cast.contacts.get(&contact).cloned().unwrap_or_default() {
                cast.lead(id, at, part);
                let Deal { row, moments, .. } = &mut deals[at];
                if !known[at] && part.member && came < row.opened_at {
                    moments.lead = Some(moments.lead.map_or(came, |earlier| std::cmp::min(earlier, came)));
                }
            }
        }
        let account = row.try_get_by_index::<Option<AccountId>>(3)?;
        for at in account.and_then(|id| cast.accounts.get(&id)).cloned().unwrap_or_default() {
            cast.lead(id, at, Part::default());
        }
    }
    Ok(())
}
