//! The days that reports add: raised with the credit, and made anew from it.

use std::collections::BTreeMap;

use entity::{
    attribution::Anchor,
    attribution_credit::{Column as C, Entity as Credits, Model},
    attribution_day::{Column as D, Entity},
    id::{AgreementVersionId, AttributionDayId, RowId},
    word::Word,
};
use sea_orm::{
    ColumnTrait, Condition, ExprTrait, Order,
    sea_query::{Expr, Query},
};
use uuid::Uuid;

use super::{
    entry::Entry,
    ledger::of_version,
    roll::{Cells, GROUPINGS, merge, roll},
};
use crate::{
    actor::{Actor, Permission},
    crm::all_rows,
    error::Result,
    store::{Added, Guarded, Scoped, Tx},
};

impl Guarded for Entity {
    type Id = AttributionDayId;
    const NAME: &'static str = "attribution_day";
    const READ: Permission = Permission::MetricRead;
    /// Added up from credit.
    const TOLD: bool = false;

    /// Nobody's alone: reports withhold what would say too much.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all().add(Expr::val(1).eq(0))
    }
}

/// What the days of each version and anchor change by.
pub type Days = BTreeMap<(AgreementVersionId, Anchor), Cells>;

const KEY: [&str; 8] =
    ["agreement_version_id", "anchor", "grouping", "day", "part", "adjusts", "currency", "converted"];
const SUMS: [&str; 8] =
    ["amount", "weight_e12", "sales", "earning", "influenced", "influenced_amount", "sourced", "sourced_amount"];

/// A step: adds to the days.
pub async fn add(tx: &mut Tx, days: Days) -> Result<()> {
    let mut rows: Vec<Added> = vec![];
    for ((version, anchor), cells) in days {
        for (cell, sums) in cells {
            let currency = cell.currency.map(|currency| currency.code().to_owned()).unwrap_or_default();
            let key = vec![
                version.uuid().into(),
                anchor.word().into(),
                cell.grouping.into(),
                cell.day.into(),
                cell.part.into(),
                cell.adjusts.into(),
                currency.into(),
                cell.converted.into(),
            ];
            rows.push((key, sums.all().to_vec()));
        }
    }
    tx.add::<Entity>(&KEY, &SUMS, &rows).await
}

/// Credits read at once, and days kept in memory until they are written.
const PAGE: u64 = 5000;
const MOST_CELLS: usize = 20_000;

/// The versions that have days or credit.
pub async fn versions(tx: &Tx) -> Result<Vec<AgreementVersionId>> {
    let all = all_rows(tx);
    let of_days = Query::select()
        .column(D::AgreementVersionId)
        .from(Entity::NAME)
        .and_where(Expr::col("organization_id").eq(all.actor().organization.uuid()))
        .take();
    let kept = Scoped::<Credits>::read(&all).shape(|q| {
        _ = q.column((Credits::NAME, C::AgreementVersionId)).union(sea_orm::sea_query::UnionType::Distinct, of_days);
    });
    Ok(tx.cells(kept).await?.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
}

/// A step: makes the days of a version anew from its credit, in memory that does not grow with it. Nobody writes credit
/// meanwhile: the work holds the agreements for itself.
pub async fn rebuild(tx: &mut Tx, version: AgreementVersionId) -> Result<()> {
    tx.clear::<Entity>(Condition::all().add(D::AgreementVersionId.eq(version.uuid()))).await?;
    let (mut days, mut count, mut waiting, mut after) = (Days::new(), 0, Vec::<Model>::new(), None);
    loop {
        let page = page(tx, version, after).await?;
        let full = page.len() as u64 == PAGE;
        after = page.last().map(|row| (row.opportunity_id.uuid(), row.anchor, row.id.uuid()));
        waiting.extend(page);
        // the last account may go on in the next page
        let last = waiting.last().map(|row| (row.opportunity_id, row.anchor));
        let whole = waiting.partition_point(|row| !full || Some((row.opportunity_id, row.anchor)) != last);
        let rest = waiting.split_off(whole);
        for account in waiting.chunk_by(|a, b| (a.opportunity_id, a.anchor) == (b.opportunity_id, b.anchor)) {
            let rows: Vec<Entry> = account.iter().map(Entry::from).collect();
            let cells = days.entry((version, account[0].anchor)).or_default();
            let before = cells.len();
            merge(cells, roll(&rows, &GROUPINGS), 1);
            count = count + cells.len() - before;
        }
        waiting = rest;
        if !full || count > MOST_CELLS {
            add(tx, std::mem::take(&mut days)).await?;
            count = 0;
        }
        if !full {
            return Ok(());
        }
    }
}

async fn page(tx: &Tx, version: AgreementVersionId, after: Option<(Uuid, Anchor, Uuid)>) -> Result<Vec<Model>> {
    let col = |c: C| Expr::col((Credits::NAME, c));
    let rows = Scoped::<Credits>::read(&all_rows(tx)).filter(of_version(version)).shape(|q| {
        if let Some((deal, anchor, id)) = after {
            let place = Expr::tuple([col(C::OpportunityId), col(C::Anchor), col(C::Id)]);
            q.and_where(place.gt(Expr::tuple([Expr::val(deal), Expr::val(anchor), Expr::val(id)])));
        }
        for c in [C::OpportunityId, C::Anchor, C::Id] {
            q.order_by((Credits::NAME, c), Order::Asc);
        }
        q.limit(PAGE);
    });
    tx.read(rows).await
}
