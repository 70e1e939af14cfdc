//! Adjustments: corrections of locked runs, paid or taken with a later one. Rows are never edited; they are only marked with
//! the run that took them in.

use crate::{
    id::{AgreementVersionId, IncentiveRunId, IncentiveStatementLineId, OpportunityId, UserId},
    money::Currency,
    row::row,
    words,
};

words! {
    /// Why somebody's pay is corrected.
    pub enum AdjustmentReason as "IncentiveAdjustmentReason" {
        /// A paid sale came to nothing.
        Clawback = "CLAWBACK",
        /// A dispute over a statement was upheld.
        Dispute = "DISPUTE",
        /// A mistake.
        Correction = "CORRECTION",
        /// A whole run was taken back.
        Reversal = "REVERSAL",
        /// What an earlier statement could not bear.
        CarryForward = "CARRY_FORWARD",
        /// A sale was won late into the period of a locked run, or raised beyond what that run has paid for.
        LateSale = "LATE_SALE",
    }
}

row! {
    /// A correction of somebody's pay.
    "incentive_adjustment", IncentiveAdjustmentId {
        /// Whose pay.
        pub user_id: UserId,
        /// The run that it corrects.
        pub run_id: IncentiveRunId,
        /// The version of the plan.
        pub agreement_version_id: AgreementVersionId,
        /// The line that it corrects.
        pub statement_line_id: Option<IncentiveStatementLineId>,
        /// The sale that it is about.
        pub opportunity_id: Option<OpportunityId>,
        /// Why.
        pub reason: AdjustmentReason,
        /// Above 0 paid, below 0 taken, in minor units.
        pub amount_minor: i64,
        /// Currency of that.
        pub currency: Currency,
        /// The same in somebody's words.
        pub note: Option<String>,
        /// When what it is for happened.
        pub triggered_at: DateTimeUtc,
        /// What it was reckoned from.
        pub detail: Option<Json>,
        /// The run that took it in; none while it waits for one.
        pub posted_run_id: Option<IncentiveRunId>,
    }
}
