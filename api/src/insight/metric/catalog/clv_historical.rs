//! What a customer has left so far.

use super::{AT_NOW, BY_CONTRACT};
use crate::insight::metric::{
    Figure, Metric, Owner, Part, facts::Worked, golden::Golden, grain::Grain, options::Opt, paid, unit::Unit,
};

pub const METRIC: Metric = Metric {
    key: "CLV_HISTORICAL",
    about: "What a customer has left so far: all that was paid by contracts, from their first day until the period ends, or until \
            now where that comes first, times `grossMargin`, through the accounts that have or had one. What was paid is the \
            monthly amount for each month, for part of a month by its days; what was paid back is taken off. The period's start \
            is not used. CLV is what customers will leave, reckoned from how many go.",
    version: 1,
    unit: Unit::Money,
    grain: Grain::CustomerContract,
    population: "Contracts that began before the period ended and before now, also those that have ended.",
    dated_by: BY_CONTRACT,
    currency: AT_NOW,
    term: "customer lifetime value",
    owner: Owner::Both,
    takes: &[(Opt::GrossMargin, true)],
    parts: &[
        Part {
            name: "paid",
            about: "Paid by these contracts so far, less what was paid back.",
            grain: Grain::CustomerContract,
            of: Figure::PaidToDate,
            which: paid::contracts,
        },
        Part {
            name: "customers",
            about: "Accounts that have or had one, each by one of its contracts.",
            grain: Grain::CustomerContract,
            of: Figure::Count,
            which: paid::customers,
        },
    ],
    counted: &["customers"],
    left_out: &[],
    formula: |facts| {
        let left = facts.option(Opt::GrossMargin).and_then(|margin| facts.sum("paid").times(margin));
        left.map_or_else(Worked::default, |left| Worked::share(left, facts.count("customers")))
    },
    golden: &[
        Golden {
            about: "60,000 paid by ten customers, of which 80 % are left",
            given: &[("paid", 14, "60000"), ("customers", 10, "")],
            options: &[(Opt::GrossMargin, "0.80")],
            value: Some("4800.00"),
        },
        Golden { about: "nobody pays", given: &[], options: &[(Opt::GrossMargin, "0.80")], value: None },
    ],
};
