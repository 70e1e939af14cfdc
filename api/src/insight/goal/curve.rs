//! How much of a goal is expected by the end of each day of its period. Pure.

use async_graphql::{InputObject, SimpleObject};
use chrono::{Datelike, Months, NaiveDate};
use entity::words;
use serde::{Deserialize, Serialize};

use crate::{
    error::{Fault, FaultCode},
    graph::{derived::Term, scalar::Decimal},
    insight::metric::{exact::Exact, prior::Days},
};

words! {
    /// How a goal is expected to be reached in the course of its period.
    pub enum CurveKind as "PaceCurveKind" {
        /// The same each day.
        Linear = "LINEAR",
        /// By calendar month, as `weights` say; within a month the same each day.
        Monthly = "MONTHLY",
        /// The same, each month by its part of the sum of all `weights`: what such months came to in earlier years, see
        /// `goalSeasonality`.
        Seasonal = "SEASONAL",
    }
}

/// How much of a goal is expected by when.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(name = "PaceCurve", input_name = "PaceCurveInput")]
pub struct PaceCurve {
    /// The shape.
    pub kind: Term<CurveKind>,
    /// For MONTHLY and SEASONAL one for each calendar month that the period touches, in their order: 0 or more. For MONTHLY their
    /// shares, together exactly 1; for SEASONAL at most 1000000000000 and not all 0.
    #[serde(default)]
    #[graphql(default)]
    pub weights: Vec<Decimal>,
    /// Counts only days on which the organisation's calendar is open; all days unless true.
    pub business_days: Option<bool>,
}

impl Default for PaceCurve {
    fn default() -> Self {
        Self { kind: Term(CurveKind::Linear), weights: vec![], business_days: None }
    }
}

/// How far a period has gone by the end of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub started: bool,
    /// Whole days that are over.
    pub elapsed: i64,
    pub left: i64,
    /// The share of the goal that is expected.
    pub fraction: Exact,
}

impl PaceCurve {
    pub fn counts_business_days(&self) -> bool {
        self.business_days == Some(true)
    }

    /// By the end of `day`; `open` says on which days business is done.
    pub fn span(&self, (start, end): Days, day: NaiveDate, open: &dyn Fn(NaiveDate) -> bool) -> Span {
        let all = |_: NaiveDate| true;
        let business = self.counts_business_days() && number((start, end), open) > 0;
        let counts: &dyn Fn(NaiveDate) -> bool = if business { open } else { &all };
        let over = day.succ_opt().unwrap_or(day).clamp(start, end);
        let (elapsed, left) = (number((start, over), counts), number((over, end), counts));
        let fraction = match self.kind.0 {
            CurveKind::Linear => Exact::over(elapsed.into(), (elapsed + left).into()),
            CurveKind::Monthly => self.weighted((start, end), over, counts),
            CurveKind::Seasonal => {
                self.weighted((start, end), over, counts).and_then(|done| done.by(sum(&self.exact()?)?))
            }
        };
        Span { started: day >= start, elapsed, left, fraction: fraction.unwrap_or(Exact::ZERO) }
    }

    fn weighted(&self, days: Days, over: NaiveDate, counts: &dyn Fn(NaiveDate) -> bool) -> Option<Exact> {
        let mut sum = Exact::ZERO;
        for ((from, to), weight) in months(days).into_iter().zip(&self.weights) {
            let weight = Exact::parse(&weight.to_string())?;
            let (done, all) = (number((from, over.clamp(from, to)), counts), number((from, to), counts));
            let share = if over >= to { Some(Exact::whole(1)) } else { Exact::over(done.into(), all.into()) };
            sum = sum.plus(weight.times(share.unwrap_or(Exact::ZERO))?)?;
        }
        Some(sum)
    }

    /// What is wrong with it for a period.
    pub fn check(&self, days: Days) -> Vec<Fault> {
        let wrong = |message: String| vec![Fault::new(FaultCode::Validation, "weights", message)];
        if self.kind.0 == CurveKind::Linear {
            let none = self.weights.is_empty();
            return if none { vec![] } else { wrong("a LINEAR curve has no weights".into()) };
        }
        let months = months(days).len();
        if self.weights.len() != months {
            return wrong(format!("give {months}: one for each calendar month that the period touches"));
        }
        let exact = self.exact().filter(|all| all.iter().all(|weight| weight.at_least(Exact::ZERO)));
        if self.kind.0 == CurveKind::Seasonal {
            let fits = |all: &Vec<Exact>| all.iter().all(|weight| Exact::whole(MOST).at_least(*weight));
            let some = exact.filter(fits).and_then(|all| sum(&all)).is_some_and(Exact::is_positive);
            return if some { vec![] } else { wrong(format!("each must be 0 to {MOST}, and not all of them 0")) };
        }
        if exact.and_then(|all| sum(&all)) == Some(Exact::whole(1)) {
            vec![]
        } else {
            wrong("each must be 0 or more, and their sum exactly 1".into())
        }
    }

    fn exact(&self) -> Option<Vec<Exact>> {
        self.weights.iter().map(|weight| Exact::parse(&weight.to_string())).collect()
    }
}

/// A weight of a SEASONAL curve, at most.
const MOST: i64 = 1_000_000_000_000;

fn sum(all: &[Exact]) -> Option<Exact> {
    all.iter().copied().try_fold(Exact::ZERO, Exact::plus)
}

/// How many days of a span count.
fn number((from, to): Days, counts: &dyn Fn(NaiveDate) -> bool) -> i64 {
    from.iter_days().take_while(|day| *day < to).filter(|day| counts(*day)).count().try_into().unwrap_or(i64::MAX)
}

/// The parts of a period that lie in each calendar month.
pub fn months((start, end): Days) -> Vec<Days> {
    let mut all = Vec::new();
    let mut from = start;
    while from < end {
        let next = from.with_day(1).and_then(|first| first.checked_add_months(Months::new(1))).unwrap_or(end);
        all.push((from, next.min(end)));
        from = next;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn monthly(weights: &[&str]) -> PaceCurve {
        let weights = weights.iter().map(|weight| weight.parse().unwrap()).collect();
        PaceCurve { kind: Term(CurveKind::Monthly), weights, business_days: None }
    }

    #[test]
    fn weights_are_one_for_each_month_and_exactly_one_together() {
        let days = (day("2026-01-15"), day("2026-03-02"));
        assert!(monthly(&["0.2", "0.3", "0.5"]).check(days).is_empty());
        for weights in [&["0.5", "0.5"][..], &["0.2", "0.3", "0.4"], &["-0.2", "0.7", "0.5"]] {
            assert_eq!(monthly(weights).check(days).len(), 1, "{weights:?}");
        }
        assert!(PaceCurve::default().check(days).is_empty());
    }

    #[test]
    fn a_season_is_its_part_of_the_sum() {
        let days = (day("2026-07-01"), day("2026-10-01"));
        let seasonal = |weights: &[&str]| PaceCurve { kind: Term(CurveKind::Seasonal), ..monthly(weights) };
        let curve = seasonal(&["100", "200.50", "0"]);
        assert!(curve.check(days).is_empty());
        let at = |on: &str| curve.span(days, day(on), &|_| true).fraction;
        assert_eq!(at("2026-07-31"), Exact::over(1000, 3005).unwrap(), "exactly");
        assert_eq!((at("2026-08-31"), at("2026-09-15")), (Exact::whole(1), Exact::whole(1)));
        for weights in [&["0", "0", "0"][..], &["1", "1"], &["-1", "1", "1"], &["1", "1", "1000000000001"]] {
            assert_eq!(seasonal(weights).check(days).len(), 1, "{weights:?}");
        }
    }

    #[test]
    fn every_curve_rises_from_0_to_1() {
        let days = (day("2026-01-15"), day("2026-03-02"));
        let weekdays = |day: NaiveDate| day.weekday().number_from_monday() <= 5;
        for (kind, weights) in [(CurveKind::Linear, &[][..]), (CurveKind::Monthly, &["0.2", "0.3", "0.5"])] {
            for business_days in [None, Some(true)] {
                let curve = PaceCurve { kind: Term(kind), business_days, ..monthly(weights) };
                let mut last = Exact::ZERO;
                for on in day("2026-01-10").iter_days().take(60) {
                    let span = curve.span(days, on, &weekdays);
                    assert!(span.fraction.at_least(last), "{on}");
                    last = span.fraction;
                    assert_eq!(span.elapsed + span.left, if business_days.is_some() { 32 } else { 46 });
                }
                assert_eq!(last, Exact::whole(1));
            }
        }
    }

    #[test]
    fn business_days_stand_still_on_the_weekend_and_where_there_are_none_all_days_count() {
        let days = (day("2026-06-01"), day("2026-06-15"));
        let curve = PaceCurve { business_days: Some(true), ..PaceCurve::default() };
        let weekdays = |day: NaiveDate| day.weekday().number_from_monday() <= 5;
        let at = |on: &str| curve.span(days, day(on), &weekdays).fraction;
        assert_eq!(
            [at("2026-06-05"), at("2026-06-07"), at("2026-06-08")],
            [(5, 10), (5, 10), (6, 10)].map(|(a, b)| Exact::over(a, b).unwrap())
        );
        assert_eq!(curve.span(days, day("2026-06-07"), &|_| false).fraction, Exact::over(7, 14).unwrap());
    }
}
