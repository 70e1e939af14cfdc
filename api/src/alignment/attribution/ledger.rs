//! Keeps credit as it should be: computes it for opportunities and writes the difference to what is kept. The agreements
//! are share-locked meanwhile, so that nothing is written into a period while that is being frozen.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    agreement,
    attribution::Anchor,
    attribution_credit::{ActiveModel, Entity, Model},
    attribution_freeze as freezes,
    id::{AgreementVersionId, RowId},
    money::{Currency, Money},
    opportunity,
};
use uuid::Uuid;

use super::{
    Agreed, Deal, deals,
    entry::{Account, Entry, amount, entries, plan},
    models,
};
use crate::{
    crm::{Reader, all_rows, fx, home::Home},
    error::Result,
    store::{Guarded, Scoped, Tx, within_ids},
};

/// Opportunities settled in one commit.
pub const BATCH: usize = 100;

/// Rows in one insert: as many as their columns leave room for.
const ROWS: usize = 1000;

/// A step: brings the credit of these opportunities into line with their touches. Each whose credit changed has an event
/// `attribution.recomputed` if it is told.
pub async fn settle(tx: &mut Tx, ids: &[Uuid], told: bool) -> Result<()> {
    let mut agreed = models::in_force(Reader::Tx(tx)).await?;
    let backend = tx.access().store().backend();
    let signed: Vec<Uuid> = agreed.iter().map(|one| one.agreement.uuid()).collect();
    let all = all_rows(tx);
    tx.share(Scoped::<agreement::Entity>::read(&all).erased(), agreement::Entity::NAME, &signed).await?;
    let rows =
        tx.lock_followers::<opportunity::Entity>(within_ids((opportunity::Entity::NAME, "id"), ids, backend)).await?;
    let kept = Scoped::<Entity>::read(&all).filter(within_ids((Entity::NAME, "opportunity_id"), ids, backend));
    let mut kept = by_account(tx.read(kept).await?);
    let frozen = Frozen(tx.read(Scoped::<freezes::Entity>::read(&all)).await?);
    agreed.extend(former(tx, &agreed, &kept, &frozen).await?);
    let whole = agreed.iter().any(|one| one.body.whole_account());
    let look_back = agreed.iter().map(|one| TimeDelta::days(one.body.look_back_days.into())).max();
    let living = rows.iter().filter(|row| row.deleted_at.is_none()).cloned().collect();
    let deals = deals::load(Reader::Tx(tx), living, whole, look_back).await?;
    let money = Exchange::of(tx, &deals).await?;
    let (mut gone, mut new, mut changed) = (vec![], vec![], BTreeSet::new());
    for (account, wanted) in wanted(&rows, &deals, &agreed, &money) {
        let since = agreed.iter().find(|one| one.version == account.version).and_then(|one| one.since);
        let have = kept.remove(&account).unwrap_or_default();
        let plan = plan(&have, wanted, |at| frozen.holds(at, since), tx.access().now());
        if !plan.gone.is_empty() || !plan.new.is_empty() {
            changed.insert(account.deal);
        }
        gone.extend(plan.gone);
        new.extend(plan.new.into_iter().map(|(entry, adjusts)| entry.row(account, adjusts)));
    }
    // what nobody asks for any more: versions that others replaced, anchors that they do not name
    gone.extend(kept.into_values().flatten().map(|row| row.id.uuid()));
    write(tx, &gone, new).await?;
    for row in rows.iter().filter(|row| told && changed.contains(&row.id)) {
        tx.note::<opportunity::Entity>(row, "attribution.recomputed")?;
    }
    Ok(())
}

async fn write(tx: &mut Tx, gone: &[Uuid], new: Vec<ActiveModel>) -> Result<()> {
    tx.discard::<Entity>(gone).await?;
    for rows in new.chunks(ROWS) {
        tx.insert_many::<Entity>(rows.to_vec()).await?;
    }
    Ok(())
}

fn by_account(rows: Vec<Model>) -> BTreeMap<Account, Vec<Model>> {
    let mut accounts: BTreeMap<Account, Vec<Model>> = BTreeMap::new();
    for row in rows {
        let (deal, version, anchor) = (row.opportunity_id, row.agreement_version_id, row.anchor);
        accounts.entry(Account { deal, version, anchor }).or_default().push(row);
    }
    accounts
}

/// Versions no longer in force by which something was frozen: that is corrected by them.
async fn former(
    tx: &Tx,
    agreed: &[Agreed],
    kept: &BTreeMap<Account, Vec<Model>>,
    frozen: &Frozen,
) -> Result<Vec<Agreed>> {
    let current = |version: AgreementVersionId| agreed.iter().any(|one| one.version == version);
    let bound = |rows: &[Model]| rows.iter().any(|row| row.adjusts || frozen.holds(row.counts_at, None));
    let old: BTreeSet<Uuid> = kept
        .iter()
        .filter(|(account, rows)| !current(account.version) && bound(rows))
        .map(|(account, _)| account.version.uuid())
        .collect();
    models::versions(Reader::Tx(tx), &old.into_iter().collect::<Vec<_>>()).await
}

/// What there should be of each account.
fn wanted(
    rows: &[opportunity::Model],
    deals: &[Deal],
    agreed: &[Agreed],
    money: &Exchange,
) -> Vec<(Account, Vec<Entry>)> {
    let mut all = vec![];
    for row in rows {
        let deal = deals.iter().find(|deal| deal.row.id == row.id);
        for one in agreed {
            for anchor in one.body.given_for() {
                let account = Account { deal: row.id, version: one.version, anchor };
                let of = |deal: &Deal| entries(deal, one, anchor, money.home(deal, anchor));
                all.push((account, deal.map(of).unwrap_or_default()));
            }
        }
    }
    all
}

/// Periods whose credit stays.
struct Frozen(Vec<freezes::Model>);

impl Frozen {
    /// Whether credit that counts at an instant stays, by a version that is in force from another one on: what was frozen
    /// before that had no credit by it.
    fn holds(&self, at: DateTime<Utc>, since: Option<DateTime<Utc>>) -> bool {
        self.0.iter().any(|row| (row.start..row.end).contains(&at) && since.is_none_or(|since| row.created_at >= since))
    }
}

/// Amounts in the organisation's currency, at the rate of the day for which they count.
struct Exchange {
    home: Home,
    rates: fx::Rates,
}

const ANCHORS: [Anchor; 3] = [Anchor::Lead, Anchor::OppCreated, Anchor::Won];

impl Exchange {
    async fn of(tx: &Tx, deals: &[Deal]) -> Result<Self> {
        let home = Home::of(tx).await?;
        let Some(base) = home.currency else { return Ok(Self { home, rates: fx::Rates::default() }) };
        let days = |deal: &Deal| ANCHORS.into_iter().filter_map(|anchor| foreign(deal, anchor, home, base)).collect();
        let wanted: Vec<fx::Wanted> = deals.iter().flat_map(|deal| -> Vec<_> { days(deal) }).collect();
        Ok(Self { rates: fx::Rates::load(Reader::Tx(tx), home.currency, &wanted).await?, home })
    }

    fn home(&self, deal: &Deal, anchor: Anchor) -> Option<Money> {
        let (amount, base) = (amount(&deal.row)?, self.home.currency?);
        let frozen = deal.row.fx_rate_at_close_e10.filter(|_| anchor == Anchor::Won && amount.currency != base);
        if let Some(rate) = frozen {
            return amount.convert(rate, base).ok();
        }
        let day = self.home.day(deal.moments.of(anchor)?);
        self.rates.convert(amount, base, day).ok()
    }
}

/// The rate that a deal needs for an anchor.
fn foreign(deal: &Deal, anchor: Anchor, home: Home, base: Currency) -> Option<fx::Wanted> {
    let currency = amount(&deal.row)?.currency;
    let day = home.day(deal.moments.of(anchor)?);
    (currency != base).then_some((currency, base, day))
}
