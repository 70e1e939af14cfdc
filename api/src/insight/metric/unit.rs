//! What a metric's value counts, and how it is rounded and printed.

use entity::words;

use super::exact::Exact;

words! {
    /// What the value of a metric counts.
    pub enum Unit as "MetricUnit" {
        /// A share of one: 0.25 is a quarter; more than 1 is possible, e.g. three times what is needed.
        Ratio = "RATIO",
        /// Money, in whole units of the currency.
        Money = "MONEY",
        /// Records.
        Count = "COUNT",
        /// Seconds; of business time where the metric says so.
        Seconds = "SECONDS",
        /// Days of 24 hours.
        Days = "DAYS",
        /// Months.
        Months = "MONTHS",
        /// Money for each day.
        MoneyPerDay = "MONEY_PER_DAY",
        /// Points.
        Score = "SCORE",
    }
}

/// Decimals of money in worked numbers.
pub const EXAMPLE_DECIMALS: u32 = 2;

/// Decimals of what is not money.
const DECIMALS: u32 = 6;

impl Unit {
    pub fn is_money(self) -> bool {
        matches!(self, Self::Money | Self::MoneyPerDay)
    }

    /// The value as it is answered: money with the decimals of its currency, all else to six places, half to even.
    pub fn text(self, value: Exact, money_decimals: u32) -> Option<String> {
        if self.is_money() {
            return Some(print(value.scaled(money_decimals)?, money_decimals));
        }
        let text = print(value.scaled(DECIMALS)?, DECIMALS);
        Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
    }
}

fn print(units: i128, decimals: u32) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let one = 10_u128.pow(decimals);
    let (whole, fraction) = (units.unsigned_abs() / one, units.unsigned_abs() % one);
    match usize::try_from(decimals) {
        Ok(width @ 1..) => format!("{sign}{whole}.{fraction:0width$}"),
        _ => format!("{sign}{whole}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_keeps_its_decimals_and_all_else_loses_what_says_nothing() {
        let text = |unit: Unit, value: &str, decimals| unit.text(Exact::parse(value).unwrap(), decimals).unwrap();
        assert_eq!(text(Unit::Money, "1250", 2), "1250.00");
        assert_eq!(text(Unit::MoneyPerDay, "-0.5", 0), "0");
        assert_eq!(text(Unit::Ratio, "0.250000", 2), "0.25");
        assert_eq!(text(Unit::Ratio, "0.6666666", 2), "0.666667");
        assert_eq!(text(Unit::Count, "120", 2), "120");
        assert_eq!(text(Unit::Days, "0", 2), "0");
    }
}
