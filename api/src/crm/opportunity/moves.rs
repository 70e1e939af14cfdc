//! Which kinds of stage may follow one another. Pure.

use entity::{
    id::StageId,
    stage::{self, StageType},
};

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

/// The stages that a move leaves behind, in their order: the one it leaves and those it skips on the way forward or to a
/// win; none backwards or to a loss.
pub fn passed(stages: &[stage::Model], from: StageId, to: StageId) -> Vec<StageId> {
    let find = |id| stages.iter().find(|stage| stage.id == id);
    let (Some(from), Some(to)) = (find(from), find(to)) else { return vec![] };
    let won = to.stage_type == StageType::Won;
    if from.stage_type != StageType::Open || to.stage_type == StageType::Lost || from.pipeline_id != to.pipeline_id {
        return vec![];
    }
    let open = |s: &&stage::Model| s.pipeline_id == from.pipeline_id && s.stage_type == StageType::Open;
    let between = |s: &&stage::Model| s.position >= from.position && (won || s.position < to.position);
    let mut passed: Vec<_> = stages.iter().filter(open).filter(between).collect();
    passed.sort_by_key(|stage| stage.position);
    passed.into_iter().map(|stage| stage.id).collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use entity::{id::RowId, stage::ForecastCategory};
    use sea_orm::prelude::Uuid;

    use super::*;

    fn id(n: u128) -> StageId {
        StageId::from_uuid(Uuid::from_u128(n))
    }

    fn stage(n: u128, position: i32, stage_type: StageType) -> stage::Model {
        stage::Model {
            id: id(n),
            organization_id: RowId::from_uuid(Uuid::nil()),
            created_at: DateTime::UNIX_EPOCH,
            created_by: None,
            updated_at: DateTime::UNIX_EPOCH,
            updated_by: None,
            version: 1,
            deleted_at: None,
            pipeline_id: RowId::from_uuid(Uuid::from_u128(n / 10)),
            name: String::new(),
            position,
            stage_type,
            probability: 0,
            forecast_category: ForecastCategory::Pipeline,
            buyer_milestone: None,
            max_days: None,
        }
    }

    #[test]
    fn forward_and_to_a_win_leave_behind_what_lies_between() {
        let all = [
            stage(12, 2, StageType::Open),
            stage(10, 0, StageType::Open),
            stage(11, 1, StageType::Open),
            stage(13, 3, StageType::Won),
            stage(14, 4, StageType::Lost),
            stage(20, 1, StageType::Open),
        ];
        let passed = |from, to| passed(&all, id(from), id(to));
        assert_eq!(passed(10, 11), [id(10)]);
        assert_eq!(passed(10, 12), [id(10), id(11)], "skipped stages ask too");
        assert_eq!(passed(11, 13), [id(11), id(12)]);
        for (from, to) in [(12, 10), (11, 11), (10, 14), (13, 10), (13, 13), (10, 20), (10, 99)] {
            assert!(passed(from, to).is_empty(), "{from} -> {to}");
        }
    }

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
