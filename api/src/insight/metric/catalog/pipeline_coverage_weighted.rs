//! Whether what is open will probably reach a target: coverage, with the chances of what is open.

use super::{CLOSING, Figure, Fx, open, pipeline_coverage, won};
use crate::insight::metric::{Metric, golden::Golden, options::Opt};

pub const METRIC: Metric = Metric {
    key: "PIPELINE_COVERAGE_WEIGHTED",
    about: "The chances of what is open and expected to close in the period, as a multiple of what is missing to the target. What was won in the period already is taken from the \
            target; null and `targetMet` once nothing is missing.",
    parts: &[open(Figure::Weighted(Fx::Now)), won(CLOSING)],
    golden: &[
        Golden {
            about: "1.5 million missing",
            given: &[("open", 90, "1800000"), ("won", 10, "500000")],
            options: &[(Opt::Target, "2000000")],
            value: Some("1.2"),
        },
        Golden {
            about: "the target is met",
            given: &[("open", 1, "100"), ("won", 10, "2000000")],
            options: &[(Opt::Target, "2000000")],
            value: None,
        },
    ],
    ..pipeline_coverage::METRIC
};
