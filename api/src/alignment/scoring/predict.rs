//! The chance that a lead is won, from how often its values went with won and lost ones before: naive Bayes, as Odoo's
//! predictive lead scoring does it. Pure; in decimals, never in floats.

use rust_decimal::Decimal;

/// How often one value of the lead's was seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Among won ones that have this field.
    pub won: u32,
    pub won_of: u32,
    /// Among lost ones that have this field.
    pub lost: u32,
    pub lost_of: u32,
    /// How many different values the field had.
    pub values: u32,
}

/// The chance to hit, between 0 and 1: none when nothing was won or nothing lost before. `won` and `lost` are all that
/// ended; `seen` are the lead's values, those that were never seen left out; `smoothing` is added to each count.
pub fn chance(won: u32, lost: u32, seen: &[Seen], smoothing: Decimal) -> Option<Decimal> {
    if won == 0 || lost == 0 {
        return None;
    }
    let all = Decimal::from(won) + Decimal::from(lost);
    let (mut hit, mut miss) = (Decimal::from(won) / all, Decimal::from(lost) / all);
    for value in seen.iter().filter(|value| value.won + value.lost > 0) {
        hit *= likelihood(value.won, value.won_of, value.values, smoothing)?;
        miss *= likelihood(value.lost, value.lost_of, value.values, smoothing)?;
        // only their ratio counts: bring them up before digits are lost
        let larger = hit.max(miss);
        if larger.is_zero() {
            return None;
        }
        (hit, miss) = (hit / larger, miss / larger);
    }
    hit.checked_div(hit + miss)
}

fn likelihood(count: u32, of: u32, values: u32, smoothing: Decimal) -> Option<Decimal> {
    (Decimal::from(count) + smoothing).checked_div(Decimal::from(of) + smoothing * Decimal::from(values))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(won: u32, lost: u32) -> Seen {
        Seen { won, won_of: 40, lost, lost_of: 60, values: 2 }
    }

    fn percent(chance: Option<Decimal>) -> String {
        format!("{:.2}", chance.map(|p| (p * Decimal::ONE_HUNDRED).round_dp(2)).unwrap_or_default())
    }

    #[test]
    fn the_worked_example() {
        assert_eq!(percent(chance(40, 60, &[seen(10, 30), seen(32, 12)], Decimal::ZERO)), "57.14");
    }

    #[test]
    fn smoothing_keeps_a_value_never_won_from_deciding_alone() {
        let smoothing = Decimal::new(1, 1);
        // 0.4 * (0.1 / 40.2) against 0.6 * (30.1 / 60.2)
        assert_eq!(percent(chance(40, 60, &[seen(0, 30)], smoothing)), "0.33");
        assert_eq!(percent(chance(40, 60, &[seen(0, 30)], Decimal::ZERO)), "0.00");
    }

    #[test]
    fn what_was_never_seen_says_nothing_and_without_both_ends_there_is_no_chance() {
        assert_eq!(chance(40, 60, &[seen(0, 0)], Decimal::ZERO), chance(40, 60, &[], Decimal::ZERO));
        assert_eq!(percent(chance(40, 60, &[], Decimal::ZERO)), "40.00");
        assert_eq!(chance(0, 60, &[], Decimal::ZERO), None);
        assert_eq!(chance(40, 0, &[], Decimal::ZERO), None);
    }
}
