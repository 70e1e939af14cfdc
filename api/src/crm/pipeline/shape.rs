//! When a pipeline's stages make sense. Pure.

use entity::{id::StageId, stage::StageType};

/// Where a stage stands.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// None for a stage that is not written yet.
    pub stage: Option<StageId>,
    pub position: i32,
    pub stage_type: StageType,
}

/// What keeps these stages from being a pipeline's, if anything.
pub fn wrong(places: &[Place]) -> Option<&'static str> {
    let has = |wanted| places.iter().any(|p| p.stage_type == wanted);
    if !has(StageType::Open) {
        return Some("a pipeline needs at least one OPEN stage");
    }
    if !has(StageType::Won) || !has(StageType::Lost) {
        return Some("a pipeline needs at least one WON and one LOST stage");
    }
    let mut sorted = places.to_vec();
    sorted.sort_by_key(|p| p.position);
    if sorted.windows(2).any(|pair| pair[0].position == pair[1].position) {
        return Some("two stages of a pipeline cannot have the same position");
    }
    let open = sorted.iter().rposition(|p| p.stage_type == StageType::Open);
    let closed = sorted.iter().position(|p| p.stage_type != StageType::Open);
    (open > closed).then_some("OPEN stages come before WON and LOST ones")
}

#[cfg(test)]
mod tests {
    use super::{
        StageType::{Lost, Open, Won},
        *,
    };

    fn of(stages: &[(i32, StageType)]) -> Option<&'static str> {
        let place = |(position, stage_type): &(i32, StageType)| Place {
            stage: None,
            position: *position,
            stage_type: *stage_type,
        };
        wrong(&stages.iter().map(place).collect::<Vec<_>>())
    }

    #[test]
    fn open_stages_then_a_won_and_a_lost_one_make_a_pipeline() {
        assert_eq!(of(&[(0, Open), (1, Open), (2, Won), (3, Lost)]), None);
        assert_eq!(of(&[(3, Lost), (0, Open), (9, Won)]), None);
    }

    #[test]
    fn a_pipeline_needs_every_type_distinct_places_and_open_ones_first() {
        assert!(of(&[]).is_some());
        assert!(of(&[(0, Open), (1, Won)]).is_some());
        assert!(of(&[(0, Open), (1, Lost)]).is_some());
        assert!(of(&[(0, Won), (1, Lost)]).is_some());
        assert!(of(&[(0, Open), (1, Won), (1, Lost)]).is_some());
        assert!(of(&[(0, Won), (1, Open), (2, Lost)]).is_some());
    }
}
