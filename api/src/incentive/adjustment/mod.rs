//! Adjustments: corrections of locked runs. Rows are only added; one that waits is taken into the next run that is locked.

pub mod graphql;

use entity::{
    id::IncentiveAdjustmentId,
    incentive_adjustment::{Column as C, Entity},
};
use sea_orm::Condition;

pub use graphql::meta;

use super::paid::paid;
use crate::{
    actor::{Actor, Permission},
    graph::{Meta, Record},
    store::Guarded,
};

impl Guarded for Entity {
    type Id = IncentiveAdjustmentId;
    const NAME: &'static str = "incentive_adjustment";
    const READ: Permission = Permission::IncentiveRead;
    const PERSONAL: &'static [&'static str] = &["amount_minor", "note", "detail"];

    fn within(actor: &Actor, permission: Permission) -> Condition {
        paid(actor, permission, (Self::NAME, C::UserId))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }
}
