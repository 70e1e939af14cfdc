//! How often promises of response times are kept.

use crate::insight::metric::{
    Ask, Figure, LeftOut, Metric, Owner, Part, cycles, facts::Worked, golden::Golden, grain::Grain, unit::Unit,
};

const fn clocks(name: &'static str, about: &'static str, which: fn(&Ask) -> sea_orm::Condition) -> Part {
    Part { name, about, grain: Grain::SlaClock, of: Figure::Count, which }
}

pub const METRIC: Metric = Metric {
    key: "SLA_ATTAINMENT",
    about: "Clocks of response times that were met among those due in the period that were met or breached. Breached is what \
            was answered late, or not although it was due.",
    version: 1,
    unit: Unit::Ratio,
    grain: Grain::SlaClock,
    population: "Clocks that are due in the period; void ones do not count.",
    dated_by: "When the clock is due.",
    currency: "",
    term: "service level",
    owner: Owner::Sales,
    takes: &[],
    parts: &[
        clocks("met", "Answered in time.", cycles::met),
        clocks("breached", "Answered late, or not although it was due.", cycles::breached),
        clocks("notDue", "Not yet due, or standing still.", cycles::not_due),
    ],
    counted: &["met", "breached"],
    left_out: &[LeftOut { reason: "Declared void.", grain: Grain::SlaClock, which: cycles::void }],
    formula: |facts| {
        let due = facts.count("met").plus(facts.count("breached"));
        due.map_or_else(Worked::default, |due| Worked::share(facts.count("met"), due))
    },
    golden: &[
        Golden {
            about: "ten answers, eight within 60 minutes",
            given: &[("met", 8, ""), ("breached", 2, "")],
            options: &[],
            value: Some("0.8"),
        },
        Golden {
            about: "two more overdue, one not due",
            given: &[("met", 8, ""), ("breached", 4, ""), ("notDue", 1, "")],
            options: &[],
            value: Some("0.666667"),
        },
        Golden { about: "nothing is due", given: &[("notDue", 1, "")], options: &[], value: None },
    ],
};
