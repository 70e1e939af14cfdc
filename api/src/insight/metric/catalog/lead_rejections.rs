//! Why sales gives leads back.

use crate::insight::metric::{
    Figure, Metric, Owner, Part, cycles, facts::Worked, golden::Golden, grain::Grain, unit::Unit,
};

pub const METRIC: Metric = Metric {
    key: "LEAD_REJECTIONS",
    about: "How many offers of leads sales rejected in the period; by REJECTION_CATEGORY it says why. A rejection \
            that both sides found wrong is none.",
    version: 1,
    unit: Unit::Count,
    grain: Grain::Handoff,
    population: "Offers that were rejected in the period.",
    dated_by: "When the offer was answered.",
    currency: "",
    term: "acceptance",
    owner: Owner::Marketing,
    takes: &[],
    parts: &[Part {
        name: "rejected",
        about: "Rejected in the period.",
        grain: Grain::Handoff,
        of: Figure::Count,
        which: cycles::rejected,
    }],
    counted: &["rejected"],
    left_out: &[],
    formula: |facts| Worked::plain(Some(facts.count("rejected"))),
    golden: &[Golden { about: "three", given: &[("rejected", 3, "")], options: &[], value: Some("3") }],
};
