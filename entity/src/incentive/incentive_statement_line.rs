//! Lines of statements: each a reason for a part of the total. Rows are only added.

use crate::{
    id::{IncentiveAdjustmentId, IncentiveRunId, IncentiveStatementId, UserId},
    money::Currency,
    row::row,
    words,
};

words! {
    /// What a line of a statement is.
    pub enum LineKind as "IncentiveLineKind" {
        /// A share of the target bonus, by how far a goal was reached.
        GoalAttainment = "GOAL_ATTAINMENT",
        /// Each part of what was credited at the rate of its tier.
        CommissionMarginal = "COMMISSION_MARGINAL",
        /// All that was credited at the rate of the tier that was reached.
        CommissionRetroactive = "COMMISSION_RETROACTIVE",
        /// An amount for each time that something was done.
        Spiff = "SPIFF",
        /// A part of an amount that many share.
        Pool = "POOL",
        /// What a cap takes away; never above 0.
        Forfeited = "FORFEITED",
        /// What is missing to the guaranteed amount.
        Guarantee = "GUARANTEE",
        /// Above 0 what was drawn and not earned, below 0 what is kept for earlier draws.
        Draw = "DRAW",
        /// What is taken back for sales that came to nothing.
        Clawback = "CLAWBACK",
        /// A correction of an earlier statement.
        Adjustment = "ADJUSTMENT",
    }

    /// What took an amount away.
    pub enum LineCause as "IncentiveLineCause" {
        /// A gate that was not passed.
        Gate = "GATE",
        /// The component's cap.
        ComponentCap = "COMPONENT_CAP",
        /// The plan's cap.
        PlanCap = "PLAN_CAP",
        /// The plan's cap for one person.
        PersonCap = "PERSON_CAP",
    }
}

row! {
    /// A reason for a part of a statement's total. Amounts are minor units.
    "incentive_statement_line", IncentiveStatementLineId {
        /// The statement.
        pub statement_id: IncentiveStatementId,
        /// Its run.
        pub run_id: IncentiveRunId,
        /// Of which calculation.
        pub revision: i32,
        /// Whose pay.
        pub user_id: UserId,
        /// Its place in the statement, from 1.
        pub position: i32,
        /// What it is.
        pub kind: LineKind,
        /// The key of the plan's component that it is of.
        pub component: Option<String>,
        /// What was multiplied.
        pub basis_minor: Option<i64>,
        /// How often it was paid for.
        pub events: Option<i32>,
        /// How far the goal or quota was reached, in millionths.
        pub attainment_e6: Option<i64>,
        /// What the basis was multiplied by, in millionths.
        pub factor_e6: Option<i64>,
        /// What would be paid if nothing was taken away.
        pub uncapped_minor: i64,
        /// What of it is not paid.
        pub forfeited_minor: i64,
        /// What is paid.
        pub amount_minor: i64,
        /// Currency of all amounts.
        pub currency: Currency,
        /// What took something away.
        pub because: Option<LineCause>,
        /// The adjustment that is paid or taken here.
        pub adjustment_id: Option<IncentiveAdjustmentId>,
    }
}
