//! Money as whole minor units and a currency: read, printed, converted and split without ever
//! passing through a floating-point number.

mod currency;
mod rate;
#[cfg(test)]
mod tests;

use std::fmt;

pub use currency::{Currency, UnknownCurrency};
pub use rate::Rate;

/// An amount in its currency's minor units: 125000 EUR is 1,250.00 euro.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// Whole minor units: cents for EUR, yen for JPY, fils for KWD.
    pub amount_minor: i64,
    /// Which currency's.
    pub currency: Currency,
}

/// Why an amount could not be read or reckoned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoneyError {
    /// Not a decimal number such as `1250.00`.
    NotANumber,
    /// More decimals than the currency has.
    TooManyDecimals {
        /// How many it has.
        allowed: u32,
    },
    /// Too large to be kept.
    Overflow,
}

impl fmt::Display for MoneyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotANumber => f.write_str("not a decimal number such as 1250.00"),
            Self::TooManyDecimals { allowed } => write!(f, "more than {allowed} decimals"),
            Self::Overflow => f.write_str("too large an amount"),
        }
    }
}

impl std::error::Error for MoneyError {}

impl Money {
    /// That many minor units of a currency.
    pub fn new(amount_minor: i64, currency: Currency) -> Self {
        Self { amount_minor, currency }
    }

    /// Reads `1250`, `1250.5` or `-1250.00`, exactly or not at all; at most [`MOST_MINOR`], so that sums of amounts are
    /// numbers of 64 bits too.
    pub fn parse(amount: &str, currency: Currency) -> Result<Self, MoneyError> {
        let minor = parse_scaled(amount, currency.exponent())?;
        if minor.unsigned_abs() > MOST_MINOR { Err(MoneyError::Overflow) } else { Ok(Self::new(minor, currency)) }
    }

    /// The amount as a decimal number with all of its currency's decimals: `1250.00`.
    pub fn amount(self) -> String {
        print_scaled(self.amount_minor, self.currency.exponent())
    }

    /// The same money in another currency at `rate_e10` ten-thousand-millionths of it for one of
    /// this, rounded half to even.
    pub fn convert(self, rate_e10: i64, to: Currency) -> Result<Self, MoneyError> {
        self.at(Rate::e10(rate_e10), to)
    }

    /// The same money in another currency at an exact rate, rounded half to even.
    pub fn at(self, rate: Rate, to: Currency) -> Result<Self, MoneyError> {
        let (from, into) = (self.currency.exponent(), to.exponent());
        let (up, down) = (10_i128.pow(into.saturating_sub(from)), 10_i128.pow(from.saturating_sub(into)));
        let dividend = rate.quote().checked_mul(up).and_then(|up| up.checked_mul(self.amount_minor.into()));
        let divisor = rate.base().checked_mul(down);
        let (dividend, divisor) = dividend.zip(divisor).ok_or(MoneyError::Overflow)?;
        let amount_minor = i64::try_from(divide_half_even(dividend, divisor)).map_err(|_| MoneyError::Overflow)?;
        Ok(Self::new(amount_minor, to))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

/// Largest amount that is taken, in minor units: ten million millions of euro.
pub const MOST_MINOR: u64 = 1_000_000_000_000_000;

/// Decimals of an exchange rate: 1.0850 is kept as `10_850_000_000`.
pub const RATE_DECIMALS: u32 = 10;

/// Reads a decimal number as whole units of its last allowed decimal: `1.5` with 3 is 1500.
pub fn parse_scaled(text: &str, decimals: u32) -> Result<i64, MoneyError> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !fraction.is_none_or(all_digits) {
        return Err(MoneyError::NotANumber);
    }
    let fraction = fraction.unwrap_or_default();
    let missing = usize::try_from(decimals)
        .ok()
        .and_then(|allowed| allowed.checked_sub(fraction.len()))
        .ok_or(MoneyError::TooManyDecimals { allowed: decimals })?;
    let padding = std::iter::repeat_n(b'0', missing);
    whole.bytes().chain(fraction.bytes()).chain(padding).try_fold(0_i64, |sum, byte| {
        let digit = i64::from(byte - b'0');
        let next = sum.checked_mul(10).ok_or(MoneyError::Overflow)?;
        next.checked_add(if negative { -digit } else { digit }).ok_or(MoneyError::Overflow)
    })
}

/// The reverse of [`parse_scaled`], with every decimal: 1500 with 3 is `1.500`.
pub fn print_scaled(value: i64, decimals: u32) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let unit = 10_u64.pow(decimals);
    let (whole, fraction) = (value.unsigned_abs() / unit, value.unsigned_abs() % unit);
    match usize::try_from(decimals) {
        Ok(width @ 1..) => format!("{sign}{whole}.{fraction:0width$}"),
        _ => format!("{sign}{whole}"),
    }
}

/// Divides by a positive number and rounds to the nearest, halves to the even neighbour.
pub fn divide_half_even(dividend: i128, divisor: i128) -> i128 {
    let (floor, rest) = (dividend.div_euclid(divisor), dividend.rem_euclid(divisor));
    let up = match rest.cmp(&(divisor - rest)) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => floor % 2 != 0,
        std::cmp::Ordering::Greater => true,
    };
    floor + i128::from(up)
}

/// Splits a total by weights so that the parts sum to it exactly: each gets its share cut to
/// whole units, and the units left over go to the largest remainders, ties to the earliest.
/// Weights that are all zero count as equal; without weights there are no parts. The sum of the
/// weights must be below 2^126.
pub fn split_largest_remainder<W: Copy + Into<u128>>(total: i64, weights: &[W]) -> Vec<i64> {
    let weights: Vec<u128> = weights.iter().map(|&weight| weight.into()).collect();
    let even = weights.iter().all(|&weight| weight == 0);
    let weights = if even { vec![1; weights.len()] } else { weights };
    let (size, sum) = (total.unsigned_abs(), weights.iter().sum::<u128>());
    let mut shares: Vec<(u128, u128)> = weights.iter().map(|&weight| share(size, weight, sum)).collect();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(shares[at].1));
    let left = u128::from(size) - shares.iter().map(|(part, _)| part).sum::<u128>();
    for (_, at) in (0..left).zip(order) {
        shares[at].0 += 1;
    }
    shares.into_iter().map(|(part, _)| signed(part, total)).collect()
}

/// `size * weight / sum` and its remainder, where the product may be too large for any number: one
/// bit of the size after the other, as division is done by hand. The weight is a part of the sum.
fn share(size: u64, weight: u128, sum: u128) -> (u128, u128) {
    if let Some(product) = u128::from(size).checked_mul(weight) {
        return (product / sum, product % sum);
    }
    (0..u64::BITS).rev().fold((0, 0), |(quotient, rest), bit| {
        let rest = 2 * rest + if size >> bit & 1 == 1 { weight } else { 0 };
        (2 * quotient + rest / sum, rest % sum)
    })
}

/// A part of a total, with the total's sign; it is no larger than the total and so it fits.
fn signed(part: u128, total: i64) -> i64 {
    let size = i128::try_from(part).unwrap_or_default();
    i64::try_from(if total < 0 { -size } else { size }).unwrap_or(total)
}
