//! What is kept of credit, and what must be written so that it is what it should be. Pure.
//!
//! Credit whose time is not frozen is replaced. Frozen credit stays, and the difference to it is added beside it, at the
//! instant at which it was found: `newCredit - oldCredit` for each touch, never a split of the difference.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{
    attribution::Anchor,
    attribution_credit::{ActiveModel, Model},
    campaign::Channel,
    id::{AgreementVersionId, CampaignId, OpportunityId, RowId, TouchpointId},
    money::{Currency, Money},
};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::{Agreed, Deal, deals::Label};
use crate::marketing::attribution::{Credit, share};

/// A whole sale, in units of 10^-12.
pub const WHOLE_DEAL: i64 = 1_000_000_000_000;

/// The credit of one touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub touch: Option<TouchpointId>,
    pub counts_at: DateTime<Utc>,
    pub weight_e12: i64,
    pub amount: Option<Money>,
    pub home: Option<Money>,
    pub deal_home: Option<i64>,
    pub channel: Option<Channel>,
    pub campaign: Option<CampaignId>,
    pub source: Option<String>,
    pub content: Option<String>,
    pub sourcing: bool,
    pub firsts: i32,
}

/// For whose credit, by what and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account {
    pub deal: OpportunityId,
    pub version: AgreementVersionId,
    pub anchor: Anchor,
}

/// What credit for a deal should be; empty while the anchor has no moment. `home` is the deal's amount in the
/// organisation's currency.
pub fn entries(deal: &Deal, agreed: &Agreed, anchor: Anchor, home: Option<Money>) -> Vec<Entry> {
    let members_only = !agreed.body.whole_account();
    let shared = share(&deal.touches, &deal.moments, anchor, &agreed.body.policy(), members_only);
    let (Some(shared), Some(counts_at)) = (shared, deal.moments.of(anchor)) else { return vec![] };
    let amount = amount(&deal.row);
    let parts = |money: Option<Money>| -> Vec<Option<Money>> {
        match money {
            Some(money) => {
                shared.split(money.amount_minor).into_iter().map(|n| Some(Money::new(n, money.currency))).collect()
            }
            None => vec![None; shared.credits.len()],
        }
    };
    let (weights, amounts, homes) = (shared.split(WHOLE_DEAL), parts(amount), parts(home));
    let mut firsts = Firsts::default();
    let nothing = Label::default();
    let entry = |(at, credit): (usize, &Credit<'_>)| {
        let label = credit.touch.and_then(|touch| deal.labels.get(&touch.id)).unwrap_or(&nothing);
        let mut entry = Entry {
            touch: credit.touch.map(|touch| TouchpointId::from_uuid(touch.id)),
            counts_at,
            weight_e12: weights[at],
            amount: amounts[at],
            home: homes[at],
            deal_home: home.map(|money| money.amount_minor),
            channel: credit.touch.map(|touch| touch.channel),
            campaign: credit.touch.and_then(|touch| touch.campaign),
            source: label.source.clone(),
            content: label.content.clone(),
            sourcing: credit.sourcing,
            firsts: 0,
        };
        entry.firsts = firsts.of(&entry);
        entry
    };
    shared.credits.iter().enumerate().map(entry).collect()
}

/// What a sale is worth.
pub fn amount(row: &entity::opportunity::Model) -> Option<Money> {
    Some(Money::new(row.amount_minor?, row.currency?))
}

/// Marks the first credit of each group of a sale, so that sales can be counted by adding.
#[derive(Default)]
struct Firsts {
    channels: HashSet<Option<Channel>>,
    campaigns: HashSet<Option<CampaignId>>,
    sources: HashSet<Option<String>>,
    contents: HashSet<Option<String>>,
    any: bool,
}

impl Firsts {
    fn of(&mut self, entry: &Entry) -> i32 {
        let first = !std::mem::replace(&mut self.any, true);
        let marks = [
            self.channels.insert(entry.channel),
            self.campaigns.insert(entry.campaign),
            self.sources.insert(entry.source.clone()),
            self.contents.insert(entry.content.clone()),
            first,
        ];
        marks.into_iter().rev().fold(0, |bits, mark| bits << 1 | i32::from(mark))
    }
}

impl From<&Model> for Entry {
    fn from(row: &Model) -> Self {
        let money = |minor: Option<i64>, currency: Option<Currency>| Some(Money::new(minor?, currency?));
        Self {
            touch: row.touchpoint_id,
            counts_at: row.counts_at,
            weight_e12: row.weight_e12,
            amount: money(row.amount_minor, row.currency),
            home: money(row.home_minor, row.home_currency),
            deal_home: row.deal_home_minor,
            channel: row.channel,
            campaign: row.campaign_id,
            source: row.source.clone(),
            content: row.content.clone(),
            sourcing: row.sourcing,
            firsts: row.firsts,
        }
    }
}

impl Entry {
    pub fn row(self, account: Account, adjusts: bool) -> ActiveModel {
        ActiveModel {
            opportunity_id: Set(account.deal),
            agreement_version_id: Set(account.version),
            anchor: Set(account.anchor),
            touchpoint_id: Set(self.touch),
            adjusts: Set(adjusts),
            counts_at: Set(self.counts_at),
            weight_e12: Set(self.weight_e12),
            amount_minor: Set(self.amount.map(|money| money.amount_minor)),
            currency: Set(self.amount.map(|money| money.currency)),
            home_minor: Set(self.home.map(|money| money.amount_minor)),
            home_currency: Set(self.home.map(|money| money.currency)),
            deal_home_minor: Set(self.deal_home),
            channel: Set(self.channel),
            campaign_id: Set(self.campaign),
            source: Set(self.source),
            content: Set(self.content),
            sourcing: Set(self.sourcing),
            firsts: Set(self.firsts),
            ..Default::default()
        }
    }
}

/// What is to be written.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Rows that go.
    pub gone: Vec<Uuid>,
    /// Rows that come, and whether they correct frozen ones.
    pub new: Vec<(Entry, bool)>,
}

/// How the rows there are become what they should be.
pub fn plan(have: &[Model], wanted: Vec<Entry>, is_frozen: impl Fn(DateTime<Utc>) -> bool, now: DateTime<Utc>) -> Plan {
    let late = wanted.first().is_some_and(|entry| is_frozen(entry.counts_at));
    let bound = have.iter().any(|row| row.adjusts || is_frozen(row.counts_at));
    if !bound && !late {
        let mut missing = wanted;
        let mut gone = vec![];
        for row in have {
            let entry = Entry::from(row);
            match missing.iter().position(|wanted| *wanted == entry) {
                Some(at) => _ = missing.swap_remove(at),
                None => gone.push(row.id.uuid()),
            }
        }
        return Plan { gone, new: missing.into_iter().map(|entry| (entry, false)).collect() };
    }
    if have.is_empty() {
        // told after its time was frozen: it counts from now on
        let new = wanted.into_iter().map(|entry| (Entry { counts_at: now, ..entry }, false)).collect();
        return Plan { gone: vec![], new };
    }
    Plan { gone: vec![], new: corrections(have, wanted, now) }
}

/// A touch and the currencies of its credit.
type Key = (Option<TouchpointId>, Option<Currency>, Option<Currency>);

fn corrections(have: &[Model], wanted: Vec<Entry>, now: DateTime<Utc>) -> Vec<(Entry, bool)> {
    let key = |entry: &Entry| -> Key {
        (entry.touch, entry.amount.map(|money| money.currency), entry.home.map(|money| money.currency))
    };
    let mut sums: BTreeMap<Key, (Entry, [i64; 3])> = BTreeMap::new();
    let mut add = |entry: Entry, sign: i64| {
        let minor = |money: Option<Money>| money.map_or(0, |money| money.amount_minor);
        let parts = [entry.weight_e12, minor(entry.amount), minor(entry.home)];
        let (_, sum) = sums.entry(key(&entry)).or_insert((entry, [0; 3]));
        sum.iter_mut().zip(parts).for_each(|(sum, part)| *sum += sign * part);
    };
    have.iter().map(Entry::from).for_each(|entry| add(entry, -1));
    wanted.into_iter().for_each(|entry| add(entry, 1));
    let delta = |(entry, [weight, amount, home]): (Entry, [i64; 3])| {
        let money = |minor, like: Option<Money>| like.map(|money| Money::new(minor, money.currency));
        let (amount, home) = (money(amount, entry.amount), money(home, entry.home));
        let entry = Entry { counts_at: now, weight_e12: weight, amount, home, ..entry };
        (Entry { deal_home: None, sourcing: false, firsts: 0, ..entry }, true)
    };
    let changed = |(_, sum): &(Entry, [i64; 3])| *sum != [0; 3];
    sums.into_values().filter(changed).map(delta).collect()
}
