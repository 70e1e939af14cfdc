//! What says too much of few records, and to whom.

use std::collections::BTreeSet;

use super::metric::{ask::Ask, grain::Grain};

/// Fewer records than this say something of each of them.
pub const FEW: i64 = 5;

pub fn is_few(count: i64) -> bool {
    (1..FEW).contains(&count)
}

/// The caller sees every record, so that nothing has to be withheld.
pub fn sees_all(ask: &Ask, grain: Grain) -> bool {
    grain.is_seen_by(ask.access.actor())
}

/// What is hidden of numbers whose sum is known: one alone could be told from the others, so the next smallest goes with
/// it.
pub fn none_alone<K: Ord>(mut hidden: BTreeSet<K>, counts: impl Iterator<Item = (K, i64)>) -> BTreeSet<K> {
    if hidden.len() == 1 {
        let others = counts.filter(|(key, count)| *count > 0 && !hidden.contains(key));
        let next = others.min_by_key(|(_, count)| *count);
        hidden.extend(next.map(|(key, _)| key));
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_not_alone() {
        let counts = [("a", 3), ("b", 90), ("c", 12), ("d", 0)];
        let hidden = |of: &[&'static str]| none_alone(of.iter().copied().collect(), counts.into_iter());
        assert_eq!(hidden(&["a"]), BTreeSet::from(["a", "c"]));
        assert_eq!(hidden(&["a", "b"]), BTreeSet::from(["a", "b"]));
        assert_eq!(hidden(&[]), BTreeSet::new());
    }
}
