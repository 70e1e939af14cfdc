//! What is wrong with a plan or with somebody's terms. Pure.

use super::plan::{Clawback, Component, Curve, Gate, Participant, Plan, Rule, Tier, WHOLE};
use crate::{
    error::{Fault, FaultCode},
    insight::metric::exact::Exact,
};
use entity::{money::MOST_MINOR, user::Side};

fn fault(field: &str, message: impl Into<String>) -> Fault {
    Fault::new(FaultCode::Validation, field, message)
}

fn one() -> Exact {
    Exact::whole(1)
}

/// Tiers of a component.
const MOST_TIERS: usize = 20;

/// 0 to the largest amount that is taken.
fn amount(minor: i64) -> bool {
    u64::try_from(minor).is_ok_and(|minor| minor <= MOST_MINOR)
}

/// What is wrong with a plan; paths are fields of its body: `components.0.tiers.1.from`, `gates.0.threshold`.
pub fn plan(plan: &Plan) -> Vec<Fault> {
    let mut faults = Vec::new();
    if plan.end <= plan.start {
        faults.push(fault("periodEnd", "this must be after periodStart"));
    }
    if plan.components.is_empty() {
        faults.push(fault("components", "give at least one"));
    }
    for (at, component) in plan.components.iter().enumerate() {
        let twice = plan.components[..at].iter().any(|other| other.key == component.key);
        let mut own = check_component(component);
        if component.key.is_empty() || twice {
            own.push(fault("key", "give each component a key of its own"));
        }
        faults.extend(own.into_iter().map(|fault| fault.under(at.to_string()).under("components")));
    }
    faults.extend(weights(plan));
    faults.extend(gates(&plan.gates));
    for (at, rule) in plan.health.iter().enumerate() {
        for (field, value) in [("floor", rule.floor), ("factor", rule.factor)] {
            if !share(value) {
                faults.push(fault(field, "this must be 0 to 1").under(at.to_string()).under("dataHealth"));
            }
        }
    }
    for (field, cap) in [("planCap", plan.plan_cap), ("personCap", plan.person_cap)] {
        if cap.is_some_and(|cap| !amount(cap)) {
            faults.push(fault(field, "this must be 0 or more"));
        }
    }
    faults.extend(clawback(&plan.clawback).into_iter().map(|fault| fault.under("clawback")));
    faults
}

fn share(value: Exact) -> bool {
    value.at_least(Exact::ZERO) && one().at_least(value)
}

fn clawback(clawback: &Clawback) -> Vec<Fault> {
    let mut faults = Vec::new();
    if clawback.none_days <= clawback.full_days {
        faults.push(fault("noneDays", "this must be more than fullDays"));
    }
    if clawback.most_deducted > WHOLE {
        faults.push(fault("mostDeducted", "this must be at most 100 %"));
    }
    faults
}

/// Goals' weights are a whole for each side that has any.
fn weights(plan: &Plan) -> Vec<Fault> {
    let sum = |side: Side| -> Option<u64> {
        let of_side = plan.components.iter().filter(|component| component.pays(side));
        let weights = of_side.filter_map(|component| match component.rule {
            Rule::Goal { weight, .. } => Some(u64::from(weight)),
            _ => None,
        });
        weights.reduce(|sum, weight| sum + weight)
    };
    let wrong = [("marketing", Side::Marketing), ("sales", Side::Sales)]
        .into_iter()
        .filter(|(_, side)| sum(*side).is_some_and(|sum| sum != u64::from(WHOLE)));
    wrong.map(|(word, _)| fault("components", format!("the weights of {word}'s goals must sum to 100.00"))).collect()
}

fn gates(gates: &[Gate]) -> Vec<Fault> {
    let wrong = gates.iter().enumerate().filter(|(_, gate)| !below_one(gate.threshold));
    let said = |at: usize| fault("threshold", "this must be 0 to less than 1").under(at.to_string()).under("gates");
    wrong.map(|(at, _)| said(at)).collect()
}

fn below_one(value: Exact) -> bool {
    value.at_least(Exact::ZERO) && !value.at_least(one())
}

fn check_component(component: &Component) -> Vec<Fault> {
    let mut faults = gates(&component.gates);
    if component.cap.is_some_and(|cap| !amount(cap)) {
        faults.push(fault("cap", "this must be 0 or more"));
    }
    match &component.rule {
        Rule::Goal { weight, curve, .. } => {
            if !(1..=WHOLE).contains(weight) {
                faults.push(fault("weight", "this must be more than 0 and at most 100.00"));
            }
            faults.extend(check_curve(curve).into_iter().map(|fault| fault.under("curve")));
        }
        Rule::Marginal { roles, tiers } | Rule::Retroactive { roles, tiers } => {
            if roles.is_empty() {
                faults.push(fault("roles", "give at least one"));
            }
            faults.extend(check_tiers(tiers));
        }
        Rule::Spiff { each, most } => {
            if !amount(*each) || *each == 0 {
                faults.push(fault("each", "this must be more than 0"));
            }
            if *most == Some(0) {
                faults.push(fault("most", "this must be at least 1"));
            }
        }
        Rule::Pool { amount: total, .. } => {
            if !amount(*total) || *total == 0 {
                faults.push(fault("amount", "this must be more than 0"));
            }
        }
    }
    faults
}

fn check_curve(curve: &Curve) -> Vec<Fault> {
    let rules = [
        ("threshold", below_one(curve.threshold), "this must be 0 to less than 1"),
        ("thresholdPay", share(curve.threshold_pay), "this must be 0 to 1"),
        ("accelerator", curve.accelerator.at_least(Exact::ZERO), "this must be 0 or more"),
        ("cap", curve.cap.is_none_or(|cap| cap.at_least(one())), "this must be 1 or more"),
    ];
    rules.into_iter().filter(|(_, right, _)| !right).map(|(field, _, message)| fault(field, message)).collect()
}

/// Half-open, from 0, each where the last one ended, the last without an end.
pub fn check_tiers(tiers: &[Tier]) -> Vec<Fault> {
    if tiers.is_empty() || tiers.len() > MOST_TIERS {
        return vec![fault("tiers", format!("give 1 to {MOST_TIERS}"))];
    }
    let mut faults = Vec::new();
    let mut wrong = |at: usize, field: &str, message: &str| {
        faults.push(fault(field, message).under(at.to_string()).under("tiers"));
    };
    for (at, tier) in tiers.iter().enumerate() {
        let before = if at == 0 { Some(Exact::ZERO) } else { tiers[at - 1].to };
        match before {
            Some(end) if tier.from == end => {}
            Some(_) if at == 0 => wrong(at, "from", "the first tier begins at 0"),
            Some(end) if tier.from.at_least(end) => wrong(at, "from", "there is a gap before it"),
            Some(_) => wrong(at, "from", "it overlaps the one before it"),
            None => wrong(at - 1, "to", "only the last tier has no end"),
        }
        if tier.to.is_some_and(|to| tier.from.at_least(to)) {
            wrong(at, "to", "this must be more than from");
        }
        if at + 1 == tiers.len() && tier.to.is_some() {
            wrong(at, "to", "the last tier has no end");
        }
        if !share(tier.rate) {
            wrong(at, "rate", "this must be 0 to 1");
        }
    }
    faults
}

/// What is wrong with somebody's terms in a plan.
pub fn participant(plan: &Plan, person: &Participant) -> Vec<Fault> {
    let mut faults = Vec::new();
    let commission = |component: &Component| {
        let tiers = matches!(component.rule, Rule::Marginal { .. } | Rule::Retroactive { .. });
        tiers && component.pays(person.side)
    };
    if person.quota.map_or_else(|| plan.components.iter().any(commission), |quota| quota <= 0 || !amount(quota)) {
        faults.push(fault("quota", "this must be more than 0, and given where a commission is paid"));
    }
    let draw = person.draw.map(|draw| draw.amount);
    let amounts = [("targetBonus", Some(person.target_bonus)), ("guarantee", person.guarantee), ("draw", draw)];
    let wrong = amounts.into_iter().filter(|(_, minor)| minor.is_some_and(|minor| !amount(minor)));
    faults.extend(wrong.map(|(field, _)| fault(field, "this must be 0 or more")));
    let (days, _) = person.days(plan);
    if days == 0 {
        faults.push(fault("until", "not a day of the plan's period lies between from and until"));
    }
    faults
}
