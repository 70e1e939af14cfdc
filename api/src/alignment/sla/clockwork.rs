//! What happens to one clock: how it is set, stopped, resumed, answered, and when it must be looked at next. Pure.

use chrono::{DateTime, Duration, Utc};
use entity::{
    id::UserId,
    sla_clock::{ActiveModel, Model, Status},
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde::{Deserialize, Serialize};

use super::policy::{SlaBody, share};
use crate::{access::calendar::Calendar, error::Result, graph::scalar::DateTime as Instant};

/// A pause that has ended.
#[derive(Clone, Debug, Serialize, Deserialize, async_graphql::SimpleObject, async_graphql::InputObject)]
#[graphql(name = "SlaPause", input_name = "SlaPauseInput")]
pub struct Pause {
    /// When the clock was stopped.
    pub from: Instant,
    /// When it went on.
    pub to: Instant,
}

/// The pauses of a clock.
#[derive(Clone, Debug, Default, Serialize, Deserialize, async_graphql::SimpleObject, async_graphql::InputObject)]
#[graphql(name = "SlaPauses", input_name = "SlaPausesInput")]
pub struct Pauses {
    /// In the order of time; one that has not ended is `pausedAt` of the clock.
    pub spans: Vec<Pause>,
}

/// When what is left of a target will have passed, and the last instant that is in time.
pub fn due(
    calendar: &Calendar,
    since: DateTime<Utc>,
    target_seconds: i64,
    spent: Duration,
) -> Result<(DateTime<Utc>, DateTime<Utc>)> {
    let left = Duration::seconds(target_seconds) - spent;
    Ok((calendar.add_open(since, left)?, calendar.last_in_time(since, left)?))
}

fn spent(clock: &Model) -> Duration {
    Duration::microseconds(clock.spent_micros)
}

/// The business time that has passed on a clock.
fn elapsed(clock: &Model, calendar: &Calendar, at: DateTime<Utc>) -> Duration {
    let running =
        if clock.status == Status::Paused { Duration::zero() } else { calendar.open_between(clock.running_since, at) };
    spent(clock) + running
}

/// Stands still from now on.
pub fn pause(clock: &Model, calendar: &Calendar, at: DateTime<Utc>) -> ActiveModel {
    let mut row = clock.clone().into_active_model();
    row.status = Set(Status::Paused);
    row.paused_at = Set(Some(at));
    row.spent_micros = Set(elapsed(clock, calendar, at).num_microseconds().unwrap_or(i64::MAX));
    row.round = Set(clock.round + 1);
    row
}

/// Goes on from now on, due later by what it stood still.
pub fn resume(clock: &Model, calendar: &Calendar, at: DateTime<Utc>) -> Result<ActiveModel> {
    let (due_at, late_after) = due(calendar, at, clock.target_seconds, spent(clock))?;
    let mut pauses: Pauses = serde_json::from_value(clock.pauses.clone()).unwrap_or_default();
    pauses.spans.extend(clock.paused_at.map(|from| Pause { from: Instant(from), to: Instant(at) }));
    let mut row = clock.clone().into_active_model();
    row.status = Set(Status::Pending);
    row.paused_at = Set(None);
    row.pauses = Set(serde_json::to_value(pauses).map_err(crate::error::Error::internal)?);
    row.running_since = Set(at);
    row.due_at = Set(due_at);
    row.late_after = Set(late_after);
    row.round = Set(clock.round + 1);
    Ok(row)
}

/// An answer: when it came, when it was written down, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    pub at: DateTime<Utc>,
    pub logged: DateTime<Utc>,
    pub by: Option<UserId>,
}

impl Said {
    /// Known at its own instant, and nobody's word.
    pub fn seen(at: DateTime<Utc>) -> Self {
        Self { at, logged: at, by: None }
    }
}

/// How long after an answer whoever is measured may still say themselves that it came in time.
pub const GRACE: Duration = Duration::hours(1);

/// Whether an answer is known to have come when it is said to: it was written down before the time was over, soon after
/// it came, or by somebody whom the clock does not measure.
fn is_believed(clock: &Model, said: Said) -> bool {
    let by_themselves = said.by.is_some() && said.by == clock.user_id;
    !by_themselves || said.logged <= clock.late_after || said.logged - said.at <= GRACE
}

/// What it waited for has come: MET in time, BREACHED after it. What came in time and was written down late still counts,
/// but not by the word of whom the clock measures alone: then it says when the answer came, and took until it was
/// written down.
pub fn answer(clock: &Model, calendar: &Calendar, said: Said) -> ActiveModel {
    let believed = is_believed(clock, said);
    let until = if believed { said.at } else { said.logged };
    let mut row = clock.clone().into_active_model();
    row.met_at = Set(Some(said.at));
    row.business_seconds = Set(Some(elapsed(clock, calendar, until).num_seconds()));
    if said.at <= clock.late_after && believed {
        row.status = Set(Status::Met);
        row.breached_at = Set(None);
        return row;
    }
    if clock.status == Status::Breached { row } else { breach(row, clock) }
}

/// Nobody has answered though it was due.
pub fn breach(mut row: ActiveModel, clock: &Model) -> ActiveModel {
    row.status = Set(Status::Breached);
    row.breached_at = Set(Some(too_late(clock)));
    row
}

/// The first instant at which more has passed than is allowed.
pub fn too_late(clock: &Model) -> DateTime<Utc> {
    clock.late_after + Duration::microseconds(1)
}

/// Whether somebody still has to answer.
pub fn is_open(clock: &Model) -> bool {
    clock.met_at.is_none() && matches!(clock.status, Status::Pending | Status::Breached)
}

/// What time brings to a clock that nobody answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Risk,
    Breach,
    /// The step of the ladder with this place.
    Step(usize),
}

/// What comes next, and when; none when there is nothing more to wait for.
pub fn next(clock: &Model, body: &SlaBody, calendar: &Calendar) -> Result<Option<(DateTime<Utc>, Stage)>> {
    if !is_open(clock) {
        return Ok(None);
    }
    let left = |passed: Duration| passed - spent(clock);
    let mut coming = Vec::new();
    if clock.status == Status::Pending {
        if clock.at_risk_at.is_none() {
            let at = calendar.add_open(clock.running_since, left(body.risk(clock.target_seconds)))?;
            coming.push((at.min(clock.late_after), Stage::Risk));
        }
        coming.push((too_late(clock), Stage::Breach));
    }
    let done = usize::try_from(clock.escalations).unwrap_or(usize::MAX);
    if let Some(step) = body.ladder.get(done) {
        let passed = left(share(clock.target_seconds, step.after_pct));
        let at = calendar.last_in_time(clock.running_since, passed)? + Duration::microseconds(1);
        coming.push((at, Stage::Step(done)));
    }
    Ok(coming.into_iter().min_by_key(|(at, _)| *at))
}
