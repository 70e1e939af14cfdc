//! Leads that waited longer than the ladder of the response agreement allows: given to somebody else, or taken back. The
//! clock asks for it (`sla.reassign`, `sla.reclaim`); it happens in the commit that raises the clock's step.

use entity::{
    handoff::{self, Entity, State},
    id::RowId,
    lead::{self, Status},
    sla_clock::{self as clocks, Column as C},
};
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, Condition};

use super::{
    expire,
    target::{self, Wish},
};
use crate::{
    crm::lead::advance,
    error::{Error, Result},
    graph::{Patch, record::save},
    store::{Listener, News, Scoped, Tx},
};

pub const LISTENER: Listener = Listener { table: "sla_clock", hear };

const REASSIGN: &str = "sla.reassign";
const RECLAIM: &str = "sla.reclaim";

fn hear(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        // a job raises the steps of one clock
        for told in news.iter().filter(|n| n.kind == REASSIGN || n.kind == RECLAIM) {
            let clock = tx.read(Scoped::<clocks::Entity>::read(tx.access()).ids(&[told.id])).await?.pop();
            if let Some(clock) = clock {
                Box::pin(rescue(tx, &clock, told.kind == REASSIGN)).await?;
            }
        }
        Ok(())
    })
}

async fn rescue(tx: &mut Tx, clock: &clocks::Model, reassign: bool) -> Result<()> {
    let offer = match clock.handoff_id {
        Some(id) => Some(tx.lock::<Entity>(id).await?),
        None => None,
    };
    if let Some(offer) = offer.clone().filter(|offer| offer.state == State::Pending) {
        return if reassign {
            expire::expire(tx, offer).await
        } else {
            expire::end(tx, offer, "not answered in time").await.map(|_| ())
        };
    }
    let lead = tx.lock::<lead::Entity>(clock.lead_id).await?;
    match lead.status {
        Status::Accepted | Status::Working if reassign => give(tx, lead, offer).await,
        Status::Accepted | Status::Working => take_back(tx, lead).await,
        _ => Ok(()),
    }
}

/// To the next of the pool it came from, or to whom routing finds, but to nobody who has let it wait already.
async fn give(tx: &mut Tx, lead: lead::Model, offer: Option<handoff::Model>) -> Result<()> {
    let late = Condition::all()
        .add(C::LeadId.eq(lead.id))
        .add(C::HandoffId.eq(offer.as_ref().map(|offer| offer.id)))
        .add(C::Status.eq(clocks::Status::Breached));
    let late = tx.read(Scoped::<clocks::Entity>::read(tx.access()).filter(late)).await?;
    let passed_over = late.iter().filter_map(|clock| clock.user_id).chain(lead.owner_id).collect();
    let wish = offer.and_then(|offer| offer.offered_pool_id).map_or(Wish::Routing, Wish::Pool);
    let found = target::find(tx, &lead, wish, passed_over).await;
    match found.map(|target| target.user) {
        Ok(Some(user)) if lead.owner_id != Some(user) => {
            save::<lead::Entity>(tx, Some(lead), Patch::default().with("owner_id", user.uuid())).await?;
            Ok(())
        }
        Ok(_) | Err(Error::Refused(_)) => tx.note::<lead::Entity>(&lead, "routing.failed"),
        Err(error) => Err(error),
    }
}

/// The lead is recycled, and so again whose it was before the offer (`give_back`).
async fn take_back(tx: &mut Tx, lead: lead::Model) -> Result<()> {
    let late = Patch::default().with("status_reason", "not answered in time");
    advance(tx, lead, Status::Recycled, late).await?;
    Ok(())
}
