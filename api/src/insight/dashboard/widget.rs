//! A widget: one question and how its answer is drawn. It is held against the metric as the metric's own query would do,
//! so that what was saved can be asked. Pure.

use async_graphql::{ID, InputObject, SimpleObject};
use chrono::NaiveDate;
use entity::{id::GoalId, words};
use serde::{Deserialize, Serialize};

use super::span::{Every, RelativePeriod, YearBegins};
use crate::{
    error::{Error, Fault, FaultCode},
    graph::{
        derived::Term,
        scalar::{CurrencyCode, Date},
    },
    insight::metric::{
        Metric, Past,
        answer::fits,
        dimension::Dimension,
        grain::Grain,
        graphql::inputs::{MetricFilter, MetricOptionsInput, MissingRate},
        key::Key,
        options::Opt,
        prior::Days,
    },
};

words! {
    /// How a widget is drawn, and with that what it asks.
    pub enum Draw as "DashboardDraw" {
        /// One number: the value of `metric`.
        Number = "NUMBER",
        /// Bars: `metric` by the one dimension in `groupBy`.
        Bar = "BAR",
        /// A line: `metric` in each step of the period, see `every` and `line`.
        Line = "LINE",
        /// Rows: `metric` by one to four dimensions in `groupBy`.
        Table = "TABLE",
        /// The way from a lead to a sale, as `funnel` answers it. `options.from` and `options.withinDays` say which cohort.
        Funnel = "FUNNEL",
        /// How the pipeline of the period moved in it, as `pipelineWaterfall` answers it.
        Waterfall = "WATERFALL",
        /// What the period is forecast to bring, as `pipelineForecast` answers it.
        Forecast = "FORECAST",
        /// How far the goal in `goalId` is, as `goalProgress` answers it.
        Goal = "GOAL",
    }
}

words! {
    /// What a point of a line is.
    pub enum Line as "DashboardLine" {
        /// The step by itself.
        Each = "EACH",
        /// The whole period, as it stood at the end of the step: what has come so far, what was open then.
        SoFar = "SO_FAR",
    }
}

/// A period that goes with the day, or one between two days.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "DashboardPeriodInput")]
pub struct DashboardPeriod {
    /// Goes with the day on which it is looked at. Alone, without `start` and `end`.
    pub relative: Option<Term<RelativePeriod>>,
    /// The first day.
    pub start: Option<Date>,
    /// The first day after it; at most 3660 days later.
    pub end: Option<Date>,
}

/// A question and how its answer is drawn.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "DashboardWidgetInput")]
pub struct DashboardWidget {
    /// Its name for programs, unique in the dashboard: 1 to 40 letters, digits, - and _.
    pub key: String,
    /// What stands above it: 1 to 120 characters.
    pub title: String,
    /// How it is drawn.
    pub draw: Term<Draw>,
    /// What is measured; for NUMBER, BAR, LINE and TABLE. A LINE takes none that is known only as it is now.
    pub metric: Option<Term<Key>>,
    /// The goal, an id that begins with `goal_`; for GOAL alone.
    pub goal_id: Option<ID>,
    /// The period; for all but GOAL, which has its own.
    pub period: Option<DashboardPeriod>,
    /// Only these records.
    pub filter: Option<MetricFilter>,
    /// By what it is grouped; for BAR one dimension, for TABLE one to four.
    pub group_by: Option<Vec<Term<Dimension>>>,
    /// Into what a LINE cuts its period, at most 62 steps. Steps to come are left out.
    pub every: Option<Term<Every>>,
    /// What a point of a LINE is; EACH unless given.
    pub line: Option<Term<Line>>,
    /// What the metric can be told beside.
    pub options: Option<MetricOptionsInput>,
    /// The currency of money; the organisation's unless given.
    pub currency: Option<CurrencyCode>,
    /// What to do with money that cannot be converted; REFUSE unless given.
    pub on_missing_rate: Option<Term<MissingRate>>,
    /// How much of a row of four it takes, 1 to 4; a hint.
    pub width: Option<i32>,
}

const MOST_DAYS: i64 = 3660;
const MOST_STEPS: i64 = 62;
const MOST_DIMENSIONS: usize = 4;

fn fault(field: &str, message: impl Into<String>) -> Fault {
    Fault::new(FaultCode::Validation, field, message)
}

fn said(error: &Error) -> String {
    if let Error::BadInput(message) = error { message.clone() } else { error.to_string() }
}

impl DashboardPeriod {
    /// As it is on a day: the first day and the first after it.
    pub fn days(self, today: NaiveDate, year: YearBegins) -> Option<Days> {
        self.relative.map_or_else(|| Some((self.start?.0, self.end?.0)), |relative| Some(relative.0.days(today, year)))
    }

    fn most_days(self) -> i64 {
        match (self.relative, self.start, self.end) {
            (Some(relative), ..) => relative.0.most_days(),
            (None, Some(start), Some(end)) => (end.0 - start.0).num_days(),
            _ => 0,
        }
    }

    fn check(self) -> Vec<Fault> {
        match (self.relative, self.start, self.end) {
            (Some(_), None, None) => vec![],
            (None, Some(_), Some(_)) if (1..=MOST_DAYS).contains(&self.most_days()) => vec![],
            (None, Some(_), Some(_)) => {
                vec![fault("end", format!("this must be 1 to {MOST_DAYS} days after start"))]
            }
            _ => vec![fault("relative", "give a relative period, or start and end")],
        }
    }
}

impl DashboardWidget {
    pub fn measures(&self) -> Option<&'static Metric> {
        self.metric.map(|key| key.0.metric())
    }

    pub fn goal(&self) -> Option<GoalId> {
        self.goal_id.as_ref()?.parse().ok()
    }

    pub fn by(&self) -> Vec<Dimension> {
        self.group_by.iter().flatten().map(|term| term.0).collect()
    }

    pub fn so_far(&self) -> bool {
        self.line == Some(Term(Line::SoFar))
    }

    /// How many questions its line is, at most.
    pub fn steps(&self) -> i64 {
        let days = self.period.map_or(0, DashboardPeriod::most_days);
        self.every.map_or(0, |every| every.0.most_steps(days))
    }

    /// What is counted: what the filter and the groups must be known of.
    fn grains(&self) -> Vec<Grain> {
        match self.draw.0 {
            Draw::Funnel => vec![Grain::LeadCycle],
            Draw::Waterfall | Draw::Forecast => vec![Grain::Opportunity],
            Draw::Goal => vec![],
            _ => self.measures().into_iter().flat_map(|metric| metric.parts).map(|part| part.grain).collect(),
        }
    }

    pub fn check(&self) -> Vec<Fault> {
        let mut faults = self.check_names();
        faults.extend(self.check_members());
        faults.extend(self.period.into_iter().flat_map(DashboardPeriod::check).map(|fault| fault.under("period")));
        // what lacks a member is not asked further
        if faults.is_empty() {
            faults.extend(self.check_question());
        }
        faults
    }

    fn check_names(&self) -> Vec<Fault> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let mut faults = vec![];
        if !(1..=40).contains(&self.key.len()) || !self.key.chars().all(plain) {
            faults.push(fault("key", "give 1 to 40 letters, digits, - and _"));
        }
        if self.title.trim().is_empty() || self.title.chars().count() > 120 || self.title.contains(char::is_control) {
            faults.push(fault("title", "give 1 to 120 characters on one line"));
        }
        if self.width.is_some_and(|width| !(1..=4).contains(&width)) {
            faults.push(fault("width", "give 1 to 4"));
        }
        faults
    }

    /// Each way to draw has its own members.
    fn check_members(&self) -> Vec<Fault> {
        let draw = self.draw.0;
        let measured = matches!(draw, Draw::Number | Draw::Bar | Draw::Line | Draw::Table);
        let (goal, line, grouped) = (draw == Draw::Goal, draw == Draw::Line, matches!(draw, Draw::Bar | Draw::Table));
        let told = measured || draw == Draw::Funnel;
        let money = measured || matches!(draw, Draw::Waterfall | Draw::Forecast);
        let members = [
            ("metric", self.metric.is_some(), measured, measured),
            ("goalId", self.goal_id.is_some(), goal, goal),
            ("period", self.period.is_some(), !goal, !goal),
            ("groupBy", self.group_by.is_some(), grouped, grouped),
            ("every", self.every.is_some(), line, line),
            ("line", self.line.is_some(), line, false),
            ("filter", self.filter.is_some(), !goal, false),
            ("options", self.options.is_some(), told, false),
            ("currency", self.currency.is_some(), money, false),
            ("onMissingRate", self.on_missing_rate.is_some(), money, false),
        ];
        let each = |(name, given, takes, needs): (&str, bool, bool, bool)| match (given, takes, needs) {
            (true, false, _) => Some(fault(name, format!("{draw} does not take this"))),
            (false, _, true) => Some(fault(name, format!("{draw} needs this"))),
            _ => None,
        };
        members.into_iter().filter_map(each).collect()
    }

    fn check_question(&self) -> Vec<Fault> {
        if self.draw.0 == Draw::Goal {
            let known = self.goal().is_some();
            return if known { vec![] } else { vec![fault("goalId", "not an id of goal")] };
        }
        let mut faults = self.check_groups();
        let known = |dimension: Dimension| self.grains().iter().all(|grain| dimension.spot(*grain).is_some());
        match self.filter.clone().unwrap_or_default().read() {
            Ok(only) => {
                let strange =
                    only.iter().find(|only| !self.grains().iter().all(|grain| only.dimension.filters(*grain)));
                faults.extend(strange.map(|only| fault("filter", format!("this does not know {}", only.dimension))));
            }
            Err(error) => faults.push(fault("filter", said(&error))),
        }
        if let Some(strange) = self.by().into_iter().find(|dimension| !known(*dimension)) {
            faults.push(fault("groupBy", format!("this does not know {strange}")));
        }
        faults.extend(self.check_options().map(|wrong| fault("options", wrong)));
        if self.steps() > MOST_STEPS {
            faults.push(fault("every", format!("this may be more than {MOST_STEPS} steps")));
        }
        let past = self.measures().filter(|_| self.draw.0 == Draw::Line).map(Metric::past);
        let filtered = self.filter.as_ref().and_then(|filter| filter.read().ok()).is_some_and(|only| !only.is_empty());
        if past == Some(Past::Days) && filtered {
            faults.push(fault("filter", "the past of this is kept of all records together"));
        }
        if past == Some(Past::None) {
            faults
                .push(fault("metric", "this is known only as it is now: a line would show today's value in the past"));
        }
        faults
    }

    fn check_groups(&self) -> Vec<Fault> {
        let by = self.by();
        let twice = (1..by.len()).any(|at| by[..at].contains(&by[at]));
        let most = if self.draw.0 == Draw::Bar { 1 } else { MOST_DIMENSIONS };
        if self.group_by.is_some() && (by.is_empty() || by.len() > most || twice) {
            return vec![fault("groupBy", format!("give 1 to {most}, each once"))];
        }
        vec![]
    }

    fn check_options(&self) -> Option<String> {
        let given = self.options.clone().unwrap_or_default();
        if self.measures().is_none() && !given.is_cohort() {
            return Some("this takes from and withinDays alone".into());
        }
        let options = match self.told().read() {
            Ok(options) => options,
            Err(error) => return Some(said(&error)),
        };
        let metric = self.measures()?;
        match options.given.iter().find(|option| matches!(option, Opt::SalesCost | Opt::Target)) {
            Some(total) if !self.by().is_empty() => Some(format!("{total} is of all together, not of groups")),
            _ => fits(&options, metric).err(),
        }
    }

    /// The options as the question takes them.
    pub fn told(&self) -> MetricOptionsInput {
        let given = self.options.clone().unwrap_or_default();
        if self.draw.0 == Draw::Funnel { given.cohort().into() } else { given }
    }
}
