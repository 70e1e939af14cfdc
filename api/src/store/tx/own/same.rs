//! When two values of a custom field are the same: when they have one form. Pure.

use entity::custom_field::Kind;
use serde_json::{Number, Value};
use sha2::{Digest, Sha256};

use crate::store::hex;

/// Longer forms are known by their digest: an index does not hold texts of any length.
const LONGEST: usize = 200;

/// Text without blanks around it and without case, a number however it is written, a day or a choice as it is. None for what has
/// nothing to compare: blank text, and what is not of the kind.
pub(super) fn form(kind: Kind, value: &Value) -> Option<String> {
    let form = match kind {
        Kind::Text => value.as_str()?.trim().to_lowercase(),
        Kind::Choice | Kind::Date => value.as_str()?.to_owned(),
        Kind::Number => number(value.as_number()?),
        Kind::Boolean => return None,
    };
    match form.len() {
        0 => None,
        1..=LONGEST => Some(form),
        _ => Some(format!("#{}", hex(&Sha256::digest(form)))),
    }
}

/// All digits, no exponent, no zeros at the end.
fn number(number: &Number) -> String {
    match number.as_f64() {
        Some(0.0) => "0".to_owned(),
        Some(float) if number.is_f64() => float.to_string(),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_is_the_same_without_blanks_around_it_and_without_case() {
        let text = |text: &str| form(Kind::Text, &json!(text));
        assert_eq!(text("\u{a0} Straße ÄÖ\t"), Some("straße äö".to_owned()));
        assert_eq!(text(" \n "), None);
        assert_eq!(form(Kind::Text, &json!(1)), None, "not of the kind");
        let long = text(&"X".repeat(2000));
        assert_eq!(long, text(&"x".repeat(2000)));
        assert!(long != text(&"x".repeat(1999)) && long.is_some_and(|form| form.len() == 65));
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        let of = |text: &str| form(Kind::Number, &serde_json::from_str(text).unwrap()).unwrap();
        for (written, form) in [
            ("1.0", "1"),
            ("1", "1"),
            ("10e-1", "1"),
            ("-0.0", "0"),
            ("0", "0"),
            ("-2.50", "-2.5"),
            ("1e-7", "0.0000001"),
            ("1e3", "1000"),
            ("9007199254740993", "9007199254740993"),
            ("18446744073709551615", "18446744073709551615"),
        ] {
            assert_eq!(of(written), form, "{written}");
        }
        assert!(of("1e300").starts_with('#') && of("1e300") != of("2e300"));
    }

    #[test]
    fn choices_and_days_are_as_they_are_and_yes_and_no_are_nothing() {
        assert_eq!(form(Kind::Choice, &json!("Gold")), Some("Gold".to_owned()));
        assert_eq!(form(Kind::Date, &json!("2026-01-31")), Some("2026-01-31".to_owned()));
        assert_eq!(form(Kind::Boolean, &json!(true)), None);
    }
}
