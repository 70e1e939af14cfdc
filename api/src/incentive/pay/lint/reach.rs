//! Components that pay nobody anything, and components that pay without end. Pure.

use super::{
    Ask, Finding, Kind, amount,
    bench::{Bench, Period, few, part},
    change::Change,
    found, money, percent, share,
};
use crate::{
    incentive::pay::plan::{Component, Participant, PoolShare, Rule},
    insight::metric::exact::Exact,
};

/// Twice the goal or quota: where a proposed cap begins.
const TWICE: i64 = 2;
/// Nobody is expected beyond three times the quota.
const FURTHEST: i64 = 3;

pub fn check(ask: &Ask) -> Vec<Finding> {
    let one = |(at, component): (usize, &Component)| {
        unreachable(ask, at, component).or_else(|| unlimited(ask, at, component))
    };
    ask.plan.components.iter().enumerate().filter_map(one).collect()
}

fn unreachable(ask: &Ask, at: usize, component: &Component) -> Option<Finding> {
    let key = &component.key;
    let none = |scenario: String, figures| Some(found(Kind::Unreachable, key, scenario, figures));
    if !ask.people.iter().any(|person| component.pays(person.side)) {
        return none(format!("{key} pays a side of which nobody is in the plan"), vec![]);
    }
    if let Rule::Pool { by, .. } = &component.rule {
        let weightless = |person: &Participant| !component.pays(person.side) || person.pool_weight == 0;
        let nobody = *by == PoolShare::Weight && ask.people.iter().all(weightless);
        return if nobody { none(format!("{key}: nobody has a weight in it"), vec![]) } else { None };
    }
    if let Some((best, threshold)) = never_reached(ask, component) {
        let scenario =
            format!("{key}: at best {} of the goal was reached, it pays from {} on", percent(best), percent(threshold));
        return none(scenario, vec![share("best", best), share("threshold", threshold)]);
    }
    if highest(ask, at, component, FURTHEST)? > 0 {
        return None;
    }
    none(format!("{key} pays nothing, however far anybody comes"), vec![amount("most", 0)])
}

/// How far its goal was reached at best, where that is below its threshold.
fn never_reached(ask: &Ask, component: &Component) -> Option<(Exact, Exact)> {
    let Rule::Goal { goal, curve, .. } = &component.rule else { return None };
    let best = ask.seen.get(goal).copied().filter(|best| !best.at_least(curve.threshold))?;
    Some((best, curve.threshold))
}

pub fn tried(ask: &Ask, finding: &Finding) -> Vec<Change> {
    let Some((at, component)) = super::component(ask, finding) else { return vec![] };
    let (most, cap) = (|most| Change::Most { component: at, most }, |cap| Change::Cap { component: at, cap });
    if finding.kind == Kind::Unlimited {
        let bonus = ask.people.iter().map(|person| person.target_bonus).max().unwrap_or(0);
        let change = match component.rule {
            Rule::Spiff { each, .. } => u32::try_from((bonus / 10 / each.max(1)).max(1)).ok().map(most),
            _ => highest(ask, at, component, TWICE).map(cap),
        };
        return change.into_iter().collect();
    }
    let mut free = ask.clone();
    free.plan.person_cap = None;
    free.plan.components[at].cap = None;
    let best = never_reached(ask, component).filter(|(best, _)| !best.is_negative());
    let lower = best.map(|(threshold, _)| Change::Threshold { component: at, threshold });
    let raised = component.cap.and_then(|_| highest(&free, at, component, TWICE)).filter(|most| *most > 0).map(cap);
    lower.into_iter().chain(raised).chain([Change::Drop { component: at }]).collect()
}

/// The most that the component pays one person at a multiple of quota and goals; none where a number is too large.
fn highest(ask: &Ask, at: usize, component: &Component, times: i64) -> Option<i64> {
    let bench = Bench::new(&ask.plan);
    let many = Exact::whole(times);
    let mut highest = None;
    for person in few(ask).into_iter().filter(|person| component.pays(person.side)) {
        let base = person.quota.and_then(|quota| part(quota, many)).unwrap_or(0);
        let mut period = Period::credited(at, base);
        period.events.insert(at, 1);
        period.named = super::bench::goals(&ask.plan, many);
        highest = highest.max(bench.pay(person, &period, Some(at)));
    }
    highest
}

fn unlimited(ask: &Ask, at: usize, component: &Component) -> Option<Finding> {
    let endless = match &component.rule {
        Rule::Marginal { tiers, .. } | Rule::Retroactive { tiers, .. } => {
            tiers.last().is_some_and(|tier| tier.rate.is_positive())
        }
        Rule::Goal { curve, .. } => curve.cap.is_none() && curve.accelerator.is_positive(),
        Rule::Spiff { most, .. } => most.is_none(),
        Rule::Pool { .. } => false,
    };
    let capped = component.cap.or(ask.plan.person_cap).or(ask.plan.plan_cap).is_some();
    if !endless || capped {
        return None;
    }
    let key = &component.key;
    if let Rule::Spiff { each, .. } = component.rule {
        let scenario = format!("{key} pays {} for each event, however many there are", money(&ask.plan, each));
        return Some(found(Kind::Unlimited, key, scenario, vec![amount("each", each)]));
    }
    let twice = highest(ask, at, component, TWICE)?;
    let scenario =
        format!("{key} has no end: twice the quota or goal pays {}, more pays more", money(&ask.plan, twice));
    Some(found(Kind::Unlimited, key, scenario, vec![amount("payAtTwice", twice)]))
}
