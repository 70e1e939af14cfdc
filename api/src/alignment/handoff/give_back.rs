//! A lead that sales took and gives back for another round is again whose it was before the offer, however it came to be
//! recycled; nobody's, if that user is not active any more.

use std::collections::{BTreeMap, HashMap, HashSet};

use entity::{
    handoff::{Column as H, Entity, Model, State},
    id::{LeadId, RowId, UserId},
    lead, user,
};
use futures_util::future::BoxFuture;
use sea_orm::ColumnTrait;
use uuid::Uuid;

use crate::{
    error::Result,
    store::{Guarded, Listener, News, Op, Scoped, Tx, within_ids},
};

pub const LISTENER: Listener = Listener { table: "lead", hear };

/// A few statements for each owner, however many leads.
fn hear(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let moved = news.iter().filter(|n| n.op == Op::Updated && n.changed.iter().any(|column| column == "status"));
        let ids: Vec<Uuid> = moved.map(|n| n.id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let mut leads = tx.read(Scoped::<lead::Entity>::read(tx.access()).ids(&ids)).await?;
        leads.retain(|lead| lead.status == lead::Status::Recycled);
        if leads.is_empty() {
            return Ok(());
        }
        let before = owners_before(tx, &leads).await?;
        let mut back: BTreeMap<Option<UserId>, Vec<Uuid>> = BTreeMap::new();
        for lead in &leads {
            if let Some(owner) = before.get(&lead.id).filter(|owner| **owner != lead.owner_id) {
                back.entry(*owner).or_default().push(lead.id.uuid());
            }
        }
        for (owner, ids) in back {
            let these = within_ids((lead::Entity::NAME, "id"), &ids, tx.access().store().backend());
            let rows = tx.lock_where::<lead::Entity>(these).await?;
            let values = vec![("owner_id", owner.map(RowId::uuid).into())];
            tx.set_all::<lead::Entity>(&rows, &values, Op::Updated).await?;
        }
        Ok(())
    })
}

/// Whose each lead was before the offer that was accepted last in its round; leads without one are left out.
async fn owners_before(tx: &Tx, leads: &[lead::Model]) -> Result<HashMap<LeadId, Option<UserId>>> {
    let rounds: HashMap<LeadId, i32> = leads.iter().map(|lead| (lead.id, lead.cycle_no)).collect();
    let ids: Vec<Uuid> = leads.iter().map(|lead| lead.id.uuid()).collect();
    let theirs = within_ids((Entity::NAME, "lead_id"), &ids, tx.access().store().backend());
    let accepted = Scoped::<Entity>::read(tx.access()).filter(theirs.add(H::State.eq(State::Accepted)));
    let mut offers: Vec<Model> = tx.read(accepted).await?;
    offers.retain(|offer| rounds.get(&offer.lead_id) == Some(&offer.cycle_no));
    offers.sort_by_key(|offer| (offer.decided_at, offer.id));
    let owners: Vec<Uuid> = offers.iter().filter_map(|offer| offer.previous_owner_id).map(RowId::uuid).collect();
    let active = Scoped::<user::Entity>::read(tx.access()).ids(&owners).filter(user::Column::Active.eq(true));
    let active: HashSet<UserId> = tx.read(active).await?.into_iter().map(|user| user.id).collect();
    let owner = |offer: Model| (offer.lead_id, offer.previous_owner_id.filter(|owner| active.contains(owner)));
    Ok(offers.into_iter().map(owner).collect())
}
