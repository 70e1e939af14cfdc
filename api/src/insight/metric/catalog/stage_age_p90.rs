//! How long the oldest open business has stood in its stage.

use super::stage_age::{self, standing};
use crate::insight::metric::{Metric, golden::Golden};

pub const METRIC: Metric = Metric {
    key: "STAGE_AGE_P90",
    about: "The days within which nine of ten lie for which open opportunities have stood in their stage; by STAGE it shows \
            where they stick. The period is not used.",
    parts: &[standing(90)],
    golden: &[
        Golden {
            about: "four of them",
            given: &[("open", 4, "5 10 15 25")],
            options: &[],
            value: Some("22"),
        },
        Golden { about: "none is open", given: &[], options: &[], value: None },
    ],
    ..stage_age::METRIC
};
