//! Percentiles by linear interpolation, as `PERCENTILE_CONT` gives them, exact. Pure.

use super::exact::Exact;

/// Of `n` values in order: the place of the one below, and how many hundredths of the way to the next.
pub fn place(n: u64, percent: u64) -> Option<(u64, u64)> {
    let steps = n.checked_sub(1)? * percent;
    Some((steps / 100, steps % 100))
}

/// Between two neighbours. None when it touches one that is not known: later than all others.
pub fn between(low: Option<Exact>, high: Option<Exact>, hundredths: u64) -> Option<Exact> {
    let low = low?;
    if hundredths == 0 {
        return Some(low);
    }
    let way = Exact::over(hundredths.into(), 100)?;
    low.plus(high?.minus(low)?.times(way)?)
}

#[cfg(test)]
mod tests {
    use super::{super::facts::percentile, *};

    fn of(values: &[i64], unknown: u64, percent: u64) -> Option<Exact> {
        let values: Vec<Exact> = values.iter().map(|n| Exact::whole(*n)).collect();
        percentile(&values, unknown, percent)
    }

    #[test]
    fn none_one_and_two() {
        assert_eq!(of(&[], 0, 50), None);
        assert_eq!(of(&[7], 0, 90), Exact::parse("7"));
        assert_eq!(of(&[10, 20], 0, 50), Exact::parse("15"));
        assert_eq!(of(&[10, 11], 0, 90), Exact::parse("10.9"));
    }

    #[test]
    fn the_unanswered_are_later_than_all_others() {
        let minutes = [3, 5, 8, 12, 20, 30, 45, 60, 120, 300];
        assert_eq!((of(&minutes, 0, 50), of(&minutes, 0, 90)), (Exact::parse("25"), Exact::parse("138")));
        assert_eq!(of(&minutes, 2, 50), Exact::parse("37.5"));
        assert_eq!(of(&minutes, 2, 90), None);
        assert_eq!(of(&[10], 1, 0), Exact::parse("10"));
        assert_eq!(of(&[], 3, 50), None);
    }
}
