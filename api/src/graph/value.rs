//! Values between schema and database: reads an input by its kind, decodes a cell by its position, and writes
//! either as JSON.

use async_graphql::Value as ConstValue;
use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use entity::money::{Currency, parse_scaled, print_scaled};
use sea_orm::{DbErr, QueryResult, Value};
use uuid::Uuid;

use super::{args::string, field::Kind};
use crate::error::Fault;

/// An id's UUID, if the text is an id of this table.
pub fn id(table: &str, text: &str) -> Option<Uuid> {
    let hex = text.strip_prefix(table)?.strip_prefix('_')?;
    let plain = hex.len() == 32 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    plain.then(|| Uuid::try_parse(hex).ok()).flatten()
}

/// The table and the UUID that any id names.
pub fn any_id(text: &str) -> Option<(&str, Uuid)> {
    let (table, _) = text.rsplit_once('_')?;
    Some((table, id(table, text)?))
}

/// The typed id in an input's member, or a user error that names the member.
pub fn typed<I: entity::id::RowId>(field: &str, id: &str) -> crate::error::Result<I> {
    id.parse().map_err(|e: entity::id::BadId| crate::error::Error::invalid(field, e.to_string()))
}

/// A text in the input of a derived mutation: trimmed, not too long, empty as good as none.
pub fn text(field: &str, given: Option<String>, most: usize, required: bool) -> crate::error::Result<Option<String>> {
    let wrong = |what: String| crate::error::Error::invalid(field, what);
    let text = given.map(|text| clean(&text)).transpose().map_err(wrong)?.filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > most) {
        return Err(wrong(format!("this is longer than {most} characters")));
    }
    if required && text.is_none() { Err(wrong("this cannot be empty".into())) } else { Ok(text) }
}

/// The value of an input, or what is wrong with it.
pub fn read(kind: Kind, value: &ConstValue) -> Result<Value, String> {
    let text = || string(value).ok_or_else(|| "this must be text".to_owned());
    match kind {
        Kind::Id(table) => {
            let text = text()?;
            let id = id(table, &text).ok_or_else(|| format!("not an id of {table}: ids begin with {table}_"))?;
            Ok(id.into())
        }
        Kind::Text | Kind::Email => Ok(clean(&text()?)?.into()),
        Kind::Currency => Ok(currency(&text()?)?.code().into()),
        Kind::Word(_, _, words) => {
            let text = text()?;
            let known = words.iter().any(|(word, _)| *word == text);
            if known { Ok(text.into()) } else { Err(one_of(words)) }
        }
        Kind::Integer => match value {
            ConstValue::Number(n) => {
                let n = n.as_i64().and_then(|n| i32::try_from(n).ok());
                Ok(n.ok_or("this must be a whole number of 32 bits")?.into())
            }
            _ => Err("this must be a whole number".into()),
        },
        Kind::Amount => match value {
            ConstValue::Number(n) => Ok(n.as_i64().ok_or("this must be a whole number")?.into()),
            _ => Err("this must be a whole number".into()),
        },
        Kind::Decimal(decimals) => Ok(parse_scaled(&text()?, decimals).map_err(|e| e.to_string())?.into()),
        Kind::Boolean => match value {
            ConstValue::Boolean(b) => Ok((*b).into()),
            _ => Err("this must be true or false".into()),
        },
        Kind::Time => Ok(time(&text()?).ok_or("not an instant such as 2026-08-07T16:30:00Z")?.into()),
        Kind::Date => Ok(date(&text()?).ok_or("not a date such as 2026-08-07")?.into()),
        Kind::Json => Ok(value.clone().into_json().map_err(|e| e.to_string())?.into()),
        Kind::Form(form) => Ok(form.read(value).map_err(first)?.into()),
        Kind::List(item) => Ok(item.read(value).map_err(first)?.into()),
    }
}

fn first(faults: Vec<Fault>) -> String {
    faults.into_iter().next().map_or_else(String::new, |fault| fault.message)
}

pub fn currency(code: &str) -> Result<Currency, String> {
    code.parse().map_err(|_| "not an ISO 4217 currency code such as EUR".to_owned())
}

fn one_of(words: &[(&str, &str)]) -> String {
    let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    format!("this must be one of {}", list.join(", "))
}

/// Refuses control characters, which have no place in names and would break logs and files.
fn clean(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) {
        return Err("this holds control characters".into());
    }
    Ok(text.to_owned())
}

pub fn time(text: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc).trunc_subsecs(6);
    (1..=9999).contains(&chrono::Datelike::year(&time)).then_some(time)
}

pub fn date(text: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (text.len() == 10 && (1000..=9999).contains(&chrono::Datelike::year(&date))).then_some(date)
}

/// No value of this kind.
pub fn null(kind: Kind) -> Value {
    match kind {
        Kind::Id(_) => Value::Uuid(None),
        Kind::Text | Kind::Email | Kind::Currency | Kind::Word(..) => Value::String(None),
        Kind::Integer => Value::Int(None),
        Kind::Amount | Kind::Decimal(_) => Value::BigInt(None),
        Kind::Boolean => Value::Bool(None),
        Kind::Time => Value::ChronoDateTimeUtc(None),
        Kind::Date => Value::ChronoDate(None),
        Kind::Json | Kind::Form(_) | Kind::List(_) => Value::Json(None),
    }
}

/// Decodes the cell at a position.
pub fn cell(row: &QueryResult, at: usize, kind: Kind) -> Result<Value, DbErr> {
    Ok(match kind {
        Kind::Id(_) => Value::Uuid(row.try_get_by_index(at)?),
        Kind::Text | Kind::Email | Kind::Currency | Kind::Word(..) => Value::String(row.try_get_by_index(at)?),
        Kind::Integer => Value::Int(row.try_get_by_index(at)?),
        Kind::Amount | Kind::Decimal(_) => Value::BigInt(row.try_get_by_index(at)?),
        Kind::Boolean => Value::Bool(row.try_get_by_index(at)?),
        Kind::Time => Value::ChronoDateTimeUtc(row.try_get_by_index(at)?),
        Kind::Date => Value::ChronoDate(row.try_get_by_index(at)?),
        Kind::Json | Kind::Form(_) | Kind::List(_) => row.try_get_by_index::<Option<serde_json::Value>>(at)?.into(),
    })
}

/// Writes a value as JSON.
pub fn put(out: &mut Vec<u8>, kind: Kind, value: &Value) {
    match value {
        Value::Uuid(Some(id)) => {
            let table = if let Kind::Id(table) = kind { table } else { "" };
            out.push(b'"');
            out.extend_from_slice(table.as_bytes());
            out.push(b'_');
            out.extend_from_slice(id.simple().encode_lower(&mut Uuid::encode_buffer()).as_bytes());
            out.push(b'"');
        }
        Value::String(Some(text)) => quote(out, text),
        Value::Int(Some(n)) => out.extend_from_slice(n.to_string().as_bytes()),
        Value::BigInt(Some(n)) => match kind {
            Kind::Decimal(decimals) => quote(out, &shortest(&print_scaled(*n, decimals))),
            _ => out.extend_from_slice(n.to_string().as_bytes()),
        },
        Value::Bool(Some(b)) => out.extend_from_slice(if *b { b"true" } else { b"false" }),
        Value::ChronoDateTimeUtc(Some(t)) => quote(out, &instant(t)),
        Value::ChronoDate(Some(d)) => quote(out, &d.to_string()),
        Value::Json(Some(json)) => out.extend_from_slice(json.to_string().as_bytes()),
        _ => out.extend_from_slice(b"null"),
    }
}

/// A decimal number without zeros at its end: `1.50` is `1.5`.
fn shortest(number: &str) -> String {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.').to_owned() } else { number.to_owned() }
}

pub fn instant(time: &DateTime<Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// Writes text as a JSON string.
pub fn quote(out: &mut Vec<u8>, text: &str) {
    if serde_json::to_writer(&mut *out, text).is_err() {
        out.extend_from_slice(b"null"); // a Vec takes every byte: this cannot be reached
    }
}
