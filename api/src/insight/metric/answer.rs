//! Answers a metric: counts its parts, converts their money, works the formula out group by group, and withholds what
//! would say too much. A value rests on all records of the organisation, so that it is the same for whoever may read
//! metrics; one that rests on fewer than five records is told only to who may see each of them.

use std::collections::{BTreeMap, BTreeSet};

use entity::money::Currency;

use super::{
    Figure, LeftOut, Metric, Part,
    amount::{Unconverted, convert},
    ask::Ask,
    facts::{Fact, Facts, Worked},
    grain::Door,
    options::{Opt, Options},
    query::Key,
    stages,
    tally::{Tallies, count, tally},
};
use crate::{
    error::{Error, Result},
    insight::{
        health,
        small::{is_few, none_alone, sees_all},
    },
};

/// A metric over some records.
#[derive(Clone, Debug)]
pub struct Figures {
    pub facts: Facts,
    pub worked: Worked,
    /// On how many records it rests.
    pub n: i64,
    /// Open or closed business without an amount, which counts as 0.
    pub without_amount: i64,
    pub unconverted: BTreeMap<Currency, Unconverted>,
    pub withheld: bool,
    /// What the formula was given is not told, also where its value is.
    pub inputs_withheld: bool,
}

/// Over all records that the question means.
pub async fn whole(ask: &Ask, metric: &'static Metric) -> Result<Figures> {
    let ask = ask.ungrouped();
    let mut groups = groups(&ask, metric).await?;
    Ok(groups.remove(&Key::new()).unwrap_or_else(|| figures(&ask, metric, &[], &Key::new())))
}

/// Group by group.
pub async fn groups(ask: &Ask, metric: &'static Metric) -> Result<BTreeMap<Key, Figures>> {
    check(ask, metric)?;
    stages::check(ask).await?;
    let mut parts = Vec::new();
    for part in metric.parts {
        parts.push((part, tally(ask, part, Door::Shared).await?));
    }
    convert(ask, &mut parts).await?;
    let keys: BTreeSet<&Key> = parts.iter().flat_map(|(_, tallies)| tallies.keys()).collect();
    let mut groups: BTreeMap<Key, Figures> =
        keys.into_iter().map(|key| (key.clone(), figures(ask, metric, &parts, key))).collect();
    withhold(ask, metric, &mut groups).await?;
    Ok(groups)
}

fn check(ask: &Ask, metric: &Metric) -> Result<()> {
    if ask.at.is_some() && !metric.parts.iter().all(|part| part.grain.has_past()) {
        return Err(Error::BadInput(format!("asOf: {} is known only as it is now", metric.key)));
    }
    let total = ask.options.given.iter().find(|option| matches!(option, Opt::SalesCost | Opt::Target));
    if let (Some(total), false) = (total, ask.by.is_empty()) {
        return Err(Error::BadInput(format!("options: {total} is of all together; ask without groupBy, or filter")));
    }
    fits(&ask.options, metric).map_err(|wrong| Error::BadInput(format!("options: {wrong}")))
}

/// Whether a metric takes these options, and is told what it must be.
pub fn fits(options: &Options, metric: &Metric) -> Result<(), String> {
    let takes = |option: &Opt| metric.takes.iter().any(|(known, _)| known == option);
    if let Some(option) = options.given.iter().find(|option| !takes(option)) {
        return Err(format!("{} does not take {option}", metric.key));
    }
    let lacking = metric.takes.iter().find(|(option, needed)| *needed && !options.given.contains(option));
    lacking.map_or(Ok(()), |(option, _)| Err(format!("{} needs {option}", metric.key)))
}

fn figures(ask: &Ask, metric: &Metric, parts: &[(&'static Part, Tallies)], key: &Key) -> Figures {
    let (mut facts, mut unconverted) = (
        Facts::default().over(ask.months()).weighed(ask.options.weights.as_ref()),
        BTreeMap::<Currency, Unconverted>::new(),
    );
    let mut without_amount = 0;
    for (option, value) in &ask.options.numbers {
        facts = facts.told(*option, *value);
    }
    for (part, tallies) in parts {
        let Some(tally) = tallies.get(key) else { continue };
        facts = facts.with(part.name, Fact { count: tally.count, value: tally.value });
        without_amount += tally.amounts.without;
        for (currency, left) in &tally.amounts.unconverted {
            let sum = unconverted.entry(*currency).or_default();
            sum.count += left.count;
            sum.amount_minor = sum.amount_minor.saturating_add(left.amount_minor);
        }
    }
    let n = metric.counted.iter().map(|name| facts.records(name)).sum();
    let worked = (metric.formula)(&facts);
    Figures { facts, worked, n, without_amount, unconverted, withheld: false, inputs_withheld: false }
}

impl Figures {
    /// The same figures as those of one of the metrics that it is made of.
    fn alone(&self, part: &Metric) -> Self {
        let n = part.counted.iter().map(|name| self.facts.records(name)).sum();
        Self { n, without_amount: 0, unconverted: BTreeMap::new(), ..self.clone() }
    }

    /// Whether it says something of few records: all that it rests on, or those behind one of its sums.
    pub fn is_small(&self, metric: &Metric) -> bool {
        if !metric.made_of().is_empty() {
            // what is made of several figures tells each of them
            return metric.made_of().iter().any(|part| self.alone(part).is_small(part));
        }
        // what has no amount, or none that can be converted, hides nothing of what is summed
        let left = self.without_amount + self.unconverted.values().map(|left| left.count).sum::<i64>();
        let money = metric.parts.iter().filter(|part| part.is_money()).map(|part| self.facts.records(part.name));
        let summed = metric.parts.iter().filter(|part| part.of != Figure::Count);
        is_few(self.n)
            || is_few(money.sum::<i64>() - left)
            || summed.into_iter().any(|part| is_few(self.facts.records(part.name)))
    }
}

/// Withholds what is small from who does not see all of it. A group that would be the only one withheld is not, if
/// it could be told from the whole: then the next smallest is withheld, too.
async fn withhold(ask: &Ask, metric: &'static Metric, groups: &mut BTreeMap<Key, Figures>) -> Result<()> {
    if !metric.parts.iter().all(|part| part.grain.is_shared_with(ask.access.actor())) {
        for figures in groups.values_mut() {
            figures.withheld = true;
        }
        return Ok(());
    }
    if metric.parts.iter().all(|part| sees_all(ask, part.grain)) {
        return Ok(());
    }
    for part in metric.made_of() {
        // what is made of several figures tells each of them
        let mut alone = groups.iter().map(|(key, figures)| (key.clone(), figures.alone(part))).collect();
        Box::pin(withhold(ask, part, &mut alone)).await?;
        for (whole, part) in groups.values_mut().zip(alone.into_values()) {
            whole.withheld |= part.withheld;
            whole.inputs_withheld |= part.inputs_withheld;
        }
    }
    if !metric.made_of().is_empty() {
        return Ok(());
    }
    if metric.counts_by_rules() {
        return by_rules(ask, groups).await;
    }
    let small: Vec<Key> = groups.iter().filter(|(_, f)| f.is_small(metric)).map(|(key, _)| key.clone()).collect();
    if small.is_empty() {
        return Ok(());
    }
    let mut hidden: BTreeSet<Key> = BTreeSet::new();
    for part in metric.parts {
        let seen = count(ask, part, Door::Own).await?;
        let known = |key: &Key| seen.get(key).map_or(0, |tally| tally.count);
        let unseen = |key: &&Key| groups.get(*key).is_some_and(|f| f.facts.records(part.name) != known(key));
        hidden.extend(small.iter().filter(unseen).cloned());
    }
    let hidden = none_alone(hidden, groups.iter().map(|(key, figures)| (key.clone(), figures.n)));
    for key in &hidden {
        if let Some(figures) = groups.get_mut(key) {
            figures.withheld = true;
        }
    }
    Ok(())
}

/// As `dataHealth` withholds: the whole where it would tell a rule that is withheld, what it was made of where one is. No
/// dimension is known of accounts, so that there are no groups.
async fn by_rules(ask: &Ask, groups: &mut BTreeMap<Key, Figures>) -> Result<()> {
    let all = Box::pin(health::kept(ask, None, None)).await?;
    for figures in groups.values_mut() {
        figures.withheld = !health::tells(&all, true);
        figures.inputs_withheld = all.iter().any(|kept| kept.withheld);
    }
    Ok(())
}

/// How many records are left out; none when they are too few for the caller to be told.
pub async fn counted(ask: &Ask, left: &'static LeftOut) -> Result<Option<i64>> {
    let ask = ask.ungrouped();
    let part = Part { name: "", about: left.reason, grain: left.grain, of: Figure::Count, which: left.which };
    let number = |tallies: Tallies| tallies.values().map(|tally| tally.count).sum();
    if !left.grain.is_shared_with(ask.access.actor()) {
        return Ok(None);
    }
    let all: i64 = number(count(&ask, &part, Door::Shared).await?);
    if !is_few(all) || sees_all(&ask, left.grain) {
        return Ok(Some(all));
    }
    let seen: i64 = number(count(&ask, &part, Door::Own).await?);
    Ok(Some(all).filter(|all| *all == seen))
}
