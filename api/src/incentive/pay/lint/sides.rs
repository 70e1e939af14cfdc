//! Both sides at their targets, and one of them paid less than if the other had failed. Pure.

use entity::{user::Side, word::Word};

use super::{Ask, Finding, Kind, amount, bench::goals, change::Change, changed, choice::least, found, money};
use crate::{
    incentive::pay::{
        calculate::earned,
        input::Inputs,
        plan::{PoolShare, Rule},
        settle,
    },
    insight::metric::exact::Exact,
};

const BOTH: [Side; 2] = [Side::Marketing, Side::Sales];

pub fn check(ask: &Ask) -> Vec<Finding> {
    let present = |side: &&Side| ask.people.iter().any(|person| person.side == **side);
    if BOTH.iter().filter(present).count() < 2 {
        return vec![];
    }
    let Some(both) = won(ask, &BOTH) else { return vec![] };
    let of = |(at, side): (usize, Side)| {
        let alone = won(ask, &[side])?[at];
        if both[at] < alone || both[at] == 0 { Some(finding(ask, side, alone, both[at])) } else { None }
    };
    BOTH.into_iter().enumerate().filter_map(of).collect()
}

fn finding(ask: &Ask, side: Side, alone: i64, both: i64) -> Finding {
    let word = side.word();
    let scenario = if both == 0 {
        format!("{word}: with every goal and quota reached on both sides it is paid nothing")
    } else {
        format!(
            "{word}: reaching its quotas alone it is paid {}, together with the other side {}",
            money(&ask.plan, alone),
            money(&ask.plan, both),
        )
    };
    let kind = Kind::SidesAgainstEachOther;
    let figures = vec![amount("alone", alone), amount("both", both)];
    found(kind, word, scenario, figures)
}

pub fn tried(ask: &Ask, finding: &Finding) -> Vec<Change> {
    let mut all = Vec::new();
    for (component, part) in ask.plan.components.iter().enumerate() {
        if matches!(&part.rule, Rule::Pool { by: PoolShare::Credit(_), .. }) {
            all.push(Change::PoolByWeight { component });
        }
    }
    let mut free = ask.clone();
    free.plan.plan_cap = None;
    let needed = won(&free, &BOTH).and_then(|won| won[0].checked_add(won[1]));
    if let (Some(cap), Some(needed)) = (ask.plan.plan_cap, needed) {
        let raised = |more: i64| Change::PlanCap { cap: cap + more };
        let holds =
            |more: i64| check(&changed(ask, &[raised(more)])).iter().all(|other| other.subject != finding.subject);
        if needed > cap {
            all.extend(least(needed - cap, holds).map(raised));
        }
    }
    all
}

/// What each side is paid where all goals are reached and these sides' people reach their quotas and SPIFFs.
fn won(ask: &Ask, winners: &[Side]) -> Option<[i64; 2]> {
    let mut inputs = Inputs { goals: goals(&ask.plan, Exact::whole(1)), ..Inputs::default() };
    for person in ask.people.iter().filter(|person| winners.contains(&person.side)) {
        for (at, component) in ask.plan.components.iter().enumerate().filter(|(_, part)| part.pays(person.side)) {
            let key = (person.user, at);
            if let Rule::Spiff { most, .. } = &component.rule {
                inputs.sums.events.insert(key, most.unwrap_or(1).into());
            } else if !component.roles().is_empty() {
                inputs.sums.base.insert(key, person.quota.unwrap_or(1).into());
            }
        }
    }
    inputs.participants.clone_from(&ask.people);
    let mut sums = [0_i64; 2];
    for (person, lines) in earned(&ask.plan, &inputs).ok()? {
        let sum = &mut sums[BOTH.iter().position(|side| *side == person.side)?];
        *sum = sum.checked_add(settle::sum(&lines).ok()?)?;
    }
    Some(sums)
}
