//! What runs were calculated from, as it was then. Rows are only added.

use crate::{
    id::{IncentiveRunId, IncentiveStatementLineId, OpportunityId, UserId},
    money::Currency,
    opportunity_split::SplitRole,
    row::row,
    words,
};

words! {
    /// What a line of a statement was calculated from.
    pub enum SourceKind as "IncentiveSourceKind" {
        /// A share in a sale.
        Deal = "DEAL",
        /// Something that was done and is paid for each time.
        Event = "EVENT",
        /// How far a goal was reached.
        Goal = "GOAL",
    }
}

row! {
    /// A record that a line was calculated from, as it was then.
    "incentive_source", IncentiveSourceId {
        /// The run.
        pub run_id: IncentiveRunId,
        /// Of which calculation.
        pub revision: i32,
        /// Its place among that calculation's.
        pub position: i64,
        /// The line; sources are there before it is.
        pub statement_line_id: IncentiveStatementLineId,
        /// Whose pay.
        pub user_id: UserId,
        /// The key of the plan's component.
        pub component: String,
        /// What it is.
        pub kind: SourceKind,
        /// The record's table.
        pub record_type: String,
        /// The record.
        pub record_id: Uuid,
        /// The sale that it is or is about: taken back with it.
        pub opportunity_id: Option<OpportunityId>,
        /// What the share was for.
        pub role: Option<SplitRole>,
        /// The share, in hundredths of a percent.
        pub percent_e2: Option<i64>,
        /// The shares of the sale that are credited to nobody here, as "role:user:percent" in hundredths of a percent.
        pub rest: Option<String>,
        /// What the sale was worth, in minor units of the plan's currency.
        pub amount_minor: Option<i64>,
        /// What of it was credited.
        pub base_minor: Option<i64>,
        /// Currency of both.
        pub currency: Currency,
        /// When it happened.
        pub happened_at: DateTimeUtc,
        /// How far the goal was reached, as an exact fraction.
        pub attained: Option<String>,
    }
}
