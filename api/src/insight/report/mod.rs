//! The revenue report: what both sides look at together, and what each owes the other. It computes nothing of its own: its
//! figures are those of metrics, funnel, waterfall, forecast and goals.

mod content;
pub mod graphql;
mod owed;
mod promises;
mod snapshot;

use chrono::{DateTime, Utc};
use entity::goal::{Column as C, Entity as Goals, GoalStatus};
use sea_orm::{ExprTrait, sea_query::Expr};
use uuid::Uuid;

pub use owed::{Commitment, CommitmentKind};

use super::{
    goal::{
        body::{GoalBody, exact},
        in_force,
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
pub const MOST_GOALS: usize = 25;

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
            without: vec![],
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
        let days = self.ask.days();
        let all = |body: &GoalBody| body.scope.clone().unwrap_or_default().read().is_ok_and(|only| only.is_empty());
        let same =
            |body: &GoalBody| body.currency.map(|code| code.0).or(self.ask.home.currency) == Some(self.ask.currency);
        let these = |body: &GoalBody| {
            let earns = body.measures().key == revenue::METRIC.key;
            earns && body.days() == days && body.parent().is_none() && all(body) && same(body)
        };
        let found = self.signed().await?.into_iter().map(|(_, body)| body).find(these);
        Ok(found.map(|body| exact(&body.target)))
    }

    /// The goals whose period overlaps the report's, those that end first first; at most so many.
    pub async fn goals(&self) -> Result<Vec<Uuid>> {
        let (start, end) = self.ask.days();
        let overlaps = |body: &GoalBody| body.days().0 < end && start < body.days().1;
        let found = self.signed().await?.into_iter().filter(|(_, body)| overlaps(body));
        Ok(found.map(|(id, _)| id).take(MOST_GOALS).collect())
    }

    /// Goals that both sides had signed at the instant of the report and had not given up, as they said then, whatever became of
    /// them since: those that end first first.
    async fn signed(&self) -> Result<Vec<(Uuid, GoalBody)>> {
        let access = &self.ask.access;
        if !access.actor().may(Permission::AgreementRead) {
            return Ok(vec![]);
        }
        let never = [GoalStatus::Draft, GoalStatus::Proposed];
        let once = Expr::col((Goals::NAME, C::Status)).is_not_in(never);
        let goals = Scoped::<Goals>::read(access).filter(once).models().await?;
        let mut found = in_force(access, goals, self.ask.now()).await?;
        found.retain(|(_, body)| !body.is_cancelled());
        found.sort_by_key(|(id, body)| (body.days().1, *id));
        Ok(found)
    }

    /// What both sides promised each other, and what came of it.
    pub async fn commitments(&self) -> Result<Vec<Commitment>> {
        promises::kept(self).await
    }
}
