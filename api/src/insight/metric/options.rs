//! What a metric can be told beside its period and filter.

use entity::words;

use uuid::Uuid;

use super::{exact::Exact, touched::Touches, weights::Weights};

words! {
    /// Something that some metrics can be told.
    pub enum Opt as "MetricOption" {
        /// `target`: what is to be reached.
        Target = "TARGET",
        /// `priorMode`: which period is compared with.
        PriorMode = "PRIOR_MODE",
        /// `windowDays`: how far back rates and times are looked up.
        WindowDays = "WINDOW_DAYS",
        /// `from`: the step of the funnel that records came to.
        From = "FROM",
        /// `to`: the step of the funnel that they were to reach.
        To = "TO",
        /// `withinDays`: how soon.
        WithinDays = "WITHIN_DAYS",
        /// `salesCost`: what sales cost beside campaigns.
        SalesCost = "SALES_COST",
        /// `grossMargin`: which share of revenue is left after what it costs to deliver.
        GrossMargin = "GROSS_MARGIN",
        /// `maxMonths`: for how long a customer is counted on at most.
        MaxMonths = "MAX_MONTHS",
        /// `lagDays`: how much earlier than customers came the money for them was spent.
        LagDays = "LAG_DAYS",
        /// `censored`: count the unanswered as later than all others.
        Censored = "CENSORED",
        /// `requiredAttempts`: how often sales is to try each lead that it accepted.
        RequiredAttempts = "REQUIRED_ATTEMPTS",
        /// `fromStageId`: the stage that opportunities came to.
        FromStage = "FROM_STAGE",
        /// `toStageId`: the stage that they were to reach.
        ToStage = "TO_STAGE",
        /// `modelId`: the agreement by which credit is given.
        Model = "MODEL",
    }
}

words! {
    /// Which period another is compared with.
    pub enum PriorMode as "PriorMode" {
        /// As many days, directly before.
        Days = "DAYS",
        /// As many calendar months, directly before; for periods of whole months.
        Calendar = "CALENDAR",
        /// The same days a year before.
        Yoy = "YOY",
    }
}

words! {
    /// A step on the way from a lead to a sale.
    pub enum Step as "FunnelStep" {
        /// A round of a lead began.
        Lead = "LEAD",
        /// It met marketing's part of the definition.
        Mql = "MQL",
        /// Sales accepted it.
        Sal = "SAL",
        /// Sales confirmed a need.
        Sql = "SQL",
        /// It was converted.
        Opportunity = "OPPORTUNITY",
        /// What it was converted into was won.
        Won = "WON",
    }
}

/// How often sales is to try a lead unless somebody says otherwise.
pub const REQUIRED_ATTEMPTS: i64 = 3;

/// How far back rates and times are looked up unless somebody says otherwise.
pub const WINDOW_DAYS: i64 = 180;

/// What was told, checked.
#[derive(Clone, Debug)]
pub struct Options {
    pub given: Vec<Opt>,
    pub numbers: Vec<(Opt, Exact)>,
    pub prior: PriorMode,
    pub window_days: i64,
    pub from: Step,
    pub to: Step,
    pub within_days: Option<i64>,
    pub lag_days: i64,
    pub censored: bool,
    pub required_attempts: i64,
    /// The stage that opportunities came to, and the one that they were to reach.
    pub from_stage: Option<Uuid>,
    pub to_stage: Option<Uuid>,
    /// The agreement on credit, or a version of one.
    pub model: Option<String>,
    /// Which touches count, once it is known what was agreed.
    pub touches: Option<Touches>,
    /// How the alignment index is weighed, where both sides say so.
    pub weights: Option<Weights>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            given: vec![],
            numbers: vec![],
            prior: PriorMode::Days,
            window_days: WINDOW_DAYS,
            from: Step::Mql,
            to: Step::Sql,
            within_days: None,
            lag_days: 0,
            censored: false,
            required_attempts: REQUIRED_ATTEMPTS,
            from_stage: None,
            to_stage: None,
            model: None,
            touches: None,
            weights: None,
        }
    }
}
