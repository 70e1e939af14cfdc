//! What each component pays each person, before anything is capped. Pure.

use std::collections::BTreeMap;

use entity::{id::GoalId, money::split_largest_remainder};

use super::{
    curve::{marginal, reached},
    input::Inputs,
    plan::{Component, Gate, Participant, Plan, PoolShare, Rule, Tier, WHOLE},
    result::{Because, Line, LineKind, PayError},
};
use crate::insight::metric::exact::Exact;

type Result<T> = std::result::Result<T, PayError>;

/// The lines of a component, one for each person whom it pays, none for the others; in the participants' order.
pub fn lines(plan: &Plan, at: usize, people: &[&Participant], inputs: &Inputs) -> Result<Vec<Option<Line>>> {
    let Some(component) = plan.components.get(at) else { return Ok(vec![]) };
    let open = passed(&plan.gates, &inputs.goals)? && passed(&component.gates, &inputs.goals)?;
    let mut pool = shares(plan, at, people, inputs)?.into_iter();
    let one = |person: &&Participant| {
        if !component.pays(person.side) {
            return Ok(None);
        }
        let share = pool.next();
        let mut line = line(plan, at, component, person, inputs, share)?;
        if !open {
            line.forfeited = line.uncapped;
            line.amount = 0;
            line.because = Some(Because::Gate);
        }
        Ok(Some(line))
    };
    people.iter().map(one).collect()
}

fn passed(gates: &[Gate], goals: &BTreeMap<GoalId, Exact>) -> Result<bool> {
    let mut all = true;
    for gate in gates {
        all &= goal(gate.goal, goals)?.at_least(gate.threshold);
    }
    Ok(all)
}

fn goal(id: GoalId, goals: &BTreeMap<GoalId, Exact>) -> Result<Exact> {
    goals.get(&id).copied().ok_or(PayError::GoalMissing(id))
}

/// What low data health leaves of somebody's pay.
fn health(plan: &Plan, person: &Participant, inputs: &Inputs) -> Option<Exact> {
    let rules = plan.health.iter().zip(&inputs.health);
    let low = rules.filter(|(rule, health)| {
        rule.side.is_none_or(|side| side == person.side) && health.is_some_and(|health| !health.at_least(rule.floor))
    });
    low.map(|(rule, _)| rule.factor).try_fold(Exact::whole(1), Exact::times)
}

fn line(
    plan: &Plan,
    at: usize,
    part: &Component,
    who: &Participant,
    inputs: &Inputs,
    share: Option<i64>,
) -> Result<Line> {
    let health = health(plan, who, inputs).ok_or(PayError::TooLarge)?;
    let base = inputs.sums.base.get(&(who.user, at)).copied().unwrap_or(0);
    let mut line = match &part.rule {
        Rule::Goal { goal: id, weight, curve } => {
            let attainment = goal(*id, &inputs.goals)?;
            let exact = goal_pay(plan, who, *weight).zip(curve.factor(attainment)).ok_or(PayError::TooLarge)?;
            let line = paid(LineKind::GoalAttainment, exact.0, exact.1.times(health))?;
            Line { attainment: Some(attainment), ..line }
        }
        Rule::Marginal { tiers, .. } => {
            let (quota, attainment) = quota(plan, who, base)?;
            let base = Exact::over(base, 1).ok_or(PayError::TooLarge)?;
            let pay = marginal(tiers, quota, base).ok_or(PayError::TooLarge)?;
            let factor = if base.is_positive() { pay.by(base) } else { Some(Exact::ZERO) };
            let line = paid(LineKind::CommissionMarginal, base, factor.and_then(|factor| factor.times(health)))?;
            Line { attainment: Some(attainment), ..line }
        }
        Rule::Retroactive { tiers, .. } => {
            let (_, attainment) = quota(plan, who, base)?;
            let base = Exact::over(base, 1).ok_or(PayError::TooLarge)?;
            let line = paid(LineKind::CommissionRetroactive, base, rate(tiers, attainment, base).times(health))?;
            Line { attainment: Some(attainment), ..line }
        }
        Rule::Spiff { each, most } => {
            let events = inputs.sums.events.get(&(who.user, at)).copied().unwrap_or(0);
            let count = most.map_or(events, |most| events.min(most.into()));
            let basis = Exact::over(i128::from(*each) * i128::from(count), 1).ok_or(PayError::TooLarge)?;
            Line { count: Some(count), ..paid(LineKind::Spiff, basis, Some(health))? }
        }
        Rule::Pool { .. } => paid(LineKind::Pool, Exact::whole(share.unwrap_or(0)), Some(health))?,
    };
    line.component = Some(at);
    Ok(line)
}

/// The whole amount earns the rate of the tier that was reached; less than nothing earns nothing.
fn rate(tiers: &[Tier], attainment: Exact, base: Exact) -> Exact {
    if base.is_positive() { reached(tiers, attainment) } else { Exact::ZERO }
}

/// A goal's share of the target bonus for somebody's days.
fn goal_pay(plan: &Plan, who: &Participant, weight: u32) -> Option<Exact> {
    let (days, period) = who.days(plan);
    let share = Exact::over(weight.into(), WHOLE.into())?.times(Exact::over(days.into(), period.into())?)?;
    Exact::whole(who.target_bonus).times(share)
}

/// The quota for somebody's days, and how far a credited amount reaches in it.
fn quota(plan: &Plan, who: &Participant, base: i128) -> Result<(Exact, Exact)> {
    let whole = who.quota.filter(|quota| *quota > 0).ok_or(PayError::NoQuota(who.user))?;
    let (days, period) = who.days(plan);
    let quota = Exact::over(i128::from(whole) * i128::from(days), period.into()).ok_or(PayError::TooLarge)?;
    if !quota.is_positive() {
        return Err(PayError::NoQuota(who.user));
    }
    let attainment = Exact::over(base, 1).and_then(|base| base.by(quota)).ok_or(PayError::TooLarge)?;
    Ok((quota, attainment))
}

/// A line that pays a basis times a factor, rounded here and nowhere else.
fn paid(kind: LineKind, basis: Exact, factor: Option<Exact>) -> Result<Line> {
    let factor = factor.ok_or(PayError::TooLarge)?;
    let minor = |exact: Option<Exact>| -> Result<i64> {
        exact.and_then(|exact| exact.scaled(0)).and_then(|minor| i64::try_from(minor).ok()).ok_or(PayError::TooLarge)
    };
    let amount = minor(basis.times(factor))?;
    Ok(Line { basis: Some(minor(Some(basis))?), factor: Some(factor), ..Line::new(kind, amount) })
}

/// What each of a pool's people gets of it, to the last cent; nothing where nobody has a weight.
fn shares(plan: &Plan, at: usize, people: &[&Participant], inputs: &Inputs) -> Result<Vec<i64>> {
    let Some(Component { rule: Rule::Pool { amount, by }, .. }) = plan.components.get(at) else { return Ok(vec![]) };
    let weight = |person: &&&Participant| -> Result<u128> {
        let weight = match by {
            PoolShare::Weight => i128::from(person.pool_weight) * i128::from(person.days(plan).0),
            PoolShare::Credit(_) => inputs.sums.base.get(&(person.user, at)).copied().unwrap_or(0).max(0),
        };
        u128::try_from(weight).ok().filter(|weight| *weight < 1 << 100).ok_or(PayError::TooLarge)
    };
    let all = people.iter().filter(|person| plan.components[at].pays(person.side));
    let weights = all.map(|person| weight(&person)).collect::<Result<Vec<_>>>()?;
    if weights.iter().all(|weight| *weight == 0) {
        return Ok(vec![0; weights.len()]);
    }
    Ok(split_largest_remainder(*amount, &weights))
}
