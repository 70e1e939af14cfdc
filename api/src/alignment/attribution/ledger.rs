//! Keeps credit as it should be: computes it for opportunities and writes the difference to what is kept, and to the days
//! that reports add. The agreements are share-locked meanwhile, so that nothing is written into a period while that is
//! being frozen.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    agreement::{self, Column as A, Kind},
    attribution_credit::{ActiveModel, Entity, Model},
    attribution_freeze as freezes,
    id::{AgreementVersionId, OpportunityId, RowId},
    opportunity,
};
use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;

use super::{
    Agreed, Deal,
    days::{self, Days},
    deals::{self, Reach},
    entry::{Account, Counting, Entry, entries, plan},
    exchange::Exchange,
    models,
    roll::{GROUPINGS, merge, roll},
};
use crate::{
    crm::{Reader, all_rows, home::Home},
    error::Result,
    store::{Guarded, Scoped, Tx, within_ids},
};

/// Opportunities settled in one commit.
pub const BATCH: usize = 100;
/// Touches in memory at once, as long as they are not all of one opportunity.
const TOUCHES: usize = 50_000;
/// Rows in one insert: as many as their columns leave room for.
const ROWS: usize = 1000;

/// A step: brings the credit of these opportunities into line with their touches. Each whose credit changed has an event
/// `attribution.recomputed` if it is told.
pub async fn settle(tx: &mut Tx, ids: &[Uuid], told: bool) -> Result<()> {
    hold(tx).await?;
    let backend = tx.access().store().backend();
    let rows =
        tx.lock_followers::<opportunity::Entity>(within_ids((opportunity::Entity::NAME, "id"), ids, backend)).await?;
    let mut work = Work::begin(tx).await?;
    let mut waiting = vec![rows];
    while let Some(some) = waiting.pop() {
        let most = (some.len() > 1).then_some(TOUCHES);
        let living = some.iter().filter(|row| row.deleted_at.is_none()).cloned().collect();
        let reach = Reach { whole: work.whole, look_back: Some(work.look_back), most, only: None };
        if let Some(deals) = deals::load(Reader::Tx(tx), living, reach).await? {
            let changed = work.settle(tx, &some, &deals).await?;
            for row in some.iter().filter(|row| told && changed.contains(&row.id)) {
                tx.note::<opportunity::Entity>(row, "attribution.recomputed")?;
            }
        } else {
            let (one, other) = some.split_at(some.len() / 2);
            waiting.extend([other.to_vec(), one.to_vec()]);
        }
    }
    days::add(tx, work.days).await
}

/// Nobody freezes a period until this work commits.
async fn hold(tx: &Tx) -> Result<()> {
    let all = all_rows(tx);
    let agreements = Scoped::<agreement::Entity>::read(&all).filter(A::Kind.eq(Kind::Attribution));
    let ids: Vec<Uuid> = tx.read(agreements).await?.iter().map(|row| row.id.uuid()).collect();
    tx.share(Scoped::<agreement::Entity>::read(&all).erased(), agreement::Entity::NAME, &ids).await?;
    Ok(())
}

/// What is the same for all opportunities of a commit, and what their days change by.
struct Work {
    agreed: Vec<Agreed>,
    frozen: Frozen,
    home: Home,
    now: Counting,
    whole: bool,
    look_back: TimeDelta,
    days: Days,
}

impl Work {
    async fn begin(tx: &Tx) -> Result<Self> {
        let agreed = models::every(Reader::Tx(tx)).await?;
        let frozen = Frozen(tx.read(Scoped::<freezes::Entity>::read(&all_rows(tx))).await?);
        let home = Home::of(tx).await?;
        // the present instant: while this work waited for its turn a period may have been frozen
        let at = tx.access().store().now();
        let look_back = agreed.iter().map(|one| one.policy.window.look_back).max().unwrap_or_default();
        let whole = agreed.iter().any(|one| one.body.whole_account());
        Ok(Self { agreed, frozen, home, now: Counting { at, on: home.day(at) }, whole, look_back, days: Days::new() })
    }

    /// Answers the opportunities whose credit changed.
    async fn settle(
        &mut self,
        tx: &mut Tx,
        rows: &[opportunity::Model],
        deals: &[Deal],
    ) -> Result<BTreeSet<OpportunityId>> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id.uuid()).collect();
        let backend = tx.access().store().backend();
        let kept = Scoped::<Entity>::read(&all_rows(tx));
        let kept = kept.filter(within_ids((Entity::NAME, "opportunity_id"), &ids, backend));
        let mut kept = by_account(tx.read(kept).await?);
        let money = Exchange::of(tx, self.home, deals).await?;
        let by_id: BTreeMap<OpportunityId, &Deal> = deals.iter().map(|deal| (deal.row.id, deal)).collect();
        let (mut gone, mut new, mut changed) = (vec![], vec![], BTreeSet::new());
        for (account, at) in self.accounts(rows, &kept) {
            let have = kept.remove(&account).unwrap_or_default();
            let one = at.map(|at| &self.agreed[at]);
            let deal = by_id.get(&account.deal).zip(one);
            let home = self.home;
            let wanted = deal
                .map(|(deal, one)| {
                    entries(deal, one, account.anchor, money.home(deal, account.anchor), |at| home.day(at))
                })
                .unwrap_or_default();
            // without a version that asks for it nothing is bound, and all of it goes
            let since = one.and_then(|one| one.since);
            let is_frozen = |at| one.is_some() && self.frozen.holds(at, since);
            let plan = if one.is_some() { plan(&have, wanted, is_frozen, self.now) } else { away(&have) };
            if plan.gone.is_empty() && plan.new.is_empty() {
                continue;
            }
            changed.insert(account.deal);
            let before: Vec<Entry> = have.iter().map(Entry::from).collect();
            let stays = have.iter().filter(|row| !plan.gone.contains(&row.id.uuid())).map(Entry::from);
            let after: Vec<Entry> = stays.chain(plan.new.iter().cloned()).collect();
            let cells = self.days.entry((account.version, account.anchor)).or_default();
            merge(cells, roll(&after, &GROUPINGS), 1);
            merge(cells, roll(&before, &GROUPINGS), -1);
            gone.extend(plan.gone);
            new.extend(plan.new.into_iter().map(|entry| entry.row(account)));
        }
        write(tx, &gone, new).await?;
        Ok(changed)
    }

    /// The accounts to look at, each with the place of the version that asks for it: of versions in force all that they
    /// give credit for, of others what is frozen. None for what nobody asks for any more.
    fn accounts(
        &self,
        rows: &[opportunity::Model],
        kept: &BTreeMap<Account, Vec<Model>>,
    ) -> BTreeMap<Account, Option<usize>> {
        let mut accounts: BTreeMap<Account, Option<usize>> = BTreeMap::new();
        let of: BTreeMap<AgreementVersionId, usize> =
            self.agreed.iter().enumerate().map(|(at, one)| (one.version, at)).collect();
        for (account, have) in kept {
            let bound =
                |one: &Agreed| have.iter().any(|row| row.adjusts || self.frozen.holds(row.counts_at, one.since));
            let asks = of.get(&account.version).copied().filter(|at| bound(&self.agreed[*at]));
            accounts.insert(*account, asks);
        }
        for row in rows {
            for (at, one) in self.agreed.iter().enumerate().filter(|(_, one)| one.in_force) {
                for anchor in one.body.given_for() {
                    accounts.insert(Account { deal: row.id, version: one.version, anchor }, Some(at));
                }
            }
        }
        accounts
    }
}

fn away(have: &[Model]) -> super::entry::Plan {
    super::entry::Plan { gone: have.iter().map(|row| row.id.uuid()).collect(), new: vec![] }
}

async fn write(tx: &mut Tx, gone: &[Uuid], new: Vec<ActiveModel>) -> Result<()> {
    tx.discard::<Entity>(gone).await?;
    let mut new = new.into_iter().peekable();
    while new.peek().is_some() {
        tx.insert_many::<Entity>(new.by_ref().take(ROWS).collect()).await?;
    }
    Ok(())
}

fn by_account(rows: Vec<Model>) -> BTreeMap<Account, Vec<Model>> {
    let mut accounts: BTreeMap<Account, Vec<Model>> = BTreeMap::new();
    for row in rows {
        let (deal, version, anchor) = (row.opportunity_id, row.agreement_version_id, row.anchor);
        accounts.entry(Account { deal, version, anchor }).or_default().push(row);
    }
    for rows in accounts.values_mut() {
        rows.sort_unstable_by_key(|row| row.id);
    }
    accounts
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

/// What a condition on kept credit is made of.
pub fn of_version(version: AgreementVersionId) -> Condition {
    use entity::attribution_credit::Column as C;
    Condition::all().add(C::AgreementVersionId.eq(version.uuid()))
}
