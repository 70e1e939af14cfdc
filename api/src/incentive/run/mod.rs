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
    agreement::Kind,
    agreement_version::{self as versions, Status},
    id::{IncentiveRunId, RowId},
    incentive_run::{ActiveModel, Column as C, Entity, Model, RunStatus},
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition};

pub use calculate::{CALCULATE, calculate_now, work};
pub use graphql::meta;
pub use totals::{Group, groups};

use super::IncentivePlanBody;
use crate::{
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
    const SECRET: &'static [&'static str] = &["totals"];
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
        (&["Submit", "MarkPaid", "Reverse"], &[FaultCode::InvalidTransition, FaultCode::CriteriaUnmet]),
        (&["Approve"], &[FaultCode::InvalidTransition, FaultCode::Locked]),
        (&["Lock"], &[FaultCode::InvalidTransition]),
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
    Ok(())
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
