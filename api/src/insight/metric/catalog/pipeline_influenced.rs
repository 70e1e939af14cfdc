//! What came into the pipeline after marketing had touched it.

use super::pipeline_created::{METRIC as CREATED, opened};
use crate::insight::metric::{Metric, facts::Worked, golden::Golden, touched};

pub const METRIC: Metric = Metric {
    key: "PIPELINE_INFLUENCED",
    about: "The first amounts of opportunities opened in the period before which marketing had touched somebody in the 365 days \
            before: whom PIPELINE_SOURCED looks at, or anybody of the buying committee. It counts what is sourced too, and what \
            several campaigns touched once: never add it to anything.",
    population: "Opportunities as they began; deleted ones do not count. Committees as they are now.",
    term: "influenced pipeline",
    parts: &[opened(
        "influenced",
        "Opened in the period and touched by marketing before, with the amount it had then.",
        touched::influenced,
    )],
    counted: &["influenced"],
    formula: |facts| Worked::plain(Some(facts.sum("influenced"))),
    golden: &[Golden {
        about: "750,000 in 15 opportunities",
        given: &[("influenced", 15, "750000")],
        options: &[],
        value: Some("750000.00"),
    }],
    ..CREATED
};
