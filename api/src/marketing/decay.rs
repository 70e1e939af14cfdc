//! How much of what an event counts is left after a time: half after each half-life. Decimals of 28 digits, so that the
//! same events give the same score and the same credit on every machine. Pure.

use chrono::TimeDelta;
use rust_decimal::Decimal;

const MICROS_A_DAY: i64 = 86_400_000_000;
/// After so many half-lives nothing is left that 28 digits could show.
const MOST_HALVINGS: i64 = 90;

/// The natural logarithm of 2.
fn ln2() -> Decimal {
    Decimal::from_i128_with_scale(6_931_471_805_599_453_094_172_321_215, 28)
}

/// `2^(-age / half-life)`; 1 for what has not aged.
pub fn remaining(age: TimeDelta, half_life_days: i32) -> Decimal {
    let micros = age.num_microseconds().unwrap_or(i64::MAX).max(0);
    let period = i64::from(half_life_days.max(1)) * MICROS_A_DAY;
    let (halvings, rest) = (micros / period, micros % period);
    if halvings > MOST_HALVINGS {
        return Decimal::ZERO;
    }
    let part = Decimal::from(rest) / Decimal::from(period);
    exp(-(part * ln2())) / Decimal::from(1_u128 << halvings)
}

/// The exponential of a number between -1 and 0, by its series.
fn exp(x: Decimal) -> Decimal {
    let (mut sum, mut term) = (Decimal::ONE, Decimal::ONE);
    for n in 1..40_i64 {
        term = term * x / Decimal::from(n);
        if term.is_zero() {
            break;
        }
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(points: i64, days: i64, half_life: i32) -> String {
        let left = Decimal::from(points) * remaining(TimeDelta::days(days), half_life);
        format!("{:.4}", left.round_dp(4))
    }

    #[test]
    fn the_worked_numbers() {
        assert_eq!(after(30, 10, 30), "23.8110");
        assert_eq!(after(10, 60, 30), "2.5000");
        let clicks: Decimal = [5, 15, 40].map(|days| Decimal::TWO * remaining(TimeDelta::days(days), 30)).iter().sum();
        assert_eq!(clicks.round_dp(4).to_string(), "3.9897");
    }

    #[test]
    fn whole_half_lives_halve_exactly_and_long_ago_leaves_nothing() {
        assert_eq!(remaining(TimeDelta::days(90), 30), Decimal::new(125, 3));
        assert_eq!(remaining(TimeDelta::zero(), 30), Decimal::ONE);
        assert_eq!(remaining(TimeDelta::days(30 * 200), 30), Decimal::ZERO);
        assert_eq!(remaining(TimeDelta::days(-5), 30), Decimal::ONE);
    }

    #[test]
    fn it_is_right_to_25_digits() {
        // the square root of one half
        let half = remaining(TimeDelta::days(15), 30);
        let known = Decimal::from_i128_with_scale(7_071_067_811_865_475_244_008_443_621, 28);
        assert!((half - known).abs() < Decimal::new(1, 25), "{half}");
        // what is left after two spans is the product of what is left after each
        let product = remaining(TimeDelta::days(7), 30) * remaining(TimeDelta::days(11), 30);
        assert!((product - remaining(TimeDelta::days(18), 30)).abs() < Decimal::new(1, 25));
    }
}
