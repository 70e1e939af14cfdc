//! Goals that both sides answer for. What a goal says is in the versions of its agreement; the row shows the one that
//! counts, so that goals can be listed.

use crate::{
    id::{AgreementId, AgreementVersionId, GoalId},
    money::Currency,
    row::row,
    words,
};

words! {
    /// Where a goal stands.
    pub enum GoalStatus as "GoalStatus" {
        /// Its first version is being written.
        Draft = "DRAFT",
        /// Up for signature, or signed for an instant to come.
        Proposed = "PROPOSED",
        /// Signed by both sides; both work for it.
        Active = "ACTIVE",
        /// Its period and its days of grace are over: it was reached.
        Achieved = "ACHIEVED",
        /// Its period and its days of grace are over: it was not.
        Missed = "MISSED",
        /// Given up by both sides, or never signed.
        Cancelled = "CANCELLED",
    }
}

row! {
    /// A goal. Values count in millionths of the metric's unit.
    "goal", GoalId {
        /// Its agreement.
        pub agreement_id: AgreementId,
        /// The version that it shows: the one in force, else the latest.
        pub agreement_version_id: AgreementVersionId,
        /// What is measured.
        pub metric_key: String,
        /// The currency of money: the version's, else the organisation's when that was written.
        pub currency: Option<Currency>,
        /// The first day.
        pub period_start: Date,
        /// The first day after it.
        pub period_end: Date,
        /// Where it begins.
        pub baseline: i64,
        /// What is to be reached.
        pub target: i64,
        /// What would be better still.
        pub stretch: Option<i64>,
        /// The goal that this one is a part of.
        pub parent_id: Option<GoalId>,
        /// Where it stands.
        pub status: GoalStatus,
        /// When it was decided whether it was reached.
        pub decided_at: Option<DateTimeUtc>,
    }
}
