//! What a new customer costs, marketing and sales together.

use super::{BY_SALE, COSTS, NEW_CUSTOMERS, NOBODYS, SPENT, acquisition};
use crate::insight::metric::{Metric, Owner, golden::Golden, grain::Grain, options::Opt, unit::Unit};

pub const METRIC: Metric = Metric {
    key: "CAC",
    about: "What was spent on campaigns, and on sales as told in `salesCost`, through the accounts whose first sale \
            was won in the period. With `lagDays` the money spent so much earlier counts. Withheld from who may not \
            read costs.",
    version: 1,
    unit: Unit::Money,
    grain: Grain::Opportunity,
    population: "Costs of campaigns, and accounts whose first sale was won in the period.",
    dated_by: BY_SALE,
    currency: COSTS,
    term: "customer acquisition cost",
    owner: Owner::Both,
    takes: &[(Opt::SalesCost, true), (Opt::LagDays, false)],
    parts: &[SPENT, NEW_CUSTOMERS],
    counted: &["spent", "customers"],
    left_out: &[NOBODYS],
    formula: acquisition,
    golden: &[
        Golden {
            about: "180,000 for campaigns and 220,000 for sales, 25 customers",
            given: &[("spent", 12, "180000"), ("customers", 25, "")],
            options: &[(Opt::SalesCost, "220000")],
            value: Some("16000.00"),
        },
        Golden {
            about: "no customer came",
            given: &[("spent", 12, "180000")],
            options: &[(Opt::SalesCost, "220000")],
            value: None,
        },
    ],
};
