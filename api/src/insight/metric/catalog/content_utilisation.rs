//! How much of the content is used.

use crate::insight::metric::{
    Figure, LeftOut, Metric, Owner, Part, facts::Worked, golden::Golden, grain::Grain, shared, unit::Unit,
};

pub const METRIC: Metric = Metric {
    key: "CONTENT_UTILISATION",
    about: "Content that somebody of sales used in the 90 days before the period ends, or before now where that comes first, \
            among all that is to be used (ACTIVE). What is left out is the content that nobody of sales used.",
    version: 1,
    unit: Unit::Ratio,
    grain: Grain::ContentAsset,
    population: "Content of status ACTIVE. With `asOf` what was entered before and not deleted by then, and uses that were entered before; \
                 its status, and who is of sales, are those of now.",
    dated_by: "When it was used.",
    currency: "",
    term: "content utilisation",
    owner: Owner::Both,
    takes: &[],
    parts: &[
        Part {
            name: "used",
            about: "Used by sales.",
            grain: Grain::ContentAsset,
            of: Figure::Count,
            which: shared::used,
        },
        Part {
            name: "content",
            about: "To be used.",
            grain: Grain::ContentAsset,
            of: Figure::Count,
            which: shared::active,
        },
    ],
    counted: &["content"],
    left_out: &[LeftOut {
        reason: "Not used by sales for 90 days.",
        grain: Grain::ContentAsset,
        which: shared::unused,
    }],
    formula: |facts| Worked::share(facts.count("used"), facts.count("content")),
    golden: &[
        Golden { about: "4 of 10", given: &[("used", 4, ""), ("content", 10, "")], options: &[], value: Some("0.4") },
        Golden { about: "no content", given: &[], options: &[], value: None },
    ],
};
