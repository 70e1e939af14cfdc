//! Clocks of offers: they start when a lead is offered, and its answer ends them, in the same commit.

use std::collections::HashMap;

use entity::{
    activity,
    handoff::{self, State},
    id::{HandoffId, LeadId, RowId},
    lead,
    sla_clock::{Column as C, Entity as Clocks, Kind, Priority, Status},
};
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, Condition, ExprTrait};
use uuid::Uuid;

use super::{
    clockwork::Said,
    hear::{self, Answers, unique},
    policy::{KEY, SlaBody},
    steps::{self, Begin, Wanted},
};
use crate::{
    actor::Permission,
    alignment::agreement::active_in,
    error::Result,
    store::{Guarded, News, Op, Scoped, Tx, within_ids},
};

pub(super) fn hear(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let telling = |n: &&News| n.op == Op::Created || n.changed.iter().any(|c| c == "state");
        let ids = unique(news.iter().filter(telling).map(|n| n.id));
        if ids.is_empty() {
            return Ok(());
        }
        let rows = tx.read(Scoped::<handoff::Entity>::read(tx.access()).ids(&ids)).await?;
        let answered = |row: &&handoff::Model| matches!(row.state, State::Accepted | State::Rejected);
        let answers: Vec<_> =
            rows.iter().filter(answered).filter_map(|row| Some((row.lead_id, row.decided_at?))).collect();
        let met = steps::meet(tx, Kind::Accept, &answers).await?;
        let taken = rows.iter().filter(|row| row.state == State::Accepted);
        let priorities = met.into_iter().map(|clock| (clock.lead_id, clock.priority)).collect();
        // the right to answer an offer does not reach a lead that is answered
        let former = tx.under(Permission::LeadUpdate)?;
        taken_up(tx, taken.collect(), priorities).await?;
        tx.under(former)?;
        over(tx, &rows).await?;
        let waits = rows.iter().filter(|row| row.state == State::Pending);
        let begins = waits.flat_map(|row| [Kind::Accept, Kind::FirstResponse].map(|kind| offered(row, kind)));
        let begins: Vec<Begin> = begins.collect();
        if begins.is_empty() { Ok(()) } else { steps::start(tx, &begins).await }
    })
}

fn offered(offer: &handoff::Model, kind: Kind) -> Begin {
    Begin {
        kind,
        handoff: Some(offer.id),
        lead: offer.lead_id,
        user: offer.offered_user_id,
        priority: None,
        at: offer.offered_at,
    }
}

/// Clocks of offers that nobody answered end with them, whatever the next offer promises.
async fn over(tx: &mut Tx, rows: &[handoff::Model]) -> Result<()> {
    let over = rows.iter().filter(|row| matches!(row.state, State::Expired | State::Withdrawn));
    let (leads, offers): (Vec<LeadId>, Vec<HandoffId>) = over.map(|row| (row.lead_id, row.id)).unzip();
    if leads.is_empty() {
        return Ok(());
    }
    let running = Condition::all().add(C::Status.is_in([Status::Pending, Status::Paused]));
    let clocks = steps::locked(tx, &leads, running.add(C::HandoffId.is_in(offers))).await?;
    steps::end(tx, clocks).await
}

/// Whoever took a lead is to respond: where no clock runs for that yet, because the agreement counts from acceptance or
/// promised nothing when the lead was offered, it starts, with the priority that the lead had then. Whoever called
/// before they accepted has responded.
async fn taken_up(tx: &mut Tx, taken: Vec<&handoff::Model>, priorities: HashMap<LeadId, Priority>) -> Result<()> {
    if taken.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = taken.iter().map(|row| row.lead_id.uuid()).collect();
    let leads = within_ids((lead::Entity::NAME, "id"), &ids, tx.access().store().backend());
    let leads = tx.lock_where::<lead::Entity>(leads).await?;
    begin(tx, &taken, &leads, &priorities).await?;
    let answers = called(tx, &taken, &leads).await?;
    if answers.is_empty() {
        return Ok(());
    }
    let firsts = answers.iter().filter_map(|(lead, said)| Some((*lead, *said.first()?))).collect();
    steps::met_by(tx, Kind::FirstResponse, firsts).await?;
    // they are working since they accepted
    let since = |lead: &lead::Model| {
        answers.contains_key(&lead.id).then_some((lead.id, vec![Said::seen(lead.status_changed_at)]))
    };
    let since = leads.iter().filter_map(since).collect();
    hear::begin_work(tx, &since, leads).await
}

async fn begin(
    tx: &mut Tx,
    taken: &[&handoff::Model],
    leads: &[lead::Model],
    priorities: &HashMap<LeadId, Priority>,
) -> Result<()> {
    let Some(active) = active_in::<SlaBody>(tx, KEY).await? else { return Ok(()) };
    let theirs = C::HandoffId.is_in(taken.iter().map(|row| row.id)).and(C::Kind.eq(Kind::FirstResponse));
    let known = tx.read(Scoped::<Clocks>::read(tx.access()).filter(Condition::all().add(theirs))).await?;
    let owner = |id| leads.iter().find(|lead| lead.id == id).and_then(|lead| lead.owner_id);
    let wanted = taken.iter().filter(|row| !known.iter().any(|clock| clock.handoff_id == Some(row.id)));
    let wanted = wanted.filter_map(|row| {
        let (user, priority) = (owner(row.lead_id), priorities.get(&row.lead_id).copied());
        let at = row.decided_at?;
        let begin = Begin { user, priority, at, ..offered(row, Kind::FirstResponse) };
        Some(Wanted { begin, number: 1, at })
    });
    let wanted: Vec<Wanted> = wanted.collect();
    if wanted.is_empty() { Ok(()) } else { steps::run(tx, &active, &wanted).await }
}

/// A lead that was deleted before anybody answered it waits anew when it is restored: by what is agreed now, and from now on.
pub(super) async fn restored(tx: &mut Tx, ids: &[Uuid]) -> Result<()> {
    let leads = tx.read(Scoped::<lead::Entity>::read(tx.access()).ids(ids)).await?;
    let waiting: Vec<&lead::Model> = leads.iter().filter(|lead| lead.status == lead::Status::Accepted).collect();
    let Some(active) = active_in::<SlaBody>(tx, KEY).await?.filter(|_| !waiting.is_empty()) else { return Ok(()) };
    let of: Vec<Uuid> = waiting.iter().map(|lead| lead.id.uuid()).collect();
    let taken = within_ids((handoff::Entity::NAME, "lead_id"), &of, tx.access().store().backend())
        .add(handoff::Column::State.eq(State::Accepted));
    let taken = tx.read(Scoped::<handoff::Entity>::read(tx.access()).filter(taken)).await?;
    let now = tx.access().now();
    let wanted = waiting.iter().filter_map(|lead| {
        let offer = taken.iter().filter(|offer| offer.lead_id == lead.id).max_by_key(|offer| offer.decided_at)?;
        let begin = Begin { user: lead.owner_id, at: now, ..offered(offer, Kind::FirstResponse) };
        Some(Wanted { begin, number: 1, at: now })
    });
    let wanted: Vec<Wanted> = wanted.collect();
    steps::run(tx, &active, &wanted).await
}

/// What those who took leads had said to them since the offer. One statement.
async fn called(tx: &Tx, taken: &[&handoff::Model], leads: &[lead::Model]) -> Result<Answers> {
    let ids: Vec<Uuid> = leads.iter().map(|lead| lead.id.uuid()).collect();
    let theirs = within_ids((activity::Entity::NAME, "lead_id"), &ids, tx.access().store().backend());
    let Some(since) = taken.iter().map(|row| row.offered_at).min() else { return Ok(Answers::new()) };
    let theirs = theirs.add(activity::Column::HappenedAt.gte(since));
    let rows = tx.read(Scoped::<activity::Entity>::read(tx.access()).filter(theirs)).await?;
    let mut answers = Answers::new();
    for row in rows.iter().filter(|row| hear::is_answer(row)) {
        let lead = leads.iter().find(|lead| Some(lead.id) == row.lead_id && lead.owner_id == row.owner_id);
        let offer = lead.and_then(|lead| taken.iter().find(|offer| offer.lead_id == lead.id));
        if let (Some(lead), Some(offer), Some(at)) = (lead, offer, row.happened_at)
            && row.owner_id.is_some()
            && at >= offer.offered_at
        {
            // whoever changed it last may have changed when it happened
            answers.entry(lead.id).or_default().push(Said { at, logged: row.updated_at, by: row.owner_id });
        }
    }
    for times in answers.values_mut() {
        times.sort_by_key(|said| said.at);
    }
    Ok(answers)
}
