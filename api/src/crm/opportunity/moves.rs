//! Which kinds of stage may follow one another. Pure.

use entity::stage::StageType;

use crate::{crm::transition, error::Result};

/// The types of stage that may follow: an open opportunity may go anywhere in its pipeline, a closed one nowhere
/// unless it is reopened.
pub fn next(from: StageType, reopening: bool) -> &'static [StageType] {
    match (from, reopening) {
        (StageType::Open, false) => &[StageType::Open, StageType::Won, StageType::Lost],
        (StageType::Won | StageType::Lost, true) => &[StageType::Open],
        _ => &[],
    }
}

/// Refuses a move with `INVALID_TRANSITION`.
pub fn ensure(from: StageType, to: StageType, reopening: bool) -> Result<()> {
    transition::ensure("stageId", from, to, next(from, reopening))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_opportunity_goes_anywhere_a_closed_one_nowhere() {
        transition::assert_table(
            |from| next(from, false),
            "OPEN OPEN WON LOST
             WON
             LOST",
        );
    }

    #[test]
    fn reopening_leads_from_won_and_lost_to_open_only() {
        transition::assert_table(
            |from| next(from, true),
            "OPEN
             WON OPEN
             LOST OPEN",
        );
    }
}
