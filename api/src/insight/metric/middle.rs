//! Percentiles by linear interpolation, as `PERCENTILE_CONT` gives them, exact. Pure.

pub use crate::alignment::sla::place;

use super::exact::Exact;

/// Between two neighbours. None when it touches one that is not known: later than all others.
pub fn between(low: Option<Exact>, high: Option<Exact>, hundredths: u64) -> Option<Exact> {
    let low = low?;
    if hundredths == 0 {
        return Some(low);
    }
    let way = Exact::over(hundredths.into(), 100)?;
    low.plus(high?.minus(low)?.times(way)?)
}
