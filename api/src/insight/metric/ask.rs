//! What a metric is asked: period, instant, filter, groups, currency. Days are those of the organisation.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{data_quality_rule, money::Currency};

use super::{
    dimension::Dimension,
    options::Options,
    prior::{Days, months},
};
use crate::{crm::home::Home, insight::metric_day::Day, store::Access};

/// Only records with one of these words or ids in a dimension.
#[derive(Clone, Debug)]
pub struct Only {
    pub dimension: Dimension,
    pub any: Vec<sea_orm::Value>,
}

/// One question.
#[derive(Clone)]
pub struct Ask {
    pub access: Access,
    pub home: Home,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    /// As it was then; none: as it is.
    pub at: Option<DateTime<Utc>>,
    pub only: Vec<Only>,
    pub by: Vec<Dimension>,
    pub currency: Currency,
    /// The days of the period that it is compared with.
    pub prior: Days,
    /// Leaves out what cannot be converted, instead of refusing.
    pub bucket: bool,
    /// Contracts in these currencies are left out.
    pub without: Vec<Currency>,
    pub options: Options,
    /// The rules of data quality, for metrics that count by them, as they are now.
    pub rules: Arc<[data_quality_rule::Model]>,
    /// What was kept last before the instant that is meant, of what cannot be told of it.
    pub day: Option<Arc<Day>>,
    /// Whether what has to be known beside the records is: see `known`.
    pub known: bool,
}

impl Ask {
    /// The instant that is meant.
    pub fn now(&self) -> DateTime<Utc> {
        self.at.unwrap_or_else(|| self.access.now())
    }

    /// The day on which open business is converted.
    pub fn today(&self) -> NaiveDate {
        self.home.day(self.now())
    }

    /// The days of the period.
    pub fn days(&self) -> Days {
        self.home.days(self.start, self.end)
    }

    /// How many calendar months the period has; none where it is not of whole ones.
    pub fn months(&self) -> Option<u32> {
        months(self.days())
    }

    /// The days before now in which rates and times are looked up.
    pub fn window(&self) -> Days {
        let now = self.now();
        self.home.days(now - TimeDelta::days(self.options.window_days), now)
    }

    /// The period's end, or now where that comes first; none for now itself.
    pub fn until(&self) -> Option<DateTime<Utc>> {
        if self.end < self.now() { Some(self.end) } else { self.at }
    }

    /// Whether it is about named people's records.
    pub fn names_people(&self) -> bool {
        self.only.iter().any(|only| only.dimension.names_people())
    }

    /// The same question over all records together.
    #[must_use]
    pub fn ungrouped(&self) -> Self {
        Self { by: vec![], ..self.clone() }
    }
}
