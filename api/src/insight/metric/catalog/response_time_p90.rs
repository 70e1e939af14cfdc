//! How long nine of ten leads wait for their first response at most.

use super::response_time_p50::{self, MINUTES, UNANSWERED, answered};
use crate::insight::metric::{Metric, golden::Golden};

pub const METRIC: Metric = Metric {
    key: "RESPONSE_TIME_P90",
    about: "Nine of ten took no longer: the time from offering a lead to its first call, mail or meeting, in business seconds without pauses. The unanswered \
            are an input; with `censored` they count as later than all others, and there is no value where it lies among \
            them.",
    parts: &[answered(90), UNANSWERED],
    golden: &[
        Golden { about: "ten answers", given: &[("answered", 10, MINUTES)], options: &[], value: Some("8280") },
        Golden {
            about: "two more unanswered, counted as later than all",
            given: &[("answered", 12, MINUTES)],
            options: &[],
            value: None,
        },
        Golden { about: "nobody was answered", given: &[("unanswered", 2, "")], options: &[], value: None },
    ],
    ..response_time_p50::METRIC
};
