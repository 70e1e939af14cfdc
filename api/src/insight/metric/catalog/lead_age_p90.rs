//! How long the leads have stood that stand longest.

use super::lead_age::{self, standing};
use crate::insight::metric::{Metric, golden::Golden};

pub const METRIC: Metric = Metric {
    key: "LEAD_AGE_P90",
    about: "The days within which nine of ten lie for which leads that may still become something have stood where they \
            stand; by LEAD_STATUS it shows where they lie. The period is not used.",
    parts: &[standing(90)],
    golden: &[
        Golden {
            about: "four of them",
            given: &[("leads", 4, "5 10 15 25")],
            options: &[],
            value: Some("22"),
        },
        Golden { about: "none may still become something", given: &[], options: &[], value: None },
    ],
    ..lead_age::METRIC
};
