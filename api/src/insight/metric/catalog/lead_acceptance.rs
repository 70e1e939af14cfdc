//! How many offered leads sales takes.

use crate::insight::metric::{
    Figure, Metric, Owner, Part, cycles, facts::Worked, golden::Golden, grain::Grain, unit::Unit,
};

const fn answers(
    name: &'static str,
    about: &'static str,
    which: fn(&crate::insight::metric::Ask) -> sea_orm::Condition,
) -> Part {
    Part { name, about, grain: Grain::Handoff, of: Figure::Count, which }
}

pub const METRIC: Metric = Metric {
    key: "LEAD_ACCEPTANCE",
    about: "Offers of leads that sales accepted among those that it accepted or rejected in the period. A rejection that both \
            sides found wrong counts as acceptance. Those that wait and those that expired are inputs, in neither number.",
    version: 1,
    unit: Unit::Ratio,
    grain: Grain::Handoff,
    population: "Offers that were answered in the period.",
    dated_by: "When the offer was answered.",
    currency: "",
    term: "acceptance",
    owner: Owner::Marketing,
    takes: &[],
    parts: &[
        answers("accepted", "Accepted in the period.", cycles::accepted),
        answers("rejected", "Rejected in the period.", cycles::rejected),
        answers("pending", "Offered in the period and waiting.", cycles::pending),
        answers("expired", "Expired in the period, unanswered.", cycles::expired),
    ],
    counted: &["accepted", "rejected"],
    left_out: &[],
    formula: |facts| {
        let answered = facts.count("accepted").plus(facts.count("rejected"));
        answered.map_or_else(Worked::default, |answered| Worked::share(facts.count("accepted"), answered))
    },
    golden: &[
        Golden {
            about: "90 accepted and 18 rejected",
            given: &[("accepted", 90, ""), ("rejected", 18, ""), ("pending", 7, ""), ("expired", 3, "")],
            options: &[],
            value: Some("0.833333"),
        },
        Golden { about: "none answered", given: &[("pending", 7, "")], options: &[], value: None },
    ],
};
