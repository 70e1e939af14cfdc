//! How much of what a customer costs they leave over their time.

use super::{BY_SALE, COSTS, KEPT, MONTHLY, NEW_CUSTOMERS, NOBODYS, PAYING, SPENT, START, acquisition, lifetime_value};
use crate::insight::metric::{Metric, Owner, facts::Worked, golden::Golden, grain::Grain, options::Opt, unit::Unit};

pub const METRIC: Metric = Metric {
    key: "CLV_TO_CAC",
    about: "CLV through CAC: how many times over a customer brings back what a new one cost. Withheld from who may \
            not read costs.",
    version: 2,
    unit: Unit::Ratio,
    grain: Grain::Opportunity,
    population: "Costs of campaigns, accounts whose first sale was won in the period, and contracts at its start and \
                 end.",
    dated_by: BY_SALE,
    currency: COSTS,
    term: "customer lifetime value",
    owner: Owner::Both,
    takes: &[(Opt::SalesCost, true), (Opt::GrossMargin, true), (Opt::MaxMonths, false), (Opt::LagDays, false)],
    parts: &[SPENT, NEW_CUSTOMERS, MONTHLY, PAYING, START, KEPT],
    counted: &["spent", "customers", "paying", "start"],
    left_out: &[NOBODYS],
    formula: |facts| {
        let both = lifetime_value(facts).value.zip(acquisition(facts).value);
        both.map_or_else(Worked::default, |(value, cost)| Worked::share(value, cost))
    },
    golden: &[
        Golden {
            about: "8,000 through 16,000",
            given: &[
                ("spent", 12, "180000"),
                ("customers", 25, ""),
                ("monthly", 20, "10000"),
                ("paying", 20, ""),
                ("start", 20, "10000"),
                ("kept", 20, "9500"),
            ],
            options: &[(Opt::SalesCost, "220000"), (Opt::GrossMargin, "0.80")],
            value: Some("0.5"),
        },
        Golden {
            about: "no customer came",
            given: &[("spent", 12, "180000")],
            options: &[(Opt::SalesCost, "0"), (Opt::GrossMargin, "0.80")],
            value: None,
        },
    ],
};
