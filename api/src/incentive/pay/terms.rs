//! Plans and people for tests.

use entity::{
    id::{GoalId, OpportunityId, RowId, UserId},
    user::Side,
};
use uuid::Uuid;

use super::{
    input::{Credit, Inputs},
    plan::{Clawback, Component, Curve, Participant, Plan, Rule, SplitRole, Tier},
    result::Statement,
};
use crate::insight::metric::exact::Exact;

pub fn n(text: &str) -> Exact {
    Exact::parse(text).unwrap()
}

pub fn user(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

pub fn goal(number: u128) -> GoalId {
    GoalId::from_uuid(Uuid::from_u128(number))
}

pub fn deal(number: u128) -> OpportunityId {
    OpportunityId::from_uuid(Uuid::from_u128(number))
}

pub fn tier(from: &str, to: &str, rate: &str) -> Tier {
    Tier { from: n(from), to: if to.is_empty() { None } else { Some(n(to)) }, rate: n(rate) }
}

/// 8 % to the quota, 12 % to 125 % of it, 16 % above.
pub fn tiers() -> Vec<Tier> {
    vec![tier("0", "1", "0.08"), tier("1", "1.25", "0.12"), tier("1.25", "", "0.16")]
}

pub fn curve() -> Curve {
    Curve { threshold: n("0.70"), threshold_pay: n("0.50"), accelerator: n("1.5"), cap: Some(n("2.00")) }
}

pub fn component(key: &str, rule: Rule) -> Component {
    Component { key: key.into(), sides: vec![], cap: None, gates: vec![], rule }
}

pub fn marginal() -> Component {
    component("commission", Rule::Marginal { roles: vec![SplitRole::Owner], tiers: tiers() })
}

pub fn retroactive() -> Component {
    component("commission", Rule::Retroactive { roles: vec![SplitRole::Owner], tiers: tiers() })
}

pub fn for_goal(key: &str, number: u128, weight: u32) -> Component {
    component(key, Rule::Goal { goal: goal(number), weight, curve: curve() })
}

/// A quarter of 92 days.
pub fn plan(components: Vec<Component>) -> Plan {
    Plan {
        start: "2026-07-01".parse().unwrap(),
        end: "2026-10-01".parse().unwrap(),
        currency: "USD".parse().unwrap(),
        components,
        gates: vec![],
        health: vec![],
        plan_cap: None,
        person_cap: None,
        clawback: Clawback::default(),
    }
}

/// Sales, with a target bonus of 20,000.00 and a quota of 500,000.00.
pub fn person(number: u128) -> Participant {
    Participant {
        user: user(number),
        side: Side::Sales,
        target_bonus: 2_000_000,
        quota: Some(50_000_000),
        from: None,
        until: None,
        guarantee: None,
        draw: None,
        pool_weight: 0,
    }
}

pub fn credit(person: u128, number: u128, base: i64) -> Credit {
    Credit { component: 0, user: user(person), deal: deal(number), role: SplitRole::Owner, base }
}

/// What the first person is paid for one credited amount in the first component.
pub fn paid(plan: &Plan, base: i64) -> Statement {
    let mut inputs = Inputs { participants: vec![person(1)], ..Inputs::default() };
    inputs.sums.credit(&credit(1, 1, base));
    super::calculate::calculate(plan, &inputs).unwrap().remove(0)
}
