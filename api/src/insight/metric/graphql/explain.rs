//! What a metric's value is made of, down to the records that the caller may see.

use async_graphql::{Context, Object, Result as Answer};
use entity::{
    account, campaign_cost, contact, content_asset, customer_contract, forecast_submission, goal, handoff, lead,
    lead_cycle, opportunity_state, sla_clock, survey_response, target_entry,
};
use sea_orm::Condition;

use super::result::{MetricResult, text};
use crate::{
    error::Result,
    graph::{derived::Term, listed::Listed, record::Record, scalar::Decimal},
    insight::metric::{
        Figure, LeftOut, Measure, Part, answer::counted, ask::Ask, grain::Grain, query::contributors, unit::Unit,
    },
};

/// How a value came about.
pub struct MetricExplanation<'a> {
    pub result: &'a MetricResult,
}

/// How a value came about.
#[Object]
impl<'a> MetricExplanation<'a> {
    /// What the formula was given.
    async fn inputs(&self) -> Vec<MetricInput<'a>> {
        self.result.metric.parts.iter().map(|part| MetricInput { result: self.result, part }).collect()
    }

    /// What one might expect to count, and why it does not.
    async fn excluded(&self) -> Vec<MetricExclusion<'a>> {
        let left = self.result.metric.left_out.iter();
        left.map(|left| MetricExclusion { ask: &self.result.ask, left }).collect()
    }
}

pub struct MetricInput<'a> {
    result: &'a MetricResult,
    part: &'static Part,
}

impl Part {
    pub(super) fn unit(&self) -> Unit {
        match self.of {
            Figure::Count | Figure::Total(Measure::Attempts | Measure::Kept | Measure::Weighed) => Unit::Count,
            Figure::Total(Measure::BusinessSeconds) | Figure::Percentile(Measure::BusinessSeconds, _) => Unit::Seconds,
            Figure::Total(_) | Figure::Percentile(..) => Unit::Days,
            Figure::Amount(_) | Figure::Weighted(_) | Figure::AmountPercentile(..) | Figure::Monthly(_) => Unit::Money,
        }
    }
}

/// Something that a formula was given.
#[Object]
impl<'a> MetricInput<'a> {
    /// Its name in the formula.
    async fn name(&self) -> &'static str {
        self.part.name
    }

    /// Which records they are.
    async fn about(&self) -> &'static str {
        self.part.about
    }

    /// How many records; null when the metric is withheld.
    async fn count(&self) -> Option<i32> {
        let count = self.result.figures.facts.records(self.part.name);
        if self.result.figures.withheld { None } else { Some(i32::try_from(count).unwrap_or(i32::MAX)) }
    }

    /// What they come to: their number, sum or percentile. Null when there are none, and when the metric is withheld.
    async fn value(&self) -> Option<Decimal> {
        let figures = &self.result.figures;
        let value = figures.facts.value(self.part.name).filter(|_| !figures.withheld);
        text(self.part.unit(), value, self.result.ask.currency)
    }

    /// What `value` counts.
    async fn unit(&self) -> Term<Unit> {
        Term(self.part.unit())
    }

    /// The records, as far as the caller may see them.
    async fn records(&self) -> MetricRecords<'a> {
        MetricRecords { ask: &self.result.ask, grain: self.part.grain, which: self.part.which }
    }
}

pub struct MetricExclusion<'a> {
    ask: &'a Ask,
    left: &'static LeftOut,
}

/// Records that do not count, and why.
#[Object]
impl<'a> MetricExclusion<'a> {
    /// Why they do not count.
    async fn reason(&self) -> &'static str {
        self.left.reason
    }

    /// How many there are; null when they are too few for the caller to be told.
    async fn count(&self) -> Answer<Option<i32>> {
        let count = counted(self.ask, self.left).await?;
        Ok(count.map(|n| i32::try_from(n).unwrap_or(i32::MAX)))
    }

    /// The records, as far as the caller may see them.
    async fn records(&self) -> MetricRecords<'a> {
        MetricRecords { ask: self.ask, grain: self.left.grain, which: self.left.which }
    }
}

pub struct MetricRecords<'a> {
    ask: &'a Ask,
    grain: Grain,
    which: fn(&Ask) -> Condition,
}

impl MetricRecords<'_> {
    fn listed<E: Record>(&self, ctx: &Context<'_>, of: Grain) -> Answer<Option<Listed<E>>> {
        let only = || -> Result<Condition> { contributors(self.ask, self.grain, (self.which)(self.ask)) };
        Ok(if self.grain == of { Some(Listed::of(ctx, only()?)) } else { None })
    }
}

/// Records behind a figure. Only those that the caller may see, so that there may be fewer than were counted.
#[Object]
impl MetricRecords<'_> {
    /// The opportunities, as they stood. Null where something else is counted.
    async fn opportunities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Answer<Option<Listed<opportunity_state::Entity>>> {
        let _ = (first, after, last, before);
        self.listed(ctx, Grain::Opportunity)
    }

    /// Rounds of leads. Null where something else is counted.
    async fn lead_cycles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Answer<Option<Listed<lead_cycle::Entity>>> {
        let _ = (first, after, last, before);
        self.listed(ctx, Grain::LeadCycle)
    }

    /// Offers of leads to sales. Null where something else is counted.
    async fn handoffs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Answer<Option<Listed<handoff::Entity>>> {
        let _ = (first, after, last, before);
        self.listed(ctx, Grain::Handoff)
    }

    /// Clocks of response times. Null where something else is counted.
    async fn sla_clocks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Answer<Option<Listed<sla_clock::Entity>>> {
        let _ = (first, after, last, before);
        self.listed(ctx, Grain::SlaClock)
    }

    /// What was spent on campaigns. Null where something else is counted.
    async fn campaign_costs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Answer<Option<Listed<campaign_cost::Entity>>> {
        let _ = (first, after, last, before);
        self.listed(ctx, Grain::CampaignCost)
    }

    /// Contracts with customers. Null where something else is counted.
    async fn customer_contracts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Answer<Option<Listed<customer_contract::Entity>>> {
        let _ = (first, after, last, before);
        self.listed(ctx, Grain::CustomerContract)
    }

    /// What people forecast. Null where something else is counted.
    async fn forecast_submissions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Answer<Option<Listed<forecast_submission::Entity>>> {
        let _ = (first, after, last, before);
        self.listed(ctx, Grain::ForecastSubmission)
    }

    /// What customers answered. Null where something else is counted.
    async fn survey_responses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Answer<Option<Listed<survey_response::Entity>>> {
        let _ = (first, after, last, before);
        self.listed(ctx, Grain::SurveyResponse)
    }

    /// Accounts, as they are. Null where something else is counted.
    async fn accounts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Answer<Option<Listed<account::Entity>>> {
        let _ = (first, after, last, before);
        self.listed(ctx, Grain::Account)
    }

    /// Contacts, as they are. Null where something else is counted.
    async fn contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Answer<Option<Listed<contact::Entity>>> {
        let _ = (first, after, last, before);
        self.listed(ctx, Grain::Contact)
    }

    /// Leads, as they are. Null where something else is counted.
    async fn leads(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Answer<Option<Listed<lead::Entity>>> {
        let _ = (first, after, last, before);
        self.listed(ctx, Grain::Lead)
    }

    /// Accounts on lists of target accounts, as they are. Null where something else is counted.
    async fn target_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Answer<Option<Listed<target_entry::Entity>>> {
        let _ = (first, after, last, before);
        self.listed(ctx, Grain::TargetEntry)
    }

    /// Goals, as they are. Null where something else is counted.
    async fn goals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Answer<Option<Listed<goal::Entity>>> {
        let _ = (first, after, last, before);
        self.listed(ctx, Grain::Goal)
    }

    /// Content, as it is. Null where something else is counted.
    async fn content_assets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Answer<Option<Listed<content_asset::Entity>>> {
        let _ = (first, after, last, before);
        self.listed(ctx, Grain::ContentAsset)
    }
}
