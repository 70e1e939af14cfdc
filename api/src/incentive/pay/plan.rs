//! A plan as it is reckoned with: what pays, how much, and what it hangs on. Pure.

use chrono::NaiveDate;
use entity::{
    id::{GoalId, UserId},
    money::Currency,
    user::Side,
};

use crate::insight::metric::exact::Exact;

/// Hundredths of a percent in a whole.
pub const WHOLE: u32 = 10_000;

/// What was signed. Amounts are minor units of `currency`; rates, thresholds and factors are exact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The first day.
    pub start: NaiveDate,
    /// The first day after it.
    pub end: NaiveDate,
    pub currency: Currency,
    pub components: Vec<Component>,
    /// All must be passed, or no component pays.
    pub gates: Vec<Gate>,
    pub health: Vec<HealthRule>,
    /// The most that the components pay to all people together.
    pub plan_cap: Option<i64>,
    /// The most that the components pay to one person.
    pub person_cap: Option<i64>,
    pub clawback: Clawback,
}

/// One reason for pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Unique in the plan; what lines and credits name it by.
    pub key: String,
    /// Whose people it pays; both if empty.
    pub sides: Vec<Side>,
    /// The most it pays to one person.
    pub cap: Option<i64>,
    /// Passed as well as the plan's, or this component pays nothing.
    pub gates: Vec<Gate>,
    pub rule: Rule,
}

/// How a component pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A share of the target bonus, by how far a goal was reached.
    Goal {
        goal: GoalId,
        /// Of the target bonus, in hundredths of a percent; those of one side sum to 10,000.
        weight: u32,
        curve: Curve,
    },
    /// Each part of the credited amount at the rate of the tier that it lies in.
    Marginal { roles: Vec<SplitRole>, tiers: Vec<Tier> },
    /// The whole credited amount at the rate of the tier that was reached.
    Retroactive { roles: Vec<SplitRole>, tiers: Vec<Tier> },
    /// An amount for each event, the first so many of a person.
    Spiff { each: i64, most: Option<u32> },
    /// An amount that the people share.
    Pool { amount: i64, by: PoolShare },
}

/// From how far a goal was reached to how much of its bonus is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Curve {
    /// Below it nothing is paid; 0 to less than 1.
    pub threshold: Exact,
    /// What is paid at the threshold; rises to 1 at 1. 0 to 1.
    pub threshold_pay: Exact,
    /// How much more for each part beyond 1; 0 or more.
    pub accelerator: Exact,
    /// The most, 1 or more; none for no end.
    pub cap: Option<Exact>,
}

/// What is paid in `[from, to)` of quota attainment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    pub from: Exact,
    /// None in the last.
    pub to: Option<Exact>,
    /// A share of the credited amount: 0.08 is 8 %.
    pub rate: Exact,
}

/// Passed at the threshold or beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    pub goal: GoalId,
    /// 0 to less than 1.
    pub threshold: Exact,
}

/// Multiplies what components pay while a data health lies below its floor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthRule {
    /// Whose people; both if none.
    pub side: Option<Side>,
    pub floor: Exact,
    /// 0 to 1.
    pub factor: Exact,
}

/// How a pool is shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PoolShare {
    /// By the people's weights, each for the days that it stood.
    Weight,
    /// By what they are credited with in these roles; nobody is paid where nobody is credited.
    Credit(Vec<SplitRole>),
}

/// What somebody did for a deal, in the order in which a cent left over is given away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SplitRole {
    Owner,
    Sdr,
    Se,
    Marketing,
    /// Paid beside the others, never part of the whole.
    Overlay,
}

/// What is taken back when a paid deal comes to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clawback {
    /// All is taken back up to this age in days.
    pub full_days: u32,
    /// Nothing from this age on; more than `full_days`.
    pub none_days: u32,
    /// The most taken off one statement, of what it would pay otherwise, in hundredths of a percent; the rest is carried on.
    pub most_deducted: u32,
    /// Gates and goals are reckoned anew too.
    pub goals: bool,
}

impl Default for Clawback {
    fn default() -> Self {
        Self { full_days: 90, none_days: 180, most_deducted: WHOLE, goals: false }
    }
}

/// A person in a plan: the terms that stood when it was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    pub user: UserId,
    pub side: Side,
    /// For the whole period.
    pub target_bonus: i64,
    /// For the whole period; above 0. None only without commission.
    pub quota: Option<i64>,
    /// The first day in the plan; the plan's unless given.
    pub from: Option<NaiveDate>,
    /// The first day no longer in it.
    pub until: Option<NaiveDate>,
    /// At least this is paid.
    pub guarantee: Option<i64>,
    pub draw: Option<Draw>,
    /// Of pools that are shared by weight.
    pub pool_weight: u32,
}

/// Pay in advance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    pub amount: i64,
    /// What was not earned is kept from later pay.
    pub recoverable: bool,
}

impl Component {
    pub fn pays(&self, side: Side) -> bool {
        self.sides.is_empty() || self.sides.contains(&side)
    }

    /// The roles whose share of a deal it counts; empty where it does not count deals.
    pub fn roles(&self) -> &[SplitRole] {
        match &self.rule {
            Rule::Marginal { roles, .. }
            | Rule::Retroactive { roles, .. }
            | Rule::Pool { by: PoolShare::Credit(roles), .. } => roles,
            _ => &[],
        }
    }

    pub fn goal(&self) -> Option<GoalId> {
        if let Rule::Goal { goal, .. } = self.rule { Some(goal) } else { None }
    }
}

impl Plan {
    /// Every goal whose attainment is needed, each once, in order.
    pub fn goals(&self) -> Vec<GoalId> {
        let gates = self.components.iter().flat_map(|component| &component.gates).chain(&self.gates);
        let mut all: Vec<_> = self.components.iter().filter_map(Component::goal).collect();
        all.extend(gates.map(|gate| gate.goal));
        all.sort_by_key(|goal| goal.0);
        all.dedup();
        all
    }
}

impl Participant {
    /// The days that it stands in the plan's period, and the period's.
    pub fn days(&self, plan: &Plan) -> (i64, i64) {
        let from = self.from.map_or(plan.start, |day| day.max(plan.start));
        let until = self.until.map_or(plan.end, |day| day.min(plan.end));
        ((until - from).num_days().max(0), (plan.end - plan.start).num_days())
    }
}
