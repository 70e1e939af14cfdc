//! What SPIFFs pay for each time, as far as it is not a sale: offers of leads that were answered.

use chrono::{DateTime, Utc};
use entity::{
    handoff::{Column as H, Entity as Handoffs, State},
    id::{RowId, UserId},
    incentive_source::{ActiveModel, SourceKind},
    sla_clock::{Column as K, Entity as Clocks, Kind, Status},
};
use sea_orm::{
    ActiveValue::Set,
    Condition, ExprTrait, QueryResult,
    sea_query::{Expr, Order, Query},
};
use uuid::Uuid;

use super::{
    calculate::Task,
    freeze::{PAGE, Page, onward, source},
    frozen::Frozen,
};
use crate::{
    error::Result,
    incentive::plan::SpiffEvent,
    store::{Guarded, Scoped},
};

fn event(task: &Task, at: usize) -> Option<SpiffEvent> {
    task.body.components.get(at)?.spiff.as_ref().map(|spiff| spiff.event.0)
}

/// Whether a component's events are looked for by themselves; sales that were won are found with the sales.
pub fn apart(task: &Task, at: usize) -> bool {
    event(task, at).is_some_and(|event| event != SpiffEvent::OpportunityWon)
}

pub async fn page(task: &Task, frozen: &Frozen, at: usize) -> Result<Page> {
    let (table, rows) = match event(task, at) {
        Some(SpiffEvent::LeadAcceptedInSla) => (Clocks::NAME, in_time(task, frozen.after).await?),
        Some(SpiffEvent::OfferAccepted) => (Handoffs::NAME, accepted(task, frozen.after).await?),
        _ => (Handoffs::NAME, vec![]),
    };
    let last = rows.last().map(|row| row.id);
    let full = rows.len() as u64 == PAGE;
    let looked_at = i32::try_from(rows.len()).unwrap_or(i32::MAX);
    let found = rows.into_iter().filter_map(|row| {
        let user = row.user?;
        let day = task.home.day(row.at);
        let who = task.person(user, day)?;
        task.plan.components[at].pays(who.side).then(|| ActiveModel {
            kind: Set(SourceKind::Event),
            record_type: Set(table.to_owned()),
            record_id: Set(row.id),
            happened_at: Set(row.at),
            ..source(task, user, at)
        })
    });
    Ok(Page { sources: found.collect(), looked_at, frozen: onward(task, frozen, last.filter(|_| full)) })
}

/// Somebody did something.
struct Happened {
    id: Uuid,
    user: Option<UserId>,
    at: DateTime<Utc>,
}

fn happened(row: &QueryResult) -> Result<Happened> {
    Ok(Happened { id: row.try_get_by_index(0)?, user: row.try_get_by_index(1)?, at: row.try_get_by_index(2)? })
}

/// Clocks for answers that were met in the period: of each lead the first that measured somebody, as whoever accepts it again has
/// accepted one lead.
async fn in_time(task: &Task, after: Uuid) -> Result<Vec<Happened>> {
    const EARLIER: &str = "earlier";
    let (col, other) = (|c: K| Expr::col((Clocks::NAME, c)), |c: K| Expr::col((EARLIER, c)));
    let before = Condition::any()
        .add(other(K::MetAt).lt(col(K::MetAt)))
        .add(other(K::MetAt).eq(col(K::MetAt)).and(other(K::Id).lt(col(K::Id))));
    let earlier = Query::select()
        .expr(Expr::val(1))
        .from_as(Clocks::NAME, EARLIER)
        .and_where(other(K::OrganizationId).eq(task.access.actor().organization.uuid()))
        .and_where(other(K::DeletedAt).is_null())
        .and_where(other(K::LeadId).eq(col(K::LeadId)))
        .and_where(other(K::UserId).eq(col(K::UserId)))
        .cond_where(met(task, EARLIER))
        .cond_where(before)
        .take();
    let rows = Scoped::<Clocks>::read(&task.access)
        .filter(met(task, Clocks::NAME))
        .filter(col(K::Id).gt(after))
        .filter(Expr::exists(earlier).not());
    let rows = rows.shape(|q| {
        q.columns([K::Id, K::UserId, K::MetAt].map(|c| (Clocks::NAME, c)));
        q.order_by((Clocks::NAME, K::Id), Order::Asc).limit(PAGE);
    });
    rows.rows().await?.iter().map(happened).collect()
}

/// Clocks of this name for offers that were accepted, met in the period.
fn met(task: &Task, table: &'static str) -> Condition {
    let (start, end) = task.body.days();
    let col = |c: K| Expr::col((table, c));
    let accepted = Scoped::<Handoffs>::read(&task.access)
        .filter(Expr::col((Handoffs::NAME, H::State)).eq(State::Accepted))
        .shape(|q| _ = q.column((Handoffs::NAME, H::Id)));
    Condition::all()
        .add(col(K::Kind).eq(Kind::Accept))
        .add(col(K::Status).eq(Status::Met))
        .add(col(K::MetAt).gte(task.home.begins(start)))
        .add(col(K::MetAt).lt(task.home.begins(end)))
        .add(col(K::HandoffId).in_subquery(accepted.into_query()))
}

/// Offers that sales accepted in the period, overturned rejections too, by who made them.
async fn accepted(task: &Task, after: Uuid) -> Result<Vec<Happened>> {
    let (start, end) = task.body.days();
    let col = |c: H| Expr::col((Handoffs::NAME, c));
    let taken = Condition::any()
        .add(col(H::State).eq(State::Accepted))
        .add(col(H::State).eq(State::Rejected).and(col(H::Overturned).eq(true)));
    let rows = Scoped::<Handoffs>::read(&task.access)
        .filter(taken)
        .filter(col(H::DecidedAt).gte(task.home.begins(start)))
        .filter(col(H::DecidedAt).lt(task.home.begins(end)))
        .filter(col(H::Id).gt(after))
        .shape(|q| {
            q.columns([H::Id, H::CreatedBy, H::DecidedAt].map(|c| (Handoffs::NAME, c)));
            q.order_by((Handoffs::NAME, H::Id), Order::Asc).limit(PAGE);
        });
    rows.rows().await?.iter().map(happened).collect()
}
