//! The step that makes a lead an MQL: by the definition in force, or over it with a reason by whom the organisation
//! trusts with that. Without a definition that both sides signed nobody qualifies anybody.

use entity::{
    id::RowId,
    lead::{Model, Status},
};
use futures_util::future::BoxFuture;
use sea_orm::Value;

use super::{QualificationBody, Stage, verdict};
use crate::{
    actor::Permission,
    alignment::{agreement::active_in, rule::History, scoring::renewed},
    crm::{Reader, lead::lifecycle},
    error::{Error, Fault, FaultCode, Result},
    graph::Patch,
    store::Tx,
};

/// NEW, NURTURING or RECYCLED to MQL, stamped with the version of the definition.
pub fn qualify<'a>(tx: &'a mut Tx, before: &'a Model, mut told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        if before.status == Status::Offered {
            // that a handoff is taken back is another step
            return Err(crate::crm::transition::refused("status", before.status, Status::Mql, &[]));
        }
        lifecycle::ensure(before.status, Status::Mql)?;
        let over = told.remove("override") == Some(Value::from(true));
        let reason = told.remove("reason").unwrap_or(Value::String(None));
        let Some(agreed) = active_in::<QualificationBody>(tx, Stage::Mql.key()).await? else {
            let message = "no QUALIFICATION agreement MQL is in force: both sides must sign one first";
            return Err(Error::refused(FaultCode::AgreementRequired, "id", message));
        };
        if over {
            overrule(tx, &reason)?;
        } else {
            meets(tx, &agreed.body, before).await?;
        }
        let version = Value::from(agreed.version.uuid());
        Ok(told.with("status", Status::Mql).with("status_reason", reason).with("agreement_version_id", version))
    })
}

/// Refuses a lead, which is locked, that does not meet a definition with the score that it has now: `CRITERIA_UNMET`, once
/// for each criterion.
pub async fn meets(tx: &mut Tx, body: &QualificationBody, lead: &Model) -> Result<()> {
    let lead = renewed(tx, lead).await?;
    judged(tx, body, &lead).await
}

/// The same of a lead whose score is the present one.
pub async fn judged(tx: &Tx, body: &QualificationBody, lead: &Model) -> Result<()> {
    let history = History::of(Reader::Tx(tx), &[lead.id]).await?;
    let verdict = verdict(body, &history.facts(lead, tx.access().now()));
    let unmet = verdict.criteria.into_iter().filter(|criterion| !criterion.met);
    let faults: Vec<Fault> = unmet
        .map(|it| {
            let is = it.actual.as_deref().unwrap_or("nothing");
            Fault::new(FaultCode::CriteriaUnmet, "id", format!("{}: {} (is: {is})", it.label, it.expected))
        })
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::Refused(faults)) }
}

fn overrule(tx: &Tx, reason: &Value) -> Result<()> {
    tx.access().require(Permission::LeadQualifyOverride)?;
    match reason {
        Value::String(Some(text)) if !text.trim().is_empty() => Ok(()),
        _ => Err(Error::invalid("reason", "say why this lead is qualified against the definition")),
    }
}
