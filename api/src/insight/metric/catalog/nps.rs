//! Whether customers would recommend us.

use crate::insight::metric::{
    Ask, Figure, LeftOut, Metric, Owner, Part, customers, exact::Exact, facts::Worked, golden::Golden, grain::Grain, unit::Unit,
};
use entity::survey_response::Kind;
use sea_orm::Condition;

const fn answers(name: &'static str, about: &'static str, which: fn(&Ask) -> Condition) -> Part {
    Part { name, about, grain: Grain::SurveyResponse, of: Figure::Count, which }
}

pub const METRIC: Metric = Metric {
    key: "NPS",
    about: "The net promoter score, -100 to 100: the share of answers of 9 and 10, less that of 0 to 6, in points. The latest \
            answer of each contact in the period counts; one that names only an account counts by itself.",
    version: 2,
    unit: Unit::Score,
    grain: Grain::SurveyResponse,
    population: "The latest NPS answer of each contact in the period, and each that names only an account.",
    dated_by: "When they answered.",
    currency: "",
    term: "net promoter score",
    owner: Owner::Both,
    takes: &[],
    parts: &[
        answers("promoters", "Answered 9 or 10.", |ask| customers::answers(ask, Kind::Nps, 9..=10)),
        answers("passives", "Answered 7 or 8.", |ask| customers::answers(ask, Kind::Nps, 7..=8)),
        answers("detractors", "Answered 0 to 6.", |ask| customers::answers(ask, Kind::Nps, 0..=6)),
    ],
    counted: &["promoters", "passives", "detractors"],
    left_out: &[LeftOut {
        reason: "The contact answered again later in the period.",
        grain: Grain::SurveyResponse,
        which: |ask| customers::superseded(ask, Kind::Nps),
    }],
    formula: |facts| {
        let mut all = ["passives", "detractors"].into_iter().map(|name| facts.count(name));
        let all = all.try_fold(facts.count("promoters"), Exact::plus);
        let net = facts.count("promoters").minus(facts.count("detractors"));
        let points = net.and_then(|net| net.times(Exact::whole(100)));
        points.zip(all).map_or_else(Worked::default, |(points, all)| Worked::share(points, all))
    },
    golden: &[
        Golden {
            about: "30, 12 and 8 of 50",
            given: &[("promoters", 30, ""), ("passives", 12, ""), ("detractors", 8, "")],
            options: &[],
            value: Some("44"),
        },
        Golden { about: "nobody answered", given: &[], options: &[], value: None },
    ],
};
