//! A SPIFF that pulls elsewhere than the plan. Pure.

use std::collections::BTreeSet;

use super::{Ask, Figure, Finding, Kind, Value, amount, change::Change, found, money};
use crate::{
    incentive::pay::plan::{Component, Gate, Rule},
    insight::metric::exact::Exact,
};

pub fn check(ask: &Ask) -> Vec<Finding> {
    let mut axes: BTreeSet<&str> =
        ask.plan.goals().iter().filter_map(|goal| Some(ask.axes.goals.get(goal)?.as_str())).collect();
    let commission = |part: &Component| matches!(part.rule, Rule::Marginal { .. } | Rule::Retroactive { .. });
    if ask.plan.components.iter().any(commission) && !ask.axes.commission.is_empty() {
        axes.insert(&ask.axes.commission);
    }
    ask.plan.components.iter().filter_map(|component| off(ask, &axes, component)).collect()
}

fn off(ask: &Ask, axes: &BTreeSet<&str>, component: &Component) -> Option<Finding> {
    let Rule::Spiff { each, most } = component.rule else { return None };
    let rewarded = ask.axes.spiffs.get(&component.key)?;
    if axes.contains(rewarded.as_str()) || !component.gates.is_empty() {
        return None;
    }
    let all: Vec<&str> = axes.iter().copied().collect();
    let measured = if all.is_empty() { "nothing else".to_owned() } else { all.join(", ") };
    let scenario = format!(
        "{} pays {} for each event of {rewarded}; the plan's goals measure {measured}",
        component.key,
        money(&ask.plan, each),
    );
    let mut figures = vec![amount("each", each)];
    if let Some(most) = most {
        figures.push(amount("atMost", each.saturating_mul(most.into())));
        figures.push(Figure { name: "events", value: Value::Count(most.into()) });
    }
    Some(found(Kind::SpiffOffAxis, &component.key, scenario, figures))
}

/// Tied to one of the plan's goals, else left out.
pub fn tried(ask: &Ask, finding: &Finding) -> Vec<Change> {
    let Some((at, _)) = super::component(ask, finding) else { return vec![] };
    let gate = |goal| Change::Gate { component: at, gate: Gate { goal, threshold: threshold(ask, goal) } };
    let mut tried: Vec<Change> = ask.plan.goals().into_iter().map(gate).take(1).collect();
    tried.push(Change::Drop { component: at });
    tried
}

/// From where on the plan pays for a goal anyway, else seven tenths.
fn threshold(ask: &Ask, goal: entity::id::GoalId) -> Exact {
    let own = |component: &Component| match &component.rule {
        Rule::Goal { goal: of, curve, .. } if *of == goal => Some(curve.threshold),
        _ => None,
    };
    let curve = ask.plan.components.iter().find_map(own);
    let gate = ask.plan.gates.iter().find(|gate| gate.goal == goal).map(|gate| gate.threshold);
    curve.or(gate).or(Exact::over(7, 10)).unwrap_or_default()
}
