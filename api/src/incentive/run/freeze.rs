//! Freezes what a run is calculated from, page by page: sales that were won, what SPIFFs pay for, how far goals were reached.
//! A page is made outside of any work and written by whoever asked for it.

use entity::{
    id::{IncentiveStatementLineId, RowId, UserId},
    incentive_source::ActiveModel,
};
use sea_orm::ActiveValue::Set;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    calculate::Task,
    deals, events,
    frozen::{Frozen, Stage},
    goals,
};
use crate::{error::Result, incentive::pay::plan::Rule};

/// Records that are looked at together.
pub const PAGE: u64 = 2_000;

/// What was found, and where to go on.
pub struct Page {
    pub sources: Vec<ActiveModel>,
    pub looked_at: i32,
    pub frozen: Frozen,
}

pub async fn page(task: &Task, frozen: &Frozen) -> Result<Page> {
    let mut page = match frozen.stage {
        Stage::Deals => deals::page(task, frozen).await?,
        Stage::Events(at) => events::page(task, frozen, at).await?,
        Stage::Goals | Stage::Frozen => goals::page(task, frozen).await?,
    };
    for (place, row) in (frozen.sources..).zip(&mut page.sources) {
        row.position = Set(place);
    }
    page.frozen.sources = frozen.sources + i64::try_from(page.sources.len()).unwrap_or(i64::MAX);
    Ok(page)
}

/// The stage after this one.
pub fn next(task: &Task, stage: Stage) -> Stage {
    let from = match stage {
        Stage::Deals => 0,
        Stage::Events(at) => at + 1,
        Stage::Goals | Stage::Frozen => return Stage::Frozen,
    };
    let spiff = |at: &usize| matches!(task.plan.components[*at].rule, Rule::Spiff { .. }) && events::apart(task, *at);
    (from..task.plan.components.len()).find(spiff).map_or(Stage::Goals, Stage::Events)
}

/// A source of somebody's line of a component.
pub fn source(task: &Task, user: UserId, component: usize) -> ActiveModel {
    ActiveModel {
        run_id: Set(task.run.id),
        revision: Set(task.attempt),
        statement_line_id: Set(line_id(task, user, component)),
        user_id: Set(user),
        component: Set(task.plan.components[component].key.clone()),
        currency: Set(task.plan.currency),
        opportunity_id: Set(None),
        role: Set(None),
        percent_e2: Set(None),
        rest: Set(None),
        amount_minor: Set(None),
        base_minor: Set(None),
        attained: Set(None),
        ..Default::default()
    }
}

/// The id of a line before it is written, the same whoever asks: sources name it.
pub fn line_id(task: &Task, user: UserId, component: usize) -> IncentiveStatementLineId {
    let mut hash = Sha256::new_with_prefix(task.run.id.uuid());
    hash.update(task.attempt.to_be_bytes());
    hash.update(user.uuid());
    hash.update((component as u64).to_be_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    IncentiveStatementLineId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// Keeps the page's last record, or goes on with the next stage.
pub fn onward(task: &Task, frozen: &Frozen, last: Option<Uuid>) -> Frozen {
    match last {
        Some(after) => Frozen { after, ..frozen.clone() },
        None => Frozen { stage: next(task, frozen.stage), after: Uuid::nil(), ..frozen.clone() },
    }
}
