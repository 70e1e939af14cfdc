//! Offers a lead: finds whom it goes to, keeps what spoke for it, and sees to it that the offer ends.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    handoff::{self, ActiveModel, Entity, State},
    id::{LeadId, RowId, UserId},
    lead::{self, Model as Lead, Status},
};
use futures_util::future::BoxFuture;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::{
    evidence, expire,
    target::{self, Target, Wish},
};
use crate::{
    actor::Permission,
    alignment::{
        agreement::active_in,
        qualification::{QualificationBody, Stage, judged},
        routing,
        scoring::renewed,
    },
    crm::{all_rows, lead::lifecycle},
    error::{Error, Result},
    graph::Patch,
    store::{Access, Scoped, Tx, jobs::NewJob, within_ids},
};

/// The step `leadOffer`: the lead is locked already, so that of two offers at once the second finds it OFFERED.
pub fn offer<'a>(tx: &'a mut Tx, before: &'a Lead, mut told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        lifecycle::ensure(before.status, Status::Offered)?;
        let lead = renewed(tx, before).await?;
        as_agreed(tx, &lead).await?;
        let wish = target::wish(&mut told)?;
        let expires = target::time(&mut told, "expires_at");
        if expires.is_some_and(|at| at <= tx.access().now()) {
            return Err(Error::invalid("expiresAt", "this has passed already"));
        }
        place(tx, &lead, wish, expires).await?;
        Ok(told.with("status", Status::Offered))
    })
}

/// What is kept of an offer for which routing found nobody: its decision, with the trace. The offer's own work was rolled
/// back, so it is asked once more; where there is somebody by now, or the offer was refused for another reason, nothing is.
pub fn keep(access: &Access, id: Uuid, mut told: Patch) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let mut tx = access.begin(Permission::HandoffCreate).await?;
        let lead = tx.lock::<lead::Entity>(LeadId::from_uuid(id)).await?;
        lifecycle::ensure(lead.status, Status::Offered)?;
        let lead = renewed(&mut tx, &lead).await?;
        as_agreed(&tx, &lead).await?;
        let wish = target::wish(&mut told)?;
        let earlier = earlier(&tx, std::slice::from_ref(&lead)).await?;
        let Some(asked) = target::asked(&tx, &lead, wish, passed_over(&earlier, &lead)).await? else { return Ok(()) };
        let decided = routing::route(&mut tx, &[asked.ask], asked.version).await?;
        if !decided.iter().any(|decided| decided.found.failed()) {
            return Ok(());
        }
        tx.note::<lead::Entity>(&lead, "routing.failed")?;
        tx.commit(serde_json::Value::Null).await
    })
}

/// A lead that was made an MQL by being created or imported as one has shown nobody that it meets the definition in
/// force; one that was qualified carries the version that it met.
async fn as_agreed(tx: &Tx, lead: &Lead) -> Result<()> {
    if lead.agreement_version_id.is_some() {
        return Ok(());
    }
    match active_in::<QualificationBody>(tx, Stage::Mql.key()).await? {
        Some(agreed) => judged(tx, &agreed.body, lead).await,
        None => Ok(()),
    }
}

/// Makes the offer; the caller moves the lead. Who let an offer of this round expire is passed over.
pub async fn place(tx: &mut Tx, lead: &Lead, wish: Wish, expires: Option<DateTime<Utc>>) -> Result<handoff::Model> {
    let leads = std::slice::from_ref(lead);
    let earlier = earlier(tx, leads).await?;
    let target = target::find(tx, lead, wish, passed_over(&earlier, lead)).await?;
    let made = make(tx, &[(lead, target)], expires, &earlier).await?.pop();
    made.ok_or_else(|| Error::internal("an offer was not made"))
}

/// The same for many leads that the work has locked, each to whom the routing agreement finds; a bounded number of
/// statements.
pub async fn place_all(tx: &mut Tx, leads: &[Lead]) -> Result<Vec<handoff::Model>> {
    let earlier = earlier(tx, leads).await?;
    let (mut asks, agreed) = routing::agreed(tx, leads).await?;
    for ask in &mut asks {
        ask.passed_over = passed_over(&earlier, &ask.lead);
        ask.offered = true;
    }
    let decided = routing::route(tx, &asks, Some(agreed.version.0)).await?;
    let target = |decided| Target::of(decided, agreed.body.offer_minutes, "id");
    let targets = decided.into_iter().map(target).collect::<Result<Vec<_>>>()?;
    let offers: Vec<_> = leads.iter().zip(targets).collect();
    make(tx, &offers, None, &earlier).await
}

async fn make(
    tx: &mut Tx,
    offers: &[(&Lead, Target)],
    expires: Option<DateTime<Utc>>,
    earlier: &Earlier,
) -> Result<Vec<handoff::Model>> {
    let now = tx.access().now();
    let counts = evidence::counts(tx, offers.iter().map(|(lead, _)| lead.id)).await?;
    let row = |(lead, target): &(&Lead, Target)| {
        let agreed = target.minutes.map(|minutes| now + TimeDelta::minutes(minutes.into()));
        let attempt = earlier.get(&lead.id).map_or(0, Vec::len) + 1;
        ActiveModel {
            attempt: Set(i32::try_from(attempt).unwrap_or(i32::MAX)),
            offered_at: Set(now),
            expires_at: Set(expires.or(agreed)),
            evidence: Set(evidence::of(lead, &counts)),
            ..row(lead, *target)
        }
    };
    let made = tx.insert_many::<Entity>(offers.iter().map(row).collect()).await?;
    tx.emit_all(made.len(), "handoff.offered");
    let end = |offer: &handoff::Model| {
        let job = NewJob::new(expire::KIND, serde_json::json!({ "handoff": offer.id.to_string() }));
        Some(job.at(offer.expires_at?).once(format!("{}/{}", expire::KIND, offer.id)))
    };
    tx.enqueue_many(made.iter().filter_map(end).collect()).await?;
    Ok(made)
}

fn row(lead: &Lead, target: Target) -> ActiveModel {
    ActiveModel {
        lead_id: Set(lead.id),
        cycle_no: Set(lead.cycle_no),
        state: Set(State::Pending),
        offered_user_id: Set(target.user),
        offered_pool_id: Set(target.pool),
        offered_team_id: Set(target.team),
        previous_owner_id: Set(lead.owner_id),
        overturned: Set(false),
        source: Set(lead.source.clone()),
        channel: Set(lead.channel),
        campaign_id: Set(lead.campaign_id),
        score: Set(lead.score),
        agreement_version_id: Set(lead.agreement_version_id),
        routing_decision_id: Set(target.decision),
        ..Default::default()
    }
}

/// Offers of the same rounds before.
type Earlier = HashMap<LeadId, Vec<handoff::Model>>;

async fn earlier(tx: &Tx, leads: &[Lead]) -> Result<Earlier> {
    let ids: Vec<Uuid> = leads.iter().map(|lead| lead.id.uuid()).collect();
    let theirs = within_ids(("handoff", "lead_id"), &ids, tx.access().store().backend());
    let rounds: HashMap<LeadId, i32> = leads.iter().map(|lead| (lead.id, lead.cycle_no)).collect();
    let mut earlier = Earlier::new();
    for offer in tx.read(Scoped::<Entity>::read(&all_rows(tx)).filter(theirs)).await? {
        if rounds.get(&offer.lead_id) == Some(&offer.cycle_no) {
            earlier.entry(offer.lead_id).or_default().push(offer);
        }
    }
    Ok(earlier)
}

/// Who let an offer of this round expire.
fn passed_over(earlier: &Earlier, lead: &Lead) -> Vec<UserId> {
    let offers = earlier.get(&lead.id).map(Vec::as_slice).unwrap_or_default();
    offers.iter().filter(|h| h.state == State::Expired).filter_map(|h| h.offered_user_id).collect()
}

/// What a lead is locked as when its offer ends.
pub async fn lock(tx: &mut Tx, handoff: &handoff::Model) -> Result<Lead> {
    tx.lock::<lead::Entity>(handoff.lead_id).await
}
