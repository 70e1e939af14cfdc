//! How well people foresee what they sell.

use super::{AT_NOW, CLOSED, CLOSING, NOW, won};
use crate::insight::metric::{
    Metric, Owner, Part, exact::Exact, facts::Worked, golden::Golden, grain::Grain, population, unit::Unit,
};

pub const METRIC: Metric = Metric {
    key: "FORECAST_ACCURACY",
    about: "How near what people stood by came to what was won: 1 less the difference, in either direction, as a \
            share of what was won; less than 0 is possible. What they stood by is the latest COMMIT forecast of each \
            for exactly this period, given before it ended. No value where nothing was won.",
    version: 1,
    unit: Unit::Ratio,
    grain: Grain::ForecastSubmission,
    population: "Forecasts of the category COMMIT for exactly this period, the latest of each owner; and \
                 opportunities won in it.",
    dated_by: CLOSED,
    currency: AT_NOW,
    term: "forecast",
    owner: Owner::Sales,
    takes: &[],
    parts: &[
        Part {
            name: "committed",
            about: "What each stood by for this period, last.",
            grain: Grain::ForecastSubmission,
            of: NOW,
            which: population::committed,
        },
        won(CLOSING),
    ],
    counted: &["committed", "won"],
    left_out: &[],
    formula: |facts| {
        let (committed, won) = (facts.sum("committed"), facts.sum("won"));
        let miss =
            committed.minus(won).and_then(|miss| if miss.is_negative() { Exact::ZERO.minus(miss) } else { Some(miss) });
        let known = facts.get("committed").and(miss).and_then(|miss| won.minus(miss));
        known.map_or_else(Worked::default, |near| Worked::share(near, won))
    },
    golden: &[
        Golden {
            about: "950,000 for 1,000,000",
            given: &[("committed", 6, "950000"), ("won", 20, "1000000")],
            options: &[],
            value: Some("0.95"),
        },
        Golden {
            about: "1,100,000 for 1,000,000",
            given: &[("committed", 6, "1100000"), ("won", 20, "1000000")],
            options: &[],
            value: Some("0.9"),
        },
        Golden {
            about: "twice as much and more",
            given: &[("committed", 6, "2500000"), ("won", 20, "1000000")],
            options: &[],
            value: Some("-0.5"),
        },
        Golden { about: "nothing was won", given: &[("committed", 6, "2500000")], options: &[], value: None },
        Golden { about: "nobody forecast", given: &[("won", 20, "1000000")], options: &[], value: None },
    ],
};
