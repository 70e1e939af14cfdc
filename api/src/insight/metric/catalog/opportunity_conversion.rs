//! How many of the opportunities that came to a stage reached a later one.

use crate::insight::metric::{
    Ask, Figure, Metric, Owner, Part, facts::Worked, golden::Golden, grain::Grain, options::Opt, stages, unit::Unit,
};

const fn rows(name: &'static str, about: &'static str, which: fn(&Ask) -> sea_orm::Condition) -> Part {
    Part { name, about, grain: Grain::Opportunity, of: Figure::Count, which }
}

pub const METRIC: Metric = Metric {
    key: "OPPORTUNITY_CONVERSION",
    about: "Of the opportunities that first came to the stage `fromStageId` in the period, those that reached `toStageId`, a later \
            stage of the same pipeline, by now, and within `withinDays` of that where it is given: the COHORT conversion. A stage \
            that was left out was passed when a later one was reached; a later step back undoes nothing; what was won reached \
            every stage. The input `open` is how many may still come in time. Stages of two pipelines, or in another order, are \
            BAD_USER_INPUT.",
    version: 2,
    unit: Unit::Ratio,
    grain: Grain::Opportunity,
    population: "Opportunities, once each, as they stood when they first came to the stage; deleted ones do not count.",
    dated_by: "When it first came to `fromStageId`.",
    currency: "",
    term: "conversion",
    owner: Owner::Sales,
    takes: &[(Opt::FromStage, true), (Opt::ToStage, true), (Opt::WithinDays, false)],
    parts: &[
        rows("entered", "Came to `fromStageId` in the period.", stages::entered),
        rows("reached", "Of these, those that reached `toStageId`.", stages::reached),
        rows("open", "Of these, those that did not, are open and have time left.", stages::open),
    ],
    counted: &["entered"],
    left_out: &[],
    formula: |facts| Worked::share(facts.count("reached"), facts.count("entered")),
    golden: &[
        Golden {
            about: "40 opportunities, 10 won",
            given: &[("entered", 40, ""), ("reached", 10, ""), ("open", 12, "")],
            options: &[],
            value: Some("0.25"),
        },
        Golden { about: "none came", given: &[], options: &[], value: None },
    ],
};
