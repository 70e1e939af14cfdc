//! What clawbacks of a run are reckoned from: its plan and people, the sources of the sales concerned, and what was taken
//! before.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::{
    agreement_version as versions,
    id::{GoalId, OpportunityId, RowId, UserId},
    incentive_adjustment::{AdjustmentReason, Column as J, Entity as Adjustments},
    incentive_assignment::{Column as A, Entity as Assignments},
    incentive_run::Model as Run,
    incentive_source::{Column as C, Entity as Sources, Model as Source},
    money::Money,
};
use sea_orm::{ColumnTrait, Condition, DbBackend};
use uuid::Uuid;

use super::{hear::Worth, remains::Why};
use crate::{
    alignment::agreement::body::decode,
    crm::{Reader, all_rows, fx::Rates, home::Home},
    error::{Error, Result},
    incentive::{
        IncentivePlanBody,
        assignment::participant,
        pay::{
            clawback::Trigger,
            input::{Credit, Event},
            plan::{Participant, Plan},
        },
        run::inputs::{Said, said},
    },
    insight::{goal::reached, metric::exact::Exact},
    store::{Guarded, Scoped, Tx, within_ids},
};

/// Sources about these sales.
pub fn of(deals: impl Iterator<Item = Uuid>, backend: DbBackend) -> Condition {
    let ids: Vec<Uuid> = deals.collect::<BTreeSet<_>>().into_iter().collect();
    within_ids((Sources::NAME, "opportunity_id"), &ids, backend)
}

/// The sources of sales that something is or was taken back of.
#[derive(Default)]
pub struct Known {
    pub sources: Vec<Source>,
    pub credits: Vec<Credit>,
    pub events: Vec<Event>,
}

impl Known {
    pub async fn of(tx: &Tx, run: &Run, plan: &Plan, deals: Vec<Uuid>) -> Result<Self> {
        let theirs = of(deals.into_iter(), tx.access().store().backend())
            .add(C::RunId.eq(run.id.uuid()))
            .add(C::Revision.eq(run.revision));
        let mut all = Self::default();
        let mut sources = tx.read(Scoped::<Sources>::read(&all_rows(tx)).filter(theirs)).await?;
        sources.sort_by_key(|source| source.position);
        for source in sources {
            match said(plan, &source) {
                Some(Said::Credit(credit)) => all.credits.push(credit),
                Some(Said::Event(event)) => all.events.push(event),
                Some(Said::Goal) | None => {}
            }
            all.sources.push(source);
        }
        Ok(all)
    }

    /// Who was credited with a sale or rewarded for it.
    pub fn people(&self, deal: OpportunityId) -> BTreeSet<UserId> {
        let theirs = self.sources.iter().filter(|source| source.opportunity_id == Some(deal));
        theirs.map(|source| source.user_id).collect()
    }
}

/// What happened to sales of a run before, and what was taken of each for it.
#[derive(Default)]
pub struct Former {
    pub events: Vec<Trigger>,
    pub taken: BTreeMap<UserId, i64>,
}

impl Former {
    pub async fn of(tx: &Tx, run: &Run) -> Result<Self> {
        let theirs = Condition::all().add(J::RunId.eq(run.id.uuid())).add(J::Reason.eq(AdjustmentReason::Clawback));
        let rows = tx.read(Scoped::<Adjustments>::read(&all_rows(tx)).filter(theirs)).await?;
        let mut all = Self::default();
        let mut events: BTreeMap<(DateTime<Utc>, OpportunityId), Trigger> = BTreeMap::new();
        for row in rows {
            *all.taken.entry(row.user_id).or_default() += row.amount_minor;
            let why = row.detail.and_then(|detail| serde_json::from_value::<Why>(detail).ok());
            if let Some((deal, why)) = row.opportunity_id.zip(why) {
                let at = row.triggered_at;
                events.entry((at, deal)).or_insert_with(|| why.trigger(deal, at));
            }
        }
        all.events = events.into_values().collect();
        Ok(all)
    }
}

pub async fn terms(tx: &Tx, run: &Run) -> Result<(Plan, Vec<Participant>)> {
    let plan = body(tx, run).await?.plan().map_err(Error::Refused)?;
    let theirs = Condition::all().add(A::AgreementVersionId.eq(run.agreement_version_id.uuid()));
    let people = tx.read(Scoped::<Assignments>::read(&all_rows(tx)).filter(theirs)).await?;
    Ok((plan, people.iter().map(participant).collect()))
}

async fn body(tx: &Tx, run: &Run) -> Result<IncentivePlanBody> {
    let id = run.agreement_version_id.uuid();
    let version = tx.read(Scoped::<versions::Entity>::read(&all_rows(tx)).ids(&[id])).await?.pop();
    Ok(decode::<IncentivePlanBody>(version.ok_or_else(|| Error::internal("a run without its plan"))?)?.body)
}

/// What the sale is worth now in the plan's currency, at the rate of the day it was closed.
pub async fn worth(tx: &Tx, plan: &Plan, worth: &Worth) -> Result<i64> {
    let from = worth.currency().ok_or_else(|| Error::internal("a sale in no currency"))?;
    let (money, to) = (Money::new(worth.minor, from), plan.currency);
    let home = Home::of(tx).await?;
    let kept = worth.rate_e10.filter(|_| home.currency == Some(to) && home.rates_of(worth.closed_at));
    let converted = match kept {
        _ if from == to => money,
        Some(rate) => money.convert(rate, to).map_err(Error::internal)?,
        None => {
            let day = home.day(worth.closed_at);
            Rates::load(Reader::Tx(tx), home, &[(from, to, day)]).await?.convert(money, to, day)?
        }
    };
    Ok(converted.amount_minor)
}

/// How far goals are reached now, without the sale, by the version of each that the run went by.
pub async fn goals(tx: &Tx, run: &Run, plan: &Plan) -> Result<BTreeMap<GoalId, Exact>> {
    let ids: Vec<Uuid> = plan.goals().iter().map(|goal| goal.uuid()).collect();
    let day = if body(tx, run).await?.reprices() { run.period_end } else { run.period_start };
    let found = reached(&all_rows(tx), &ids, Home::of(tx).await?.begins(day)).await?;
    Ok(plan.goals().into_iter().filter_map(|goal| Some((goal, *found.get(&goal.uuid())?))).collect())
}
