//! How long a sale takes on average.

use super::{CLOSED, won};
use crate::insight::metric::{Figure, Measure, Metric, Owner, facts::Worked, golden::Golden, grain::Grain, unit::Unit};

pub const METRIC: Metric = Metric {
    key: "SALES_CYCLE_MEAN",
    about: "The mean time from opening to winning, of opportunities won in the period, in days.",
    version: 1,
    unit: Unit::Days,
    grain: Grain::Opportunity,
    population: "Opportunities that were won in the period and are so now.",
    dated_by: CLOSED,
    currency: "",
    term: "sales cycle",
    owner: Owner::Sales,
    takes: &[],
    parts: &[won(Figure::Total(Measure::CycleDays))],
    counted: &["won"],
    left_out: &[],
    formula: |facts| Worked::share(facts.sum("won"), facts.count("won")),
    golden: &[
        Golden { about: "205 days in 3 sales", given: &[("won", 3, "205")], options: &[], value: Some("68.333333") },
        Golden { about: "nothing was won", given: &[], options: &[], value: None },
    ],
};
