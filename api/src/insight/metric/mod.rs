//! Metrics: one registry, one way to compute and to explain them. A metric is one file in `catalog`, and a line in its
//! list: what it counts (`Part`), the formula over what was counted, and worked numbers that prove it. Parts are
//! conditions over the history, so that each can be asked for any instant, filtered, grouped and listed.

mod actions;
pub(in crate::insight) mod amount;
pub(in crate::insight) mod answer;
pub(in crate::insight) mod ask;
pub(in crate::insight) mod beside;
pub(in crate::insight) mod catalog;
mod committees;
mod credit;
mod customers;
pub(in crate::insight) mod cycles;
pub(in crate::insight) mod dimension;
pub mod exact;
pub(in crate::insight) mod facts;
mod golden;
pub(in crate::insight) mod grain;
pub mod graphql;
pub(in crate::insight) mod health;
pub(in crate::insight) mod key;
pub(in crate::insight) mod known;
mod leading;
mod middle;
mod monthly;
pub(in crate::insight) mod options;
mod paid;
mod past;
pub(in crate::insight) mod population;
pub(in crate::insight) mod prior;
pub(in crate::insight) mod query;
pub(in crate::insight) mod scope;
mod shared;
mod stages;
mod standing;
pub(in crate::insight) mod tally;
pub(in crate::insight) mod touched;
pub(in crate::insight) mod unit;
pub(in crate::insight) mod weights;

use sea_orm::Condition;

use self::{
    ask::Ask,
    facts::{Facts, Worked},
    golden::Golden,
    grain::Grain,
    options::Opt,
    unit::Unit,
};
use crate::actor::{Actor, Permission};
pub use catalog::METRICS;
use exact::Exact;
pub use standing::standing;

/// Which side answers for what a metric shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    Marketing,
    Sales,
    Both,
}

/// A metric. Two that answer differently to the same records have different keys or versions.
pub struct Metric {
    pub key: &'static str,
    /// What it says, for people.
    pub about: &'static str,
    /// Raised whenever the formula or a population changes.
    pub version: i32,
    pub unit: Unit,
    pub grain: Grain,
    /// Which records count.
    pub population: &'static str,
    /// By which date records belong to the period.
    pub dated_by: &'static str,
    /// How money is converted; empty where there is none.
    pub currency: &'static str,
    /// Its term in the glossary.
    pub term: &'static str,
    pub owner: Owner,
    /// What it can be told; true where it must.
    pub takes: &'static [(Opt, bool)],
    pub parts: &'static [Part],
    /// Whose records its value rests on.
    pub counted: &'static [&'static str],
    pub left_out: &'static [LeftOut],
    pub formula: fn(&Facts) -> Worked,
    pub golden: &'static [Golden],
}

impl Metric {
    /// The figures that it is made of; none where it is one itself.
    pub fn made_of(&self) -> &'static [&'static Self] {
        if self.key == catalog::alignment_index::METRIC.key { &catalog::alignment_index::COMPONENTS } else { &[] }
    }

    /// What is known of its past.
    pub fn past(&self) -> Past {
        let is = |known: fn(&Part) -> bool| self.parts.iter().all(known);
        if self.counts_by_rules() && is(|part| part.is_by_rules() || part.grain.has_past()) {
            return Past::Days;
        }
        if is(|part| part.grain.has_past()) { Past::Any } else { Past::None }
    }

    /// Whether it is of what there was at its instant, more than of a period.
    pub fn stands(&self) -> bool {
        self.parts.iter().any(|part| part.grain.stands() || part.is_by_rules())
    }

    /// Whether what it counts depends on the organisation's rules of data quality.
    pub fn counts_by_rules(&self) -> bool {
        self.parts.iter().any(Part::is_by_rules)
    }
}

/// What is known of a metric's past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    /// It can be asked for any instant.
    Any,
    /// What it was of all records together, as far as it was kept: see `metric_day`.
    Days,
    /// It is known only as it is now.
    None,
}

/// Records that a formula needs to know something of.
#[derive(Clone, Copy)]
pub struct Part {
    pub name: &'static str,
    pub about: &'static str,
    pub grain: Grain,
    pub of: Figure,
    pub which: fn(&Ask) -> Condition,
}

impl Part {
    pub fn is_money(&self) -> bool {
        use Figure::{Amount, AmountPercentile, Monthly, PaidToDate, Weighted};
        matches!(self.of, Amount(_) | Weighted(_) | AmountPercentile(..) | Monthly(_) | PaidToDate)
    }

    /// Whether it counts by the rules of data quality.
    pub fn is_by_rules(&self) -> bool {
        matches!(self.of, Figure::Total(Measure::Kept | Measure::Weighed))
    }

    fn asks_committees(&self) -> bool {
        matches!(self.of, Figure::Total(Measure::RolesFilled | Measure::RolesRequired))
    }

    /// Whether the caller may be told what rests on all of its records.
    pub fn is_shared_with(&self, actor: &Actor) -> bool {
        self.grain.is_shared_with(actor) && (!self.asks_committees() || actor.may(Permission::CommitteeMemberRead))
    }

    /// Whether that may be told to whoever reads metrics.
    pub fn is_shared_with_all(&self) -> bool {
        self.grain != Grain::CampaignCost && !self.asks_committees()
    }

    /// Whether the caller sees whatever is counted of each record that they see.
    pub fn is_open_to(&self, actor: &Actor) -> bool {
        !self.asks_committees() || actor.reaches_all(Permission::CommitteeMemberRead)
    }

    /// Whether the caller sees all that it rests on.
    pub fn is_seen_by(&self, actor: &Actor) -> bool {
        self.grain.is_seen_by(actor) && self.is_open_to(actor)
    }
}

/// What is wanted of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    Count,
    Total(Measure),
    Percentile(Measure, u64),
    /// The sum of amounts.
    Amount(Fx),
    /// The sum of amounts times their chances.
    Weighted(Fx),
    AmountPercentile(Fx, u64),
    /// What the accounts of contracts pay in a month.
    Monthly(When),
    /// What was paid by contracts so far.
    PaidToDate,
}

/// Something that is measured of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// From opening to closing.
    CycleDays,
    /// How long a clock ran until it was answered.
    BusinessSeconds,
    /// For how long something has stood in its stage, a lead where it stands.
    StageDays,
    /// How often sales called, wrote to or met a lead since it accepted it, no more often than asked.
    Attempts,
    /// The weights of the rules of data quality that it passes.
    Kept,
    /// The weights of those there are.
    Weighed,
    /// For how many of the roles that it should know somebody for an opportunity does.
    RolesFilled,
    /// How many these are.
    RolesRequired,
    /// Which part of a sale is credited.
    Credit,
}

impl Measure {
    /// What is kept as a whole number, in the unit of the measure.
    fn exact(self, kept: i64) -> Option<exact::Exact> {
        match self {
            Self::CycleDays | Self::StageDays => exact::Exact::over(kept.into(), 86_400_000_000),
            Self::Credit => exact::Exact::over(kept.into(), 1_000_000_000_000),
            _ => Some(exact::Exact::whole(kept)),
        }
    }
}

/// Which of an account's months is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// That in which the period begins.
    Start,
    /// That in which it ends.
    End,
    /// That in which it ends, of those who paid when it began.
    Still,
    /// The lesser of the first and this.
    Kept,
}

/// Of which day the rate is by which an amount is converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fx {
    /// Of the day of closing, as it was frozen then.
    Closing,
    /// Of the day for which the metric is asked.
    Now,
}

/// Records that one might expect to count, and why they do not.
pub struct LeftOut {
    pub reason: &'static str,
    pub grain: Grain,
    pub which: fn(&Ask) -> Condition,
}
