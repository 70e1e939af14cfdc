//! How much the pipeline brings a day.

use super::{AT_CLOSE, CLOSING, won_before};
use crate::insight::metric::{
    Figure, Measure, Metric, Owner, Part,
    facts::{Facts, Worked},
    golden::Golden,
    grain::Grain,
    options::Opt,
    population,
    unit::Unit,
};

pub const METRIC: Metric = Metric {
    key: "PIPELINE_VELOCITY",
    about: "What the open pipeline brings in a day: open opportunities times win rate times mean amount won, through the \
            median days from opening to winning. Rate, amount and time are those of the last 180 days, unless \
            `windowDays` says otherwise; the period is not used.",
    version: 2,
    unit: Unit::MoneyPerDay,
    grain: Grain::Opportunity,
    population: "Opportunities that are open, and those won or lost in the window.",
    dated_by: "The organisation's day of closing, for rate, amount and time.",
    currency: AT_CLOSE,
    term: "pipeline velocity",
    owner: Owner::Both,
    takes: &[(Opt::WindowDays, false)],
    parts: &[
        Part {
            name: "open",
            about: "Open, whenever expected to close.",
            grain: Grain::Opportunity,
            of: Figure::Count,
            which: |ask| population::open_at(ask.at),
        },
        won_before("won", CLOSING),
        Part {
            name: "lost",
            about: "Lost in the days before that the window holds.",
            grain: Grain::Opportunity,
            of: Figure::Count,
            which: |ask| population::lost(ask, ask.window()),
        },
        won_before("cycle", Figure::Percentile(Measure::CycleDays, 50)),
    ],
    counted: &["open", "won", "lost"],
    left_out: &[],
    formula,
    golden: &[
        Golden {
            about: "100 open, 25 % won, 50,000 each, 60 days",
            given: &[("open", 100, ""), ("won", 25, "1250000"), ("lost", 75, ""), ("cycle", 1, "60")],
            options: &[],
            value: Some("20833.33"),
        },
        Golden {
            about: "nothing was won",
            given: &[("open", 100, ""), ("lost", 75, "")],
            options: &[],
            value: None,
        },
        Golden {
            about: "all were won at once",
            given: &[("open", 1, ""), ("won", 1, "100"), ("cycle", 1, "0")],
            options: &[],
            value: None,
        },
    ],
};

/// Open times won through closed, times amount through those won whose amount is known in the currency.
fn formula(facts: &Facts) -> Worked {
    let closed = facts.count("won").plus(facts.count("lost"));
    let mean = facts.value("won").and_then(|amount| amount.by(facts.converted("won")));
    let brings = closed.zip(mean).and_then(|(closed, mean)| {
        let wins = facts.count("open").times(facts.count("won"))?.by(closed)?;
        wins.times(mean)
    });
    match brings.zip(facts.value("cycle")) {
        Some((brings, days)) => Worked::share(brings, days),
        None => Worked::default(),
    }
}
