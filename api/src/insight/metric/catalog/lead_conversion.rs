//! How many of those who came to a step of the funnel reached a later one.

use crate::insight::metric::{
    Ask, Figure, Metric, Owner, Part, cycles, facts::Worked, golden::Golden, grain::Grain, options::Opt, unit::Unit,
};

pub const METRIC: Metric = Metric {
    key: "LEAD_CONVERSION",
    about: "Of the rounds of leads that first came to the step `from` in the period, those that reached the step `to` by \
            now, within `withinDays` of it where that is given: the COHORT conversion. A step that was left out was taken \
            when a later one was; a later step back undoes none. The input `open` is how many may still come.",
    version: 1,
    unit: Unit::Ratio,
    grain: Grain::LeadCycle,
    population: "Rounds of leads, once each; not of leads that were deleted or merged.",
    dated_by: "When the round first came to `from`.",
    currency: "",
    term: "conversion",
    owner: Owner::Both,
    takes: &[(Opt::From, false), (Opt::To, false), (Opt::WithinDays, false)],
    parts: &[
        Part {
            name: "entered",
            about: "Came to `from` in the period.",
            grain: Grain::LeadCycle,
            of: Figure::Count,
            which: |ask| cycles::came(ask, ask.options.from),
        },
        Part {
            name: "reached",
            about: "Of these, those that reached `to`.",
            grain: Grain::LeadCycle,
            of: Figure::Count,
            which: |ask: &Ask| {
                let (from, to) = (ask.options.from, ask.options.to);
                cycles::came(ask, from).add(cycles::reached(ask, from, to))
            },
        },
        Part {
            name: "open",
            about: "Of these, those that did not and still may.",
            grain: Grain::LeadCycle,
            of: Figure::Count,
            which: |ask| cycles::open(ask, ask.options.from, ask.options.to),
        },
    ],
    counted: &["entered"],
    left_out: &[],
    formula: |facts| Worked::share(facts.count("reached"), facts.count("entered")),
    golden: &[
        Golden {
            about: "200 leads, 120 MQL",
            given: &[("entered", 200, ""), ("reached", 120, "")],
            options: &[],
            value: Some("0.6"),
        },
        Golden {
            about: "120 MQL, 90 SAL",
            given: &[("entered", 120, ""), ("reached", 90, "")],
            options: &[],
            value: Some("0.75"),
        },
        Golden {
            about: "90 SAL, 60 SQL",
            given: &[("entered", 90, ""), ("reached", 60, "")],
            options: &[],
            value: Some("0.666667"),
        },
        Golden {
            about: "60 SQL, 40 opportunities",
            given: &[("entered", 60, ""), ("reached", 40, "")],
            options: &[],
            value: Some("0.666667"),
        },
        Golden {
            about: "40 opportunities, 10 won",
            given: &[("entered", 40, ""), ("reached", 10, "")],
            options: &[],
            value: Some("0.25"),
        },
        Golden {
            about: "200 leads, 10 won",
            given: &[("entered", 200, ""), ("reached", 10, "")],
            options: &[],
            value: Some("0.05"),
        },
        Golden { about: "nobody came", given: &[], options: &[], value: None },
    ],
};
