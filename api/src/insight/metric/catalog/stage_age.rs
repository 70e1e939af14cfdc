//! How long open business has stood in its stage.

use crate::insight::metric::{
    Figure, Measure, Metric, Owner, Part, facts::Worked, golden::Golden, grain::Grain, population, unit::Unit,
};

/// How long open business has stood in its stage, at a percentile.
pub(super) const fn standing(percent: u64) -> Part {
    Part {
        name: "open",
        about: "Open, whenever expected to close.",
        grain: Grain::Opportunity,
        of: Figure::Percentile(Measure::StageDays, percent),
        which: |ask| population::open_at(ask.at),
    }
}

pub const METRIC: Metric = Metric {
    key: "STAGE_AGE",
    about: "The median days for which open opportunities have stood in their stage; by STAGE it shows where they stick. The \
            period is not used.",
    version: 1,
    unit: Unit::Days,
    grain: Grain::Opportunity,
    population: "Opportunities that are open.",
    dated_by: "When the opportunity came to stand in its stage.",
    currency: "",
    term: "stage age",
    owner: Owner::Sales,
    takes: &[],
    parts: &[standing(50)],
    counted: &["open"],
    left_out: &[],
    formula: |facts| Worked::plain(facts.value("open")),
    golden: &[
        Golden {
            about: "four of them",
            given: &[("open", 4, "5 10 15 25")],
            options: &[],
            value: Some("12.5"),
        },
        Golden { about: "none is open", given: &[], options: &[], value: None },
    ],
};
