//! The same sums in another currency than days are kept in: each sale is converted at the rate of the day for which its
//! credit counts and shared anew, so that its parts still add up to it. Sale after sale, each read in one statement, in
//! memory that grows with groups and days, not with sales.

use std::collections::BTreeMap;

use entity::{
    attribution_credit::{Column as C, Entity, Model},
    id::RowId,
    money::{Currency, Money, split_largest_remainder},
    word::Word,
};
use sea_orm::{
    Condition, ExprTrait, FromQueryResult, Iterable, Order,
    sea_query::{Expr, Query},
};
use uuid::Uuid;

use super::{
    Asked,
    figures::{Added, Of, Piece, during, settled},
};
use crate::{
    alignment::attribution::{
        entry::Entry,
        roll::{ALL, Cells, merge, roll},
    },
    crm::{
        Reader,
        fx::{self, Rates},
    },
    error::Result,
    store::{Access, Guarded, Scoped, within_ids},
};

/// Credits read at once.
const PAGE: u64 = 5000;
/// Pairs and days without a rate that an error names.
const MOST_NAMED: usize = 20;

fn col(c: C) -> Expr {
    Expr::col((Entity::NAME, c))
}

/// Adds credit sale by sale.
pub async fn added(access: &Access, asked: &Asked) -> Result<Added> {
    settled(access).await?;
    let groupings: Vec<&'static str> = std::iter::once(ALL).chain(asked.by.map(Word::word)).collect();
    let (mut cells, mut missing, mut after) = (BTreeMap::<Of, Cells>::new(), vec![], None);
    loop {
        let (mut rows, full) = page(access, asked, after).await?;
        rows.sort_by_key(|row| (row.opportunity_id, row.agreement_version_id, row.anchor, row.adjusts, row.id));
        let rates = rates(access, asked, &rows).await?;
        after = rows.last().map(|row| row.opportunity_id.uuid());
        let of = |row: &Model| (row.agreement_version_id, row.anchor);
        for account in accounts(&rows) {
            let mut entries: Vec<Entry> = account.iter().map(Entry::from).collect();
            convert(&mut entries, asked, &rates, &mut missing);
            let mut rolled = roll(&entries, &groupings);
            rolled.retain(|cell, _| (asked.days.0..asked.days.1).contains(&cell.day));
            merge(cells.entry(of(&account[0])).or_default(), rolled, 1);
        }
        if !full {
            break;
        }
    }
    settled(access).await?;
    if !missing.is_empty() && !asked.bucket {
        return Err(fx::missing(&missing));
    }
    let mut added = Added::default();
    for (of, cells) in &cells {
        for (cell, sums) in cells {
            let (grouping, part, adjusts, most) = (cell.grouping, cell.part.as_str(), cell.adjusts, sums.sales);
            let (currency, converted) = (cell.currency, cell.converted);
            added.take(asked, &Piece { of: *of, grouping, part, adjusts, currency, converted, sums: *sums, most })?;
        }
    }
    Ok(added)
}

/// All credit of the next sales, and whether more may follow. A sale that does not fit is left for the next page, or read
/// alone.
async fn page(access: &Access, asked: &Asked, after: Option<Uuid>) -> Result<(Vec<Model>, bool)> {
    let some = wanted(access, asked).shape(|q| {
        if let Some(deal) = after {
            q.and_where(col(C::OpportunityId).gt(deal));
        }
        q.order_by((Entity::NAME, C::OpportunityId), Order::Asc).limit(PAGE);
    });
    let mut rows = models(some).await?;
    let Some(last) = rows.last().map(|row| row.opportunity_id).filter(|_| rows.len() as u64 == PAGE) else {
        return Ok((rows, false));
    };
    rows.retain(|row| row.opportunity_id != last);
    if rows.is_empty() {
        let alone = wanted(access, asked).filter(Condition::all().add(col(C::OpportunityId).eq(last.uuid())));
        rows = models(alone).await?;
    }
    Ok((rows, true))
}

async fn models(scoped: Scoped<Entity>) -> Result<Vec<Model>> {
    let rows = scoped.shape(|q| _ = q.columns(C::iter().map(|c| (Entity::NAME, c)))).rows().await?;
    Ok(rows.iter().map(|row| Model::from_query_result(row, "")).collect::<Result<_, _>>()?)
}

/// Credit of the period; of sales that are corrected in it what they had before, too.
fn wanted(access: &Access, asked: &Asked) -> Scoped<Entity> {
    let versions: Vec<Uuid> = asked.models.iter().map(|one| one.version.uuid()).collect();
    let backend = access.store().backend();
    let of = || {
        Condition::all()
            .add(within_ids((Entity::NAME, "agreement_version_id"), &versions, backend))
            .add(col(C::Anchor).is_in(asked.anchors.iter().copied()))
    };
    let corrected = Query::select()
        .column((Entity::NAME, C::OpportunityId))
        .from(Entity::NAME)
        .and_where(col(C::OrganizationId).eq(access.actor().organization.uuid()))
        .and_where(col(C::Adjusts).eq(true))
        .cond_where(of())
        .cond_where(during(asked.days, || col(C::CountsOn)))
        .take();
    let before = Condition::all().add(col(C::CountsOn).lt(asked.days.1)).add(
        Condition::any().add(col(C::CountsOn).gte(asked.days.0)).add(col(C::OpportunityId).in_subquery(corrected)),
    );
    Scoped::<Entity>::shared(access).filter(of()).filter(before)
}

/// The credit of each sale by each agreement and anchor, of rows in their order: what was given, then what corrects it.
fn accounts(rows: &[Model]) -> impl Iterator<Item = &[Model]> {
    let of = |row: &Model| (row.opportunity_id, row.agreement_version_id, row.anchor);
    rows.chunk_by(move |a, b| of(a) == of(b))
}

async fn rates(access: &Access, asked: &Asked, rows: &[Model]) -> Result<Rates> {
    let of = |account: &[Model]| {
        let day = account.first().map(|row| row.counts_on);
        let wanted = account.iter().filter_map(|row| Some((row.currency?, asked.currency, day?)));
        wanted.collect::<Vec<fx::Wanted>>()
    };
    let mut wanted: Vec<fx::Wanted> = accounts(rows).flat_map(of).collect();
    wanted.sort_unstable();
    wanted.dedup();
    Rates::load(Reader::Access(access), asked.home, &wanted).await
}

/// Credit of one account in the currency asked for. What is in it already stays: the rate of its day was the one at which
/// it was closed. A correction has the rate of the day of what it corrects: what is taken back leaves nothing. What has no
/// rate stays in its own.
fn convert(entries: &mut [Entry], asked: &Asked, rates: &Rates, missing: &mut Vec<fx::Wanted>) {
    let to = asked.currency;
    let stays = |entry: &Entry| entry.home.is_some_and(|home| home.currency == to);
    let day = entries.first().map(|entry| entry.counts_on);
    let mut exchange = |minor: i64, from: Currency| {
        let wanted = (from, to, day?);
        let money = rates.on(wanted).and_then(|rate| Money::new(minor, from).at(rate, to).ok());
        if money.is_none() && missing.len() < MOST_NAMED && !missing.contains(&wanted) {
            missing.push(wanted);
        }
        money
    };
    let given = entries.iter().filter(|entry| !entry.adjusts);
    let weights: Vec<u64> = given.clone().map(|entry| entry.weight_e12.unsigned_abs()).collect();
    let first = given.clone().next().filter(|entry| !stays(entry));
    let whole = first.and_then(|entry| exchange(entry.deal?, entry.amount?.currency));
    let mut parts = split_largest_remainder(whole.map_or(0, |money| money.amount_minor), &weights).into_iter();
    for entry in entries.iter_mut() {
        if !entry.adjusts {
            let part = parts.next().unwrap_or(0);
            if !stays(entry) {
                entry.home = whole.map(|_| Money::new(part, to));
                entry.deal_home = whole.map(|money| money.amount_minor);
            }
        } else if !stays(entry) {
            let from = entry.amount.map(|money| money.currency);
            let part = entry.amount.and_then(|money| exchange(money.amount_minor, money.currency));
            let deal = from.zip(entry.deal).and_then(|(from, deal)| exchange(deal, from));
            entry.deal_home = deal.map(|money| money.amount_minor).filter(|_| part.is_some());
            entry.home = part;
        }
    }
}
