//! How much customers pay now of what they paid.

use super::{AT_NOW, BY_CONTRACT, START, of_start};
use crate::insight::metric::{Metric, Owner, When, facts::Worked, golden::Golden, grain::Grain, unit::Unit};

pub const METRIC: Metric = Metric {
    key: "NET_RETENTION",
    about: "What customers of the period's start pay in a month when it ends, or now where that comes first, among \
            what they paid: more than 1 where those who pay more outweigh those who pay less or left. New customers, \
            and those who come back, do not count.",
    version: 2,
    unit: Unit::Ratio,
    grain: Grain::CustomerContract,
    population: "Accounts with a contract when the period begins, by one contract for each currency; what an account pays is compared in the wanted one.",
    dated_by: BY_CONTRACT,
    currency: AT_NOW,
    term: "retention",
    owner: Owner::Both,
    takes: &[],
    parts: &[START, of_start("end", "What the same customers pay in a month when it ends.", When::Still)],
    counted: &["start"],
    left_out: &[],
    formula: |facts| Worked::share(facts.sum("end"), facts.sum("start")),
    golden: &[
        Golden {
            about: "100,000, and 15,000 more, and 8,000 less",
            given: &[("start", 50, "100000"), ("end", 50, "107000")],
            options: &[],
            value: Some("1.07"),
        },
        Golden { about: "there was no customer", given: &[], options: &[], value: None },
    ],
};
