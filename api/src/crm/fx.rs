//! Which rate of exchange holds on a day, and converting by it. The latest rate on or before the day counts, unless
//! it is older than the organisation allows; where there is none, that of the reverse pair, else the way through the organisation's own
//! currency.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{
    exchange_rate::{self, Column as C},
    money::{Currency, Money, Rate},
};
use sea_orm::{Condition, ExprTrait, sea_query::Expr};

use super::{Reader, home::Home};
use crate::{
    error::{Error, FaultCode, Result},
    store::{Guarded, Scoped},
};

/// What has to be converted: from, to, on which day.
pub type Wanted = (Currency, Currency, NaiveDate);

/// Rates of some pairs, by day.
#[derive(Default)]
pub struct Rates {
    known: HashMap<(Currency, Currency), Vec<(NaiveDate, i64)>>,
    /// Whose currency others are converted through, and how old rates may be.
    home: Home,
}

impl Rates {
    pub fn new(home: Home, rates: impl IntoIterator<Item = (Currency, Currency, NaiveDate, i64)>) -> Self {
        let mut known: HashMap<_, Vec<_>> = HashMap::new();
        for (base, quote, date, rate) in rates {
            known.entry((base, quote)).or_default().push((date, rate));
        }
        for days in known.values_mut() {
            days.sort_unstable();
        }
        Self { known, home }
    }

    /// What one of base costs in quote on that day; none if no rate is known or all are too old.
    pub fn on(&self, (base, quote, day): Wanted) -> Option<Rate> {
        if base == quote {
            return Some(Rate::PAR);
        }
        self.between(base, quote, day).or_else(|| {
            let third = self.home.currency.filter(|third| *third != base && *third != quote)?;
            self.between(base, third, day)?.times(self.between(third, quote, day)?)
        })
    }

    fn between(&self, base: Currency, quote: Currency, day: NaiveDate) -> Option<Rate> {
        let direct = self.latest(base, quote, day).map(Rate::e10);
        direct.or_else(|| Some(Rate::e10(self.latest(quote, base, day)?).inverse()))
    }

    fn latest(&self, base: Currency, quote: Currency, day: NaiveDate) -> Option<i64> {
        let days = self.known.get(&(base, quote))?;
        let until = days.partition_point(|(date, _)| *date <= day);
        let (date, rate) = days.get(until.checked_sub(1)?)?;
        (*date >= oldest(self.home, day)).then_some(*rate)
    }

    /// The money in another currency at that day's rate, or `FX_RATE_MISSING`.
    pub fn convert(&self, money: Money, quote: Currency, day: NaiveDate) -> Result<Money> {
        let wanted = (money.currency, quote, day);
        let rate = self.on(wanted).ok_or_else(|| missing(&[wanted]))?;
        money.at(rate, quote).map_err(|e| Error::invalid("amount", e.to_string()))
    }

    /// The rates that these conversions need, by way of the organisation's currency where there is one. One statement.
    pub async fn load(reader: Reader<'_>, home: Home, wanted: &[Wanted]) -> Result<Self> {
        let foreign = || wanted.iter().filter(|(base, quote, _)| base != quote);
        let days = foreign().map(|(_, _, day)| *day);
        let (Some(first), Some(last)) = (days.clone().min(), days.max()) else { return Ok(Self::default()) };
        let legs = |(base, quote, _): &Wanted| {
            let third = home.currency.map(|third| [(*base, third), (third, *quote)]);
            [(*base, *quote)].into_iter().chain(third.into_iter().flatten()).collect::<Vec<_>>()
        };
        let both = |(base, quote)| [(base, quote), (quote, base)];
        let mut pairs: Vec<(Currency, Currency)> = foreign().flat_map(legs).flat_map(both).collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs.retain(|(base, quote)| base != quote);
        let pair = |(base, quote): &(Currency, Currency)| column(C::Base).eq(*base).and(column(C::Quote).eq(*quote));
        let condition = Condition::all()
            .add(pairs.iter().map(pair).fold(Condition::any(), Condition::add))
            .add(column(C::Date).between(oldest(home, first), last));
        let rates = Scoped::<exchange_rate::Entity>::read(&reader.everything()).filter(condition);
        let columns = [C::Base, C::Quote, C::Date, C::RateE10].map(|c| (exchange_rate::Entity::NAME, c));
        let rows = reader.cells(rates.shape(|q| _ = q.columns(columns))).await?;
        let read = |row: &sea_orm::QueryResult| {
            let (base, quote) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            Ok((base, quote, row.try_get_by_index(2)?, row.try_get_by_index(3)?))
        };
        Ok(Self::new(home, rows.iter().map(read).collect::<Result<Vec<_>>>()?))
    }
}

fn column(c: C) -> Expr {
    Expr::col((exchange_rate::Entity::NAME, c))
}

fn oldest(home: Home, day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(home.rate_age()).unwrap_or(NaiveDate::MIN)
}

/// Pairs and days that an error lists.
const MOST_LISTED: usize = 20;

/// `FX_RATE_MISSING`, listing the pairs and days.
pub fn missing(wanted: &[Wanted]) -> Error {
    let listed = wanted.iter().take(MOST_LISTED);
    let list: Vec<String> = listed.map(|(base, quote, day)| format!("{base}/{quote} on {day}")).collect();
    let more = wanted.len().saturating_sub(MOST_LISTED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let message = format!(
        "no rate for {}{more} that is not older than the organisation's rateMaxAgeDays; enter one with exchangeRateCreate",
        list.join(", ")
    );
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
        let (eur, usd, jpy) = (code("EUR"), code("USD"), code("JPY"));
        let rates = [
            (eur, usd, day("2026-03-10"), 11_020_000_000),
            (eur, usd, day("2026-03-01"), 10_850_000_000),
            (eur, jpy, day("2026-03-01"), 1_600_000_000_000),
        ];
        Rates::new(Home::converting(eur, 7), rates)
    }

    fn yen(dollars: &str, on: &str) -> Option<String> {
        let money = Money::parse(dollars, code("USD")).expect("money");
        rates().convert(money, code("JPY"), day(on)).ok().map(Money::amount)
    }

    #[test]
    fn the_reverse_pair_and_the_way_through_the_organisations_currency_count_unrounded() {
        let money = Money::parse("54250.00", code("USD")).expect("money");
        let back = rates().convert(money, code("EUR"), day("2026-03-01")).expect("a rate");
        assert_eq!(back.amount(), "50000.00");
        assert_eq!(yen("54250.00", "2026-03-01").as_deref(), Some("8000000"));
        assert_eq!(yen("1.00", "2026-03-10"), None, "one of the two is too old");
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
        assert_eq!(rates().on((code("JPY"), code("JPY"), day("1999-01-01"))), Some(Rate::PAR));
    }
}
