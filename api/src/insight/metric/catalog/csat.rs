//! Whether customers are satisfied.

use crate::insight::metric::{
    Ask, Figure, LeftOut, Metric, Owner, Part, customers, facts::Worked, golden::Golden, grain::Grain, unit::Unit,
};
use entity::survey_response::Kind;
use sea_orm::Condition;

const fn answers(name: &'static str, about: &'static str, which: fn(&Ask) -> Condition) -> Part {
    Part { name, about, grain: Grain::SurveyResponse, of: Figure::Count, which }
}

pub const METRIC: Metric = Metric {
    key: "CSAT",
    about: "The share of 4 and 5 of 5 among answers. The latest answer of each contact in the period counts; one that names only an \
            account counts by itself.",
    version: 2,
    unit: Unit::Ratio,
    grain: Grain::SurveyResponse,
    population: "The latest CSAT answer of each contact in the period, and each that names only an account.",
    dated_by: "When they answered.",
    currency: "",
    term: "customer satisfaction",
    owner: Owner::Both,
    takes: &[],
    parts: &[
        answers("satisfied", "Answered 4 or 5.", |ask| customers::answers(ask, Kind::Csat, 4..=5)),
        answers("others", "Answered 1 to 3.", |ask| customers::answers(ask, Kind::Csat, 1..=3)),
    ],
    counted: &["satisfied", "others"],
    left_out: &[LeftOut {
        reason: "The contact answered again later in the period.",
        grain: Grain::SurveyResponse,
        which: |ask| customers::superseded(ask, Kind::Csat),
    }],
    formula: |facts| {
        let all = facts.count("satisfied").plus(facts.count("others"));
        all.map_or_else(Worked::default, |all| Worked::share(facts.count("satisfied"), all))
    },
    golden: &[
        Golden {
            about: "42 of 50",
            given: &[("satisfied", 42, ""), ("others", 8, "")],
            options: &[],
            value: Some("0.84"),
        },
        Golden { about: "nobody answered", given: &[], options: &[], value: None },
    ],
};
