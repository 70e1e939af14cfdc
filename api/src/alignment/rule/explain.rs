//! A rule in words, and what a lead says to each of its parts. Pure.

use entity::word::Word;
use sea_orm::Value;

use super::{
    Activities, Comparison, Facts, Literal, Rule, Touches, bounds,
    field::{self, Place},
    holds::{activities, cell, touches},
};
use crate::graph::value;

/// One part of a rule and what a lead says to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// What is asked about, e.g. "country".
    pub label: String,
    /// What must be, e.g. "is \"DE\"".
    pub expected: String,
    /// What is; none where there is no value.
    pub actual: Option<String>,
    pub met: bool,
}

impl Rule {
    /// Its parts one by one: those of an outer `and`, else the rule itself.
    pub fn explain(&self, facts: &Facts<'_>) -> Vec<Criterion> {
        match self {
            Self::And(rules) => rules.iter().flat_map(|rule| rule.explain(facts)).collect(),
            rule => vec![rule.criterion(facts)],
        }
    }

    /// The whole as one part, under a name of its own.
    pub fn named(&self, label: &str, facts: &Facts<'_>) -> Criterion {
        let (expected, actual) = (self.text(), self.actual(facts));
        Criterion { label: label.to_owned(), expected, actual, met: self.holds(facts) }
    }

    fn criterion(&self, facts: &Facts<'_>) -> Criterion {
        let (label, expected) = self.words();
        Criterion { label, expected, actual: self.actual(facts), met: self.holds(facts) }
    }

    /// The whole in one line, e.g. `country is "DE" and (score is at least 50 or title contains "CTO")`.
    pub fn text(&self) -> String {
        match self {
            Self::And(rules) => joined(rules, " and "),
            Self::Or(rules) => joined(rules, " or "),
            Self::Not(rule) => format!("not ({})", rule.text()),
            rule => {
                let (label, expected) = rule.words();
                format!("{label} {expected}")
            }
        }
    }

    /// What it asks about, and what of it.
    fn words(&self) -> (String, String) {
        let with = |it: &Comparison, op: &str| (it.field.clone(), format!("{op} {}", literal(&it.value)));
        match self {
            Self::And(_) => ("all of".into(), self.text()),
            Self::Or(_) => ("one of".into(), self.text()),
            Self::Not(rule) => {
                let (label, expected) = rule.words();
                (label, format!("not: {expected}"))
            }
            Self::Eq(it) => with(it, "is"),
            Self::Ne(it) => with(it, "is there and is not"),
            Self::Lt(it) => with(it, "is less than"),
            Self::Lte(it) => with(it, "is at most"),
            Self::Gt(it) => with(it, "is more than"),
            Self::Gte(it) => with(it, "is at least"),
            Self::In(it) => {
                let list: Vec<String> = it.values.iter().map(literal).collect();
                (it.field.clone(), format!("is one of {}", list.join(", ")))
            }
            Self::Contains(it) => (it.field.clone(), format!("contains {:?}", it.text)),
            Self::Exists(name) => (name.clone(), "is there".into()),
            Self::Touchpoints(it) => (touched(it), often(it.at_least, it.at_most, it.within_days)),
            Self::Activities(it) => (talked(it), often(it.at_least, it.at_most, it.within_days)),
        }
    }

    fn actual(&self, facts: &Facts<'_>) -> Option<String> {
        match self {
            Self::And(rules) | Self::Or(rules) => {
                let each = |rule: &Self| {
                    let actual = rule.actual(facts).unwrap_or_else(|| "nothing".into());
                    format!("{}: {actual}", rule.words().0)
                };
                Some(rules.iter().map(each).collect::<Vec<_>>().join("; "))
            }
            Self::Not(rule) => rule.actual(facts),
            Self::Eq(it) | Self::Ne(it) | Self::Lt(it) | Self::Lte(it) | Self::Gt(it) | Self::Gte(it) => {
                shown(&it.field, facts)
            }
            Self::In(it) => shown(&it.field, facts),
            Self::Contains(it) => shown(&it.field, facts),
            Self::Exists(name) => shown(name, facts),
            Self::Touchpoints(it) => Some(touches(it, facts).to_string()),
            Self::Activities(it) => Some(activities(it, facts).to_string()),
        }
    }
}

fn joined(rules: &[Rule], word: &str) -> String {
    let each = |rule: &Rule| match rule {
        Rule::And(_) | Rule::Or(_) => format!("({})", rule.text()),
        other => other.text(),
    };
    rules.iter().map(each).collect::<Vec<_>>().join(word)
}

fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) => format!("{text:?}"),
        Literal::Number(n) => n.to_string(),
        Literal::Boolean(b) => b.to_string(),
        Literal::Time(time) => value::instant(&time.0),
        Literal::Date(date) => date.0.to_string(),
        Literal::Days(0) => "now".into(),
        Literal::Days(days) if *days < 0 => format!("{} days ago", days.unsigned_abs()),
        Literal::Days(days) => format!("{days} days ahead"),
        Literal::Money(sum) => format!("{} {}", sum.amount, sum.currency),
    }
}

fn words<W: Word>(words: &[crate::graph::derived::Term<W>], all: &str) -> String {
    let list: Vec<&str> = words.iter().map(|term| term.0.word()).collect();
    if list.is_empty() { all.to_owned() } else { list.join(", ") }
}

fn touched(it: &Touches) -> String {
    let by = if it.channels.is_empty() { String::new() } else { format!(" by {}", words(&it.channels, "")) };
    format!("touchpoints ({}{by})", words(&it.kinds, "any"))
}

fn talked(it: &Activities) -> String {
    let way = it.direction.map(|way| format!(" {}", way.0.word())).unwrap_or_default();
    format!("activities ({}{way})", words(&it.kinds, "any"))
}

fn often(at_least: Option<i32>, at_most: Option<i32>, days: Option<i32>) -> String {
    let often = match bounds(at_least, at_most) {
        (least, None) => format!("at least {least}"),
        (0, Some(most)) => format!("at most {most}"),
        (least, Some(most)) => format!("{least} to {most}"),
    };
    days.map(|days| format!("{often} within {days} days")).unwrap_or(often)
}

fn shown(name: &str, facts: &Facts<'_>) -> Option<String> {
    match field::find(name)? {
        Place::Column(column, kind) => {
            let cell = cell(facts.lead, column)?;
            if cell == cell.as_null() {
                return None;
            }
            let mut out = Vec::new();
            value::put(&mut out, kind, &cell);
            let json: serde_json::Value = serde_json::from_slice(&out).ok()?;
            Some(json.as_str().map_or_else(|| json.to_string(), str::to_owned))
        }
        Place::Money(amount, code) => {
            let (Value::BigInt(Some(minor)), Value::String(Some(code))) =
                (cell(facts.lead, amount)?, cell(facts.lead, code)?)
            else {
                return None;
            };
            let currency = code.parse::<entity::money::Currency>().ok()?;
            Some(format!("{} {code}", entity::money::print_scaled(minor, currency.exponent())))
        }
        Place::Custom(key) => {
            let json = facts.lead.custom.get(&key)?;
            Some(json.as_str().map_or_else(|| json.to_string(), str::to_owned))
        }
    }
}
