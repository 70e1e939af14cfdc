//! To whom a lead goes: pools that take turns by weight, and every decision with its trace. It offers nothing: that is
//! `handoff`. Without chance: the same leads, people and counts give the same decision.

pub mod decision;
mod desk;
mod hours;
mod load;
pub mod pool;
pub mod turn;

use entity::{
    id::{RoutingDecisionId, UserId},
    lead, routing_decision,
};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

pub use self::desk::{Act, Ask, Found, Way};
use crate::{
    error::{Error, FaultCode, Result},
    store::Tx,
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
    Ask { lead: lead.clone(), ways: vec![way], trace: vec![], passed_over }
}

/// What the routing agreement in force says of a lead.
pub async fn agreed(_tx: &mut Tx, _lead: &lead::Model, _passed_over: Vec<UserId>) -> Result<(Ask, Option<Uuid>)> {
    let message = "say to whom, or agree on how leads are routed first";
    Err(Error::refused(FaultCode::AgreementRequired, "id", message))
}
