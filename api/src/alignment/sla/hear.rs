//! What clocks hear of in the commit that does it: answers to leads, leads that leave the way or change hands.
//!
//! An answer is a CALL, MAIL or MEETING that went out to the lead and has taken place. It counts when a person logged it;
//! one that a program logged (an API key, a system, an autoreply among them) counts only if it names somebody else than
//! the key's own user as the one who did it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{
    activity::{self, Direction, Kind as ActivityKind},
    id::{LeadId, RowId, UserId},
    lead,
    sla_clock::{Column as C, Kind, Model, Status},
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel};
use uuid::Uuid;

use super::{
    offers,
    policy::{KEY, SlaBody},
    steps::{self, Wanted, again, answer, end, locked, waiting},
};
use crate::{
    actor::{Actor, Via},
    alignment::agreement::active_in,
    error::Result,
    graph::{Patch, record::save_all},
    store::{Guarded, Listener, News, Op, Scoped, Tx, within_ids},
};

pub fn listeners() -> Vec<Listener> {
    // offers come before their leads: an answer ends the clock that the lead's next state would void
    vec![
        Listener { table: "handoff", hear: offers::hear },
        Listener { table: "activity", hear: activities },
        Listener { table: "lead", hear: leads },
    ]
}

/// What somebody did with each lead, in the order of time.
type Answers = HashMap<LeadId, Vec<DateTime<Utc>>>;

fn activities(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let telling = |n: &&News| n.op == Op::Created || n.changed.iter().any(|c| TELLING.contains(&c.as_str()));
        let ids = unique(news.iter().filter(|n| n.op != Op::Deleted).filter(telling).map(|n| n.id));
        if ids.is_empty() {
            return Ok(());
        }
        let rows = tx.read(Scoped::<activity::Entity>::read(tx.access()).ids(&ids)).await?;
        let (actor, now) = (tx.access().actor(), tx.access().now());
        let mut answers = Answers::new();
        for row in rows.iter().filter(|row| is_answer(row) && by_person(actor, row.owner_id)) {
            if let (Some(lead), Some(at)) = (row.lead_id, row.happened_at) {
                answers.entry(lead).or_default().push(at.min(now));
            }
        }
        if answers.is_empty() {
            return Ok(());
        }
        for times in answers.values_mut() {
            times.sort_unstable();
        }
        // leads before their clocks, like all who lock both
        let ids: Vec<Uuid> = answers.keys().map(|id| id.uuid()).collect();
        let called = within_ids((lead::Entity::NAME, "id"), &ids, tx.access().store().backend());
        let called = tx.lock_where::<lead::Entity>(called).await?;
        answered(tx, &answers).await?;
        begin_work(tx, &answers, called).await
    })
}

/// Columns whose change may make an answer of an activity.
const TELLING: [&str; 4] = ["happened_at", "lead_id", "direction", "owner_id"];

pub(super) fn unique(ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn is_answer(row: &activity::Model) -> bool {
    let kind = matches!(row.kind, ActivityKind::Call | ActivityKind::Mail | ActivityKind::Meeting);
    kind && row.direction == Some(Direction::Outbound)
}

fn by_person(actor: &Actor, owner: Option<UserId>) -> bool {
    match actor.via {
        Via::Session(_) => true,
        Via::ApiKey(_) | Via::System => owner.is_some() && owner != actor.user,
    }
}

/// Ends the clocks that wait for an answer, each with the first since it was started, and starts the next ones.
async fn answered(tx: &mut Tx, answers: &Answers) -> Result<()> {
    let leads: Vec<LeadId> = answers.keys().copied().collect();
    let kinds = C::Kind.is_in([Kind::FirstResponse, Kind::FollowUp]);
    let clocks = locked(tx, &leads, waiting().add(kinds)).await?;
    let first = |clock: Model| {
        let at = answers[&clock.lead_id].iter().copied().find(|at| *at >= clock.started_at)?;
        Some((clock, at))
    };
    let ended = answer(tx, clocks.into_iter().filter_map(first).collect()).await?;
    let follow: Vec<Wanted> = ended.iter().filter_map(follow_up).collect();
    if follow.is_empty() {
        return Ok(());
    }
    match active_in::<SlaBody>(tx, KEY).await? {
        Some(active) => steps::run(tx, &active, &follow).await,
        None => Ok(()),
    }
}

/// The clock that follows one that was answered.
fn follow_up(clock: &Model) -> Option<Wanted> {
    let at = clock.met_at?;
    let number = if clock.kind == Kind::FollowUp { clock.number + 1 } else { 1 };
    Some(Wanted { begin: steps::Begin { kind: Kind::FollowUp, ..again(clock, at) }, number, at })
}

/// Accepted leads that were answered are being worked.
async fn begin_work(tx: &mut Tx, answers: &Answers, called: Vec<lead::Model>) -> Result<()> {
    let since = |row: &lead::Model| answers[&row.id].iter().any(|at| *at >= row.status_changed_at);
    let rows: Vec<_> = called.into_iter().filter(|row| row.status == lead::Status::Accepted).filter(since).collect();
    if !rows.is_empty() {
        let moved = |row| (row, Patch::default().with("status", lead::Status::Working));
        save_all::<lead::Entity>(tx, rows.into_iter().map(moved).collect()).await?;
    }
    Ok(())
}

/// Where clocks may run.
pub(super) const ON_THE_WAY: [lead::Status; 3] = [lead::Status::Offered, lead::Status::Accepted, lead::Status::Working];

fn leads(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let telling = |n: &&News| n.op == Op::Deleted || n.changed.iter().any(|c| c == "status" || c == "owner_id");
        let ids = unique(news.iter().filter(|n| n.op != Op::Created).filter(telling).map(|n| n.id));
        if ids.is_empty() {
            return Ok(());
        }
        let of: Vec<LeadId> = ids.iter().map(|id| LeadId::from_uuid(*id)).collect();
        let clocks = locked(tx, &of, waiting()).await?;
        if clocks.is_empty() {
            return Ok(());
        }
        let rows = tx.read(Scoped::<lead::Entity>::read(tx.access()).ids(&ids)).await?;
        let rows: HashMap<LeadId, lead::Model> = rows.into_iter().map(|row| (row.id, row)).collect();
        for clock in clocks {
            follow(tx, rows.get(&clock.lead_id), clock).await?;
        }
        Ok(())
    })
}

/// A clock ends with its lead's way, and goes with it into other hands. One that has run out stays with whom it ran out
/// on: the next gets a clock of their own.
async fn follow(tx: &mut Tx, lead: Option<&lead::Model>, clock: Model) -> Result<()> {
    let late = clock.status == Status::Breached;
    match lead.filter(|lead| ON_THE_WAY.contains(&lead.status)) {
        None if !late => end(tx, clock).await,
        Some(lead) if lead.owner_id.is_some() && lead.owner_id != clock.user_id => {
            if late {
                let begin = steps::Begin { user: lead.owner_id, ..again(&clock, tx.access().now()) };
                return restart(tx, begin, clock.number).await;
            }
            let mut row = clock.into_active_model();
            row.user_id = Set(lead.owner_id);
            tx.update::<entity::sla_clock::Entity>(row).await?;
            Ok(())
        }
        _ => Ok(()),
    }
}

/// By what is agreed now, whatever it counts from.
async fn restart(tx: &mut Tx, begin: steps::Begin, number: i32) -> Result<()> {
    let Some(active) = active_in::<SlaBody>(tx, KEY).await? else { return Ok(()) };
    steps::run(tx, &active, &[Wanted { begin, number, at: begin.at }]).await
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use entity::id::{ApiKeyId, OrganizationId, SessionId};

    use super::*;
    use crate::actor::Rights;

    fn actor(via: Via, user: Option<u128>) -> Actor {
        let user = user.map(|n| UserId::from_uuid(Uuid::from_u128(n)));
        Actor { organization: OrganizationId::from_uuid(Uuid::nil()), user, via, rights: Arc::new(Rights::default()) }
    }

    #[test]
    fn a_program_answers_only_in_the_name_of_somebody_else() {
        let person = |n: u128| Some(UserId::from_uuid(Uuid::from_u128(n)));
        let session = actor(Via::Session(SessionId::from_uuid(Uuid::nil())), Some(1));
        assert!(by_person(&session, person(1)) && by_person(&session, None));
        let key = actor(Via::ApiKey(ApiKeyId::from_uuid(Uuid::nil())), Some(1));
        assert!(!by_person(&key, person(1)) && !by_person(&key, None) && by_person(&key, person(2)));
        let system = actor(Via::System, None);
        assert!(!by_person(&system, None) && by_person(&system, person(2)));
    }
}
