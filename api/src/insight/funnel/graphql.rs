//! The funnel in the schema. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, Object, Result as Answer, SimpleObject};
use entity::lead_cycle;
use sea_orm::Condition;
use serde::Serialize;

use super::{StepCount, funnel};
use crate::{
    actor::Permission,
    error::Result,
    graph::{
        derived::{Period, Ratio, Term, Tried, whole},
        listed::Listed,
        root::access,
        scalar::DateTime,
    },
    insight::metric::{
        ask::Ask,
        cycles,
        grain::Grain,
        graphql::inputs::{Asked, FunnelInput, MetricFilter, MissingRate},
        options::Step,
        query::contributors,
    },
    store::Access,
};

#[derive(Default)]
pub struct FunnelReads;

/// The way from a lead to a sale.
pub struct Funnel {
    ask: Ask,
    steps: Vec<StepCount>,
}

#[Object]
impl FunnelReads {
    /// The way from a lead to a sale, over all rounds of leads of the organisation, from both ends: the cohort of those who
    /// came to the first step in the period, and the flow of those who came to each step in it. A step that was left out
    /// was taken when a later one was; a later step back undoes none. A cohort of fewer than five, and fewer than five
    /// entries, are null for who does not see all of them, and so is all of it where the filter names people of whom the
    /// caller does not reach each. Null without the permission. Errors: BAD_USER_INPUT as for
    /// `metric`. Requires METRIC_READ.
    async fn funnel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The period in which they came.")] period: Period,
        #[graphql(desc = "From which step, and how soon; from LEAD on, ever, unless given.")] cohort: Option<
            FunnelInput,
        >,
        #[graphql(desc = "Only these leads.")] filter: Option<MetricFilter>,
        #[graphql(desc = "As it was at this instant; now unless given, at most now.")] as_of: Option<DateTime>,
    ) -> Answer<Tried<Funnel>> {
        let access = access(ctx)?;
        if !access.actor().may(Permission::MetricRead) {
            return Ok(Tried(Ok(None)));
        }
        let options = Some(cohort.unwrap_or_default().into());
        let missing = MissingRate::Bucket;
        let asked = Asked { period, filter, as_of, by: vec![], currency: None, options, missing };
        Ok(Tried(Funnel::of(access, asked).await.map(Some)))
    }
}

impl Funnel {
    pub async fn of(access: &Access, asked: Asked) -> Result<Self> {
        Self::over(asked.ask(access, None).await?).await
    }

    pub(in crate::insight) async fn over(ask: Ask) -> Result<Self> {
        let steps = funnel(&ask).await?;
        Ok(Self { ask, steps })
    }

    /// Each step, with its cohort and its flow.
    pub(in crate::insight) fn told(&self) -> Vec<(Term<Step>, Option<FunnelCohort>, FunnelFlow)> {
        let steps = (0..self.steps.len()).map(|at| FunnelStepCount { funnel: self, at });
        steps.map(|step| (Term(step.own().step), step.followed(), step.flowed())).collect()
    }

    fn before(&self, at: usize) -> Option<&StepCount> {
        self.steps.get(at.checked_sub(1)?)
    }
}

/// The way from a lead to a sale.
#[Object]
impl Funnel {
    /// The step that the cohort begins with.
    async fn from(&self) -> Term<Step> {
        Term(self.ask.options.from)
    }

    /// The instant for which it was computed.
    async fn as_of(&self) -> DateTime {
        DateTime(self.ask.now())
    }

    /// Every step, from LEAD to WON.
    async fn steps(&self) -> Vec<FunnelStepCount<'_>> {
        (0..self.steps.len()).map(|at| FunnelStepCount { funnel: self, at }).collect()
    }
}

pub struct FunnelStepCount<'a> {
    funnel: &'a Funnel,
    at: usize,
}

impl FunnelStepCount<'_> {
    fn own(&self) -> &StepCount {
        &self.funnel.steps[self.at]
    }

    fn followed(&self) -> Option<FunnelCohort> {
        let (own, first) = (self.own(), self.funnel.ask.options.from);
        if own.step < first {
            return None;
        }
        let all = self.funnel.steps.iter().find(|step| step.step == first).and_then(|step| step.reached);
        let before = self.funnel.before(self.at).filter(|step| step.step >= first).and_then(|step| step.reached);
        Some(FunnelCohort {
            reached: own.reached.map(whole),
            open: own.open.map(whole),
            of_step_before: ratio(own.reached, before),
            of_cohort: ratio(own.reached, all),
        })
    }

    fn flowed(&self) -> FunnelFlow {
        let before = self.funnel.before(self.at).and_then(|step| step.entries);
        FunnelFlow { entries: self.own().entries.map(whole), by_step_before: ratio(self.own().entries, before) }
    }
}

/// Those of the cohort that came to a step.
#[derive(Serialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct FunnelCohort {
    /// How many; null where the cohort is too small for the caller to be told.
    reached: Option<i32>,
    /// How many have not reached it and still may: the rates can only rise by them. Null where the cohort is too small for
    /// the caller to be told.
    open: Option<i32>,
    /// Among those that reached the step before.
    of_step_before: Option<Ratio>,
    /// Among all of the cohort.
    of_cohort: Option<Ratio>,
}

/// Those that came to a step in the period, whenever they began.
#[derive(Serialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct FunnelFlow {
    /// How many; null where they are too few for the caller to be told.
    entries: Option<i32>,
    /// Through those that came to the step before in the period: not the same records, so it may be more than 1.
    by_step_before: Option<Ratio>,
}

fn ratio(of: Option<i64>, among: Option<i64>) -> Option<Ratio> {
    of.zip(among).map(|(of, among)| Ratio::of(of, among))
}

/// A step of the funnel, from both ends.
#[Object]
impl FunnelStepCount<'_> {
    /// Which step.
    async fn step(&self) -> Term<Step> {
        Term(self.own().step)
    }

    /// Of those that came to the first step of the cohort in the period; null for steps before it.
    async fn cohort(&self) -> Option<FunnelCohort> {
        self.followed()
    }

    /// Of those that came to this step in the period.
    async fn flow(&self) -> FunnelFlow {
        self.flowed()
    }

    /// Rounds of leads of the cohort that reached this step, as far as the caller may see them; of a step before the cohort
    /// those that came to it in the period.
    async fn lead_cycles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Answer<Listed<lead_cycle::Entity>> {
        let _ = (first, after, last, before);
        let (ask, step) = (&self.funnel.ask, self.own().step);
        let from = ask.options.from;
        let which: Condition = if step > from {
            cycles::came(ask, from).add(cycles::reached(ask, from, step))
        } else {
            cycles::came(ask, step)
        };
        Ok(Listed::of(ctx, contributors(ask, Grain::LeadCycle, which)?))
    }
}
