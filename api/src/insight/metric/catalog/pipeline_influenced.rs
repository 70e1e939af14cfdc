//! What came into the pipeline after marketing had touched it.

use super::{AT_NOW, NOW};
use crate::insight::metric::{
    Metric, Owner, Part, facts::Worked, golden::Golden, grain::Grain, touched, unit::Unit,
};

pub const METRIC: Metric = Metric {
    key: "PIPELINE_INFLUENCED",
    about: "The first amounts of opportunities opened in the period before which marketing had touched somebody in the 365 days \
            before: whom PIPELINE_SOURCED looks at, or anybody of the buying committee. It counts what is sourced too, and what \
            several campaigns touched once: never add it to anything.",
    version: 1,
    unit: Unit::Money,
    grain: Grain::Opportunity,
    population: "Opportunities as they began; deleted ones do not count. Committees as they are now.",
    dated_by: "When work on it began.",
    currency: AT_NOW,
    term: "influenced pipeline",
    owner: Owner::Marketing,
    takes: &[],
    parts: &[Part {
        name: "influenced",
        about: "Opened in the period and touched by marketing before, with the amount it had then.",
        grain: Grain::Opportunity,
        of: NOW,
        which: touched::influenced,
    }],
    counted: &["influenced"],
    left_out: &[],
    formula: |facts| Worked::plain(Some(facts.sum("influenced"))),
    golden: &[Golden {
        about: "750,000 in 15 opportunities",
        given: &[("influenced", 15, "750000")],
        options: &[],
        value: Some("750000.00"),
    }],
};
