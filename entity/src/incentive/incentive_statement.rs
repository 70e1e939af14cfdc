//! Statements: what a run comes to for one person. Rows of a locked run are never changed but for when they were paid.

use crate::{
    id::{AgreementVersionId, IncentiveRunId, UserId},
    money::Currency,
    row::row,
    user::Side,
};

row! {
    /// What a run comes to for one person. Amounts are minor units.
    "incentive_statement", IncentiveStatementId {
        /// The run.
        pub run_id: IncentiveRunId,
        /// The version of the plan.
        pub agreement_version_id: AgreementVersionId,
        /// Whose pay.
        pub user_id: UserId,
        /// On which side.
        pub side: Side,
        /// Of which calculation.
        pub revision: i32,
        /// Of the run's last complete calculation.
        pub current: bool,
        /// The run's first day.
        pub period_start: Date,
        /// The first day after it.
        pub period_end: Date,
        /// Currency of all amounts.
        pub currency: Currency,
        /// The sum of its lines.
        pub total_minor: i64,
        /// What is still owed of recoverable draws after it.
        pub owed_minor: i64,
        /// What is not yet taken of clawbacks: goes into the next run.
        pub carried_minor: i64,
        /// When it was paid.
        pub paid_at: Option<DateTimeUtc>,
    }
}
