//! What a customer leaves over their time.

use super::{AT_NOW, BY_CONTRACT, KEPT, MONTHLY, PAYING, START, lifetime_value};
use crate::insight::metric::{Metric, Owner, golden::Golden, grain::Grain, options::Opt, unit::Unit};

pub const METRIC: Metric = Metric {
    key: "CLV",
    about: "What a customer leaves over their time: the mean monthly amount of customers at the period's end times \
            `grossMargin`, through the share of recurring revenue that is lost in a month. A period of several months \
            gives the monthly share whose like makes it; one that is not of whole months gives no value. Nobody is \
            counted on for more than `maxMonths`; `capped` says so.",
    version: 2,
    unit: Unit::Money,
    grain: Grain::CustomerContract,
    population: "Contracts that run when the period begins or ends.",
    dated_by: BY_CONTRACT,
    currency: AT_NOW,
    term: "customer lifetime value",
    owner: Owner::Both,
    takes: &[(Opt::GrossMargin, true), (Opt::MaxMonths, false)],
    parts: &[MONTHLY, PAYING, START, KEPT],
    counted: &["paying", "start"],
    left_out: &[],
    formula: lifetime_value,
    golden: &[
        Golden {
            about: "500 at 80 %, 5 % lost each month",
            given: &[("monthly", 20, "10000"), ("paying", 20, ""), ("start", 20, "10000"), ("kept", 20, "9500")],
            options: &[(Opt::GrossMargin, "0.80")],
            value: Some("8000.00"),
        },
        Golden {
            about: "nothing is lost, so five years count",
            given: &[("monthly", 20, "10000"), ("paying", 20, ""), ("start", 20, "10000"), ("kept", 20, "10000")],
            options: &[(Opt::GrossMargin, "0.80")],
            value: Some("24000.00"),
        },
        Golden { about: "nobody pays", given: &[], options: &[(Opt::GrossMargin, "0.80")], value: None },
    ],
};
