//! From a cell's text to an input's value, and back into a file. Pure.

use std::str::FromStr;

use async_graphql::{Name, Value};
use chrono::{NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;

use super::mapping::{Case, Mark, Spec};
use crate::{
    crm::home::Home,
    graph::{field::Kind, value::instant as written},
};

/// What spreadsheets take for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A cell for a file that people open in a spreadsheet: it must not be run as a formula. Numbers stay.
pub fn harmless(text: &str) -> String {
    let risky = text.starts_with(FORMULA) || text.strip_prefix('\'').is_some_and(|t| t.starts_with(FORMULA));
    if risky && Decimal::from_str(text).is_err() { format!("'{text}") } else { text.to_owned() }
}

/// What a cell means: without blanks around it and without the mark that `harmless` puts before formulas.
pub fn plain(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(FORMULA) || rest.strip_prefix('\'').is_some_and(|t| t.starts_with(FORMULA)) => {
            rest
        }
        _ => text.trim(),
    }
}

/// `map`, `otherwise`, `default` and `case`.
pub fn change(spec: &Spec, text: String) -> String {
    let mut text = match (spec.map.get(&text), &spec.otherwise) {
        (Some(mapped), _) => mapped.clone(),
        (None, Some(otherwise)) if !text.is_empty() => otherwise.clone(),
        _ => text,
    };
    if let (true, Some(default)) = (text.is_empty(), &spec.default) {
        text.clone_from(default);
    }
    match spec.case {
        Some(Case::Lower) => text.to_lowercase(),
        Some(Case::Upper) => text.to_uppercase(),
        None => text,
    }
}

/// The value of an input of this kind, or what is wrong with the text.
pub fn value(kind: Kind, spec: &Spec, home: Home, text: String) -> Result<Value, String> {
    if !spec.bands.is_empty() {
        return Ok(Value::String(band(spec, &text)?));
    }
    match kind {
        Kind::Integer | Kind::Amount => {
            let number = number(spec, &text)?.normalize();
            let whole = i64::try_from(number).ok().filter(|_| number.is_integer());
            Ok(Value::Number(whole.ok_or("this must be a whole number")?.into()))
        }
        Kind::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "y" | "1" => Ok(Value::Boolean(true)),
            "false" | "no" | "n" | "0" => Ok(Value::Boolean(false)),
            _ => Err("this must be true or false".into()),
        },
        Kind::Date => Ok(Value::String(day(spec, &text)?.map_or(text, |d| d.to_string()))),
        Kind::Time => Ok(Value::String(instant(spec, home, text)?)),
        Kind::Json | Kind::Form(_) | Kind::List(_) => {
            let json: serde_json::Value = serde_json::from_str(&text).map_err(|e| format!("not JSON: {e}"))?;
            Value::from_json(json).map_err(|e| e.to_string())
        }
        _ => Ok(Value::String(text)),
    }
}

/// An amount of money as its input object.
pub fn money(spec: &Spec, text: &str, currency: String) -> Result<Value, String> {
    let amount = number(spec, text)?.normalize().to_string();
    let members = [("amount", amount), ("currency", currency)];
    Ok(Value::Object(members.into_iter().map(|(name, text)| (Name::new(name), Value::String(text))).collect()))
}

/// Marks between groups of three digits are left out; anywhere else they mean that the number is written another way.
fn number(spec: &Spec, text: &str) -> Result<Decimal, String> {
    let (groups, point) = if spec.decimal == Mark::Comma { ('.', ',') } else { (',', '.') };
    let (whole, fraction) = text.split_once(point).map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let parts: Vec<&str> = whole.split(|c: char| c == groups || c.is_whitespace()).collect();
    let digits = |part: &str| part.trim_start_matches(['-', '+']).len();
    if parts.len() > 1 && (parts[1..].iter().any(|part| part.len() != 3) || !(1..=3).contains(&digits(parts[0]))) {
        return Err(format!(
            "a number whose decimals follow a \"{point}\" is not written so: see `decimal` of the mapping"
        ));
    }
    let bare = fraction.map_or_else(|| parts.concat(), |fraction| format!("{}.{fraction}", parts.concat()));
    let number = Decimal::from_str_exact(&bare).map_err(|_| "not a number such as 1250.00".to_owned())?;
    number.checked_mul(Decimal::from(spec.scale.unwrap_or(1))).ok_or_else(|| "too large a number".into())
}

fn band(spec: &Spec, text: &str) -> Result<String, String> {
    let number = number(spec, text)?;
    let band = spec.bands.iter().find(|(most, _)| number <= Decimal::from(*most));
    band.map(|(_, word)| word.clone()).ok_or_else(|| "larger than every band".into())
}

/// The day, when the mapping says how days are written.
fn day(spec: &Spec, text: &str) -> Result<Option<NaiveDate>, String> {
    let Some(format) = &spec.date else { return Ok(None) };
    NaiveDate::parse_from_str(text, format).map(Some).map_err(|_| format!("not a date written as {format}"))
}

/// A bare day is its first instant where the organisation is.
fn instant(spec: &Spec, home: Home, text: String) -> Result<String, String> {
    let format = spec.date.as_deref().unwrap_or("%Y-%m-%d");
    if let Ok(time) = NaiveDateTime::parse_from_str(&text, format) {
        return Ok(format!("{}Z", time.format("%Y-%m-%dT%H:%M:%S%.f")));
    }
    match NaiveDate::parse_from_str(&text, format) {
        Ok(day) => Ok(written(&home.begins(day))),
        Err(_) if spec.date.is_some() => Err(format!("not an instant written as {format}")),
        Err(_) => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: Kind, spec: &Spec, text: &str) -> Result<String, String> {
        value(kind, spec, Home::default(), text.to_owned()).map(|v| v.to_string())
    }

    #[test]
    fn formulas_are_marked_and_come_back() {
        for text in ["=1+1", "+49 30", "-x", "@SUM", "\tx", "'=1"] {
            assert_ne!(harmless(text), text);
            assert_eq!(plain(&harmless(text)), text.trim_end());
        }
        for text in ["-5", "+1.5", "it's", "'quoted'", ""] {
            assert_eq!(harmless(text), text);
        }
    }

    #[test]
    fn numbers_are_read_exactly() {
        let comma = Spec { decimal: Mark::Comma, ..Spec::default() };
        assert_eq!(of(Kind::Integer, &comma, "1.250").as_deref(), Ok("1250"));
        assert_eq!(number(&comma, "1.250,50").map(|n| n.to_string()).as_deref(), Ok("1250.50"));
        for wrong in ["1250,50", "1,2,3", "12,34", ",5", "1.250,50"] {
            assert!(number(&Spec::default(), wrong).is_err(), "{wrong}");
        }
        assert_eq!(number(&Spec::default(), "-1,234,567.8").map(|n| n.to_string()).as_deref(), Ok("-1234567.8"));
        let millions = Spec { scale: Some(1_000_000), ..Spec::default() };
        assert_eq!(
            money(&millions, "1100.04", "USD".into()).unwrap().to_string(),
            "{amount: \"1100040000\", currency: \"USD\"}"
        );
        assert!(of(Kind::Integer, &Spec::default(), "1.5").is_err());
        assert!(of(Kind::Integer, &Spec::default(), "many").is_err());
    }

    #[test]
    fn dates_follow_the_mapping() {
        let german = Spec { date: Some("%d.%m.%Y".into()), ..Spec::default() };
        assert_eq!(of(Kind::Date, &german, "31.12.2026").as_deref(), Ok("\"2026-12-31\""));
        assert_eq!(of(Kind::Time, &german, "31.12.2026").as_deref(), Ok("\"2026-12-31T00:00:00Z\""));
        let berlin = Home::in_zone(chrono_tz::Europe::Berlin);
        let there = super::value(Kind::Time, &german, berlin, "31.12.2026".to_owned()).map(|v| v.to_string());
        assert_eq!(there.as_deref(), Ok("\"2026-12-30T23:00:00Z\""));
        assert!(of(Kind::Date, &german, "2026-12-31").is_err());
    }

    #[test]
    fn words_are_mapped() {
        let spec = Spec { map: [("GTXPro".into(), "GTX Pro".into())].into(), ..Spec::default() };
        assert_eq!(change(&spec, "GTXPro".into()), "GTX Pro");
        assert_eq!(change(&spec, "MG".into()), "MG");
        let spec = Spec { otherwise: Some("OTHER".into()), default: Some("NONE".into()), ..spec };
        assert_eq!(change(&spec, "MG".into()), "OTHER");
        assert_eq!(change(&spec, String::new()), "NONE");
    }
}
