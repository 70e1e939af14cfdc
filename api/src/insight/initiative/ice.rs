//! Impact, confidence and ease: what one side makes of an initiative, and both together. Pure and exact.

use async_graphql::SimpleObject;
use entity::{initiative::IceDimension, word::Word};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Fault, FaultCode},
    graph::scalar::Decimal,
    insight::metric::exact::Exact,
};

/// Decimals of means.
pub const DECIMALS: u32 = 6;
/// The sides are to talk about a dimension in which they are this far apart.
const APART: i32 = 3;
const SCALE: std::ops::RangeInclusive<i32> = 1..=10;

/// What one side thinks of an initiative: impact, confidence and ease, each 1 to 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ice {
    pub impact: i32,
    pub confidence: i32,
    pub ease: i32,
}

/// What one side thinks of an initiative.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct IceScore {
    /// How much it would move the goal: 1 to 10.
    pub impact: i32,
    /// How sure that is: 1 to 10, each a tenth.
    pub confidence: i32,
    /// How little it takes: 1 to 10, 10 being the least work.
    pub ease: i32,
    /// Impact times confidence times ease: 1 to 1000.
    pub product: i32,
    /// The mean of the three, to six places: 1 to 10.
    pub mean: Decimal,
}

impl Ice {
    fn each(self) -> [(IceDimension, i32); 3] {
        [
            (IceDimension::Impact, self.impact),
            (IceDimension::Confidence, self.confidence),
            (IceDimension::Ease, self.ease),
        ]
    }

    /// What lies outside of the scale.
    pub fn check(self) -> Vec<Fault> {
        let outside = self.each().into_iter().filter(|(_, given)| !SCALE.contains(given));
        let message = format!("this goes from {} to {}", SCALE.start(), SCALE.end());
        outside.map(|(of, _)| Fault::new(FaultCode::Validation, &of.word().to_lowercase(), message.clone())).collect()
    }

    pub fn product(self) -> i32 {
        self.impact * self.confidence * self.ease
    }

    pub fn mean(self) -> Option<Exact> {
        Exact::over(i128::from(self.impact + self.confidence + self.ease), 3)
    }

    /// As it is kept and shown; none where it cannot be written.
    pub fn score(self) -> Option<IceScore> {
        let mean = rust_decimal::Decimal::try_from_i128_with_scale(self.mean()?.scaled(DECIMALS)?, DECIMALS).ok()?;
        let Self { impact, confidence, ease } = self;
        Some(IceScore { impact, confidence, ease, product: self.product(), mean: Decimal(mean.normalize()) })
    }

    /// As it was kept.
    pub fn kept(score: Option<&serde_json::Value>) -> Option<Self> {
        let IceScore { impact, confidence, ease, .. } = IceScore::deserialize(score?).ok()?;
        Some(Self { impact, confidence, ease })
    }
}

/// What both sides say together.
#[derive(Clone, Copy, Debug)]
pub struct Both {
    pub marketing: Ice,
    pub sales: Ice,
}

impl Both {
    /// The mean of both sides' products.
    pub fn product(self) -> Option<Exact> {
        Exact::over(i128::from(self.marketing.product() + self.sales.product()), 2)
    }

    /// The mean of both sides' means.
    pub fn mean(self) -> Option<Exact> {
        self.marketing.mean()?.plus(self.sales.mean()?)?.by(Exact::whole(2))
    }

    /// How sure both are together, of one: confidence times ten is a percentage.
    pub fn sure(self) -> Option<Exact> {
        Exact::over(i128::from(self.marketing.confidence + self.sales.confidence), 20)
    }

    /// In what they are to talk with each other.
    pub fn disagreements(self) -> Vec<IceDimension> {
        let pairs = self.marketing.each().into_iter().zip(self.sales.each());
        pairs.filter(|((_, one), (_, other))| (one - other).abs() >= APART).map(|((of, _), _)| of).collect()
    }
}

/// What an initiative is expected to bring of what is missing: gap times its share, a percentage in hundredths, times how
/// sure both are.
pub fn contribution(gap: Exact, share_e2: i64, both: Both) -> Option<Exact> {
    gap.times(Exact::over(share_e2.into(), 10_000)?)?.times(both.sure()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ice(impact: i32, confidence: i32, ease: i32) -> Ice {
        Ice { impact, confidence, ease }
    }

    fn n(text: &str) -> Exact {
        Exact::parse(text).unwrap()
    }

    #[test]
    fn eight_by_six_by_five() {
        let score = ice(8, 6, 5).score().unwrap();
        assert_eq!((score.product, score.mean.to_string()), (240, "6.333333".into()));
        assert_eq!(ice(8, 6, 5).mean().unwrap().scaled(2), Some(633));
        assert_eq!(ice(6, 6, 6).score().unwrap().mean.to_string(), "6");
        let kept = serde_json::to_value(score).unwrap();
        assert_eq!(kept["mean"], "6.333333");
        assert_eq!(Ice::kept(Some(&kept)), Some(ice(8, 6, 5)));
        assert_eq!(Ice::kept(None), None);
    }

    #[test]
    fn both_sides_are_ranked_by_their_mean() {
        let both = Both { marketing: ice(8, 6, 5), sales: ice(5, 6, 5) };
        assert_eq!(both.product(), Some(n("195")));
        assert_eq!(both.mean(), n("35").by(n("6")));
        assert_eq!(Both { sales: ice(1, 1, 1), ..both }.product(), Some(n("120.5")));
    }

    #[test]
    fn three_apart_is_to_be_talked_about() {
        let apart = |sales| Both { marketing: ice(8, 6, 5), sales }.disagreements();
        assert_eq!(apart(ice(6, 4, 7)), []);
        assert_eq!(apart(ice(5, 6, 5)), [IceDimension::Impact]);
        assert_eq!(apart(ice(10, 9, 2)), [IceDimension::Confidence, IceDimension::Ease]);
    }

    #[test]
    fn a_contribution_is_gap_by_share_by_confidence() {
        let both = Both { marketing: ice(8, 6, 5), sales: ice(8, 6, 5) };
        assert_eq!(contribution(n("1150000"), 2_000, both), Some(n("138000")));
        let unsure = Both { sales: ice(8, 3, 5), ..both };
        assert_eq!(contribution(n("1150000"), 2_000, unsure), Some(n("103500")));
        assert_eq!(contribution(n("-10"), 333, both), Some(n("-0.1998")), "less is better");
    }

    #[test]
    fn the_scale_goes_from_one_to_ten() {
        assert!(ice(1, 10, 5).check().is_empty());
        let faults = ice(0, 11, 5).check();
        let fields: Vec<_> = faults.iter().map(|fault| fault.field.join(".")).collect();
        assert_eq!(fields, ["impact", "confidence"]);
    }
}
