//! How many opportunities came to one stage for each that came to another.

use crate::insight::metric::{
    Ask, Figure, Metric, Owner, Part, facts::Worked, golden::Golden, grain::Grain, options::Opt, stages, unit::Unit,
};

const fn rows(name: &'static str, about: &'static str, which: fn(&Ask) -> sea_orm::Condition) -> Part {
    Part { name, about, grain: Grain::Opportunity, of: Figure::Count, which }
}

pub const METRIC: Metric = Metric {
    key: "OPPORTUNITY_CONVERSION_FLOW",
    about: "Opportunities that first came to the stage `toStageId` in the period, through those that first came to `fromStageId` in \
            it, an earlier stage of the same pipeline: the FLOW conversion. A stage that was left out was passed when a later one \
            was reached. Not the same records, so it may be more than 1; not to be mixed with OPPORTUNITY_CONVERSION.",
    version: 1,
    unit: Unit::Ratio,
    grain: Grain::Opportunity,
    population: "Opportunities, once for each stage, as they stood when they first came to it; deleted ones do not count.",
    dated_by: "When it first came to the stage.",
    currency: "",
    term: "conversion",
    owner: Owner::Sales,
    takes: &[(Opt::FromStage, true), (Opt::ToStage, true)],
    parts: &[
        rows("from", "Came to `fromStageId` in the period.", |ask| stages::came(ask, ask.options.from_stage)),
        rows("to", "Came to `toStageId` in the period.", |ask| stages::came(ask, ask.options.to_stage)),
    ],
    counted: &["from", "to"],
    left_out: &[],
    formula: |facts| Worked::share(facts.count("to"), facts.count("from")),
    golden: &[
        Golden { about: "10 won for 40 opened", given: &[("from", 40, ""), ("to", 10, "")], options: &[], value: Some("0.25") },
        Golden { about: "more came on than came", given: &[("from", 4, ""), ("to", 5, "")], options: &[], value: Some("1.25") },
        Golden { about: "none came", given: &[("to", 1, "")], options: &[], value: None },
    ],
};
