//! Answers the widgets of a dashboard, each by the question that its own query asks: the same figures, the same rights. One
//! that cannot be answered says why, and the others stand.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{dashboard::Model, id::RowId};
use uuid::Uuid;

use super::{
    layout::DashboardLayout,
    widget::{DashboardWidget, Draw},
};
use crate::{
    actor::Permission,
    crm::home::Home,
    error::{Error, Result},
    graph::{derived::Period, scalar},
    insight::{
        forecast::graphql::PipelineForecast,
        funnel::graphql::Funnel,
        goal::{measure::Progress, progress::GoalProgress},
        metric::{
            Metric, Past,
            graphql::{
                inputs::{Asked, MissingRate},
                result::MetricResult,
            },
            prior::Days,
        },
        metric_day,
        waterfall::graphql::PipelineWaterfall,
    },
    store::Access,
};

/// What a widget shows.
pub enum Shown {
    Metric(Box<MetricResult>),
    Line(Vec<Point>),
    Funnel(Box<Funnel>),
    Waterfall(Box<PipelineWaterfall>),
    Forecast(Box<PipelineForecast>),
    Goal(Box<GoalProgress>),
}

/// A step of a line.
pub struct Point {
    pub days: Days,
    pub span: (DateTime<Utc>, DateTime<Utc>),
    pub result: MetricResult,
}

/// A widget with its answer.
pub struct Answered {
    pub widget: DashboardWidget,
    /// Its days; none for goals, which have their own.
    pub days: Option<Days>,
    pub span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    pub shown: Result<Shown>,
}

/// What a dashboard asks.
pub fn layout(row: &Model) -> Result<DashboardLayout> {
    let wrong = |error| Error::internal(format!("{}: {error}", row.id));
    serde_json::from_value(row.layout.clone()).map_err(wrong)
}

/// Whoever answers.
pub struct Desk<'a> {
    access: &'a Access,
    home: Home,
    goals: HashMap<Uuid, Result<Progress>>,
}

impl<'a> Desk<'a> {
    /// Every widget, in order. Goals are read together: two statements, and those of each question that differs.
    pub async fn answers(access: &'a Access, row: &Model) -> Result<Vec<Answered>> {
        let layout = layout(row)?;
        let mut desk = Self { access, home: Home::seen(access).await?, goals: goals(access, &layout).await? };
        let mut answers = Vec::with_capacity(layout.widgets.len());
        for widget in layout.widgets {
            let days = widget.period.and_then(|period| period.days(desk.today(), desk.home.year_begins()));
            let shown = Box::pin(desk.show(&widget, days)).await;
            if let Err(Error::Internal(what)) = &shown {
                tracing::error!(%what, dashboard = %row.id, widget = %widget.key, "a widget failed");
            }
            answers.push(Answered { span: days.map(|days| desk.span(days)), widget, days, shown });
        }
        Ok(answers)
    }

    fn today(&self) -> NaiveDate {
        self.home.day(self.access.now())
    }

    fn span(&self, (start, end): Days) -> (DateTime<Utc>, DateTime<Utc>) {
        (self.home.begins(start), self.home.begins(end))
    }

    async fn show(&mut self, widget: &DashboardWidget, days: Option<Days>) -> Result<Shown> {
        if widget.draw.0 == Draw::Goal {
            return self.goal(widget);
        }
        let days = days.ok_or_else(|| Error::internal("a widget without a period"))?;
        let (access, asked) = (self.access, self.asked(widget, days));
        Ok(match widget.draw.0 {
            Draw::Funnel => Shown::Funnel(Box::new(Box::pin(Funnel::of(access, asked)).await?)),
            Draw::Waterfall => {
                let (start, end) = self.span(days);
                let asked = Asked { as_of: Some(scalar::DateTime(end)), ..asked };
                Shown::Waterfall(Box::new(Box::pin(PipelineWaterfall::of(access, asked, start)).await?))
            }
            Draw::Forecast => Shown::Forecast(Box::new(Box::pin(PipelineForecast::of(access, asked)).await?)),
            Draw::Line => Shown::Line(self.line(widget, days).await?),
            Draw::Number | Draw::Bar | Draw::Table => Shown::Metric(Box::new(self.metric(widget, asked).await?)),
            Draw::Goal => return Err(Error::internal("a goal was answered as a metric")),
        })
    }

    async fn metric(&self, widget: &DashboardWidget, asked: Asked) -> Result<MetricResult> {
        let metric = widget.measures().ok_or_else(|| Error::internal("a widget without a metric"))?;
        Box::pin(MetricResult::asked(self.access, metric, asked)).await
    }

    /// The widget's question over some days.
    fn asked(&self, widget: &DashboardWidget, days: Days) -> Asked {
        let (start, end) = self.span(days);
        let missing = if widget.draw.0 == Draw::Funnel { MissingRate::Bucket } else { MissingRate::Refuse };
        Asked {
            period: Period { start: scalar::DateTime(start), end: scalar::DateTime(end) },
            filter: widget.filter.clone(),
            as_of: None,
            by: widget.by(),
            currency: widget.currency.map(|code| code.0),
            options: Some(widget.told()),
            missing: widget.on_missing_rate.map_or(missing, |term| term.0),
        }
    }

    /// Each step that has begun. What belongs to no day is asked as it was at the end of each; what is kept by days only since
    /// it is.
    async fn line(&self, widget: &DashboardWidget, days: Days) -> Result<Vec<Point>> {
        let stands = widget.measures().is_some_and(Metric::stands);
        let since = match widget.measures().map(Metric::past) {
            Some(Past::Days) => Some(metric_day::since(self.access).await?.unwrap_or(self.access.now())),
            _ => None,
        };
        let every = widget.every.ok_or_else(|| Error::internal("a line without steps"))?.0;
        let mut points = Vec::new();
        for step in every.cut(days, self.home.year_begins()) {
            let span = self.span(step);
            if span.0 > self.access.now() {
                break;
            }
            if since.is_some_and(|since| span.1 <= since) {
                continue;
            }
            let asked = self.asked(widget, if widget.so_far() { days } else { step });
            let then = (widget.so_far() || stands).then_some(scalar::DateTime(span.1));
            let asked = Asked { as_of: then, ..asked };
            points.push(Point { days: step, span, result: self.metric(widget, asked).await? });
        }
        Ok(points)
    }

    fn goal(&mut self, widget: &DashboardWidget) -> Result<Shown> {
        let unseen = || Error::not_found("goalId");
        let id = widget.goal().ok_or_else(unseen)?.uuid();
        // widgets may show the same goal
        let found = self.goals.get(&id).ok_or_else(unseen)?.clone()?;
        Ok(Shown::Goal(Box::new(GoalProgress(found))))
    }
}

/// The goals that widgets show, as far as the caller sees them.
async fn goals(access: &Access, layout: &DashboardLayout) -> Result<HashMap<Uuid, Result<Progress>>> {
    let mut ids: Vec<Uuid> = layout.widgets.iter().filter_map(|widget| Some(widget.goal()?.uuid())).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() || !access.actor().may(Permission::AgreementRead) {
        return Ok(HashMap::new());
    }
    let found = Box::pin(Progress::of(access, &ids, access.now())).await?;
    Ok(ids.into_iter().zip(found).filter_map(|(id, one)| Some((id, one?))).collect())
}
