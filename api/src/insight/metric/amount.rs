//! Sums of money. What is in the wanted currency is summed by the database; the rest comes as groups of equal amounts,
//! each of which is converted at its day's rate and rounded before it is added.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::{
    money::{Currency, Money, Rate},
    opportunity_state::Column as S,
};
use sea_orm::{
    Condition, ExprTrait, IdenStatic, QueryResult,
    sea_query::{Alias, CaseStatement, Expr, Func, SimpleExpr},
};

use super::{
    Figure, Fx, Part,
    ask::Ask,
    customers,
    exact::Exact,
    grain::{Door, Grain},
    monthly::{self, Months, add_mixed},
    paid,
    query::{self, Key},
    tally::{Tallies, Tally, between_neighbours, chance, neighbours},
};
use crate::{
    crm::{
        Reader,
        fx::{Rates, Wanted, missing},
    },
    error::{Error, Result},
};

/// Equal amounts in one currency on one day.
#[derive(Clone, Copy, Debug)]
pub struct Alike {
    currency: Currency,
    /// The day whose rate holds.
    day: NaiveDate,
    /// The rate that was frozen when they were closed.
    frozen: Option<i64>,
    amount: i64,
    /// How many, or the sum of their chances in percent.
    weight: i64,
    count: i64,
}

/// The money of one group.
#[derive(Clone, Debug, Default)]
pub struct Amounts {
    /// In the wanted currency, in minor units, times their weights.
    own: i128,
    foreign: Vec<Alike>,
    /// Accounts that pay in other currencies, too.
    pub months: Vec<Months>,
    /// Records without an amount.
    pub without: i64,
    pub unconverted: BTreeMap<Currency, Unconverted>,
}

/// What could not be converted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unconverted {
    pub count: i64,
    pub amount_minor: i64,
}

impl Unconverted {
    pub fn add(&mut self, more: Self) {
        self.count += more.count;
        self.amount_minor = self.amount_minor.saturating_add(more.amount_minor);
    }
}

/// What a record is worth, and at which day's rate that is converted.
struct Worth {
    amount: SimpleExpr,
    currency: SimpleExpr,
    /// The day whose rate holds, and the rate that was frozen then; none where that of the question's day does.
    then: Option<(SimpleExpr, SimpleExpr)>,
}

impl Worth {
    fn of(ask: &Ask, part: &Part) -> Self {
        let col = |name: &str| Expr::col((part.grain.table(), Alias::new(name)));
        let frozen = |name: &str| if name.is_empty() { Expr::cust("CAST(NULL AS bigint)") } else { col(name) };
        let then = match (part.of, part.grain) {
            (Figure::Amount(Fx::Now) | Figure::Weighted(Fx::Now) | Figure::AmountPercentile(Fx::Now, _), _) => None,
            (_, Grain::Opportunity) => {
                let rate = frozen(S::FxRateAtCloseE10.as_str());
                // a rate of before leads to the currency of before
                let rate: SimpleExpr = match ask.home.since() {
                    Some(since) => {
                        CaseStatement::new().case(col(S::ClosedAt.as_str()).gte(since), rate).finally(frozen("")).into()
                    }
                    None => rate,
                };
                Some((col(S::CloseDate.as_str()), rate))
            }
            (_, Grain::CampaignCost) => Some((col("date"), frozen(""))),
            _ => None,
        };
        let amount = match part.of {
            Figure::Monthly(when) => customers::monthly(ask, when),
            Figure::PaidToDate => paid::to_date(ask),
            _ => col(S::AmountMinor.as_str()),
        };
        Self { amount, currency: col(S::Currency.as_str()), then }
    }
}

/// The sums, or the percentiles, of a part. What is foreign is left to `convert`.
pub async fn sums(ask: &Ask, part: &Part, door: Door) -> Result<Tallies> {
    if let Figure::Monthly(when) = part.of {
        let mut tallies = summed(ask, part, door, false).await?;
        Box::pin(add_mixed(ask, when, door, &mut tallies)).await?;
        return Ok(tallies);
    }
    let Figure::AmountPercentile(_, percent) = part.of else { return summed(ask, part, door, false).await };
    let sums = summed(ask, part, door, false).await?;
    if sums.values().any(|tally| !tally.amounts.foreign.is_empty()) {
        return summed(ask, part, door, true).await;
    }
    let decimals = ask.currency.exponent();
    let rows = neighbours(ask, part, &Worth::of(ask, part).amount, percent, door).await?;
    let middles = between_neighbours(&ask.by, &rows, percent, |minor| major(minor.into(), decimals))?;
    let counted = |(key, tally): (Key, Tally)| {
        let value = middles.get(&key).and_then(|middle| middle.value);
        (key, Tally { value, ..tally })
    };
    Ok(sums.into_iter().map(counted).collect())
}

/// With `apart`, equal amounts in the wanted currency come as groups, too.
async fn summed(ask: &Ask, part: &Part, door: Door, apart: bool) -> Result<Tallies> {
    let at = ask.by.len();
    let Worth { amount, currency, then } = Worth::of(ask, part);
    let dated = then.is_some();
    let some = |value: SimpleExpr| -> SimpleExpr {
        CaseStatement::new().case(amount.clone().is_not_null(), value).finally(Expr::cust("NULL")).into()
    };
    let foreign = |value: SimpleExpr| -> SimpleExpr {
        let other = currency.clone().ne(ask.currency);
        let is_foreign = if apart { currency.clone().is_not_null() } else { other };
        CaseStatement::new()
            .case(is_foreign.and(amount.clone().is_not_null()), value)
            .finally(Expr::cust("NULL"))
            .into()
    };
    let weight = if matches!(part.of, Figure::Weighted(_)) { chance() } else { Expr::cust("1") };
    let mut extra = vec![("cur_", foreign(currency.clone())), ("amount_", foreign(amount.clone()))];
    if let Some((day, frozen)) = then {
        extra.push(("day_", foreign(day)));
        extra.push(("rate_", foreign(frozen)));
    }
    let names: Vec<Alias> = extra.iter().map(|(name, _)| Alias::new(*name)).collect();
    let width = extra.len();
    let only = matches!(part.of, Figure::Monthly(_)).then(|| customers::pure(ask));
    let rows = query::rows(ask, part, door)?.filter(Condition::all().add_option(only)).shape(|q| {
        for (name, value) in extra {
            q.expr_as(value, Alias::new(name));
        }
        q.expr_as(Expr::cust("COUNT(*)"), Alias::new("n_"))
            .expr_as(Func::count(amount.clone()), Alias::new("filled_"))
            .expr_as(amount.clone().mul(weight.clone()).sum().cast_as("bigint"), Alias::new("sum_"))
            .expr_as(some(weight).sum().cast_as("bigint"), Alias::new("weight_"))
            .group_by_columns((0..at).map(query::named).chain(names));
    });
    let mut tallies = Tallies::new();
    for row in &rows.rows().await? {
        let tally = tallies.entry(query::key(&ask.by, row)?).or_default();
        let (n, filled): (i64, i64) = (row.try_get_by_index(at + width)?, row.try_get_by_index(at + width + 1)?);
        tally.count += n;
        tally.amounts.without += n - filled;
        if let Some(alike) = alike(ask, row, at, dated, width)? {
            tally.amounts.foreign.push(Alike { count: filled, ..alike });
        } else {
            tally.amounts.own += i128::from(row.try_get_by_index::<Option<i64>>(at + width + 2)?.unwrap_or(0));
        }
    }
    Ok(tallies)
}

fn alike(ask: &Ask, row: &QueryResult, at: usize, dated: bool, width: usize) -> Result<Option<Alike>> {
    let currency: Option<Currency> = row.try_get_by_index(at)?;
    let amount: Option<i64> = row.try_get_by_index(at + 1)?;
    let Some((currency, amount)) = currency.zip(amount) else { return Ok(None) };
    let closing: Option<NaiveDate> = if dated { row.try_get_by_index(at + 2)? } else { None };
    let frozen: Option<i64> = if dated { row.try_get_by_index(at + 3)? } else { None };
    let home = ask.home.currency == Some(ask.currency);
    Ok(Some(Alike {
        currency,
        day: closing.unwrap_or_else(|| ask.today()),
        frozen: frozen.filter(|_| home),
        amount,
        weight: row.try_get_by_index::<Option<i64>>(at + width + 3)?.unwrap_or(0),
        count: 0,
    }))
}

/// Converts what is foreign in all parts at the rates of their days: one statement. Refuses what has no rate, unless
/// it shall be left out.
pub async fn convert(ask: &Ask, parts: &mut [(&'static Part, Tallies)]) -> Result<()> {
    let foreign = parts.iter().flat_map(|(_, tallies)| tallies.values()).flat_map(|tally| &tally.amounts.foreign);
    let mut wanted: Vec<Wanted> =
        foreign.filter(|a| a.frozen.is_none()).map(|a| (a.currency, ask.currency, a.day)).collect();
    let months = parts.iter().flat_map(|(_, tallies)| tallies.values()).flat_map(|tally| &tally.amounts.months);
    let others = months.flat_map(Months::currencies).filter(|currency| *currency != ask.currency);
    wanted.extend(others.map(|currency| (currency, ask.currency, ask.today())));
    wanted.sort_unstable();
    wanted.dedup();
    let rates = Rates::load(Reader::Access(&ask.access), ask.home, &wanted).await?;
    if !ask.bucket {
        let lacking: Vec<Wanted> = wanted.into_iter().filter(|wanted| rates.on(*wanted).is_none()).collect();
        if !lacking.is_empty() {
            return Err(missing(&lacking));
        }
    }
    for (part, tallies) in parts {
        if part.is_money() {
            for tally in tallies.values_mut() {
                settle(ask, part, tally, &rates)?;
            }
        }
    }
    Ok(())
}

fn settle(ask: &Ask, part: &Part, tally: &mut Tally, rates: &Rates) -> Result<()> {
    let decimals = ask.currency.exponent();
    let (mut sum, mut each) = (tally.amounts.own, Vec::new());
    for alike in std::mem::take(&mut tally.amounts.foreign) {
        let rate = alike.frozen.map(Rate::e10).or_else(|| rates.on((alike.currency, ask.currency, alike.day)));
        let Some(rate) = rate else {
            let left = tally.amounts.unconverted.entry(alike.currency).or_default();
            left.add(Unconverted { count: alike.count, amount_minor: alike.amount.saturating_mul(alike.count) });
            continue;
        };
        let money = Money::new(alike.amount, alike.currency).at(rate, ask.currency).map_err(Error::internal)?;
        let sum_of = i128::from(money.amount_minor).checked_mul(alike.weight.into());
        sum = sum_of.and_then(|of| sum.checked_add(of)).ok_or_else(|| Error::internal("a sum of money overflows"))?;
        each.push((money.amount_minor, alike.count));
    }
    if let Figure::Monthly(when) = part.of {
        sum += monthly::settle(ask, when, &mut tally.amounts, rates)?;
    }
    tally.value = match part.of {
        Figure::AmountPercentile(_, percent) if !each.is_empty() => {
            each.sort_unstable();
            weighted_percentile(&each, percent).and_then(|minor| minor.by(Exact::over(10_i128.pow(decimals), 1)?))
        }
        Figure::AmountPercentile(..) => tally.value,
        Figure::Weighted(_) => major(sum, decimals).and_then(|sum| sum.by(Exact::whole(100))),
        _ => major(sum, decimals),
    };
    Ok(())
}

/// Whole units of a currency.
fn major(minor: i128, decimals: u32) -> Option<Exact> {
    Exact::over(minor, 10_i128.pow(decimals))
}

/// The percentile of values in order that each stand for several.
fn weighted_percentile(each: &[(i64, i64)], percent: u64) -> Option<Exact> {
    let n: i64 = each.iter().map(|(_, count)| count).sum();
    let value = |place: u64| {
        let mut left = i64::try_from(place).ok()?;
        let mut found = each.iter().skip_while(|(_, count)| {
            let beyond = left >= *count;
            left -= if beyond { *count } else { 0 };
            beyond
        });
        found.next().map(|(value, _)| Exact::whole(*value))
    };
    let (low, rest) = super::middle::place(u64::try_from(n).ok()?, percent)?;
    super::middle::between(value(low), value(low + 1), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_stand_for_several_have_the_percentiles_of_all() {
        let half = |each: &[(i64, i64)]| weighted_percentile(each, 50);
        assert_eq!(half(&[(1, 1), (2, 1), (10, 2)]), Exact::parse("6"));
        assert_eq!(half(&[(5, 4)]), Exact::parse("5"));
        assert_eq!(half(&[(1, 3), (9, 2)]), Exact::parse("1"));
        assert_eq!(half(&[]), None);
    }
}
