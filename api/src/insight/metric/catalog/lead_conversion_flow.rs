//! How many came to one step of the funnel for each who came to another.

use crate::insight::metric::{
    Figure, Metric, Owner, Part, cycles, facts::Worked, golden::Golden, grain::Grain, options::Opt, unit::Unit,
};

pub const METRIC: Metric = Metric {
    key: "LEAD_CONVERSION_FLOW",
    about: "Rounds of leads that first came to the step `to` in the period, through those that first came to the step `from` \
            in it: the FLOW conversion. Not the same records, so it may be more than 1; not to be mixed with \
            LEAD_CONVERSION.",
    version: 1,
    unit: Unit::Ratio,
    grain: Grain::LeadCycle,
    population: "Rounds of leads, once each; not of leads that were deleted or merged.",
    dated_by: "When the round first came to the step.",
    currency: "",
    term: "conversion",
    owner: Owner::Both,
    takes: &[(Opt::From, false), (Opt::To, false)],
    parts: &[
        Part {
            name: "from",
            about: "Came to `from` in the period.",
            grain: Grain::LeadCycle,
            of: Figure::Count,
            which: |ask| cycles::came(ask, ask.options.from),
        },
        Part {
            name: "to",
            about: "Came to `to` in the period.",
            grain: Grain::LeadCycle,
            of: Figure::Count,
            which: |ask| cycles::came(ask, ask.options.to),
        },
    ],
    counted: &["from", "to"],
    left_out: &[],
    formula: |facts| Worked::share(facts.count("to"), facts.count("from")),
    golden: &[
        Golden {
            about: "more accepted than qualified",
            given: &[("from", 80, ""), ("to", 100, "")],
            options: &[],
            value: Some("1.25"),
        },
        Golden { about: "nobody came", given: &[("to", 1, "")], options: &[], value: None },
    ],
};
