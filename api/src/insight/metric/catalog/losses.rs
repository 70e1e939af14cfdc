//! What was lost, and why.

use super::{AT_CLOSE, CLOSED, CLOSING, NO_SALE, lost};
use crate::insight::metric::{Metric, Owner, facts::Worked, golden::Golden, grain::Grain, unit::Unit};

pub const METRIC: Metric = Metric {
    key: "LOSSES",
    about: "How many opportunities were lost in the period; their amounts are among the inputs. By LOSS_REASON, COMPETITOR, \
            SOURCE or INDUSTRY it says why.",
    version: 1,
    unit: Unit::Count,
    grain: Grain::Opportunity,
    population: "Opportunities that were lost in the period and are so now.",
    dated_by: CLOSED,
    currency: AT_CLOSE,
    term: "loss",
    owner: Owner::Both,
    takes: &[],
    parts: &[lost(CLOSING)],
    counted: &["lost"],
    left_out: &[NO_SALE],
    formula: |facts| Worked::plain(Some(facts.count("lost"))),
    golden: &[Golden { about: "three losses", given: &[("lost", 3, "750")], options: &[], value: Some("3") }],
};
