//! Runs: what a plan comes to for a period, calculated, approved, locked and paid. Amounts are not here: more people read
//! runs than pay.

use crate::{
    id::{AgreementVersionId, UserId},
    money::Currency,
    row::row,
    words,
};

words! {
    /// Where a run of an incentive plan stands.
    pub enum RunStatus as "IncentiveRunStatus" {
        /// Nothing is calculated yet.
        Draft = "DRAFT",
        /// Calculated; may be calculated anew.
        Calculated = "CALCULATED",
        /// Up for approval; may still be calculated anew, which takes it back.
        InReview = "IN_REVIEW",
        /// Approved by a second person.
        Approved = "APPROVED",
        /// Fixed for good: corrections are adjustments in a later run.
        Locked = "LOCKED",
        /// Paid.
        Paid = "PAID",
        /// Taken back whole: adjustments in a later run take back what it came to.
        Reversed = "REVERSED",
    }
}

row! {
    /// A run of an incentive plan.
    "incentive_run", IncentiveRunId {
        /// The version of the plan that it pays by.
        pub agreement_version_id: AgreementVersionId,
        /// The first day.
        pub period_start: Date,
        /// The first day after it.
        pub period_end: Date,
        /// Currency of its amounts.
        pub currency: Currency,
        /// Where it stands.
        pub status: RunStatus,
        /// The last complete calculation, from 1; 0 before.
        pub revision: i32,
        /// SHA-256 over everything that revision was calculated from.
        pub inputs_hash: Option<String>,
        /// Goes into that hash, so that nobody can try amounts against it; told to nobody.
        pub salt: String,
        /// The last calculation that was begun, complete or not.
        pub attempts: i32,
        /// The calculation that goes on.
        pub calculating: Option<i32>,
        /// How far that is: records looked at.
        pub looked_at: i32,
        /// What is frozen beside the sources, and where the calculation goes on after a crash.
        pub frozen: Option<Json>,
        /// What it comes to for sides and teams of enough people, as they were when it was calculated.
        pub totals: Option<Json>,
        /// Why the last calculation came to nothing.
        pub failure: Option<String>,
        /// When the last revision was complete.
        pub calculated_at: Option<DateTimeUtc>,
        /// When it was put up for approval.
        pub submitted_at: Option<DateTimeUtc>,
        /// Who did.
        pub submitted_by: Option<UserId>,
        /// When it was approved.
        pub approved_at: Option<DateTimeUtc>,
        /// Who did.
        pub approved_by: Option<UserId>,
        /// When it was locked.
        pub locked_at: Option<DateTimeUtc>,
        /// Who did.
        pub locked_by: Option<UserId>,
        /// When it was paid.
        pub paid_at: Option<DateTimeUtc>,
        /// Who said so.
        pub paid_by: Option<UserId>,
        /// When it was taken back.
        pub reversed_at: Option<DateTimeUtc>,
        /// Who did.
        pub reversed_by: Option<UserId>,
        /// Why.
        pub reversal_reason: Option<String>,
    }
}
