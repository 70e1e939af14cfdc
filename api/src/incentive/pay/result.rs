//! What a run comes to. Pure.

use entity::id::UserId;

use crate::insight::metric::exact::Exact;

/// What one person is paid: its lines sum to its total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub user: UserId,
    pub lines: Vec<Line>,
    pub total: i64,
    /// What is still owed of recoverable draws after it.
    pub owed: i64,
    /// What is not yet taken of clawbacks: 0 or more, to be carried forward into the next run.
    pub carried: i64,
}

/// One reason for a part of the total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub kind: LineKind,
    /// The component's place in the plan, of a component and of what its cap takes.
    pub component: Option<usize>,
    /// What the rate or factor is taken of, rounded for the eye: the weighted bonus of a goal, the credited amount of a
    /// commission, the amount of a pool.
    pub basis: Option<i64>,
    /// How many events a SPIFF pays for.
    pub count: Option<u64>,
    /// How far the goal or the quota was reached; none where nothing is reached for.
    pub attainment: Option<Exact>,
    /// What the basis was multiplied by, data health included.
    pub factor: Option<Exact>,
    /// What would be paid if no gate had failed and nothing was capped.
    pub uncapped: i64,
    /// What of it is not paid because a gate failed, and then the amount is 0, or because of the component's cap, and then
    /// a line FORFEITED takes it.
    pub forfeited: i64,
    pub amount: i64,
    /// What took it, of a line FORFEITED; GATE on a component's line that a gate closed.
    pub because: Option<Because>,
    /// The adjustment that is paid or taken here.
    pub due: Option<uuid::Uuid>,
}

/// What a line is, in the order in which lines stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineKind {
    GoalAttainment,
    CommissionMarginal,
    CommissionRetroactive,
    Spiff,
    Pool,
    /// What a cap takes: never above 0.
    Forfeited,
    /// What is missing to the guaranteed amount.
    Guarantee,
    /// Above 0 what was drawn and not earned, below 0 what is kept for earlier draws.
    Draw,
    Adjustment,
    /// Below 0: what is taken back for deals that came to nothing, as much as this statement can bear.
    Clawback,
}

/// What took an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Because {
    Gate,
    ComponentCap,
    PlanCap,
    PersonCap,
}

/// Why nothing can be said. Its words name nobody: more people read them than pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayError {
    /// A goal of the plan has no attainment.
    GoalMissing(entity::id::GoalId),
    /// Somebody stands in the plan twice.
    Twice(UserId),
    /// Somebody has a commission and no quota above 0.
    NoQuota(UserId),
    /// An amount or fraction is too large to be exact.
    TooLarge,
}

impl std::fmt::Display for PayError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::GoalMissing(goal) => write!(f, "how far {goal} was reached is not known"),
            Self::Twice(_) => f.write_str("somebody stands in the plan twice"),
            Self::NoQuota(_) => f.write_str("somebody has a commission and no quota"),
            Self::TooLarge => f.write_str("a number is too large to be exact"),
        }
    }
}

impl std::error::Error for PayError {}

impl Line {
    /// A line that pays an amount, without anything beside it.
    pub fn new(kind: LineKind, amount: i64) -> Self {
        Self {
            kind,
            component: None,
            basis: None,
            count: None,
            attainment: None,
            factor: None,
            uncapped: amount,
            forfeited: 0,
            amount,
            because: None,
            due: None,
        }
    }
}
