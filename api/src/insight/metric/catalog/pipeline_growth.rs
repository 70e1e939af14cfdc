//! How much more is open than when the period began.

use super::{AT_NOW, NOW};
use crate::insight::metric::{
    Metric, Owner, Part, facts::Worked, golden::Golden, grain::Grain, population, unit::Unit,
};

pub const METRIC: Metric = Metric {
    key: "PIPELINE_GROWTH",
    about: "How much more was open at the period's end than at its start, as a share of that. Before the period has ended \
            the present counts as its end; before it has begun there is no value.",
    version: 2,
    unit: Unit::Ratio,
    grain: Grain::Opportunity,
    population: "All opportunities that were open at the two instants, whenever they are expected to close.",
    dated_by: "When the opportunity was open.",
    currency: AT_NOW,
    term: "pipeline growth",
    owner: Owner::Both,
    takes: &[],
    parts: &[
        Part {
            name: "end",
            about: "Open at the end of the period.",
            grain: Grain::Opportunity,
            of: NOW,
            which: |ask| population::open_at(ask.until()),
        },
        Part {
            name: "start",
            about: "Open at the start of the period.",
            grain: Grain::Opportunity,
            of: NOW,
            which: population::open_at_start,
        },
    ],
    counted: &["end", "start"],
    left_out: &[],
    formula: |facts| Worked::growth(facts.sum("end"), facts.sum("start")),
    golden: &[
        Golden {
            about: "from 4.0 to 3.45 million",
            given: &[("end", 70, "3450000"), ("start", 80, "4000000")],
            options: &[],
            value: Some("-0.1375"),
        },
        Golden { about: "nothing was open before", given: &[("end", 1, "100")], options: &[], value: None },
    ],
};
