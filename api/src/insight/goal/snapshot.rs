//! How goals stood at the end of each day. Only added, never changed; by the daily job alone.

use entity::{
    goal_snapshot::{Column as C, Entity},
    id::GoalSnapshotId,
};
use sea_orm::{ColumnTrait, Condition};

use super::graphql;
use crate::{
    actor::{Actor, Permission},
    graph::{Meta, Record},
    insight::metric::grain::Grain,
    store::Guarded,
};

impl Guarded for Entity {
    type Id = GoalSnapshotId;
    const NAME: &'static str = "goal_snapshot";
    const READ: Permission = Permission::MetricRead;
    const LASTS: bool = true;

    /// What rests on few records, or on those of named people, is told to who sees all of them.
    fn within(actor: &Actor, _: Permission) -> Condition {
        let all = Condition::all();
        if Grain::all_seen_by(actor) { all } else { all.add(C::Few.eq(false)) }
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        graphql::snapshots()
    }
}
