//! Whether what is open will probably reach a target.

use super::{AT_NOW, CLOSING, Figure, Fx, open, won};
use crate::insight::metric::{
    Metric, Owner,
    facts::{Facts, Worked},
    golden::Golden,
    grain::Grain,
    options::Opt,
    unit::Unit,
};

pub const METRIC: Metric = Metric {
    key: "PIPELINE_COVERAGE_WEIGHTED",
    about: "The chances of what is open and expected to close in the period, as a multiple of what is missing to the target. What was won in the period already is taken from the \
            target; null and `targetMet` once nothing is missing.",
    version: 1,
    unit: Unit::Ratio,
    grain: Grain::Opportunity,
    population: "Opportunities that are open, or were won in the period; those without an amount count as 0.",
    dated_by: "The close date; of won ones the organisation's day of closing.",
    currency: AT_NOW,
    term: "pipeline coverage",
    owner: Owner::Both,
    takes: &[(Opt::Target, true)],
    parts: &[open(Figure::Weighted(Fx::Now)), won(CLOSING)],
    counted: &["open", "won"],
    left_out: &[],
    formula,
    golden: &[
        Golden {
            about: "1.5 million missing",
            given: &[("open", 90, "1800000"), ("won", 10, "500000")],
            options: &[(Opt::Target, "2000000")],
            value: Some("1.2"),
        },
        Golden {
            about: "the target is met",
            given: &[("open", 1, "100"), ("won", 10, "2000000")],
            options: &[(Opt::Target, "2000000")],
            value: None,
        },
    ],
};

fn formula(facts: &Facts) -> Worked {
    let gap = facts.option(Opt::Target).and_then(|target| target.minus(facts.sum("won")));
    let Some(gap) = gap else { return Worked::default() };
    Worked { target_met: Some(!gap.is_positive()), ..Worked::share(facts.sum("open"), gap) }
}
