//! How a dispute is opened and settled: both sides sign the same verdict, two people; operations may break a tie. What
//! a verdict on credit means for the touch is `attribution::correct`.

use entity::{
    dispute::{ActiveModel, Entity, Kind, Model, Status, Verdict},
    handoff::{self, State},
    id::{HandoffId, RowId},
    user::{self, Side},
    word::Word,
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, IntoActiveModel, Value};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{gap, states};
use crate::{
    actor::Via,
    alignment::attribution::correct,
    crm::all_rows,
    error::{Error, FaultCode, Result},
    graph::Patch,
    store::{Scoped, Tx},
};

/// The step `handoffDispute`; the offer itself stays as it is.
pub fn open<'a>(tx: &'a mut Tx, before: &'a handoff::Model, mut told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        if !states::disputable(before.state) {
            let message = format!("an offer that is {} has no answer to dispute", before.state);
            return Err(Error::refused(FaultCode::InvalidTransition, "id", message));
        }
        let me = tx.access().actor().user;
        if me.is_some() && before.decided_by == me {
            return Err(Error::refused(FaultCode::CriteriaUnmet, "id", "nobody disputes their own answer"));
        }
        may_claim(tx, before.state).await?;
        let Some(Value::String(Some(claim))) = told.remove("claim") else {
            return Err(Error::invalid("claim", "this is required"));
        };
        let row = ActiveModel {
            kind: Set(Kind::Handoff),
            handoff_id: Set(Some(before.id)),
            claim: Set(claim),
            evidence: Set(evidence(told.remove("evidence"))?),
            status: Set(Status::Open),
            ..Default::default()
        };
        tx.insert::<Entity>(row).await?;
        Ok(told)
    })
}

/// Marketing disputes rejections and sales acceptances; whoever stands on neither side may dispute both.
async fn may_claim(tx: &Tx, answer: State) -> Result<()> {
    let Some(me) = tx.access().actor().user else { return Ok(()) };
    let me = tx.read(Scoped::<user::Entity>::read(&all_rows(tx)).ids(&[me.uuid()])).await?.pop();
    let own = match answer {
        State::Rejected => Side::Sales,
        _ => Side::Marketing,
    };
    if me.and_then(|me| me.side) == Some(own) {
        let message = "a rejection is marketing's to dispute, an acceptance sales'";
        return Err(Error::refused(FaultCode::CriteriaUnmet, "id", message));
    }
    Ok(())
}

fn evidence(told: Option<Value>) -> Result<Json> {
    let Some(Value::Json(Some(ids))) = told else { return Ok(json!([])) };
    let id = |id: &Json| id.as_str().is_some_and(|text| crate::graph::value::any_id(text).is_some());
    match ids.as_array() {
        Some(list) if list.len() <= 50 && list.iter().all(id) => Ok(*ids),
        _ => Err(Error::invalid("evidence", "a list of at most 50 ids")),
    }
}

pub fn review<'a>(_: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        states::ensure_dispute(before.status, Status::UnderReview)?;
        Ok(told.with("status", Status::UnderReview))
    })
}

pub fn withdraw<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        if tx.access().actor().user != before.created_by {
            return Err(Error::Forbidden(tx.permission()));
        }
        states::ensure_dispute(before.status, Status::Withdrawn)?;
        Ok(told.with("status", Status::Withdrawn))
    })
}

pub fn marketing<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(sign(tx, before, told, Side::Marketing))
}

pub fn sales<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(sign(tx, before, told, Side::Sales))
}

/// One side signs; when the other has signed the same, that settles it.
async fn sign(tx: &mut Tx, before: &Model, told: Patch, side: Side) -> Result<Patch> {
    let (verdict, told) = asked(tx, before, told)?;
    let (other, by, other_verdict) = match side {
        Side::Marketing => (before.sales_by, "marketing", before.sales_verdict),
        Side::Sales => (before.marketing_by, "sales", before.marketing_verdict),
    };
    let me = tx.access().actor().user;
    if me.is_none() || other == me {
        let message = "one person cannot sign for both sides";
        return Err(Error::refused(FaultCode::CriteriaUnmet, "id", message));
    }
    let (signed, who) = match by {
        "marketing" => ("marketing_verdict", "marketing_by"),
        _ => ("sales_verdict", "sales_by"),
    };
    let told = told.with(signed, verdict).with(who, me.map(|user| user.0));
    if other_verdict == Some(verdict) {
        return settle(tx, before, told, verdict).await;
    }
    Ok(told.with("status", Status::UnderReview))
}

/// Operations decides where both sides signed and differ.
pub fn break_tie<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        let (verdict, told) = asked(tx, before, told)?;
        if before.marketing_verdict.is_none() || before.sales_verdict.is_none() {
            let message = "a tie is broken after both sides have signed different verdicts";
            return Err(Error::refused(FaultCode::CriteriaUnmet, "id", message));
        }
        let me = tx.access().actor().user;
        if me.is_some() && [before.marketing_by, before.sales_by].contains(&me) {
            let message = "whoever signed for a side does not break the tie";
            return Err(Error::refused(FaultCode::CriteriaUnmet, "id", message));
        }
        settle(tx, before, told, verdict).await
    })
}

/// The verdict in the input, taken out: it is the dispute's only once it is settled.
fn asked(tx: &Tx, before: &Model, mut told: Patch) -> Result<(Verdict, Patch)> {
    if matches!(tx.access().actor().via, Via::ApiKey(_)) {
        return Err(Error::Forbidden(tx.permission()));
    }
    if !matches!(before.status, Status::Open | Status::UnderReview) {
        states::ensure_dispute(before.status, Status::Upheld)?;
    }
    let verdict = match told.remove("verdict") {
        Some(Value::String(Some(word))) => Verdict::parse(&word),
        _ => None,
    };
    let verdict = verdict.ok_or_else(|| Error::invalid("verdict", "this is required"))?;
    if states::fits(before.kind, verdict) {
        return Ok((verdict, told));
    }
    Err(Error::invalid("verdict", format!("{verdict} is no verdict on a dispute of this kind")))
}

/// Ends the dispute, and what follows from its verdict happens.
async fn settle(tx: &mut Tx, before: &Model, told: Patch, verdict: Verdict) -> Result<Patch> {
    let (status, draft) = match before.handoff_id {
        Some(offer) => answer_again(tx, offer, before.claim.clone(), verdict).await?,
        None if verdict == Verdict::ClaimRight => {
            correct::uphold(tx, before).await?;
            (Status::Upheld, None)
        }
        None => (Status::Denied, None),
    };
    let (now, me) = (tx.access().now(), tx.access().actor().user);
    let told = told.with("verdict", verdict).with("status", status).with("agreement_version_id", draft);
    Ok(told.with("resolved_at", now).with("resolved_by", me.map(|user| user.0)))
}

/// A rejection that sales should not have made counts as accepted from then on; a gap in the definition opens a better
/// one.
async fn answer_again(
    tx: &mut Tx,
    offer: HandoffId,
    claim: String,
    verdict: Verdict,
) -> Result<(Status, Option<Uuid>)> {
    let offer = tx.lock::<handoff::Entity>(offer).await?;
    let status = states::ends(offer.state, verdict);
    if states::overturns(offer.state, verdict) {
        let row = handoff::ActiveModel { overturned: Set(true), ..offer.into_active_model() };
        tx.update::<handoff::Entity>(row).await?;
        tx.emit("handoff.overturned");
    }
    let draft = match verdict {
        Verdict::DefinitionGap => gap::draft(tx, claim).await?,
        _ => None,
    };
    Ok((status, draft.map(RowId::uuid)))
}
