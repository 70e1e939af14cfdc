//! A plan's body as the plan that is reckoned with. Pure.

use entity::{
    id::GoalId,
    money::{Currency, Money},
    opportunity_split,
};

use super::{
    body::IncentivePlanBody,
    parts::{IncentiveClawback, IncentiveComponent, IncentiveCurve, IncentiveGate, IncentiveTier, PoolBy},
};
use crate::{
    error::{Fault, FaultCode},
    graph::scalar::Decimal,
    incentive::pay::plan::{Clawback, Component, Curve, Gate, HealthRule, Plan, PoolShare, Rule, SplitRole, Tier},
    insight::metric::exact::Exact,
};

/// Decimals of rates, thresholds and factors.
const DECIMALS: u32 = 6;

type Read<T> = Result<T, Vec<Fault>>;

fn wrong(field: &str, message: impl Into<String>) -> Vec<Fault> {
    vec![Fault::new(FaultCode::Validation, field, message)]
}

fn under(faults: Vec<Fault>, path: &[&str]) -> Vec<Fault> {
    let lay = |fault: Fault| path.iter().rev().fold(fault, |fault, part| fault.under(*part));
    faults.into_iter().map(lay).collect()
}

fn exact(field: &str, value: &Decimal) -> Read<Exact> {
    if value.0.normalize().scale() > DECIMALS {
        return Err(wrong(field, "give at most six decimals"));
    }
    Exact::parse(&value.to_string()).ok_or_else(|| wrong(field, "not a number that can be reckoned with"))
}

/// Percent with two decimals, in hundredths.
fn percent(field: &str, value: &Decimal) -> Read<u32> {
    let hundredths = entity::money::parse_scaled(&value.0.normalize().to_string(), 2).ok();
    hundredths
        .and_then(|n| u32::try_from(n).ok())
        .ok_or_else(|| wrong(field, "give 0 to 100 with at most two decimals"))
}

fn amount(field: &str, value: &Decimal, currency: Currency) -> Read<i64> {
    let money = Money::parse(&value.0.normalize().to_string(), currency);
    money.map(|money| money.amount_minor).map_err(|error| wrong(field, error.to_string()))
}

fn count(field: &str, n: Option<i32>) -> Read<Option<u32>> {
    n.map(|n| u32::try_from(n).map_err(|_| wrong(field, "this cannot be negative"))).transpose()
}

pub fn plan(body: &IncentivePlanBody) -> Read<Plan> {
    let (start, end) = body.days();
    let currency = body.currency.0;
    let cap = |field: &str, value: &Option<Decimal>| value.as_ref().map(|v| amount(field, v, currency)).transpose();
    let mut faults = vec![];
    let mut components = vec![];
    for (at, part) in body.components.iter().enumerate() {
        match component(part, currency) {
            Ok(read) => components.push(read),
            Err(wrong) => faults.extend(under(wrong, &["components", &at.to_string()])),
        }
    }
    let rest = || -> Read<_> {
        let health = body.data_health.iter().enumerate().map(|(at, rule)| {
            let read = || {
                let (floor, factor) = (exact("floor", &rule.floor)?, exact("factor", &rule.factor)?);
                Ok(HealthRule { side: rule.side.map(|side| side.0), floor, factor })
            };
            read().map_err(|wrong| under(wrong, &["dataHealth", &at.to_string()]))
        });
        Ok(Plan {
            start,
            end,
            currency,
            components: vec![],
            gates: gates(&body.gates)?,
            health: health.collect::<Read<_>>()?,
            plan_cap: cap("planCap", &body.plan_cap)?,
            person_cap: cap("personCap", &body.person_cap)?,
            clawback: clawback(body.clawback.as_ref()).map_err(|wrong| under(wrong, &["clawback"]))?,
        })
    };
    match rest() {
        Ok(plan) if faults.is_empty() => Ok(Plan { components, ..plan }),
        Ok(_) => Err(faults),
        Err(wrong) => Err([faults, wrong].concat()),
    }
}

fn component(said: &IncentiveComponent, currency: Currency) -> Read<Component> {
    let member = said.member().ok_or_else(|| {
        wrong("key", "give exactly one of goalAttainment, commissionMarginal, commissionRetroactive, spiff and pool")
    })?;
    let cap = said.cap.as_ref().map(|cap| amount("cap", cap, currency)).transpose()?;
    Ok(Component {
        key: said.key.clone(),
        sides: said.sides.iter().map(|side| side.0).collect(),
        cap,
        gates: gates(&said.gates)?,
        rule: rule(said, currency).map_err(|wrong| under(wrong, &[member]))?,
    })
}

fn rule(said: &IncentiveComponent, currency: Currency) -> Read<Rule> {
    if let Some(part) = &said.goal_attainment {
        let curve = curve(&part.curve).map_err(|wrong| under(wrong, &["curve"]))?;
        return Ok(Rule::Goal { goal: goal(&part.goal_id)?, weight: percent("weight", &part.weight)?, curve });
    }
    if let Some(part) = &said.commission_marginal {
        return Ok(Rule::Marginal { roles: roles(part.roles.iter().map(|role| role.0)), tiers: tiers(&part.tiers)? });
    }
    if let Some(part) = &said.commission_retroactive {
        return Ok(Rule::Retroactive {
            roles: roles(part.roles.iter().map(|role| role.0)),
            tiers: tiers(&part.tiers)?,
        });
    }
    if let Some(part) = &said.spiff {
        return Ok(Rule::Spiff { each: amount("each", &part.each, currency)?, most: count("most", part.most)? });
    }
    let part = said.pool.as_ref().ok_or_else(|| wrong("pool", "this is required"))?;
    let by = match part.by.0 {
        PoolBy::Weight => PoolShare::Weight,
        PoolBy::Credit if part.roles.is_empty() => return Err(wrong("roles", "give at least one for CREDIT")),
        PoolBy::Credit => PoolShare::Credit(roles(part.roles.iter().map(|role| role.0))),
    };
    Ok(Rule::Pool { amount: amount("amount", &part.amount, currency)?, by })
}

fn goal(id: &async_graphql::ID) -> Read<GoalId> {
    id.parse().map_err(|_| wrong("goalId", "not an id of goal"))
}

fn gates(said: &[IncentiveGate]) -> Read<Vec<Gate>> {
    let one = |(at, gate): (usize, &IncentiveGate)| {
        let read = || Ok(Gate { goal: goal(&gate.goal_id)?, threshold: exact("threshold", &gate.threshold)? });
        read().map_err(|wrong| under(wrong, &["gates", &at.to_string()]))
    };
    said.iter().enumerate().map(one).collect()
}

fn curve(said: &IncentiveCurve) -> Read<Curve> {
    Ok(Curve {
        threshold: exact("threshold", &said.threshold)?,
        threshold_pay: exact("thresholdPay", &said.threshold_pay)?,
        accelerator: exact("accelerator", &said.accelerator)?,
        cap: said.cap.as_ref().map(|cap| exact("cap", cap)).transpose()?,
    })
}

fn tiers(said: &[IncentiveTier]) -> Read<Vec<Tier>> {
    let one = |(at, tier): (usize, &IncentiveTier)| {
        let read = || {
            let to = tier.to.as_ref().map(|to| exact("to", to)).transpose()?;
            Ok(Tier { from: exact("from", &tier.from)?, to, rate: exact("rate", &tier.rate)? })
        };
        read().map_err(|wrong| under(wrong, &["tiers", &at.to_string()]))
    };
    said.iter().enumerate().map(one).collect()
}

fn clawback(said: Option<&IncentiveClawback>) -> Read<Clawback> {
    let usual = Clawback::default();
    let Some(said) = said else { return Ok(usual) };
    let most = said.most_deducted.as_ref().map(|most| percent("mostDeducted", most)).transpose()?;
    Ok(Clawback {
        full_days: count("fullDays", said.full_days)?.unwrap_or(usual.full_days),
        none_days: count("noneDays", said.none_days)?.unwrap_or(usual.none_days),
        most_deducted: most.unwrap_or(usual.most_deducted),
        goals: said.goals == Some(true),
    })
}

fn roles(said: impl Iterator<Item = opportunity_split::SplitRole>) -> Vec<SplitRole> {
    let mut all: Vec<SplitRole> = said.map(role).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// What somebody did for a sale, as pay knows it.
pub fn role(said: opportunity_split::SplitRole) -> SplitRole {
    use opportunity_split::SplitRole as Said;
    match said {
        Said::Owner => SplitRole::Owner,
        Said::Sdr => SplitRole::Sdr,
        Said::Se => SplitRole::Se,
        Said::Marketing => SplitRole::Marketing,
        Said::Overlay => SplitRole::Overlay,
    }
}
