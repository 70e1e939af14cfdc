//! Clawback: what was paid for a sale is taken back when it comes to nothing. The locked run stays as it is; its period is
//! reckoned again without the sale, and the difference waits as an adjustment for the next run.

mod hear;
mod remains;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::{
    agreement_version as versions,
    id::{IncentiveRunId, OpportunityId, RowId},
    incentive_adjustment::{ActiveModel, AdjustmentReason, Column as J, Entity as Adjustments},
    incentive_assignment::{Column as A, Entity as Assignments},
    incentive_run::{Column as R, Entity as Runs, Model as Run, RunStatus},
    incentive_source::{Column as C, Entity as Sources, Model as Source},
    money::Money,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ExprTrait,
    sea_query::{Expr, Query},
};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

pub use hear::LISTENER;

use self::{
    hear::{Changed, Worth},
    remains::{Why, goals_kept, kept, left},
};
use super::{
    IncentivePlanBody,
    assignment::participant,
    pay::{
        clawback::{Taken, Trigger, take_back},
        input::{Credit, Event},
        plan::Plan,
    },
    run::{
        frozen::written,
        inputs::{self, Said, said},
    },
};
use crate::{
    actor::Permission,
    alignment::agreement::body::decode,
    crm::{Reader, all_rows, fx::Rates, home::Home},
    error::{Error, Result},
    insight::goal::reached,
    store::{Access, Guarded, Scoped, Tx, jobs::Job},
};

/// The kind of job that takes back.
pub const CLAWBACK: &str = "incentive.clawback";

#[derive(Deserialize)]
struct Told {
    at: DateTime<Utc>,
    changed: Vec<Changed>,
}

/// What the job runner does: a commit for each run and sale. What was done before is not done again.
pub async fn work(access: &Access, job: &Job) -> Result<()> {
    let told: Told = serde_json::from_value(job.payload.clone()).map_err(Error::internal)?;
    for changed in &told.changed {
        for run in runs(&access.next(), changed.deal).await? {
            let access = access.next();
            let mut tx = access.begin(Permission::IncentiveAdjust).await?;
            // nobody else takes back of this run meanwhile
            let run = tx.lock::<Runs>(run).await?;
            settle(&mut tx, &run, changed, told.at).await?;
            tx.commit(Value::Null).await?;
        }
    }
    Ok(())
}

/// Locked runs that paid for a sale, the oldest first.
async fn runs(access: &Access, deal: Uuid) -> Result<Vec<IncentiveRunId>> {
    let col = |c: R| Expr::col((Runs::NAME, c));
    let paid = Query::select()
        .column((Sources::NAME, C::RunId))
        .from(Sources::NAME)
        .and_where(Expr::col((Sources::NAME, C::OrganizationId)).eq(access.actor().organization.uuid()))
        .and_where(Expr::col((Sources::NAME, C::OpportunityId)).eq(deal))
        .take();
    let locked = Scoped::<Runs>::read(access)
        .filter(col(R::Status).is_in([RunStatus::Locked, RunStatus::Paid]))
        .filter(col(R::Id).in_subquery(paid));
    let mut rows = locked.models().await?;
    rows.sort_by_key(|run| (run.period_start, run.id));
    Ok(rows.into_iter().map(|run| run.id).collect())
}

/// A sale of a run, what was taken back of that run so far, and what a period is reckoned from.
async fn settle(tx: &mut Tx, run: &Run, changed: &Changed, at: DateTime<Utc>) -> Result<()> {
    if !matches!(run.status, RunStatus::Locked | RunStatus::Paid) {
        return Ok(());
    }
    let deal = OpportunityId::from_uuid(changed.deal);
    let mut before = former(tx, run).await?;
    if before.contains_key(&(at, deal)) {
        return Ok(());
    }
    let (plan, people) = terms(tx, run).await?;
    let deals: Vec<OpportunityId> = before.keys().map(|(_, deal)| *deal).chain([deal]).collect();
    let (mut theirs, mut own) = (Known::default(), vec![]);
    let sums = inputs::sums(Reader::Tx(tx), run, &plan, run.revision, |source| {
        if source.opportunity_id.is_some_and(|id| deals.contains(&id)) {
            theirs.take(&plan, source);
        }
        if source.opportunity_id == Some(deal) {
            own.push(source.clone());
        }
    })
    .await?;
    let Some(closed_at) = own.first().map(|source| source.happened_at) else { return Ok(()) };
    let worth = worth(tx, &plan, changed.worth.as_ref().filter(|worth| worth.closed_at == closed_at)).await?;
    let left = left(&own.iter().collect::<Vec<_>>(), worth);
    if !lowers(&theirs, &before, deal, &left) {
        return Ok(());
    }
    let home = Home::of(tx).await?;
    let goals = if plan.clawback.goals { Some(goals(tx, run, &plan).await?) } else { None };
    let age = (home.day(at) - home.day(closed_at)).num_days();
    before.insert((at, deal), Trigger { at, deal, age, left, goals });
    let triggers: Vec<Trigger> = before.into_values().collect();
    let all = inputs::inputs(run, &people, sums)?;
    let worked =
        move || take_back(&plan, &all, &theirs.credits, &theirs.events, &triggers).map(|taken| (taken, triggers));
    // a large run takes a while: not on a thread that others wait for
    let (taken, triggers) =
        tokio::task::spawn_blocking(worked).await.map_err(Error::internal)?.map_err(Error::internal)?;
    let new = |taken: &&Taken| (triggers[taken.trigger].at, triggers[taken.trigger].deal) == (at, deal);
    let rows =
        taken.iter().filter(new).map(|taken| row(run, &triggers[taken.trigger], taken)).collect::<Result<Vec<_>>>()?;
    if !rows.is_empty() {
        tx.insert_many::<Adjustments>(rows).await?;
    }
    Ok(())
}

/// The sources of sales that something is or was taken back of.
#[derive(Default)]
struct Known {
    credits: Vec<Credit>,
    events: Vec<Event>,
}

impl Known {
    fn take(&mut self, plan: &Plan, source: &Source) {
        match said(plan, source) {
            Some(Said::Credit(credit)) => self.credits.push(credit),
            Some(Said::Event(event)) => self.events.push(event),
            Some(Said::Goal) | None => {}
        }
    }
}

type Triggers = BTreeMap<(DateTime<Utc>, OpportunityId), Trigger>;

/// What was taken back of the run so far, in the order in which it happened.
async fn former(tx: &Tx, run: &Run) -> Result<Triggers> {
    let of = Condition::all().add(J::RunId.eq(run.id.uuid())).add(J::Reason.eq(AdjustmentReason::Clawback));
    let rows = tx.read(Scoped::<Adjustments>::read(&all_rows(tx)).filter(of)).await?;
    let one = |row: entity::incentive_adjustment::Model| {
        let (deal, at) = (row.opportunity_id?, row.triggered_at);
        let why: Why = serde_json::from_value(row.detail?).ok()?;
        Some(((at, deal), why.trigger(deal, at)))
    };
    Ok(rows.into_iter().filter_map(one).collect())
}

async fn terms(tx: &Tx, run: &Run) -> Result<(Plan, Vec<super::pay::plan::Participant>)> {
    let id = run.agreement_version_id.uuid();
    let version = tx.read(Scoped::<versions::Entity>::read(&all_rows(tx)).ids(&[id])).await?.pop();
    let version = version.ok_or_else(|| Error::internal("a run without its plan"))?;
    let plan = decode::<IncentivePlanBody>(version)?.body.plan().map_err(Error::Refused)?;
    let theirs = Condition::all().add(A::AgreementVersionId.eq(id));
    let people = tx.read(Scoped::<Assignments>::read(&all_rows(tx)).filter(theirs)).await?;
    Ok((plan, people.iter().map(participant).collect()))
}

/// What the sale is worth now in the plan's currency, at the rate of the day it was closed; 0 of one that is not won any more.
async fn worth(tx: &Tx, plan: &Plan, worth: Option<&Worth>) -> Result<i64> {
    let Some((worth, from)) = worth.and_then(|worth| Some((worth, worth.currency()?))) else { return Ok(0) };
    let (money, to) = (Money::new(worth.minor, from), plan.currency);
    let home = Home::of(tx).await?;
    let kept = worth.rate_e10.filter(|_| home.currency == Some(to) && home.rates_of(worth.closed_at));
    let converted = match kept {
        _ if from == to => money,
        Some(rate) => money.convert(rate, to).map_err(Error::internal)?,
        None => {
            let day = home.day(worth.closed_at);
            Rates::load(Reader::Tx(tx), home.currency, &[(from, to, day)]).await?.convert(money, to, day)?
        }
    };
    Ok(converted.amount_minor)
}

/// Whether less is left of the sale than before.
fn lowers(known: &Known, before: &Triggers, deal: OpportunityId, left: &[super::pay::clawback::Left]) -> bool {
    let last = before.iter().filter(|((_, of), _)| *of == deal).map(|(_, trigger)| trigger).next_back();
    let now = |credit: &&Credit| {
        left.iter().find(|left| (left.user, left.role) == (credit.user, credit.role)).map_or(0, |left| left.base)
    };
    let then = |credit: &&Credit| match last {
        Some(last) => {
            let same = |left: &&super::pay::clawback::Left| (left.user, left.role) == (credit.user, credit.role);
            last.left.iter().find(same).map_or(0, |left| left.base)
        }
        None => credit.base,
    };
    let gone = left.is_empty() && last.is_none_or(|last| !last.left.is_empty());
    gone || known.credits.iter().filter(|credit| credit.deal == deal).any(|credit| now(&credit) < then(&credit))
}

/// How far goals are reached now, without the sale.
async fn goals(
    tx: &Tx,
    run: &Run,
    plan: &Plan,
) -> Result<BTreeMap<entity::id::GoalId, crate::insight::metric::exact::Exact>> {
    let ids: Vec<Uuid> = plan.goals().iter().map(|goal| goal.uuid()).collect();
    let by = Home::of(tx).await?.begins(run.period_start);
    let found = reached(&all_rows(tx), &ids, by).await?;
    Ok(plan.goals().into_iter().filter_map(|goal| Some((goal, *found.get(&goal.uuid())?))).collect())
}

fn row(run: &Run, trigger: &Trigger, taken: &Taken) -> Result<ActiveModel> {
    let why = Why {
        age: trigger.age,
        less: taken.less,
        fraction: written(taken.fraction),
        left: kept(&trigger.left),
        goals: trigger.goals.as_ref().map(goals_kept),
    };
    let came = if trigger.left.is_empty() { "came to nothing" } else { "came to less" };
    let note = format!("a sale that was paid for {came} {} days after it was won", trigger.age);
    Ok(ActiveModel {
        user_id: Set(taken.user),
        run_id: Set(run.id),
        agreement_version_id: Set(run.agreement_version_id),
        statement_line_id: Set(None),
        opportunity_id: Set(Some(trigger.deal)),
        reason: Set(AdjustmentReason::Clawback),
        amount_minor: Set(taken.amount),
        currency: Set(run.currency),
        note: Set(Some(note)),
        triggered_at: Set(trigger.at),
        detail: Set(Some(serde_json::to_value(why).map_err(Error::internal)?)),
        posted_run_id: Set(None),
        ..Default::default()
    })
}
