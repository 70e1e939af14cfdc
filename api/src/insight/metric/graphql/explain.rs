//! What a metric's value is made of, down to the records that the caller may see.

use async_graphql::{Context, Object, Result as Answer};
use entity::{
    account, activity, attribution_credit, campaign_cost, contact, content_asset, customer_contract,
    forecast_submission, goal, handoff, lead, lead_cycle, opportunity_state, sla_clock, survey_response, target_entry,
};
use sea_orm::Condition;

use super::result::MetricResult;
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
            Figure::Total(Measure::BusinessSeconds) | Figure::Percentile(Measure::BusinessSeconds, _) => Unit::Seconds,
            Figure::Total(Measure::CycleDays | Measure::StageDays) | Figure::Percentile(..) => Unit::Days,
            Figure::Count | Figure::Total(_) => Unit::Count,
            _ => Unit::Money,
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

    /// How many records; null when the metric is withheld, and of `DATA_HEALTH` when a rule is.
    async fn count(&self) -> Option<i32> {
        self.result.figures.input(self.part, self.result.ask.currency).0
    }

    /// What they come to: their number, sum or percentile. Null when there are none, and where `count` is.
    async fn value(&self) -> Option<Decimal> {
        self.result.figures.input(self.part, self.result.ask.currency).1
    }

    /// What `value` counts.
    async fn unit(&self) -> Term<Unit> {
        Term(self.part.unit())
    }

    /// The records, as far as the caller may see them.
    async fn records(&self) -> MetricRecords<'a> {
        let ask = &self.result.ask;
        let kept = ask.day.is_some() && self.part.is_by_rules();
        MetricRecords { ask, grain: self.part.grain, which: self.part.which, kept }
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
        MetricRecords { ask: self.ask, grain: self.left.grain, which: self.left.which, kept: false }
    }
}

pub struct MetricRecords<'a> {
    ask: &'a Ask,
    grain: Grain,
    which: fn(&Ask) -> Condition,
    /// Which records they were is not known any more.
    kept: bool,
}

impl MetricRecords<'_> {
    fn listed<E: Record>(&self, ctx: &Context<'_>, of: Grain) -> Answer<Option<Listed<E>>> {
        let only = || -> Result<Condition> { contributors(self.ask, self.grain, (self.which)(self.ask)) };
        Ok(if self.grain == of && !self.kept { Some(Listed::of(ctx, only()?)) } else { None })
    }
}

/// The fields of `MetricRecords`: a list for each thing that is counted.
macro_rules! records {
    ($($about:literal $field:ident: $entity:ty = $grain:ident),+ $(,)?) => {
        /// Records behind a figure. Only those that the caller may see, so that there may be fewer than were counted; of a past instant
        /// without what was deleted since, opportunities apart.
        #[Object]
        impl MetricRecords<'_> {
            $(
                #[doc = concat!(" ", $about, " Null where something else is counted, and behind what was kept.")]
                async fn $field(
                    &self,
                    ctx: &Context<'_>,
                    #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
                    #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
                    #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
                    #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
                ) -> Answer<Option<Listed<$entity>>> {
                    let _ = (first, after, last, before);
                    self.listed(ctx, Grain::$grain)
                }
            )+
        }
    };
}

records! {
    "The opportunities, as they stood." opportunities: opportunity_state::Entity = Opportunity,
    "Rounds of leads." lead_cycles: lead_cycle::Entity = LeadCycle,
    "Offers of leads to sales." handoffs: handoff::Entity = Handoff,
    "Clocks of response times." sla_clocks: sla_clock::Entity = SlaClock,
    "What was spent on campaigns." campaign_costs: campaign_cost::Entity = CampaignCost,
    "Contracts with customers." customer_contracts: customer_contract::Entity = CustomerContract,
    "What people forecast." forecast_submissions: forecast_submission::Entity = ForecastSubmission,
    "What customers answered." survey_responses: survey_response::Entity = SurveyResponse,
    "Accounts, as they are." accounts: account::Entity = Account,
    "Contacts, as they are." contacts: contact::Entity = Contact,
    "Leads, as they are." leads: lead::Entity = Lead,
    "Accounts on lists of target accounts." target_entries: target_entry::Entity = TargetEntry,
    "Goals." goals: goal::Entity = Goal,
    "Content." content_assets: content_asset::Entity = ContentAsset,
    "What was to be done." activities: activity::Entity = Activity,
    "Credit for sales, as it is." attribution_credits: attribution_credit::Entity = AttributionCredit,
}
