//! What a custom field may hold, and what becomes of the old values when new ones are given. Pure.

use chrono::NaiveDate;
use entity::custom_field::{Kind, Model};
use serde_json::{Map, Value};

use crate::error::{Fault, FaultCode};

/// Record types that may have custom fields.
pub const ENTITIES: [&str; 5] = ["account", "contact", "lead", "campaign", "opportunity"];

const MOST_OPTIONS: usize = 200;
const LONGEST: usize = 2000;

/// The values of a record by key.
pub type Values = Map<String, Value>;
/// What is wrong, by key; an empty key is about the whole.
type Wrong = Vec<(String, String)>;

/// A key: letters, digits and underscores, a letter first.
pub fn key(text: &str) -> Result<String, &'static str> {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let first = text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
    if plain && first { Ok(text.to_owned()) } else { Err("a key has letters, digits and underscores, a letter first") }
}

/// What is wrong with a definition: where it belongs, what it holds and whether that is unique, and what may be chosen.
pub fn definition(entity: &str, (kind, unique): (Kind, bool), options: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |field: &str, message: String| faults.push(Fault::new(FaultCode::Validation, field, message));
    if !ENTITIES.contains(&entity) {
        fault("entity", format!("this must be one of {}", ENTITIES.join(", ")));
    }
    if unique && kind == Kind::Boolean {
        fault("unique", "a BOOLEAN cannot be unique".into());
    }
    let words = options.as_array().map(|list| list.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    match words {
        Some(Some(words)) if kind == Kind::Choice => {
            let mut seen = std::collections::HashSet::new();
            if words.is_empty() || words.len() > MOST_OPTIONS || words.iter().any(|w| w.is_empty() || !seen.insert(*w))
            {
                fault("options", format!("a choice needs 1 to {MOST_OPTIONS} different words"));
            }
        }
        Some(Some(words)) if words.is_empty() => {}
        Some(Some(_)) => fault("options", "only a CHOICE has options".into()),
        _ => fault("options", "this must be a list of words".into()),
    }
    faults
}

/// The values as they will be: keys given replace, null removes, others stay. A new record must have what is required,
/// and no change may take it away.
pub fn merge(definitions: &[Model], old: &Value, given: Option<&Value>, new: bool) -> Result<Value, Wrong> {
    let mut values = old.as_object().cloned().unwrap_or_default();
    let mut wrong = Wrong::new();
    let nothing = Map::new();
    let given = match given {
        None => &nothing,
        Some(Value::Object(given)) => given,
        Some(_) => return Err(vec![(String::new(), "this must be an object from key to value".into())]),
    };
    for (key, value) in given {
        match definitions.iter().find(|d| d.key == *key) {
            None => wrong.push((key.clone(), "there is no custom field with this key".into())),
            Some(_) if value.is_null() => _ = values.remove(key),
            Some(definition) => match fits(definition, value) {
                Ok(()) => _ = values.insert(key.clone(), value.clone()),
                Err(what) => wrong.push((key.clone(), what)),
            },
        }
    }
    for needed in definitions.iter().filter(|d| d.required && !values.contains_key(&d.key)) {
        let untold = !wrong.iter().any(|(key, _)| *key == needed.key);
        if untold && (new || given.contains_key(&needed.key)) {
            wrong.push((needed.key.clone(), "this is required".into()));
        }
    }
    if wrong.is_empty() { Ok(Value::Object(values)) } else { Err(wrong) }
}

pub fn fits(definition: &Model, value: &Value) -> Result<(), String> {
    let text = || value.as_str().ok_or_else(|| "this must be text".to_owned());
    match definition.kind {
        Kind::Text if text()?.chars().count() > LONGEST => Err(format!("this is longer than {LONGEST} characters")),
        Kind::Text if text()?.is_empty() => Err("this cannot be empty; null removes it".into()),
        Kind::Text => Ok(()),
        Kind::Number if value.is_number() => Ok(()),
        Kind::Number => Err("this must be a number".into()),
        Kind::Boolean if value.is_boolean() => Ok(()),
        Kind::Boolean => Err("this must be true or false".into()),
        Kind::Date => {
            let text = text()?;
            let plain = text.len() == 10 && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok();
            if plain { Ok(()) } else { Err("not a date such as 2026-08-07".into()) }
        }
        Kind::Choice => {
            let options: Vec<&str> =
                definition.options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            if options.contains(&text()?) { Ok(()) } else { Err(format!("this must be one of {}", options.join(", "))) }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use entity::id::{CustomFieldId, OrganizationId, RowId};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn defined(key: &str, kind: Kind, required: bool) -> Model {
        Model {
            id: CustomFieldId::from_uuid(Uuid::nil()),
            organization_id: OrganizationId::from_uuid(Uuid::nil()),
            created_at: DateTime::<Utc>::UNIX_EPOCH,
            created_by: None,
            updated_at: DateTime::<Utc>::UNIX_EPOCH,
            updated_by: None,
            version: 1,
            deleted_at: None,
            entity: "account".into(),
            key: key.into(),
            label: key.into(),
            kind,
            options: json!(if kind == Kind::Choice { vec!["gold", "silver"] } else { vec![] }),
            required,
            unique: false,
            help: None,
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "reads better where it is called")]
    fn wrong(kind: Kind, value: Value) -> bool {
        merge(&[defined("k", kind, false)], &json!({}), Some(&json!({ "k": value })), true).is_err()
    }

    #[test]
    fn given_keys_replace_null_removes_others_stay() {
        let fields =
            [defined("a", Kind::Text, false), defined("b", Kind::Number, false), defined("c", Kind::Boolean, false)];
        let merged = merge(&fields, &json!({ "a": "x", "b": 1 }), Some(&json!({ "b": null, "c": true })), false);
        assert_eq!(merged, Ok(json!({ "a": "x", "c": true })));
    }

    #[test]
    fn each_kind_refuses_what_is_not_of_it() {
        assert!(wrong(Kind::Text, json!(1)) && wrong(Kind::Text, json!("")) && !wrong(Kind::Text, json!("x")));
        assert!(wrong(Kind::Number, json!("1")) && !wrong(Kind::Number, json!(1.5)));
        assert!(wrong(Kind::Boolean, json!("true")) && !wrong(Kind::Boolean, json!(false)));
        assert!(
            wrong(Kind::Date, json!("2026-13-01"))
                && wrong(Kind::Date, json!("2026-1-1"))
                && !wrong(Kind::Date, json!("2026-01-31"))
        );
        assert!(wrong(Kind::Choice, json!("iron")) && !wrong(Kind::Choice, json!("gold")));
    }

    #[test]
    fn what_is_required_must_come_with_a_new_record_and_cannot_be_taken_away() {
        let fields = [defined("a", Kind::Text, true), defined("b", Kind::Text, false)];
        let missing = Err(vec![("a".to_owned(), "this is required".to_owned())]);
        assert_eq!(merge(&fields, &json!({}), None, true), missing);
        assert_eq!(merge(&fields, &json!({ "a": "x" }), Some(&json!({ "a": null })), false), missing);
        assert!(
            merge(&fields, &json!({}), Some(&json!({ "b": "y" })), false).is_ok(),
            "an old record may still lack it"
        );
    }

    #[test]
    fn unknown_keys_and_things_that_are_no_object_are_refused() {
        assert!(merge(&[], &json!({}), Some(&json!({ "x": 1 })), false).is_err());
        assert!(merge(&[], &json!({}), Some(&json!([1])), false).is_err());
    }

    #[test]
    fn only_a_choice_has_options() {
        assert!(definition("account", (Kind::Choice, true), &json!(["a", "b"])).is_empty());
        assert_eq!(definition("account", (Kind::Choice, false), &json!(["a", "a"])).len(), 1);
        assert_eq!(definition("account", (Kind::Text, false), &json!(["a"])).len(), 1);
        assert_eq!(definition("account", (Kind::Boolean, true), &json!([])).len(), 1);
        assert_eq!(definition("user", (Kind::Text, true), &json!({})).len(), 2);
    }
}
