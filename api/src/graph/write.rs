//! Writes fetched rows as JSON in one synchronous pass, in the order of the query.

use std::ops::Range;

use async_graphql::{Name, Value as ConstValue};
use entity::money::Money;
use sea_orm::Value;

use super::{
    fetch::Fetched,
    form,
    plan::{CanPart, MoneyPart, Out, Plan, What},
    value,
};

pub fn comma(out: &mut Vec<u8>, position: usize) {
    if position > 0 {
        out.push(b',');
    }
}

pub fn list(out: &mut Vec<u8>, rows: Range<usize>, mut each: impl FnMut(&mut Vec<u8>, usize)) {
    out.push(b'[');
    for (i, row) in rows.enumerate() {
        comma(out, i);
        each(out, row);
    }
    out.push(b']');
}

/// Writes one row through a view.
pub fn object(out: &mut Vec<u8>, view: &[Out], plan: &Plan, fetched: &Fetched, row: usize) {
    let cells = &fetched.rows[row];
    out.push(b'{');
    for (i, member) in view.iter().enumerate() {
        comma(out, i);
        out.extend_from_slice(&member.key);
        match &member.what {
            What::Type(name) => value::quote(out, name),
            What::Cell(at, kind) => value::put(out, *kind, &cells[*at]),
            What::Form(at, pick) => match &cells[*at] {
                Value::Json(Some(json)) => form::put(out, pick, json),
                _ => out.extend_from_slice(b"null"),
            },
            What::Money(amount, currency, parts) => money(out, &cells[*amount], &cells[*currency], parts),
            What::Any(table, id) => any(out, &cells[*table], &cells[*id]),
            What::Ratio(numerator, denominator, parts) => {
                match (whole(&cells[*numerator]), whole(&cells[*denominator])) {
                    (Some(numerator), Some(denominator)) => share(out, numerator, denominator, parts),
                    _ => out.extend_from_slice(b"null"),
                }
            }
            What::One(at) => one(out, plan, fetched, row, *at),
            What::Many(at) => many(out, plan, fetched, row, *at),
            What::Can(parts) => can(out, parts, &cells[plan.columns.len()..]),
        }
    }
    out.push(b'}');
}

fn one(out: &mut Vec<u8>, plan: &Plan, fetched: &Fetched, row: usize, at: usize) {
    let (relation, (places, found)) = (&plan.ones[at], &fetched.ones[at]);
    let id = if let Value::Uuid(id) = &fetched.rows[row][relation.key] { *id } else { None };
    match id.and_then(|id| places.get(&id)) {
        Some(place) => object(out, &relation.view, &relation.plan, found, *place),
        None => out.extend_from_slice(b"null"),
    }
}

fn many(out: &mut Vec<u8>, plan: &Plan, fetched: &Fetched, row: usize, at: usize) {
    let (spans, found) = &fetched.manies[at];
    let span = fetched.id(row).and_then(|id| spans.get(&id)).cloned().unwrap_or_default();
    plan.manies[at].page.write(out, found, &span);
}

fn any(out: &mut Vec<u8>, table: &Value, id: &Value) {
    match (table, id) {
        (Value::String(Some(table)), Value::Uuid(Some(id))) => {
            value::quote(out, &format!("{table}_{}", id.simple()));
        }
        _ => out.extend_from_slice(b"null"),
    }
}

fn money(out: &mut Vec<u8>, amount: &Value, currency: &Value, parts: &[(Vec<u8>, MoneyPart)]) {
    match (whole(amount), currency) {
        (Some(minor), Value::String(Some(code))) => money_of(out, minor, code, parts),
        _ => out.extend_from_slice(b"null"),
    }
}

pub fn money_of(out: &mut Vec<u8>, minor: i64, code: &str, parts: &[(Vec<u8>, MoneyPart)]) {
    out.push(b'{');
    for (i, (key, part)) in parts.iter().enumerate() {
        comma(out, i);
        out.extend_from_slice(key);
        match part {
            MoneyPart::Type => out.extend_from_slice(b"\"Money\""),
            MoneyPart::Amount => value::quote(out, &amount(minor, code)),
            MoneyPart::Currency => value::quote(out, code),
        }
    }
    out.push(b'}');
}

fn amount(minor: i64, code: &str) -> String {
    code.parse().map_or_else(|_| minor.to_string(), |currency| Money::new(minor, currency).amount())
}

#[expect(clippy::cast_precision_loss, reason = "a share is shown, never reckoned with; its parts are exact beside it")]
pub fn quotient(a: i64, b: i64) -> String {
    if b == 0 { "null".to_owned() } else { serde_json::json!(a as f64 / b as f64).to_string() }
}

pub fn share(out: &mut Vec<u8>, numerator: i64, denominator: i64, parts: &[(Vec<u8>, &str)]) {
    members(out, parts, "Ratio", |name| match name {
        "numerator" => numerator.to_string(),
        "denominator" => denominator.to_string(),
        _ => quotient(numerator, denominator),
    });
}

pub fn members(out: &mut Vec<u8>, parts: &[(Vec<u8>, &str)], ty: &str, value: impl Fn(&str) -> String) {
    out.push(b'{');
    for (i, (key, name)) in parts.iter().enumerate() {
        comma(out, i);
        out.extend_from_slice(key);
        let text = if *name == "__typename" { format!("\"{ty}\"") } else { value(name) };
        out.extend_from_slice(text.as_bytes());
    }
    out.push(b'}');
}

/// A whole number of either width.
pub fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Int(n) => n.map(i64::from),
        Value::BigInt(n) => *n,
        _ => None,
    }
}

fn can(out: &mut Vec<u8>, parts: &[(Vec<u8>, CanPart)], cells: &[Value]) {
    out.push(b'{');
    for (i, (key, part)) in parts.iter().enumerate() {
        comma(out, i);
        out.extend_from_slice(key);
        match part {
            CanPart::Type => out.extend_from_slice(b"\"RecordAccess\""),
            CanPart::May(at) => out.extend_from_slice(if whole(&cells[*at]) == Some(1) { b"true" } else { b"false" }),
        }
    }
    out.push(b'}');
}

/// Hands finished JSON to the engine, which passes it on as it is.
pub fn raw(json: Vec<u8>) -> ConstValue {
    let text = String::from_utf8(json).unwrap_or_else(|_| "null".to_owned());
    ConstValue::Object([(Name::new("$serde_json::private::RawValue"), ConstValue::String(text))].into_iter().collect())
}
