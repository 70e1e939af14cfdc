//! What a sale is worth on average.

use super::{AT_CLOSE, CLOSED, CLOSING, won};
use crate::insight::metric::{Metric, Owner, facts::Worked, golden::Golden, grain::Grain, unit::Unit};

pub const METRIC: Metric = Metric {
    key: "DEAL_SIZE",
    about: "The mean amount of opportunities won in the period; of those that can be converted, where others are left out.",
    version: 2,
    unit: Unit::Money,
    grain: Grain::Opportunity,
    population: "Opportunities that were won in the period and are so now.",
    dated_by: CLOSED,
    currency: AT_CLOSE,
    term: "deal size",
    owner: Owner::Sales,
    takes: &[],
    parts: &[won(CLOSING)],
    counted: &["won"],
    left_out: &[],
    formula: |facts| Worked::share(facts.sum("won"), facts.converted("won")),
    golden: &[
        Golden {
            about: "1,312,500 in 25 sales",
            given: &[("won", 25, "1312500")],
            options: &[],
            value: Some("52500.00"),
        },
        Golden { about: "nothing was won", given: &[], options: &[], value: None },
    ],
};
