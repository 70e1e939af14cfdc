//! What a period will probably bring.

use super::{CLOSING, OMITTED, won};
use crate::insight::metric::{
    Figure, Fx, Metric, Owner, Part, facts::Worked, golden::Golden, grain::Grain, population, unit::Unit,
};

pub const METRIC: Metric = Metric {
    key: "FORECAST_WEIGHTED",
    about: "What was won in the period, and of what is open and expected to close in it each amount times its chance. What \
            was lost counts 0; the forecast category OMITTED does not count.",
    version: 1,
    unit: Unit::Money,
    grain: Grain::Opportunity,
    population: "Opportunities that are open, or were won in the period; those without an amount count as 0.",
    dated_by: "The close date; of won ones the organisation's day of closing.",
    currency: "Open amounts at the rate of the day asked for, won ones at that of their closing, each rounded \
               half-even.",
    term: "forecast",
    owner: Owner::Sales,
    takes: &[],
    parts: &[
        Part {
            name: "open",
            about: "Open and expected to close in the period, by their chances.",
            grain: Grain::Opportunity,
            of: Figure::Weighted(Fx::Now),
            which: |ask| population::forecast(ask, ask.days()),
        },
        won(CLOSING),
    ],
    counted: &["open", "won"],
    left_out: &[OMITTED],
    formula: |facts| Worked::plain(facts.sum("open").plus(facts.sum("won"))),
    golden: &[Golden {
        about: "100,000 at 50 % and 40,000 at 10 % open, 200,000 won",
        given: &[("open", 2, "54000"), ("won", 1, "200000")],
        options: &[],
        value: Some("254000.00"),
    }],
};
