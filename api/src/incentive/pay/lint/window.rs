//! A deal that pays more if it is held back for the next period. Pure.

use super::{
    Ask, Finding, Kind, amount,
    bench::{Bench, Period, few, part},
    change::Change,
    found, money, percent, share,
};
use crate::{
    incentive::pay::plan::{Component, Curve, Participant, Rule},
    insight::metric::exact::Exact,
};

/// In twentieths of the quota: the deals that are tried, and the last place where one is closed.
const SIZES: [i64; 3] = [1, 2, 5];
const LAST: i64 = 30;

/// How far above a quota or goal somebody is expected to come: 150 %. Beyond it nothing is looked at.
pub fn horizon() -> Exact {
    twentieths(LAST)
}

/// From which attainment on, up to which, and the most that holding back gains: now, then, by which deal.
struct Window {
    from: Exact,
    to: Exact,
    deal: i64,
    now: i64,
    then: i64,
}

pub fn check(ask: &Ask) -> Vec<Finding> {
    let bench = Bench::new(&ask.plan);
    let one = |(at, component): (usize, &Component)| match &component.rule {
        Rule::Marginal { .. } | Rule::Retroactive { .. } => {
            let window = widest(ask, &bench, at, component)?;
            Some(of_commission(ask, component, &window))
        }
        Rule::Goal { .. } => of_curve(component),
        _ => None,
    };
    ask.plan.components.iter().enumerate().filter_map(one).collect()
}

fn twentieths(number: i64) -> Exact {
    Exact::over(number.into(), 20).unwrap_or_default()
}

fn widest(ask: &Ask, bench: &Bench, at: usize, component: &Component) -> Option<Window> {
    let mut widest: Option<Window> = None;
    for person in few(ask).into_iter().filter(|person| component.pays(person.side)) {
        let pays: Vec<Option<i64>> = (0..=LAST).map(|place| pay(bench, person, at, place)).collect();
        let gain = |start: i64, size: i64| {
            let pay = |place: i64| pays.get(usize::try_from(place).ok()?).copied().flatten();
            Some(pay(start + size)? - pay(start)?)
        };
        for size in SIZES {
            // a next period that comes to its quota by this deal
            let Some(then) = gain(20 - size, size) else { continue };
            for start in 0..=LAST - size {
                let Some(now) = gain(start, size) else { continue };
                if i128::from(then - now) * 100 <= i128::from(then) {
                    continue;
                }
                let (from, to) = (twentieths(start), twentieths(start + size));
                let deal = part(person.quota?, twentieths(size))?;
                let seen = widest.get_or_insert(Window { from, to, deal, now, then });
                seen.from = if from.at_least(seen.from) { seen.from } else { from };
                seen.to = if to.at_least(seen.to) { to } else { seen.to };
                if then - now > seen.then - seen.now {
                    (seen.deal, seen.now, seen.then) = (deal, now, then);
                }
            }
        }
    }
    widest
}

/// What a person earns who is credited with so many twentieths of the quota.
fn pay(bench: &Bench, person: &Participant, at: usize, place: i64) -> Option<i64> {
    bench.pay(person, &Period::credited(at, part(person.quota?, twentieths(place))?), None)
}

fn of_commission(ask: &Ask, component: &Component, window: &Window) -> Finding {
    let scenario = format!(
        "{}: between {} and {} of the quota a deal of {} can pay {} now and {} in a next period that comes to its quota by it",
        component.key,
        percent(window.from),
        percent(window.to),
        money(&ask.plan, window.deal),
        money(&ask.plan, window.now),
        money(&ask.plan, window.then),
    );
    let figures = vec![
        share("from", window.from),
        share("to", window.to),
        amount("deal", window.deal),
        amount("payNow", window.now),
        amount("payNextPeriod", window.then),
    ];
    found(Kind::Sandbagging, &component.key, scenario, figures)
}

pub fn tried(ask: &Ask, finding: &Finding) -> Vec<Change> {
    let Some((at, component)) = super::component(ask, finding) else { return vec![] };
    if let Rule::Goal { curve, .. } = &component.rule {
        return far(curve).map(|cap| Change::CurveCap { component: at, cap }).into_iter().collect();
    }
    let mut free = ask.plan.clone();
    free.person_cap = None;
    free.components.iter_mut().for_each(|component| component.cap = None);
    let bench = Bench::new(&free);
    // what the furthest that is looked at pays without caps
    let most = |only| {
        let people = few(ask).into_iter().filter(|person| component.pays(person.side));
        let pay = |person: &Participant| {
            bench.pay(person, &Period::credited(at, part(person.quota?, twentieths(LAST))?), only)
        };
        people.filter_map(pay).max()
    };
    let mut all = Vec::new();
    if component.cap.is_some() {
        all.extend(most(Some(at)).map(|cap| Change::Cap { component: at, cap }));
    }
    if ask.plan.person_cap.is_some() {
        all.extend(most(None).map(|cap| Change::PersonCap { cap }));
    }
    if let Rule::Marginal { tiers, .. } | Rule::Retroactive { tiers, .. } = &component.rule {
        let before = tiers.iter().rev().find(|tier| !tier.from.at_least(Exact::whole(1)));
        all.extend(before.map(|tier| Change::LeastRate { component: at, rate: tier.rate }));
    }
    if matches!(component.rule, Rule::Retroactive { .. }) {
        all.push(Change::Marginal { component: at });
    }
    all
}

/// The curve ends before the furthest that is looked at: what is reached beyond its end pays nothing.
fn of_curve(component: &Component) -> Option<Finding> {
    let Rule::Goal { curve, .. } = &component.rule else { return None };
    let (cap, one) = (curve.cap?, Exact::whole(1));
    if cap.at_least(far(curve)?) {
        return None;
    }
    let end = one.plus(cap.minus(one)?.by(curve.accelerator)?)?;
    let scenario = format!("{}: what is reached beyond {} of the goal pays nothing", component.key, percent(end));
    let figures = vec![share("from", end), share("cap", cap)];
    Some(found(Kind::Sandbagging, &component.key, scenario, figures))
}

/// What a curve without a cap pays at the furthest that is looked at.
fn far(curve: &Curve) -> Option<Exact> {
    let one = Exact::whole(1);
    one.plus(curve.accelerator.times(horizon().minus(one)?)?)
}
