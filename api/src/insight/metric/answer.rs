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
    options::Opt,
    query::Key,
    tally::{Tallies, count, tally},
};
use crate::error::{Error, Result};

/// Fewer records than this say something of each of them.
pub(in crate::insight) const FEW: i64 = 5;

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
    let takes = |option: &Opt| metric.takes.iter().any(|(known, _)| known == option);
    if let Some(option) = ask.options.given.iter().find(|option| !takes(option)) {
        return Err(Error::BadInput(format!("options: {} does not take {option}", metric.key)));
    }
    let lacking = metric.takes.iter().find(|(option, needed)| *needed && !ask.options.given.contains(option));
    lacking.map_or(Ok(()), |(option, _)| Err(Error::BadInput(format!("options: {} needs {option}", metric.key))))
}

fn figures(ask: &Ask, metric: &Metric, parts: &[(&'static Part, Tallies)], key: &Key) -> Figures {
    let (mut facts, mut unconverted) = (Facts::default(), BTreeMap::<Currency, Unconverted>::new());
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
    Figures { facts, worked, n, without_amount, unconverted, withheld: false }
}

impl Figures {
    /// Whether it says something of few records: all that it rests on, or those behind one of its sums.
    fn is_small(&self, metric: &Metric) -> bool {
        let few = |n: i64| (1..FEW).contains(&n);
        let summed = metric.parts.iter().filter(|part| part.of != Figure::Count);
        few(self.n) || summed.into_iter().any(|part| few(self.facts.records(part.name)))
    }
}

/// Withholds what is small from who does not see all of it. A group that would be the only one withheld is not, if
/// it could be told from the whole: then the next smallest is withheld, too.
async fn withhold(ask: &Ask, metric: &'static Metric, groups: &mut BTreeMap<Key, Figures>) -> Result<()> {
    let small: Vec<Key> = groups.iter().filter(|(_, f)| f.is_small(metric)).map(|(key, _)| key.clone()).collect();
    let actor = ask.access.actor();
    let everything = metric.parts.iter().all(|part| actor.reaches_all(part.grain.permission()));
    if small.is_empty() || everything {
        return Ok(());
    }
    let mut hidden: BTreeSet<Key> = BTreeSet::new();
    for part in metric.parts {
        let seen = count(ask, part, Door::Own).await?;
        let known = |key: &Key| seen.get(key).map_or(0, |tally| tally.count);
        let unseen = |key: &&Key| groups.get(*key).is_some_and(|f| f.facts.records(part.name) != known(key));
        hidden.extend(small.iter().filter(unseen).cloned());
    }
    if hidden.len() == 1 && groups.len() > 1 {
        let others = groups.iter().filter(|(key, figures)| !hidden.contains(*key) && figures.n > 0);
        let next = others.min_by_key(|(_, figures)| figures.n).map(|(key, _)| key.clone());
        hidden.extend(next);
    }
    for key in &hidden {
        if let Some(figures) = groups.get_mut(key) {
            figures.withheld = true;
        }
    }
    Ok(())
}

/// How many records are left out; none when they are too few for the caller to be told.
pub async fn counted(ask: &Ask, left: &'static LeftOut) -> Result<Option<i64>> {
    let ask = ask.ungrouped();
    let part = Part { name: "", about: left.reason, grain: left.grain, of: Figure::Count, which: left.which };
    let number = |tallies: Tallies| tallies.values().map(|tally| tally.count).sum();
    let all: i64 = number(count(&ask, &part, Door::Shared).await?);
    if !(1..FEW).contains(&all) || ask.access.actor().reaches_all(left.grain.permission()) {
        return Ok(Some(all));
    }
    let seen: i64 = number(count(&ask, &part, Door::Own).await?);
    Ok(Some(all).filter(|all| *all == seen))
}
