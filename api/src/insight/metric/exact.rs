//! Exact numbers for formulas: fractions of whole numbers. Nothing is rounded before it is answered. Pure.

use std::cmp::Ordering;

use entity::money::divide_half_even;
use rust_decimal::Decimal;

/// Digits of a share of which a root is taken, and halvings after which nothing more of it shows.
const ROOT_DIGITS: u32 = 28;
const ROOT_STEPS: usize = 90;

/// A fraction in lowest terms; the denominator is positive. Every operation answers none where it has no answer, or where
/// the numbers grow too large to be exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact {
    num: i128,
    den: i128,
}

impl Default for Exact {
    fn default() -> Self {
        Self::ZERO
    }
}

impl Exact {
    pub const ZERO: Self = Self { num: 0, den: 1 };

    pub fn whole(n: i64) -> Self {
        Self { num: n.into(), den: 1 }
    }

    /// A fraction; none over 0.
    pub fn over(num: i128, den: i128) -> Option<Self> {
        if den == 0 {
            return None;
        }
        let divisor = gcd(num.unsigned_abs(), den.unsigned_abs());
        let divisor = i128::try_from(divisor).ok()?.checked_mul(den.signum())?;
        Some(Self { num: num / divisor, den: den / divisor })
    }

    /// Above the line, in lowest terms.
    pub fn num(self) -> i128 {
        self.num
    }

    /// Below it; positive.
    pub fn den(self) -> i128 {
        self.den
    }

    pub fn plus(self, other: Self) -> Option<Self> {
        let common = i128::try_from(gcd(self.den.unsigned_abs(), other.den.unsigned_abs())).ok()?;
        let own = self.den / common;
        let (left, right) = (self.num.checked_mul(other.den / common)?, other.num.checked_mul(own)?);
        Self::over(left.checked_add(right)?, own.checked_mul(other.den)?)
    }

    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self { num: other.num.checked_neg()?, den: other.den })
    }

    pub fn times(self, other: Self) -> Option<Self> {
        let (left, right) = (Self::over(self.num, other.den)?, Self::over(other.num, self.den)?);
        Self::over(left.num.checked_mul(right.num)?, left.den.checked_mul(right.den)?)
    }

    /// None by 0.
    pub fn by(self, other: Self) -> Option<Self> {
        self.times(Self::over(other.den, other.num)?)
    }

    /// The root of this degree of a share of one, to 18 places; a share has its first root exactly.
    pub fn root(self, degree: u32) -> Option<Self> {
        if degree == 1 || self.num == 0 {
            return Some(self);
        }
        if !(0..=self.den).contains(&self.num) || degree == 0 {
            return None;
        }
        let share = Decimal::from_i128_with_scale(self.scaled(ROOT_DIGITS)?, ROOT_DIGITS);
        let (mut low, mut high) = (Decimal::ZERO, Decimal::ONE);
        for _ in 0..ROOT_STEPS {
            let middle = (low + high) / Decimal::TWO;
            let power = (0..degree).fold(Decimal::ONE, |power, _| power * middle);
            if power <= share { low = middle } else { high = middle }
        }
        let root = high.round_dp(18);
        Self::over(root.mantissa(), 10_i128.checked_pow(root.scale())?)
    }

    pub fn is_negative(self) -> bool {
        self.num < 0
    }

    pub fn is_positive(self) -> bool {
        self.num > 0
    }

    pub fn at_least(self, other: Self) -> bool {
        self.against(other).is_ge()
    }

    /// Which is larger: told by whole parts, then by what is left of each turned over, so that no number grows.
    fn against(self, other: Self) -> Ordering {
        let (mut left, mut right, mut turned) = ((self.num, self.den), (other.num, other.den), false);
        loop {
            let wholes = left.0.div_euclid(left.1).cmp(&right.0.div_euclid(right.1));
            let rests = (left.0.rem_euclid(left.1), right.0.rem_euclid(right.1));
            let order = match rests {
                _ if wholes.is_ne() => wholes,
                (0, 0) => Ordering::Equal,
                (0, _) => Ordering::Less,
                (_, 0) => Ordering::Greater,
                (one, two) => {
                    (left, right, turned) = ((left.1, one), (right.1, two), !turned);
                    continue;
                }
            };
            return if turned { order.reverse() } else { order };
        }
    }

    /// The next whole number; itself where it is one.
    pub fn ceil(self) -> Option<i64> {
        let down = self.num.div_euclid(self.den);
        i64::try_from(if down * self.den == self.num { down } else { down + 1 }).ok()
    }

    /// Whole units of the last of so many decimals, rounded half to even.
    pub fn scaled(self, decimals: u32) -> Option<i128> {
        let up = self.num.checked_mul(10_i128.checked_pow(decimals)?)?;
        Some(divide_half_even(up, self.den))
    }

    /// Reads `1250`, `0.5` or `-3.25`.
    pub fn parse(text: &str) -> Option<Self> {
        let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let units: i128 = text.replacen('.', "", 1).parse().ok()?;
        Self::over(units, 10_i128.checked_pow(u32::try_from(decimals).ok()?)?)
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Exact {
        Exact::parse(text).unwrap()
    }

    #[test]
    fn thirds_stay_thirds() {
        let third = n("1").by(n("3")).unwrap();
        assert_eq!(third.times(n("3")), Some(n("1")));
        assert_eq!(third.plus(third).unwrap().plus(third), Some(n("1.0")));
        assert_eq!(third.minus(third), Some(Exact::ZERO));
    }

    #[test]
    fn halves_are_rounded_to_the_even_neighbour() {
        assert_eq!(n("0.125").scaled(2), Some(12));
        assert_eq!(n("0.375").scaled(2), Some(38));
        assert_eq!(n("-0.125").scaled(2), Some(-12));
        assert_eq!(n("2").by(n("3")).unwrap().scaled(6), Some(666_667));
    }

    #[test]
    fn nothing_is_divided_by_zero_and_nothing_overflows() {
        assert_eq!(n("1").by(n("0")), None);
        assert_eq!(Exact { num: i128::MAX, den: 1 }.plus(n("1")), None);
        assert_eq!(Exact { num: i128::MAX, den: 1 }.times(n("2")), None);
    }

    #[test]
    fn parts_count_as_one_more() {
        let up = |text: &str| n(text).ceil();
        assert_eq!([up("25"), up("25.01"), up("-0.5"), up("0")], [Some(25), Some(26), Some(0), Some(0)]);
        assert!(n("0.8").at_least(n("0.80")) && !n("0.7999").at_least(n("0.8")));
    }

    #[test]
    fn large_fractions_are_compared_exactly() {
        let near = |num: i128| Exact { num, den: i128::MAX };
        assert!(
            near(i128::MAX - 1).at_least(near(i128::MAX - 2)) && !near(i128::MAX - 2).at_least(near(i128::MAX - 1))
        );
        let (third, more) = (n("1").by(n("3")).unwrap(), Exact { num: i128::MAX / 3 + 1, den: i128::MAX });
        assert!(more.at_least(third) && !third.at_least(more) && third.at_least(third));
        assert!(n("-0.25").at_least(n("-0.5")) && !n("-0.5").at_least(n("-0.25")) && n("0").at_least(n("-0.1")));
        assert!(n("2.5").at_least(n("2.4")) && !n("2.4").at_least(n("2.5")) && n("3").at_least(n("2.9")));
    }

    #[test]
    fn roots_of_shares_are_exact_to_eighteen_places() {
        assert_eq!(n("0.25").root(2), Some(n("0.5")));
        assert_eq!(n("0.729").root(3), Some(n("0.9")));
        assert_eq!(n("1").root(12), Some(n("1")));
        assert_eq!(n("0").root(5), Some(n("0")));
        assert_eq!(n("0.95").root(1), Some(n("0.95")));
        assert_eq!(n("0.5").root(2).unwrap().scaled(18), Some(707_106_781_186_547_524));
        assert_eq!(n("1.5").root(2), None);
    }

    #[test]
    fn a_negative_divisor_makes_a_negative_number() {
        assert_eq!(n("1").by(n("-4")), Some(n("-0.25")));
        assert!(!n("1").by(n("-4")).unwrap().is_positive());
    }
}
