//! The revenue report: what both sides look at together, and what each owes the other. It computes nothing of its own: its
//! figures are those of metrics, funnel, waterfall, forecast and goals.

mod content;
pub mod graphql;
mod owed;
mod promises;
mod snapshot;

use chrono::{DateTime, Utc};
use entity::{
    goal::{Column as C, Entity as Goals, GoalStatus},
    id::RowId,
};
use sea_orm::{
    Condition, ExprTrait, Order,
    sea_query::{Expr, NullOrdering},
};
use uuid::Uuid;

pub use owed::{Commitment, CommitmentKind};

use super::{
    goal::{
        body::{GoalBody, exact},
        measure::Progress,
    },
    metric::{
        ask::Ask,
        catalog::revenue,
        exact::Exact,
        options::{Opt, Options, Step},
    },
};
use crate::{
    actor::Permission,
    error::Result,
    store::{Guarded, Scoped},
};

/// Goals of one report.
pub const MOST_GOALS: u64 = 25;

/// A period as of an instant, and what is to be reached in it where somebody says so.
#[derive(Clone)]
pub struct Report {
    pub ask: Ask,
    pub target: Option<Exact>,
}

impl Report {
    /// The same question with nothing told beside.
    pub fn plain(&self) -> Ask {
        Ask { options: Options::default(), ..self.ask.clone() }
    }

    /// The question of the whole funnel.
    pub fn cohort(&self) -> Ask {
        Ask {
            options: Options { from: Step::Lead, to: Step::Won, ..Options::default() },
            bucket: true,
            ..self.ask.clone()
        }
    }

    /// The question of how the pipeline moved since the period began, up to its end or now; none before it began.
    pub fn moved(&self) -> Option<(Ask, DateTime<Utc>)> {
        let until = self.ask.until();
        let ask = Ask { at: until, ..self.plain() };
        (self.ask.start < ask.now()).then_some((ask, self.ask.start))
    }

    /// The question of what covers a target.
    pub async fn covered(&self) -> Result<Option<Ask>> {
        let target = match self.target {
            Some(target) => Some(target),
            None => self.goal().await?,
        };
        Ok(target.map(|target| {
            let options =
                Options { given: vec![Opt::Target], numbers: vec![(Opt::Target, target)], ..Options::default() };
            Ask { options, ..self.ask.clone() }
        }))
    }

    /// What both sides want to earn in exactly this period: the target of the goal of the whole organisation.
    async fn goal(&self) -> Result<Option<Exact>> {
        if !self.ask.access.actor().may(Permission::AgreementRead) {
            return Ok(None);
        }
        let (start, end) = self.ask.days();
        let these = running()
            .add(goal(C::MetricKey).eq(revenue::METRIC.key))
            .add(goal(C::PeriodStart).eq(start))
            .add(goal(C::PeriodEnd).eq(end))
            .add(goal(C::ParentId).is_null());
        let ids = self.ids(these).await?;
        let said = Progress::said(&self.ask.access, &ids, self.ask.now()).await?;
        let all = |body: &GoalBody| body.scope.clone().unwrap_or_default().read().is_ok_and(|only| only.is_empty());
        let same =
            |body: &GoalBody| body.currency.map(|code| code.0).or(self.ask.home.currency) == Some(self.ask.currency);
        let mut targets = said.iter().map(|(_, active)| &active.body).filter(|body| all(body) && same(body));
        Ok(targets.next().map(|body| exact(&body.target)))
    }

    /// The goals whose period overlaps the report's, those that end first first; at most so many.
    pub async fn goals(&self) -> Result<Vec<Uuid>> {
        if !self.ask.access.actor().may(Permission::AgreementRead) {
            return Ok(vec![]);
        }
        let (start, end) = self.ask.days();
        self.ids(running().add(goal(C::PeriodStart).lt(end)).add(goal(C::PeriodEnd).gt(start))).await
    }

    async fn ids(&self, which: Condition) -> Result<Vec<Uuid>> {
        let goals = Scoped::<Goals>::read(&self.ask.access).filter(which).shape(|q| {
            q.order_by_with_nulls((Goals::NAME, C::PeriodEnd), Order::Asc, NullOrdering::Last)
                .order_by((Goals::NAME, C::Id), Order::Asc)
                .limit(MOST_GOALS);
        });
        Ok(goals.models().await?.into_iter().map(|goal| goal.id.uuid()).collect())
    }

    /// What both sides promised each other, and what came of it.
    pub async fn commitments(&self) -> Result<Vec<Commitment>> {
        promises::kept(self).await
    }
}

fn goal(c: C) -> Expr {
    Expr::col((Goals::NAME, c))
}

/// Both sides work, or worked, for them.
fn running() -> Condition {
    Condition::all().add(goal(C::Status).is_in([GoalStatus::Active, GoalStatus::Achieved, GoalStatus::Missed]))
}
