//! What a dashboard shows, in the schema. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use std::time::Duration;

use async_graphql::{Context, ID, Object, Result as Answer, SimpleObject};
use entity::{
    dashboard::{Entity, Model},
    id::RowId,
};
use tokio::{
    sync::{OnceCell, Semaphore},
    time::timeout,
};
use uuid::Uuid;

use super::{
    show::{Answered, Desk, Point, Shown, layout},
    widget::Draw,
};
use crate::{
    actor::Permission,
    error::{Error, FaultCode, Result},
    graph::{
        Node,
        derived::{Term, Tried},
        purse::{QUESTION, charge},
        root::access,
        scalar::{Date, DateTime},
        value,
    },
    insight::{
        forecast::graphql::PipelineForecast, funnel::graphql::Funnel, goal::progress::GoalProgress,
        metric::graphql::result::MetricResult, waterfall::graphql::PipelineWaterfall,
    },
    store::{Access, Guarded, Scoped},
};

#[derive(Default)]
pub struct DashboardReads;

#[Object]
impl DashboardReads {
    /// All that a dashboard shows, now, in one round trip: each widget with exactly the figures that its own query (`metric`,
    /// `funnel`, `pipelineWaterfall`, `pipelineForecast`, `goalProgress`) answers to the same caller. Whoever made the dashboard,
    /// nobody is shown more than they may see. A widget that cannot be answered has an `error`, and the others stand. Relative
    /// periods go with the organisation's present day. Null when there is no such dashboard or it is not shared with the caller,
    /// and without METRIC_READ. Errors: BAD_USER_INPUT for what is no id of a dashboard. Requires DASHBOARD_READ.
    async fn dashboard_data(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dashboard: an id that begins with `dashboard_`.")] id: ID,
    ) -> Answer<Tried<DashboardData>> {
        let access = access(ctx)?;
        Ok(Tried(asked(access, &id).await))
    }
}

async fn asked(access: &Access, id: &ID) -> Result<Option<DashboardData>> {
    Ok(seen(access, parse(id)?).await?.map(|row| DashboardData::of(access, row)))
}

/// The id of a dashboard.
pub fn parse(id: &ID) -> Result<Uuid> {
    value::id(Entity::NAME, id).ok_or_else(|| Error::BadInput("id: not an id of dashboard".into()))
}

/// A dashboard that the caller may see, with its figures.
pub async fn seen(access: &Access, id: Uuid) -> Result<Option<Model>> {
    if ![Permission::DashboardRead, Permission::MetricRead].iter().all(|needed| access.actor().may(*needed)) {
        return Ok(None);
    }
    Scoped::<Entity>::read(access).ids(&[id]).one().await
}

pub struct DashboardData {
    access: Access,
    row: Model,
    /// It is told unasked: to however many look, all at once.
    pushed: bool,
    /// Computed once, when they are first selected.
    answers: OnceCell<Vec<Answered>>,
}

/// So many boards are computed at once of those that are told unasked; the others wait, and leave the database to who asks.
static DESKS: Semaphore = Semaphore::const_new(4);
/// For one of them, from its turn on.
const MOST_TIME: Duration = Duration::from_secs(10);

impl DashboardData {
    pub fn of(access: &Access, row: Model) -> Self {
        Self { access: access.clone(), row, pushed: false, answers: OnceCell::new() }
    }

    pub fn pushed(access: &Access, row: Model) -> Self {
        Self { pushed: true, ..Self::of(access, row) }
    }

    /// Charged by what its layout asks, whoever computes it and when.
    async fn computed(&self, ctx: &Context<'_>) -> Result<Vec<Answered>> {
        charge(ctx, QUESTION * layout(&self.row)?.questions())?;
        // large, and a part of every query's future if it were not kept apart
        let work = Box::pin(Desk::answers(&self.access, &self.row));
        if !self.pushed {
            return work.await;
        }
        let _turn = DESKS.acquire().await.map_err(Error::internal)?;
        timeout(MOST_TIME, work).await.map_err(|_| Error::TimedOut)?
    }
}

/// What a dashboard shows. Widgets are computed when they are selected.
#[Object]
impl DashboardData {
    /// The dashboard.
    async fn dashboard(&self) -> Node<Entity> {
        Some(self.row.id.uuid()).into()
    }

    /// The instant of its figures.
    async fn as_of(&self) -> DateTime {
        DateTime(self.access.now())
    }

    /// Its widgets, in their order: at most 24. Computing them is charged apart from the operation, by what the layout asks: 10
    /// points for each, and for each step of a line. Errors: RATE_LIMITED when too little is left, TIMEOUT in an event of
    /// `dashboardChanged` that takes more than ten seconds.
    async fn widgets(&self, ctx: &Context<'_>) -> Result<Vec<DashboardWidgetData<'_>>> {
        let answers = self.answers.get_or_try_init(|| self.computed(ctx)).await?;
        Ok(answers.iter().map(DashboardWidgetData).collect())
    }
}

/// Why a widget shows nothing.
#[derive(SimpleObject)]
pub struct DashboardWidgetError {
    /// As in `extensions.code` of the widget's own query, e.g. "BAD_USER_INPUT".
    code: &'static str,
    /// What kind of fault, where it is one of these: FX_RATE_MISSING for money in currencies without a rate, NOT_FOUND for a
    /// goal that the caller does not see.
    user_error_code: Option<Term<FaultCode>>,
    /// What is wrong, for people.
    message: String,
}

impl From<&Error> for DashboardWidgetError {
    fn from(error: &Error) -> Self {
        let refused = if let Error::Refused(faults) = error { faults.first() } else { None };
        Self { code: error.code(), user_error_code: refused.map(|fault| Term(fault.code)), message: error.to_string() }
    }
}

/// A step of a line.
pub struct DashboardPoint<'a>(&'a Point);

/// A step of a line.
#[Object]
impl DashboardPoint<'_> {
    /// Its first day.
    async fn start(&self) -> Date {
        Date(self.0.days.0)
    }

    /// The first day after it.
    async fn end(&self) -> Date {
        Date(self.0.days.1)
    }

    /// When its first day begins.
    async fn starts_at(&self) -> DateTime {
        DateTime(self.0.span.0)
    }

    /// When the day after it begins.
    async fn ends_at(&self) -> DateTime {
        DateTime(self.0.span.1)
    }

    /// What the metric is in it; with SO_FAR, what it was of the whole period at its end. Target accounts, goals, content and how
    /// well records are kept are told as they stood at its end.
    async fn result(&self) -> &MetricResult {
        &self.0.result
    }
}

pub struct DashboardWidgetData<'a>(&'a Answered);

/// A widget and what it shows: one of `metric`, `points`, `funnel`, `waterfall`, `forecast`, `goal`, by how it is drawn.
#[Object]
impl DashboardWidgetData<'_> {
    /// Its name for programs.
    async fn key(&self) -> &str {
        &self.0.widget.key
    }

    /// What stands above it.
    async fn title(&self) -> &str {
        &self.0.widget.title
    }

    /// How it is drawn.
    async fn draw(&self) -> Term<Draw> {
        self.0.widget.draw
    }

    /// How much of a row of four it takes, 1 to 4; a hint. Null where nobody said.
    async fn width(&self) -> Option<i32> {
        self.0.widget.width
    }

    /// The first day of its period; null for GOAL, which has its own.
    async fn start(&self) -> Option<Date> {
        self.0.days.map(|days| Date(days.0))
    }

    /// The first day after its period; null for GOAL.
    async fn end(&self) -> Option<Date> {
        self.0.days.map(|days| Date(days.1))
    }

    /// When its period begins where the organisation is, as its own query takes it; null for GOAL.
    async fn starts_at(&self) -> Option<DateTime> {
        self.0.span.map(|span| DateTime(span.0))
    }

    /// When its period ends where the organisation is; null for GOAL.
    async fn ends_at(&self) -> Option<DateTime> {
        self.0.span.map(|span| DateTime(span.1))
    }

    /// Of NUMBER, BAR and TABLE.
    async fn metric(&self) -> Option<&MetricResult> {
        if let Ok(Shown::Metric(found)) = &self.0.shown { Some(found) } else { None }
    }

    /// Of LINE, the steps that have begun, at most 62; of what is kept by days those that ended since it is. Empty for all else.
    async fn points(&self) -> Vec<DashboardPoint<'_>> {
        if let Ok(Shown::Line(points)) = &self.0.shown { points.iter().map(DashboardPoint).collect() } else { vec![] }
    }

    /// Of FUNNEL.
    async fn funnel(&self) -> Option<&Funnel> {
        if let Ok(Shown::Funnel(found)) = &self.0.shown { Some(found) } else { None }
    }

    /// Of WATERFALL.
    async fn waterfall(&self) -> Option<&PipelineWaterfall> {
        if let Ok(Shown::Waterfall(found)) = &self.0.shown { Some(found) } else { None }
    }

    /// Of FORECAST.
    async fn forecast(&self) -> Option<&PipelineForecast> {
        if let Ok(Shown::Forecast(found)) = &self.0.shown { Some(found) } else { None }
    }

    /// Of GOAL.
    async fn goal(&self) -> Option<&GoalProgress> {
        if let Ok(Shown::Goal(found)) = &self.0.shown { Some(found) } else { None }
    }

    /// Why it shows nothing; null when it does.
    async fn error(&self) -> Option<DashboardWidgetError> {
        self.0.shown.as_ref().err().map(DashboardWidgetError::from)
    }
}
