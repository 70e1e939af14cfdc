//! What a run reckons with, once it is frozen. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::id::{GoalId, OpportunityId, UserId};

use super::plan::{Participant, SplitRole};
use crate::insight::metric::exact::Exact;

/// A person's share of a won deal, credited to a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit {
    /// The component's place in the plan.
    pub component: usize,
    pub user: UserId,
    pub deal: OpportunityId,
    pub role: SplitRole,
    /// The share, in minor units of the plan's currency.
    pub base: i64,
}

/// Something that a SPIFF pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    pub user: UserId,
    /// The component's place in the plan.
    pub component: usize,
    pub at: DateTime<Utc>,
    /// The record that proves it.
    pub record: uuid::Uuid,
    /// The deal that it is about, if it is: taken back with it.
    pub deal: Option<OpportunityId>,
}

/// What people are credited with, summed; it grows with people, not with deals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub(super) base: BTreeMap<(UserId, usize), i128>,
    pub(super) events: BTreeMap<(UserId, usize), u64>,
}

impl Sums {
    pub fn credit(&mut self, credit: &Credit) {
        *self.base.entry((credit.user, credit.component)).or_default() += i128::from(credit.base);
    }

    pub fn event(&mut self, event: &Event) {
        *self.events.entry((event.user, event.component)).or_default() += 1;
    }

    /// Takes a share back that was counted before.
    pub fn without(&mut self, credit: &Credit) {
        self.credit(&Credit { base: credit.base.saturating_neg(), ..*credit });
    }

    pub fn without_event(&mut self, event: &Event) {
        let count = self.events.entry((event.user, event.component)).or_default();
        *count = count.saturating_sub(1);
    }
}

/// Why an adjustment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DueReason {
    /// A paid deal came to nothing.
    Clawback,
    /// What an earlier statement could not bear of such.
    CarryForward,
    Dispute,
    Correction,
    Reversal,
    /// A deal was won late into a period that was paid already, or raised.
    LateSale,
}

/// An adjustment that is paid or taken with this run; its id is the record's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    pub user: UserId,
    pub id: uuid::Uuid,
    pub reason: DueReason,
    pub amount: i64,
}

/// All that a run hangs on beside its plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    pub participants: Vec<Participant>,
    pub sums: Sums,
    /// How far each goal was reached, unrounded; all of [`super::plan::Plan::goals`].
    pub goals: BTreeMap<GoalId, Exact>,
    /// The health that each of the plan's rules looks at, in their order; none where it is not known, which multiplies nothing.
    pub health: Vec<Option<Exact>>,
    pub due: Vec<Due>,
    /// What people still owe of recoverable draws of earlier periods; 0 unless given.
    pub owed: BTreeMap<UserId, i64>,
}

/// The events that a SPIFF pays for: the first `most` of each person by time, then record; in that order.
pub fn paid_for(mut events: Vec<Event>, most: Option<u32>) -> Vec<Event> {
    events.sort_unstable_by_key(|event| (event.user, event.component, event.at, event.record));
    let mut last: Option<(UserId, usize, u32)> = None;
    events.retain(|event| {
        let before = last.filter(|last| (last.0, last.1) == (event.user, event.component)).map_or(0, |last| last.2);
        last = Some((event.user, event.component, before.saturating_add(1)));
        most.is_none_or(|most| before < most)
    });
    events
}
