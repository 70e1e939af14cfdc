//! Steps that handoffs take inside of their work: clocks start, stop and end with them, in the same commit. They act with
//! every right, in the actor's name: who may accept a lead need not be allowed to stop clocks.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::{
    agreement_version,
    id::{HandoffId, LeadId, RowId, SlaClockId, UserId},
    lead, lead_status_change as moves,
    sla_clock::{ActiveModel, Column as C, Entity, Kind, Model, Priority, Status},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, IntoActiveModel};
use uuid::Uuid;

use super::{
    clockwork::{self, Pauses, due},
    hours::Hours,
    life,
    policy::{ClockStart, KEY, SlaBody},
    priority, watch,
};
use crate::{
    alignment::agreement::{Active, active_in, body::decode},
    crm::all_rows,
    error::{Error, Result},
    graph::record::Record,
    store::{Guarded, Scoped, Tx, within_ids},
};

/// A clock to start.
#[derive(Clone, Copy, Debug)]
pub struct Begin {
    pub kind: Kind,
    pub handoff: Option<HandoffId>,
    pub lead: LeadId,
    /// Who is to act.
    pub user: Option<UserId>,
    /// By the agreement's rules unless given.
    pub priority: Option<Priority>,
    /// When the lead was offered.
    pub at: DateTime<Utc>,
}

/// Starts clocks for what the agreement in force promises, and none for what it does not. One that runs for the same
/// lead and kind is void then. A first response that counts from acceptance is started by `meet` of ACCEPT.
pub async fn start(tx: &mut Tx, begins: &[Begin]) -> Result<()> {
    let begins = begins.to_vec();
    tx.as_deputy(move |tx| {
        Box::pin(async move {
            let Some(active) = active_in::<SlaBody>(tx, KEY).await? else { return Ok(()) };
            let mut wanted: Vec<Wanted> =
                begins.into_iter().map(|begin| Wanted { begin, number: 1, at: begin.at }).collect();
            match active.body.starts() {
                ClockStart::Offered => {}
                ClockStart::Accepted => wanted.retain(|w| w.begin.kind != Kind::FirstResponse),
                ClockStart::Qualified => since_qualified(tx, &mut wanted).await?,
            }
            run(tx, &active, &wanted).await
        })
    })
    .await
}

/// The first response counts from when the lead last came to MQL before it was offered. One statement.
async fn since_qualified(tx: &Tx, wanted: &mut [Wanted]) -> Result<()> {
    let ids: Vec<Uuid> = wanted.iter().map(|w| w.begin.lead.uuid()).collect();
    let came = moves::Column::ToStatus.eq(lead::Status::Mql);
    let theirs = within_ids((moves::Entity::NAME, "lead_id"), &ids, tx.access().store().backend());
    let rows = tx.read(Scoped::<moves::Entity>::read(&all_rows(tx)).filter(theirs.add(came))).await?;
    for w in wanted.iter_mut().filter(|w| w.begin.kind == Kind::FirstResponse) {
        let before = rows.iter().filter(|row| row.lead_id == w.begin.lead && row.at <= w.begin.at);
        w.at = before.map(|row| row.at).max().unwrap_or(w.begin.at);
    }
    Ok(())
}

/// A clock to start at an instant that is decided.
pub(super) struct Wanted {
    pub begin: Begin,
    pub number: i32,
    pub at: DateTime<Utc>,
}

pub(super) async fn run(tx: &mut Tx, active: &Active<SlaBody>, wanted: &[Wanted]) -> Result<()> {
    let decided = priority::decided(tx, &active.body, wanted).await?;
    let mut promised: Vec<(&Wanted, Priority, i64)> = Vec::new();
    for w in wanted {
        let priority = w.begin.priority.or_else(|| decided.get(&w.begin.lead).copied()).unwrap_or(Priority::Normal);
        promised.extend(active.body.target(w.begin.kind, w.number, priority).map(|target| (w, priority, target)));
    }
    if promised.is_empty() {
        return Ok(());
    }
    let leads: Vec<LeadId> = promised.iter().map(|(w, ..)| w.begin.lead).collect();
    let kinds: HashSet<Kind> = promised.iter().map(|(w, ..)| w.begin.kind).collect();
    let running = Condition::all().add(C::Kind.is_in(kinds)).add(C::Status.is_in([Status::Pending, Status::Paused]));
    for clock in locked(tx, &leads, running).await? {
        end(tx, clock).await?;
    }
    let users: Vec<UserId> = promised.iter().filter_map(|(w, ..)| w.begin.user).collect();
    let hours = Hours::of(tx, active.body.calendar(), &users).await?;
    let mut rows = Vec::with_capacity(promised.len());
    for (w, priority, target) in promised {
        rows.push(fresh(w, priority, target, &hours, active)?);
    }
    let clocks = tx.insert_many::<Entity>(rows).await?;
    watch::put_down(tx, &clocks, &active.body, &hours).await
}

fn fresh(w: &Wanted, priority: Priority, target: i64, hours: &Hours, active: &Active<SlaBody>) -> Result<ActiveModel> {
    let calendar = hours.choose(w.begin.user);
    let (due_at, late_after) = due(hours.calendar(calendar), w.at, target, chrono::Duration::zero())?;
    Ok(ActiveModel {
        handoff_id: Set(w.begin.handoff),
        lead_id: Set(w.begin.lead),
        kind: Set(w.begin.kind),
        number: Set(w.number),
        user_id: Set(w.begin.user),
        priority: Set(priority),
        status: Set(Status::Pending),
        started_at: Set(w.at),
        target_seconds: Set(target),
        due_at: Set(due_at),
        late_after: Set(late_after),
        calendar_id: Set(calendar),
        running_since: Set(w.at),
        spent_micros: Set(0),
        round: Set(0),
        pauses: Set(serde_json::to_value(Pauses::default()).map_err(Error::internal)?),
        escalations: Set(0),
        agreement_version_id: Set(active.version),
        ..Default::default()
    })
}

/// What the lead's clock of this kind waited for has come. Of ACCEPT: any decision is one; where the agreement counts
/// the first response from acceptance, its clock starts. Nothing happens when no such clock waits.
pub async fn meet(tx: &mut Tx, lead: LeadId, kind: Kind, at: DateTime<Utc>) -> Result<()> {
    tx.as_deputy(move |tx| {
        Box::pin(async move {
            let clocks = locked(tx, &[lead], waiting().add(C::Kind.eq(kind))).await?;
            let answered = answer(tx, clocks.into_iter().map(|clock| (clock, at)).collect()).await?;
            let Some(clock) = answered.first().filter(|_| kind == Kind::Accept) else { return Ok(()) };
            let Some(active) = active_in::<SlaBody>(tx, KEY).await? else { return Ok(()) };
            if active.body.starts() != ClockStart::Accepted {
                return Ok(());
            }
            let begin = Begin { kind: Kind::FirstResponse, ..again(clock, at) };
            run(tx, &active, &[Wanted { begin, number: 1, at }]).await
        })
    })
    .await
}

/// The same handoff's next clock.
pub(super) fn again(clock: &Model, at: DateTime<Utc>) -> Begin {
    Begin {
        kind: clock.kind,
        handoff: clock.handoff_id,
        lead: clock.lead_id,
        user: clock.user_id,
        priority: Some(clock.priority),
        at,
    }
}

/// Clocks that somebody still has to answer.
pub(super) fn waiting() -> Condition {
    let late = Condition::all().add(C::Status.eq(Status::Breached)).add(C::MetAt.is_null());
    let open = Condition::any().add(C::Status.is_in([Status::Pending, Status::Paused])).add(late);
    Condition::all().add(open)
}

/// Ends clocks with their answers; those that stand still go on first.
pub(super) async fn answer(tx: &mut Tx, answers: Vec<(Model, DateTime<Utc>)>) -> Result<Vec<Model>> {
    if answers.is_empty() {
        return Ok(vec![]);
    }
    let hours = Hours::kept(tx, answers.iter().map(|(clock, _)| clock.calendar_id)).await?;
    let mut ended = Vec::with_capacity(answers.len());
    for (clock, at) in answers {
        let calendar = hours.calendar(clock.calendar_id);
        let clock = if clock.status == Status::Paused {
            write(tx, &clock, clockwork::resume(&clock, calendar, at)?).await?
        } else {
            clock
        };
        let after = write(tx, &clock, clockwork::answer(&clock, calendar, at)).await?;
        if after.status == clock.status {
            tx.emit("sla.answered");
        }
        ended.push(after);
    }
    Ok(ended)
}

/// Writes a clock and names its event.
pub(super) async fn write(tx: &mut Tx, before: &Model, row: ActiveModel) -> Result<Model> {
    let after = tx.update::<Entity>(row).await?;
    if let Some(kind) = Entity::event(before, &after) {
        tx.emit(kind);
    }
    Ok(after)
}

/// The lead's clock of this kind does not count any more; one that has run out stays as it is.
pub async fn void(tx: &mut Tx, lead: LeadId, kind: Kind) -> Result<()> {
    tx.as_deputy(move |tx| {
        Box::pin(async move {
            let running = C::Status.is_in([Status::Pending, Status::Paused]);
            for clock in locked(tx, &[lead], Condition::all().add(running).add(C::Kind.eq(kind))).await? {
                end(tx, clock).await?;
            }
            Ok(())
        })
    })
    .await
}

/// A clock that stands still must go on before it can be void.
pub(super) async fn end(tx: &mut Tx, clock: Model) -> Result<()> {
    let mut clock = clock;
    if clock.status == Status::Paused {
        let hours = Hours::kept(tx, std::iter::once(clock.calendar_id)).await?;
        let now = tx.access().now();
        clock = write(tx, &clock, clockwork::resume(&clock, hours.calendar(clock.calendar_id), now)?).await?;
    }
    life::ensure(clock.status, Status::Void)?;
    let row = ActiveModel { status: Set(Status::Void), ..clock.clone().into_active_model() };
    write(tx, &clock, row).await?;
    Ok(())
}

/// Clocks of these leads, locked.
pub(super) async fn locked(tx: &mut Tx, leads: &[LeadId], which: Condition) -> Result<Vec<Model>> {
    let ids: Vec<Uuid> = leads.iter().map(|id| id.uuid()).collect();
    let theirs = within_ids((Entity::NAME, "lead_id"), &ids, tx.access().store().backend());
    tx.lock_where::<Entity>(theirs.add(which)).await
}

/// Somebody else is to answer this lead from now on; what is due stays due.
pub async fn assign(tx: &mut Tx, lead: LeadId, user: UserId) -> Result<()> {
    tx.as_deputy(move |tx| {
        Box::pin(async move {
            for clock in locked(tx, &[lead], waiting()).await? {
                let row = ActiveModel { user_id: Set(Some(user)), ..clock.into_active_model() };
                tx.update::<Entity>(row).await?;
            }
            Ok(())
        })
    })
    .await
}

/// The clock stands still from now on.
pub async fn pause(tx: &mut Tx, clock: SlaClockId) -> Result<Model> {
    tx.as_deputy(move |tx| {
        Box::pin(async move {
            let clock = tx.lock::<Entity>(clock).await?;
            let row = paused(tx, &clock).await?;
            write(tx, &clock, row).await
        })
    })
    .await
}

/// The clock goes on.
pub async fn resume(tx: &mut Tx, clock: SlaClockId) -> Result<Model> {
    tx.as_deputy(move |tx| {
        Box::pin(async move {
            let clock = tx.lock::<Entity>(clock).await?;
            let row = resumed(tx, &clock).await?;
            write(tx, &clock, row).await
        })
    })
    .await
}

pub(super) async fn paused(tx: &Tx, clock: &Model) -> Result<ActiveModel> {
    life::ensure(clock.status, Status::Paused)?;
    let hours = Hours::kept(tx, std::iter::once(clock.calendar_id)).await?;
    Ok(clockwork::pause(clock, hours.calendar(clock.calendar_id), tx.access().now()))
}

/// Also puts down when it must be looked at next.
pub(super) async fn resumed(tx: &mut Tx, clock: &Model) -> Result<ActiveModel> {
    life::ensure(clock.status, Status::Pending)?;
    let hours = Hours::kept(tx, std::iter::once(clock.calendar_id)).await?;
    let row = clockwork::resume(clock, hours.calendar(clock.calendar_id), tx.access().now())?;
    let going = sea_orm::TryIntoModel::try_into_model(row.clone()).map_err(Error::internal)?;
    let version = version_of(tx, clock).await?;
    watch::put_down(tx, std::slice::from_ref(&going), &version, &hours).await?;
    Ok(row)
}

/// What the agreement said when the clock was started.
pub(super) async fn version_of(tx: &Tx, clock: &Model) -> Result<SlaBody> {
    let all = all_rows(tx);
    let found = Scoped::<agreement_version::Entity>::read(&all).ids(&[clock.agreement_version_id.uuid()]);
    let row = tx.read(found).await?.pop().ok_or_else(|| Error::internal(format!("{}: no agreement", clock.id)))?;
    Ok(decode::<SlaBody>(row)?.body)
}
