//! Looks at a clock when its time comes: at risk, run out, a step of the ladder. Each clock has one job for its next
//! instant, put down in the commit that sets it; a round later the job of the round before does nothing. What a job does
//! it does under the clock's lock and ends itself in the same commit, so that it happens once, on whatever node.

use chrono::{DateTime, Utc};
use entity::{
    handoff,
    id::{LeadId, RowId, SlaClockId},
    lead,
    sla_clock::{ActiveModel, Column as C, Entity, Model},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, IntoActiveModel};
use serde_json::json;

use super::{
    clockwork::{self, Stage},
    hear::ON_THE_WAY,
    hours::Hours,
    notify,
    policy::{EscalationAction, SlaBody},
    steps::{version_of, waiting, write},
};
use crate::{
    actor::Permission,
    error::{Error, Result},
    store::{
        Access, Scoped, Tx,
        jobs::{Job, NewJob},
    },
};

/// The kind of job that looks at a clock.
pub const WATCH: &str = "sla.watch";

/// A step: puts down when these clocks, of one agreement, must be looked at next.
pub(super) async fn put_down(tx: &mut Tx, clocks: &[Model], body: &SlaBody, hours: &Hours) -> Result<()> {
    let mut jobs = Vec::with_capacity(clocks.len());
    for clock in clocks {
        let next = clockwork::next(clock, body, hours.calendar(clock.calendar_id))?;
        jobs.extend(next.map(|(at, _)| look(clock, at)));
    }
    tx.enqueue_many(jobs).await?;
    Ok(())
}

fn look(clock: &Model, at: DateTime<Utc>) -> NewJob {
    NewJob::new(WATCH, json!({ "clock": clock.id.to_string(), "round": clock.round })).at(at)
}

/// The job: does what is due, and puts down what comes after it.
pub async fn watch(access: &Access, job: &Job) -> Result<()> {
    let id: SlaClockId = job.payload["clock"].as_str().unwrap_or_default().parse().map_err(Error::internal)?;
    let mut tx = access.begin(Permission::SlaClockUpdate).await?;
    if let Some(clock) = due(&mut tx, id).await?.filter(|clock| job.payload["round"] == clock.round) {
        pass(&mut tx, clock).await?;
    }
    job.done_in(&tx).await?;
    tx.commit(serde_json::Value::Null).await
}

/// What time has brought until now to the clocks of these leads, or of all, that somebody still has to answer: for when
/// no job has looked at them. Each in a unit of work of its own.
pub async fn catch_up(access: &Access, leads: Option<&[LeadId]>) -> Result<()> {
    let mut which = waiting();
    if let Some(leads) = leads {
        which = which.add(C::LeadId.is_in(leads.iter().map(|id| id.uuid())));
    }
    let mut clocks = Scoped::<Entity>::read(access).filter(which).models().await?;
    clocks.sort_by_key(|clock| clock.id);
    for clock in clocks {
        let mut tx = access.begin(Permission::SlaClockUpdate).await?;
        if let Some(clock) = due(&mut tx, clock.id).await? {
            pass(&mut tx, clock).await?;
        }
        tx.commit(serde_json::Value::Null).await?;
    }
    Ok(())
}

/// The clock, locked after its offer and its lead like by all who lock them; none when nobody waits for it any more.
async fn due(tx: &mut Tx, id: SlaClockId) -> Result<Option<Model>> {
    let waits = waiting().add(C::Id.eq(id));
    let Some(clock) = tx.read(Scoped::<Entity>::read(tx.access()).filter(waits.clone())).await?.pop() else {
        return Ok(None);
    };
    let of_lead = Condition::all().add(lead::Column::Id.eq(clock.lead_id));
    let on_the_way = of_lead.clone().add(lead::Column::Status.is_in(ON_THE_WAY));
    if tx.read(Scoped::<lead::Entity>::read(tx.access()).filter(on_the_way)).await?.is_empty() {
        return Ok(None);
    }
    if let Some(offer) = clock.handoff_id {
        tx.lock_where::<handoff::Entity>(Condition::all().add(handoff::Column::Id.eq(offer))).await?;
    }
    let lead = tx.lock_where::<lead::Entity>(of_lead).await?.pop();
    if !lead.is_some_and(|lead| ON_THE_WAY.contains(&lead.status)) {
        return Ok(None);
    }
    Ok(tx.lock_where::<Entity>(waits).await?.pop())
}

/// What time has brought until now.
async fn pass(tx: &mut Tx, clock: Model) -> Result<()> {
    let body = version_of(tx, &clock).await?;
    let hours = Hours::kept(tx, std::iter::once(clock.calendar_id)).await?;
    let mut clock = clock;
    while let Some((at, stage)) = clockwork::next(&clock, &body, hours.calendar(clock.calendar_id))? {
        if at > tx.access().now() {
            tx.enqueue(look(&clock, at)).await?;
            break;
        }
        let acts = matches!(stage, Stage::Step(place) if action(&clock, &body, place) != EscalationAction::Notify);
        clock = happen(tx, clock, &body, stage).await?;
        if acts {
            // somebody else may have the lead then: what comes next is asked again
            let next = clockwork::next(&clock, &body, hours.calendar(clock.calendar_id))?;
            if let Some((at, _)) = next {
                tx.enqueue(look(&clock, at.max(tx.access().now()))).await?;
            }
            break;
        }
    }
    Ok(())
}

/// What a step of the ladder does. A clock that was late when it was started, as one may be that counts from
/// qualification, is no reason to take the lead from whoever just got it.
fn action(clock: &Model, body: &SlaBody, place: usize) -> EscalationAction {
    let asked = body.ladder[place].action.0;
    let born_late = clock.late_after <= clock.created_at;
    if asked == EscalationAction::Reassign && born_late { EscalationAction::Notify } else { asked }
}

async fn happen(tx: &mut Tx, clock: Model, body: &SlaBody, stage: Stage) -> Result<Model> {
    let row = clock.clone().into_active_model();
    match stage {
        Stage::Risk => {
            let after = tx.update::<Entity>(ActiveModel { at_risk_at: Set(Some(tx.access().now())), ..row }).await?;
            tx.emit("sla.at_risk");
            Ok(after)
        }
        Stage::Breach => write(tx, &clock, clockwork::breach(row, &clock)).await,
        Stage::Step(place) => {
            let after = tx.update::<Entity>(ActiveModel { escalations: Set(clock.escalations + 1), ..row }).await?;
            notify::escalate(tx, &after, body.ladder[place].after_pct, action(&clock, body, place)).await?;
            Ok(after)
        }
    }
}
