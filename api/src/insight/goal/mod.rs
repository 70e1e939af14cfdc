//! Shared goals: numbers that both sides have signed, how far they are, and what is needed to reach them. What a goal says
//! is an agreement; rows here follow from it. It pays nobody and changes nothing that it measures.

pub mod body;
mod curve;
pub mod daily;
pub mod decompose;
pub mod graphql;
mod hear;
pub mod measure;
mod pace;
pub mod past;
pub mod progress;
pub mod seasons;
mod snapshot;
mod versions;

use entity::{
    goal::{Entity, GoalStatus, Model},
    id::GoalId,
};
use sea_orm::Condition;

pub use body::GoalBody;
pub use hear::LISTENER;
pub use measure::{closing, reached, reached_now, so_far};
pub use versions::in_force;

use crate::{
    actor::{Actor, Permission},
    graph::{Meta, Record},
    store::Guarded,
};

impl Guarded for Entity {
    type Id = GoalId;
    const NAME: &'static str = "goal";
    const READ: Permission = Permission::AgreementRead;

    /// Goals are the whole organisation's.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        graphql::meta()
    }

    fn event(before: &Model, after: &Model) -> Option<&'static str> {
        event(before.status, after.status)
    }
}

/// The event of a change of where a goal stands.
fn event(before: GoalStatus, after: GoalStatus) -> Option<&'static str> {
    if before == after {
        return None;
    }
    Some(match after {
        GoalStatus::Draft => "goal.revised",
        GoalStatus::Proposed => "goal.proposed",
        GoalStatus::Active => "goal.activated",
        GoalStatus::Achieved => "goal.achieved",
        GoalStatus::Missed => "goal.missed",
        GoalStatus::Cancelled => "goal.cancelled",
    })
}
