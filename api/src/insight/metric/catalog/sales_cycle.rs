//! How long a sale in the middle takes.

use super::{CLOSED, won};
use crate::insight::metric::{Figure, Measure, Metric, Owner, facts::Worked, golden::Golden, grain::Grain, unit::Unit};

pub const METRIC: Metric = Metric {
    key: "SALES_CYCLE",
    about: "The median time from opening to winning, of opportunities won in the period, in days.",
    version: 1,
    unit: Unit::Days,
    grain: Grain::Opportunity,
    population: "Opportunities that were won in the period and are so now.",
    dated_by: CLOSED,
    currency: "",
    term: "sales cycle",
    owner: Owner::Sales,
    takes: &[],
    parts: &[won(Figure::Percentile(Measure::CycleDays, 50))],
    counted: &["won"],
    left_out: &[],
    formula: |facts| Worked::plain(facts.value("won")),
    golden: &[
        Golden { about: "an odd number", given: &[("won", 3, "10 57 138")], options: &[], value: Some("57") },
        Golden { about: "an even number", given: &[("won", 4, "10 20 31.5 90")], options: &[], value: Some("25.75") },
        Golden { about: "nothing was won", given: &[], options: &[], value: None },
    ],
};
