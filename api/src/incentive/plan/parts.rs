//! The parts of an incentive plan, as they are written and stored. Pure.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{ID, InputObject, SimpleObject};
use entity::{opportunity::OppType, opportunity_split::SplitRole, user::Side, words};
use serde::{Deserialize, Serialize};

use crate::graph::{derived::Term, scalar::Decimal};

words! {
    /// What a SPIFF pays for, each time.
    pub enum SpiffEvent as "IncentiveSpiffEvent" {
        /// A lead that one accepted in time: its clock for the answer to the offer was met. Once for each lead, however often it
        /// came back and was accepted again.
        LeadAcceptedInSla = "LEAD_ACCEPTED_IN_SLA",
        /// A lead that one offered and that sales accepted; overturned rejections too.
        OfferAccepted = "OFFER_ACCEPTED",
        /// A sale that one owns and that was won.
        OpportunityWon = "OPPORTUNITY_WON",
    }

    /// How a pool is shared.
    pub enum PoolBy as "IncentivePoolShare" {
        /// By people's weights, each for the days that they were in the plan.
        Weight = "WEIGHT",
        /// By what they were credited with.
        Credit = "CREDIT",
    }
}

/// One reason for pay: exactly one of `goalAttainment`, `commissionMarginal`, `commissionRetroactive`, `spiff` and `pool`.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "IncentiveComponentInput")]
pub struct IncentiveComponent {
    /// Its name for programs, unique in the plan. At most 40 characters.
    pub key: String,
    /// The name people see. At most 200 characters.
    pub name: String,
    /// Whose people it pays; those of both sides unless given.
    #[serde(default)]
    #[graphql(default)]
    pub sides: Vec<Term<Side>>,
    /// The most it pays to one person, in the plan's currency.
    pub cap: Option<Decimal>,
    /// Passed as well as the plan's own, or it pays nothing.
    #[serde(default)]
    #[graphql(default)]
    pub gates: Vec<IncentiveGate>,
    /// A share of the target bonus, by how far a goal was reached.
    pub goal_attainment: Option<IncentiveGoalPart>,
    /// Each part of what was credited at the rate of the tier that it lies in.
    pub commission_marginal: Option<IncentiveCommission>,
    /// All that was credited at the rate of the tier that was reached.
    pub commission_retroactive: Option<IncentiveCommission>,
    /// An amount for each time that something is done.
    pub spiff: Option<IncentiveSpiff>,
    /// An amount that people share.
    pub pool: Option<IncentivePool>,
}

/// Passed when a goal is reached to its threshold or beyond; else nothing is paid but guarantees and adjustments.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "IncentiveGateInput")]
pub struct IncentiveGate {
    /// The goal: an id that begins with `goal_`.
    pub goal_id: ID,
    /// How much of the goal: 0 to less than 1.
    pub threshold: Decimal,
}

/// A share of the target bonus.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "IncentiveGoalPartInput")]
pub struct IncentiveGoalPart {
    /// The goal: an id that begins with `goal_`.
    pub goal_id: ID,
    /// How much of the target bonus, in percent with at most two decimals; those of a side are 100 together.
    pub weight: Decimal,
    /// How much is paid for how much of the goal.
    pub curve: IncentiveCurve,
}

/// How much of a bonus is paid for how much of a goal: nothing below the threshold, `thresholdPay` there, all of it at the
/// goal, in a straight line between them; beyond the goal `accelerator` times as much more.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "IncentiveCurveInput")]
pub struct IncentiveCurve {
    /// 0 to less than 1.
    pub threshold: Decimal,
    /// 0 to 1.
    pub threshold_pay: Decimal,
    /// 0 or more.
    pub accelerator: Decimal,
    /// The most that is paid of the bonus, 1 or more; no end unless given.
    pub cap: Option<Decimal>,
}

/// A share of what somebody is credited with from sales that were won in the period.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "IncentiveCommissionInput")]
pub struct IncentiveCommission {
    /// The shares in sales that it counts: see `opportunitySplitsSet`. At least one.
    pub roles: Vec<Term<SplitRole>>,
    /// Only sales of these types; all unless given.
    #[serde(default)]
    #[graphql(default)]
    pub opportunity_types: Vec<Term<OppType>>,
    /// By how much of the quota was reached: 1 to 20, from 0 on without gaps, the last without an end.
    pub tiers: Vec<IncentiveTier>,
}

/// From one part of the quota up to another, which is not part of it.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "IncentiveTierInput")]
pub struct IncentiveTier {
    /// From how much of the quota: 1 is all of it.
    pub from: Decimal,
    /// Up to how much; none in the last tier.
    pub to: Option<Decimal>,
    /// The share that is paid: 0.08 is 8 percent.
    pub rate: Decimal,
}

/// An amount for each time that something is done.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "IncentiveSpiffInput")]
pub struct IncentiveSpiff {
    /// What.
    pub event: Term<SpiffEvent>,
    /// How much each time, in the plan's currency.
    pub each: Decimal,
    /// How often at most for one person; the first ones count.
    pub most: Option<i32>,
}

/// An amount that people share.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "IncentivePoolInput")]
pub struct IncentivePool {
    /// How much for all together, in the plan's currency.
    pub amount: Decimal,
    /// How it is shared.
    pub by: Term<PoolBy>,
    /// For CREDIT the shares in sales that it counts.
    #[serde(default)]
    #[graphql(default)]
    pub roles: Vec<Term<SplitRole>>,
}

/// Multiplies what components pay while records are not kept well enough: see the metric DATA_HEALTH.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "IncentiveHealthRuleInput")]
pub struct IncentiveHealthRule {
    /// Whose people; those of both sides unless given.
    pub side: Option<Term<Side>>,
    /// Data health below this lowers what is paid: 0 to 1.
    pub floor: Decimal,
    /// What it is multiplied by then: 0 to 1.
    pub factor: Decimal,
}

/// What is taken back when a sale that was paid for comes to nothing.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "IncentiveClawbackInput")]
pub struct IncentiveClawback {
    /// All of it up to so many days after it was won; 90 unless given.
    pub full_days: Option<i32>,
    /// Nothing from so many days on; 180 unless given.
    pub none_days: Option<i32>,
    /// The most that is taken off one statement, in percent with at most two decimals; the rest is carried on. 100 unless given.
    pub most_deducted: Option<Decimal>,
    /// Goals and gates are reckoned anew too.
    pub goals: Option<bool>,
}
