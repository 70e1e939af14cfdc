//! Changes of a plan that a finding proposes. Pure.

use super::{money, percent};
use crate::{
    incentive::pay::plan::{Component, Gate, Plan, PoolShare, Rule},
    insight::metric::exact::Exact,
};

/// One change; components by their place in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Adds this to every rate; below 0 takes it away.
    Rates {
        component: usize,
        by: Exact,
    },
    /// No rate is lower than this.
    LeastRate {
        component: usize,
        rate: Exact,
    },
    /// Each part at its own tier's rate.
    Marginal {
        component: usize,
    },
    ThresholdPay {
        component: usize,
        pay: Exact,
    },
    Threshold {
        component: usize,
        threshold: Exact,
    },
    CurveCap {
        component: usize,
        cap: Exact,
    },
    Cap {
        component: usize,
        cap: i64,
    },
    Most {
        component: usize,
        most: u32,
    },
    /// Pays only where a shared goal is reached so far.
    Gate {
        component: usize,
        gate: Gate,
    },
    PoolByWeight {
        component: usize,
    },
    PersonCap {
        cap: i64,
    },
    PlanCap {
        cap: i64,
    },
    /// Pays nothing any more.
    Drop {
        component: usize,
    },
}

impl Change {
    #[must_use]
    pub fn apply(&self, mut plan: Plan) -> Plan {
        match self {
            Self::PersonCap { cap } => plan.person_cap = Some(*cap),
            Self::PlanCap { cap } => plan.plan_cap = Some(*cap),
            Self::Drop { component } => {
                if *component < plan.components.len() {
                    plan.components.remove(*component);
                }
            }
            Self::Rates { component, .. }
            | Self::LeastRate { component, .. }
            | Self::Marginal { component }
            | Self::ThresholdPay { component, .. }
            | Self::Threshold { component, .. }
            | Self::CurveCap { component, .. }
            | Self::Cap { component, .. }
            | Self::Most { component, .. }
            | Self::Gate { component, .. }
            | Self::PoolByWeight { component } => {
                if let Some(part) = plan.components.get_mut(*component) {
                    self.of_component(part);
                }
            }
        }
        plan
    }

    fn of_component(&self, part: &mut Component) {
        match (self, &mut part.rule) {
            (Self::Cap { cap, .. }, _) => part.cap = Some(*cap),
            (Self::Gate { gate, .. }, _) => part.gates.push(*gate),
            (Self::Rates { by, .. }, Rule::Marginal { tiers, .. } | Rule::Retroactive { tiers, .. }) => {
                for tier in tiers {
                    let rate = tier.rate.plus(*by).unwrap_or(tier.rate);
                    let rate = if rate.is_negative() { Exact::ZERO } else { rate };
                    tier.rate = if rate.at_least(Exact::whole(1)) { Exact::whole(1) } else { rate };
                }
            }
            (Self::LeastRate { rate, .. }, Rule::Marginal { tiers, .. } | Rule::Retroactive { tiers, .. }) => {
                for tier in tiers.iter_mut().filter(|tier| !tier.rate.at_least(*rate)) {
                    tier.rate = *rate;
                }
            }
            (Self::Marginal { .. }, Rule::Retroactive { roles, tiers }) => {
                part.rule = Rule::Marginal { roles: roles.clone(), tiers: tiers.clone() };
            }
            (Self::ThresholdPay { pay, .. }, Rule::Goal { curve, .. }) => curve.threshold_pay = *pay,
            (Self::Threshold { threshold, .. }, Rule::Goal { curve, .. }) => curve.threshold = *threshold,
            (Self::CurveCap { cap, .. }, Rule::Goal { curve, .. }) => curve.cap = Some(*cap),
            (Self::Most { most: limit, .. }, Rule::Spiff { most, .. }) => *most = Some(*limit),
            (Self::PoolByWeight { .. }, Rule::Pool { by, .. }) => *by = PoolShare::Weight,
            _ => {}
        }
    }

    /// One sentence for people.
    pub fn said(&self, plan: &Plan) -> String {
        let key = |at: &usize| plan.components.get(*at).map_or("?", |component| component.key.as_str()).to_owned();
        let points = |by: Exact| {
            let millionths = by.scaled(6).and_then(|by| i64::try_from(by).ok()).unwrap_or(0);
            entity::money::print_scaled(millionths, 4)
        };
        match self {
            Self::Rates { component, by } => {
                format!("change every rate of {} by {} percentage points", key(component), points(*by))
            }
            Self::LeastRate { component, rate } => {
                format!("raise every rate of {} to at least {}", key(component), percent(*rate))
            }
            Self::Marginal { component } => format!("pay {} marginally instead of retroactively", key(component)),
            Self::ThresholdPay { component, pay } => {
                format!("pay {} at the threshold of {}", percent(*pay), key(component))
            }
            Self::Threshold { component, threshold } => {
                format!("lower the threshold of {} to {}", key(component), percent(*threshold))
            }
            Self::CurveCap { component, cap } => {
                format!("raise the curve's cap of {} to {}", key(component), percent(*cap))
            }
            Self::Cap { component, cap } => format!("cap {} at {}", key(component), money(plan, *cap)),
            Self::Most { component, most } => format!("pay {} for at most {most} events", key(component)),
            Self::Gate { component, gate } => {
                format!("pay {} only where {} is reached by {}", key(component), gate.goal, percent(gate.threshold))
            }
            Self::PoolByWeight { component } => format!("share {} by weights", key(component)),
            Self::PersonCap { cap } => format!("raise the cap of a person to {}", money(plan, *cap)),
            Self::PlanCap { cap } => format!("raise the cap of the plan to {}", money(plan, *cap)),
            Self::Drop { component } => format!("leave {} out", key(component)),
        }
    }
}
