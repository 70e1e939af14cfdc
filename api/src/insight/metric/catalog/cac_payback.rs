//! How long a customer pays back what they cost.

use super::{BY_SALE, COSTS, MONTHLY, NEW_CUSTOMERS, NOBODYS, PAYING, SPENT, acquisition, margin_a_month};
use crate::insight::metric::{Metric, Owner, facts::Worked, golden::Golden, grain::Grain, options::Opt, unit::Unit};

pub const METRIC: Metric = Metric {
    key: "CAC_PAYBACK",
    about: "After how many months what is left of what a customer pays has brought back what a new one cost: CAC \
            through the mean monthly amount of customers at the period's end times `grossMargin`. Withheld from who \
            may not read costs.",
    version: 2,
    unit: Unit::Months,
    grain: Grain::Opportunity,
    population: "Costs of campaigns, accounts whose first sale was won in the period, and contracts at its end.",
    dated_by: BY_SALE,
    currency: COSTS,
    term: "payback",
    owner: Owner::Both,
    takes: &[(Opt::SalesCost, true), (Opt::GrossMargin, true), (Opt::LagDays, false)],
    parts: &[SPENT, NEW_CUSTOMERS, MONTHLY, PAYING],
    counted: &["spent", "customers", "paying"],
    left_out: &[NOBODYS],
    formula: |facts| {
        let both = acquisition(facts).value.zip(margin_a_month(facts));
        both.map_or_else(Worked::default, |(cost, margin)| Worked::share(cost, margin))
    },
    golden: &[
        Golden {
            about: "16,000 at 2,000 a month and 80 %",
            given: &[("spent", 12, "180000"), ("customers", 25, ""), ("monthly", 10, "20000"), ("paying", 10, "")],
            options: &[(Opt::SalesCost, "220000"), (Opt::GrossMargin, "0.8")],
            value: Some("10"),
        },
        Golden {
            about: "nobody pays",
            given: &[("spent", 12, "180000"), ("customers", 25, "")],
            options: &[(Opt::SalesCost, "0"), (Opt::GrossMargin, "0.8")],
            value: None,
        },
    ],
};
