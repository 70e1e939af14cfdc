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
        Trigger { at, deal, age: self.age, left: left.collect(), goals }
    }
}

/// The credited shares of a sale, of what it is worth now; none of what is not worth anything any more.
pub fn left(sources: &[&Source], now: i64) -> Vec<Left> {
    if now <= 0 {
        return vec![];
    }
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
    let parts = split(now, &shares);
    let of = |(share, base): (&Share, i64)| Left { user: share.user, role: share.role, base };
    shares.iter().zip(parts).take(counted).map(of).collect()
}
