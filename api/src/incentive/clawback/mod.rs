//! Clawback: what was paid for a sale is taken back when it comes to nothing, and given back when it comes back. The locked run
//! stays as it is; its period is reckoned again without the sale, and the difference to what was taken before waits as an
//! adjustment for the next run.

mod hear;
mod known;
mod remains;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::{
    id::{IncentiveRunId, OpportunityId, RowId, UserId},
    incentive_adjustment::{ActiveModel, AdjustmentReason, Entity as Adjustments},
    incentive_run::{Column as R, Entity as Runs, Model as Run, RunStatus},
    incentive_source::{Column as C, Entity as Sources},
};
use sea_orm::{
    ActiveValue::Set,
    ExprTrait,
    sea_query::{Expr, Query},
};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

pub use hear::listeners;

use self::{
    hear::{Changed, since},
    known::{Former, Known, goals, terms, worth},
    remains::{Why, goals_kept, kept, left, same, standing},
};
use super::{
    pay::{
        clawback::{Taken, Trigger, take_back},
        plan::Plan,
    },
    run::{frozen::written, inputs},
};
use crate::{
    actor::Permission,
    crm::{Reader, home::Home},
    error::{Error, Result},
    store::{Access, Guarded, Scoped, Tx, jobs::Job},
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
        (since(&access, &run).await?, vec![run.id])
    } else {
        let runs = runs(&access, &told.changed).await?;
        (told.changed, runs)
    };
    for run in runs {
        let access = access.next();
        let mut tx = access.begin(Permission::IncentiveAdjust).await?;
        // nobody else takes back of this run meanwhile
        let run = tx.lock::<Runs>(run).await?;
        settle(&mut tx, &run, &changed, told.at).await?;
        tx.commit(Value::Null).await?;
    }
    Ok(())
}

/// Locked runs that paid for sales, the oldest first.
async fn runs(access: &Access, changed: &[Changed]) -> Result<Vec<IncentiveRunId>> {
    let col = |c: R| Expr::col((Runs::NAME, c));
    let paid = Query::select()
        .column((Sources::NAME, C::RunId))
        .from(Sources::NAME)
        .and_where(Expr::col((Sources::NAME, C::OrganizationId)).eq(access.actor().organization.uuid()))
        .cond_where(known::of(changed.iter().map(|one| one.deal), access.store().backend()))
        .take();
    let locked = Scoped::<Runs>::read(access)
        .filter(col(R::Status).is_in([RunStatus::Locked, RunStatus::Paid]))
        .filter(col(R::Id).in_subquery(paid));
    let mut rows = locked.models().await?;
    rows.sort_by_key(|run| (run.period_start, run.id));
    Ok(rows.into_iter().map(|run| run.id).collect())
}

/// What sales that changed mean for a run: nothing is reckoned where they stand as they stood.
async fn settle(tx: &mut Tx, run: &Run, changed: &[Changed], at: DateTime<Utc>) -> Result<()> {
    if !matches!(run.status, RunStatus::Locked | RunStatus::Paid) {
        return Ok(());
    }
    let (plan, people) = terms(tx, run).await?;
    let former = Former::of(tx, run).await?;
    let deals = changed.iter().map(|one| one.deal).chain(former.events.iter().map(|one| one.deal.uuid()));
    let known = Known::of(tx, run, &plan, deals.collect()).await?;
    let new = events(tx, run, &plan, &known, &former, changed, at).await?;
    if new.is_empty() {
        return Ok(());
    }
    let sums = inputs::sums(Reader::Tx(tx), run, &plan, run.revision, |_| {}).await?;
    let all = inputs::inputs(run, &people, sums)?;
    let triggers = standing(former.events.iter().chain(&new).cloned().collect());
    let (credits, spiffs) = (known.credits.clone(), known.events.clone());
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

/// What happened anew to sales of a run.
async fn events(
    tx: &Tx,
    run: &Run,
    plan: &Plan,
    known: &Known,
    former: &Former,
    changed: &[Changed],
    at: DateTime<Utc>,
) -> Result<Vec<Trigger>> {
    let home = Home::of(tx).await?;
    let mut all = Vec::new();
    for one in changed {
        let deal = OpportunityId::from_uuid(one.deal);
        let own: Vec<_> = known.sources.iter().filter(|source| source.opportunity_id == Some(deal)).collect();
        let Some(closed_at) = own.first().map(|source| source.happened_at) else { continue };
        if former.events.iter().any(|event| (event.at, event.deal) == (at, deal)) {
            continue;
        }
        // won anew is another sale, of another period
        let still = one.worth.as_ref().filter(|worth| worth.closed_at == closed_at);
        let (gone, left) = match still {
            Some(still) => (false, left(&own, worth(tx, plan, still).await?)),
            None => (true, vec![]),
        };
        let credits: Vec<_> = known.credits.iter().filter(|credit| credit.deal == deal).copied().collect();
        let last = former.events.iter().filter(|event| event.deal == deal).max_by_key(|event| event.at);
        if !same(&credits, last, gone, &left) {
            let age = (home.day(at) - home.day(closed_at)).num_days();
            all.push(Trigger { at, deal, age, gone, left, goals: None });
        }
    }
    if plan.clawback.goals && !all.is_empty() {
        let reached = goals(tx, run, plan).await?;
        for trigger in &mut all {
            trigger.goals = Some(reached.clone());
        }
    }
    Ok(all)
}

/// By how much what is taken of each differs from what was taken before. The first new sale of a person says so; others of theirs
/// are kept with 0, as what comes later is reckoned with them.
fn rows(
    run: &Run,
    known: &Known,
    former: &Former,
    new: &[Trigger],
    (taken, triggers): (&[Taken], &[Trigger]),
) -> Result<Vec<ActiveModel>> {
    let mut differs: BTreeMap<UserId, i64> = former.taken.iter().map(|(user, sum)| (*user, -sum)).collect();
    for one in taken {
        *differs.entry(one.user).or_default() += one.amount;
    }
    let mut all = Vec::new();
    for trigger in new {
        let mut people: BTreeSet<UserId> = known.people(trigger.deal);
        if trigger.deal == new[new.len() - 1].deal {
            people.extend(differs.iter().filter(|(_, amount)| **amount != 0).map(|(user, _)| *user));
        }
        for user in people {
            let own = |taken: &&Taken| {
                let of = &triggers[taken.trigger];
                taken.user == user && (of.at, of.deal) == (trigger.at, trigger.deal)
            };
            let amount = differs.insert(user, 0).unwrap_or(0);
            all.push(row(run, trigger, user, taken.iter().find(own), amount)?);
        }
    }
    Ok(all)
}

fn row(run: &Run, trigger: &Trigger, user: UserId, taken: Option<&Taken>, amount: i64) -> Result<ActiveModel> {
    let why = Why {
        age: trigger.age,
        less: taken.map_or(0, |taken| taken.less),
        fraction: taken.map_or_else(|| "0/1".to_owned(), |taken| written(taken.fraction)),
        gone: trigger.gone,
        left: kept(&trigger.left),
        goals: trigger.goals.as_ref().map(goals_kept),
    };
    let came = match (trigger.gone, amount > 0) {
        (_, true) => "came back",
        (true, false) => "came to nothing",
        (false, false) => "came to less",
    };
    let note = format!("a sale that was paid for {came} {} days after it was won", trigger.age);
    Ok(ActiveModel {
        user_id: Set(user),
        run_id: Set(run.id),
        agreement_version_id: Set(run.agreement_version_id),
        statement_line_id: Set(None),
        opportunity_id: Set(Some(trigger.deal)),
        reason: Set(AdjustmentReason::Clawback),
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
