//! Locking a run: from here on nothing changes it. What it took in of corrections is marked as taken, once; what could not be
//! taken yet waits for the next run.

use entity::{
    agreement, agreement_version as versions,
    id::{AgreementVersionId, IncentiveRunId, RowId},
    incentive_adjustment::{ActiveModel as Adjusting, AdjustmentReason, Entity as Adjustments},
    incentive_run::{Model, RunStatus},
    incentive_statement::{Column as S, Entity as Statements, Model as Statement},
    incentive_statement_line::{Column as L, Entity as Lines, Model as Line},
};
use futures_util::future::BoxFuture;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ExprTrait,
    sea_query::{Expr, Order},
};
use uuid::Uuid;

use super::{
    approve::person,
    frozen::Frozen,
    inputs::{locked_after, open_before, owed},
    life,
};
use crate::{
    crm::{Reader, all_rows},
    error::{Error, FaultCode, Result},
    graph::Patch,
    store::{Guarded, Scoped, Tx, within_ids},
};

/// Statements or lines in a statement.
const PAGE: u64 = 500;

pub fn lock<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        let me = person(tx)?;
        life::ensure(before.status, RunStatus::Locked)?;
        in_turn(tx, before).await?;
        if open_before(Reader::Tx(tx), before).await? {
            let message = "an earlier run of the same plan is not locked yet, and what it comes to counts in this one";
            return Err(Error::refused(FaultCode::CriteriaUnmet, "id", message));
        }
        if Frozen::of(before)?.owing(&owed(Reader::Tx(tx), before).await?).owed != Frozen::of(before)?.owed {
            let message = "what people owe of draws has changed since: calculate it again";
            return Err(Error::refused(FaultCode::Conflict, "id", message));
        }
        if locked_after(Reader::Tx(tx), before).await? && moves_debts(tx, before).await? {
            let message = "a later run of the plan is locked that knows nothing of what people owe of draws after this one: take that \
                           back first";
            return Err(Error::refused(FaultCode::CriteriaUnmet, "id", message));
        }
        post(tx, before).await?;
        carry(tx, before).await?;
        Ok(told.with("status", RunStatus::Locked).with("locked_at", tx.access().now()).with("locked_by", me))
    })
}

/// Of two steps at once that count what people owe of draws by one plan one waits for the other: the plan is locked, after the run.
pub async fn in_turn(tx: &mut Tx, run: &Model) -> Result<()> {
    let version = Scoped::<versions::Entity>::read(&all_rows(tx)).ids(&[run.agreement_version_id.uuid()]);
    let version = tx.read(version).await?.pop().ok_or_else(|| Error::internal("a run without its plan"))?;
    let plan = Condition::all().add(agreement::Column::Id.eq(version.agreement_id.uuid()));
    tx.lock_followers::<agreement::Entity>(plan).await?;
    Ok(())
}

/// Whether somebody owes more or less of draws after it than before.
pub async fn moves_debts(tx: &Tx, run: &Model) -> Result<bool> {
    let owed = Frozen::of(run)?.owed;
    let mut after = Uuid::nil();
    loop {
        let page = statements(tx, run, after).await?;
        let Some(last) = page.last() else { return Ok(false) };
        after = last.id.uuid();
        if page.iter().any(|s| owed.get(&s.user_id.to_string()).copied().unwrap_or(0) != s.owed_minor) {
            return Ok(true);
        }
    }
}

/// Marks the adjustments that it pays or takes. One that another run has taken in meanwhile would count twice.
async fn post(tx: &mut Tx, run: &Model) -> Result<()> {
    let taken: Vec<Uuid> =
        adjusted(tx, run).await?.iter().filter_map(|line| line.adjustment_id).map(RowId::uuid).collect();
    for some in taken.chunks(500) {
        let these = within_ids((Adjustments::NAME, "id"), some, tx.access().store().backend());
        let rows = tx.lock_where::<Adjustments>(these).await?;
        if rows.len() < some.len() || rows.iter().any(|row| row.posted_run_id.is_some()) {
            let message = "another run has taken in a correction that this one counts: calculate it again";
            return Err(Error::refused(FaultCode::Conflict, "id", message));
        }
        let posted = [("posted_run_id", run.id.uuid().into())];
        tx.update_all::<Adjustments>(&rows, &posted, "incentive_adjustment.posted").await?;
    }
    Ok(())
}

/// The lines of its last calculation that pay or take adjustments.
async fn adjusted(tx: &Tx, run: &Model) -> Result<Vec<Line>> {
    let of = Condition::all()
        .add(L::RunId.eq(run.id.uuid()))
        .add(L::Revision.eq(run.revision))
        .add(L::AdjustmentId.is_not_null());
    tx.read(Scoped::<Lines>::read(&all_rows(tx)).filter(of)).await
}

/// What could not be taken waits for the next run.
async fn carry(tx: &mut Tx, run: &Model) -> Result<()> {
    let mut after = Uuid::nil();
    loop {
        let page = statements(tx, run, after).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.id.uuid();
        let rest = page.into_iter().filter(|statement| statement.carried_minor != 0);
        let rows: Vec<Adjusting> = rest
            .map(|s| {
                correction(run, &s, AdjustmentReason::CarryForward, -s.carried_minor, "not taken with that run", tx)
            })
            .collect();
        if !rows.is_empty() {
            tx.insert_many::<Adjustments>(rows).await?;
        }
    }
}

/// A page of its last calculation's statements, in the order of their ids.
pub async fn statements(tx: &Tx, run: &Model, after: Uuid) -> Result<Vec<Statement>> {
    let col = |c: S| Expr::col((Statements::NAME, c));
    let page = Scoped::<Statements>::read(&all_rows(tx))
        .filter(col(S::RunId).eq(run.id.uuid()))
        .filter(col(S::Revision).eq(run.revision))
        .filter(col(S::Id).gt(after))
        .shape(|q| _ = q.order_by((Statements::NAME, S::Id), Order::Asc).limit(PAGE));
    tx.read(page).await
}

/// A correction of what a run came to for somebody, which waits for the next run.
pub fn correction(
    run: &Model,
    of: &Statement,
    reason: AdjustmentReason,
    amount_minor: i64,
    note: &str,
    tx: &Tx,
) -> Adjusting {
    let (run_id, agreement_version_id): (IncentiveRunId, AgreementVersionId) = (run.id, run.agreement_version_id);
    Adjusting {
        user_id: Set(of.user_id),
        run_id: Set(run_id),
        agreement_version_id: Set(agreement_version_id),
        statement_line_id: Set(None),
        opportunity_id: Set(None),
        reason: Set(reason),
        amount_minor: Set(amount_minor),
        currency: Set(of.currency),
        note: Set(Some(note.to_owned())),
        triggered_at: Set(tx.access().now()),
        detail: Set(None),
        posted_run_id: Set(None),
        ..Default::default()
    }
}

/// What of each statement was the run's own: all but corrections of earlier runs.
pub async fn own_amounts(tx: &Tx, run: &Model, of: &[Statement]) -> Result<Vec<i64>> {
    let mut amounts: std::collections::HashMap<Uuid, i64> = of.iter().map(|s| (s.id.uuid(), s.total_minor)).collect();
    let ids: Vec<Uuid> = of.iter().map(|s| s.id.uuid()).collect();
    let these = within_ids((Lines::NAME, "statement_id"), &ids, tx.access().store().backend());
    let lines = Scoped::<Lines>::read(&all_rows(tx))
        .filter(these.add(L::AdjustmentId.is_not_null()).add(L::Revision.eq(run.revision)));
    for line in tx.read(lines).await? {
        if let Some(amount) = amounts.get_mut(&line.statement_id.uuid()) {
            *amount = amount.saturating_sub(line.amount_minor);
        }
    }
    Ok(of.iter().map(|s| amounts.get(&s.id.uuid()).copied().unwrap_or(0)).collect())
}
