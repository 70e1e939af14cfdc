//! What a new customer costs in campaigns, by the channels and campaigns that earned them.

use super::{BY_SALE, COSTS, NOBODYS, SPENT};
use crate::insight::metric::{
    Figure, LeftOut, Measure, Metric, Owner, Part, credit, facts::Worked, golden::Golden, grain::Grain, options::Opt,
    unit::Unit,
};

pub const METRIC: Metric = Metric {
    key: "CAC_ATTRIBUTED",
    about: "What was spent on campaigns, through the new customers that touches have credit for by the ATTRIBUTION agreement \
            `modelId`: of the first sale that an account was won by each touch has its share, so that customers are divided \
            among channels and campaigns. By CHANNEL a cost belongs to the channel of its campaign. With `lagDays` the money spent \
            so much earlier counts. Withheld from who may not read costs. See `campaignPerformance` for single campaigns.",
    version: 1,
    unit: Unit::Money,
    grain: Grain::AttributionCredit,
    population: "Costs of campaigns, and credit as it stands now for first sales of accounts that were won in the period.",
    dated_by: BY_SALE,
    currency: COSTS,
    term: "customer acquisition cost",
    owner: Owner::Marketing,
    takes: &[(Opt::Model, true), (Opt::LagDays, false)],
    parts: &[
        SPENT,
        Part {
            name: "customers",
            about: "Credit for first sales that were won in the period: how many sales, and how many customers their parts are.",
            grain: Grain::AttributionCredit,
            of: Figure::Total(Measure::Credit),
            which: credit::earned,
        },
    ],
    counted: &["spent", "customers"],
    left_out: &[
        NOBODYS,
        LeftOut {
            reason: "No touch counted before the sale.",
            grain: Grain::AttributionCredit,
            which: credit::unearned,
        },
    ],
    formula: |facts| Worked::share(facts.sum("spent"), facts.sum("customers")),
    golden: &[
        Golden {
            about: "1,000 for two and a half customers, parts of four",
            given: &[("spent", 12, "1000"), ("customers", 4, "2.5")],
            options: &[],
            value: Some("400.00"),
        },
        Golden { about: "no customer came by a touch", given: &[("spent", 12, "1000")], options: &[], value: None },
    ],
};
