//! What clawbacks of a run are reckoned from: the sources of the sales concerned, what was credited late, and what was taken or
//! paid before.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::{
    agreement_version as versions,
    id::{GoalId, OpportunityId, RowId, UserId},
    incentive_adjustment::{AdjustmentReason, Column as J, Entity as Adjustments},
    incentive_run::Model as Run,
    incentive_source::{Column as C, Entity as Sources, Model as Source},
};
use sea_orm::{ColumnTrait, Condition, DbBackend};
use uuid::Uuid;

use super::{
    hear::Worth,
    remains::{Added, Why},
};
use crate::{
    alignment::agreement::body::decode,
    crm::{
        Reader, all_rows,
        fx::{Rates, missing},
        home::Home,
    },
    error::{Error, Result},
    incentive::{
        IncentivePlanBody,
        pay::{
            clawback::{Trigger, merge},
            input::{Credit, Event},
            plan::Plan,
        },
        run::{
            calculate::Task,
            inputs::{Said, said},
        },
    },
    insight::{goal::reached_now, metric::exact::Exact},
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

    /// A sale's sources.
    pub fn of_sale(&self, deal: OpportunityId) -> Vec<&Source> {
        self.sources.iter().filter(|source| source.opportunity_id == Some(deal)).collect()
    }
}

/// Reasons of adjustments that are reckoned here.
pub const CORRECTED: [AdjustmentReason; 2] = [AdjustmentReason::Clawback, AdjustmentReason::LateSale];

/// What happened to sales of a run before, and what was taken of each for it, or paid.
#[derive(Default)]
pub struct Former {
    pub events: Vec<Trigger>,
    pub taken: BTreeMap<UserId, i64>,
    /// What was credited late of each sale.
    pub added: BTreeMap<OpportunityId, Vec<Added>>,
    /// When sales were won, as it was known last.
    pub won: BTreeMap<OpportunityId, DateTime<Utc>>,
}

impl Former {
    pub async fn of(tx: &Tx, run: &Run, plan: &Plan) -> Result<Self> {
        let theirs = Condition::all().add(J::RunId.eq(run.id.uuid())).add(J::Reason.is_in(CORRECTED));
        let mut rows = tx.read(Scoped::<Adjustments>::read(&all_rows(tx)).filter(theirs)).await?;
        rows.sort_by_key(|row| (row.triggered_at, row.opportunity_id.map(RowId::uuid)));
        let mut all = Self::default();
        let mut events: BTreeMap<(DateTime<Utc>, OpportunityId), Trigger> = BTreeMap::new();
        for row in rows {
            *all.taken.entry(row.user_id).or_default() += row.amount_minor;
            let why = row.detail.and_then(|detail| serde_json::from_value::<Why>(detail).ok());
            let Some((deal, why)) = row.opportunity_id.zip(why) else { continue };
            let at = row.triggered_at;
            if events.contains_key(&(at, deal)) {
                continue; // somebody else's row of the same
            }
            all.won.extend(why.closed_at.map(|closed| (deal, closed)));
            all.added.entry(deal).or_default().extend(why.added.iter().cloned());
            events.insert((at, deal), why.trigger(plan, deal, at));
        }
        all.events = events.into_values().collect();
        Ok(all)
    }

    /// A sale's credits of a run, with what was credited late.
    pub fn extended(&self, known: &Known, deal: OpportunityId) -> Vec<Credit> {
        let mut credits: Vec<Credit> = known.credits.iter().filter(|credit| credit.deal == deal).copied().collect();
        for event in self.events.iter().filter(|event| event.deal == deal) {
            event.added.iter().for_each(|more| merge(&mut credits, more));
        }
        credits
    }
}

async fn body(tx: &Tx, run: &Run) -> Result<IncentivePlanBody> {
    let id = run.agreement_version_id.uuid();
    let version = tx.read(Scoped::<versions::Entity>::read(&all_rows(tx)).ids(&[id])).await?.pop();
    Ok(decode::<IncentivePlanBody>(version.ok_or_else(|| Error::internal("a run without its plan"))?)?.body)
}

/// What the sale is worth now in the plan's currency, at the rate of the day it was closed.
pub async fn worth(tx: &Tx, task: &Task, worth: &Worth) -> Result<i64> {
    let money = worth.money().ok_or_else(|| Error::internal("a sale in no currency"))?;
    let (home, to) = (task.home, task.plan.currency);
    let kept = worth.rate_e10.filter(|_| home.currency == Some(to) && home.rates_of(worth.closed_at));
    let large = |error: entity::money::MoneyError| Error::BadInput(error.to_string());
    let converted = match kept {
        _ if money.currency == to => money,
        Some(rate) => money.convert(rate, to).map_err(large)?,
        None => {
            let day = home.day(worth.closed_at);
            let wanted = (money.currency, to, day);
            let rates = Rates::load(Reader::Tx(tx), home, &[wanted]).await?;
            if rates.on(wanted).is_none() {
                return Err(missing(&[wanted]));
            }
            rates.convert(money, to, day)?
        }
    };
    Ok(converted.amount_minor)
}

/// How far goals are reached now, without the sale, by the version of each that the run went by.
pub async fn goals(tx: &Tx, run: &Run, plan: &Plan) -> Result<BTreeMap<GoalId, Exact>> {
    let ids: Vec<Uuid> = plan.goals().iter().map(|goal| goal.uuid()).collect();
    let day = if body(tx, run).await?.reprices() { run.period_end } else { run.period_start };
    let found = reached_now(&all_rows(tx), &ids, Home::of(tx).await?.begins(day)).await?;
    Ok(plan.goals().into_iter().filter_map(|goal| Some((goal, *found.get(&goal.uuid())?))).collect())
}
