//! What `metric` is asked, as the schema takes it.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{ID, InputObject, SimpleObject};
use entity::{
    campaign::Channel,
    handoff::Category,
    lead::Status,
    money::Currency,
    opportunity::{LossReason, OppType},
    sla_clock::{Kind, Priority},
    user::Side,
    word::Word,
    words,
};
use sea_orm::Value;
use serde::{Deserialize, Serialize};

use super::super::{
    Metric,
    ask::{Ask, Only},
    dimension::{Dimension, value_of},
    exact::Exact,
    options::{Opt, Options, PriorMode, Step},
    prior::prior,
};
use crate::{
    crm::home::Home,
    error::{Error, Result},
    graph::{
        derived::{Period, Term},
        scalar::{DateTime, Decimal},
    },
    store::Access,
};

words! {
    /// What to do with money for which no rate of exchange is known.
    pub enum MissingRate as "MissingRate" {
        /// Answer nothing: an error names the pairs of currencies and the days.
        Refuse = "REFUSE",
        /// Leave it out and say so in `unconverted`.
        Bucket = "BUCKET",
    }
}

/// Which records a metric counts. All members given must hold; each holds for one of its values. Goals are those whose own scope
/// names one of the values.
#[derive(Clone, Debug, Default, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(name = "MetricScope", input_name = "MetricFilter")]
pub struct MetricFilter {
    /// Ways of selling.
    pipeline_ids: Option<Vec<ID>>,
    /// Stages.
    stage_ids: Option<Vec<ID>>,
    /// Sorts of business.
    types: Option<Vec<Term<OppType>>>,
    /// Main things sold.
    product_ids: Option<Vec<ID>>,
    /// Campaigns they began with; of answers to surveys those that brought the leads behind them.
    campaign_ids: Option<Vec<ID>>,
    /// Roads by which the leads came.
    channels: Option<Vec<Term<Channel>>>,
    /// Where the leads came from, in the organisation's own words.
    sources: Option<Vec<String>>,
    /// Industries of the accounts: the segments.
    industries: Option<Vec<String>>,
    /// Countries of the accounts, or of the leads.
    countries: Option<Vec<String>>,
    /// Where leads stand, as they are.
    lead_statuses: Option<Vec<Term<Status>>>,
    /// How much the leads hurried.
    priorities: Option<Vec<Term<Priority>>>,
    /// What clocks waited for.
    sla_kinds: Option<Vec<Term<Kind>>>,
    /// Why they were lost.
    loss_reasons: Option<Vec<Term<LossReason>>>,
    /// What kinds of reasons leads were rejected for.
    rejection_categories: Option<Vec<Term<Category>>>,
    /// The reasons that leads were rejected for.
    rejection_reason_ids: Option<Vec<ID>>,
    /// Who else wanted to sell, or sold.
    competitors: Option<Vec<String>>,
    /// Sides for which content is, or that proposed target accounts.
    sides: Option<Vec<Term<Side>>>,
    /// Lists of target accounts.
    target_list_ids: Option<Vec<ID>>,
    /// Owners; of contracts, answers and target accounts those of the accounts. Figures over people of whom the caller does not
    /// reach each are withheld, in every report.
    owner_ids: Option<Vec<ID>>,
    /// Whom the owners report to. Withheld where the caller does not reach everybody below them.
    manager_ids: Option<Vec<ID>>,
    /// Teams of the owners. Withheld where the caller does not reach everybody in them.
    team_ids: Option<Vec<ID>>,
    /// Regions of the owners. Withheld where the caller does not reach everybody there.
    regions: Option<Vec<String>>,
}

/// What some metrics can be told beside period and filter. What a metric does not take is BAD_USER_INPUT; `metrics` says
/// what it takes and what it needs.
#[derive(Clone, Debug, Default, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(name = "MetricSettings", input_name = "MetricOptionsInput")]
pub struct MetricOptionsInput {
    /// What is to be reached, in the unit of what is measured; money in whole units of the currency.
    target: Option<Decimal>,
    /// Which period is compared with; DAYS unless given.
    prior_mode: Option<Term<PriorMode>>,
    /// How many days back rates and times are looked up, 1 to 3660; 180 unless given.
    window_days: Option<i32>,
    /// The step of the funnel that records came to in the period; MQL unless given.
    from: Option<Term<Step>>,
    /// The later step that they were to reach; SQL unless given.
    to: Option<Term<Step>>,
    /// Within how many days they were to reach it, 1 to 3660; ever unless given.
    within_days: Option<i32>,
    /// What sales cost in the period beside campaigns, in whole units of the currency; not less than 0. Accord knows no pay.
    sales_cost: Option<Decimal>,
    /// Which share of revenue is left after what it costs to deliver: more than 0, at most 1.
    gross_margin: Option<Decimal>,
    /// For how many months a customer is counted on at most, 1 to 1200; 60 unless given.
    max_months: Option<i32>,
    /// How many days earlier than customers came the money for them was spent, 0 to 3660; 0 unless given.
    lag_days: Option<i32>,
    /// Counts the unanswered as later than all others.
    censored: Option<bool>,
    /// How often sales is to call, write to or meet each lead that it accepted, 1 to 20; 3 unless given.
    required_attempts: Option<i32>,
    /// The stage that opportunities came to in the period, one on the way: an id that begins with `stage_`.
    from_stage_id: Option<ID>,
    /// The later stage of the same pipeline that they were to reach, not a lost one: an id that begins with `stage_`. What fits
    /// not is BAD_USER_INPUT with the `userErrorCode` VALIDATION, what is not there NOT_FOUND; the message names the option.
    to_stage_id: Option<ID>,
    /// The ATTRIBUTION agreement by which credit is given, for its version in force, or a version of one.
    model_id: Option<ID>,
}

/// Which cohort a funnel follows.
#[derive(Default, InputObject)]
pub struct FunnelInput {
    /// The step that they came to in the period; LEAD unless given, at most OPPORTUNITY.
    from: Option<Term<Step>>,
    /// Within how many days of that they count as having reached a later one, 1 to 3660; ever unless given.
    within_days: Option<i32>,
}

impl From<FunnelInput> for MetricOptionsInput {
    fn from(cohort: FunnelInput) -> Self {
        let from = cohort.from.unwrap_or(Term(Step::Lead));
        Self { from: Some(from), to: Some(Term(Step::Won)), within_days: cohort.within_days, ..Self::default() }
    }
}

const MOST_DAYS: i32 = 3660;

impl MetricOptionsInput {
    /// The cohort of a funnel that these say.
    pub fn cohort(&self) -> FunnelInput {
        FunnelInput { from: self.from, within_days: self.within_days }
    }

    /// Whether they say a cohort of a funnel and nothing else.
    pub fn is_cohort(&self) -> bool {
        let rest = Self { from: None, within_days: None, ..self.clone() };
        rest.read().is_ok_and(|rest| rest.given.is_empty())
    }

    pub fn unanswered_last(censored: bool) -> Self {
        Self { censored: Some(censored), ..Self::default() }
    }

    pub fn window(days: i32) -> Self {
        Self { window_days: Some(days), ..Self::default() }
    }

    pub fn read(&self) -> Result<Options> {
        let mut options = Options::default();
        let days = |name: &str, days: i32| {
            let wrong = || Error::BadInput(format!("options.{name}: give between 1 and {MOST_DAYS}"));
            if (1..=MOST_DAYS).contains(&days) { Ok(i64::from(days)) } else { Err(wrong()) }
        };
        if let Some(target) = &self.target {
            let wrong = || Error::BadInput("options.target: not a number that can be reckoned with".into());
            options.numbers.push((Opt::Target, Exact::parse(&target.to_string()).ok_or_else(wrong)?));
            options.given.push(Opt::Target);
        }
        self.money(&mut options)?;
        if let Some(mode) = self.prior_mode {
            options.prior = mode.0;
            options.given.push(Opt::PriorMode);
        }
        if let Some(window) = self.window_days {
            options.window_days = days("windowDays", window)?;
            options.given.push(Opt::WindowDays);
        }
        if let Some(within) = self.within_days {
            options.within_days = Some(days("withinDays", within)?);
            options.given.push(Opt::WithinDays);
        }
        if let Some(from) = self.from {
            options.from = from.0;
            options.given.push(Opt::From);
        }
        if let Some(to) = self.to {
            options.to = to.0;
            options.given.push(Opt::To);
        }
        if let Some(censored) = self.censored {
            options.censored = censored;
            options.given.push(Opt::Censored);
        }
        if let Some(attempts) = self.required_attempts {
            let wrong = || Error::BadInput("options.requiredAttempts: give between 1 and 20".into());
            options.required_attempts = Some(attempts).filter(|n| (1..=20).contains(n)).ok_or_else(wrong)?.into();
            options.numbers.push((Opt::RequiredAttempts, Exact::whole(options.required_attempts)));
            options.given.push(Opt::RequiredAttempts);
        }
        for (option, name, given, slot) in [
            (Opt::FromStage, "fromStageId", &self.from_stage_id, &mut options.from_stage),
            (Opt::ToStage, "toStageId", &self.to_stage_id, &mut options.to_stage),
        ] {
            let Some(id) = given else { continue };
            let wrong = || Error::BadInput(format!("options.{name}: not an id of stage"));
            *slot = Some(crate::graph::value::id("stage", id).ok_or_else(wrong)?);
            options.given.push(option);
        }
        if let Some(id) = &self.model_id {
            options.model = Some(id.0.clone());
            options.given.push(Opt::Model);
        }
        if options.from >= options.to {
            return Err(Error::BadInput("options: `to` must be a later step of the funnel than `from`".into()));
        }
        Ok(options)
    }
}

impl MetricOptionsInput {
    /// What costs and customers' value are reckoned with.
    fn money(&self, options: &mut Options) -> Result<()> {
        let exact = |name: &str, given: &Decimal, fits: fn(Exact) -> bool| {
            let wrong = || Error::BadInput(format!("options.{name}: out of range"));
            Exact::parse(&given.to_string()).filter(|n| fits(*n)).ok_or_else(wrong)
        };
        let mut number = |option: Opt, value: Exact| {
            options.numbers.push((option, value));
            options.given.push(option);
        };
        if let Some(cost) = &self.sales_cost {
            number(Opt::SalesCost, exact("salesCost", cost, |n| !n.is_negative())?);
        }
        if let Some(margin) = &self.gross_margin {
            let fits = |n: Exact| n.is_positive() && Exact::whole(1).minus(n).is_some_and(|rest| !rest.is_negative());
            number(Opt::GrossMargin, exact("grossMargin", margin, fits)?);
        }
        if let Some(months) = self.max_months {
            let wrong = || Error::BadInput("options.maxMonths: give between 1 and 1200".into());
            let months = Some(months).filter(|n| (1..=1200).contains(n)).ok_or_else(wrong)?;
            number(Opt::MaxMonths, Exact::whole(months.into()));
        }
        if let Some(days) = self.lag_days {
            let wrong = || Error::BadInput(format!("options.lagDays: give between 0 and {MOST_DAYS}"));
            options.lag_days = Some(days).filter(|n| (0..=MOST_DAYS).contains(n)).ok_or_else(wrong)?.into();
            options.given.push(Opt::LagDays);
        }
        Ok(())
    }
}

impl MetricFilter {
    pub fn read(&self) -> Result<Vec<Only>> {
        let mut only = Vec::new();
        let ids = [
            (Dimension::Pipeline, "pipelineIds", &self.pipeline_ids),
            (Dimension::Stage, "stageIds", &self.stage_ids),
            (Dimension::Product, "productIds", &self.product_ids),
            (Dimension::Campaign, "campaignIds", &self.campaign_ids),
            (Dimension::RejectionReason, "rejectionReasonIds", &self.rejection_reason_ids),
            (Dimension::TargetList, "targetListIds", &self.target_list_ids),
            (Dimension::Owner, "ownerIds", &self.owner_ids),
            (Dimension::Manager, "managerIds", &self.manager_ids),
            (Dimension::Team, "teamIds", &self.team_ids),
        ];
        for (dimension, name, ids) in ids {
            let Some(ids) = ids else { continue };
            let wrong = |id: &ID| Error::BadInput(format!("filter.{name}: {} is not such an id", id.as_str()));
            let read = |id: &ID| value_of(dimension, id.as_str()).ok_or_else(|| wrong(id));
            only.push(Only { dimension, any: ids.iter().map(read).collect::<Result<_>>()? });
        }
        let texts = [
            (Dimension::Source, &self.sources),
            (Dimension::Industry, &self.industries),
            (Dimension::Country, &self.countries),
            (Dimension::Region, &self.regions),
            (Dimension::Competitor, &self.competitors),
        ];
        for (dimension, texts) in texts {
            let Some(texts) = texts else { continue };
            only.push(Only { dimension, any: texts.iter().map(|text| Value::from(text.clone())).collect() });
        }
        only.extend(words(Dimension::Type, self.types.as_deref()));
        only.extend(words(Dimension::Channel, self.channels.as_deref()));
        only.extend(words(Dimension::Side, self.sides.as_deref()));
        only.extend(words(Dimension::LossReason, self.loss_reasons.as_deref()));
        only.extend(words(Dimension::LeadStatus, self.lead_statuses.as_deref()));
        only.extend(words(Dimension::Priority, self.priorities.as_deref()));
        only.extend(words(Dimension::SlaKind, self.sla_kinds.as_deref()));
        only.extend(words(Dimension::RejectionCategory, self.rejection_categories.as_deref()));
        if only.iter().any(|only| only.any.is_empty() || only.any.len() > 100) {
            return Err(Error::BadInput("filter: give between 1 and 100 values in each list".into()));
        }
        Ok(only)
    }
}

fn words<W: Word>(dimension: Dimension, words: Option<&[Term<W>]>) -> Option<Only> {
    let any = words?.iter().map(|word| Value::from(word.0.word())).collect();
    Some(Only { dimension, any })
}

/// The arguments of `metric` after its key.
pub struct Asked {
    pub period: Period,
    pub filter: Option<MetricFilter>,
    pub as_of: Option<DateTime>,
    pub by: Vec<Dimension>,
    pub currency: Option<Currency>,
    pub options: Option<MetricOptionsInput>,
    pub missing: MissingRate,
}

/// Most dimensions at once.
const MOST_DIMENSIONS: usize = 4;

impl Asked {
    /// The question, with what the organisation says: its days and its currency. One statement.
    pub async fn ask(self, access: &Access, metric: Option<&Metric>) -> Result<Ask> {
        let (start, end) = self.period.ends()?;
        let mut by = self.by;
        by.dedup();
        if by.len() > MOST_DIMENSIONS {
            return Err(Error::BadInput(format!("groupBy takes at most {MOST_DIMENSIONS} dimensions")));
        }
        let home = Home::seen(access).await?;
        let needs = || Error::BadInput("currency: the organisation has none, so give one".into());
        let options = self.options.unwrap_or_default().read()?;
        let compared = metric.is_none_or(|metric| metric.takes.iter().any(|(option, _)| *option == Opt::PriorMode));
        let mode = if compared { options.prior } else { PriorMode::Days };
        let wrong = || Error::BadInput("options.priorMode: CALENDAR needs a period of whole months".into());
        Ok(Ask {
            access: access.clone(),
            home,
            start,
            end,
            at: self.as_of.map(|at| at.0).filter(|at| *at < access.now()),
            only: self.filter.unwrap_or_default().read()?,
            by,
            currency: self.currency.or(home.currency).ok_or_else(needs)?,
            prior: prior(home.days(start, end), mode).ok_or_else(wrong)?,
            bucket: self.missing == MissingRate::Bucket,
            without: vec![],
            options,
            rules: [].into(),
            day: None,
            known: false,
        })
    }
}
