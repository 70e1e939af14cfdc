//! How goals stood at the end of each day. Rows are only added.

use crate::{
    id::{AgreementVersionId, GoalId},
    row::row,
    words,
};

words! {
    /// How a goal does against what is expected by now.
    pub enum PaceStatus as "PaceStatus" {
        /// At least 1.05 of what is expected.
        Ahead = "AHEAD",
        /// At least 0.95 of it.
        OnTrack = "ON_TRACK",
        /// At least 0.80 of it.
        AtRisk = "AT_RISK",
        /// Less.
        OffTrack = "OFF_TRACK",
        /// Nothing is expected yet.
        NotStarted = "NOT_STARTED",
    }
}

row! {
    /// A goal at the end of a day. Values count in millionths, of the metric's unit where they have one.
    "goal_snapshot", GoalSnapshotId {
        /// The goal.
        pub goal_id: GoalId,
        /// The version that was in force.
        pub agreement_version_id: AgreementVersionId,
        /// The day; one snapshot for each.
        pub day: Date,
        /// When it ended where the organisation is.
        pub at: DateTimeUtc,
        /// The version of the metric's formula.
        pub formula_version: i32,
        /// On how many records it rests.
        pub records: i32,
        /// It rests on so few records, or on named people's, that only who sees all records is told.
        pub few: bool,
        /// What was reached.
        pub actual: Option<i64>,
        /// What was expected.
        pub expected: Option<i64>,
        /// How much of the way was done.
        pub progress: Option<i64>,
        /// What was reached of what was expected.
        pub pace_ratio: Option<i64>,
        /// What would be reached at this pace.
        pub projected: Option<i64>,
        /// What each day left must bring.
        pub required_per_day: Option<i64>,
        /// How it did.
        pub status: Option<PaceStatus>,
    }
}
