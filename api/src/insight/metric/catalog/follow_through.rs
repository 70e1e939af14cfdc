//! Whether what was to be done is done in time.

use crate::insight::metric::{
    Figure, LeftOut, Metric, Owner, Part, actions, facts::Worked, golden::Golden, grain::Grain, unit::Unit,
};

pub const METRIC: Metric = Metric {
    key: "FOLLOW_THROUGH",
    about: "Tasks that were done by the time they were due, among all that were due in the period and before now. A task that is \
            done late, or not at all, was not; one that was deleted was called off and does not count.",
    version: 1,
    unit: Unit::Ratio,
    grain: Grain::Activity,
    population: "Activities of kind TASK with a time by which they are to be done. With `asOf` those that were entered before and not \
                 deleted by then; when they were due and done is what they say now.",
    dated_by: "When the task was due.",
    currency: "",
    term: "follow-through",
    owner: Owner::Both,
    takes: &[],
    parts: &[
        Part {
            name: "done",
            about: "Done by the time it was due.",
            grain: Grain::Activity,
            of: Figure::Count,
            which: actions::done,
        },
        Part {
            name: "due",
            about: "Due in the period and before now.",
            grain: Grain::Activity,
            of: Figure::Count,
            which: actions::due,
        },
    ],
    counted: &["due"],
    left_out: &[LeftOut {
        reason: "Due in the period, but not yet.",
        grain: Grain::Activity,
        which: actions::not_due,
    }],
    formula: |facts| Worked::share(facts.count("done"), facts.count("due")),
    golden: &[
        Golden { about: "18 of 24", given: &[("done", 18, ""), ("due", 24, "")], options: &[], value: Some("0.75") },
        Golden { about: "none was due", given: &[], options: &[], value: None },
    ],
};
