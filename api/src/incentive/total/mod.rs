//! What a run comes to for sides and teams: for who decides on budgets and sees nobody's pay.

pub mod graphql;

use entity::{
    id::IncentiveRunId,
    incentive_run::{Entity, Model, RunStatus},
};

use super::run::{Group, groups};
use crate::{
    actor::Permission,
    error::Result,
    store::{Access, Scoped},
};

/// The sums of a run that is locked: earlier ones change with single records, and so do those of one that was taken back. None without the permission, and
/// where there is no such run.
pub async fn of(access: &Access, id: IncentiveRunId) -> Result<Option<(Model, Vec<Group>)>> {
    if !access.actor().may(Permission::IncentiveTotalRead) {
        return Ok(None);
    }
    let known = Scoped::<Entity>::read(access).ids(&[entity::id::RowId::uuid(id)]).one().await?;
    let told = |run: &Model| matches!(run.status, RunStatus::Locked | RunStatus::Paid);
    let Some(run) = known.filter(told) else { return Ok(None) };
    let groups = groups(&run)?;
    Ok(Some((run, groups)))
}
