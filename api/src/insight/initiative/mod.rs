//! Initiatives: what is to bring a shared goal nearer. Each side scores them for itself; they are ranked by what both say,
//! so that what is done next is no side's fancy. They change nothing of the goal.

pub mod contribution;
pub mod graphql;
pub mod ice;
mod score;

use chrono::{DateTime, Utc};
use entity::{
    id::InitiativeId,
    initiative::{ActiveModel, Entity, InitiativeStatus as Status, Model},
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition};

pub use score::{Said, score};

use crate::{
    actor::{Actor, Permission},
    crm::{owner, transition},
    error::{Fault, FaultCode, Result},
    graph::{Change, Meta, Patch, Record, Refusals},
    store::{Guarded, Tx},
};

/// All of a goal's gap, in hundredths of a percent.
const WHOLE: i64 = 10_000;

impl Guarded for Entity {
    type Id = InitiativeId;
    const NAME: &'static str = "initiative";
    const READ: Permission = Permission::InitiativeRead;

    /// The whole organisation's, as goals are.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&["Activate", "Finish", "Drop", "Reopen"], &[FaultCode::InvalidTransition])];

    fn meta() -> &'static Meta {
        graphql::meta()
    }

    fn blank(_: DateTime<Utc>) -> ActiveModel {
        ActiveModel {
            status: Set(Status::Proposed),
            disagreements: Set(serde_json::json!([])),
            disagreed: Set(false),
            ..Default::default()
        }
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for change in changes {
                if change.before.is_none() {
                    owner::or_me(tx.access().actor(), &mut change.row.owner_id);
                }
                if change.row.impact_share_e2.try_as_ref().is_some_and(|share| !(1..=WHOLE).contains(share)) {
                    let message = "this is a percentage above 0, at most 100";
                    change.faults.push(Fault::new(FaultCode::Validation, "impactShare", message));
                }
            }
            Ok(())
        })
    }

    fn event(before: &Model, after: &Model) -> Option<&'static str> {
        if before.status == after.status {
            return None;
        }
        Some(match after.status {
            Status::Proposed => "initiative.reopened",
            Status::Active => "initiative.activated",
            Status::Done => "initiative.finished",
            Status::Dropped => "initiative.dropped",
        })
    }
}

/// The states that may follow.
fn next(from: Status) -> &'static [Status] {
    match from {
        Status::Proposed => &[Status::Active, Status::Dropped],
        Status::Active => &[Status::Done, Status::Dropped],
        Status::Dropped => &[Status::Proposed],
        Status::Done => &[],
    }
}

fn becomes(before: &Model, told: Patch, to: Status) -> Result<Patch> {
    transition::ensure("id", before.status, to, next(before.status))?;
    Ok(told.with("status", to))
}

fn activate<'a>(_: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move { becomes(before, told, Status::Active) })
}

fn finish<'a>(_: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move { becomes(before, told, Status::Done) })
}

fn give_up<'a>(_: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move { becomes(before, told, Status::Dropped) })
}

fn reopen<'a>(_: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        let told = becomes(before, told, Status::Proposed)?;
        Ok(told.with("drop_reason", None::<String>))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_states() {
        transition::assert_table(
            next,
            "PROPOSED ACTIVE DROPPED
             ACTIVE DONE DROPPED
             DONE
             DROPPED PROPOSED",
        );
    }
}
