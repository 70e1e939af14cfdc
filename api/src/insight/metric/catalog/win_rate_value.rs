//! How much of the money that was decided was won.

use super::{AT_CLOSE, CLOSED, CLOSING, NO_SALE, lost, won};
use crate::insight::metric::{Metric, Owner, facts::Worked, golden::Golden, grain::Grain, unit::Unit};

pub const METRIC: Metric = Metric {
    key: "WIN_RATE_VALUE",
    about: "The amounts of won opportunities among those of all that were won or lost in the period. No decision counts \
            as lost; DUPLICATE and INVALID count in neither.",
    version: 1,
    unit: Unit::Ratio,
    grain: Grain::Opportunity,
    population: "Opportunities that were won or lost in the period and are so now.",
    dated_by: CLOSED,
    currency: AT_CLOSE,
    term: "win rate",
    owner: Owner::Sales,
    takes: &[],
    parts: &[won(CLOSING), lost(CLOSING)],
    counted: &["won", "lost"],
    left_out: &[NO_SALE],
    formula: |facts| {
        let closed = facts.sum("won").plus(facts.sum("lost"));
        closed.map_or_else(Worked::default, |closed| Worked::share(facts.sum("won"), closed))
    },
    golden: &[
        Golden {
            about: "1,312,500 won and 2,187,500 lost",
            given: &[("won", 25, "1312500"), ("lost", 75, "2187500")],
            options: &[],
            value: Some("0.375"),
        },
        Golden { about: "only losses without an amount", given: &[("lost", 3, "0")], options: &[], value: None },
    ],
};
