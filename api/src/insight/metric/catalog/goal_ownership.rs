//! How many goals both sides answer for.

use crate::insight::metric::{
    Figure, Metric, Owner, Part, facts::Worked, golden::Golden, grain::Grain, shared, unit::Unit,
};

pub const METRIC: Metric = Metric {
    key: "GOAL_OWNERSHIP",
    about: "Goals that name an owner on each side who is active and on that side, among all that are or were worked for and whose period \
            overlaps this one. No goal is signed without them; people leave or change sides later.",
    version: 2,
    unit: Unit::Ratio,
    grain: Grain::Goal,
    population: "Goals of status ACTIVE, ACHIEVED or MISSED. With `asOf` those whose version in force by then does not give them up, by what \
                 that says; whether its owners are active and of which side is taken as it is now.",
    dated_by: "The period of the goal.",
    currency: "",
    term: "shared goal",
    owner: Owner::Both,
    takes: &[],
    parts: &[
        Part {
            name: "ownedGoals",
            about: "With an owner on each side.",
            grain: Grain::Goal,
            of: Figure::Count,
            which: shared::owned,
        },
        Part { name: "goals", about: "That are or were worked for.", grain: Grain::Goal, of: Figure::Count, which: shared::goals },
    ],
    counted: &["goals"],
    left_out: &[],
    formula: |facts| Worked::share(facts.count("ownedGoals"), facts.count("goals")),
    golden: &[
        Golden { about: "3 of 4", given: &[("ownedGoals", 3, ""), ("goals", 4, "")], options: &[], value: Some("0.75") },
        Golden { about: "no goals", given: &[], options: &[], value: None },
    ],
};
