//! The names of the metrics, as a closed list of the schema: made from the registry, so that a metric is named once.

use entity::word::Word;

use super::{METRICS, Metric};

/// A metric by its place in the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key(usize);

const COUNT: usize = METRICS.len();

const fn words() -> [(&'static str, &'static str); COUNT] {
    let mut words = [("", ""); COUNT];
    let mut at = 0;
    while at < COUNT {
        words[at] = (METRICS[at].key, METRICS[at].about);
        at += 1;
    }
    words
}

static WORDS: [(&str, &str); COUNT] = words();

impl Word for Key {
    const NAME: &'static str = "MetricKey";
    const ABOUT: &'static str = "The metrics there are. Each is defined once, for both sides; see `metrics`.";
    const VALUES: &'static [(&'static str, &'static str)] = &WORDS;

    fn word(self) -> &'static str {
        METRICS[self.0].key
    }

    fn parse(word: &str) -> Option<Self> {
        METRICS.iter().position(|metric| metric.key == word).map(Self)
    }
}

impl Key {
    pub fn metric(self) -> &'static Metric {
        METRICS[self.0]
    }

    pub fn of(metric: &Metric) -> Option<Self> {
        Self::parse(metric.key)
    }
}
