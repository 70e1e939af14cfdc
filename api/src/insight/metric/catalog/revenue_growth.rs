//! How much more was won than in the period before.

use super::{AT_CLOSE, CLOSED, CLOSING, won};
use crate::insight::metric::{
    Metric, Owner, Part, facts::Worked, golden::Golden, grain::Grain, options::Opt, population, unit::Unit,
};

pub const METRIC: Metric = Metric {
    key: "REVENUE_GROWTH",
    about: "How much more was won in the period than in the one before, as a share of that. The period before has as many \
            days and ends where this one begins, unless `priorMode` says otherwise.",
    version: 1,
    unit: Unit::Ratio,
    grain: Grain::Opportunity,
    population: "Opportunities that were won in one of the two periods and are so now.",
    dated_by: CLOSED,
    currency: AT_CLOSE,
    term: "revenue growth",
    owner: Owner::Both,
    takes: &[(Opt::PriorMode, false)],
    parts: &[
        won(CLOSING),
        Part {
            name: "before",
            about: "Won in the period before.",
            grain: Grain::Opportunity,
            of: CLOSING,
            which: |ask| population::won(ask, ask.prior),
        },
    ],
    counted: &["won", "before"],
    left_out: &[],
    formula: |facts| Worked::growth(facts.sum("won"), facts.sum("before")),
    golden: &[
        Golden {
            about: "from 2.0 to 2.5 million",
            given: &[("won", 30, "2500000"), ("before", 20, "2000000")],
            options: &[],
            value: Some("0.25"),
        },
        Golden { about: "nothing before", given: &[("won", 1, "100")], options: &[], value: None },
    ],
};
