//! Brings an opportunity into line with its stage: type, chance, forecast and what closing needs. The same for a new
//! one, a change, a bulk row and an import.

use chrono::{DateTime, Utc};
use entity::{
    opportunity::{Entity, LossReason},
    stage::{self, ForecastCategory, StageType},
};
use sea_orm::ActiveValue::{self, Set};

use super::{Book, moves};
use crate::{
    crm::{Reader, fx, home::Home},
    error::{Error, Fault, FaultCode, Result},
    graph::Change,
    store::Tx,
};

fn value<T: Clone + Into<sea_orm::Value>>(value: &ActiveValue<Option<T>>) -> Option<T>
where
    Option<T>: Into<sea_orm::Value>,
{
    value.try_as_ref().cloned().flatten()
}

fn refuse(change: &mut Change<Entity>, code: FaultCode, field: &str, message: &str) {
    change.faults.push(Fault::new(code, field, message));
}

/// Settles one row, or says what is wrong with it.
pub fn settle(change: &mut Change<Entity>, book: &Book, now: DateTime<Utc>, reopening: bool) {
    let Some(stage) = chosen(change, book) else { return };
    let moved = change.before.as_ref().is_none_or(|before| before.stage_id != stage.id);
    if let Some(before) = &change.before
        && moved
        && let Err(Error::Refused(faults)) = moves::ensure(before.stage_type, stage.stage_type, reopening)
    {
        change.faults.extend(faults);
        return;
    }
    match stage.stage_type {
        StageType::Open => open(change, moved, now),
        _ if moved => close(change, stage.stage_type, book.home, now),
        _ => closed_before(change),
    }
    if moved {
        arrive(change, stage, now);
    }
    if stage.stage_type == StageType::Won && value(&change.row.amount_minor).unwrap_or(0) <= 0 {
        refuse(change, FaultCode::CriteriaUnmet, "amount", "a won opportunity needs an amount greater than 0");
    }
}

/// The stage that the row is in or comes to: the one given, else the first open one of its pipeline.
fn chosen<'a>(change: &mut Change<Entity>, book: &'a Book) -> Option<&'a stage::Model> {
    // a stage that the caller may not see is none: its rules would tell of it
    let refused = |fault: &Fault| fault.field.iter().any(|name| name == "stageId" || name == "pipelineId");
    if change.faults.iter().any(refused) {
        return None;
    }
    let asked = change.row.pipeline_id.try_as_ref().copied();
    if let Some(id) = change.row.stage_id.try_as_ref() {
        let Some(stage) = book.stage(*id) else {
            refuse(change, FaultCode::Validation, "stageId", "its stage is deleted: move it to another one");
            return None;
        };
        if asked.is_some_and(|pipeline| pipeline != stage.pipeline_id) {
            refuse(change, FaultCode::Validation, "stageId", "this stage belongs to another pipeline");
            return None;
        }
        if change.before.is_none() && stage.stage_type == StageType::Open && !book.active(stage.pipeline_id) {
            refuse(change, FaultCode::Validation, "stageId", "its pipeline is not active");
            return None;
        }
        return Some(stage);
    }
    let pipeline = asked.filter(|id| book.active(*id)).or_else(|| book.default_pipeline().filter(|_| asked.is_none()));
    let first = pipeline.and_then(|id| book.first(id, StageType::Open));
    if first.is_none() {
        let message = "this needs an active pipeline; the organisation's first one is taken when none is given";
        refuse(change, FaultCode::Validation, "pipelineId", message);
    }
    first
}

fn arrive(change: &mut Change<Entity>, stage: &stage::Model, now: DateTime<Utc>) {
    let new = change.before.is_none();
    let row = &mut change.row;
    row.pipeline_id = Set(stage.pipeline_id);
    row.stage_id = Set(stage.id);
    row.stage_type = Set(stage.stage_type);
    let since = value(&row.closed_at).or_else(|| row.opened_at.try_as_ref().copied()).filter(|_| new);
    row.stage_changed_at = Set(since.unwrap_or(now));
    let closed = stage.stage_type != StageType::Open;
    if closed || !row.probability.is_set() {
        row.probability = Set(Some(stage.probability));
    }
    if closed || !row.forecast_category.is_set() {
        row.forecast_category = Set(stage.forecast_category);
    }
}

fn open(change: &mut Change<Entity>, moved: bool, now: DateTime<Utc>) {
    if change.row.loss_reason.is_set() && value::<LossReason>(&change.row.loss_reason).is_some() {
        refuse(change, FaultCode::Validation, "lossReason", "only a lost opportunity has one");
    }
    if matches!(change.row.forecast_category, Set(ForecastCategory::Closed)) {
        refuse(change, FaultCode::Validation, "forecastCategory", "only what is won or lost is CLOSED");
    }
    if change.row.closed_at.is_set() && value(&change.row.closed_at).is_some() {
        refuse(change, FaultCode::Validation, "closedAt", "only a won or lost opportunity has been closed");
    }
    let row = &mut change.row;
    if row.opened_at.is_not_set() {
        row.opened_at = Set(now);
    }
    if moved {
        (row.closed_at, row.fx_rate_at_close_e10) = (Set(None), Set(None));
        (row.loss_reason, row.loss_note) = (Set(None), Set(None));
    }
    if change.row.opened_at.is_set() && change.row.opened_at.try_as_ref().is_some_and(|at| *at > now) {
        refuse(change, FaultCode::Validation, "openedAt", "this lies in the future");
    }
}

/// When it was closed: as given; for a new one the day it was to close, if that is past; else now.
fn close(change: &mut Change<Entity>, stage_type: StageType, home: Home, now: DateTime<Utc>) {
    let new = change.before.is_none();
    let row = &mut change.row;
    let day = value(&row.close_date).filter(|day| new && *day < home.day(now));
    let at = value(&row.closed_at).or_else(|| day.map(|day| home.begins(day))).unwrap_or(now);
    row.closed_at = Set(Some(at));
    row.close_date = Set(Some(home.day(at)));
    if row.opened_at.is_not_set() {
        row.opened_at = Set(at.min(now));
    }
    if at > now {
        refuse(change, FaultCode::Validation, "closedAt", "this lies in the future");
    }
    if change.row.opened_at.try_as_ref().is_some_and(|opened| *opened > at) {
        refuse(change, FaultCode::Validation, "closedAt", "this lies before it was opened");
    }
    reason(change, stage_type);
}

/// A lost one has a reason. Imported history often has none: it gets OTHER and says so.
fn reason(change: &mut Change<Entity>, stage_type: StageType) {
    let had = value::<LossReason>(&change.row.loss_reason);
    match (stage_type, had) {
        (StageType::Lost, None) if change.before.is_none() => {
            change.row.loss_reason = Set(Some(LossReason::Other));
            if value(&change.row.loss_note).is_none() {
                change.row.loss_note = Set(Some("No reason was recorded.".to_owned()));
            }
        }
        (StageType::Lost, None) => {
            let message = "a lost opportunity needs a reason: use opportunityLose";
            refuse(change, FaultCode::CriteriaUnmet, "lossReason", message);
        }
        (StageType::Won, Some(_)) => {
            refuse(change, FaultCode::Validation, "lossReason", "only a lost opportunity has one");
        }
        _ => {}
    }
}

/// Once closed, what the stage and the day of closing say stays.
fn closed_before(change: &mut Change<Entity>) {
    let Some(before) = &change.before else { return };
    let row = &change.row;
    let kept = [
        ("closeDate", value(&row.close_date) == before.close_date),
        ("probability", value(&row.probability) == before.probability),
        ("forecastCategory", row.forecast_category.try_as_ref() == Some(&before.forecast_category)),
        ("lossReason", value::<LossReason>(&row.loss_reason).is_some() == before.loss_reason.is_some()),
    ];
    for (field, _) in kept.into_iter().filter(|(_, same)| !same) {
        refuse(change, FaultCode::Locked, field, "the opportunity is closed: reopen it first");
    }
}

/// Freezes the rate into the organisation's currency on the day of closing, where one is known exactly; anew when a
/// closed one comes to be in another currency.
pub async fn freeze(tx: &Tx, home: Home, changes: &mut [Change<Entity>]) -> Result<()> {
    let closes = |c: &Change<Entity>| c.row.closed_at.is_set() && value(&c.row.closed_at).is_some();
    let recoined = |c: &Change<Entity>| {
        let before = c.before.as_ref().filter(|before| before.closed_at.is_some());
        before.is_some_and(|before| c.row.currency.is_set() && value(&c.row.currency) != before.currency)
    };
    let closing = |c: &Change<Entity>| closes(c) || recoined(c);
    let Some(base) = home.currency else { return Ok(()) };
    let wanted = |c: &Change<Entity>| Some((value(&c.row.currency)?, base, value(&c.row.close_date)?));
    let all: Vec<fx::Wanted> = changes.iter().filter(|c| closing(c)).filter_map(wanted).collect();
    let rates = fx::Rates::load(Reader::Tx(tx), home, &all).await?;
    for change in changes.iter_mut().filter(|c| closing(c)) {
        change.row.fx_rate_at_close_e10 = Set(wanted(change).and_then(|wanted| rates.on(wanted)?.as_e10()));
    }
    Ok(())
}
