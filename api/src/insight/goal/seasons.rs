//! What the months of a goal's period came to in earlier years, for its curve. It writes nothing: whoever drafts the goal puts
//! the weights into it, so that both sides sign the curve as it is.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, Object, Result as Answer, SimpleObject};
use chrono::Months;

use super::curve::months;
use crate::{
    actor::Permission,
    error::{Error, Result},
    graph::{
        derived::{Period, Term, Tried},
        root::access,
        scalar::{CurrencyCode, Date, DateTime, Decimal},
    },
    insight::metric::{
        answer::whole,
        ask::Ask,
        catalog::{pipeline_created, pipeline_influenced, pipeline_sourced, revenue},
        exact::Exact,
        graphql::{
            inputs::{Asked, MetricFilter, MissingRate},
            result::text,
        },
        key::Key,
        prior::Days,
        unit::Unit,
    },
    store::Access,
};

/// Metrics whose months add up to their year.
const SUMS: [&str; 4] =
    [revenue::METRIC.key, pipeline_created::METRIC.key, pipeline_sourced::METRIC.key, pipeline_influenced::METRIC.key];
const MOST_YEARS: i32 = 5;
/// Months of all years together: each is a question.
const MOST_MONTHS: usize = 60;

/// A month of a goal's period, and what it came to in earlier years.
#[derive(SimpleObject)]
pub struct GoalSeason {
    /// Its first day within the period.
    start: Date,
    /// The first day after it.
    end: Date,
    /// What these days came to in the earlier years together; null when withheld.
    value: Option<Decimal>,
    /// Whether one of these rests on too few records for the caller to be told.
    withheld: bool,
}

/// How a year goes by earlier years.
#[derive(SimpleObject)]
pub struct GoalSeasonality {
    /// The currency of the values.
    currency: CurrencyCode,
    /// The calendar months that the period touches.
    months: Vec<GoalSeason>,
    /// Their values, as a curve SEASONAL takes them; null where one is withheld, and where all are 0.
    weights: Option<Vec<Decimal>>,
}

#[derive(Default)]
pub struct GoalSeasonReads;

#[Object]
impl GoalSeasonReads {
    /// What the calendar months of a goal's period came to in earlier years, over all records of the organisation: the weights
    /// of a curve SEASONAL. The same days of each month are taken, as they are known now. A month that rests on fewer than five
    /// records in one of the years is withheld from who does not see all of them. Null without the permission. Errors:
    /// BAD_USER_INPUT for a metric whose months do not add up (it takes REVENUE, PIPELINE_CREATED, PIPELINE_SOURCED and
    /// PIPELINE_INFLUENCED), for more than 60 months together, and as for `metric`. Requires METRIC_READ.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a field of the schema")]
    async fn goal_seasonality(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the goal measures.")] metric: Term<Key>,
        #[graphql(desc = "The first day of the goal.")] period_start: Date,
        #[graphql(desc = "The first day after it.")] period_end: Date,
        #[graphql(desc = "Only these records; all of the organisation unless given.")] scope: Option<MetricFilter>,
        #[graphql(desc = "The currency of money; the organisation's unless given.")] currency: Option<CurrencyCode>,
        #[graphql(default = 3, desc = "How many years back: 1 to 5.")] years: i32,
    ) -> Answer<Tried<GoalSeasonality>> {
        let access = access(ctx)?;
        if !access.actor().may(Permission::MetricRead) {
            return Ok(Tried(Ok(None)));
        }
        let days = (period_start.0, period_end.0);
        let question = (scope, currency.map(|code| code.0));
        Ok(Tried(Box::pin(seasons(access, metric.0, days, question, years)).await.map(Some)))
    }
}

type Question = (Option<MetricFilter>, Option<entity::money::Currency>);

async fn seasons(
    access: &Access,
    key: Key,
    days: Days,
    (filter, currency): Question,
    years: i32,
) -> Result<GoalSeasonality> {
    let metric = key.metric();
    if !SUMS.contains(&metric.key) {
        return Err(Error::BadInput(format!("metric: months of {} do not add up", metric.key)));
    }
    if !(1..=MOST_YEARS).contains(&years) {
        return Err(Error::BadInput(format!("years: give between 1 and {MOST_YEARS}")));
    }
    if days.0 >= days.1 || (days.1 - days.0).num_days() > 31 * i64::try_from(MOST_MONTHS).unwrap_or_default() {
        return Err(Error::BadInput("periodEnd: this must be after periodStart, and not too far".into()));
    }
    let months = months(days);
    let back: Vec<u32> = (1..=years.unsigned_abs()).map(|year| year * 12).collect();
    if months.len() * back.len() > MOST_MONTHS {
        return Err(Error::BadInput(format!("years: together there are more than {MOST_MONTHS} months")));
    }
    let now = DateTime(access.now());
    let period = Period { start: DateTime(now.0 - chrono::TimeDelta::days(1)), end: now };
    let missing = MissingRate::Refuse;
    let asked = Asked { period, filter, as_of: None, by: vec![], currency, options: None, missing };
    let ask = asked.ask(access, Some(metric)).await?;
    let mut found = Vec::with_capacity(months.len());
    for (start, end) in months {
        let (mut value, mut withheld) = (Some(Exact::ZERO), false);
        for back in &back {
            let then = |day: chrono::NaiveDate| ask.home.begins(day - Months::new(*back));
            let figures = whole(&Ask { start: then(start), end: then(end), ..ask.clone() }, metric).await?;
            value = value.and_then(|sum| sum.plus(figures.worked.value?));
            withheld |= figures.withheld;
        }
        let value = text(Unit::Money, value.filter(|_| !withheld), ask.currency);
        found.push(GoalSeason { start: Date(start), end: Date(end), value, withheld });
    }
    let weights: Option<Vec<Decimal>> = found.iter().map(|month| month.value).collect();
    let weights = weights.filter(|all| all.iter().any(|weight| !weight.0.is_zero()));
    Ok(GoalSeasonality { currency: CurrencyCode(ask.currency), months: found, weights })
}
