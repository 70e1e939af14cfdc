//! What clocks hear of in the commit that does it: answers to leads, leads that leave the way or change hands.
//!
//! An answer is a CALL, MAIL or MEETING that went out to the lead and has taken place. It counts when a person logged it;
//! one that a program logged (an API key, a system, an autoreply among them) counts only if it names somebody else than
//! the key's own user as the one who did it. What marketing's people send is no answer of sales (`access::side`).

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use entity::{
    activity::{self, Direction, Kind as ActivityKind},
    id::{LeadId, RowId, UserId},
    lead,
    sla_clock::{Column as C, Entity as Clocks, Kind, Model, Status},
};
use futures_util::future::BoxFuture;
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{
    clockwork::Said,
    evidence, offers,
    policy::{KEY, SlaBody},
    steps::{self, Wanted, again, answer, end, locked, waiting},
};
use crate::{
    access::side,
    actor::{Actor, Via},
    alignment::agreement::active_in,
    crm::all_rows,
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
pub(super) type Answers = HashMap<LeadId, Vec<Said>>;

fn activities(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        evidence::keep(tx, &news).await?;
        let telling = |n: &&News| n.op == Op::Created || n.changed.iter().any(|c| TELLING.contains(&c.as_str()));
        // what was said to another lead before is no answer to this one
        let moved = |n: &&News| n.before.get("lead_id").is_some_and(|lead| !lead.is_null());
        let ids = unique(news.iter().filter(|n| n.op != Op::Deleted && !moved(n)).filter(telling).map(|n| n.id));
        if ids.is_empty() {
            return Ok(());
        }
        let rows = tx.read(Scoped::<activity::Entity>::read(tx.access()).ids(&ids)).await?;
        let owners = rows.iter().filter(|row| is_answer(row)).filter_map(|row| row.owner_id);
        let marketing = side::of_marketing(tx, &all_rows(tx), owners).await?;
        let (actor, now) = (tx.access().actor(), tx.access().now());
        let theirs = |row: &&activity::Model| row.owner_id.is_none_or(|owner| !marketing.contains(&owner));
        let mut answers = Answers::new();
        for row in rows.iter().filter(|row| is_answer(row) && by_person(actor, row.owner_id)).filter(theirs) {
            if let (Some(lead), Some(at)) = (row.lead_id, row.happened_at) {
                answers.entry(lead).or_default().push(Said { at: at.min(now), logged: now, by: actor.user });
            }
        }
        if answers.is_empty() {
            return Ok(());
        }
        for times in answers.values_mut() {
            times.sort_by_key(|said| said.at);
        }
        // leads before their clocks, like all who lock both
        let ids: Vec<Uuid> = answers.keys().map(|id| id.uuid()).collect();
        let called = within_ids((lead::Entity::NAME, "id"), &ids, tx.access().store().backend());
        let called = tx.lock_where::<lead::Entity>(called).await?;
        answered(tx, &answers, &called).await?;
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

pub(super) fn is_answer(row: &activity::Model) -> bool {
    let kind = matches!(row.kind, ActivityKind::Call | ActivityKind::Mail | ActivityKind::Meeting);
    kind && row.direction == Some(Direction::Outbound)
}

fn by_person(actor: &Actor, owner: Option<UserId>) -> bool {
    match actor.via {
        Via::Session(_) => true,
        Via::ApiKey(_) | Via::System => owner.is_some() && owner != actor.user,
    }
}

/// Answers that come at once may end a clock and the one that follows it; an agreement has at most 20 follow-ups.
const MOST_AT_ONCE: usize = 21;

/// Ends the clocks that wait for an answer, each with the first since it was started, and starts the next ones.
async fn answered(tx: &mut Tx, answers: &Answers, called: &[lead::Model]) -> Result<()> {
    let leads: Vec<LeadId> = answers.keys().copied().collect();
    let kinds = C::Kind.is_in([Kind::FirstResponse, Kind::FollowUp]);
    let on_the_way = |id| called.iter().any(|lead| lead.id == id && ON_THE_WAY.contains(&lead.status));
    for _ in 0..MOST_AT_ONCE {
        let clocks = locked(tx, &leads, waiting().add(kinds.clone())).await?;
        let ended = answer(tx, clocks.into_iter().filter_map(|clock| first(answers, clock)).collect()).await?;
        // one for each lead, after the clock that was started last
        let mut last: BTreeMap<LeadId, &Model> = BTreeMap::new();
        for clock in ended.iter().filter(|clock| on_the_way(clock.lead_id)) {
            let known = last.entry(clock.lead_id).or_insert(clock);
            if known.id < clock.id {
                *known = clock;
            }
        }
        let follow: Vec<Wanted> = last.into_values().filter_map(follow_up).collect();
        if follow.is_empty() {
            break;
        }
        let Some(active) = active_in::<SlaBody>(tx, KEY).await? else { break };
        steps::run(tx, &active, &follow).await?;
    }
    Ok(())
}

/// The first answer since a clock was started; what started a follow-up does not end it.
fn first(answers: &Answers, clock: Model) -> Option<(Model, Said)> {
    let since = clock.started_at;
    let counts = |said: &Said| if clock.kind == Kind::FollowUp { said.at > since } else { said.at >= since };
    let said = answers[&clock.lead_id].iter().copied().find(counts)?;
    Some((clock, said))
}

/// The clock that follows one that was answered.
fn follow_up(clock: &Model) -> Option<Wanted> {
    let at = clock.met_at?;
    let number = if clock.kind == Kind::FollowUp { clock.number + 1 } else { 1 };
    Some(Wanted { begin: steps::Begin { kind: Kind::FollowUp, ..again(clock, at) }, number, at })
}

/// Accepted leads that were answered are being worked.
pub(super) async fn begin_work(tx: &mut Tx, answers: &Answers, called: Vec<lead::Model>) -> Result<()> {
    let since = |row: &lead::Model| answers[&row.id].iter().any(|said| said.at >= row.status_changed_at);
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
        let back = unique(news.iter().filter(|n| n.op == Op::Restored).map(|n| n.id));
        if !back.is_empty() {
            offers::restored(tx, &back).await?;
        }
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
        let mut after = After::default();
        for clock in clocks {
            after.sort(rows.get(&clock.lead_id), clock, tx.access().now());
        }
        after.write(tx).await
    })
}

/// What becomes of clocks whose leads moved: a few statements for each new owner, however many leads.
#[derive(Default)]
struct After {
    ended: Vec<Model>,
    given: BTreeMap<Option<UserId>, Vec<Model>>,
    /// Clocks of their own, for those who got a lead whose clock had run out before.
    fresh: Vec<Wanted>,
}

impl After {
    /// A clock ends with its lead's way, and goes with it into other hands. One that has run out stays with whom it ran
    /// out on: the next gets a clock of their own. While a lead is offered, its offer says who is to act.
    fn sort(&mut self, lead: Option<&lead::Model>, clock: Model, now: DateTime<Utc>) {
        let breached = clock.status == Status::Breached;
        let Some(lead) = lead.filter(|lead| ON_THE_WAY.contains(&lead.status)) else {
            self.ended.extend((!breached).then_some(clock));
            return;
        };
        if lead.status == lead::Status::Offered || lead.owner_id == clock.user_id {
            return;
        }
        let run_out = clock.status == Status::Pending && now > clock.late_after;
        if !breached && !run_out {
            self.given.entry(lead.owner_id).or_default().push(clock);
            return;
        }
        if lead.owner_id.is_some() {
            let begin = steps::Begin { user: lead.owner_id, ..again(&clock, now) };
            self.fresh.push(Wanted { begin, number: clock.number, at: begin.at });
        }
        // nobody has looked yet: it is late now
        self.ended.extend(run_out.then_some(clock));
    }

    async fn write(self, tx: &mut Tx) -> Result<()> {
        end(tx, self.ended).await?;
        for (owner, clocks) in self.given {
            let owner = owner.map(RowId::uuid);
            tx.set_all::<Clocks>(&clocks, &[("user_id", owner.into())], Op::Updated).await?;
        }
        if self.fresh.is_empty() {
            return Ok(());
        }
        // by what is agreed now, whatever they count from
        match active_in::<SlaBody>(tx, KEY).await? {
            Some(active) => steps::run(tx, &active, &self.fresh).await,
            None => Ok(()),
        }
    }
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
