//! What is kept of credit, and what must be written so that it is what it should be. Pure.
//!
//! Credit whose time is not frozen is replaced. Frozen credit stays, and the difference to it is added beside it, at the
//! instant at which it was found: `newCredit - oldCredit` for each touch, never a split of the difference.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    attribution::Anchor,
    attribution_credit::{ActiveModel, Model},
    campaign::Channel,
    id::{AgreementVersionId, CampaignId, OpportunityId, RowId, TouchpointId},
    money::{Currency, Money},
    word::Word,
};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::{Agreed, Deal};
use crate::marketing::attribution::{Credit, share};

/// A whole sale, in units of 10^-12.
pub const WHOLE_DEAL: i64 = 1_000_000_000_000;

/// The credit of one touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub touch: Option<TouchpointId>,
    pub counts_at: DateTime<Utc>,
    /// The day of that, where the organisation is.
    pub counts_on: NaiveDate,
    /// It corrects what was frozen.
    pub adjusts: bool,
    /// 1 of a touch that counts, of corrections what has changed in that.
    pub presence: i32,
    pub weight_e12: i64,
    pub amount: Option<Money>,
    pub home: Option<Money>,
    /// The whole sale, of corrections what has changed in it.
    pub deal: Option<i64>,
    pub deal_home: Option<i64>,
    pub channel: Option<Channel>,
    pub campaign: Option<CampaignId>,
    pub source: Option<String>,
    pub content: Option<String>,
    pub sourcing: bool,
}

/// For whose credit, by what and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account {
    pub deal: OpportunityId,
    pub version: AgreementVersionId,
    pub anchor: Anchor,
}

/// When credit counts that is given now or then.
#[derive(Clone, Copy, Debug)]
pub struct Counting {
    pub at: DateTime<Utc>,
    pub on: NaiveDate,
}

/// What credit for a deal should be; empty while the anchor has no moment. `home` is the deal's amount in the
/// organisation's currency, `day` the day of an instant there.
pub fn entries(
    deal: &Deal,
    agreed: &Agreed,
    anchor: Anchor,
    home: Option<Money>,
    day: impl Fn(DateTime<Utc>) -> NaiveDate,
) -> Vec<Entry> {
    let members_only = !agreed.body.whole_account();
    let shared = share(&deal.touches, &deal.moments, anchor, &agreed.policy, members_only);
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
    let entry = |(at, credit): (usize, &Credit<'_>)| {
        let label = credit.touch.and_then(|touch| deal.labels.get(&touch.id));
        Entry {
            touch: credit.touch.map(|touch| TouchpointId::from_uuid(touch.id)),
            counts_at,
            counts_on: day(counts_at),
            adjusts: false,
            presence: 1,
            weight_e12: weights[at],
            amount: amounts[at],
            home: homes[at],
            deal: amount.map(|money| money.amount_minor),
            deal_home: home.map(|money| money.amount_minor),
            channel: credit.touch.map(|touch| touch.channel),
            campaign: credit.touch.and_then(|touch| touch.campaign),
            source: label.and_then(|label| label.source.clone()),
            content: label.and_then(|label| label.content.clone()),
            sourcing: credit.sourcing,
        }
    };
    shared.credits.iter().enumerate().map(entry).collect()
}

/// What a sale is worth.
pub fn amount(row: &entity::opportunity::Model) -> Option<Money> {
    Some(Money::new(row.amount_minor?, row.currency?))
}

impl From<&Model> for Entry {
    fn from(row: &Model) -> Self {
        let money = |minor: Option<i64>, currency: Option<Currency>| Some(Money::new(minor?, currency?));
        Self {
            touch: row.touchpoint_id,
            counts_at: row.counts_at,
            counts_on: row.counts_on,
            adjusts: row.adjusts,
            presence: row.presence,
            weight_e12: row.weight_e12,
            amount: money(row.amount_minor, row.currency),
            home: money(row.home_minor, row.home_currency),
            deal: row.deal_minor,
            deal_home: row.deal_home_minor,
            channel: row.channel,
            campaign: row.campaign_id,
            source: row.source.clone(),
            content: row.content.clone(),
            sourcing: row.sourcing,
        }
    }
}

impl Entry {
    pub fn row(self, account: Account) -> ActiveModel {
        ActiveModel {
            opportunity_id: Set(account.deal),
            agreement_version_id: Set(account.version),
            anchor: Set(account.anchor),
            touchpoint_id: Set(self.touch),
            adjusts: Set(self.adjusts),
            counts_at: Set(self.counts_at),
            counts_on: Set(self.counts_on),
            presence: Set(self.presence),
            weight_e12: Set(self.weight_e12),
            amount_minor: Set(self.amount.map(|money| money.amount_minor)),
            currency: Set(self.amount.map(|money| money.currency)),
            home_minor: Set(self.home.map(|money| money.amount_minor)),
            home_currency: Set(self.home.map(|money| money.currency)),
            deal_minor: Set(self.deal),
            deal_home_minor: Set(self.deal_home),
            channel: Set(self.channel),
            campaign_id: Set(self.campaign),
            source: Set(self.source),
            content: Set(self.content),
            sourcing: Set(self.sourcing),
            ..Default::default()
        }
    }

    /// What its credit stands under: what is said of it elsewhere is other credit.
    pub fn mark(&self) -> Mark {
        Mark {
            touch: self.touch,
            currencies: [self.amount.map(|money| money.currency), self.home.map(|money| money.currency)],
            channel: self.channel.map(Word::word),
            campaign: self.campaign,
            source: self.source.clone(),
            content: self.content.clone(),
            sourcing: self.sourcing,
        }
    }
}

/// A touch, and all that its credit is added up by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    touch: Option<TouchpointId>,
    currencies: [Option<Currency>; 2],
    channel: Option<&'static str>,
    campaign: Option<CampaignId>,
    source: Option<String>,
    content: Option<String>,
    sourcing: bool,
}

/// What is to be written.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Rows that go.
    pub gone: Vec<Uuid>,
    /// Rows that come.
    pub new: Vec<Entry>,
}

/// How the rows there are become what they should be.
pub fn plan(have: &[Model], wanted: Vec<Entry>, is_frozen: impl Fn(DateTime<Utc>) -> bool, now: Counting) -> Plan {
    let late = wanted.first().is_some_and(|entry| is_frozen(entry.counts_at));
    let bound = have.iter().any(|row| row.adjusts || is_frozen(row.counts_at));
    if !bound && !late {
        return replaced(have, wanted);
    }
    if have.is_empty() {
        // told after its time was frozen: it counts from now on
        let moved = |entry| Entry { counts_at: now.at, counts_on: now.on, ..entry };
        return Plan { gone: vec![], new: wanted.into_iter().map(moved).collect() };
    }
    Plan { gone: vec![], new: corrections(have, wanted, now) }
}

/// All of it is written anew where anything differs: credit lies in the order of its touches, which decides who gets what
/// cannot be split.
fn replaced(have: &[Model], wanted: Vec<Entry>) -> Plan {
    if have.iter().map(Entry::from).eq(wanted.iter().cloned()) {
        return Plan::default();
    }
    Plan { gone: have.iter().map(|row| row.id.uuid()).collect(), new: wanted }
}

fn corrections(have: &[Model], wanted: Vec<Entry>, now: Counting) -> Vec<Entry> {
    let mut sums: BTreeMap<Mark, (Entry, [i64; 6])> = BTreeMap::new();
    let mut add = |entry: Entry, sign: i64| {
        let minor = |money: Option<Money>| money.map_or(0, |money| money.amount_minor);
        let parts = [
            entry.presence.into(),
            entry.weight_e12,
            minor(entry.amount),
            minor(entry.home),
            entry.deal.unwrap_or(0),
            entry.deal_home.unwrap_or(0),
        ];
        let (_, sum) = sums.entry(entry.mark()).or_insert((entry, [0; 6]));
        sum.iter_mut().zip(parts).for_each(|(sum, part)| *sum += sign * part);
    };
    for entry in have.iter().map(Entry::from) {
        add(entry, -1);
    }
    for entry in wanted {
        add(entry, 1);
    }
    let delta = |(entry, [presence, weight_e12, amount, home, deal, deal_home]): (Entry, [i64; 6])| {
        let money = |minor, like: Option<Money>| like.map(|money| Money::new(minor, money.currency));
        Entry {
            counts_at: now.at,
            counts_on: now.on,
            adjusts: true,
            presence: i32::try_from(presence).unwrap_or(0),
            weight_e12,
            amount: money(amount, entry.amount),
            home: money(home, entry.home),
            deal: entry.amount.map(|_| deal),
            deal_home: entry.home.map(|_| deal_home),
            ..entry
        }
    };
    let changed = |(_, sum): &(Entry, [i64; 6])| *sum != [0; 6];
    sums.into_values().filter(changed).map(delta).collect()
}
