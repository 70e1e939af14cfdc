//! What a new customer costs in campaigns.

use super::{BY_SALE, COSTS, NEW_CUSTOMERS, NOBODYS, SPENT, acquisition};
use crate::insight::metric::{Metric, Owner, golden::Golden, grain::Grain, options::Opt, unit::Unit};

pub const METRIC: Metric = Metric {
    key: "CAC_PAID",
    about: "What was spent on campaigns, through the accounts whose first sale was won in the period. With `lagDays` \
            the money spent so much earlier counts. By CAMPAIGN or CHANNEL a customer counts for the campaign that \
            their first sale began with. Withheld from who may not read costs.",
    version: 1,
    unit: Unit::Money,
    grain: Grain::Opportunity,
    population: "Costs of campaigns, and accounts whose first sale was won in the period.",
    dated_by: BY_SALE,
    currency: COSTS,
    term: "customer acquisition cost",
    owner: Owner::Marketing,
    takes: &[(Opt::LagDays, false)],
    parts: &[SPENT, NEW_CUSTOMERS],
    counted: &["spent", "customers"],
    left_out: &[NOBODYS],
    formula: acquisition,
    golden: &[
        Golden {
            about: "180,000 for 25 customers",
            given: &[("spent", 12, "180000"), ("customers", 25, "")],
            options: &[],
            value: Some("7200.00"),
        },
        Golden { about: "no customer came", given: &[("spent", 12, "180000")], options: &[], value: None },
    ],
};
