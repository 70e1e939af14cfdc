//! What accounts pay in a month. Accounts that pay in the wanted currency alone are summed by the database. Of others each
//! contract is converted and rounded by itself, and then what an account paid is compared with what it pays: whoever pays in
//! another currency than before has not left.

use std::collections::{BTreeMap, BTreeSet};

use entity::{
    customer_contract::Column as C,
    money::{Currency, Money},
};
use sea_orm::{
    ExprTrait,
    sea_query::{Alias, Expr},
};
use uuid::Uuid;

use super::{
    Figure, Part, When,
    amount::{Amounts, Unconverted},
    ask::Ask,
    customers::{self, first_day, last_day},
    grain::{Door, Grain},
    query,
    tally::Tallies,
};
use crate::{
    crm::fx::Rates,
    error::{Error, Result},
};

/// The contracts of an account, with what each pays in a month.
#[derive(Clone, Debug, Default)]
pub struct Months {
    start: Vec<Money>,
    end: Vec<Money>,
}

/// Contracts of accounts that pay in other currencies than the wanted one, too, on either day.
const MIXED: Part =
    Part { name: "", about: "", grain: Grain::CustomerContract, of: Figure::Count, which: customers::mixed };

/// Adds those accounts to the groups that they are in.
pub async fn add_mixed(ask: &Ask, when: When, door: Door, tallies: &mut Tallies) -> Result<()> {
    let col = |c: C| Expr::col((Grain::CustomerContract.table(), c));
    let runs = |day| {
        let after_its_end = col(C::EndsOn).is_not_null().and(col(C::EndsOn).lte(day));
        col(C::StartsOn).lte(day).and(after_its_end.not())
    };
    let (first, last) = (first_day(ask), last_day(ask));
    let rows = query::rows(ask, &MIXED, door)?.shape(|q| {
        q.expr_as(col(C::AccountId), Alias::new("account_"))
            .expr_as(col(C::Currency), Alias::new("cur_"))
            .expr_as(col(C::MonthlyMinor), Alias::new("amount_"))
            .expr_as(runs(first), Alias::new("first_"))
            .expr_as(runs(last), Alias::new("last_"));
    });
    let at = ask.by.len();
    let mut found: BTreeMap<query::Key, BTreeMap<Uuid, Months>> = BTreeMap::new();
    for row in &rows.rows().await? {
        let account = found.entry(query::key(&ask.by, row)?).or_default().entry(row.try_get_by_index(at)?).or_default();
        let money = Money::new(row.try_get_by_index(at + 2)?, row.try_get_by_index::<Currency>(at + 1)?);
        for (runs, list) in [(at + 3, &mut account.start), (at + 4, &mut account.end)] {
            if row.try_get_by_index::<bool>(runs)? {
                list.push(money);
            }
        }
    }
    for (key, accounts) in found {
        let accounts: Vec<Months> = accounts.into_values().filter(|one| !one.counted(when).is_empty()).collect();
        if !accounts.is_empty() {
            let tally = tallies.entry(key).or_default();
            let count: usize = accounts.iter().map(|one| currencies(one.counted(when))).sum();
            tally.count += i64::try_from(count).unwrap_or(i64::MAX);
            tally.amounts.months = accounts;
        }
    }
    Ok(())
}

/// In how many currencies these are.
fn currencies(of: &[Money]) -> usize {
    of.iter().map(|money| money.currency).collect::<BTreeSet<_>>().len()
}

impl Months {
    /// The contracts by which an account counts.
    fn counted(&self, when: When) -> &[Money] {
        if when == When::End { &self.end } else { &self.start }
    }

    pub fn currencies(&self) -> impl Iterator<Item = Currency> {
        self.start.iter().chain(&self.end).map(|money| money.currency)
    }

    /// What the account comes to in the wanted currency; what has no rate is put down as left out.
    fn worth(&self, when: When, by: (&Ask, &Rates), left: &mut BTreeMap<Currency, Unconverted>) -> Result<i128> {
        let (start, end) = (sum(&self.start, by)?, sum(&self.end, by)?);
        let (sum, of) = match when {
            When::Start => (start.0, &start.1),
            When::End | When::Still => (end.0, &end.1),
            When::Kept => (Ord::min(start.0, end.0), &start.1),
        };
        for (currency, minor) in of {
            let one = left.entry(*currency).or_default();
            one.count += 1;
            one.amount_minor = one.amount_minor.saturating_add(*minor);
        }
        Ok(sum)
    }
}

/// Contracts at the rate of the day asked for, each rounded, and what of them has no rate.
fn sum(of: &[Money], (ask, rates): (&Ask, &Rates)) -> Result<(i128, BTreeMap<Currency, i64>)> {
    let (mut sum, mut left) = (0_i128, BTreeMap::<Currency, i64>::new());
    for money in of {
        match rates.on((money.currency, ask.currency, ask.today())) {
            Some(rate) => sum += i128::from(money.at(rate, ask.currency).map_err(Error::internal)?.amount_minor),
            None => *left.entry(money.currency).or_default() += money.amount_minor,
        }
    }
    Ok((sum, left))
}

/// What mixed accounts come to together.
pub fn settle(ask: &Ask, when: When, amounts: &mut Amounts, rates: &Rates) -> Result<i128> {
    let mut sum = 0;
    for account in std::mem::take(&mut amounts.months) {
        sum += account.worth(when, (ask, rates), &mut amounts.unconverted)?;
    }
    Ok(sum)
}
