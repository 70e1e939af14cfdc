//! What a plan rewards that nobody wants: a finite number of scenarios is reckoned through, and each finding tells the scenario,
//! its numbers and the smallest change that was tried and removes it. Pure.

mod axis;
mod bench;
pub mod change;
mod choice;
mod cliff;
mod reach;
mod sides;
#[cfg(test)]
mod tests;
mod window;

use std::collections::BTreeMap;

use entity::{id::GoalId, money::Money};

use super::plan::{Component, Participant, Plan};
use crate::insight::metric::exact::Exact;
use change::Change;

/// A plan and what it is looked at with.
#[derive(Clone, Debug)]
pub struct Ask {
    pub plan: Plan,
    /// Who is in it; people made up by [`people`] where nobody is.
    pub people: Vec<Participant>,
    /// What could be sold instead of each other.
    pub choices: Vec<Choice>,
    /// What goals measure and SPIFFs reward.
    pub axes: Axes,
    /// How far each goal was reached at best in periods that are over; empty where that is not known.
    pub seen: BTreeMap<GoalId, Exact>,
}

/// Alternatives for the same customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub name: String,
    pub offers: Vec<Offer>,
}

/// One way to serve the customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub name: String,
    /// What the company gets out of it, in minor units.
    pub value: i64,
    /// Amounts that are credited, each with the place of a component that counts it.
    pub credits: Vec<(usize, i64)>,
}

/// Words for what is measured: the same word, the same direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Axes {
    pub goals: BTreeMap<GoalId, String>,
    /// By the component's key.
    pub spiffs: BTreeMap<String, String>,
    /// What commissions reward.
    pub commission: String,
}

/// Something that a plan rewards and should not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub kind: Kind,
    /// The component's key, the choice's name or the side that it is about; with the kind it names the finding.
    pub subject: String,
    /// What somebody does, and what he gets.
    pub scenario: String,
    pub figures: Vec<Figure>,
    /// The smallest of the changes that were tried and remove it; empty where none does.
    pub changes: Vec<Change>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Somebody earns most by what the company wants least.
    PayeeAgainstCompany,
    /// A cent more or less decides over much.
    Cliff,
    /// A SPIFF rewards what none of the plan's goals measures.
    SpiffOffAxis,
    /// What one side wins is taken from the other.
    SidesAgainstEachOther,
    /// Somebody earns more by holding a deal back for the next period.
    Sandbagging,
    /// Nobody can earn anything by it.
    Unreachable,
    /// It has no end.
    Unlimited,
}

/// A number of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    pub name: &'static str,
    pub value: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Minor units of the plan's currency.
    Amount(i64),
    Share(Exact),
    Count(u64),
}

/// Finds, and tells what could be tried against a finding, the smallest first.
type Check = (Find, fn(&Ask, &Finding) -> Vec<Change>);
type Find = fn(&Ask) -> Vec<Finding>;
/// What names a finding.
type Name = (Kind, String);

const CHECKS: [Check; 6] = [
    (choice::check, choice::tried),
    (cliff::check, cliff::tried),
    (axis::check, axis::tried),
    (sides::check, sides::tried),
    (window::check, window::tried),
    (reach::check, reach::tried),
];

/// All findings, by kind, then as the plan goes.
pub fn lint(ask: &Ask) -> Vec<Finding> {
    let before = names(ask);
    let mut all = Vec::new();
    for (check, tried) in CHECKS {
        for mut finding in check(ask) {
            finding.changes = smallest(ask, check, &before, &finding, &tried(ask, &finding));
            all.push(finding);
        }
    }
    all.sort_by_key(|finding| finding.kind);
    all
}

/// The same plan with changes made to it.
pub fn changed(ask: &Ask, changes: &[Change]) -> Ask {
    let plan = changes.iter().fold(ask.plan.clone(), |plan, change| change.apply(plan));
    Ask { plan, ..ask.clone() }
}

/// The first of these changes, else the first two of them together, after which this is found no more, nor anything that was not
/// found before.
fn smallest(ask: &Ask, check: Find, before: &[Name], finding: &Finding, tried: &[Change]) -> Vec<Change> {
    let own = (finding.kind, finding.subject.clone());
    let removes = |changes: &[Change]| {
        let changed = changed(ask, changes);
        // most changes that do not help are found out by the finding's own question
        !check(&changed).into_iter().any(|other| (other.kind, other.subject) == own)
            && names(&changed).iter().all(|name| before.contains(name))
    };
    let single = tried.iter().map(|change| vec![change.clone()]);
    let pairs = tried
        .iter()
        .enumerate()
        .flat_map(|(at, one)| tried[at + 1..].iter().map(move |other| vec![one.clone(), other.clone()]));
    single.chain(pairs).find(|changes| removes(changes)).unwrap_or_default()
}

fn names(ask: &Ask) -> Vec<Name> {
    let found = CHECKS.iter().flat_map(|(check, _)| check(ask));
    found.map(|finding| (finding.kind, finding.subject)).collect()
}

/// A finding before it is known what helps.
fn found(kind: Kind, subject: &str, scenario: String, figures: Vec<Figure>) -> Finding {
    Finding { kind, subject: subject.to_owned(), scenario, figures, changes: vec![] }
}

/// The component that a finding is about, and its place.
fn component<'a>(ask: &'a Ask, finding: &Finding) -> Option<(usize, &'a Component)> {
    ask.plan.components.iter().enumerate().find(|(_, component)| component.key == finding.subject)
}

fn amount(name: &'static str, minor: i64) -> Figure {
    Figure { name, value: Value::Amount(minor) }
}

fn share(name: &'static str, value: Exact) -> Figure {
    Figure { name, value: Value::Share(value) }
}

fn money(plan: &Plan, minor: i64) -> String {
    Money::new(minor, plan.currency).to_string()
}

/// A share as a percentage, to two decimals: `7.5 %` reads `7.50 %`.
fn percent(value: Exact) -> String {
    let hundredths = value.scaled(4).and_then(|value| i64::try_from(value).ok()).unwrap_or(0);
    format!("{} %", entity::money::print_scaled(hundredths, 2))
}

pub use bench::people;
