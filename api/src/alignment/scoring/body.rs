//! SCORING: what gives a lead points, as both sides sign it.

use std::collections::BTreeSet;

use async_graphql::{InputObject, SimpleObject};
use entity::{
    activity::{Direction, Kind as ActivityKind},
    agreement::Kind,
    campaign::Channel,
    touchpoint::Kind as TouchKind,
};
use serde::{Deserialize, Serialize};

use crate::{
    alignment::{agreement::Body, rule::Rule},
    error::{Fault, FaultCode},
    graph::derived::Term,
};

/// Most rules of a sort.
const RULES: usize = 100;
const MOST_POINTS: i32 = 1000;
const MOST_DAYS: i32 = 3650;

/// How leads are scored: points for what they are (fit, which does not fade) and for what they did (engagement, of which
/// half is left after each half-life), in groups that may be capped. The total is never below 0.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "ScoringBodyInput")]
pub struct ScoringBody {
    /// Points for what a lead is: at most 100 rules.
    pub fit: Vec<FitRule>,
    /// Points for what a lead did, for each touchpoint or activity that a rule counts: at most 100 rules.
    pub engagement: Vec<EngagementRule>,
    /// Groups of engagement rules that count only so much; a group that is not named here is not capped.
    pub groups: Vec<ScoreGroup>,
    /// After so many days half of an event's points is left: 1 to 3650.
    pub half_life_days: i32,
    /// What makes a grade.
    pub grades: GradeBands,
}

/// Points for a lead for which a rule holds.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "FitRuleInput")]
pub struct FitRule {
    /// The name people see; no two rules have the same. At most 100 characters.
    pub name: String,
    /// When it holds. It may not ask for the score.
    pub when: Rule,
    /// Points, -1000 to 1000.
    pub points: i32,
}

/// Points for each event of some sorts.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "EngagementRuleInput")]
pub struct EngagementRule {
    /// The name people see; no two rules have the same. At most 100 characters.
    pub name: String,
    /// The group in which it counts. At most 100 characters.
    pub group: String,
    /// The touchpoints that count; either this or `activities`.
    pub touchpoints: Option<ScoredTouchpoints>,
    /// The activities that count; either this or `touchpoints`.
    pub activities: Option<ScoredActivities>,
    /// Points for each, -1000 to 1000, while it is fresh.
    pub points: i32,
}

/// Which touchpoints count.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "ScoredTouchpointsInput")]
pub struct ScoredTouchpoints {
    /// Of these sorts; of any when empty.
    #[serde(default)]
    #[graphql(default)]
    pub kinds: Vec<Term<TouchKind>>,
    /// By these channels; by any when empty.
    #[serde(default)]
    #[graphql(default)]
    pub channels: Vec<Term<Channel>>,
}

/// Which activities count, of those that have taken place.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "ScoredActivitiesInput")]
pub struct ScoredActivities {
    /// Of these sorts; of any when empty.
    #[serde(default)]
    #[graphql(default)]
    pub kinds: Vec<Term<ActivityKind>>,
    /// In this direction; in any unless given.
    pub direction: Option<Term<Direction>>,
}

/// A group of engagement rules.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "ScoreGroupInput")]
pub struct ScoreGroup {
    /// Its name in the rules.
    pub name: String,
    /// The most points that it gives: 0 to 100000.
    pub cap: i32,
}

/// A grade is a letter for fit and a digit for engagement, from A1 to C3.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "GradeBandsInput")]
#[expect(clippy::struct_field_names, reason = "each says from where on a letter or digit holds")]
pub struct GradeBands {
    /// From so many points of fit on the letter is A.
    pub a_from: i32,
    /// From so many on it is B, below C. Not more than `aFrom`.
    pub b_from: i32,
    /// From so many points of engagement on the digit is 1.
    pub one_from: i32,
    /// From so many on it is 2, below 3. Not more than `oneFrom`.
    pub two_from: i32,
}

impl Body for ScoringBody {
    const KIND: Kind = Kind::Scoring;

    fn check(&self) -> Vec<Fault> {
        let mut faults = vec![];
        let mut wrong = |path: &[&str], what: String| faults.push(at(path, what));
        if !(1..=MOST_DAYS).contains(&self.half_life_days) {
            wrong(&["halfLifeDays"], format!("this must be between 1 and {MOST_DAYS}"));
        }
        for (list, name) in
            [(self.fit.len(), "fit"), (self.engagement.len(), "engagement"), (self.groups.len(), "groups")]
        {
            if list > RULES {
                wrong(&[name], format!("at most {RULES}"));
            }
        }
        if self.fit.is_empty() && self.engagement.is_empty() {
            wrong(&["engagement"], "give at least one rule".into());
        }
        if self.grades.b_from > self.grades.a_from {
            wrong(&["grades", "bFrom"], "this is more than `aFrom`".into());
        }
        if self.grades.two_from > self.grades.one_from {
            wrong(&["grades", "twoFrom"], "this is more than `oneFrom`".into());
        }
        let names = self.fit.iter().map(|r| &r.name).chain(self.engagement.iter().map(|r| &r.name));
        let mut seen = std::collections::HashSet::new();
        for name in names {
            if !seen.insert(name) {
                wrong(&[], format!("two rules are named {name:?}"));
            }
        }
        faults.extend(self.fit.iter().enumerate().flat_map(|(n, rule)| under("fit", n, rule.check())));
        faults.extend(self.engagement.iter().enumerate().flat_map(|(n, rule)| under("engagement", n, rule.check())));
        faults.extend(self.groups.iter().enumerate().flat_map(|(n, group)| under("groups", n, group.check(self))));
        faults
    }
}

impl ScoringBody {
    /// The columns of a lead on which its score depends.
    pub fn columns(&self) -> BTreeSet<&'static str> {
        self.fit.iter().flat_map(|rule| rule.when.columns()).collect()
    }
}

fn at(path: &[&str], what: impl Into<String>) -> Fault {
    let field = path.iter().map(|part| (*part).to_owned()).collect();
    Fault { code: FaultCode::Validation, message: what.into(), field }
}

fn under(list: &'static str, n: usize, faults: Vec<Fault>) -> impl Iterator<Item = Fault> {
    faults.into_iter().map(move |fault| fault.under(n.to_string()).under(list))
}

/// What is wrong with a name and with points.
fn common(name: &str, points: i32) -> Vec<Fault> {
    let mut faults = vec![];
    if name.trim().is_empty() || name.chars().count() > 100 {
        faults.push(at(&["name"], "give 1 to 100 characters"));
    }
    if points.abs() > MOST_POINTS {
        faults.push(at(&["points"], format!("this must be between -{MOST_POINTS} and {MOST_POINTS}")));
    }
    faults
}

impl FitRule {
    fn check(&self) -> Vec<Fault> {
        let mut faults = common(&self.name, self.points);
        faults.extend(self.when.check().into_iter().map(|fault| fault.under("when")));
        if self.when.asks("score") {
            faults.push(at(&["when"], "a score cannot depend on itself"));
        }
        faults
    }
}

impl EngagementRule {
    fn check(&self) -> Vec<Fault> {
        let mut faults = common(&self.name, self.points);
        if self.group.trim().is_empty() || self.group.chars().count() > 100 {
            faults.push(at(&["group"], "give 1 to 100 characters"));
        }
        if self.touchpoints.is_some() == self.activities.is_some() {
            faults.push(at(&["touchpoints"], "give either touchpoints or activities"));
        }
        faults
    }
}

impl ScoreGroup {
    fn check(&self, body: &ScoringBody) -> Vec<Fault> {
        let mut faults = vec![];
        if !(0..=100_000).contains(&self.cap) {
            faults.push(at(&["cap"], "this must be between 0 and 100000"));
        }
        if !body.engagement.iter().any(|rule| rule.group == self.name) {
            faults.push(at(&["name"], "no rule is in this group"));
        }
        if body.groups.iter().filter(|group| group.name == self.name).count() > 1 {
            faults.push(at(&["name"], "two groups have this name"));
        }
        faults
    }
}
