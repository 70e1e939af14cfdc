//! Steps that handoffs take inside of their work: clocks start, stop and end with them, in the same commit. They act with
//! every right, in the actor's name: who may accept a lead need not be allowed to stop clocks.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{
    agreement_version, handoff,
    id::{HandoffId, LeadId, RowId, SlaClockId, UserId},
    lead, lead_status_change as moves,
    sla_clock::{ActiveModel, Column as C, Entity, Kind, Model, Priority, Status},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ExprTrait, IntoActiveModel,
    sea_query::{Expr, Query},
};
use uuid::Uuid;

use super::{
    clockwork::{self, Pauses, Said, due},
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
    store::{Guarded, Op, Scoped, Tx, within_ids},
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
/// lead and kind is void then. A first response that counts from acceptance is not started here, but with it.
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
    // an offer that came to nothing makes no MQL
    let first = moves::Column::FromStatus.is_null().or(moves::Column::FromStatus.ne(lead::Status::Offered));
    let came = moves::Column::ToStatus.eq(lead::Status::Mql).and(first);
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
    let again: HashSet<(LeadId, Kind)> = promised.iter().map(|(w, ..)| (w.begin.lead, w.begin.kind)).collect();
    let running = Condition::all().add(C::Status.is_in([Status::Pending, Status::Paused]));
    let mut former = locked(tx, &leads, running).await?;
    former.retain(|clock| again.contains(&(clock.lead_id, clock.kind)));
    end(tx, former).await?;
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

/// What these leads' clocks of a kind waited for has come; gives those that it ended. Nothing happens where none waits.
pub async fn meet(tx: &mut Tx, kind: Kind, met: &[(LeadId, DateTime<Utc>)]) -> Result<Vec<Model>> {
    met_by(tx, kind, met.iter().map(|(lead, at)| (*lead, Said::seen(*at))).collect()).await
}

/// The same with what somebody says of it.
pub(super) async fn met_by(tx: &mut Tx, kind: Kind, met: HashMap<LeadId, Said>) -> Result<Vec<Model>> {
    if met.is_empty() {
        return Ok(vec![]);
    }
    tx.as_deputy(move |tx| {
        Box::pin(async move {
            let leads: Vec<LeadId> = met.keys().copied().collect();
            let clocks = locked(tx, &leads, waiting().add(C::Kind.eq(kind))).await?;
            let theirs = clocks.into_iter().filter_map(|clock| met.get(&clock.lead_id).map(|said| (clock, *said)));
            answer(tx, theirs.collect()).await
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

/// Clocks that somebody still has to answer. One that ran out before the lead was given to somebody else, or offered
/// anew, is theirs no more: only the last of its kind waits, and those of the last offer.
pub(super) fn waiting() -> Condition {
    let late = Condition::all().add(C::Status.eq(Status::Breached)).add(C::MetAt.is_null());
    let open = Condition::any().add(C::Status.is_in([Status::Pending, Status::Paused])).add(late);
    let (own, other) = (|c: &'static str| Expr::col((Entity::NAME, c)), |c: &'static str| Expr::col(("later", c)));
    let another = Condition::any().add(other("kind").eq(own("kind"))).add(other("handoff_id").ne(own("handoff_id")));
    let later = Query::select()
        .expr(Expr::val(1))
        .from_as(Entity::NAME, "later")
        .and_where(other("organization_id").eq(own("organization_id")))
        .and_where(other("lead_id").eq(own("lead_id")))
        .cond_where(another)
        .and_where(other("id").gt(own("id")))
        .take();
    Condition::all().add(open).add(Expr::exists(later).not())
}

/// Clocks that began what they count: not those that somebody got with a lead whose clock had run out on another. So each
/// offer counts once in how long answers took.
pub fn from_the_beginning() -> Condition {
    let (own, other) = (|c: &'static str| Expr::col((Entity::NAME, c)), |c: &'static str| Expr::col(("earlier", c)));
    let mut earlier = Query::select();
    earlier.expr(Expr::val(1)).from_as(Entity::NAME, "earlier");
    for same in ["organization_id", "lead_id", "handoff_id", "kind", "number"] {
        earlier.and_where(other(same).eq(own(same)));
    }
    earlier.and_where(other("status").ne(Status::Void)).and_where(other("id").lt(own("id")));
    Condition::all().add(Expr::exists(earlier).not())
}

/// Clocks of offers that were made in a span: an answer belongs to when its lead was offered, whatever instant its clock
/// counts from. One without an offer goes by its own start.
pub fn of_offers(start: DateTime<Utc>, end: DateTime<Utc>) -> Condition {
    let (own, offer) = (|c: C| Expr::col((Entity::NAME, c)), |c: &'static str| Expr::col((handoff::Entity::NAME, c)));
    let made = Query::select()
        .expr(offer("id"))
        .from(handoff::Entity::NAME)
        .and_where(offer("organization_id").equals((Entity::NAME, "organization_id")))
        .and_where(offer("offered_at").gte(start))
        .and_where(offer("offered_at").lt(end))
        .take();
    let alone = Condition::all()
        .add(own(C::HandoffId).is_null())
        .add(own(C::StartedAt).gte(start))
        .add(own(C::StartedAt).lt(end));
    Condition::any().add(own(C::HandoffId).in_subquery(made)).add(alone)
}

/// Ends clocks with their answers, and with the same answers, late, those that had run out on others before.
pub(super) async fn answer(tx: &mut Tx, answers: Vec<(Model, Said)>) -> Result<Vec<Model>> {
    let what = |clock: &Model| Some((clock.handoff_id?, clock.kind, clock.number));
    let met: HashMap<_, _> = answers.iter().filter_map(|(clock, said)| Some((what(clock)?, *said))).collect();
    let ended = answer_these(tx, answers).await?;
    if met.is_empty() {
        return Ok(ended);
    }
    let leads: Vec<LeadId> = ended.iter().map(|clock| clock.lead_id).collect();
    let late = Condition::all().add(C::Status.eq(Status::Breached)).add(C::MetAt.is_null());
    let late = locked(tx, &leads, late).await?;
    let late = late.into_iter().filter_map(|clock| Some((what(&clock)?, clock)));
    let late = late.filter_map(|(what, clock)| Some((clock, *met.get(&what)?))).collect();
    answer_these(tx, late).await?;
    Ok(ended)
}

/// Those that stand still go on first.
async fn answer_these(tx: &mut Tx, answers: Vec<(Model, Said)>) -> Result<Vec<Model>> {
    if answers.is_empty() {
        return Ok(vec![]);
    }
    let hours = Hours::kept(tx, answers.iter().map(|(clock, _)| clock.calendar_id)).await?;
    let mut ended = Vec::with_capacity(answers.len());
    for (clock, said) in answers {
        let calendar = hours.calendar(clock.calendar_id);
        let clock = if clock.status == Status::Paused {
            write(tx, &clock, clockwork::resume(&clock, calendar, said.at)?).await?
        } else {
            clock
        };
        let after = write(tx, &clock, clockwork::answer(&clock, calendar, said)).await?;
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

/// Clocks do not count any more. Those in time are void, in one statement; one whose time has run out already though
/// nobody has looked yet is late; one that stands still must go on before.
pub(super) async fn end(tx: &mut Tx, clocks: Vec<Model>) -> Result<()> {
    let now = tx.access().now();
    let (plain, rest): (Vec<Model>, Vec<Model>) =
        clocks.into_iter().partition(|clock| clock.status == Status::Pending && now <= clock.late_after);
    tx.set_all_named::<Entity>(&plain, &[("status", Status::Void.into())], Op::Updated, Entity::event).await?;
    for clock in rest {
        end_one(tx, clock).await?;
    }
    Ok(())
}

async fn end_one(tx: &mut Tx, clock: Model) -> Result<()> {
    let mut clock = clock;
    if clock.status == Status::Paused {
        let hours = Hours::kept(tx, std::iter::once(clock.calendar_id)).await?;
        let now = tx.access().now();
        clock = write(tx, &clock, clockwork::resume(&clock, hours.calendar(clock.calendar_id), now)?).await?;
    }
    let row = clock.clone().into_active_model();
    let row = if clock.status == Status::Pending && tx.access().now() > clock.late_after {
        clockwork::breach(row, &clock)
    } else {
        life::ensure(clock.status, Status::Void)?;
        ActiveModel { status: Set(Status::Void), ..row }
    };
    write(tx, &clock, row).await?;
    Ok(())
}

/// Clocks of these leads, locked.
pub(super) async fn locked(tx: &mut Tx, leads: &[LeadId], which: Condition) -> Result<Vec<Model>> {
    let ids: Vec<Uuid> = leads.iter().map(|id| id.uuid()).collect();
    let theirs = within_ids((Entity::NAME, "lead_id"), &ids, tx.access().store().backend());
    tx.lock_where::<Entity>(theirs.add(which)).await
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
