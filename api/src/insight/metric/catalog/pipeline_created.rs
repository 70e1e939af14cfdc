//! What came into the pipeline.

use super::{AT_NOW, NOW};
use crate::insight::metric::{
    Ask, Metric, Owner, Part, facts::Worked, golden::Golden, grain::Grain, population, unit::Unit,
};

pub const METRIC: Metric = Metric {
    key: "PIPELINE_CREATED",
    about: "The first amounts of opportunities opened in the period, whatever became of them since.",
    version: 1,
    unit: Unit::Money,
    grain: Grain::Opportunity,
    population: "Opportunities as they began; deleted ones do not count.",
    dated_by: "When work on it began.",
    currency: AT_NOW,
    term: "created pipeline",
    owner: Owner::Marketing,
    takes: &[],
    parts: &[opened("created", "Opened in the period, with the amount it had then.", population::opened)],
    counted: &["created"],
    left_out: &[],
    formula: |facts| Worked::plain(Some(facts.sum("created"))),
    golden: &[Golden {
        about: "900,000 in 18 opportunities",
        given: &[("created", 18, "900000")],
        options: &[],
        value: Some("900000.00"),
    }],
};

/// Opportunities with the amounts they began with.
pub const fn opened(name: &'static str, about: &'static str, which: fn(&Ask) -> sea_orm::Condition) -> Part {
    Part { name, about, grain: Grain::Opportunity, of: NOW, which }
}
