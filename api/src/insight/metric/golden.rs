//! Worked numbers: what a formula must answer to what it is given. Tests run them, and so does `metricSelfTest` wherever
//! Accord runs. Pure.

use super::{
    Figure, Metric,
    exact::Exact,
    facts::{Fact, Facts, percentile},
    options::Opt,
};

/// One worked example. Numbers are texts, money in whole units of the currency, times in seconds.
pub struct Golden {
    pub about: &'static str,
    /// Part, how many records, what they come to; for a percentile all values in order. Empty: nothing.
    pub given: &'static [(&'static str, i64, &'static str)],
    pub options: &'static [(Opt, &'static str)],
    /// None: the formula has no answer.
    pub value: Option<&'static str>,
}

impl Golden {
    fn facts(&self, metric: &Metric) -> Option<Facts> {
        let mut facts = Facts::default().over(Some(1));
        for (name, count, value) in self.given {
            let part = metric.parts.iter().find(|part| part.name == *name)?;
            let values = value.split_whitespace().map(Exact::parse).collect::<Option<Vec<_>>>()?;
            let value = match part.of {
                Figure::Count => Some(Exact::whole(*count)),
                Figure::Percentile(_, percent) | Figure::AmountPercentile(_, percent) => {
                    let unknown = u64::try_from(*count).ok()?.saturating_sub(values.len() as u64);
                    percentile(&values, unknown, percent)
                }
                _ => values.first().copied(),
            };
            facts = facts.with(part.name, Fact { count: *count, value, left: 0 });
        }
        let told = |facts: Facts, (option, text): &(Opt, &str)| Some(facts.told(*option, Exact::parse(text)?));
        self.options.iter().try_fold(facts, told)
    }

    /// What the formula answers, as a text; none where it has no answer.
    pub fn answer(&self, metric: &Metric) -> Option<String> {
        let worked = (metric.formula)(&self.facts(metric)?);
        metric.unit.text(worked.value?, super::unit::EXAMPLE_DECIMALS)
    }

    pub fn holds(&self, metric: &Metric) -> bool {
        self.answer(metric).as_deref() == self.value
    }
}

#[cfg(test)]
mod tests {
    use super::super::METRICS;

    #[test]
    fn every_metric_has_worked_numbers_and_meets_them() {
        for metric in METRICS {
            assert!(!metric.golden.is_empty(), "{} has no worked number", metric.key);
            for golden in metric.golden {
                assert_eq!(golden.answer(metric).as_deref(), golden.value, "{}: {}", metric.key, golden.about);
            }
        }
    }

    #[test]
    fn every_part_that_counts_is_there_and_every_key_is_its_own() {
        for metric in METRICS {
            for name in metric.counted {
                assert!(metric.parts.iter().any(|part| part.name == *name), "{} counts {name}", metric.key);
            }
            assert_eq!(METRICS.iter().filter(|other| other.key == metric.key).count(), 1, "{}", metric.key);
        }
    }
}
