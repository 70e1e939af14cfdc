//! What a calculation keeps on its run beside the sources: where it goes on after a crash, how far goals were reached and how
//! well records were kept.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::{
    id::{GoalId, UserId},
    incentive_run::Model,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    crm::home::Home,
    error::{Error, Result},
    insight::metric::exact::Exact,
};

/// Where a calculation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Sales that were won.
    Deals,
    /// What the plan's component at this place pays for each time.
    Events(usize),
    /// Goals, and how well records are kept.
    Goals,
    /// Everything is frozen.
    Frozen,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Frozen {
    pub stage: Stage,
    /// The last record that was looked at in this stage.
    pub after: Uuid,
    /// How many sources there are.
    pub sources: i64,
    /// Exact fractions by goals' ids.
    pub goals: BTreeMap<String, String>,
    /// By the plan's rules; none where it is not known.
    pub health: Vec<Option<String>>,
    /// The first day on which every goal's days of grace are over.
    #[serde(default)]
    pub closes: Option<NaiveDate>,
    /// What people owed of draws, by their ids.
    #[serde(default)]
    pub owed: BTreeMap<String, i64>,
    /// Where the organisation's days began: which sales are of the period stays as it was.
    #[serde(default)]
    pub zone: Option<String>,
}

impl Default for Frozen {
    fn default() -> Self {
        Self {
            stage: Stage::Deals,
            after: Uuid::nil(),
            sources: 0,
            goals: BTreeMap::new(),
            health: vec![],
            closes: None,
            owed: BTreeMap::new(),
            zone: None,
        }
    }
}

impl Frozen {
    /// Where a calculation begins.
    pub fn begun(home: Home) -> Self {
        Self { zone: Some(home.zone().to_string()), ..Self::default() }
    }

    /// The organisation with the days of then.
    pub fn home(&self, home: Home) -> Home {
        self.zone.as_deref().and_then(|zone| zone.parse().ok()).map_or(home, |zone| home.moved(zone))
    }

    /// Of the calculation that goes on, or of the last one.
    pub fn of(run: &Model) -> Result<Self> {
        let Some(json) = run.frozen.clone() else { return Ok(Self::default()) };
        serde_json::from_value(json).map_err(|e| Error::internal(format!("{}: {e}", run.id)))
    }

    pub fn json(&self) -> Result<serde_json::Value> {
        serde_json::to_value(self).map_err(Error::internal)
    }

    /// The same with what people owe.
    #[must_use]
    pub fn owing(&self, owed: &BTreeMap<UserId, i64>) -> Self {
        let owed = owed.iter().map(|(user, minor)| (user.to_string(), *minor)).collect();
        Self { owed, ..self.clone() }
    }

    pub fn attainments(&self) -> BTreeMap<GoalId, Exact> {
        self.goals.iter().filter_map(|(id, value)| Some((id.parse().ok()?, read(value)?))).collect()
    }

    pub fn healths(&self) -> Vec<Option<Exact>> {
        self.health.iter().map(|value| value.as_deref().and_then(read)).collect()
    }
}

/// As `28/25`.
pub fn written(value: Exact) -> String {
    format!("{}/{}", value.num(), value.den())
}

pub fn read(text: &str) -> Option<Exact> {
    let (num, den) = text.split_once('/')?;
    Exact::over(num.parse().ok()?, den.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_read_back() {
        for text in ["28/25", "-1/3", "0/1", "170141183460469231731687303715884105727/2"] {
            assert_eq!(written(read(text).unwrap()), text);
        }
        assert!(read("1/0").is_none() && read("1").is_none() && read("a/b").is_none());
    }
}
