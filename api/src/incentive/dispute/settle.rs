//! How a dispute over pay is opened and decided, and how finance corrects a statement without one. Only people do, and nobody
//! for their own pay.

use entity::{
    agreement_version as versions,
    dispute::Status,
    id::{IncentiveStatementLineId, RowId, UserId},
    incentive_adjustment::{ActiveModel as Adjusting, AdjustmentReason, Entity as Adjustments, Model as Adjustment},
    incentive_dispute::{ActiveModel, Entity, Model},
    incentive_run::{Column as R, Entity as Runs, Model as Run, RunStatus},
    incentive_statement::{Entity as Statements, Model as Statement},
    incentive_statement_line::{Entity as Lines, Model as Line},
    money::Currency,
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, Value};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::window;
use crate::{
    actor::Via,
    alignment::agreement::body::decode,
    crm::{all_rows, home::Home},
    error::{Error, FaultCode, Result},
    graph::Patch,
    incentive::IncentivePlanBody,
    store::{Scoped, Tx},
};

/// The step `incentiveStatementDispute`; the statement stays as it is.
pub fn open<'a>(tx: &'a mut Tx, before: &'a Statement, mut told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        person(tx)?;
        let run = settled(tx, before).await?;
        in_time(tx, &run).await?;
        let line = line_of(tx, before, told.remove("statement_line_id")).await?;
        let Some(Value::String(Some(claim))) = told.remove("claim") else {
            return Err(Error::invalid("claim", "this is required"));
        };
        let row = ActiveModel {
            statement_id: Set(before.id),
            run_id: Set(before.run_id),
            user_id: Set(before.user_id),
            statement_line_id: Set(line.as_ref().map(|line| line.id)),
            position: Set(line.map_or(0, |line| line.position)),
            claim: Set(claim),
            evidence: Set(evidence(told.remove("evidence"))?),
            status: Set(Status::Open),
            currency: Set(before.currency),
            ..Default::default()
        };
        tx.insert::<Entity>(row).await?;
        Ok(told)
    })
}

pub fn review<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        person(tx)?;
        window::ensure(before.status, Status::UnderReview)?;
        Ok(told.with("status", Status::UnderReview))
    })
}

pub fn withdraw<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        if tx.access().actor().user != before.created_by {
            return Err(Error::Forbidden(tx.permission()));
        }
        window::ensure(before.status, Status::Withdrawn)?;
        Ok(told.with("status", Status::Withdrawn))
    })
}

/// The claim is right: what it comes to waits for the next run.
pub fn uphold<'a>(tx: &'a mut Tx, before: &'a Model, mut told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        let amount = amount(&mut told, before.currency)?;
        let told = decide(tx, before, told, Status::Upheld)?;
        let statement =
            tx.read(Scoped::<Statements>::read(&all_rows(tx)).ids(&[before.statement_id.uuid()])).await?.pop();
        let statement = statement.ok_or_else(|| Error::internal("a dispute over no statement"))?;
        settled(tx, &statement).await?;
        let (line, note) = (before.statement_line_id, said(&told, "resolution"));
        let row = post(tx, &statement, (AdjustmentReason::Dispute, line), amount, note).await?;
        Ok(told.with("amount_minor", amount).with("adjustment_id", row.id.uuid()))
    })
}

pub fn deny<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move { decide(tx, before, told, Status::Denied) })
}

/// Somebody who is neither the payee nor whoever opened it.
fn decide(tx: &Tx, before: &Model, told: Patch, status: Status) -> Result<Patch> {
    let me = person(tx)?;
    window::ensure(before.status, status)?;
    if me == before.user_id || Some(me) == before.created_by {
        let message = "nobody decides over their own pay or their own claim: somebody else of finance must";
        return Err(Error::refused(FaultCode::Locked, "id", message));
    }
    let now = tx.access().now();
    Ok(told.with("status", status).with("resolved_at", now).with("resolved_by", me.uuid()))
}

/// The step `incentiveStatementAdjust`: a correction that nobody had to dispute.
pub fn adjust<'a>(tx: &'a mut Tx, before: &'a Statement, mut told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        if person(tx)? == before.user_id {
            return Err(Error::refused(FaultCode::Locked, "id", "nobody corrects their own pay"));
        }
        settled(tx, before).await?;
        let amount = amount(&mut told, before.currency)?;
        let line = line_of(tx, before, told.remove("statement_line_id")).await?.map(|line| line.id);
        let note = told.remove("note").and_then(text);
        post(tx, before, (AdjustmentReason::Correction, line), amount, note).await?;
        Ok(told)
    })
}

async fn post(
    tx: &mut Tx,
    of: &Statement,
    (reason, line): (AdjustmentReason, Option<IncentiveStatementLineId>),
    amount: i64,
    note: Option<String>,
) -> Result<Adjustment> {
    let row = Adjusting {
        user_id: Set(of.user_id),
        run_id: Set(of.run_id),
        agreement_version_id: Set(of.agreement_version_id),
        statement_line_id: Set(line),
        opportunity_id: Set(None),
        reason: Set(reason),
        amount_minor: Set(amount),
        currency: Set(of.currency),
        note: Set(note),
        triggered_at: Set(tx.access().now()),
        detail: Set(None),
        posted_run_id: Set(None),
        ..Default::default()
    };
    tx.insert::<Adjustments>(row).await
}

/// Pay is argued over and decided by people.
fn person(tx: &Tx) -> Result<UserId> {
    let actor = tx.access().actor();
    let user = actor.user.filter(|_| !matches!(actor.via, Via::ApiKey(_)));
    user.ok_or_else(|| Error::Forbidden(tx.permission()))
}

/// The run of a statement that counts: nothing changes it any more. Locked, so that nobody takes it back meanwhile.
async fn settled(tx: &mut Tx, statement: &Statement) -> Result<Run> {
    let this = Condition::all().add(R::Id.eq(statement.run_id.uuid()));
    let run = tx.lock_followers::<Runs>(this).await?.pop();
    let run = run.ok_or_else(|| Error::internal("a statement of no run"))?;
    if !statement.current || !matches!(run.status, RunStatus::Locked | RunStatus::Paid) {
        let message = "only statements of a locked run are disputed or corrected: before that calculate the run again";
        return Err(Error::refused(FaultCode::InvalidTransition, "id", message));
    }
    Ok(run)
}

async fn in_time(tx: &Tx, run: &Run) -> Result<()> {
    let version = tx.read(Scoped::<versions::Entity>::read(&all_rows(tx)).ids(&[run.agreement_version_id.uuid()]));
    let version = version.await?.pop().ok_or_else(|| Error::internal("a run without its plan"))?;
    let days = decode::<IncentivePlanBody>(version)?.body.window();
    let home = Home::of(tx).await?;
    let locked = run.locked_at.ok_or_else(|| Error::internal("a locked run without its time"))?;
    let last = window::last_day(home.day(locked), days);
    if home.day(tx.access().now()) > last {
        let message = format!("statements of this run could be disputed until {last}");
        return Err(Error::refused(FaultCode::CriteriaUnmet, "id", message));
    }
    Ok(())
}

/// The line that is meant, if one is.
async fn line_of(tx: &Tx, statement: &Statement, told: Option<Value>) -> Result<Option<Line>> {
    let Some(Value::Uuid(Some(id))) = told else { return Ok(None) };
    let id: Uuid = id;
    let line = tx.read(Scoped::<Lines>::read(&all_rows(tx)).ids(&[id])).await?.pop();
    match line.filter(|line| line.statement_id == statement.id) {
        Some(line) => Ok(Some(line)),
        None => Err(Error::invalid("statementLineId", "no line of this statement")),
    }
}

/// The amount in the input, taken out: above or below 0, in the statement's currency.
fn amount(told: &mut Patch, wanted: Currency) -> Result<i64> {
    let (amount, currency) = (told.remove("amount_minor"), told.remove("currency").and_then(text));
    let Some(Value::BigInt(Some(amount))) = amount else { return Err(Error::invalid("amount", "this is required")) };
    if currency.is_none_or(|given| given != wanted.code()) {
        return Err(Error::invalid("amount", format!("the statement is in {wanted}")));
    }
    if amount == 0 { Err(Error::invalid("amount", "this cannot be 0")) } else { Ok(amount) }
}

fn text(value: Value) -> Option<String> {
    if let Value::String(text) = value { text } else { None }
}

fn said(told: &Patch, column: &str) -> Option<String> {
    told.values.iter().find(|(name, _)| *name == column).and_then(|(_, value)| text(value.clone()))
}

fn evidence(told: Option<Value>) -> Result<Json> {
    let Some(Value::Json(Some(ids))) = told else { return Ok(json!([])) };
    let id = |id: &Json| id.as_str().is_some_and(|text| crate::graph::value::any_id(text).is_some());
    match ids.as_array() {
        Some(list) if list.len() <= 50 && list.iter().all(id) => Ok(*ids),
        _ => Err(Error::invalid("evidence", "a list of at most 50 ids")),
    }
}
