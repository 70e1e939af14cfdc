//! What is left of the credited shares of a sale that was lowered, what is more of one that was raised or won late, and what is
//! kept of why something was taken back or paid. Pure.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::{
    id::{GoalId, OpportunityId, RowId, UserId},
    incentive_source::{ActiveModel, Model as Source, SourceKind},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::rest::{self, ROLES, place};
use crate::{
    incentive::{
        pay::{
            clawback::{Left, Trigger, anew},
            input::{Credit, Event},
            plan::{Plan, SplitRole, WHOLE},
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
    /// What is credited beyond what was before.
    #[serde(default)]
    pub added: Vec<Added>,
    /// When the sale was won, as it was known then.
    #[serde(default)]
    pub closed_at: Option<DateTime<Utc>>,
}

/// A share of a sale that was credited late: of one that was won late, or what a raised one is more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    /// The key of the plan's component.
    pub component: String,
    pub user: Uuid,
    /// None of what a SPIFF pays for.
    pub role: Option<u8>,
    /// Hundredths of a percent.
    pub percent: u32,
    pub base: i64,
    /// The shares of the sale that are credited to nobody, as sources keep them.
    #[serde(default)]
    pub rest: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub user: Uuid,
    pub role: u8,
    pub base: i64,
}

pub fn kept(left: &[Left]) -> Vec<Kept> {
    left.iter().map(|one| Kept { user: one.user.uuid(), role: place(one.role), base: one.base }).collect()
}

pub fn goals_kept(goals: &BTreeMap<GoalId, Exact>) -> BTreeMap<String, String> {
    goals.iter().map(|(goal, value)| (goal.to_string(), written(*value))).collect()
}

impl Why {
    pub fn trigger(&self, plan: &Plan, deal: OpportunityId, at: DateTime<Utc>) -> Trigger {
        let left = self.left.iter().filter_map(|kept| {
            let role = *ROLES.get(usize::from(kept.role))?;
            Some(Left { user: UserId::from_uuid(kept.user), role, base: kept.base })
        });
        let goals = self
            .goals
            .as_ref()
            .map(|goals| goals.iter().filter_map(|(id, value)| Some((id.parse().ok()?, read(value)?))).collect());
        let (added, won) = credited(plan, deal, self.closed_at.unwrap_or(at), &self.added);
        Trigger { at, deal, age: self.age, gone: self.gone, left: left.collect(), goals, added, won }
    }
}

/// What was credited late, as it is reckoned with.
pub fn credited(plan: &Plan, deal: OpportunityId, at: DateTime<Utc>, added: &[Added]) -> (Vec<Credit>, Vec<Event>) {
    let (mut credits, mut won) = (vec![], vec![]);
    for one in added {
        let Some(component) = plan.components.iter().position(|part| part.key == one.component) else { continue };
        let user = UserId::from_uuid(one.user);
        match one.role.and_then(|role| ROLES.get(usize::from(role))) {
            Some(role) => credits.push(Credit { component, user, deal, role: *role, base: one.base }),
            None => won.push(Event { user, component, at, record: deal.uuid(), deal: Some(deal) }),
        }
    }
    (credits, won)
}

/// What the run would have credited of a sale that it did not know, as far as it is reckoned anew.
pub fn late(plan: &Plan, sources: &[ActiveModel], deal: OpportunityId) -> Vec<Added> {
    let one = |source: &ActiveModel| -> Option<Added> {
        let component = source.component.try_as_ref()?;
        let at = plan.components.iter().position(|part| part.key == *component)?;
        let user = source.user_id.try_as_ref()?.uuid();
        if *source.kind.try_as_ref()? == SourceKind::Event {
            return Some(Added { component: component.clone(), user, role: None, percent: 0, base: 0, rest: None });
        }
        let said = source.role.try_as_ref().copied().flatten().filter(|_| anew(plan, at))?;
        let percent = source.percent_e2.try_as_ref().copied().flatten()?;
        let base = source.base_minor.try_as_ref().copied().flatten()?;
        let (role, percent) = (Some(place(role(said))), u32::try_from(percent).ok()?);
        let rest = source.rest.try_as_ref().cloned().flatten();
        Some(Added { component: component.clone(), user, role, percent, base, rest })
    };
    let own = sources.iter().filter(|source| source.opportunity_id.try_as_ref().copied().flatten() == Some(deal));
    own.filter_map(one).collect()
}

/// What a raised sale is credited with beyond what it was.
pub fn raised(plan: &Plan, credits: &[Credit], left: &[Left], shares: &BTreeSet<Share>) -> Vec<Added> {
    let more = |credit: &Credit| -> Option<Added> {
        let now = left.iter().find(|left| (left.user, left.role) == (credit.user, credit.role))?;
        let share = shares.iter().find(|share| (share.user, share.role) == (credit.user, credit.role))?;
        let base = now.base.checked_sub(credit.base).filter(|more| *more > 0 && anew(plan, credit.component))?;
        let component = plan.components.get(credit.component)?.key.clone();
        let (user, role) = (credit.user.uuid(), Some(place(credit.role)));
        Some(Added { component, user, role, percent: share.percent, base, rest: None })
    };
    credits.iter().filter_map(more).collect()
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
        let differs = |credit: &Credit| {
            let now = left.iter().find(|left| (left.user, left.role) == (credit.user, credit.role));
            now.is_some_and(|now| now.base != credit.base)
        };
        return !gone && !credits.iter().any(differs);
    };
    last.gone == gone && (gone || last.left == left)
}

/// The shares by which a sale was credited: when the run was calculated, or late.
pub fn shares(sources: &[&Source], added: &[Added]) -> BTreeSet<Share> {
    let share = |source: &&Source| {
        let percent = u32::try_from(source.percent_e2?).ok()?;
        Some(Share { role: role(source.role?), user: source.user_id, percent })
    };
    let late = |one: &Added| {
        let role = *ROLES.get(usize::from(one.role?))?;
        Some(Share { role, user: UserId::from_uuid(one.user), percent: one.percent })
    };
    sources.iter().filter_map(share).chain(added.iter().filter_map(late)).collect()
}

/// The shares that a sale has beside those: they take part in splitting it.
fn others(sources: &[&Source], added: &[Added]) -> BTreeSet<Share> {
    let said = sources.iter().filter_map(|source| source.rest.as_deref());
    said.chain(added.iter().filter_map(|one| one.rest.as_deref())).flat_map(rest::read).collect()
}

/// The credited shares of a sale, of what it is worth now: what they were where it is worth what it was.
pub fn left(sources: &[&Source], added: &[Added], now: i64) -> Vec<Left> {
    let as_it_was = |source: &&Source| {
        let (user, role, base) = (source.user_id, role(source.role?), source.base_minor?);
        Some(Left { user, role, base })
    };
    let deals = || sources.iter().filter(|source| source.kind == SourceKind::Deal);
    if added.is_empty() && deals().next().is_some() && deals().all(|source| source.amount_minor == Some(now)) {
        let mut all: Vec<Left> = deals().filter_map(as_it_was).collect();
        all.sort_by_key(|left| (left.role, left.user));
        all.dedup();
        return all;
    }
    let credited = shares(sources, added);
    let mut shares: Vec<Share> = credited.iter().copied().collect();
    let counted = shares.len();
    shares.extend(others(sources, added).difference(&credited));
    let whole = shares.iter().filter(|share| share.role != SplitRole::Overlay).map(|share| share.percent).sum::<u32>();
    if whole < WHOLE {
        // runs of earlier versions do not say who; last, so that a cent that is left over is not theirs
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
        let (gone, left) = (left.is_none(), left.map(to).unwrap_or_default());
        Trigger { at, deal, age: 0, gone, left, goals: None, added: vec![], won: vec![] }
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

    /// 70, 20 and 10 percent of 90,000.02, of which the owner's share alone is credited.
    fn source() -> Source {
        let share =
            |number: u128, role, percent| Share { role, user: UserId::from_uuid(Uuid::from_u128(number)), percent };
        let rest = rest::written(&[share(2, SplitRole::Sdr, 2_000), share(3, SplitRole::Marketing, 1_000)]);
        Source {
            id: RowId::from_uuid(Uuid::nil()),
            organization_id: RowId::from_uuid(Uuid::nil()),
            created_at: DateTime::UNIX_EPOCH,
            created_by: None,
            updated_at: DateTime::UNIX_EPOCH,
            updated_by: None,
            version: 1,
            deleted_at: None,
            run_id: RowId::from_uuid(Uuid::nil()),
            revision: 1,
            position: 0,
            statement_line_id: RowId::from_uuid(Uuid::nil()),
            user_id: user(),
            component: "AE".into(),
            kind: SourceKind::Deal,
            record_type: "opportunity".into(),
            record_id: Uuid::nil(),
            opportunity_id: None,
            role: Some(entity::opportunity_split::SplitRole::Owner),
            percent_e2: Some(7_000),
            rest,
            amount_minor: Some(9_000_002),
            base_minor: Some(6_300_002),
            currency: "EUR".parse().unwrap(),
            happened_at: DateTime::UNIX_EPOCH,
            attained: None,
        }
    }

    #[test]
    fn a_share_of_an_amount_is_the_same_to_the_cent_as_when_it_was_credited() {
        let of = |source: &Source, now: i64| left(&[source], &[], now)[0].base;
        let whole = |now: i64| {
            let share =
                |number: u128, role, percent| Share { role, user: UserId::from_uuid(Uuid::from_u128(number)), percent };
            let all = [
                share(1, SplitRole::Owner, 7_000),
                share(2, SplitRole::Sdr, 2_000),
                share(3, SplitRole::Marketing, 1_000),
            ];
            split(now, &all)[0]
        };
        for now in 8_999_990..9_000_020 {
            assert_eq!(of(&source(), now), whole(now), "{now}");
        }
        let old = Source { rest: None, ..source() };
        assert_eq!(of(&old, 9_000_002), 6_300_002, "whatever the others had, it is worth what it was");
    }

    #[test]
    fn only_what_differs_from_before_counts() {
        let deal = OpportunityId::from_uuid(Uuid::from_u128(7));
        let credit = Credit { component: 0, user: user(), deal, role: SplitRole::Owner, base: 100 };
        assert!(same(&[credit], None, false, &to(100)) && !same(&[credit], None, false, &to(120)));
        assert!(!same(&[credit], None, false, &to(99)) && !same(&[credit], None, true, &[]));
        // a sale that only a SPIFF was paid for is gone when it is, not when it is renamed
        assert!(same(&[], None, false, &[]) && !same(&[], None, true, &[]));
        let gone = event(1, None);
        assert!(same(&[credit], Some(&gone), true, &[]) && !same(&[credit], Some(&gone), false, &to(100)));
    }
}
