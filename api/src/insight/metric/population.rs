//! Which records a part of a metric counts, as conditions. Each says at which instant.

use chrono::{DateTime, Utc};
use entity::{
    forecast_submission::{Column as F, Entity as Submission},
    opportunity::LossReason,
    opportunity_state::{Column as S, Entity as State},
    stage::{ForecastCategory, StageType},
};
use sea_orm::{
    Condition, ExprTrait,
    sea_query::{Expr, Query, SimpleExpr},
};

use super::{ask::Ask, prior::Days};
use crate::{crm::opportunity_state::standing, store::Guarded};

const STATE: &str = State::NAME;

fn state(c: S) -> Expr {
    Expr::col((STATE, c))
}

/// The close date is one of these days.
fn closes((first, end): Days) -> SimpleExpr {
    state(S::CloseDate).gte(first).and(state(S::CloseDate).lt(end))
}

fn of_type(at: Option<DateTime<Utc>>, stage_type: StageType) -> Condition {
    standing(at).add(state(S::StageType).eq(stage_type))
}

/// Won in these days.
pub fn won(ask: &Ask, days: Days) -> Condition {
    of_type(ask.at, StageType::Won).add(closes(days))
}

/// Lost in these days, duplicates and what was none left out.
pub fn lost(ask: &Ask, days: Days) -> Condition {
    of_type(ask.at, StageType::Lost).add(closes(days)).add(no_sale().not())
}

/// Lost in these days, but never a sale of its own.
pub fn not_counted(ask: &Ask, days: Days) -> Condition {
    of_type(ask.at, StageType::Lost).add(closes(days)).add(no_sale())
}

fn no_sale() -> SimpleExpr {
    let reasons = [LossReason::Duplicate, LossReason::Invalid];
    state(S::LossReason).is_not_null().and(state(S::LossReason).is_in(reasons))
}

/// Open at an instant; none: now.
pub fn open_at(at: Option<DateTime<Utc>>) -> Condition {
    of_type(at, StageType::Open)
}

/// Open when the period began; nothing before it has.
pub fn open_at_start(ask: &Ask) -> Condition {
    open_at(Some(ask.start)).add(Expr::val(ask.start <= ask.now()).eq(true))
}

/// Open, and expected to close in these days.
pub fn open_for(ask: &Ask, days: Days) -> Condition {
    open_at(ask.at).add(closes(days))
}

/// The same without what counts in no forecast.
pub fn forecast(ask: &Ask, days: Days) -> Condition {
    open_for(ask, days).add(state(S::ForecastCategory).ne(ForecastCategory::Omitted))
}

/// The same of what counts in none.
pub fn omitted(ask: &Ask, days: Days) -> Condition {
    open_for(ask, days).add(state(S::ForecastCategory).eq(ForecastCategory::Omitted))
}

/// As they began: opened in the period, and not deleted since.
pub fn opened(ask: &Ask) -> Condition {
    let there = Query::select()
        .column((STATE, S::OpportunityId))
        .from(STATE)
        .and_where(state(S::OrganizationId).eq(ask.access.actor().organization))
        .and_where(state(S::DeletedAt).is_null())
        .cond_where(standing(ask.at))
        .take();
    Condition::all()
        // the bare column: an index of initial states is used on both databases
        .add(state(S::Initial))
        .add(state(S::OpenedAt).gte(ask.start))
        .add(state(S::OpenedAt).lt(ask.end))
        .add(state(S::OpenedAt).lt(ask.now()))
        .add(state(S::OpportunityId).in_subquery(there))
}

/// What each said of this very period, part by part: their latest word before it ended.
pub fn submitted(ask: &Ask) -> Condition {
    let other = "later_";
    let col = |table: &'static str, c: F| Expr::col((table, c));
    let ((start, end), until) = (ask.days(), std::cmp::Ord::min(ask.end, ask.now()));
    let meant = |table: &'static str| {
        Condition::all()
            .add(col(table, F::StartsOn).eq(start))
            .add(col(table, F::EndsOn).eq(end))
            .add(col(table, F::CreatedAt).lt(until))
    };
    let (at, id) = (col(Submission::NAME, F::CreatedAt), col(Submission::NAME, F::Id));
    let tie = col(other, F::CreatedAt).eq(at.clone()).and(col(other, F::Id).gt(id));
    let later = Query::select()
        .expr(Expr::val(1))
        .from_as(Submission::NAME, other)
        .and_where(col(other, F::OrganizationId).eq(ask.access.actor().organization))
        .and_where(col(other, F::DeletedAt).is_null())
        .and_where(col(other, F::OwnerId).equals((Submission::NAME, F::OwnerId)))
        .and_where(col(other, F::Category).equals((Submission::NAME, F::Category)))
        .cond_where(meant(other))
        .and_where(col(other, F::CreatedAt).gt(at).or(tie))
        .take();
    meant(Submission::NAME).add(Expr::exists(later).not())
}

/// What each stood by.
pub fn committed(ask: &Ask) -> Condition {
    submitted(ask).add(Expr::col((Submission::NAME, F::Category)).eq(ForecastCategory::Commit))
}
