//! What must be true before an opportunity leaves a stage.

use crate::{activity, committee_member::CommitteeRole, id::StageId, row::row, words};

words! {
    /// What a condition for leaving a stage looks at.
    pub enum CriterionKind as "CriterionKind" {
        /// A field of the opportunity.
        Field = "FIELD",
        /// What was done on it.
        Activity = "ACTIVITY",
        /// What somebody at the buyer has confirmed.
        BuyerEvidence = "BUYER_EVIDENCE",
    }
}

row! {
    /// A condition for leaving a stage.
    "stage_criterion", StageCriterionId {
        /// The stage.
        pub stage_id: StageId,
        /// Place among the stage's conditions, from 0.
        pub position: i32,
        /// What people call it.
        pub label: String,
        /// What it looks at.
        pub kind: CriterionKind,
        /// The opportunity's field, by its name in the schema.
        pub field: Option<String>,
        /// The least number, times 10^4.
        pub minimum_e4: Option<i64>,
        /// The sort of activity.
        pub activity_kind: Option<activity::Kind>,
        /// The part in the buying committee.
        pub committee_role: Option<CommitteeRole>,
    }
}
