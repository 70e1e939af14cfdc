//! Saying that a locked run was paid, and taking one back whole.

use std::collections::HashMap;

use entity::{
    agreement_version as versions,
    id::{IncentiveStatementId, RowId, UserId},
    incentive_adjustment::{AdjustmentReason, Column as J, Entity as Adjustments},
    incentive_run::{Model, RunStatus},
    incentive_statement::{Entity as Statements, Model as Statement},
};
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, Value};
use uuid::Uuid;

use super::{
    approve::person,
    inputs::locked_after,
    life,
    lock::{correction, in_turn, moves_debts, own_amounts, statements},
};
use crate::{
    alignment::agreement::body::decode,
    crm::{Reader, all_rows},
    error::{Error, FaultCode, Result},
    graph::Patch,
    incentive::{
        IncentivePlanBody,
        dispute::{close, quarrelled},
    },
    store::{Guarded, Scoped, Tx, within_ids},
};

/// Marks the statements as paid; those that are held stay unpaid, and so does the run as long as there are any.
pub fn mark_paid<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        let me = person(tx)?;
        life::ensure(before.status, RunStatus::Paid)?;
        let held = held(Reader::Tx(tx), before).await?;
        let (mut after, mut paid) = (Uuid::nil(), 0_usize);
        loop {
            let page = statements(tx, before, after).await?;
            let Some(last) = page.last() else { break };
            after = last.id.uuid();
            let due = page.iter().filter(|s| s.paid_at.is_none() && !held.contains(&s.id));
            let ids: Vec<Uuid> = due.map(|s| s.id.uuid()).collect();
            paid += ids.len();
            let these = within_ids((Statements::NAME, "id"), &ids, tx.access().store().backend());
            let rows = tx.lock_where::<Statements>(these).await?;
            let now = [("paid_at", Value::from(Some(tx.access().now())))];
            tx.update_all::<Statements>(&rows, &now, "incentive_statement.paid").await?;
        }
        if !held.is_empty() {
            if paid == 0 {
                let message = "every statement that is not paid is held by a dispute: settle those first";
                return Err(Error::refused(FaultCode::CriteriaUnmet, "id", message));
            }
            return Ok(told);
        }
        let access = tx.access();
        Ok(told.with("status", RunStatus::Paid).with("paid_at", access.now()).with("paid_by", me))
    })
}

/// Statements that are not paid before a dispute over them is settled, where the plan says so.
pub async fn held(reader: Reader<'_>, run: &Model) -> Result<Vec<IncentiveStatementId>> {
    let version = Scoped::<versions::Entity>::read(&reader.everything()).ids(&[run.agreement_version_id.uuid()]);
    let version = reader.models(version).await?.pop().ok_or_else(|| Error::internal("a run without its plan"))?;
    if !decode::<IncentivePlanBody>(version)?.body.holds_on_dispute() {
        return Ok(vec![]);
    }
    quarrelled(reader, run).await
}

/// What was corrected of a run after it was locked, by person; of one that was never paid also what it could not take.
async fn corrected(tx: &Tx, run: &Model, page: &[Statement]) -> Result<HashMap<UserId, i64>> {
    let ids: Vec<Uuid> = page.iter().map(|s| s.user_id.uuid()).collect();
    let of = within_ids((Adjustments::NAME, "user_id"), &ids, tx.access().store().backend())
        .add(J::RunId.eq(run.id.uuid()))
        .add(J::Reason.ne(AdjustmentReason::Reversal));
    let unpaid = |user: UserId| page.iter().any(|s| s.user_id == user && s.paid_at.is_none());
    let mut sums = HashMap::new();
    for row in tx.read(Scoped::<Adjustments>::read(&all_rows(tx)).filter(of)).await? {
        if row.reason != AdjustmentReason::CarryForward || unpaid(row.user_id) {
            let sum: &mut i64 = sums.entry(row.user_id).or_default();
            *sum = sum.saturating_add(row.amount_minor);
        }
    }
    Ok(sums)
}

/// Corrections of earlier runs that statements took in which were never paid wait again.
async fn release(tx: &mut Tx, run: &Model, page: &[Statement]) -> Result<()> {
    let ids: Vec<Uuid> = page.iter().filter(|s| s.paid_at.is_none()).map(|s| s.user_id.uuid()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let taken = within_ids((Adjustments::NAME, "user_id"), &ids, tx.access().store().backend())
        .add(J::PostedRunId.eq(run.id.uuid()))
        .add(J::RunId.ne(run.id.uuid()));
    let rows = tx.lock_where::<Adjustments>(taken).await?;
    let waits = [("posted_run_id", Value::Uuid(None))];
    tx.update_all::<Adjustments>(&rows, &waits, "incentive_adjustment.released").await?;
    Ok(())
}

/// Takes a run back: adjustments in the next run take what it paid of itself, and what was corrected of it counts no more.
/// Corrections of earlier runs that a paid statement took in stay taken in; those of one that was never paid wait again.
/// Disputes over it are at an end. One that is not locked yet has paid nothing: it is dropped, and its days are free for another.
pub fn reverse<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        let me = person(tx)?;
        life::ensure(before.status, RunStatus::Reversed)?;
        in_turn(tx, before).await?;
        let counts = matches!(before.status, RunStatus::Locked | RunStatus::Paid);
        if counts && locked_after(Reader::Tx(tx), before).await? && moves_debts(tx, before).await? {
            let message = "a later run of the plan is locked that counts what people owed of draws after this one: take that back first";
            return Err(Error::refused(FaultCode::CriteriaUnmet, "id", message));
        }
        let mut after = Uuid::nil();
        loop {
            let page = statements(tx, before, after).await?;
            let Some(last) = page.last() else { break };
            after = last.id.uuid();
            let own = own_amounts(tx, before, &page).await?;
            let later = corrected(tx, before, &page).await?;
            release(tx, before, &page).await?;
            let came_to = |(s, own): (&Statement, i64)| {
                let paid = if s.paid_at.is_some() { own } else { 0 };
                paid.saturating_add(later.get(&s.user_id).copied().unwrap_or(0))
            };
            let back: Vec<i64> = page.iter().zip(own).map(came_to).collect();
            let note = "that run was taken back";
            let back = page.iter().zip(back).filter(|(_, amount)| *amount != 0);
            let rows: Vec<_> =
                back.map(|(s, amount)| correction(before, s, AdjustmentReason::Reversal, -amount, note, tx)).collect();
            if !rows.is_empty() {
                tx.insert_many::<Adjustments>(rows).await?;
            }
        }
        close(tx, before).await?;
        let access = tx.access();
        let told = told.with("status", RunStatus::Reversed).with("calculating", Value::Int(None));
        Ok(told.with("reversed_at", access.now()).with("reversed_by", me))
    })
}
