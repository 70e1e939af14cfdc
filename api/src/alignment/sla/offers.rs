//! Clocks of offers: they start when a lead is offered, and its answer ends them, in the same commit.

use entity::{
    handoff::{self, State},
    id::{LeadId, RowId},
    lead,
    sla_clock::Kind,
};
use futures_util::future::BoxFuture;

use super::{
    hear::unique,
    policy::{ClockStart, KEY, SlaBody},
    steps::{self, Begin, Wanted},
};
use crate::{
    alignment::agreement::active_in,
    error::Result,
    store::{News, Op, Scoped, Tx},
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
        taken_up(tx, taken.collect(), met.into_iter().map(|clock| (clock.lead_id, clock.priority)).collect()).await?;
        let waits = rows.iter().filter(|row| row.state == State::Pending);
        let begins = waits.flat_map(|row| [Kind::Accept, Kind::FirstResponse].map(|kind| begin(row, kind)));
        let begins: Vec<Begin> = begins.collect();
        if begins.is_empty() { Ok(()) } else { steps::start(tx, &begins).await }
    })
}

fn begin(offer: &handoff::Model, kind: Kind) -> Begin {
    Begin {
        kind,
        handoff: Some(offer.id),
        lead: offer.lead_id,
        user: offer.offered_user_id,
        priority: None,
        at: offer.offered_at,
    }
}

/// Where the agreement counts the first response from acceptance, its clock starts, with the priority that the lead had
/// when it was offered.
async fn taken_up(
    tx: &mut Tx,
    taken: Vec<&handoff::Model>,
    priorities: std::collections::HashMap<LeadId, entity::sla_clock::Priority>,
) -> Result<()> {
    if taken.is_empty() {
        return Ok(());
    }
    let Some(active) = active_in::<SlaBody>(tx, KEY).await? else { return Ok(()) };
    if active.body.starts() != ClockStart::Accepted {
        return Ok(());
    }
    let ids: Vec<_> = taken.iter().map(|row| row.lead_id.uuid()).collect();
    let leads = tx.read(Scoped::<lead::Entity>::read(tx.access()).ids(&ids)).await?;
    let owner = |id| leads.iter().find(|lead| lead.id == id).and_then(|lead| lead.owner_id);
    let wanted = taken.into_iter().filter_map(|row| {
        let (user, priority) = (owner(row.lead_id), priorities.get(&row.lead_id).copied());
        let at = row.decided_at?;
        let begin = Begin { user, priority, at, ..begin(row, Kind::FirstResponse) };
        Some(Wanted { begin, number: 1, at })
    });
    let wanted: Vec<Wanted> = wanted.collect();
    steps::run(tx, &active, &wanted).await
}
