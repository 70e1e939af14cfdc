//! How long leads have stood where they stand.

use crate::insight::metric::{
    Figure, Measure, Metric, Owner, Part, facts::Worked, golden::Golden, grain::Grain, health::living_leads, unit::Unit,
};

/// How long living leads have stood where they stand, at a percentile.
pub(super) const fn standing(percent: u64) -> Part {
    Part {
        name: "leads",
        about: "Leads that may still become something.",
        grain: Grain::Lead,
        of: Figure::Percentile(Measure::StageDays, percent),
        which: living_leads,
    }
}

pub const METRIC: Metric = Metric {
    key: "LEAD_AGE",
    about: "The median days for which leads that may still become something have stood where they stand; by LEAD_STATUS it \
            shows where they lie. The period is not used.",
    version: 1,
    unit: Unit::Days,
    grain: Grain::Lead,
    population: "Leads that are neither converted, disqualified nor merged, as they are now.",
    dated_by: "When the lead came to stand where it stands.",
    currency: "",
    term: "lead age",
    owner: Owner::Both,
    takes: &[],
    parts: &[standing(50)],
    counted: &["leads"],
    left_out: &[],
    formula: |facts| Worked::plain(facts.value("leads")),
    golden: &[
        Golden {
            about: "four of them",
            given: &[("leads", 4, "5 10 15 25")],
            options: &[],
            value: Some("12.5"),
        },
        Golden { about: "none may still become something", given: &[], options: &[], value: None },
    ],
};
