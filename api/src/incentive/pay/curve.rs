//! From how far somebody came to how much is paid. Pure; none where the numbers grow too large to be exact.

use super::plan::{Curve, Tier};
use crate::insight::metric::exact::Exact;

impl Curve {
    /// What is paid of the bonus at an attainment: nothing below the threshold, then in a line to 1 at 1, then by the accelerator.
    pub fn factor(&self, attainment: Exact) -> Option<Exact> {
        let one = Exact::whole(1);
        if attainment.is_negative() || !attainment.at_least(self.threshold) {
            return Some(Exact::ZERO);
        }
        if !attainment.at_least(one) {
            let way = attainment.minus(self.threshold)?.by(one.minus(self.threshold)?)?;
            return self.threshold_pay.plus(way.times(one.minus(self.threshold_pay)?)?);
        }
        let factor = one.plus(self.accelerator.times(attainment.minus(one)?)?)?;
        Some(self.cap.filter(|cap| factor.at_least(*cap)).unwrap_or(factor))
    }
}

/// What each part of a credited amount earns at the rate of the tier that it lies in, unrounded.
pub fn marginal(tiers: &[Tier], quota: Exact, base: Exact) -> Option<Exact> {
    let mut sum = Exact::ZERO;
    for tier in tiers {
        let from = tier.from.times(quota)?;
        if !base.minus(from)?.is_positive() {
            break;
        }
        let end = match tier.to {
            Some(to) => Some(to.times(quota)?).filter(|to| base.at_least(*to)).unwrap_or(base),
            None => base,
        };
        sum = sum.plus(end.minus(from)?.times(tier.rate)?)?;
    }
    Some(sum)
}

/// The rate of the tier that an attainment lies in, `from <= attainment < to`; 0 below 0.
pub fn reached(tiers: &[Tier], attainment: Exact) -> Exact {
    let inside = |tier: &&Tier| attainment.at_least(tier.from) && tier.to.is_none_or(|to| !attainment.at_least(to));
    tiers.iter().find(inside).map_or(Exact::ZERO, |tier| tier.rate)
}
