//! Clawback: what was paid for a sale is taken back when it comes to nothing, and given back when it comes back; what a sale would
//! have been paid that was won into the period late, or raised, is paid. The locked run stays as it is; its period is reckoned
//! again without the sale, or with it, and the difference to what was corrected before waits as an adjustment for the next run.

mod hear;
mod known;
mod remains;
pub mod rest;
mod unworked;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    id::{OpportunityId, RowId, UserId},
    incentive_adjustment::{ActiveModel, AdjustmentReason, Column as J, Entity as Adjustments},
    incentive_run::{Column as R, Entity as Runs, Model as Run, RunStatus},
    incentive_source::{ActiveModel as Sourcing, Column as C, Entity as Sources},
};
use sea_orm::{
    ActiveValue::Set,
    Condition, ExprTrait,
    sea_query::{Expr, Query},
};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

pub use hear::listeners;

use self::{
    hear::{Changed, as_left, since},
    known::{CORRECTED, Former, Known, goals, worth},
    remains::{Added, Why, credited, goals_kept, kept, late, left, raised, same, shares, standing},
};
use super::{
    pay::clawback::{Taken, Trigger, anew, take_back},
    run::{
        calculate::Task,
        deals,
        frozen::{Frozen, written},
        inputs,
    },
};
use crate::{
    actor::Permission,
    crm::Reader,
    error::{Error, FaultCode, Result},
    store::{Access, Guarded, Scoped, Tx, jobs::Job, within_ids},
};

/// The kind of job that takes back.
pub const CLAWBACK: &str = "incentive.clawback";

#[derive(Deserialize)]
struct Told {
    at: DateTime<Utc>,
    changed: Vec<Changed>,
    /// A run that was locked: what has changed since it was calculated.
    run: Option<Uuid>,
}

/// What the job runner does: a commit for each run. What was done before is not done again.
pub async fn work(access: &Access, job: &Job) -> Result<()> {
    let told: Told = serde_json::from_value(job.payload.clone()).map_err(Error::internal)?;
    let access = access.next();
    let (changed, runs) = if let Some(id) = told.run {
        let found = Scoped::<Runs>::read(&access).ids(&[id]).one().await?;
        let Some(run) = found else { return Ok(()) };
        (since(&access, &run).await?, vec![run])
    } else {
        let runs = runs(&access, &told.changed).await?;
        (told.changed, runs)
    };
    for run in runs {
        for some in changed.chunks(SALES) {
            match together(&access, &run, some, told.at).await {
                // one that cannot be reckoned holds up no other
                Err(Error::Refused(_) | Error::BadInput(_)) => apart(&access, &run, some, told.at).await?,
                done => done?,
            }
        }
    }
    Ok(())
}

/// Sales that are looked at in one commit.
const SALES: usize = 500;

async fn together(access: &Access, run: &Run, changed: &[Changed], at: DateTime<Utc>) -> Result<()> {
    let access = access.next();
    let mut task = Task::of(&access, run.clone(), run.revision).await?;
    task.home = Frozen::of(run)?.home(task.home);
    let mut tx = access.begin(Permission::IncentiveAdjust).await?;
    // nobody else takes back of this run meanwhile; the sales are looked at as they are by now: who told of them first is not
    // always who changed them last
    let run = tx.lock::<Runs>(run.id).await?;
    let ids: Vec<Uuid> = changed.iter().map(|one| one.deal).collect();
    let changed = as_left(Reader::Tx(&tx), &ids).await?;
    let late = deals::late(&task, &of_its_days(&task, &changed)).await?;
    settle(&mut tx, &run, &task, &changed, &late, at).await?;
    tx.commit(Value::Null).await
}

/// Each sale in a commit of its own; what keeps one from being reckoned is said, and it is tried again.
async fn apart(access: &Access, run: &Run, changed: &[Changed], at: DateTime<Utc>) -> Result<()> {
    for one in changed {
        match together(access, run, std::slice::from_ref(one), at).await {
            Err(Error::Refused(faults)) if faults.iter().any(|fault| fault.code == FaultCode::FxRateMissing) => {
                let why = faults.first().map_or_else(String::new, |fault| fault.message.clone());
                unworked::say(access, run, one, at, &why).await?;
            }
            Err(Error::BadInput(why)) => unworked::say(access, run, one, at, &why).await?,
            done => done?,
        }
    }
    Ok(())
}

/// Locked runs that paid for sales, or of whose days they are; the oldest first.
async fn runs(access: &Access, changed: &[Changed]) -> Result<Vec<Run>> {
    let col = |c: R| Expr::col((Runs::NAME, c));
    let (organization, backend) = (access.actor().organization.uuid(), access.store().backend());
    let ids: Vec<Uuid> = changed.iter().map(|one| one.deal).collect::<BTreeSet<_>>().into_iter().collect();
    let paid = Query::select()
        .column((Sources::NAME, C::RunId))
        .from(Sources::NAME)
        .and_where(Expr::col((Sources::NAME, C::OrganizationId)).eq(organization))
        .cond_where(within_ids((Sources::NAME, "opportunity_id"), &ids, backend))
        .take();
    let corrected = Query::select()
        .column((Adjustments::NAME, J::RunId))
        .from(Adjustments::NAME)
        .and_where(Expr::col((Adjustments::NAME, J::OrganizationId)).eq(organization))
        .and_where(Expr::col((Adjustments::NAME, J::Reason)).is_in(CORRECTED))
        .cond_where(within_ids((Adjustments::NAME, "opportunity_id"), &ids, backend))
        .take();
    let mut theirs = Condition::any().add(col(R::Id).in_subquery(paid)).add(col(R::Id).in_subquery(corrected));
    // a day more on both sides: which days are a run's is asked again where they begin
    let won = || changed.iter().filter_map(|one| one.worth.as_ref()).map(|worth| worth.closed_at.date_naive());
    if let Some((first, last)) = won().min().and_then(|day| day.pred_opt()).zip(won().max().and_then(|d| d.succ_opt()))
    {
        theirs = theirs.add(col(R::PeriodStart).lte(last).and(col(R::PeriodEnd).gt(first)));
    }
    let locked =
        Scoped::<Runs>::read(access).filter(col(R::Status).is_in([RunStatus::Locked, RunStatus::Paid])).filter(theirs);
    let mut rows = locked.models().await?;
    rows.sort_by_key(|run| (run.period_start, run.id));
    Ok(rows)
}

/// Whether a sale that was won then is of a run's days.
fn covers(task: &Task, at: DateTime<Utc>) -> bool {
    let day = task.home.day(at);
    task.run.period_start <= day && day < task.run.period_end
}

/// Changed sales that are won, within a run's days.
fn of_its_days(task: &Task, changed: &[Changed]) -> Vec<deals::Late> {
    let one = |one: &Changed| {
        let worth = one.worth.as_ref().filter(|worth| covers(task, worth.closed_at))?;
        let (id, closed_at, rate_e10) = (OpportunityId::from_uuid(one.deal), worth.closed_at, worth.rate_e10);
        Some(deals::Late { id, closed_at, money: worth.money()?, rate_e10 })
    };
    changed.iter().filter_map(one).collect()
}

/// What sales that changed mean for a run: nothing is reckoned where they stand as they stood.
async fn settle(
    tx: &mut Tx,
    run: &Run,
    task: &Task,
    changed: &[Changed],
    late: &[Sourcing],
    at: DateTime<Utc>,
) -> Result<()> {
    if !matches!(run.status, RunStatus::Locked | RunStatus::Paid) {
        return Ok(());
    }
    let former = Former::of(tx, run, &task.plan).await?;
    let deals = changed.iter().map(|one| one.deal).chain(former.events.iter().map(|one| one.deal.uuid()));
    let known = Known::of(tx, run, &task.plan, deals.collect()).await?;
    let new = events(tx, task, (&known, &former, late), changed, at).await?;
    if new.is_empty() {
        return Ok(());
    }
    let sums = inputs::sums(Reader::Tx(tx), run, &task.plan, run.revision, |_| {}).await?;
    let all = inputs::inputs(run, &task.people, sums)?;
    let happened = former.events.iter().chain(new.iter().map(|one| &one.trigger));
    let triggers = standing(happened.cloned().collect());
    let (plan, credits, spiffs) = (task.plan.clone(), known.credits.clone(), known.events.clone());
    let worked = move || take_back(&plan, &all, &credits, &spiffs, &triggers).map(|taken| (taken, triggers));
    // a large run takes a while: not on a thread that others wait for
    let (taken, triggers) =
        tokio::task::spawn_blocking(worked).await.map_err(Error::internal)?.map_err(Error::internal)?;
    let rows = rows(run, &known, &former, &new, (&taken, &triggers))?;
    for some in rows.chunks(500) {
        tx.insert_many::<Adjustments>(some.to_vec()).await?;
    }
    Ok(())
}

/// Something that happened anew to a sale, and what of it is kept.
struct Happened {
    trigger: Trigger,
    added: Vec<Added>,
    closed_at: DateTime<Utc>,
    /// The run has paid for it, or it was credited late before.
    known: bool,
}

/// What happened anew to sales of a run.
async fn events(
    tx: &Tx,
    task: &Task,
    (known, former, sources): (&Known, &Former, &[Sourcing]),
    changed: &[Changed],
    at: DateTime<Utc>,
) -> Result<Vec<Happened>> {
    let mut all = Vec::new();
    for one in changed {
        let deal = OpportunityId::from_uuid(one.deal);
        if former.events.iter().any(|event| (event.at, event.deal) == (at, deal)) {
            continue;
        }
        let own = known.of_sale(deal);
        let before = former.added.get(&deal).map_or(&[][..], Vec::as_slice);
        let won = former.won.get(&deal).copied().or(own.first().map(|source| source.happened_at));
        // won on a day of another period it is another sale
        let still = one.worth.as_ref().filter(|worth| covers(task, worth.closed_at));
        let Some(closed_at) = still.map(|worth| worth.closed_at).or(won) else { continue };
        let (gone, left, added) = match (won, still) {
            (None, _) => {
                let added = late(&task.plan, sources, deal);
                let Some(worth_now) = still else { continue };
                if added.is_empty() {
                    continue; // nobody in the plan has a part in it
                }
                (false, left(&[], &added, worth(tx, task, worth_now).await?), added)
            }
            (Some(_), Some(still)) => {
                let left = left(&own, before, worth(tx, task, still).await?);
                let added = raised(&task.plan, &former.extended(known, deal), &left, &shares(&own, before));
                (false, left, added)
            }
            (Some(_), None) => (true, vec![], vec![]),
        };
        let mut credits = former.extended(known, deal);
        credits.retain(|credit| anew(&task.plan, credit.component));
        let last = former.events.iter().filter(|event| event.deal == deal).max_by_key(|event| event.at);
        if won.is_some() && same(&credits, last, gone, &left) {
            continue;
        }
        // after what is known of it, whatever the clocks say
        let at = last.map_or(at, |last| std::cmp::Ord::max(at, last.at + TimeDelta::microseconds(1)));
        let age = (task.home.day(at) - task.home.day(closed_at)).num_days();
        let (credits, events) = credited(&task.plan, deal, closed_at, &added);
        let trigger = Trigger { at, deal, age, gone, left, goals: None, added: credits, won: events };
        all.push(Happened { trigger, added, closed_at, known: won.is_some() });
    }
    if task.plan.clawback.goals && !all.is_empty() {
        let reached = goals(tx, &task.run, &task.plan).await?;
        for one in &mut all {
            one.trigger.goals = Some(reached.clone());
        }
    }
    Ok(all)
}

/// By how much what is taken of each, or paid, differs from what was before. What later sales change in what was taken for earlier
/// ones is said with the first; whoever has a part in one and is to get or give nothing is kept with 0, as what comes later is
/// reckoned with it.
fn rows(
    run: &Run,
    known: &Known,
    former: &Former,
    new: &[Happened],
    (taken, triggers): (&[Taken], &[Trigger]),
) -> Result<Vec<ActiveModel>> {
    let of = |one: &Taken| (triggers[one.trigger].at, triggers[one.trigger].deal);
    let mut rest: BTreeMap<UserId, i64> = former.taken.iter().map(|(user, sum)| (*user, -sum)).collect();
    for one in taken.iter().filter(|one| !new.iter().any(|new| (new.trigger.at, new.trigger.deal) == of(one))) {
        *rest.entry(one.user).or_default() += one.amount;
    }
    let mut all = Vec::new();
    for (place, one) in new.iter().enumerate() {
        let trigger = &one.trigger;
        let own: Vec<&Taken> = taken.iter().filter(|taken| of(taken) == (trigger.at, trigger.deal)).collect();
        let mut people: BTreeSet<UserId> = own.iter().map(|taken| taken.user).collect();
        people.extend(known.of_sale(trigger.deal).iter().map(|source| source.user_id));
        if place == 0 {
            people.extend(rest.iter().filter(|(_, amount)| **amount != 0).map(|(user, _)| *user));
        }
        for user in people {
            let own = own.iter().find(|taken| taken.user == user);
            let amount = own.map_or(0, |taken| taken.amount) + rest.insert(user, 0).unwrap_or(0);
            all.push(row(run, one, user, own.copied(), amount)?);
        }
    }
    Ok(all)
}

fn row(run: &Run, one: &Happened, user: UserId, taken: Option<&Taken>, amount: i64) -> Result<ActiveModel> {
    let trigger = &one.trigger;
    let why = Why {
        age: trigger.age,
        less: taken.map_or(0, |taken| taken.less),
        fraction: taken.map_or_else(|| "0/1".to_owned(), |taken| written(taken.fraction)),
        gone: trigger.gone,
        left: kept(&trigger.left),
        goals: trigger.goals.as_ref().map(goals_kept),
        added: one.added.clone(),
        closed_at: Some(one.closed_at),
    };
    let late = trigger.adds();
    let note = match (one.known, late, trigger.gone, amount > 0) {
        (false, ..) => "a sale was won late into that run's period".to_owned(),
        (_, true, ..) => "a sale that was paid for was raised".to_owned(),
        (.., gone, back) => {
            let came = match (gone, back) {
                (_, true) => "came back",
                (true, false) => "came to nothing",
                (false, false) => "came to less",
            };
            format!("a sale that was paid for {came} {} days after it was won", trigger.age)
        }
    };
    Ok(ActiveModel {
        user_id: Set(user),
        run_id: Set(run.id),
        agreement_version_id: Set(run.agreement_version_id),
        statement_line_id: Set(None),
        opportunity_id: Set(Some(trigger.deal)),
        reason: Set(if late { AdjustmentReason::LateSale } else { AdjustmentReason::Clawback }),
        amount_minor: Set(amount),
        currency: Set(run.currency),
        note: Set(Some(note)),
        triggered_at: Set(trigger.at),
        detail: Set(Some(serde_json::to_value(why).map_err(Error::internal)?)),
        // nothing waits for a run where there is nothing to take
        posted_run_id: Set((amount == 0).then_some(run.id)),
        ..Default::default()
    })
}
