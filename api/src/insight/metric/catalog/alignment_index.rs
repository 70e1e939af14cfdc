//! How well marketing and sales work together, in one number.

use super::{
    content_utilisation, data_health, follow_up_depth, goal_ownership, lead_acceptance, sla_attainment,
    target_list_agreement,
};
use crate::insight::metric::{
    Metric, Owner, Part,
    facts::{Facts, Worked},
    golden::Golden,
    grain::Grain,
    unit::Unit,
    weights::COMPONENTS as SEVEN,
};

/// What it is made of, in the order of its weights.
pub const COMPONENTS: [&Metric; SEVEN] = [
    &lead_acceptance::METRIC,
    &sla_attainment::METRIC,
    &follow_up_depth::METRIC,
    &target_list_agreement::METRIC,
    &goal_ownership::METRIC,
    &content_utilisation::METRIC,
    &data_health::METRIC,
];

const PARTS: [Part; 19] = [
    lead_acceptance::METRIC.parts[0],
    lead_acceptance::METRIC.parts[1],
    sla_attainment::METRIC.parts[0],
    sla_attainment::METRIC.parts[1],
    follow_up_depth::ATTEMPTS,
    target_list_agreement::METRIC.parts[0],
    target_list_agreement::METRIC.parts[1],
    goal_ownership::METRIC.parts[0],
    goal_ownership::METRIC.parts[1],
    content_utilisation::METRIC.parts[0],
    content_utilisation::METRIC.parts[1],
    data_health::PARTS[0],
    data_health::PARTS[1],
    data_health::PARTS[2],
    data_health::PARTS[3],
    data_health::PARTS[4],
    data_health::PARTS[5],
    data_health::PARTS[6],
    data_health::PARTS[7],
];

pub const METRIC: Metric = Metric {
    key: "ALIGNMENT_INDEX",
    about: "How well marketing and sales work together, 0 to 100: LEAD_ACCEPTANCE, SLA_ATTAINMENT, FOLLOW_UP_DEPTH, \
            TARGET_LIST_AGREEMENT, GOAL_OWNERSHIP, CONTENT_UTILISATION and DATA_HEALTH, each through its target and at most 1, \
            weighed by the agreement of kind ALIGNMENT_INDEX. What cannot be computed is left out, and the other weights count \
            for the whole. `alignmentIndex` tells each part.",
    version: 1,
    unit: Unit::Score,
    grain: Grain::Handoff,
    population: "What its parts count. With `asOf` of DATA_HEALTH what was kept last before, and the weights of then.",
    dated_by: "As its parts.",
    currency: "",
    term: "alignment index",
    owner: Owner::Both,
    takes: &[],
    parts: &PARTS,
    counted: &["accepted", "rejected", "met", "breached", "proposed", "goals", "content", "accounts", "contacts", "leads", "opportunities"],
    left_out: &[],
    formula,
    golden: &[
        Golden {
            about: "84.9: acceptance 90 of 108, answers 8 of 10, depth 0.92, targets 0.7, goals 1, content 0.4, data 0.88",
            given: &[
                ("accepted", 90, ""),
                ("rejected", 18, ""),
                ("met", 8, ""),
                ("breached", 2, ""),
                ("attempts", 100, "276"),
                ("agreed", 7, ""),
                ("proposed", 10, ""),
                ("ownedGoals", 4, ""),
                ("goals", 4, ""),
                ("used", 4, ""),
                ("content", 10, ""),
                ("leads", 100, "88"),
                ("leadWeights", 100, "100"),
            ],
            options: &[],
            value: Some("84.885621"),
        },
        Golden {
            about: "only acceptance, beyond its target",
            given: &[("accepted", 90, ""), ("rejected", 10, "")],
            options: &[],
            value: Some("100"),
        },
        Golden { about: "nothing is known", given: &[], options: &[], value: None },
    ],
};

fn formula(facts: &Facts) -> Worked {
    let index = facts.weights().index(&COMPONENTS.map(|metric| (metric.formula)(facts).value));
    index.map_or_else(Worked::default, |index| Worked {
        value: Some(index.value),
        numerator: Some(index.sum),
        denominator: Some(index.weights),
        ..Worked::default()
    })
}
