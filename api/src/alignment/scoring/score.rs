//! The score of one lead at one instant: each contribution, and a total that they add up to, to the cent. Pure.

use chrono::{DateTime, Utc};
use entity::id::RowId;
use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use uuid::Uuid;

use super::body::{EngagementRule, GradeBands, ScoringBody};
use crate::{
    alignment::rule::{Act, Facts, Touch},
    marketing::decay::remaining,
};

/// Why a lead has points, or has them not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A fit rule holds.
    Fit,
    /// A touchpoint was counted.
    Touchpoint(Uuid, DateTime<Utc>),
    /// An activity was counted.
    Activity(Uuid, DateTime<Utc>),
    /// A group gives no more: what is above its cap, taken away.
    Cap,
    /// No score is below zero: what is missing to it.
    Floor,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// The rule's name; of a cap the group's.
    pub rule: String,
    pub group: Option<String>,
    pub cause: Cause,
    /// The rule's points.
    pub points: i32,
    /// What is left of them, exactly as far as 28 digits go.
    pub decayed: Decimal,
    /// Its part of the total, in hundredths of a point.
    pub cents: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    pub fit: i64,
    /// Rounded to hundredths.
    pub engagement: Decimal,
    /// Rounded to hundredths.
    pub total: Decimal,
    pub grade: String,
    pub contributions: Vec<Contribution>,
}

impl Score {
    /// The total as a whole number, for the column that lists go by.
    pub fn whole(&self) -> i32 {
        half_even(self.total, 0).to_i32().unwrap_or(i32::MAX)
    }
}

fn half_even(number: Decimal, places: u32) -> Decimal {
    number.round_dp_with_strategy(places, RoundingStrategy::MidpointNearestEven)
}

/// By these rules, at the instant of the facts; what happened after it is ignored.
pub fn score(body: &ScoringBody, facts: &Facts<'_>) -> Score {
    let mut all = fit(body, facts);
    let fit: i64 = all.iter().map(|one| i64::from(one.points)).sum();
    let engaged = engaged(body, facts.touches, facts.activities, facts.now);
    let engagement: Decimal = engaged.iter().map(|one| one.decayed).sum();
    all.extend(engaged);
    let sum = Decimal::from(fit) + engagement;
    if sum.is_sign_negative() && !sum.is_zero() {
        all.push(correction("floor", None, Cause::Floor, -sum));
    }
    let total = half_even(sum.max(Decimal::ZERO), 2);
    share(&mut all, total);
    let grade = grade(&body.grades, Decimal::from(fit), engagement);
    Score { fit, engagement: half_even(engagement, 2), total, grade, contributions: all }
}

fn fit(body: &ScoringBody, facts: &Facts<'_>) -> Vec<Contribution> {
    let held = body.fit.iter().filter(|rule| rule.when.holds(facts));
    held.map(|rule| Contribution {
        rule: rule.name.clone(),
        group: None,
        cause: Cause::Fit,
        points: rule.points,
        decayed: Decimal::from(rule.points),
        cents: 0,
    })
    .collect()
}

/// What was done up to an instant, and what its groups do not give.
pub fn engaged(body: &ScoringBody, touches: &[Touch], acts: &[Act], now: DateTime<Utc>) -> Vec<Contribution> {
    let of = |rule| events(body, rule, (touches, acts), now);
    let mut engaged: Vec<Contribution> = body.engagement.iter().flat_map(of).collect();
    engaged.extend(caps(body, &engaged));
    engaged
}

fn events(
    body: &ScoringBody,
    rule: &EngagementRule,
    (touches, acts): (&[Touch], &[Act]),
    now: DateTime<Utc>,
) -> Vec<Contribution> {
    let counted = |cause: Cause, at: DateTime<Utc>| Contribution {
        rule: rule.name.clone(),
        group: Some(rule.group.clone()),
        cause,
        points: rule.points,
        decayed: Decimal::from(rule.points) * remaining(now - at, body.half_life_days),
        cents: 0,
    };
    let touches = touches.iter().filter(|touch| touch.at <= now && counts_touch(rule, touch));
    let touches = touches.map(|touch| counted(Cause::Touchpoint(touch.id.uuid(), touch.at), touch.at));
    let acts = acts.iter().filter(|act| act.at <= now && counts_act(rule, act));
    touches.chain(acts.map(|act| counted(Cause::Activity(act.id.uuid(), act.at), act.at))).collect()
}

fn counts_touch(rule: &EngagementRule, touch: &Touch) -> bool {
    rule.touchpoints.as_ref().is_some_and(|of| {
        (of.kinds.is_empty() || of.kinds.iter().any(|kind| kind.0 == touch.kind))
            && (of.channels.is_empty() || of.channels.iter().any(|channel| channel.0 == touch.channel))
    })
}

fn counts_act(rule: &EngagementRule, act: &Act) -> bool {
    rule.activities.as_ref().is_some_and(|of| {
        (of.kinds.is_empty() || of.kinds.iter().any(|kind| kind.0 == act.kind))
            && of.direction.is_none_or(|direction| Some(direction.0) == act.direction)
    })
}

/// What each group would give above its cap, taken away.
fn caps(body: &ScoringBody, engaged: &[Contribution]) -> Vec<Contribution> {
    let over = body.groups.iter().filter_map(|group| {
        let of_group = engaged.iter().filter(|one| one.group.as_ref() == Some(&group.name));
        let sum: Decimal = of_group.map(|one| one.decayed).sum();
        let above = sum - Decimal::from(group.cap);
        (above > Decimal::ZERO).then(|| correction(&group.name, Some(group.name.clone()), Cause::Cap, -above))
    });
    over.collect()
}

fn correction(rule: &str, group: Option<String>, cause: Cause, by: Decimal) -> Contribution {
    Contribution { rule: rule.to_owned(), group, cause, points: 0, decayed: by, cents: 0 }
}

/// Each contribution in hundredths so that they add up to the total: rounded down, the rest to the largest remainders,
/// ties to the earlier one.
fn share(all: &mut [Contribution], total: Decimal) {
    let hundred = Decimal::ONE_HUNDRED;
    let mut remainders = Vec::new();
    for (n, one) in all.iter_mut().enumerate() {
        let exact = one.decayed * hundred;
        one.cents = exact.floor().to_i64().unwrap_or_default();
        remainders.push((exact - exact.floor(), n));
    }
    let given: i64 = all.iter().map(|one| one.cents).sum();
    let missing = (total * hundred).to_i64().unwrap_or_default() - given;
    remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, n) in remainders.into_iter().take(usize::try_from(missing).unwrap_or_default()) {
        all[n].cents += 1;
    }
}

/// A letter for fit, a digit for engagement; unrounded numbers are compared.
fn grade(bands: &GradeBands, fit: Decimal, engagement: Decimal) -> String {
    let from = |points: i32| Decimal::from(points);
    let letter = if fit >= from(bands.a_from) {
        'A'
    } else if fit >= from(bands.b_from) {
        'B'
    } else {
        'C'
    };
    let digit = if engagement >= from(bands.one_from) {
        '1'
    } else if engagement >= from(bands.two_from) {
        '2'
    } else {
        '3'
    };
    format!("{letter}{digit}")
}

#[cfg(test)]
mod tests;
