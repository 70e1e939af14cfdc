//! One person's pay in a made-up period. Pure.

use std::collections::BTreeMap;

use entity::{
    id::{GoalId, RowId, UserId},
    money::Currency,
    user::Side,
};
use uuid::Uuid;

use super::Ask;
use crate::{
    incentive::pay::{
        calculate::earned,
        input::Inputs,
        plan::{Participant, Plan, Rule},
        settle,
    },
    insight::metric::exact::Exact,
};

/// A made-up period; every goal is reached by `goals` but those that are named.
#[derive(Clone, Debug, Default)]
pub struct Period {
    pub bases: BTreeMap<usize, i64>,
    pub events: BTreeMap<usize, u64>,
    pub named: BTreeMap<GoalId, Exact>,
}

impl Period {
    pub fn credited(component: usize, base: i64) -> Self {
        Self { bases: [(component, base)].into_iter().collect(), ..Self::default() }
    }
}

/// A plan without what others decide over: its cap and its pools.
#[derive(Clone, Debug)]
pub struct Bench(Plan);

impl Bench {
    pub fn new(plan: &Plan) -> Self {
        let mut plan = Plan { plan_cap: None, ..plan.clone() };
        for component in &mut plan.components {
            if let Rule::Pool { amount, .. } = &mut component.rule {
                *amount = 0;
            }
        }
        Self(plan)
    }

    /// What a person earns, of one component alone if it is named; none where a number is too large.
    pub fn pay(&self, person: &Participant, period: &Period, only: Option<usize>) -> Option<i64> {
        let person = Participant { guarantee: None, draw: None, from: None, until: None, ..person.clone() };
        let mut inputs = Inputs { goals: goals(&self.0, Exact::whole(1)), ..Inputs::default() };
        inputs.goals.extend(&period.named);
        let base = period.bases.iter().map(|(at, base)| ((person.user, *at), i128::from(*base)));
        inputs.sums.base = base.collect();
        inputs.sums.events = period.events.iter().map(|(at, events)| ((person.user, *at), *events)).collect();
        inputs.participants = vec![person];
        let (_, mut lines) = earned(&self.0, &inputs).ok()?.pop()?;
        if only.is_some() {
            lines.retain(|line| line.component == only);
        }
        settle::sum(&lines).ok()
    }
}

pub fn goals(plan: &Plan, attainment: Exact) -> BTreeMap<GoalId, Exact> {
    plan.goals().into_iter().map(|goal| (goal, attainment)).collect()
}

/// A part of a quota in minor units, cut down to whole ones.
pub fn part(quota: i64, share: Exact) -> Option<i64> {
    let exact = Exact::whole(quota).times(share)?;
    i64::try_from(exact.num().div_euclid(exact.den())).ok()
}

/// At most three of each side: those with the least, a middling and the largest quota and bonus.
pub fn few(ask: &Ask) -> Vec<&Participant> {
    let of = |side: Side| {
        let mut all: Vec<_> = ask.people.iter().filter(|person| person.side == side).collect();
        all.sort_by_key(|person| (person.quota, person.target_bonus, person.user));
        let mut places = vec![0, all.len() / 2, all.len().saturating_sub(1)];
        places.dedup();
        places.into_iter().filter_map(|at| all.get(at).copied()).collect::<Vec<_>>()
    };
    [of(Side::Marketing), of(Side::Sales)].concat()
}

/// One made-up person of each side, with a target bonus of 20,000 and a quota of 500,000.
pub fn people(currency: Currency) -> Vec<Participant> {
    let unit = 10_i64.pow(currency.exponent());
    let one = |(number, side)| Participant {
        user: UserId::from_uuid(Uuid::from_u128(number)),
        side,
        target_bonus: 20_000 * unit,
        quota: Some(500_000 * unit),
        from: None,
        until: None,
        guarantee: None,
        draw: None,
        pool_weight: 1,
    };
    [(1, Side::Marketing), (2, Side::Sales)].into_iter().map(one).collect()
}
