//! How much of what customers paid they still pay.

use super::{AT_NOW, BY_CONTRACT, KEPT, START};
use crate::insight::metric::{Metric, Owner, facts::Worked, golden::Golden, grain::Grain, unit::Unit};

pub const METRIC: Metric = Metric {
    key: "GROSS_RETENTION",
    about: "What customers of the period's start still pay in a month when it ends, or now where that comes first, \
            among what they paid: less what is lost with those who left and with those who pay less. What an account \
            pays more counts nothing. Of an account that pays in several currencies each is reckoned by itself.",
    version: 2,
    unit: Unit::Ratio,
    grain: Grain::CustomerContract,
    population: "Accounts with a contract when the period begins, by one contract for each currency.",
    dated_by: BY_CONTRACT,
    currency: AT_NOW,
    term: "retention",
    owner: Owner::Both,
    takes: &[],
    parts: &[START, KEPT],
    counted: &["start"],
    left_out: &[],
    formula: |facts| Worked::share(facts.sum("kept"), facts.sum("start")),
    golden: &[
        Golden {
            about: "100,000 less 8,000",
            given: &[("start", 50, "100000"), ("kept", 50, "92000")],
            options: &[],
            value: Some("0.92"),
        },
        Golden { about: "there was no customer", given: &[], options: &[], value: None },
    ],
};
