//! Offers a lead: finds whom it goes to, keeps what spoke for it, and sees to it that the offer ends.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    handoff::{self, ActiveModel, Column as C, Entity, State},
    id::UserId,
    lead::{self, Model as Lead, Status},
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition, ExprTrait, sea_query::Expr};

use super::{
    evidence, expire,
    target::{self, Target, Wish},
};
use crate::{
    alignment::{
        agreement::active_in,
        qualification::{QualificationBody, Stage, meets},
    },
    crm::{all_rows, lead::lifecycle},
    error::{Error, Result},
    graph::Patch,
    store::{Scoped, Tx, jobs::NewJob},
};

/// The step `leadOffer`: the lead is locked already, so that of two offers at once the second finds it OFFERED.
pub fn offer<'a>(tx: &'a mut Tx, before: &'a Lead, mut told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        lifecycle::ensure(before.status, Status::Offered)?;
        as_agreed(tx, before).await?;
        let wish = target::wish(&mut told)?;
        let expires = target::time(&mut told, "expires_at");
        if expires.is_some_and(|at| at <= tx.access().now()) {
            return Err(Error::invalid("expiresAt", "this has passed already"));
        }
        place(tx, before, wish, expires).await?;
        Ok(told.with("status", Status::Offered))
    })
}

/// A lead that was made an MQL by being created or imported as one has shown nobody that it meets the definition in
/// force; one that was qualified carries the version that it met.
async fn as_agreed(tx: &Tx, lead: &Lead) -> Result<()> {
    if lead.agreement_version_id.is_some() {
        return Ok(());
    }
    match active_in::<QualificationBody>(tx, Stage::Mql.key()).await? {
        Some(agreed) => meets(tx, &agreed.body, lead).await,
        None => Ok(()),
    }
}

/// Makes the offer; the caller moves the lead. Who let an offer of this round expire is passed over.
pub async fn place(tx: &mut Tx, lead: &Lead, wish: Wish, expires: Option<DateTime<Utc>>) -> Result<handoff::Model> {
    let earlier = earlier(tx, lead).await?;
    let passed_over = earlier.iter().filter(|h| h.state == State::Expired).filter_map(|h| h.offered_user_id);
    let target = target::find(tx, lead, wish, passed_over.collect::<Vec<UserId>>()).await?;
    let agreed = target.minutes.map(|minutes| tx.access().now() + TimeDelta::minutes(minutes.into()));
    let expires = expires.or(agreed);
    let attempt = i32::try_from(earlier.len()).unwrap_or(i32::MAX).saturating_add(1);
    let evidence = evidence::of(tx, lead).await?;
    let row =
        ActiveModel { attempt: Set(attempt), expires_at: Set(expires), evidence: Set(evidence), ..row(lead, target) };
    let row = ActiveModel { offered_at: Set(tx.access().now()), ..row };
    let made = tx.insert::<Entity>(row).await?;
    tx.emit("handoff.offered");
    if let Some(at) = expires {
        let job = NewJob::new(expire::KIND, serde_json::json!({ "handoff": made.id.to_string() }));
        tx.enqueue(job.at(at).once(format!("{}/{}", expire::KIND, made.id))).await?;
    }
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

/// Offers of this round before.
async fn earlier(tx: &Tx, lead: &Lead) -> Result<Vec<handoff::Model>> {
    let column = |c: C| Expr::col(("handoff", c));
    let same = Condition::all().add(column(C::LeadId).eq(lead.id)).add(column(C::CycleNo).eq(lead.cycle_no));
    tx.read(Scoped::<Entity>::read(&all_rows(tx)).filter(same)).await
}

/// What a lead is locked as when its offer ends.
pub async fn lock(tx: &mut Tx, handoff: &handoff::Model) -> Result<Lead> {
    tx.lock::<lead::Entity>(handoff.lead_id).await
}
