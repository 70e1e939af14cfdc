//! Runs: what a plan comes to for its period. A run is calculated from inputs that are frozen with it, put up by one person,
//! approved by another on exactly what they saw, and locked. Nothing changes a locked run: corrections are adjustments.

mod approve;
pub mod calculate;
pub mod deals;
pub mod done;
mod events;
pub mod freeze;
pub mod frozen;
mod goals;
pub mod graphql;
pub mod inputs;
mod life;
mod lock;
mod pay_out;
mod steps;
pub mod stream;

mod totals;

use entity::{
    agreement::{self, Kind},
    agreement_version::{self as versions, Status},
    id::{IncentiveRunId, RowId},
    incentive_run::{ActiveModel, Column as C, Entity, Model, RunStatus},
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition, ExprTrait, sea_query::Expr};

pub use calculate::{CALCULATE, calculate_now, work};
pub use graphql::meta;
pub use pay_out::held;
pub use totals::{Group, groups};

use super::IncentivePlanBody;
use crate::{
    access::session::secret,
    actor::{Actor, Permission},
    alignment::agreement::body::{decode, kind_of},
    crm::all_rows,
    error::{Fault, FaultCode, Result},
    graph::{Change, Meta, Record, Refusals},
    store::{Guarded, Scoped, Tx, differing},
};

impl Guarded for Entity {
    type Id = IncentiveRunId;
    const NAME: &'static str = "incentive_run";
    const READ: Permission = Permission::IncentiveRunRead;
    /// Sums of pay are told by `incentiveTotals` alone.
    const SECRET: &'static [&'static str] = &["totals", "salt"];
    const QUIET: &'static [&'static str] = &["frozen"];

    /// Runs are the whole organisation's, and say nothing of what anybody is paid.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[
        (&["Create", "Upsert"], &[FaultCode::AgreementRequired]),
        (&["Calculate"], &[FaultCode::InvalidTransition]),
        (&["MarkPaid", "Reverse"], &[FaultCode::InvalidTransition, FaultCode::CriteriaUnmet]),
        (&["Submit"], &[FaultCode::InvalidTransition, FaultCode::CriteriaUnmet, FaultCode::Locked]),
        (&["Approve"], &[FaultCode::InvalidTransition, FaultCode::Locked]),
        (&["Lock"], &[FaultCode::InvalidTransition, FaultCode::CriteriaUnmet]),
    ];

    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(_: chrono::DateTime<chrono::Utc>) -> ActiveModel {
        ActiveModel {
            status: Set(RunStatus::Draft),
            revision: Set(0),
            attempts: Set(0),
            looked_at: Set(0),
            ..Default::default()
        }
    }

    /// A new run pays by a version that was signed, for its period. One statement.
    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let new = changes.iter().filter(|change| change.before.is_none());
            let ids: Vec<_> = new.filter_map(|c| c.row.agreement_version_id.try_as_ref()).map(|id| id.uuid()).collect();
            let known = tx.read(Scoped::<versions::Entity>::read(&all_rows(tx)).ids(&ids)).await?;
            for change in changes.iter_mut() {
                match &change.before {
                    Some(before) => change.faults.extend(sealed(before, &change.row)),
                    None => begin(change, &known)?,
                }
            }
            for change in changes.iter_mut().filter(|change| change.before.is_none() && change.faults.is_empty()) {
                if overlaps(tx, &change.row, &known).await? {
                    let message = "another version of this plan has a run for some of these days";
                    change.faults.push(Fault::new(FaultCode::Duplicate, "agreementVersionId", message));
                }
            }
            Ok(())
        })
    }

    fn event(before: &Model, after: &Model) -> Option<&'static str> {
        life::event(before, after)
    }
}

fn begin(change: &mut Change<Entity>, known: &[versions::Model]) -> Result<()> {
    let id = change.row.agreement_version_id.try_as_ref();
    let Some(version) = known.iter().find(|row| Some(&row.id) == id) else { return Ok(()) };
    let field = "agreementVersionId";
    if kind_of(&version.body) != Some(Kind::IncentivePlan) {
        change.faults.push(Fault::new(FaultCode::Validation, field, "this is no incentive plan"));
        return Ok(());
    }
    if !matches!(version.status, Status::Ratified | Status::Active | Status::Superseded) {
        let message = "the plan is not signed by marketing, sales and finance";
        change.faults.push(Fault::new(FaultCode::AgreementRequired, field, message));
    }
    let said = decode::<IncentivePlanBody>(version.clone())?.body;
    let (start, end) = said.days();
    change.row.period_start = Set(start);
    change.row.period_end = Set(end);
    change.row.currency = Set(said.currency.0);
    change.row.salt = Set(secret::random::<32>()?);
    Ok(())
}

/// Whether a day would be paid for twice by one plan. Of two at once one waits: the agreement is locked.
async fn overlaps(tx: &mut Tx, row: &ActiveModel, known: &[versions::Model]) -> Result<bool> {
    let id = row.agreement_version_id.try_as_ref();
    let Some(version) = known.iter().find(|row| Some(&row.id) == id) else { return Ok(false) };
    let (Some(start), Some(end)) = (row.period_start.try_as_ref(), row.period_end.try_as_ref()) else {
        return Ok(false);
    };
    tx.lock_as::<agreement::Entity>(Permission::AgreementRead, version.agreement_id).await?;
    let column = |c: C| Expr::col((Entity::NAME, c));
    let others = Scoped::<Entity>::read(&all_rows(tx))
        .filter(column(C::Status).ne(RunStatus::Reversed))
        .filter(column(C::PeriodStart).lt(*end))
        .filter(column(C::PeriodEnd).gt(*start))
        .filter(column(C::AgreementVersionId).in_subquery(inputs::of_plan(tx.access(), version.id)))
        .filter(column(C::AgreementVersionId).ne(version.id.uuid()));
    Ok(!tx.read(others).await?.is_empty())
}

/// What may change of a run that is locked: that it was paid, or taken back.
const AFTERWARDS: [&str; 7] =
    ["status", "paid_at", "paid_by", "reversed_at", "reversed_by", "reversal_reason", "version"];

/// Refuses whatever would change a run that is locked.
fn sealed(before: &Model, row: &ActiveModel) -> Option<Fault> {
    if !matches!(before.status, RunStatus::Locked | RunStatus::Paid | RunStatus::Reversed) {
        return None;
    }
    let changed = differing::<Entity>(before, row).into_iter().map(|(c, _)| sea_orm::IdenStatic::as_str(&c));
    let other = changed.into_iter().find(|column| !AFTERWARDS.contains(column))?;
    let message = format!("{other}: the run is {}, and nothing changes it any more", before.status);
    Some(Fault::new(FaultCode::Locked, "id", message))
}

/// One run, whoever asks: for what follows from it.
fn of(id: IncentiveRunId) -> Condition {
    use sea_orm::ColumnTrait;
    Condition::all().add(C::Id.eq(id.uuid()))
}
