//! How well the records are kept.

use sea_orm::Condition;

use crate::insight::metric::{
    Ask, Figure, Measure, Metric, Owner, Part,
    exact::Exact,
    facts::{Facts, Worked},
    golden::Golden,
    grain::Grain,
    health,
    unit::Unit,
};

const fn rows(name: &'static str, of: Measure, grain: Grain, which: fn(&Ask) -> Condition) -> Part {
    let about = match of {
        Measure::Kept => "Records, and the weights of the rules that each passes, added up.",
        _ => "The same records, and the weights of all rules for each, added up.",
    };
    Part { name, about, grain, of: Figure::Total(of), which }
}

/// For each type of record what was passed, and what could be: names of parts.
const TYPES: [(&str, &str); 4] = [
    ("accounts", "accountWeights"),
    ("contacts", "contactWeights"),
    ("leads", "leadWeights"),
    ("opportunities", "opportunityWeights"),
];

pub const PARTS: [Part; 8] = [
    rows("accounts", Measure::Kept, Grain::Account, health::accounts),
    rows("accountWeights", Measure::Weighed, Grain::Account, health::accounts),
    rows("contacts", Measure::Kept, Grain::Contact, health::contacts),
    rows("contactWeights", Measure::Weighed, Grain::Contact, health::contacts),
    rows("leads", Measure::Kept, Grain::Lead, health::leads),
    rows("leadWeights", Measure::Weighed, Grain::Lead, health::leads),
    rows("opportunities", Measure::Kept, Grain::Opportunity, health::opportunities),
    rows("opportunityWeights", Measure::Weighed, Grain::Opportunity, health::opportunities),
];

pub const METRIC: Metric = Metric {
    key: "DATA_HEALTH",
    about: "How well records are kept: the mean of the shares of records that pass each rule of data quality \
            (`dataQualityRules`), by the rules' weights. A rule without records is left out. `dataHealth` tells each rule's \
            share, and where it withholds one what the formula was given is not told here. The period is not used.",
    version: 2,
    unit: Unit::Ratio,
    grain: Grain::Account,
    population: "All accounts and contacts, leads that may still become something, and open opportunities; none of a type without rules. \
                 With `asOf` as they were when that was kept last, once a day: see `knownAt`; not by filters then.",
    dated_by: "None: as they are.",
    currency: "",
    term: "data health",
    owner: Owner::Both,
    takes: &[],
    parts: &PARTS,
    counted: &["accounts", "contacts", "leads", "opportunities"],
    left_out: &[],
    formula,
    golden: &[
        Golden {
            about: "0.8 and 1 of accounts, 0.5, 0.9 and 0.75, each with the same weight",
            given: &[
                ("accounts", 10, "18"),
                ("accountWeights", 10, "20"),
                ("contacts", 20, "10"),
                ("contactWeights", 20, "20"),
                ("leads", 100, "90"),
                ("leadWeights", 100, "100"),
                ("opportunities", 4, "3"),
                ("opportunityWeights", 4, "4"),
            ],
            options: &[],
            value: Some("0.79"),
        },
        Golden {
            about: "1 with weight 3 and 0.5 with weight 1",
            given: &[
                ("accounts", 10, "30"),
                ("accountWeights", 10, "30"),
                ("leads", 6, "3"),
                ("leadWeights", 6, "6"),
                ("contacts", 7, "0"),
                ("contactWeights", 7, "0"),
            ],
            options: &[],
            value: Some("0.875"),
        },
        Golden {
            about: "only leads",
            given: &[("leads", 100, "88"), ("leadWeights", 100, "100")],
            options: &[],
            value: Some("0.88"),
        },
        Golden { about: "no records", given: &[], options: &[], value: None },
    ],
};

pub fn formula(facts: &Facts) -> Worked {
    let (mut passed, mut weights) = (Some(Exact::ZERO), Some(Exact::ZERO));
    for (kept, all) in TYPES {
        let n = facts.count(kept);
        let Some((share, weight)) = facts.sum(kept).by(n).zip(facts.sum(all).by(n)) else { continue };
        passed = passed.and_then(|sum| sum.plus(share));
        weights = weights.and_then(|sum| sum.plus(weight));
    }
    passed.zip(weights).map_or_else(Worked::default, |(passed, weights)| Worked::share(passed, weights))
}
