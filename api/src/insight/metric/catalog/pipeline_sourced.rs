//! What came into the pipeline by marketing.

use super::pipeline_created::{METRIC as CREATED, opened};
use crate::insight::metric::{Metric, facts::Worked, golden::Golden, options::Opt, touched};

pub const METRIC: Metric = Metric {
    key: "PIPELINE_SOURCED",
    about: "The first amounts of opportunities opened in the period by somebody whose first touch of the days before was \
            marketing's: of the lead it began with and the contact that lead became, or without a lead of the main contact. For \
            how many days, and which channels are marketing's, says the ATTRIBUTION agreement in force at the instant asked \
            for: `modelId`, else the first by its key that gives credit for OPP_CREATED; without one 365 days and every \
            channel but OUTBOUND. Not what a dispute found otherwise. `attributionReport` for OPP_CREATED counts the same \
            opportunities as sourced, with what they are worth now. A part of PIPELINE_CREATED.",
    version: 2,
    takes: &[(Opt::Model, false)],
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
