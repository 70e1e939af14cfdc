//! How a goal does: what is done of it, what is expected by now, and what it will come to. Pure and exact.

use entity::goal_snapshot::PaceStatus;

use super::curve::Span;
use crate::insight::metric::exact::Exact;

/// From where to where.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    pub baseline: Exact,
    pub target: Exact,
}

/// How it stands. None where there is no answer: nothing measured, nothing expected yet, no day left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// How much of the way is done: 1 at the target.
    pub progress: Option<Exact>,
    pub expected: Option<Exact>,
    /// What is done of what is expected.
    pub ratio: Option<Exact>,
    pub projected: Option<Exact>,
    pub required_per_day: Option<Exact>,
    pub per_day: Option<Exact>,
    pub status: Option<PaceStatus>,
}

/// A smaller part of the way says nothing of the end.
const TOO_SOON: (i128, i128) = (5, 100);

/// Each status from this ratio on.
const FROM: [(PaceStatus, i128); 3] = [(PaceStatus::Ahead, 105), (PaceStatus::OnTrack, 95), (PaceStatus::AtRisk, 80)];

impl Way {
    fn at(self, part: Exact) -> Option<Exact> {
        self.baseline.plus(part.times(self.target.minus(self.baseline)?)?)
    }

    /// How much of the way a value is.
    pub fn done(self, actual: Exact) -> Option<Exact> {
        actual.minus(self.baseline)?.by(self.target.minus(self.baseline)?)
    }

    /// Whether a value reaches the target, on whichever side of the baseline that is.
    pub fn reached(self, actual: Exact) -> bool {
        self.done(actual).is_some_and(|done| done.at_least(Exact::whole(1)))
    }

    pub fn pace(self, span: &Span, actual: Option<Exact>) -> Pace {
        let expected = self.at(span.fraction);
        let gain = actual.and_then(|actual| actual.minus(self.baseline));
        let wanted = expected.and_then(|expected| expected.minus(self.baseline));
        let ratio = gain.zip(wanted).and_then(|(gain, wanted)| gain.by(wanted));
        let projected =
            gain.filter(|_| Exact::over(TOO_SOON.0, TOO_SOON.1).is_some_and(|least| span.fraction.at_least(least)));
        let projected = projected.and_then(|gain| self.baseline.plus(gain.by(span.fraction)?));
        let left = actual.and_then(|actual| self.target.minus(actual));
        let nothing_yet = !span.started || !span.fraction.is_positive();
        Pace {
            progress: actual.and_then(|actual| self.done(actual)),
            expected,
            ratio,
            projected,
            required_per_day: left.and_then(|left| left.by(Exact::whole(span.left))),
            per_day: gain.and_then(|gain| gain.by(Exact::whole(span.elapsed))),
            status: if nothing_yet { Some(PaceStatus::NotStarted) } else { ratio.map(status) },
        }
    }
}

fn status(ratio: Exact) -> PaceStatus {
    let from =
        |(_, percent): &&(PaceStatus, i128)| Exact::over(*percent, 100).is_some_and(|least| ratio.at_least(least));
    FROM.iter().find(from).map_or(PaceStatus::OffTrack, |(status, _)| *status)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::{
        super::curve::{CurveKind, PaceCurve},
        *,
    };
    use crate::{graph::derived::Term, insight::metric::unit::Unit};

    fn n(text: &str) -> Exact {
        Exact::parse(text).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn money(value: Option<Exact>) -> String {
        Unit::Money.text(value.unwrap(), 2).unwrap()
    }

    fn ratio(value: Option<Exact>) -> String {
        Unit::Ratio.text(value.unwrap(), 2).unwrap()
    }

    fn curve(weights: &[&str]) -> PaceCurve {
        let kind = if weights.is_empty() { CurveKind::Linear } else { CurveKind::Monthly };
        let weights = weights.iter().map(|weight| weight.parse().unwrap()).collect();
        PaceCurve { kind: Term(kind), weights, business_days: None }
    }

    fn quarter(weights: &[&str], on: &str) -> Span {
        curve(weights).span((day("2026-07-01"), day("2026-10-01")), day(on), &|_| true)
    }

    const WAY: Way = Way { baseline: Exact::ZERO, target: Exact::ZERO };

    fn two_million() -> Way {
        Way { target: n("2000000"), ..WAY }
    }

    #[test]
    fn half_of_the_quarter_with_850_000_of_2_000_000() {
        let span = quarter(&[], "2026-08-15");
        let pace = two_million().pace(&span, Some(n("850000")));
        assert_eq!((span.elapsed, span.left), (46, 46));
        assert_eq!(money(pace.expected), "1000000.00");
        assert_eq!((ratio(pace.ratio).as_str(), pace.status), ("0.85", Some(PaceStatus::AtRisk)));
        assert_eq!(money(pace.projected), "1700000.00");
        assert_eq!((money(pace.required_per_day), money(pace.per_day)), ("25000.00".into(), "18478.26".into()));
        assert_eq!(ratio(pace.progress), "0.425");
    }

    #[test]
    fn the_same_when_most_is_expected_late() {
        let span = quarter(&["0.20", "0.30", "0.50"], "2026-08-15");
        let pace = two_million().pace(&span, Some(n("850000")));
        assert_eq!(ratio(Some(span.fraction)), "0.345161");
        assert_eq!(money(pace.expected), "690322.58");
        assert_eq!((ratio(pace.ratio).as_str(), pace.status), ("1.231308", Some(PaceStatus::Ahead)));
        assert_eq!(money(pace.projected), "2462616.82");
    }

    #[test]
    fn the_border_of_a_status_belongs_to_the_better_one() {
        let span = quarter(&[], "2026-08-15");
        let of = |actual: &str| two_million().pace(&span, Some(n(actual))).status.unwrap();
        assert_eq!([of("1050000"), of("1049999.99")], [PaceStatus::Ahead, PaceStatus::OnTrack]);
        assert_eq!([of("950000"), of("949999.99")], [PaceStatus::OnTrack, PaceStatus::AtRisk]);
        assert_eq!([of("800000"), of("799999.99")], [PaceStatus::AtRisk, PaceStatus::OffTrack]);
    }

    #[test]
    fn less_is_better_where_the_target_lies_below() {
        let hours = Way { baseline: n("10"), target: n("2") };
        let span = quarter(&[], "2026-08-15");
        let pace = hours.pace(&span, Some(n("6")));
        assert_eq!(
            (money(pace.expected), ratio(pace.ratio), pace.status),
            ("6.00".into(), "1".into(), Some(PaceStatus::OnTrack))
        );
        assert_eq!(hours.pace(&span, Some(n("9"))).status, Some(PaceStatus::OffTrack));
        assert_eq!(hours.pace(&span, Some(n("12"))).status, Some(PaceStatus::OffTrack), "it grew");
        assert!(hours.reached(n("1.5")) && hours.reached(n("2")) && !hours.reached(n("2.1")));
    }

    #[test]
    fn what_has_no_answer_has_none() {
        let before = quarter(&[], "2026-06-30");
        let pace = two_million().pace(&before, Some(Exact::ZERO));
        assert_eq!((pace.ratio, pace.projected, pace.status), (None, None, Some(PaceStatus::NotStarted)));
        let (early, later) = (quarter(&[], "2026-07-04"), quarter(&[], "2026-07-05"));
        assert_eq!(two_million().pace(&early, Some(n("1"))).projected, None, "4/92 is less than 0.05");
        assert_eq!(money(two_million().pace(&later, Some(n("100000"))).projected), "1840000.00");
        let over = quarter(&[], "2026-12-31");
        let pace = two_million().pace(&over, Some(n("1900000")));
        assert_eq!((pace.required_per_day, ratio(pace.ratio)), (None, "0.95".into()), "no day is left");
        let unknown = two_million().pace(&later, None);
        assert_eq!((unknown.progress, unknown.ratio, unknown.status), (None, None, None));
        let empty_month = quarter(&["0", "0.5", "0.5"], "2026-07-20");
        assert_eq!(two_million().pace(&empty_month, Some(n("5"))).status, Some(PaceStatus::NotStarted));
    }

    #[test]
    fn whoever_keeps_to_a_linear_curve_is_at_1_every_day_and_projects_the_target() {
        let way = Way { baseline: n("300"), target: n("1220") };
        let mut date = day("2026-07-01");
        for elapsed in 1..=92_i64 {
            let span = quarter(&[], &date.to_string());
            let pace = way.pace(&span, Some(n("300").plus(Exact::whole(10 * elapsed)).unwrap()));
            assert_eq!((pace.ratio, pace.per_day), (Some(Exact::whole(1)), Some(Exact::whole(10))), "{date}");
            assert_eq!(pace.projected, (elapsed >= 5).then(|| n("1220")), "{date}");
            assert_eq!(pace.required_per_day, (elapsed < 92).then(|| Exact::whole(10)), "{date}");
            date = date.succ_opt().unwrap();
        }
    }
}
