//! Disputes over statements: opened by the payee or somebody above within the plan's window, decided by finance. What is
//! upheld is paid or taken by an adjustment; the statement itself stays as it is.

pub mod graphql;
mod settle;
pub mod window;

use entity::{
    dispute::Status,
    id::{IncentiveDisputeId, IncentiveStatementId, RowId},
    incentive_dispute::{Column as C, Entity, Model},
    incentive_run::Model as Run,
};
use sea_orm::{ColumnTrait, Condition};

pub use graphql::meta;
pub use settle::{adjust, open};

use super::paid::paid;
use crate::{
    actor::{Actor, Permission},
    crm::Reader,
    error::{FaultCode, Result},
    graph::{Meta, Record, Refusals},
    store::{Guarded, Scoped, Tx},
};

impl Guarded for Entity {
    type Id = IncentiveDisputeId;
    const NAME: &'static str = "incentive_dispute";
    const READ: Permission = Permission::IncentiveRead;
    const PERSONAL: &'static [&'static str] = &["claim", "resolution", "amount_minor"];

    fn within(actor: &Actor, permission: Permission) -> Condition {
        paid(actor, permission, (Self::NAME, C::UserId))
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[
        (&["Review", "Withdraw"], &[FaultCode::InvalidTransition]),
        (&["Uphold", "Deny"], &[FaultCode::InvalidTransition, FaultCode::Locked]),
    ];

    fn meta() -> &'static Meta {
        meta()
    }

    fn event(before: &Model, after: &Model) -> Option<&'static str> {
        match after.status {
            _ if before.status == after.status => None,
            Status::UnderReview => Some("incentive_dispute.under_review"),
            Status::Upheld => Some("incentive_dispute.upheld"),
            Status::Denied => Some("incentive_dispute.denied"),
            Status::Withdrawn => Some("incentive_dispute.withdrawn"),
            Status::Open => None,
        }
    }
}

/// Ends the disputes over a run that is taken back: there is nothing left to quarrel over.
pub async fn close(tx: &mut Tx, run: &Run) -> Result<()> {
    let open =
        Condition::all().add(C::RunId.eq(run.id.uuid())).add(C::Status.is_in([Status::Open, Status::UnderReview]));
    let rows = tx.lock_where::<Entity>(open).await?;
    let values = [
        ("status", Status::Withdrawn.into()),
        ("resolution", "the run was taken back".to_owned().into()),
        ("resolved_at", Some(tx.access().now()).into()),
    ];
    tx.update_all::<Entity>(&rows, &values, "incentive_dispute.withdrawn").await?;
    Ok(())
}

/// Statements of a run over which somebody quarrels still.
pub async fn quarrelled(reader: Reader<'_>, run: &Run) -> Result<Vec<IncentiveStatementId>> {
    let open =
        Condition::all().add(C::RunId.eq(run.id.uuid())).add(C::Status.is_in([Status::Open, Status::UnderReview]));
    let rows = reader.models(Scoped::<Entity>::read(&reader.everything()).filter(open)).await?;
    Ok(rows.into_iter().map(|row| row.statement_id).collect())
}
