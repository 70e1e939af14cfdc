//! What came into the pipeline after marketing had touched it.

use super::pipeline_created::{METRIC as CREATED, opened};
use crate::insight::metric::{Metric, facts::Worked, golden::Golden, options::Opt, touched};

pub const METRIC: Metric = Metric {
    key: "PIPELINE_INFLUENCED",
    about: "The first amounts of opportunities opened in the period before which marketing had touched somebody in the days \
            before: whom PIPELINE_SOURCED looks at, the main contact or anybody of the buying committee, and where the \
            agreement counts the people of the ACCOUNT anybody of that. By the agreement by which PIPELINE_SOURCED goes. It counts what is sourced too, and what \
            several campaigns touched once: never add it to anything.",
    version: 2,
    takes: &[(Opt::Model, false)],
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
