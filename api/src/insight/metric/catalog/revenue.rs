//! What was won.

use super::{AT_CLOSE, CLOSED, CLOSING, won};
use crate::insight::metric::{Metric, Owner, facts::Worked, golden::Golden, grain::Grain, unit::Unit};

pub const METRIC: Metric = Metric {
    key: "REVENUE",
    about: "The amounts of opportunities won in the period.",
    version: 1,
    unit: Unit::Money,
    grain: Grain::Opportunity,
    population: "Opportunities that were won in the period and are so now.",
    dated_by: CLOSED,
    currency: AT_CLOSE,
    term: "revenue",
    owner: Owner::Both,
    takes: &[],
    parts: &[won(CLOSING)],
    counted: &["won"],
    left_out: &[],
    formula: |facts| Worked::plain(Some(facts.sum("won"))),
    golden: &[
        Golden {
            about: "the public data set maven_crm",
            given: &[("won", 4238, "10005534")],
            options: &[],
            value: Some("10005534.00"),
        },
        Golden { about: "nothing was won", given: &[], options: &[], value: Some("0.00") },
    ],
};
