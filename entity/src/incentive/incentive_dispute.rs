//! Quarrels over what a run came to for somebody. Their shape is that of `dispute`; whoever sees the pay sees them.

use crate::{
    dispute::Status,
    id::{IncentiveAdjustmentId, IncentiveRunId, IncentiveStatementId, IncentiveStatementLineId, UserId},
    money::Currency,
    row::row,
};

row! {
    /// A dispute over a statement or one of its lines.
    "incentive_dispute", IncentiveDisputeId {
        /// The statement.
        pub statement_id: IncentiveStatementId,
        /// Its run.
        pub run_id: IncentiveRunId,
        /// Whose pay.
        pub user_id: UserId,
        /// The line; none if it is about the whole statement.
        pub statement_line_id: Option<IncentiveStatementLineId>,
        /// The line's place in the statement; 0 if it is about the whole.
        pub position: i32,
        /// What whoever opened it says.
        pub claim: String,
        /// Ids of records that speak for it.
        pub evidence: Json,
        /// Where it stands.
        pub status: Status,
        /// What is paid or taken because of it, in minor units.
        pub amount_minor: Option<i64>,
        /// Currency of that; the statement's.
        pub currency: Currency,
        /// What was found, in somebody's words.
        pub resolution: Option<String>,
        /// Who decided.
        pub resolved_by: Option<UserId>,
        /// When.
        pub resolved_at: Option<DateTimeUtc>,
        /// The adjustment that came of it.
        pub adjustment_id: Option<IncentiveAdjustmentId>,
    }
}
