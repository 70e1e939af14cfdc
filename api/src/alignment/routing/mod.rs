//! To whom a lead goes: pools that take turns by weight, and every decision with its trace. It offers nothing: that is
//! `handoff`. Without chance: the same leads, people and counts give the same decision.

pub mod decision;
mod desk;
pub mod graphql;
mod hear;
mod hours;
mod load;
mod policy;
pub mod pool;
pub mod turn;

use entity::{
    id::{LeadId, RoutingDecisionId, RowId, UserId},
    lead, routing_decision,
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use uuid::Uuid;

pub use self::{
    desk::{Act, Ask, Found, Way},
    hear::LISTENER,
    policy::RoutingBody,
};
use crate::{
    actor::Permission,
    alignment::{
        agreement::{Active, active_in},
        rule::History,
    },
    crm::Reader,
    error::{Error, FaultCode, Result},
    graph::record::remembered,
    store::{Access, Tx},
};

/// A decision and where it is kept.
pub struct Decided {
    pub id: RoutingDecisionId,
    pub found: Found,
}

/// A step: finds somebody for each lead, in this order, and keeps each decision. A bounded number of statements.
pub async fn route(tx: &mut Tx, asks: &[Ask], version: Option<Uuid>) -> Result<Vec<Decided>> {
    let mut loaded = load::load(tx, asks).await?;
    let found: Vec<Found> = asks.iter().map(|ask| loaded.desk.decide(ask)).collect();
    load::save(tx, &loaded).await?;
    let now = tx.access().now();
    let row = |(ask, found): (&Ask, &Found)| routing_decision::ActiveModel {
        lead_id: Set(ask.lead.id),
        at: Set(now),
        rule: Set(found.rule.clone()),
        action: Set(found.action),
        chosen_user_id: Set(found.user),
        pool_id: Set(found.pool),
        failed: Set(found.failed()),
        trace: Set(found.trace.clone().into()),
        pool_state: Set(found.pool_state.clone()),
        agreement_version_id: Set(version),
        ..Default::default()
    };
    let rows: Vec<_> = asks.iter().zip(&found).map(row).collect();
    let mut kept = Vec::new();
    for batch in rows.chunks(250) {
        kept.extend(tx.insert_many::<routing_decision::Entity>(batch.to_vec()).await?);
    }
    Ok(kept.into_iter().zip(found).map(|(row, found)| Decided { id: row.id, found }).collect())
}

/// What would be decided, with nothing written.
pub async fn explain(tx: &mut Tx, ask: &Ask) -> Result<Found> {
    let mut loaded = load::load(tx, std::slice::from_ref(ask)).await?;
    Ok(loaded.desk.decide(ask))
}

/// One way that an offer names itself.
pub fn asked(lead: &lead::Model, act: Act, passed_over: Vec<UserId>) -> Ask {
    let way = Way { label: "asked for".to_owned(), act };
    Ask { lead: lead.clone(), ways: vec![way], trace: vec![], passed_over, offered: true }
}

/// The routing agreement in force.
pub async fn agreement(tx: &Tx) -> Result<Option<Active<RoutingBody>>> {
    active_in::<RoutingBody>(tx, policy::KEY).await
}

/// What the agreement says of these leads: touches and activities are read only if a rule looks at them.
pub async fn asks_of(tx: &Tx, agreed: &Active<RoutingBody>, leads: Vec<lead::Model>) -> Result<Vec<Ask>> {
    let ids: Vec<LeadId> = leads.iter().map(|lead| lead.id).collect();
    let history = if agreed.body.looks_back() { History::of(Reader::Tx(tx), &ids).await? } else { History::default() };
    let now = tx.access().now();
    let ask = |lead: lead::Model| {
        let (ways, trace) = agreed.body.ways(&history.facts(&lead, now));
        Ask { lead, ways, trace, passed_over: vec![], offered: false }
    };
    Ok(leads.into_iter().map(ask).collect())
}

/// What the routing agreement in force says of each of these leads, and its version.
pub async fn agreed(tx: &Tx, leads: &[lead::Model]) -> Result<(Vec<Ask>, Active<RoutingBody>)> {
    let Some(agreed) = agreement(tx).await? else {
        let message = "say to whom, or agree on how leads are routed first";
        return Err(Error::refused(FaultCode::AgreementRequired, "id", message));
    };
    let asks = asks_of(tx, &agreed, leads.to_vec()).await?;
    Ok((asks, agreed))
}

/// Gives one lead an owner, or only says whom: then nothing is committed.
pub async fn by_hand(access: &Access, id: LeadId, dry_run: bool) -> Result<(Option<RoutingDecisionId>, Found)> {
    let mut tx = access.begin(Permission::LeadAssign).await?;
    let lead = tx.lock::<lead::Entity>(id).await?;
    if !matches!(lead.status, lead::Status::New | lead::Status::Nurturing | lead::Status::Mql | lead::Status::Recycled)
    {
        let message = format!("a lead that is {} is offered, not routed", lead.status);
        return Err(Error::refused(FaultCode::InvalidTransition, "id", message));
    }
    let (asks, agreed) = self::agreed(&tx, std::slice::from_ref(&lead)).await?;
    if dry_run {
        let ask = asks.first().ok_or_else(|| Error::internal("a lead without an ask"))?;
        return Ok((None, explain(&mut tx, ask).await?));
    }
    let decided = route(&mut tx, &asks, Some(agreed.version.0)).await?.pop();
    let Decided { id: decision, found } = decided.ok_or_else(|| Error::internal("a lead without a decision"))?;
    match found.user {
        Some(user) => {
            let row = lead::ActiveModel { owner_id: Set(Some(user)), ..lead.clone().into_active_model() };
            let changed = lead.owner_id != Some(user);
            tx.update::<lead::Entity>(row).await?;
            if changed {
                tx.emit("lead.routed");
            }
        }
        None if found.failed() => tx.note::<lead::Entity>(&lead, "routing.failed")?,
        None => {}
    }
    tx.commit(remembered(id.uuid())).await?;
    Ok((Some(decision), found))
}
