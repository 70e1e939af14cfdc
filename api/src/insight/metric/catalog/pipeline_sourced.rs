//! What came into the pipeline by marketing.

use super::pipeline_created::{METRIC as CREATED, opened};
use crate::insight::metric::{Metric, facts::Worked, golden::Golden, touched};

pub const METRIC: Metric = Metric {
    key: "PIPELINE_SOURCED",
    about: "The first amounts of opportunities opened in the period by somebody whose first touch of the 365 days before was \
            marketing's: of the lead it began with, the contact that lead became, or the main contact. Every channel but \
            OUTBOUND is marketing's, unless a dispute found otherwise. A part of PIPELINE_CREATED.",
    term: "sourced pipeline",
    parts: &[opened(
        "sourced",
        "Opened in the period and begun by marketing, with the amount it had then.",
        touched::sourced,
    )],
    counted: &["sourced"],
    formula: |facts| Worked::plain(Some(facts.sum("sourced"))),
    golden: &[Golden {
        about: "600,000 in 12 opportunities",
        given: &[("sourced", 12, "600000")],
        options: &[],
        value: Some("600000.00"),
    }],
    ..CREATED
};
