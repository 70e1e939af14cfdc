//! What a metric is, in the schema.

use async_graphql::SimpleObject;
use entity::{user::Side, word::Word};

use super::super::{
    Metric, Owner, dimension::Dimension, golden::Golden, grain::Grain, key::Key, options::Opt, unit::Unit,
};
use crate::{
    graph::derived::Term,
    insight::self_test::{Subject, Tried},
};

/// A metric as both sides define it.
#[derive(Clone, SimpleObject)]
pub struct MetricDefinition {
    /// Its name.
    key: Term<Key>,
    /// What it says.
    about: &'static str,
    /// Raised whenever the formula or what it counts changes.
    formula_version: i32,
    /// What its value counts.
    unit: Term<Unit>,
    /// What it counts one by one.
    grain: Term<Grain>,
    /// Which records count.
    population: &'static str,
    /// By which date records belong to a period.
    dated_by: &'static str,
    /// How money is converted; null where there is none.
    currency_rule: Option<&'static str>,
    /// Its term in the glossary, for the agreement of kind GLOSSARY with that key.
    term: &'static str,
    /// Which side answers for it; both where both do.
    owner_sides: Vec<Term<Side>>,
    /// By what it can be grouped and filtered; DATA_HEALTH and GOAL_OWNERSHIP are filtered and not grouped.
    dimensions: Vec<Term<Dimension>>,
    /// What it can be told in `options`.
    options: Vec<Term<Opt>>,
    /// What it must be told in `options`.
    required_options: Vec<Term<Opt>>,
}

impl MetricDefinition {
    pub fn of(metric: &Metric) -> Option<Self> {
        let told = |needed: bool| {
            let meant = metric.takes.iter().filter(move |(_, required)| *required || !needed);
            meant.map(|(option, _)| Term(*option)).collect()
        };
        let known = |dimension: &Dimension| metric.parts.iter().all(|part| dimension.filters(part.grain));
        let dimensions = Dimension::VALUES.iter().filter_map(|(word, _)| Dimension::parse(word));
        Some(Self {
            key: Term(Key::of(metric)?),
            about: metric.about,
            formula_version: metric.version,
            unit: Term(metric.unit),
            grain: Term(metric.grain),
            population: metric.population,
            dated_by: metric.dated_by,
            currency_rule: Some(metric.currency).filter(|rule| !rule.is_empty()),
            term: metric.term,
            owner_sides: match metric.owner {
                Owner::Marketing => vec![Term(Side::Marketing)],
                Owner::Sales => vec![Term(Side::Sales)],
                Owner::Both => vec![Term(Side::Marketing), Term(Side::Sales)],
            },
            dimensions: dimensions.filter(known).map(Term).collect(),
            options: told(false),
            required_options: told(true),
        })
    }
}

/// A worked number, worked out again.
#[derive(SimpleObject)]
pub struct MetricSelfTest {
    /// What it is of.
    subject: Term<Subject>,
    /// The metric; null where it is of something else.
    key: Option<Term<Key>>,
    /// The version of its formula; null where it is of no metric.
    formula_version: Option<i32>,
    /// The example.
    about: String,
    /// What must be answered; null: nothing.
    expected: Option<String>,
    /// What is answered.
    actual: Option<String>,
    /// Whether that is the same.
    holds: bool,
}

impl MetricSelfTest {
    pub fn of(metric: &Metric, golden: &Golden) -> Option<Self> {
        Some(Self {
            subject: Term(Subject::Metric),
            key: Some(Term(Key::of(metric)?)),
            formula_version: Some(metric.version),
            about: golden.about.to_owned(),
            expected: golden.value.map(str::to_owned),
            actual: golden.answer(metric),
            holds: golden.holds(metric),
        })
    }
}

impl From<Tried> for MetricSelfTest {
    fn from(Tried { subject, about, expected, actual }: Tried) -> Self {
        let holds = actual.as_ref() == Some(&expected);
        Self {
            subject: Term(subject),
            key: None,
            formula_version: None,
            about,
            expected: Some(expected),
            actual,
            holds,
        }
    }
}
