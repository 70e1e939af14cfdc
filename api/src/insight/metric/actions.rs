//! What was to be done and whether it was, as conditions over tasks. Deleted ones were called off; at a past instant those that
//! were deleted since were not. When something is due and was done is what the task says now.

use chrono::{DateTime, Utc};
use entity::activity::{Column as A, Entity as Activity, Kind};
use sea_orm::{Condition, ExprTrait, sea_query::Expr};

use super::{ask::Ask, past};
use crate::store::Guarded;

fn col(c: A) -> Expr {
    Expr::col((Activity::NAME, c))
}

fn to_be_done(ask: &Ask, from: DateTime<Utc>, until: DateTime<Utc>) -> Condition {
    past::made(ask, Activity::NAME)
        .add(col(A::Kind).eq(Kind::Task))
        .add(col(A::DueAt).gte(from))
        .add(col(A::DueAt).lt(until))
}

/// Tasks that were due in the period and before now.
pub fn due(ask: &Ask) -> Condition {
    to_be_done(ask, ask.start, Ord::min(ask.end, ask.now()))
}

/// Of these, those that were done by then.
pub fn done(ask: &Ask) -> Condition {
    due(ask).add(col(A::DoneAt).is_not_null()).add(col(A::DoneAt).lte(col(A::DueAt)))
}

/// Tasks that will be due in the period, done or not.
pub fn not_due(ask: &Ask) -> Condition {
    to_be_done(ask, Ord::max(ask.start, ask.now()), ask.end)
}
