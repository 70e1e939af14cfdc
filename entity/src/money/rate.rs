//! An exact price of one currency in another.

use super::RATE_DECIMALS;

/// So many units of the quoted currency for so many of the base; both positive, without a common divisor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    quote: i128,
    base: i128,
}

impl Rate {
    /// A currency against itself.
    pub const PAR: Self = Self { quote: 1, base: 1 };

    /// A rate kept as ten-thousand-millionths.
    pub fn e10(rate: i64) -> Self {
        Self::reduced(rate.into(), 10_i128.pow(RATE_DECIMALS))
    }

    /// The same the other way round.
    #[must_use]
    pub fn inverse(self) -> Self {
        Self { quote: self.base, base: self.quote }
    }

    /// By way of a third currency; none when the numbers grow too large to be exact.
    pub fn times(self, next: Self) -> Option<Self> {
        let (left, right) = (Self::reduced(self.quote, next.base), Self::reduced(next.quote, self.base));
        Some(Self { quote: left.quote.checked_mul(right.quote)?, base: left.base.checked_mul(right.base)? })
    }

    /// As ten-thousand-millionths, where that is exact.
    pub fn as_e10(self) -> Option<i64> {
        let scaled = self.quote.checked_mul(10_i128.pow(RATE_DECIMALS))?;
        if scaled % self.base == 0 { i64::try_from(scaled / self.base).ok() } else { None }
    }

    /// Units of the quoted currency, for `base` units of the other.
    pub fn quote(self) -> i128 {
        self.quote
    }

    /// Units of the base currency.
    pub fn base(self) -> i128 {
        self.base
    }

    fn reduced(quote: i128, base: i128) -> Self {
        let (mut a, mut b) = (quote.abs(), base.abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let divisor = a.max(1);
        Self { quote: quote / divisor, base: base / divisor }
    }
}
