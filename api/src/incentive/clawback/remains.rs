//! What is left of the credited shares of a sale that was lowered, and what is kept of why something was taken back. Pure.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::{
    id::{GoalId, OpportunityId, RowId, UserId},
    incentive_source::Model as Source,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    incentive::{
        pay::{
            clawback::{Left, Trigger},
            input::Credit,
            plan::{SplitRole, WHOLE},
            split::{Share, split},
        },
        plan::read::role,
        run::frozen::{read, written},
    },
    insight::metric::exact::Exact,
};

/// Why something was taken back, as an adjustment keeps it: what is taken later is reckoned without it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Why {
    /// Whole days from the day on which the sale was won.
    pub age: i64,
    /// What the period would have paid less, in minor units.
    pub less: i64,
    /// How much of that is still taken, as an exact fraction.
    pub fraction: String,
    /// Nothing is left of the sale.
    pub gone: bool,
    /// What is left of each share, in minor units.
    pub left: Vec<Kept>,
    /// How far goals are reached without the sale, as exact fractions; none where the plan does not ask.
    pub goals: Option<BTreeMap<String, String>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub user: Uuid,
    pub role: u8,
    pub base: i64,
}

const ROLES: [SplitRole; 5] =
    [SplitRole::Owner, SplitRole::Sdr, SplitRole::Se, SplitRole::Marketing, SplitRole::Overlay];

pub fn kept(left: &[Left]) -> Vec<Kept> {
    let place = |role| ROLES.iter().position(|one| *one == role).and_then(|at| u8::try_from(at).ok()).unwrap_or(0);
    left.iter().map(|one| Kept { user: one.user.uuid(), role: place(one.role), base: one.base }).collect()
}

pub fn goals_kept(goals: &BTreeMap<GoalId, Exact>) -> BTreeMap<String, String> {
    goals.iter().map(|(goal, value)| (goal.to_string(), written(*value))).collect()
}

impl Why {
    pub fn trigger(&self, deal: OpportunityId, at: DateTime<Utc>) -> Trigger {
        let left = self.left.iter().filter_map(|kept| {
            let role = *ROLES.get(usize::from(kept.role))?;
            Some(Left { user: UserId::from_uuid(kept.user), role, base: kept.base })
        });
        let goals = self
            .goals
            .as_ref()
            .map(|goals| goals.iter().filter_map(|(id, value)| Some((id.parse().ok()?, read(value)?))).collect());
        Trigger { at, deal, age: self.age, gone: self.gone, left: left.collect(), goals }
    }
}

/// What still counts of what happened, in the order in which it did: a sale that came back, whole or in part, was never lowered
/// below what it is now.
pub fn standing(mut happened: Vec<Trigger>) -> Vec<Trigger> {
    happened.sort_by_key(|one| (one.at, one.deal));
    let mut all: Vec<Trigger> = Vec::with_capacity(happened.len());
    for one in happened {
        for before in all.iter_mut().filter(|before| before.deal == one.deal && !one.gone) {
            lift(before, &one.left);
        }
        all.push(one);
    }
    all
}

fn lift(before: &mut Trigger, left: &[Left]) {
    if before.gone {
        (before.gone, before.left) = (false, left.to_vec());
    }
    for now in left {
        if let Some(then) = before.left.iter_mut().find(|then| (then.user, then.role) == (now.user, now.role)) {
            then.base = then.base.max(now.base);
        }
    }
}

/// Whether a sale stands as it stood when it last changed, or was credited.
pub fn same(credits: &[Credit], last: Option<&Trigger>, gone: bool, left: &[Left]) -> bool {
    let Some(last) = last else {
        let lowered = |credit: &Credit| {
            let now = left.iter().find(|left| (left.user, left.role) == (credit.user, credit.role));
            now.is_some_and(|now| now.base < credit.base)
        };
        return !gone && !credits.iter().any(lowered);
    };
    last.gone == gone && (gone || last.left == left)
}

/// The credited shares of a sale, of what it is worth now.
pub fn left(sources: &[&Source], now: i64) -> Vec<Left> {
    let share = |source: &&Source| {
        let percent = u32::try_from(source.percent_e2?).ok()?;
        Some(Share { role: role(source.role?), user: source.user_id, percent })
    };
    let credited: BTreeSet<Share> = sources.iter().filter_map(share).collect();
    let mut shares: Vec<Share> = credited.into_iter().collect();
    let counted = shares.len();
    let whole = shares.iter().filter(|share| share.role != SplitRole::Overlay).map(|share| share.percent).sum::<u32>();
    if whole < WHOLE {
        // whoever else has a share and is in no plan; last, so that a cent that is left over is not theirs
        let (role, user) = (SplitRole::Marketing, UserId::from_uuid(Uuid::max()));
        shares.push(Share { role, user, percent: WHOLE - whole });
    }
    let parts = split(now.max(0), &shares);
    let of = |(share, base): (&Share, i64)| Left { user: share.user, role: share.role, base };
    shares.iter().zip(parts).take(counted).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> UserId {
        UserId::from_uuid(Uuid::from_u128(1))
    }

    fn to(base: i64) -> Vec<Left> {
        vec![Left { user: user(), role: SplitRole::Owner, base }]
    }

    fn event(minute: u32, left: Option<i64>) -> Trigger {
        let at = format!("2026-11-01T00:{minute:02}:00Z").parse().unwrap();
        let deal = OpportunityId::from_uuid(Uuid::from_u128(7));
        Trigger { at, deal, age: 0, gone: left.is_none(), left: left.map(to).unwrap_or_default(), goals: None }
    }

    #[test]
    fn what_came_back_was_never_lowered() {
        let bases = |all: Vec<Trigger>| -> Vec<Option<i64>> {
            standing(all).iter().map(|one| (!one.gone).then(|| one.left[0].base)).collect()
        };
        assert_eq!(bases(vec![event(2, None), event(1, Some(50))]), [Some(50), None]);
        assert_eq!(bases(vec![event(1, None), event(2, Some(100))]), [Some(100), Some(100)]);
        assert_eq!(bases(vec![event(1, Some(50)), event(2, None), event(3, Some(80))]), [Some(80); 3]);
    }

    #[test]
    fn only_what_differs_from_before_counts() {
        let deal = OpportunityId::from_uuid(Uuid::from_u128(7));
        let credit = Credit { component: 0, user: user(), deal, role: SplitRole::Owner, base: 100 };
        assert!(same(&[credit], None, false, &to(100)) && same(&[credit], None, false, &to(120)));
        assert!(!same(&[credit], None, false, &to(99)) && !same(&[credit], None, true, &[]));
        // a sale that only a SPIFF was paid for is gone when it is, not when it is renamed
        assert!(same(&[], None, false, &[]) && !same(&[], None, true, &[]));
        let gone = event(1, None);
        assert!(same(&[credit], Some(&gone), true, &[]) && !same(&[credit], Some(&gone), false, &to(100)));
    }
}
