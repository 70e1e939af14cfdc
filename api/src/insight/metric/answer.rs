//! Answers a metric: counts its parts, converts their money, works the formula out group by group, and withholds what
//! would say too much. A value rests on all records of the organisation, so that it is the same for whoever may read
//! metrics; one that rests on fewer than five records is told only to who may see each of them.

use std::collections::{BTreeMap, BTreeSet};

use entity::{lead, money::Currency};

use super::{
    Figure, LeftOut, Metric, Part, Past,
    amount::{Unconverted, convert},
    ask::Ask,
    credit,
    facts::{Fact, Facts, Worked},
    grain::{Door, Grain},
    known::known,
    options::{Opt, Options},
    query::Key,
    stages,
    tally::{Tallies, count, tally},
    touched,
};
use crate::{
    error::{Error, Result},
    insight::{
        health,
        reaches::reaches,
        small::{is_few, none_alone, sees_all},
    },
    store::Guarded,
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
    /// It was kept as something that tells of few records.
    pub few: bool,
}

/// Over all records that the question means. One over named people is withheld from who does not reach them all.
pub async fn whole(ask: &Ask, metric: &'static Metric) -> Result<Figures> {
    let mut own = alone(&ask.ungrouped(), metric).await?;
    own.withheld |= !reaches(ask, metric.parts.iter().map(|part| part.grain)).await?;
    Ok(own)
}

async fn alone(ask: &Ask, metric: &'static Metric) -> Result<Figures> {
    let mut groups = Box::pin(groups(ask, metric)).await?;
    Ok(groups.remove(&Key::new()).unwrap_or_else(|| figures(ask, metric, &[], &Key::new())))
}

/// Group by group.
pub async fn groups(ask: &Ask, metric: &'static Metric) -> Result<BTreeMap<Key, Figures>> {
    check(ask, metric)?;
    stages::check(ask).await?;
    Box::pin(credit::check(ask, metric)).await?;
    let agreed = Box::pin(touched::agreed(ask, metric)).await?;
    let known = Box::pin(known(agreed.as_ref(), metric)).await?;
    let ask = known.as_ref();
    let mut parts = Vec::new();
    for part in metric.parts {
        let kept = ask.day.as_deref().filter(|_| part.is_by_rules()).map(|day| day.tallies(part));
        parts.push(match kept {
            Some(tallies) => (part, tallies),
            None => (part, tally(ask, part, Door::Shared).await?),
        });
    }
    convert(ask, &mut parts).await?;
    Box::pin(count_what_is_converted(ask, &mut parts)).await?;
    let keys: BTreeSet<&Key> = parts.iter().flat_map(|(_, tallies)| tallies.keys()).collect();
    let mut groups: BTreeMap<Key, Figures> =
        keys.into_iter().map(|key| (key.clone(), figures(ask, metric, &parts, key))).collect();
    withhold(ask, metric, &mut groups).await?;
    Ok(groups)
}

/// Customers by whose number money is divided are those whose money was converted: others are counted anew without what was
/// left out.
async fn count_what_is_converted(ask: &Ask, parts: &mut [(&'static Part, Tallies)]) -> Result<()> {
    let of_contracts = |part: &Part| part.grain == Grain::CustomerContract;
    let left = parts.iter().filter(|(part, _)| of_contracts(part)).flat_map(|(_, tallies)| tallies.values());
    let without: BTreeSet<Currency> = left.flat_map(|tally| tally.amounts.unconverted.keys().copied()).collect();
    if without.is_empty() {
        return Ok(());
    }
    let narrower = Ask { without: without.into_iter().collect(), ..ask.clone() };
    for (part, tallies) in parts.iter_mut().filter(|(part, _)| of_contracts(part) && part.of == Figure::Count) {
        *tallies = tally(&narrower, part, Door::Shared).await?;
    }
    Ok(())
}

/// Whether it can be asked so.
pub fn check(ask: &Ask, metric: &Metric) -> Result<()> {
    match metric.past() {
        Past::None if ask.at.is_some() => {
            return Err(Error::BadInput(format!("asOf: {} is known only as it is now", metric.key)));
        }
        Past::Days if ask.at.is_some() && !ask.only.is_empty() => {
            return Err(Error::BadInput(format!("filter: the past of {} is kept of all records together", metric.key)));
        }
        _ => {}
    }
    if metric.counts_by_rules() && !ask.by.is_empty() {
        return Err(Error::BadInput(format!("groupBy: {} is told of all together; filter instead", metric.key)));
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
        let left = tally.amounts.unconverted.values().map(|left| left.count).sum();
        facts = facts.with(part.name, Fact { count: tally.count, value: tally.value, left });
        without_amount += tally.amounts.without;
        for (currency, left) in &tally.amounts.unconverted {
            unconverted.entry(*currency).or_default().add(*left);
        }
    }
    let n = metric.counted.iter().map(|name| facts.records(name)).sum();
    let worked = (metric.formula)(&facts);
    let few = metric.counts_by_rules() && ask.day.as_ref().is_some_and(|day| !day.told);
    Figures { facts, worked, n, without_amount, unconverted, withheld: false, inputs_withheld: false, few }
}

impl Figures {
    /// The same figures as those of one of the metrics that it is made of.
    fn alone(&self, part: &Metric) -> Self {
        let n = part.counted.iter().map(|name| self.facts.records(name)).sum();
        let few = self.few && part.counts_by_rules();
        Self { n, without_amount: 0, unconverted: BTreeMap::new(), few, ..self.clone() }
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
        self.few
            || is_few(self.n)
            || is_few(money.sum::<i64>() - left)
            || summed.into_iter().any(|part| is_few(self.facts.records(part.name)))
    }
}

/// Withholds what is small from who does not see all of it. A group that would be the only one withheld is not, if
/// it could be told from the whole: then the next smallest is withheld, too.
async fn withhold(ask: &Ask, metric: &'static Metric, groups: &mut BTreeMap<Key, Figures>) -> Result<()> {
    if !metric.parts.iter().all(|part| part.is_shared_with(ask.access.actor())) {
        for figures in groups.values_mut() {
            figures.withheld = true;
        }
        return Ok(());
    }
    if metric.parts.iter().all(|part| part.is_seen_by(ask.access.actor()) && knows_leads(ask, part.grain)) {
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
    // what nobody has answered yet is counted as later than all, and says nothing of those who did
    let answered = |f: &Figures| f.facts.records("answered") - f.facts.records("unanswered");
    let small = |f: &Figures| f.is_small(metric) || (ask.options.censored && is_few(answered(f)));
    let small: Vec<Key> = groups.iter().filter(|(_, f)| small(f)).map(|(key, _)| key.clone()).collect();
    if small.is_empty() {
        return Ok(());
    }
    let mut hidden: BTreeSet<Key> = BTreeSet::new();
    for part in metric.parts {
        let seen = count(ask, part, Door::Own).await?;
        let known = |key: &Key| seen.get(key).map_or(0, |tally| tally.count);
        let open = part.is_open_to(ask.access.actor()) && knows_leads(ask, part.grain);
        let unseen = |key: &&Key| !open || groups.get(*key).is_some_and(|f| f.facts.records(part.name) != known(key));
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

/// Whether the caller sees all leads that records are told apart by, where they are: which group one is in says what its lead
/// came by.
fn knows_leads(ask: &Ask, grain: Grain) -> bool {
    let mut asked = ask.by.iter().chain(ask.only.iter().map(|only| &only.dimension));
    ask.access.actor().reaches_all(lead::Entity::READ) || !asked.any(|of| of.tells_of_leads(grain))
}

/// As `dataHealth` withholds: the whole where it would tell a rule that is withheld, what it was made of where one is. It is
/// asked without groups.
async fn by_rules(ask: &Ask, groups: &mut BTreeMap<Key, Figures>) -> Result<()> {
    if let Some(day) = &ask.day {
        // of which records the caller sees some was not kept: it is told to them as to who sees none
        for figures in groups.values_mut() {
            (figures.withheld, figures.inputs_withheld) = (!day.told, true);
        }
        return Ok(());
    }
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
