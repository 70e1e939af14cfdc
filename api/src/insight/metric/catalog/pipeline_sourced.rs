//! What came into the pipeline by marketing.

use super::{AT_NOW, NOW};
use crate::insight::metric::{
    Metric, Owner, Part, facts::Worked, golden::Golden, grain::Grain, touched, unit::Unit,
};

pub const METRIC: Metric = Metric {
    key: "PIPELINE_SOURCED",
    about: "The first amounts of opportunities opened in the period by somebody whose first touch of the 365 days before was \
            marketing's: of the lead it began with, the contact that lead became, or the main contact. Every channel but \
            OUTBOUND is marketing's, unless a dispute found otherwise. A part of PIPELINE_CREATED.",
    version: 1,
    unit: Unit::Money,
    grain: Grain::Opportunity,
    population: "Opportunities as they began; deleted ones do not count.",
    dated_by: "When work on it began.",
    currency: AT_NOW,
    term: "sourced pipeline",
    owner: Owner::Marketing,
    takes: &[],
    parts: &[Part {
        name: "sourced",
        about: "Opened in the period and begun by marketing, with the amount it had then.",
        grain: Grain::Opportunity,
        of: NOW,
        which: touched::sourced,
    }],
    counted: &["sourced"],
    left_out: &[],
    formula: |facts| Worked::plain(Some(facts.sum("sourced"))),
    golden: &[Golden {
        about: "600,000 in 12 opportunities",
        given: &[("sourced", 12, "600000")],
        options: &[],
        value: Some("600000.00"),
    }],
};
