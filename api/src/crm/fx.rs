//! Which rate of exchange holds on a day, and converting by it. The latest rate on or before the day counts, unless
//! it is older than a week.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use entity::{
    exchange_rate::{self, Column as C},
    money::{Currency, Money, RATE_DECIMALS},
};
use sea_orm::{Condition, ExprTrait, sea_query::Expr};

use super::all_rows;
use crate::{
    error::{Error, FaultCode, Result},
    store::{Guarded, Scoped, Tx},
};

/// Rates older than this are too old to be used.
pub const MAX_AGE: Days = Days::new(7);

/// A currency against itself.
pub const PAR: i64 = 10_i64.pow(RATE_DECIMALS);

/// What has to be converted: from, to, on which day.
pub type Wanted = (Currency, Currency, NaiveDate);

/// Rates of some pairs, by day.
#[derive(Default)]
pub struct Rates(HashMap<(Currency, Currency), Vec<(NaiveDate, i64)>>);

impl Rates {
    pub fn new(rates: impl IntoIterator<Item = (Currency, Currency, NaiveDate, i64)>) -> Self {
        let mut all: HashMap<_, Vec<_>> = HashMap::new();
        for (base, quote, date, rate) in rates {
            all.entry((base, quote)).or_default().push((date, rate));
        }
        for days in all.values_mut() {
            days.sort_unstable();
        }
        Self(all)
    }

    /// Ten-thousand-millionths of quote for one of base on that day; none if no rate is known or it is too old.
    pub fn on(&self, (base, quote, day): Wanted) -> Option<i64> {
        if base == quote {
            return Some(PAR);
        }
        let days = self.0.get(&(base, quote))?;
        let (date, rate) = days.iter().rev().find(|(date, _)| *date <= day)?;
        (*date >= oldest(day)).then_some(*rate)
    }

    /// The money in another currency at that day's rate, or `FX_RATE_MISSING`.
    pub fn convert(&self, money: Money, quote: Currency, day: NaiveDate) -> Result<Money> {
        let wanted = (money.currency, quote, day);
        let rate = self.on(wanted).ok_or_else(|| missing(&[wanted]))?;
        money.convert(rate, quote).map_err(|e| Error::invalid("amount", e.to_string()))
    }

    /// Step: the rates that these conversions need. One statement.
    pub async fn load(tx: &Tx, wanted: &[Wanted]) -> Result<Self> {
        let foreign: Vec<&Wanted> = wanted.iter().filter(|(base, quote, _)| base != quote).collect();
        let days = foreign.iter().map(|(_, _, day)| *day);
        let (Some(first), Some(last)) = (days.clone().min(), days.max()) else { return Ok(Self::default()) };
        let pair = |(base, quote, _): &&Wanted| column(C::Base).eq(*base).and(column(C::Quote).eq(*quote));
        let mut pairs: Vec<_> = foreign.clone();
        pairs.sort_unstable_by_key(|(base, quote, _)| (*base, *quote));
        pairs.dedup_by_key(|(base, quote, _)| (*base, *quote));
        let condition = Condition::all()
            .add(pairs.iter().map(pair).fold(Condition::any(), Condition::add))
            .add(column(C::Date).between(oldest(first), last));
        let rows = tx.read(Scoped::<exchange_rate::Entity>::read(&all_rows(tx)).filter(condition)).await?;
        Ok(Self::new(rows.into_iter().map(|r| (r.base, r.quote, r.date, r.rate_e10))))
    }
}

fn column(c: C) -> Expr {
    Expr::col((exchange_rate::Entity::NAME, c))
}

fn oldest(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(MAX_AGE).unwrap_or(NaiveDate::MIN)
}

/// `FX_RATE_MISSING`, listing the pairs and days.
pub fn missing(wanted: &[Wanted]) -> Error {
    let list: Vec<String> = wanted.iter().map(|(base, quote, day)| format!("{base}/{quote} on {day}")).collect();
    let message = format!("no rate of the last 7 days for {}; enter one with exchangeRateCreate", list.join(", "));
    Error::refused(FaultCode::FxRateMissing, "", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn code(code: &str) -> Currency {
        code.parse().expect("a currency")
    }

    fn rates() -> Rates {
        let (eur, usd) = (code("EUR"), code("USD"));
        Rates::new([(eur, usd, day("2026-03-10"), 11_020_000_000), (eur, usd, day("2026-03-01"), 10_850_000_000)])
    }

    fn converted(on: &str) -> Option<String> {
        let money = Money::parse("50000.00", code("EUR")).expect("money");
        rates().convert(money, code("USD"), day(on)).ok().map(Money::amount)
    }

    #[test]
    fn the_latest_rate_on_or_before_the_day_counts() {
        assert_eq!(converted("2026-03-01").as_deref(), Some("54250.00"));
        assert_eq!(converted("2026-03-08").as_deref(), Some("54250.00"));
        assert_eq!(converted("2026-03-10").as_deref(), Some("55100.00"));
        assert_eq!(converted("2026-03-17").as_deref(), Some("55100.00"));
    }

    #[test]
    fn a_rate_older_than_a_week_or_later_than_the_day_does_not_count() {
        assert_eq!(converted("2026-03-09"), None);
        assert_eq!(converted("2026-03-18"), None);
        assert_eq!(converted("2026-02-28"), None);
    }

    #[test]
    fn what_is_missing_is_named_and_a_currency_is_at_par_with_itself() {
        let wanted = (code("EUR"), code("JPY"), day("2026-03-01"));
        assert!(missing(&[wanted]).to_string().contains("EUR/JPY on 2026-03-01"));
        assert_eq!(rates().on((code("JPY"), code("JPY"), day("1999-01-01"))), Some(PAR));
    }
}
