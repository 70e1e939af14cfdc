//! How far both sides go for the same companies.

use crate::insight::metric::{
    Figure, Metric, Owner, Part, facts::Worked, golden::Golden, grain::Grain, shared, unit::Unit,
};

pub const METRIC: Metric = Metric {
    key: "TARGET_LIST_AGREEMENT",
    about: "Target accounts that both sides want among all that either side proposed, on lists whose period overlaps this one. \
            Those declined or taken off again stay among the proposed.",
    version: 1,
    unit: Unit::Ratio,
    grain: Grain::TargetEntry,
    population: "Accounts on lists of target accounts, once for each list. With `asOf` as both sides had decided by then, with what was \
                 deleted since; periods of lists are those of now.",
    dated_by: "The period of the list.",
    currency: "",
    term: "target-list agreement",
    owner: Owner::Both,
    takes: &[],
    parts: &[
        Part {
            name: "agreed",
            about: "Wanted by both sides.",
            grain: Grain::TargetEntry,
            of: Figure::Count,
            which: shared::agreed,
        },
        Part {
            name: "proposed",
            about: "Proposed by either side.",
            grain: Grain::TargetEntry,
            of: Figure::Count,
            which: shared::proposed,
        },
    ],
    counted: &["proposed"],
    left_out: &[],
    formula: |facts| Worked::share(facts.count("agreed"), facts.count("proposed")),
    golden: &[
        Golden {
            about: "14 of 20",
            given: &[("agreed", 14, ""), ("proposed", 20, "")],
            options: &[],
            value: Some("0.7"),
        },
        Golden { about: "nothing was proposed", given: &[], options: &[], value: None },
    ],
};
