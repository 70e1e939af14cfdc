//! How persistently sales follows leads up that it accepted.

use crate::insight::metric::{
    Figure, Measure, Metric, Owner, Part,
    cycles,
    exact::Exact,
    facts::{Facts, Worked},
    golden::Golden,
    grain::Grain,
    options::{Opt, REQUIRED_ATTEMPTS},
    unit::Unit,
};

pub const METRIC: Metric = Metric {
    key: "FOLLOW_UP_DEPTH",
    about: "How often sales called, wrote to or met the leads that it accepted in the period, since then and by now, among how \
            often it was to: `requiredAttempts` for each lead, of which more count for nothing.",
    version: 1,
    unit: Unit::Ratio,
    grain: Grain::Handoff,
    population: "Offers that sales accepted in the period, those among them whose rejection both sides found wrong.",
    dated_by: "When the offer was answered.",
    currency: "",
    term: "follow-up depth",
    owner: Owner::Sales,
    takes: &[(Opt::RequiredAttempts, false)],
    parts: &[ATTEMPTS],
    counted: &["attempts"],
    left_out: &[],
    formula,
    golden: &[
        Golden { about: "276 of 3 for each of 100 leads", given: &[("attempts", 100, "276")], options: &[], value: Some("0.92") },
        Golden {
            about: "four leads tried 4, 2, 0 and 5 times, of 4 each",
            given: &[("attempts", 4, "10")],
            options: &[(Opt::RequiredAttempts, "4")],
            value: Some("0.625"),
        },
        Golden { about: "nothing was accepted", given: &[], options: &[], value: None },
    ],
};

pub const ATTEMPTS: Part = Part {
    name: "attempts",
    about: "Offers accepted in the period, and how often their leads were tried since, each no more often than asked.",
    grain: Grain::Handoff,
    of: Figure::Total(Measure::Attempts),
    which: cycles::accepted,
};

pub fn formula(facts: &Facts) -> Worked {
    let each = facts.option(Opt::RequiredAttempts).unwrap_or(Exact::whole(REQUIRED_ATTEMPTS));
    let asked = facts.count("attempts").times(each);
    asked.map_or_else(Worked::default, |asked| Worked::share(facts.sum("attempts"), asked))
}
