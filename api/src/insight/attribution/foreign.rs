//! The same sums in another currency than the organisation's: each sale is converted at the rate of the day for which its
//! credit counts and shared anew, so that its parts still add up to it. Sale after sale, in memory that does not grow with
//! them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{
    attribution_credit::{Column as C, Entity},
    id::RowId,
    money::{Currency, Money, split_largest_remainder},
};
use sea_orm::{
    ExprTrait, Order, QueryResult,
    sea_query::{Alias, Expr},
};
use uuid::Uuid;

use super::{
    Asked, Group, Key,
    figures::{asked as of, col, key, mark},
    report::{Groups, Lost, few_enough},
};
use crate::{
    crm::{
        Reader,
        fx::{self, Rates},
    },
    error::Result,
    store::{Access, Guarded, Scoped},
};

/// Credits read at once.
const PAGE: u64 = 5000;

struct Credit {
    id: Uuid,
    deal: Uuid,
    version: Uuid,
    adjusts: bool,
    key: Key,
    at: DateTime<Utc>,
    weight_e12: i64,
    amount: Option<Money>,
    sourcing: bool,
    firsts: i32,
    touched: bool,
}

/// Groups, the whole, and what could not be converted.
pub async fn sums(access: &Access, asked: &Asked) -> Result<(Groups, Groups, Lost)> {
    let mut tally = Tally { asked, groups: Groups::new(), total: Groups::new(), lost: HashMap::new(), missing: vec![] };
    let mut waiting: Vec<Credit> = vec![];
    let mut after = None;
    loop {
        let page = page(access, asked, after).await?;
        let full = page.len() as u64 == PAGE;
        after = page.last().map(|credit| (credit.deal, credit.id));
        waiting.extend(page);
        // the last sale may go on in the next page
        let last = waiting.last().map(|credit| credit.deal);
        let whole = waiting.partition_point(|credit| !full || Some(credit.deal) != last);
        let rest = waiting.split_off(whole);
        let wanted: Vec<fx::Wanted> = waiting.iter().filter_map(|credit| tally.wanted(credit)).collect();
        let rates = Rates::load(Reader::Access(access), asked.home.currency, &wanted).await?;
        for deal in waiting.chunk_by(|a, b| a.deal == b.deal) {
            tally.deal(deal, &rates);
        }
        tally.groups = few_enough(tally.groups)?;
        waiting = rest;
        if !full {
            return tally.done();
        }
    }
}

async fn page(access: &Access, asked: &Asked, after: Option<(Uuid, Uuid)>) -> Result<Vec<Credit>> {
    let rows = of(Scoped::<Entity>::shared(access), asked).shape(|q| {
        if let Some((deal, id)) = after {
            let place = Expr::tuple([col(C::OpportunityId), col(C::Id)]);
            q.and_where(place.gt(Expr::tuple([Expr::val(deal), Expr::val(id)])));
        }
        q.columns([C::Id, C::OpportunityId, C::AgreementVersionId, C::Adjusts].map(|c| (Entity::NAME, c)))
            .columns([C::CountsAt, C::WeightE12, C::AmountMinor, C::Currency].map(|c| (Entity::NAME, c)))
            .columns([C::Sourcing, C::Firsts, C::TouchpointId].map(|c| (Entity::NAME, c)))
            .expr_as(key(asked.by), Alias::new("key_"))
            .order_by((Entity::NAME, C::OpportunityId), Order::Asc)
            .order_by((Entity::NAME, C::Id), Order::Asc)
            .limit(PAGE);
    });
    rows.rows().await?.iter().map(|row| read(row, asked.by)).collect()
}

fn read(row: &QueryResult, by: Option<Group>) -> Result<Credit> {
    let touched = row.try_get_by_index::<Option<Uuid>>(10)?.is_some();
    let (minor, currency): (Option<i64>, Option<Currency>) = (row.try_get_by_index(6)?, row.try_get_by_index(7)?);
    Ok(Credit {
        id: row.try_get_by_index(0)?,
        deal: row.try_get_by_index(1)?,
        version: row.try_get_by_index(2)?,
        adjusts: row.try_get_by_index(3)?,
        at: row.try_get_by_index(4)?,
        weight_e12: row.try_get_by_index(5)?,
        amount: minor.zip(currency).map(|(minor, currency)| Money::new(minor, currency)),
        sourcing: row.try_get_by_index(8)?,
        firsts: row.try_get_by_index(9)?,
        touched,
        key: match by {
            None => Key::All,
            Some(_) if !touched => Key::Unattributed,
            Some(Group::Campaign) => Key::Record(row.try_get_by_index(11)?),
            Some(_) => Key::Text(row.try_get_by_index(11)?),
        },
    })
}

struct Tally<'a> {
    asked: &'a Asked,
    groups: Groups,
    total: Groups,
    lost: HashMap<(Uuid, Currency), i64>,
    missing: Vec<fx::Wanted>,
}

impl Tally<'_> {
    fn wanted(&self, credit: &Credit) -> Option<fx::Wanted> {
        let currency = credit.amount?.currency;
        Some((currency, self.asked.currency, self.asked.home.day(credit.at)))
    }

    /// The credits of one sale, by whatever agreements.
    fn deal(&mut self, credits: &[Credit], rates: &Rates) {
        for one in &self.asked.models {
            let version = one.version.uuid();
            let given: Vec<&Credit> = credits.iter().filter(|c| c.version == version && !c.adjusts).collect();
            let whole = self.whole(&given, rates);
            let weights: Vec<u64> = given.iter().map(|credit| credit.weight_e12.unsigned_abs()).collect();
            let parts = split_largest_remainder(whole, &weights);
            for (credit, part) in given.iter().zip(parts) {
                self.add(credit, part, whole);
            }
            for credit in credits.iter().filter(|credit| credit.version == version && credit.adjusts) {
                let part = self.whole(&[credit], rates);
                self.add(credit, part, 0);
            }
        }
    }

    /// What these credits are worth together; nothing where no rate is known, which is kept apart.
    fn whole(&mut self, credits: &[&Credit], rates: &Rates) -> i64 {
        let Some(money) = credits.first().and_then(|credit| credit.amount) else { return 0 };
        let minor: i64 = credits.iter().filter_map(|credit| credit.amount).map(|money| money.amount_minor).sum();
        let Some(wanted) = self.wanted(credits[0]) else { return 0 };
        match rates.on(wanted).and_then(|rate| Money::new(minor, money.currency).at(rate, self.asked.currency).ok()) {
            Some(money) => money.amount_minor,
            None => {
                *self.lost.entry((credits[0].version, money.currency)).or_default() += minor;
                self.missing.push(wanted);
                self.missing.truncate(20);
                0
            }
        }
    }

    fn add(&mut self, credit: &Credit, part: i64, whole: i64) {
        let total = (&mut self.total, Key::All, None, credit.touched);
        let mut places = vec![total];
        if self.asked.by.is_some() {
            places.push((&mut self.groups, credit.key.clone(), self.asked.by, true));
        }
        for (groups, key, by, counts) in places {
            let sums = groups.entry(key).or_default().entry(credit.version).or_default();
            sums.amount += part;
            sums.adjustments += if credit.adjusts { part } else { 0 };
            sums.weight_e12 += credit.weight_e12;
            if counts && credit.firsts & mark(by) != 0 {
                sums.deals += 1;
                sums.deals_amount += whole;
            }
            if credit.sourcing {
                sums.sourced += 1;
                sums.sourced_amount += whole;
            }
        }
    }

    fn done(mut self) -> Result<(Groups, Groups, Lost)> {
        if !self.missing.is_empty() && !self.asked.bucket {
            self.missing.sort_unstable();
            self.missing.dedup();
            return Err(fx::missing(&self.missing));
        }
        let mut lost = Lost::new();
        for ((version, currency), minor) in self.lost {
            lost.entry(version).or_default().push(Money::new(minor, currency));
        }
        lost.values_mut().for_each(|moneys| moneys.sort_by_key(|money| money.currency));
        Ok((self.groups, self.total, lost))
    }
}
