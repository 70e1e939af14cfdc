//! Credit added up by days and parts, so that a report adds days. Pure.
//!
//! What one account comes to is worked out from all of its rows in the order of their days: a sale is counted on the day
//! of its anchor in every part that has a touch of it, and a correction counts it in or out of a part on its own day.

use std::collections::{BTreeMap, btree_map::Entry as Place};

use chrono::NaiveDate;
use entity::{
    attribution::Group,
    id::RowId,
    money::{Currency, Money},
    word::Word,
};

use super::entry::{Entry, Mark};

/// All credit, whatever its parts.
pub const ALL: &str = "ALL";
/// The part of sales before which no touch counted.
pub const NOBODY: &str = "!";
/// The words of all groupings.
pub const GROUPINGS: [&str; 5] = [ALL, "CHANNEL", "CAMPAIGN", "CONTENT", "SOURCE"];

/// Where credit is added up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    pub grouping: &'static str,
    pub day: NaiveDate,
    pub part: String,
    pub adjusts: bool,
    /// None of sales without an amount.
    pub currency: Option<Currency>,
    /// Into that currency, or none of its own.
    pub converted: bool,
}

/// What credit comes to. Money in minor units of one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub amount: i64,
    /// Parts of sales, in units of 10^-12.
    pub weight_e12: i64,
    /// Sales that have credit here.
    pub sales: i64,
    /// Sales of which that is more than nothing.
    pub earning: i64,
    /// Sales before which a touch counted, and what they are worth.
    pub influenced: i64,
    pub influenced_amount: i64,
    /// Sales that began with a touch, and what they are worth.
    pub sourced: i64,
    pub sourced_amount: i64,
}

impl Sums {
    pub fn all(&self) -> [i64; 8] {
        let Self { amount, weight_e12, sales, earning, influenced, influenced_amount, sourced, sourced_amount } = *self;
        [amount, weight_e12, sales, earning, influenced, influenced_amount, sourced, sourced_amount]
    }

    pub fn of(
        [amount, weight_e12, sales, earning, influenced, influenced_amount, sourced, sourced_amount]: [i64; 8],
    ) -> Self {
        Self { amount, weight_e12, sales, earning, influenced, influenced_amount, sourced, sourced_amount }
    }

    /// Adds the same many times, e.g. -1 time.
    pub fn add(&mut self, other: &Self, times: i64) {
        let mut all = self.all();
        all.iter_mut().zip(other.all()).for_each(|(sum, n)| *sum += times * n);
        *self = Self::of(all);
    }
}

pub type Cells = BTreeMap<Cell, Sums>;

/// Adds cells to others, or takes them away; what comes to nothing is left out.
pub fn merge(into: &mut Cells, cells: Cells, times: i64) {
    for (cell, sums) in cells {
        match into.entry(cell) {
            Place::Vacant(free) => {
                let mut all = Sums::default();
                all.add(&sums, times);
                if all != Sums::default() {
                    free.insert(all);
                }
            }
            Place::Occupied(mut there) => {
                there.get_mut().add(&sums, times);
                if *there.get() == Sums::default() {
                    there.remove();
                }
            }
        }
    }
}

/// The part of a grouping that credit belongs to.
pub fn part(grouping: &str, entry: &Entry) -> String {
    let of = |value: Option<String>| value.map(|value| format!(":{value}")).unwrap_or_default();
    match Group::parse(grouping) {
        None => String::new(),
        Some(_) if entry.touch.is_none() => NOBODY.to_owned(),
        Some(Group::Channel) => of(entry.channel.map(|channel| channel.word().to_owned())),
        Some(Group::Campaign) => of(entry.campaign.map(|id| id.uuid().simple().to_string())),
        Some(Group::Content) => of(entry.content.clone()),
        Some(Group::Source) => of(entry.source.clone()),
    }
}

/// How a touch stands in a part after some of its rows.
#[derive(Clone, Copy, Default)]
struct Standing {
    presence: i64,
    weight: i64,
    worth: i64,
    touched: bool,
    sourcing: bool,
}

/// How a sale stands in a part: earning, influenced and its worth, sourced and its worth.
fn stands(touches: &BTreeMap<Mark, Standing>) -> [i64; 5] {
    let here = || touches.values().filter(|one| one.presence > 0);
    let worth = |found: Option<&Standing>| found.map_or([0, 0], |one| [1, one.worth]);
    let earning = here().any(|one| one.weight != 0);
    let [influenced, influenced_amount] = worth(here().find(|one| one.touched));
    let [sourced, sourced_amount] = worth(here().find(|one| one.sourcing));
    [earning.into(), influenced, influenced_amount, sourced, sourced_amount]
}

/// What the rows of one account come to.
pub fn roll(rows: &[Entry], groupings: &[&'static str]) -> Cells {
    let mut order: Vec<&Entry> = rows.iter().collect();
    order.sort_by_key(|entry| (entry.adjusts, entry.counts_on));
    let mut cells = Cells::new();
    for grouping in groupings.iter().copied() {
        let mut known: BTreeMap<(String, Option<Currency>, bool), BTreeMap<Mark, Standing>> = BTreeMap::new();
        for batch in order.chunk_by(|a, b| (a.adjusts, a.counts_on) == (b.adjusts, b.counts_on)) {
            let mut before = BTreeMap::new();
            for entry in batch {
                let (money, worth, converted) = valued(entry);
                let key = (part(grouping, entry), money.map(|money| money.currency), converted);
                let touches = known.entry(key.clone()).or_default();
                before.entry(key.clone()).or_insert_with(|| stands(touches));
                let standing = touches.entry(entry.mark()).or_default();
                standing.presence += i64::from(entry.presence);
                standing.weight += entry.weight_e12;
                standing.worth += worth;
                standing.touched = entry.touch.is_some();
                standing.sourcing = entry.sourcing;
                let sums = cells.entry(cell(grouping, batch[0], key)).or_default();
                sums.amount += money.map_or(0, |money| money.amount_minor);
                sums.weight_e12 += entry.weight_e12;
            }
            for (key, before) in before {
                let after = known.get(&key).map_or([0; 5], stands);
                let [earning, influenced, influenced_amount, sourced, sourced_amount] =
                    std::array::from_fn(|at| after[at] - before[at]);
                let more = Sums {
                    sales: 1,
                    earning,
                    influenced,
                    influenced_amount,
                    sourced,
                    sourced_amount,
                    ..Sums::default()
                };
                cells.entry(cell(grouping, batch[0], key)).or_default().add(&more, 1);
            }
        }
    }
    cells
}

fn cell(grouping: &'static str, entry: &Entry, (part, currency, converted): (String, Option<Currency>, bool)) -> Cell {
    Cell { grouping, day: entry.counts_on, part, adjusts: entry.adjusts, currency, converted }
}

/// The money that counts, what the sale is worth in it, and whether it is the organisation's.
fn valued(entry: &Entry) -> (Option<Money>, i64, bool) {
    match (entry.home, entry.amount) {
        (Some(home), _) => (Some(home), entry.deal_home.unwrap_or(0), true),
        (None, amount) => (amount, entry.deal.unwrap_or(0), false),
    }
}
