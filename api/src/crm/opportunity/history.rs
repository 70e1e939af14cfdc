//! Writes `stage_change`: one row for the beginning of an opportunity, each move, and each change of what it is worth
//! while it is open.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{
    id::{RowId, StageId, UserId},
    opportunity::Model,
    stage::{self, StageType},
    stage_change::{self, ActiveModel},
};
use sea_orm::ActiveValue::Set;

use super::exit;
use crate::{
    crm::all_rows,
    error::Result,
    store::{Scoped, Tx},
};

/// One insert for every few hundred rows, and one reading of positions if any moved among open stages.
pub async fn write(tx: &mut Tx, written: &[(Option<Model>, Model)]) -> Result<()> {
    let places = positions(tx, written).await?;
    let (now, by) = (tx.access().now(), tx.access().actor().user);
    let rows: Vec<ActiveModel> = written
        .iter()
        .filter(|(before, after)| before.as_ref().is_none_or(|before| tells(before, after)))
        .map(|(before, after)| {
            let reason = tx.reason().map(str::to_owned).or_else(|| after.loss_note.clone());
            ActiveModel { reason: Set(reason), ..row(before.as_ref(), after, &places, now, by) }
        })
        .collect();
    for batch in rows.chunks(500) {
        let moved = tx.insert_many::<stage_change::Entity>(batch.to_vec()).await?;
        exit::keep(tx, written, &moved).await?;
    }
    Ok(())
}

/// Whether the change belongs into the history.
fn tells(before: &Model, after: &Model) -> bool {
    let worth = |m: &Model| (m.amount_minor, m.currency, m.close_date, m.forecast_category);
    before.stage_id != after.stage_id || (after.stage_type == StageType::Open && worth(before) != worth(after))
}

async fn positions(tx: &Tx, written: &[(Option<Model>, Model)]) -> Result<HashMap<StageId, i32>> {
    let moved = written.iter().filter_map(|(before, after)| Some((before.as_ref()?, after)));
    let open = |m: &Model| m.stage_type == StageType::Open;
    let ids: Vec<_> = moved
        .filter(|(before, after)| before.stage_id != after.stage_id && open(before) && open(after))
        .flat_map(|(before, after)| [before.stage_id.uuid(), after.stage_id.uuid()])
        .collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let stages = tx.read(Scoped::<stage::Entity>::read(&all_rows(tx)).ids(&ids)).await?;
    Ok(stages.into_iter().map(|s| (s.id, s.position)).collect())
}

fn row(
    before: Option<&Model>,
    after: &Model,
    places: &HashMap<StageId, i32>,
    now: DateTime<Utc>,
    by: Option<UserId>,
) -> ActiveModel {
    let place = |m: &Model| places.get(&m.stage_id);
    let same_currency = before.is_some_and(|b| b.currency == after.currency);
    ActiveModel {
        opportunity_id: Set(after.id),
        from_stage_id: Set(before.map(|b| b.stage_id)),
        to_stage_id: Set(after.stage_id),
        at: Set(before.map_or(after.stage_changed_at, |_| now)),
        by: Set(by),
        amount_before_minor: Set(before.and_then(|b| b.amount_minor).filter(|_| same_currency)),
        amount_after_minor: Set(after.amount_minor),
        currency: Set(after.currency),
        close_date_before: Set(before.and_then(|b| b.close_date)),
        close_date_after: Set(after.close_date),
        category_before: Set(before.map(|b| b.forecast_category)),
        category_after: Set(after.forecast_category),
        regressed: Set(before.is_some_and(|b| place(after) < place(b))),
        ..Default::default()
    }
}
