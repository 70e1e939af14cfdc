//! What customers pay again and again.

use super::{AT_NOW, BY_CONTRACT, MONTHLY};
use crate::insight::metric::{Metric, Owner, facts::Worked, golden::Golden, grain::Grain, unit::Unit};

pub const METRIC: Metric = Metric {
    key: "RECURRING_REVENUE",
    about: "What customers pay in a month by their contracts when the period ends, or now where that comes first.",
    version: 2,
    unit: Unit::Money,
    grain: Grain::CustomerContract,
    population: "Contracts that run when the period ends.",
    dated_by: BY_CONTRACT,
    currency: AT_NOW,
    term: "recurring revenue",
    owner: Owner::Both,
    takes: &[],
    parts: &[MONTHLY],
    counted: &["monthly"],
    left_out: &[],
    formula: |facts| Worked::plain(Some(facts.sum("monthly"))),
    golden: &[
        Golden { about: "two accounts", given: &[("monthly", 2, "1500")], options: &[], value: Some("1500.00") },
        Golden { about: "none", given: &[], options: &[], value: Some("0.00") },
    ],
};
