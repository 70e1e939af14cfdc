//! How many customers leave.

use super::BY_CONTRACT;
use crate::insight::metric::{
    Figure, Metric, Owner, Part, customers, facts::Worked, golden::Golden, grain::Grain, unit::Unit,
};

pub const METRIC: Metric = Metric {
    key: "LOGO_CHURN",
    about: "Customers who had a contract when the period began and have none when it ends, or now where that comes \
            first, among those who had one when it began.",
    version: 1,
    unit: Unit::Ratio,
    grain: Grain::CustomerContract,
    population: "Accounts with a contract when the period begins, each by one of its contracts.",
    dated_by: BY_CONTRACT,
    currency: "",
    term: "churn",
    owner: Owner::Both,
    takes: &[],
    parts: &[
        Part {
            name: "start",
            about: "Accounts with a contract when the period began.",
            grain: Grain::CustomerContract,
            of: Figure::Count,
            which: customers::at_start,
        },
        Part {
            name: "lost",
            about: "Of these, those without one when it ends.",
            grain: Grain::CustomerContract,
            of: Figure::Count,
            which: customers::lost,
        },
    ],
    counted: &["start"],
    left_out: &[],
    formula: |facts| Worked::share(facts.count("lost"), facts.count("start")),
    golden: &[
        Golden {
            about: "5 of 100 left",
            given: &[("start", 100, ""), ("lost", 5, "")],
            options: &[],
            value: Some("0.05"),
        },
        Golden { about: "there was no customer", given: &[], options: &[], value: None },
    ],
};
