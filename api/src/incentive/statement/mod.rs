//! Statements: what a run comes to for each person, line by line, down to the records that it was calculated from. Only the
//! calculation writes them; nothing changes an amount afterwards.

pub mod graphql;

use entity::{
    id::{IncentiveSourceId, IncentiveStatementId, IncentiveStatementLineId},
    incentive_source as source, incentive_statement as statement, incentive_statement_line as line,
};
use sea_orm::Condition;

use super::paid::paid;
use crate::{
    actor::{Actor, Permission},
    error::FaultCode,
    graph::{Meta, Record, Refusals},
    store::Guarded,
};

impl Guarded for statement::Entity {
    type Id = IncentiveStatementId;
    const NAME: &'static str = "incentive_statement";
    const READ: Permission = Permission::IncentiveRead;
    const PERSONAL: &'static [&'static str] = &["total_minor", "owed_minor", "carried_minor"];

    fn within(actor: &Actor, permission: Permission) -> Condition {
        paid(actor, permission, (Self::NAME, statement::Column::UserId))
    }
}

impl Record for statement::Entity {
    const REFUSES: Refusals = &[
        (&["Dispute"], &[FaultCode::InvalidTransition, FaultCode::CriteriaUnmet, FaultCode::Duplicate]),
        (&["Adjust"], &[FaultCode::InvalidTransition, FaultCode::Locked]),
    ];

    fn meta() -> &'static Meta {
        graphql::statement()
    }
}

impl Guarded for line::Entity {
    type Id = IncentiveStatementLineId;
    const NAME: &'static str = "incentive_statement_line";
    const READ: Permission = Permission::IncentiveRead;
    /// Sources name their line before it is known what it comes to.
    const NAMED: bool = true;
    /// Told with the statement.
    const TOLD: bool = false;

    fn within(actor: &Actor, permission: Permission) -> Condition {
        paid(actor, permission, (Self::NAME, line::Column::UserId))
    }
}

impl Record for line::Entity {
    fn meta() -> &'static Meta {
        graphql::line()
    }
}

impl Guarded for source::Entity {
    type Id = IncentiveSourceId;
    const NAME: &'static str = "incentive_source";
    const READ: Permission = Permission::IncentiveRead;
    /// A copy of what other tables say, by the hundred thousand.
    const TOLD: bool = false;

    fn within(actor: &Actor, permission: Permission) -> Condition {
        paid(actor, permission, (Self::NAME, source::Column::UserId))
    }
}

impl Record for source::Entity {
    fn meta() -> &'static Meta {
        graphql::source()
    }
}
