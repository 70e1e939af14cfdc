//! What is worth most to who sells it is worth less to the company. Pure.

use super::{
    Ask, Choice, Finding, Kind, Offer, amount,
    bench::{Bench, Period, few, part},
    change::Change,
    changed, found, money,
    window::horizon,
};
use crate::{
    incentive::pay::plan::{Participant, Plan, Rule},
    insight::metric::exact::Exact,
};

/// Smallest step of a rate, and steps in a whole.
const STEPS: i64 = 1_000_000;

/// A choice made by somebody to whom the worse offer pays more.
struct Worst<'a> {
    company: &'a Offer,
    payee: &'a Offer,
    pays: [i64; 2],
}

pub fn check(ask: &Ask) -> Vec<Finding> {
    ask.choices.iter().filter_map(|choice| Some(finding(ask, choice, &worst(ask, choice)?))).collect()
}

fn finding(ask: &Ask, choice: &Choice, worst: &Worst) -> Finding {
    let (company, payee, [less, more]) = (worst.company, worst.payee, worst.pays);
    let scenario = format!(
        "{}: {} is worth {} to the company and pays {}; {} is worth {} and pays {}",
        choice.name,
        company.name,
        money(&ask.plan, company.value),
        money(&ask.plan, less),
        payee.name,
        money(&ask.plan, payee.value),
        money(&ask.plan, more),
    );
    let figures = vec![
        amount("companyValue", company.value),
        amount("companyPay", less),
        amount("payeeValue", payee.value),
        amount("payeePay", more),
    ];
    found(Kind::PayeeAgainstCompany, &choice.name, scenario, figures)
}

fn worst<'a>(ask: &'a Ask, choice: &'a Choice) -> Option<Worst<'a>> {
    let bench = Bench::new(&ask.plan);
    let company = choice.offers.iter().max_by_key(|offer| offer.value)?;
    let mut worst: Option<Worst> = None;
    for person in few(ask) {
        for start in starts(&ask.plan, person) {
            let Some(best) = gain(&bench, ask, person, company, start) else { continue };
            for payee in choice.offers.iter().filter(|offer| offer.value < company.value) {
                let Some(gain) = gain(&bench, ask, person, payee, start).filter(|gain| *gain > best) else { continue };
                if worst.as_ref().is_none_or(|worst| gain - best > worst.pays[1] - worst.pays[0]) {
                    worst = Some(Worst { company, payee, pays: [best, gain] });
                }
            }
        }
    }
    worst
}

/// Where tiers begin, up to one and a half of the quota.
fn starts(plan: &Plan, person: &Participant) -> Vec<i64> {
    let mut all = vec![0];
    for component in &plan.components {
        if let Rule::Marginal { tiers, .. } | Rule::Retroactive { tiers, .. } = &component.rule {
            let from = tiers.iter().filter(|tier| horizon().at_least(tier.from));
            all.extend(from.filter_map(|tier| part(person.quota?, tier.from)));
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// What an offer pays on top, to somebody who is credited with so much already.
fn gain(bench: &Bench, ask: &Ask, person: &Participant, offer: &Offer, start: i64) -> Option<i64> {
    let mut period = Period::default();
    for (at, component) in ask.plan.components.iter().enumerate().filter(|(_, part)| !part.roles().is_empty()) {
        if component.pays(person.side) {
            period.bases.insert(at, start);
        }
    }
    let before = bench.pay(person, &period, None)?;
    for (at, base) in &offer.credits {
        let sum = period.bases.entry(*at).or_insert(start);
        *sum = sum.checked_add(*base)?;
    }
    Some(bench.pay(person, &period, None)? - before)
}

/// The least change of a rate first; then what has no size.
pub fn tried(ask: &Ask, finding: &Finding) -> Vec<Change> {
    let choice = ask.choices.iter().find(|choice| choice.name == finding.subject);
    let Some(choice) = choice else { return vec![] };
    let alone = Ask { choices: vec![choice.clone()], ..ask.clone() };
    worst(ask, choice).map_or_else(Vec::new, |worst| candidates(&alone, &worst))
}

fn candidates(ask: &Ask, worst: &Worst) -> Vec<Change> {
    let places = |offer: &Offer| offer.credits.iter().map(|(at, _)| *at).collect::<std::collections::BTreeSet<_>>();
    let (better, other) = (places(worst.company), places(worst.payee));
    let mut sized: Vec<(i64, Change)> = Vec::new();
    for (component, sign) in
        better.difference(&other).map(|at| (*at, 1)).chain(other.difference(&better).map(|at| (*at, -1)))
    {
        let change = |steps: i64| Change::Rates {
            component,
            by: Exact::over(i128::from(sign * steps), STEPS.into()).unwrap_or_default(),
        };
        let removes = |steps: i64| check(&changed(ask, &[change(steps)])).is_empty();
        if let Some(steps) = least(STEPS, removes) {
            sized.push((steps, change(steps)));
        }
    }
    sized.sort_by_key(|(steps, _)| *steps);
    let mut all: Vec<Change> = sized.into_iter().map(|(_, change)| change).collect();
    for component in better.union(&other).copied() {
        if matches!(ask.plan.components.get(component).map(|part| &part.rule), Some(Rule::Retroactive { .. })) {
            all.push(Change::Marginal { component });
        }
    }
    all
}

/// The least number from 1 to `most` of which something holds that holds of every larger one too.
pub fn least(most: i64, holds: impl Fn(i64) -> bool) -> Option<i64> {
    if !holds(most) {
        return None;
    }
    let (mut below, mut above) = (0, most);
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        if holds(middle) { above = middle } else { below = middle }
    }
    Some(above)
}
