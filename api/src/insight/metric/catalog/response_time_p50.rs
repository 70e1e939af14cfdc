//! How soon leads are answered.

use crate::insight::metric::{
    Figure, LeftOut, Measure, Metric, Owner, Part, cycles, facts::Worked, golden::Golden, grain::Grain, options::Opt, unit::Unit,
};

/// 3, 5, 8, 12, 20, 30, 45, 60, 120 and 300 minutes.
pub const MINUTES: &str = "180 300 480 720 1200 1800 2700 3600 7200 18000";

/// How long answers took, at a percentile.
pub const fn answered(percent: u64) -> Part {
    Part {
        name: "answered",
        about: "Answered, in time or late; with `censored` all.",
        grain: Grain::SlaClock,
        of: Figure::Percentile(Measure::BusinessSeconds, percent),
        which: cycles::answered,
    }
}

pub const UNANSWERED: Part = Part {
    name: "unanswered",
    about: "Not answered yet.",
    grain: Grain::SlaClock,
    of: Figure::Count,
    which: cycles::unanswered,
};

pub const METRIC: Metric = Metric {
    key: "RESPONSE_TIME_P50",
    about: "The median from offering a lead to its first call, mail or meeting, in business seconds without pauses. The unanswered \
            are an input; with `censored` they count as later than all others, and there is no value where it lies among \
            them.",
    version: 3,
    unit: Unit::Seconds,
    grain: Grain::SlaClock,
    population: "Offers made in the period that have a clock of kind FIRST_RESPONSE, each once, from its first clock on; \
                 void ones do not count.",
    dated_by: "When the lead was offered, whatever instant its clock counts from.",
    currency: "",
    term: "response time",
    owner: Owner::Sales,
    takes: &[(Opt::Censored, false)],
    parts: &[answered(50), UNANSWERED],
    counted: &["answered"],
    left_out: &[LeftOut { reason: "Declared void.", grain: Grain::SlaClock, which: cycles::void_responses }],
    formula: |facts| Worked::plain(facts.value("answered")),
    golden: &[
        Golden { about: "ten answers", given: &[("answered", 10, MINUTES)], options: &[], value: Some("1500") },
        Golden {
            about: "two more unanswered, counted as later than all",
            given: &[("answered", 12, MINUTES)],
            options: &[],
            value: Some("2250"),
        },
        Golden { about: "nobody was answered", given: &[("unanswered", 2, "")], options: &[], value: None },
    ],
};
