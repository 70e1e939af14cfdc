//! What a formula is given and what it makes of it. Pure.

use super::{
    exact::Exact,
    middle::{between, place},
    options::Opt,
    weights::Weights,
};

/// One thing counted or summed: how many records, and what they come to. Without a value where nothing was found, or
/// where a percentile lies among what is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact {
    pub count: i64,
    pub value: Option<Exact>,
    /// Those among them whose money could not be converted and was left out of the value.
    pub left: i64,
}

/// The parts of a metric by their names, and the options that are numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    parts: Vec<(&'static str, Fact)>,
    options: Vec<(Opt, Exact)>,
    /// How the alignment index is weighed, where both sides say so.
    weights: Option<Box<Weights>>,
    /// How many calendar months the period has, where it is of whole ones.
    months: Option<u32>,
}

impl Facts {
    pub fn with(mut self, name: &'static str, fact: Fact) -> Self {
        self.parts.push((name, fact));
        self
    }

    pub fn told(mut self, option: Opt, value: Exact) -> Self {
        self.options.push((option, value));
        self
    }

    pub fn over(mut self, months: Option<u32>) -> Self {
        self.months = months;
        self
    }

    pub fn weighed(mut self, weights: Option<&Weights>) -> Self {
        self.weights = weights.copied().map(Box::new);
        self
    }

    pub fn weights(&self) -> Weights {
        self.weights.as_deref().copied().unwrap_or_default()
    }

    pub fn months(&self) -> Option<u32> {
        self.months
    }

    pub fn get(&self, name: &str) -> Option<Fact> {
        self.parts.iter().find(|(known, _)| *known == name).map(|(_, fact)| *fact)
    }

    /// How many records a part has; 0 for one that found none.
    pub fn records(&self, name: &str) -> i64 {
        self.get(name).map_or(0, |fact| fact.count)
    }

    pub fn count(&self, name: &str) -> Exact {
        Exact::whole(self.records(name))
    }

    /// How many records the value of a part rests on: without those whose money was left out.
    pub fn converted(&self, name: &str) -> Exact {
        Exact::whole(self.get(name).map_or(0, |fact| fact.count - fact.left))
    }

    /// What a part comes to; none where it has no value.
    pub fn value(&self, name: &str) -> Option<Exact> {
        self.get(name)?.value
    }

    /// What a part that is summed comes to: nothing is 0.
    pub fn sum(&self, name: &str) -> Exact {
        self.value(name).unwrap_or(Exact::ZERO)
    }

    pub fn option(&self, option: Opt) -> Option<Exact> {
        self.options.iter().find(|(known, _)| *known == option).map(|(_, value)| *value)
    }
}

/// What a formula answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worked {
    pub value: Option<Exact>,
    pub numerator: Option<Exact>,
    pub denominator: Option<Exact>,
    /// The target is reached, where there is one.
    pub target_met: Option<bool>,
    /// A limit made the value, where there is one.
    pub capped: Option<bool>,
}

impl Worked {
    pub fn plain(value: Option<Exact>) -> Self {
        Self { value, ..Self::default() }
    }

    /// None by what is not greater than 0.
    pub fn share(numerator: Exact, denominator: Exact) -> Self {
        let value = if denominator.is_positive() { numerator.by(denominator) } else { None };
        Self { value, numerator: Some(numerator), denominator: Some(denominator), ..Self::default() }
    }

    /// How much more, as a share of what there was; none of what is not greater than 0.
    pub fn growth(now: Exact, before: Exact) -> Self {
        now.minus(before).map_or_else(Self::default, |more| Self::share(more, before))
    }
}

/// The percentile of values in order, of which some are later than all.
pub fn percentile(values: &[Exact], unknown: u64, percent: u64) -> Option<Exact> {
    let at = |at: u64| values.get(usize::try_from(at).ok()?).copied();
    let (low, hundredths) = place(values.len() as u64 + unknown, percent)?;
    between(at(low), at(low + 1), hundredths)
}
