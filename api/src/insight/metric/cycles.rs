//! Which rounds of leads, offers and clocks a part of a metric counts, as conditions. Each says at which instant.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    activity::{Column as T, Direction, Entity as Activity, Kind as ActivityKind},
    dispute::{Column as D, Entity as Dispute, Status as Quarrel},
    handoff::{Column as H, Entity as Handoff, State},
    lead_cycle::{Column as L, Entity as Cycle},
    opportunity_state::{Column as S, Entity as Stood},
    sla_clock::{Column as K, Entity as Clock, Kind, Status},
    stage::StageType,
};
use sea_orm::{
    Condition, DbBackend, ExprTrait,
    sea_query::{Expr, Query, SelectStatement, SimpleExpr},
};

use super::{ask::Ask, options::Step};
use crate::{
    alignment::sla::{from_the_beginning, of_offers},
    crm::opportunity_state::standing,
    store::Guarded,
};

fn cycle(c: L) -> Expr {
    Expr::col((Cycle::NAME, c))
}

/// When a round came to a step; none for what is told by its opportunity.
fn when(step: Step) -> Option<L> {
    Some(match step {
        Step::Lead => L::BeganAt,
        Step::Mql => L::MqlAt,
        Step::Sal => L::SalAt,
        Step::Sql => L::SqlAt,
        Step::Opportunity => L::ConvertedAt,
        Step::Won => return None,
    })
}

fn within(column: SimpleExpr, start: DateTime<Utc>, end: DateTime<Utc>) -> SimpleExpr {
    column.clone().gte(start).and(column.lt(end))
}

/// First came to a step in the period, and before now.
pub fn came(ask: &Ask, step: Step) -> Condition {
    let end = std::cmp::Ord::min(ask.end, ask.now());
    if let Some(column) = when(step) {
        return Condition::all().add(within(cycle(column), ask.start, end));
    }
    let then = within(stood(S::ClosedAt), ask.start, end);
    let before: SimpleExpr = stood(S::ClosedAt).lt(ask.start);
    let first = Expr::exists(wins(ask, Condition::all().add(before))).not();
    Condition::all().add(won(ask, Condition::all().add(then))).add(first)
}

/// Came to a step before now, and within so many days of another where that is asked.
pub fn reached(ask: &Ask, from: Step, to: Step) -> Condition {
    let soon = |column: SimpleExpr, table: &'static str, name: &str| {
        let (first, days) = (when(from)?, ask.options.within_days?);
        let first = (Cycle::NAME, sea_orm::IdenStatic::as_str(&first).to_owned());
        Some(not_later(column, (table, name), (first.0, &first.1), days, ask.access.store().backend()))
    };
    let before_now = |column: SimpleExpr| column.clone().is_not_null().and(column.lt(ask.now()));
    if let Some(column) = when(to) {
        let name = sea_orm::IdenStatic::as_str(&column).to_owned();
        let at: SimpleExpr = cycle(column);
        return Condition::all().add(before_now(at.clone())).add_option(soon(at, Cycle::NAME, &name));
    }
    let closed: SimpleExpr = stood(S::ClosedAt);
    let then = Condition::all().add(before_now(closed.clone())).add_option(soon(closed, Stood::NAME, "closed_at"));
    Condition::all().add(won(ask, then))
}

/// Came to `from` in the period and may still come to `to`.
pub fn open(ask: &Ask, from: Step, to: Step) -> Condition {
    came(ask, from).add(may_still(ask, from, to))
}

/// Of those that came to `from`: has not come to `to`, and may.
pub fn may_still(ask: &Ask, from: Step, to: Step) -> Condition {
    let ends = cycle(L::EndedAt);
    let goes_on = Condition::any().add(ends.clone().is_null()).add(ends.gte(ask.now()));
    let goes_on = match to {
        Step::Won => {
            let open = Condition::all().add(stood(S::StageType).eq(StageType::Open));
            goes_on.add(cycle(L::ConvertedAt).lt(ask.now()).and(sale(ask, open)))
        }
        _ => goes_on,
    };
    let in_time = when(from).zip(ask.options.within_days);
    let in_time = in_time.map(|(column, days)| cycle(column).gte(ask.now() - TimeDelta::days(days)));
    Condition::all().add(reached(ask, from, to).not()).add(goes_on).add_option(in_time)
}

/// What the round was converted into stands like this.
fn sale(ask: &Ask, how: Condition) -> SimpleExpr {
    cycle(L::ConvertedAt)
        .is_not_null()
        .and(Expr::exists(sales(ask).cond_where(standing(ask.at)).cond_where(how).take()))
}

/// What the round was converted into was won like this.
fn won(ask: &Ask, how: Condition) -> SimpleExpr {
    cycle(L::ConvertedAt).is_not_null().and(Expr::exists(wins(ask, how)))
}

/// The wins since the round began of what it was converted into, if that is there still and still came from the lead:
/// reopening undoes no win, deleting does.
fn wins(ask: &Ask, how: Condition) -> SelectStatement {
    let same = [S::OpportunityId, S::SourceLeadId];
    let there = Query::select()
        .columns(same.map(|c| (Stood::NAME, c)))
        .from(Stood::NAME)
        .and_where(stood(S::OrganizationId).eq(ask.access.actor().organization))
        .and_where(stood(S::DeletedAt).is_null())
        .cond_where(standing(ask.at))
        .take();
    sales(ask)
        .and_where(stood(S::StageType).eq(StageType::Won))
        .and_where(stood(S::At).lt(ask.now()))
        .and_where(stood(S::ClosedAt).gte(cycle(L::BeganAt)))
        .and_where(Expr::tuple(same.map(stood)).in_subquery(there))
        .cond_where(how)
        .take()
}

/// How what the round was converted into stood, ever.
fn sales(ask: &Ask) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(Stood::NAME)
        .and_where(stood(S::OrganizationId).eq(ask.access.actor().organization))
        .and_where(stood(S::DeletedAt).is_null())
        .and_where(stood(S::SourceLeadId).equals((Cycle::NAME, L::LeadId)))
        .take()
}

fn stood(c: S) -> Expr {
    Expr::col((Stood::NAME, c))
}

/// At most so many days of 24 hours after another instant, to the microsecond.
pub fn not_later(
    at: SimpleExpr,
    (table, column): (&str, &str),
    (first_table, first): (&str, &str),
    days: i64,
    backend: DbBackend,
) -> SimpleExpr {
    let first = format!("\"{first_table}\".\"{first}\"");
    if backend == DbBackend::Postgres {
        return at.lte(Expr::cust(format!("{first} + interval '{} seconds'", days * 86_400)));
    }
    let at = format!("\"{table}\".\"{column}\"");
    let seconds = format!("(CAST(strftime('%s', {at}) AS INTEGER) - CAST(strftime('%s', {first}) AS INTEGER))");
    let fraction = |column: &str| format!("substr({column}, 20)");
    let limit = days * 86_400;
    Expr::cust(format!("({seconds} < {limit} OR ({seconds} = {limit} AND {} <= {}))", fraction(&at), fraction(&first)))
}

fn handoff(c: H) -> Expr {
    Expr::col((Handoff::NAME, c))
}

/// Answered, or given up, in the period and before now.
fn decided(ask: &Ask) -> Condition {
    let end = std::cmp::Ord::min(ask.end, ask.now());
    Condition::all().add(within(handoff(H::DecidedAt), ask.start, end))
}

/// Accepted in the period; a rejection that both sides found wrong counts as acceptance.
pub fn accepted(ask: &Ask) -> Condition {
    let overturned = handoff(H::State).eq(State::Rejected).and(overturned(ask));
    decided(ask).add(handoff(H::State).eq(State::Accepted).or(overturned))
}

/// How often we called, wrote to or met the lead of an offer since it was accepted, no more often than asked.
pub fn attempts(ask: &Ask) -> SimpleExpr {
    let act = |c: T| Expr::col((Activity::NAME, c));
    let ours = Condition::any().add(act(T::Kind).eq(ActivityKind::Meeting)).add(
        act(T::Kind).is_in([ActivityKind::Call, ActivityKind::Mail]).and(act(T::Direction).eq(Direction::Outbound)),
    );
    let few = Query::select()
        .expr_as(Expr::val(1), "one_")
        .from(Activity::NAME)
        .and_where(act(T::OrganizationId).eq(ask.access.actor().organization))
        .and_where(act(T::DeletedAt).is_null())
        .and_where(act(T::LeadId).equals((Handoff::NAME, H::LeadId)))
        .and_where(act(T::HappenedAt).gte(handoff(H::DecidedAt)))
        .and_where(act(T::HappenedAt).lt(ask.now()))
        .cond_where(ours)
        .limit(u64::try_from(ask.options.required_attempts).unwrap_or(1))
        .take();
    let counted = Query::select().expr(Expr::cust("COUNT(*)")).from_subquery(few, "tries_").take();
    SimpleExpr::SubQuery(None, Box::new(counted.into()))
}

/// Rejected in the period.
pub fn rejected(ask: &Ask) -> Condition {
    decided(ask).add(handoff(H::State).eq(State::Rejected)).add(overturned(ask).not())
}

/// Both sides had found by then that the rejection was wrong.
fn overturned(ask: &Ask) -> SimpleExpr {
    let since = handoff(H::Overturned).eq(true);
    let Some(at) = ask.at else { return since };
    let quarrel = |c: D| Expr::col((Dispute::NAME, c));
    let settled = Query::select()
        .expr(Expr::val(1))
        .from(Dispute::NAME)
        .and_where(quarrel(D::OrganizationId).eq(ask.access.actor().organization))
        .and_where(quarrel(D::HandoffId).equals((Handoff::NAME, H::Id)))
        .and_where(quarrel(D::Status).eq(Quarrel::Upheld))
        .and_where(quarrel(D::ResolvedAt).lt(at))
        .take();
    since.and(Expr::exists(settled))
}

/// Expired unanswered in the period.
pub fn expired(ask: &Ask) -> Condition {
    decided(ask).add(handoff(H::State).eq(State::Expired))
}

/// Offered in the period, and not decided yet.
pub fn pending(ask: &Ask) -> Condition {
    let end = std::cmp::Ord::min(ask.end, ask.now());
    let waits = handoff(H::DecidedAt).is_null().or(handoff(H::DecidedAt).gte(ask.now()));
    Condition::all().add(within(handoff(H::OfferedAt), ask.start, end)).add(waits)
}

fn clock(c: K) -> Expr {
    Expr::col((Clock::NAME, c))
}

/// Clocks that count, begun before now.
fn counted(ask: &Ask) -> Condition {
    Condition::all().add(clock(K::Status).ne(Status::Void)).add(clock(K::StartedAt).lt(ask.now()))
}

/// Clocks of offers that were made in the period, one of each kind and number for each offer.
fn running(ask: &Ask) -> Condition {
    counted(ask).add(of_offers(ask.start, ask.end)).add(from_the_beginning())
}

/// Of these, those whose answer came; with `censored` all of them.
pub fn ended(ask: &Ask) -> Condition {
    if ask.options.censored { running(ask) } else { running(ask).add(came_before(ask)) }
}

/// Those whose answer has not come.
pub fn waiting(ask: &Ask) -> Condition {
    running(ask).add(came_before(ask).not())
}

fn first_response() -> SimpleExpr {
    clock(K::Kind).eq(Kind::FirstResponse)
}

fn came_before(ask: &Ask) -> SimpleExpr {
    clock(K::MetAt).is_not_null().and(clock(K::MetAt).lt(ask.now()))
}

/// First responses that came; with `censored` all of them.
pub fn answered(ask: &Ask) -> Condition {
    ended(ask).add(first_response())
}

/// Those that have not come.
pub fn unanswered(ask: &Ask) -> Condition {
    waiting(ask).add(first_response())
}

/// Clocks due in the period that were answered in time.
pub fn met(ask: &Ask) -> Condition {
    due(ask).add(in_time(ask))
}

fn due(ask: &Ask) -> Condition {
    counted(ask).add(within(clock(K::DueAt), ask.start, ask.end))
}

fn in_time(ask: &Ask) -> SimpleExpr {
    clock(K::Status).eq(Status::Met).and(came_before(ask))
}

/// Those answered late, or not although they were due.
pub fn breached(ask: &Ask) -> Condition {
    due(ask).add(in_time(ask).not()).add(overdue(ask))
}

fn overdue(ask: &Ask) -> SimpleExpr {
    let runs = clock(K::Status).ne(Status::Paused).or(clock(K::PausedAt).gte(ask.now()));
    runs.and(clock(K::LateAfter).lt(ask.now()))
}

/// Those that are not yet due, or stand still.
pub fn not_due(ask: &Ask) -> Condition {
    due(ask).add(in_time(ask).not()).add(overdue(ask).not())
}

/// Clocks for first responses to offers of the period that were declared not to count.
pub fn void_responses(ask: &Ask) -> Condition {
    Condition::all().add(clock(K::Status).eq(Status::Void)).add(first_response()).add(of_offers(ask.start, ask.end))
}

/// Those that were declared not to count.
pub fn void(ask: &Ask) -> Condition {
    Condition::all().add(clock(K::Status).eq(Status::Void)).add(within(clock(K::DueAt), ask.start, ask.end))
}
