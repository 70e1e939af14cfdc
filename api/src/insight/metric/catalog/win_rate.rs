//! How many of the sales that were decided were won.

use super::{CLOSED, Figure, NO_SALE, lost, won};
use crate::insight::metric::{Metric, Owner, facts::Worked, golden::Golden, grain::Grain, unit::Unit};

pub const METRIC: Metric = Metric {
    key: "WIN_RATE",
    about: "Won opportunities among those won or lost in the period, by number. No decision counts as lost; DUPLICATE and \
            INVALID count in neither.",
    version: 1,
    unit: Unit::Ratio,
    grain: Grain::Opportunity,
    population: "Opportunities that were won or lost in the period and are so now.",
    dated_by: CLOSED,
    currency: "",
    term: "win rate",
    owner: Owner::Sales,
    takes: &[],
    parts: &[won(Figure::Count), lost(Figure::Count)],
    counted: &["won", "lost"],
    left_out: &[NO_SALE],
    formula: |facts| {
        let closed = facts.count("won").plus(facts.count("lost"));
        closed.map_or_else(Worked::default, |closed| Worked::share(facts.count("won"), closed))
    },
    golden: &[
        Golden {
            about: "25 won and 75 lost",
            given: &[("won", 25, ""), ("lost", 75, "")],
            options: &[],
            value: Some("0.25"),
        },
        Golden {
            about: "4,238 won and 2,473 lost: the public data set maven_crm",
            given: &[("won", 4238, ""), ("lost", 2473, "")],
            options: &[],
            value: Some("0.631501"),
        },
        Golden { about: "nothing was decided", given: &[], options: &[], value: None },
    ],
};
