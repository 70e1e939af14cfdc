//! An offer that nobody answered in time: the lead is MQL again and offered anew, to somebody else.

use entity::{
    handoff::{Entity, Model, State},
    id::HandoffId,
    lead::{self, Status},
};

use super::{answer, offer, states, target::Wish};
use crate::{
    actor::Permission,
    crm::lead::advance,
    error::{Error, Result},
    graph::{Patch, record::save},
    store::{
        Store, Tx,
        jobs::{Handlers, Job},
    },
};

pub const KIND: &str = "handoff.expire";

/// What goes on by itself.
pub fn handlers(handlers: Handlers) -> Handlers {
    handlers.on(KIND, |store, job| async move { Box::pin(on_time(&store, &job)).await })
}

async fn on_time(store: &Store, job: &Job) -> Result<()> {
    let id: HandoffId = job.payload["handoff"]
        .as_str()
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| Error::internal("a job without its offer"))?;
    let access = job.access(store)?;
    let mut tx = access.begin(Permission::HandoffCreate).await?;
    let offer = tx.lock::<Entity>(id).await?;
    if offer.state == State::Pending && offer.expires_at.is_some_and(|at| at <= access.now()) {
        expire(&mut tx, offer).await?;
    }
    job.done_in(&tx).await?;
    tx.commit(serde_json::Value::Null).await
}

/// A step: ends a locked offer unanswered and offers the lead anew, the same way as before but to nobody who let it
/// expire in this round. With nobody left the lead stays MQL and `routing.failed` is told of it.
pub async fn expire(tx: &mut Tx, offer: Model) -> Result<()> {
    let length = offer.expires_at.map(|at| at - offer.offered_at);
    let wish = again(&offer);
    let lead = end(tx, offer, "offer expired").await?;
    let expires = length.map(|length| tx.access().now() + length);
    let Some(wish) = wish else { return tx.note::<lead::Entity>(&lead, "routing.failed") };
    match offer::place(tx, &lead, wish, expires).await {
        Ok(_) => advance(tx, lead, Status::Offered, Patch::default()).await.map(|_| ()),
        Err(Error::Refused(_)) => tx.note::<lead::Entity>(&lead, "routing.failed"),
        Err(error) => Err(error),
    }
}

/// A step: ends a locked offer unanswered; the lead is marketing's again.
pub async fn end(tx: &mut Tx, offer: Model, why: &str) -> Result<lead::Model> {
    states::ensure(offer.state, State::Expired)?;
    let lead = offer::lock(tx, &offer).await?;
    let back =
        Patch::default().with("status_reason", why.to_owned()).with("agreement_version_id", offer.agreement_version_id);
    let lead = advance(tx, lead, Status::Mql, back).await?;
    let ended = answer::decided(tx, Patch::default(), State::Expired);
    save::<Entity>(tx, Some(offer), ended).await?;
    Ok(lead)
}

/// Somebody of the same pool, or whom routing finds; none after an offer to all of a pool or team, whom the next one
/// would reach again.
fn again(offer: &Model) -> Option<Wish> {
    match (offer.offered_user_id, offer.offered_pool_id) {
        (Some(_), Some(pool)) => Some(Wish::Pool(pool)),
        (Some(_), None) => Some(Wish::Routing),
        (None, _) => None,
    }
}
