//! A cent that decides over much. Pure.

use super::{
    Ask, Finding, Kind, amount,
    bench::{Bench, Period, few, part},
    change::Change,
    found, money, percent, share,
};
use crate::{
    incentive::pay::plan::{Component, Rule, Tier},
    insight::metric::exact::Exact,
};

pub fn check(ask: &Ask) -> Vec<Finding> {
    let one = |(at, component): (usize, &Component)| match &component.rule {
        Rule::Retroactive { tiers, .. } => tier_cliff(ask, at, component, tiers),
        Rule::Goal { curve, .. } => {
            let half = Exact::over(1, 2)?;
            let steep = !half.at_least(curve.threshold_pay) && curve.threshold.is_positive();
            steep.then(|| threshold_cliff(component, curve.threshold, curve.threshold_pay))
        }
        _ => None,
    };
    ask.plan.components.iter().enumerate().filter_map(one).collect()
}

/// The largest jump at the start of a tier.
fn tier_cliff(ask: &Ask, at: usize, component: &Component, tiers: &[Tier]) -> Option<Finding> {
    let bench = Bench::new(&ask.plan);
    let mut worst: Option<(i64, i64, i64)> = None;
    for person in few(ask).into_iter().filter(|person| component.pays(person.side)) {
        for tier in tiers.iter().skip(1) {
            let Some(down) = person.quota.and_then(|quota| part(quota, tier.from)) else { continue };
            // the first amount in the tier, where a quota does not divide
            let exact = person.quota.and_then(|quota| Exact::whole(quota).times(tier.from));
            let edge = if exact == Some(Exact::whole(down)) { down } else { down + 1 };
            let pay = |base: i64| bench.pay(person, &Period::credited(at, base), Some(at));
            let (Some(below), Some(above)) = (pay(edge - 1), pay(edge)) else { continue };
            let material = i128::from((above - below).abs()) * 100 > i128::from(above.max(below));
            if material && worst.is_none_or(|worst| (above - below).abs() > (worst.2 - worst.1).abs()) {
                worst = Some((edge, below, above));
            }
        }
    }
    let (edge, below, above) = worst?;
    let scenario = format!(
        "{}: {} credited pays {}, {} pays {}",
        component.key,
        money(&ask.plan, edge - 1),
        money(&ask.plan, below),
        money(&ask.plan, edge),
        money(&ask.plan, above),
    );
    let figures = vec![
        amount("below", edge - 1),
        amount("payBelow", below),
        amount("at", edge),
        amount("payAt", above),
        amount("jump", above - below),
    ];
    Some(found(Kind::Cliff, &component.key, scenario, figures))
}

/// More than half of the bonus hangs on the last step to the threshold.
fn threshold_cliff(component: &Component, threshold: Exact, pay: Exact) -> Finding {
    let scenario = format!(
        "{}: just below {} of the goal pays nothing, there it pays {} of the bonus",
        component.key,
        percent(threshold),
        percent(pay),
    );
    let figures = vec![share("threshold", threshold), share("thresholdPay", pay)];
    found(Kind::Cliff, &component.key, scenario, figures)
}

pub fn tried(ask: &Ask, finding: &Finding) -> Vec<Change> {
    let Some((component, part)) = super::component(ask, finding) else { return vec![] };
    match part.rule {
        Rule::Goal { .. } => Exact::over(1, 2).map(|pay| Change::ThresholdPay { component, pay }).into_iter().collect(),
        _ => vec![Change::Marginal { component }],
    }
}
