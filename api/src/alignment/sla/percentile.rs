//! Percentiles by linear interpolation, as `PERCENTILE_CONT` gives them: exact, to the hundredth. Pure.

/// Of `n` values in order: the place of the one below, and how many hundredths of the way to the next.
pub fn place(n: u64, percent: u64) -> Option<(u64, u64)> {
    let steps = n.checked_sub(1)? * percent;
    Some((steps / 100, steps % 100))
}

/// Between two neighbours, in hundredths. None when it touches one that is not known: later than all others.
pub fn between(low: Option<i64>, high: Option<i64>, hundredths: u64) -> Option<i64> {
    let low = low?;
    if hundredths == 0 {
        return Some(low * 100);
    }
    Some(low * 100 + (high? - low) * i64::try_from(hundredths).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values in order, then those that are later than all.
    fn percentile(values: &[i64], unknown: u64, percent: u64) -> Option<i64> {
        let at = |place: u64| values.get(usize::try_from(place).unwrap()).copied();
        let (low, rest) = place(values.len() as u64 + unknown, percent)?;
        between(at(low), at(low + 1), rest)
    }

    #[test]
    fn the_worked_example() {
        let minutes = [3, 5, 8, 12, 20, 30, 45, 60, 120, 300];
        assert_eq!(percentile(&minutes, 0, 50), Some(2500));
        assert_eq!(percentile(&minutes, 0, 90), Some(13_800));
    }

    #[test]
    fn none_one_and_two() {
        assert_eq!(percentile(&[], 0, 50), None);
        assert_eq!(percentile(&[7], 0, 90), Some(700));
        assert_eq!(percentile(&[10, 20], 0, 50), Some(1500));
        assert_eq!(percentile(&[10, 11], 0, 90), Some(1090));
    }

    #[test]
    fn the_unanswered_are_later_than_all_others() {
        let minutes = [3, 5, 8, 12, 20, 30, 45, 60, 120, 300];
        assert_eq!(percentile(&minutes, 2, 50), Some(3750));
        assert_eq!(percentile(&minutes, 2, 90), None);
        assert_eq!(percentile(&[10], 1, 0), Some(1000));
        assert_eq!(percentile(&[], 3, 50), None);
    }
}
