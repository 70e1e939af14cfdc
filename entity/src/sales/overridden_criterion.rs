//! What was not met when somebody moved an opportunity all the same. Rows are only added.

use crate::{
    id::{StageChangeId, StageCriterionId},
    row::row,
};

row! {
    /// A condition that a move passed over.
    "overridden_criterion", OverriddenCriterionId {
        /// The move.
        pub stage_change_id: StageChangeId,
        /// The condition.
        pub stage_criterion_id: StageCriterionId,
        /// What people called it then.
        pub label: String,
        /// What it asked for.
        pub expected: String,
        /// What there was.
        pub actual: String,
    }
}
