//! What a frozen report holds: the figures of a report as they were answered, and nothing that leads to records.

use async_graphql::{ID, SimpleObject};
use entity::{
    goal_snapshot::PaceStatus,
    id::{GoalId, RowId},
};
use serde::Serialize;

use super::{Report, graphql::RevenueSide};
use crate::{
    error::{Error, Result},
    graph::{
        derived::{Money, Term},
        scalar::Decimal,
    },
    insight::{
        forecast::graphql::{ForecastPart, PipelineForecast},
        funnel::graphql::{Funnel, FunnelCohort, FunnelFlow},
        goal::{body::exact, measure::Progress},
        metric::{
            Metric,
            answer::{self, Figures},
            ask::Ask,
            catalog,
            exact::Exact,
            graphql::result::text,
            key::Key,
            options::Step,
            unit::Unit,
        },
        waterfall::{Waterfall, ledger::Bucket},
    },
};

/// The figures of a revenue report as they were.
#[derive(Serialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct RevenueFigures {
    /// The version of the form in which they were kept; null in reports that were frozen before there was a second one.
    format: Option<i32>,
    /// Whether this is the copy for who does not see all records: without what rests on few of them and without VOLUME. Null in
    /// reports that were frozen before this was kept.
    shared: Option<bool>,
    /// The way from a lead to a sale, from both ends.
    funnel: Vec<RevenueFunnelStep>,
    /// How the pipeline moved, from START to END; empty where the period had not begun.
    waterfall: Vec<RevenueWaterfallBucket>,
    /// What the period was forecast to bring.
    forecast: RevenueForecast,
    /// REVENUE, `REVENUE_GROWTH`, `WIN_RATE`, `PIPELINE_CREATED`, `PIPELINE_VELOCITY`, `SLA_ATTAINMENT`, `RESPONSE_TIME_P50`,
    /// `RESPONSE_TIME_P90` and, with a target, `PIPELINE_COVERAGE` and `PIPELINE_COVERAGE_WEIGHTED`.
    metrics: Vec<RevenueMetric>,
    /// Goals whose period overlapped this one; those that could not be measured are in `goalsLeftOut`.
    goals: Vec<RevenueGoal>,
    /// Goals whose period overlapped this one that could not be measured, and why; null in reports that were frozen before
    /// this was kept.
    goals_left_out: Option<Vec<RevenueGoalLeftOut>>,
    /// What marketing and sales promised each other, and who owed whom.
    sides: Vec<RevenueSide>,
}

/// A step of the funnel as it was.
#[derive(Serialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct RevenueFunnelStep {
    /// Which step.
    step: Term<Step>,
    /// Of those that came in as leads in the period.
    cohort: Option<FunnelCohort>,
    /// Of those that came to this step in the period.
    flow: FunnelFlow,
}

/// What moved the pipeline in one way, as it was.
#[derive(Serialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct RevenueWaterfallBucket {
    /// In which way.
    key: Term<Bucket>,
    /// 1 if it adds to what was there at the start, -1 if it takes from it, 0 for START and END themselves.
    sign: i32,
    /// How many opportunities; null when withheld.
    count: Option<i32>,
    /// What they came to; null when withheld.
    amount: Option<Money>,
}

/// What a period was forecast to bring.
#[derive(Serialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct RevenueForecast {
    /// What was won; null when withheld.
    won: Option<Money>,
    /// How many were won; null when withheld.
    won_count: Option<i32>,
    /// What was won, and what was open times its chances; null when a part of it is withheld.
    weighted: Option<Money>,
    /// The parts of the forecast, the surest first.
    parts: Vec<ForecastPart>,
}

/// A metric as it was.
#[derive(Serialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct RevenueMetric {
    /// Which metric.
    key: Term<Key>,
    /// The version of its formula.
    formula_version: i32,
    /// What `value` counts.
    #[graphql(name = "unit")]
    counts: Term<Unit>,
    /// Its value; null where it had none, and when withheld.
    value: Option<Decimal>,
    /// What was divided.
    numerator: Option<Decimal>,
    /// By what it was divided.
    denominator: Option<Decimal>,
    /// On how many records it rested; null when withheld.
    n: Option<i32>,
    /// Whether it rested on too few records to be told.
    withheld: bool,
}

/// A goal as it stood.
#[derive(Serialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct RevenueGoal {
    /// The goal: an id that begins with `goal_`.
    goal_id: ID,
    /// What is measured.
    metric: Term<Key>,
    /// What was to be reached.
    target: Option<Decimal>,
    /// What was reached; null where the metric had no value, and when withheld.
    actual: Option<Decimal>,
    /// What was expected by then.
    expected: Option<Decimal>,
    /// What was done of what was expected by then.
    pace_ratio: Option<Decimal>,
    /// What would have been reached at this pace.
    projected: Option<Decimal>,
    /// What each day left had to bring.
    required_per_day: Option<Decimal>,
    /// How it did.
    status: Option<Term<PaceStatus>>,
    /// Whether it rested on too few records, or on named people's, to be told.
    withheld: bool,
}

/// A goal that could not be measured.
#[derive(Serialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct RevenueGoalLeftOut {
    /// The goal: an id that begins with `goal_`.
    goal_id: ID,
    /// Why, for people.
    reason: String,
}

/// Raised when the form changes. Members are added, never renamed or given another meaning: what was frozen stays readable.
const FORMAT: i32 = 2;

/// Every figure of a report, at once; of `shared` it is known that the report's caller sees none of the records.
pub async fn figures(report: &Report, shared: bool) -> Result<RevenueFigures> {
    // boxed: together they are more than a thread's stack holds in a debug build
    let funnel = Box::pin(Funnel::over(report.cohort())).await?;
    let funnel = funnel.told().into_iter().map(|(step, cohort, flow)| RevenueFunnelStep { step, cohort, flow });
    let mut waterfall = Vec::new();
    if let Some((ask, since)) = report.moved() {
        let found = Box::pin(Waterfall::of(&ask, since)).await?;
        waterfall = Bucket::ALL.into_iter().map(|key| bucket(&ask, &found, key)).collect();
    }
    let forecast = Box::pin(PipelineForecast::over(report.plain())).await?;
    let forecast = RevenueForecast {
        won: forecast.told_won(),
        won_count: forecast.told_count(),
        weighted: forecast.told_weighted(),
        parts: forecast.told_parts(),
    };
    let metrics = Box::pin(metrics(report)).await?;
    let (goals, left_out) = Box::pin(goals(report)).await?;
    let sides = RevenueSide::both(&Box::pin(report.commitments()).await?);
    Ok(RevenueFigures {
        format: Some(FORMAT),
        shared: Some(shared),
        funnel: funnel.collect(),
        waterfall,
        forecast,
        metrics,
        goals,
        goals_left_out: Some(left_out),
        sides,
    })
}

fn bucket(ask: &Ask, found: &Waterfall, key: Bucket) -> RevenueWaterfallBucket {
    let sum = found.get(key);
    let money = |minor: i64| Money(entity::money::Money::new(minor, ask.currency));
    RevenueWaterfallBucket {
        key: Term(key),
        sign: i32::try_from(key.sign()).unwrap_or_default(),
        count: sum.map(|sum| i32::try_from(sum.count).unwrap_or(i32::MAX)),
        amount: sum.and_then(|sum| i64::try_from(sum.amount).ok()).map(money),
    }
}

async fn metrics(report: &Report) -> Result<Vec<RevenueMetric>> {
    let plain = report.plain();
    let mut asked: Vec<(Ask, &'static Metric)> = [
        &catalog::revenue::METRIC,
        &catalog::revenue_growth::METRIC,
        &catalog::win_rate::METRIC,
        &catalog::pipeline_created::METRIC,
        &catalog::pipeline_velocity::METRIC,
        &catalog::sla_attainment::METRIC,
        &catalog::response_time_p50::METRIC,
        &catalog::response_time_p90::METRIC,
    ]
    .map(|metric| (plain.clone(), metric))
    .into();
    if let Some(ask) = report.covered().await? {
        asked.push((ask.clone(), &catalog::pipeline_coverage::METRIC));
        asked.push((ask, &catalog::pipeline_coverage_weighted::METRIC));
    }
    let mut all = Vec::with_capacity(asked.len());
    for (ask, metric) in asked {
        let figures = Box::pin(answer::whole(&ask, metric)).await?;
        all.extend(told(&ask, metric, &figures));
    }
    Ok(all)
}

fn told(ask: &Ask, metric: &'static Metric, figures: &Figures) -> Option<RevenueMetric> {
    let side = |value: Option<Exact>| text(Unit::Ratio, value, ask.currency).filter(|_| !figures.withheld);
    Some(RevenueMetric {
        key: Term(Key::of(metric)?),
        formula_version: metric.version,
        counts: Term(metric.unit),
        value: text(metric.unit, figures.worked.value, ask.currency).filter(|_| !figures.withheld),
        numerator: side(figures.worked.numerator),
        denominator: side(figures.worked.denominator),
        n: Some(i32::try_from(figures.n).unwrap_or(i32::MAX)).filter(|_| !figures.withheld),
        withheld: figures.withheld,
    })
}

/// Goals as they stood, and those that cannot be measured. What breaks on our side is not frozen as if it were a reason.
async fn goals(report: &Report) -> Result<(Vec<RevenueGoal>, Vec<RevenueGoalLeftOut>)> {
    let ids = report.goals().await?;
    let all = Progress::of(&report.ask.access, &ids, report.ask.now()).await?;
    let (mut kept, mut left_out) = (Vec::new(), Vec::new());
    for (id, one) in ids.into_iter().zip(all).filter_map(|(id, one)| Some((id, one?))) {
        match one {
            Ok(one) => kept.push(standing(&one)),
            Err(error @ (Error::BadInput(_) | Error::Refused(_))) => {
                let goal_id = ID(GoalId::from_uuid(id).to_string());
                left_out.push(RevenueGoalLeftOut { goal_id, reason: error.to_string() });
            }
            Err(error) => return Err(error),
        }
    }
    Ok((kept, left_out))
}

fn standing(one: &Progress) -> RevenueGoal {
    let value = |value: Option<Exact>| text(one.body.measures().unit, value, one.ask.currency);
    let share = |value: Option<Exact>| text(Unit::Ratio, value, one.ask.currency);
    RevenueGoal {
        goal_id: ID(one.goal.id.to_string()),
        metric: one.body.metric,
        target: value(Some(exact(&one.body.target))),
        actual: value(one.figures.worked.value.filter(|_| !one.figures.withheld)),
        expected: value(one.pace.expected),
        pace_ratio: share(one.pace.ratio),
        projected: value(one.pace.projected),
        required_per_day: value(one.pace.required_per_day),
        status: one.pace.status.map(Term),
        withheld: one.figures.withheld,
    }
}
