//! Whether a rule holds for one lead at one instant. Pure.

use std::{cmp::Ordering, str::FromStr};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::lead;
use rust_decimal::Decimal;
use sea_orm::{ModelTrait, Value};

use super::{
    Activities, Comparison, Facts, Literal, Rule, Touches, bounds,
    field::{self, Place},
};

impl Rule {
    pub fn holds(&self, facts: &Facts<'_>) -> bool {
        match self {
            Self::And(rules) => rules.iter().all(|rule| rule.holds(facts)),
            Self::Or(rules) => rules.iter().any(|rule| rule.holds(facts)),
            Self::Not(rule) => !rule.holds(facts),
            Self::Eq(it) => compare(it, facts).is_some_and(Ordering::is_eq),
            Self::Ne(it) => compare(it, facts).is_some_and(Ordering::is_ne),
            Self::Lt(it) => compare(it, facts).is_some_and(Ordering::is_lt),
            Self::Lte(it) => compare(it, facts).is_some_and(Ordering::is_le),
            Self::Gt(it) => compare(it, facts).is_some_and(Ordering::is_gt),
            Self::Gte(it) => compare(it, facts).is_some_and(Ordering::is_ge),
            Self::In(it) => it.values.iter().any(|value| against(&it.field, value, facts).is_some_and(Ordering::is_eq)),
            Self::Contains(it) => {
                let part = it.text.to_ascii_lowercase();
                text(&it.field, facts).is_some_and(|text| text.to_ascii_lowercase().contains(&part))
            }
            Self::Exists(name) => exists(name, facts),
            Self::Touchpoints(it) => within(touches(it, facts), it.at_least, it.at_most),
            Self::Activities(it) => within(activities(it, facts), it.at_least, it.at_most),
        }
    }
}

fn compare(it: &Comparison, facts: &Facts<'_>) -> Option<Ordering> {
    against(&it.field, &it.value, facts)
}

/// The field's value against the literal; none when there is no value, or one of another type.
fn against(name: &str, literal: &Literal, facts: &Facts<'_>) -> Option<Ordering> {
    match field::find(name)? {
        Place::Column(column, kind) => {
            order(&cell(facts.lead, column)?, &field::operand(kind, literal, facts.now).ok()?)
        }
        Place::Money(minor, code) => {
            let (wanted, currency) = field::amount(literal).ok()?;
            let (Value::BigInt(Some(amount)), Value::String(Some(code))) =
                (cell(facts.lead, minor)?, cell(facts.lead, code)?)
            else {
                return None;
            };
            (code == currency.code()).then(|| amount.cmp(&wanted))
        }
        Place::Custom(key) => custom(facts.lead.custom.get(&key)?, literal, facts.now),
    }
}

/// The cell of a column by its name.
pub(super) fn cell(lead: &lead::Model, column: &str) -> Option<Value> {
    lead::Column::from_str(column).ok().map(|c| lead.get(c))
}

fn order(have: &Value, want: &Value) -> Option<Ordering> {
    match (have, want) {
        (Value::String(Some(a)), Value::String(Some(b))) => Some(a.cmp(b)),
        (Value::Int(Some(a)), Value::Int(Some(b))) => Some(a.cmp(b)),
        (Value::Bool(Some(a)), Value::Bool(Some(b))) => Some(a.cmp(b)),
        (Value::Uuid(Some(a)), Value::Uuid(Some(b))) => Some(a.cmp(b)),
        (Value::ChronoDateTimeUtc(Some(a)), Value::ChronoDateTimeUtc(Some(b))) => Some(a.cmp(b)),
        (Value::ChronoDate(Some(a)), Value::ChronoDate(Some(b))) => Some(a.cmp(b)),
        _ => None,
    }
}

/// Dates of custom fields are kept as text, whose order is theirs.
fn custom(have: &serde_json::Value, literal: &Literal, now: DateTime<Utc>) -> Option<Ordering> {
    match literal {
        Literal::Text(want) => Some(have.as_str()?.cmp(want)),
        Literal::Number(want) => Some(number(have.as_number()?)?.cmp(&want.0)),
        Literal::Boolean(want) => Some(have.as_bool()?.cmp(want)),
        Literal::Date(_) | Literal::Days(_) => Some(have.as_str()?.cmp(&date(literal, now)?.to_string())),
        Literal::Time(_) | Literal::Money(_) => None,
    }
}

fn number(n: &serde_json::Number) -> Option<Decimal> {
    let text = n.to_string();
    Decimal::from_str(&text).or_else(|_| Decimal::from_scientific(&text)).ok()
}

/// The day that a literal means.
pub(super) fn date(literal: &Literal, now: DateTime<Utc>) -> Option<NaiveDate> {
    match field::operand(crate::graph::Kind::Date, literal, now).ok()? {
        Value::ChronoDate(date) => date,
        _ => None,
    }
}

fn text(name: &str, facts: &Facts<'_>) -> Option<String> {
    match field::find(name)? {
        Place::Column(column, _) => match cell(facts.lead, column)? {
            Value::String(text) => text,
            _ => None,
        },
        Place::Custom(key) => facts.lead.custom.get(&key)?.as_str().map(str::to_owned),
        Place::Money(..) => None,
    }
}

fn exists(name: &str, facts: &Facts<'_>) -> bool {
    match field::find(name) {
        Some(Place::Column(column, _) | Place::Money(column, _)) => {
            cell(facts.lead, column).is_some_and(|value| value != value.as_null())
        }
        Some(Place::Custom(key)) => facts.lead.custom.get(&key).is_some_and(|value| !value.is_null()),
        None => false,
    }
}

/// Until now, and not longer ago than the window.
fn recent(at: DateTime<Utc>, days: Option<i32>, now: DateTime<Utc>) -> bool {
    at <= now && days.is_none_or(|days| at >= now - TimeDelta::days(days.into()))
}

pub(super) fn touches(it: &Touches, facts: &Facts<'_>) -> usize {
    let fits = |touch: &&super::Touch| {
        recent(touch.at, it.within_days, facts.now)
            && (it.kinds.is_empty() || it.kinds.iter().any(|kind| kind.0 == touch.kind))
            && (it.channels.is_empty() || it.channels.iter().any(|channel| channel.0 == touch.channel))
    };
    facts.touches.iter().filter(fits).count()
}

pub(super) fn activities(it: &Activities, facts: &Facts<'_>) -> usize {
    let fits = |act: &&super::Act| {
        recent(act.at, it.within_days, facts.now)
            && (it.kinds.is_empty() || it.kinds.iter().any(|kind| kind.0 == act.kind))
            && it.direction.is_none_or(|direction| Some(direction.0) == act.direction)
    };
    facts.activities.iter().filter(fits).count()
}

fn within(count: usize, at_least: Option<i32>, at_most: Option<i32>) -> bool {
    let (least, most) = bounds(at_least, at_most);
    i64::try_from(count).is_ok_and(|count| count >= least && most.is_none_or(|most| count <= most))
}
