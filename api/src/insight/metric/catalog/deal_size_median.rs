//! What a sale in the middle is worth.

use super::{AT_CLOSE, CLOSED, Fx, won};
use crate::insight::metric::{Figure, Metric, Owner, facts::Worked, golden::Golden, grain::Grain, unit::Unit};

pub const METRIC: Metric = Metric {
    key: "DEAL_SIZE_MEDIAN",
    about: "The median amount of opportunities won in the period.",
    version: 1,
    unit: Unit::Money,
    grain: Grain::Opportunity,
    population: "Opportunities that were won in the period and are so now.",
    dated_by: CLOSED,
    currency: AT_CLOSE,
    term: "deal size",
    owner: Owner::Sales,
    takes: &[],
    parts: &[won(Figure::AmountPercentile(Fx::Closing, 50))],
    counted: &["won"],
    left_out: &[],
    formula: |facts| Worked::plain(facts.value("won")),
    golden: &[
        Golden {
            about: "two in the middle",
            given: &[("won", 4, "100 200 400 9000")],
            options: &[],
            value: Some("300.00"),
        },
        Golden { about: "one sale", given: &[("won", 1, "77.70")], options: &[], value: Some("77.70") },
        Golden { about: "nothing was won", given: &[], options: &[], value: None },
    ],
};
