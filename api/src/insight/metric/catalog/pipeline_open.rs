//! What is open and expected to close in a period.

use super::{AT_NOW, NOW, open};
use crate::insight::metric::{Metric, Owner, facts::Worked, golden::Golden, grain::Grain, unit::Unit};

pub const METRIC: Metric = Metric {
    key: "PIPELINE_OPEN",
    about: "The amounts of open opportunities that are expected to close in the period.",
    version: 1,
    unit: Unit::Money,
    grain: Grain::Opportunity,
    population: "Opportunities that are open; those without an amount count as 0.",
    dated_by: "The close date.",
    currency: AT_NOW,
    term: "pipeline",
    owner: Owner::Both,
    takes: &[],
    parts: &[open(NOW)],
    counted: &["open"],
    left_out: &[],
    formula: |facts| Worked::plain(Some(facts.sum("open"))),
    golden: &[Golden {
        about: "4.5 million in 90 opportunities",
        given: &[("open", 90, "4500000")],
        options: &[],
        value: Some("4500000.00"),
    }],
};
