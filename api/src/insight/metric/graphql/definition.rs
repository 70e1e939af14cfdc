//! What a metric is, in the schema.

use async_graphql::SimpleObject;
use entity::{user::Side, word::Word};

use super::super::{
    Metric, Owner, dimension::Dimension, golden::Golden, grain::Grain, key::Key, options::Opt, unit::Unit,
};
use crate::graph::derived::Term;

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
    /// By what it can be grouped and filtered.
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
        let known = |dimension: &Dimension| metric.parts.iter().all(|part| dimension.spot(part.grain).is_some());
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
    /// The metric.
    key: Term<Key>,
    /// The version of its formula.
    formula_version: i32,
    /// The example.
    about: &'static str,
    /// What the formula must answer; null: nothing.
    expected: Option<&'static str>,
    /// What it answers.
    actual: Option<String>,
    /// Whether that is the same.
    holds: bool,
}

impl MetricSelfTest {
    pub fn of(metric: &Metric, golden: &Golden) -> Option<Self> {
        Some(Self {
            key: Term(Key::of(metric)?),
            formula_version: metric.version,
            about: golden.about,
            expected: golden.value,
            actual: golden.answer(metric),
            holds: golden.holds(metric),
        })
    }
}
