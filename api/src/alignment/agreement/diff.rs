//! What differs between two texts, as paths with before and after. The comparison is pure and knows no kind.

use entity::{agreement_version::Entity, id::RowId};
use serde_json::{Map, Value};

use super::body;
use crate::{
    error::{Error, Result},
    graph::value::id,
    store::{Access, Guarded, Scoped},
};

/// A place where two texts differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// E.g. `stages[MQL].slaHours`, or `examples[2]` where the items have no name, counted from 0.
    pub path: String,
    /// None when it was not there.
    pub before: Option<Value>,
    /// None when it is not there any more.
    pub after: Option<Value>,
}

/// What differs between the bodies of two versions of one kind; none when the caller does not see both.
pub async fn of(access: &Access, from: &str, to: &str) -> Result<Option<Vec<Difference>>> {
    let Some((from, to)) = id(Entity::NAME, from).zip(id(Entity::NAME, to)) else { return Ok(None) };
    let rows = Scoped::<Entity>::read(access).ids(&[from, to]).models().await?;
    let find = |id| rows.iter().find(|row| row.id.uuid() == id).map(|row| &row.body);
    let Some((from, to)) = find(from).zip(find(to)) else { return Ok(None) };
    if body::kind_of(from) != body::kind_of(to) {
        return Err(Error::BadInput("only versions of one kind can be compared".into()));
    }
    let inside = |json: &Value| json.as_object().and_then(|o| o.values().next()).cloned().unwrap_or_default();
    Ok(Some(between(&inside(from), &inside(to))))
}

/// In the order of their names; null is as good as absent.
pub fn between(before: &Value, after: &Value) -> Vec<Difference> {
    let mut all = Vec::new();
    compare("", Some(before), Some(after), &mut all);
    all
}

fn compare(path: &str, before: Option<&Value>, after: Option<&Value>, all: &mut Vec<Difference>) {
    let (before, after) = (before.filter(|v| !v.is_null()), after.filter(|v| !v.is_null()));
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Value::Object(one)), Some(Value::Object(other))) => members(path, one, other, all),
        (Some(Value::Array(one)), Some(Value::Array(other))) => items(path, one, other, all),
        (before, after) => {
            all.push(Difference { path: path.to_owned(), before: before.cloned(), after: after.cloned() });
        }
    }
}

fn members(path: &str, one: &Map<String, Value>, other: &Map<String, Value>, all: &mut Vec<Difference>) {
    let mut names: Vec<&String> = one.keys().chain(other.keys().filter(|name| !one.contains_key(*name))).collect();
    names.sort_unstable();
    for name in names {
        let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        compare(&below, one.get(name), other.get(name), all);
    }
}

/// Members by which people know an item of a list.
const NAMES: [&str; 8] = ["key", "label", "name", "id", "leadStatus", "stageId", "priority", "kind"];

fn items(path: &str, one: &[Value], other: &[Value], all: &mut Vec<Difference>) {
    let Some(names) = named(one).zip(named(other)) else { return by_place(path, one, other, all) };
    let find = |names: &[&str], items: &[Value], name: &str| {
        names.iter().position(|n| *n == name).and_then(|at| items.get(at).cloned())
    };
    let fresh = names.1.iter().filter(|name| !names.0.contains(name));
    for name in names.0.iter().chain(fresh) {
        let (before, after) = (find(&names.0, one, name), find(&names.1, other, name));
        compare(&format!("{path}[{name}]"), before.as_ref(), after.as_ref(), all);
    }
}

/// What each item is called, if every one has a name of its own.
fn named(items: &[Value]) -> Option<Vec<&str>> {
    let name = |item: &Value| NAMES.iter().position(|n| item.get(n).is_some_and(Value::is_string));
    let mut names = Vec::with_capacity(items.len());
    for item in items {
        let text = item.get(NAMES[name(item)?])?.as_str()?;
        if names.contains(&text) {
            return None;
        }
        names.push(text);
    }
    Some(names)
}

/// What both lists begin and end with is left out, so that one item more does not make all after it another.
fn by_place(path: &str, one: &[Value], other: &[Value], all: &mut Vec<Difference>) {
    let start = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one_rest, other_rest) = (&one[start..], &other[start..]);
    let end = one_rest.iter().rev().zip(other_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one_rest[..one_rest.len() - end], &other_rest[..other_rest.len() - end]);
    for at in 0..one.len().max(other.len()) {
        compare(&format!("{path}[{}]", start + at), one.get(at), other.get(at), all);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(before: &Value, after: &Value) -> Vec<String> {
        let text = |v: Option<Value>| v.map_or("-".to_owned(), |v| v.to_string());
        between(before, after).into_iter().map(|d| format!("{} {} {}", d.path, text(d.before), text(d.after))).collect()
    }

    #[test]
    fn members_are_named_by_their_path() {
        let before = json!({ "definition": "old", "deep": { "a": 1, "b": null }, "gone": true, "same": [1] });
        let after = json!({ "same": [1], "deep": { "a": 2, "b": null }, "definition": "new", "fresh": "x" });
        let expected = ["deep.a 1 2", "definition \"old\" \"new\"", "fresh - \"x\"", "gone true -"];
        assert_eq!(told(&before, &after), expected);
        assert!(told(&before, &before).is_empty() && told(&json!({ "a": null }), &json!({})).is_empty());
    }

    #[test]
    fn items_with_names_are_known_wherever_they_stand() {
        let before =
            json!({ "stages": [{ "leadStatus": "MQL", "side": "SALES" }, { "leadStatus": "SQL", "side": "SALES" }] });
        let after = json!({ "stages": [{ "leadStatus": "NEW", "side": "MARKETING" }, { "leadStatus": "MQL", "side": "MARKETING" }] });
        assert_eq!(
            told(&before, &after),
            [
                "stages[MQL].side \"SALES\" \"MARKETING\"",
                "stages[SQL] {\"leadStatus\":\"SQL\",\"side\":\"SALES\"} -",
                "stages[NEW] - {\"leadStatus\":\"NEW\",\"side\":\"MARKETING\"}",
            ]
        );
    }

    #[test]
    fn an_item_more_among_others_is_one_difference() {
        assert_eq!(told(&json!({ "l": [1, 2, 3] }), &json!({ "l": [1, 9, 2, 3] })), ["l[1] - 9"]);
        assert_eq!(told(&json!({ "l": ["a", "b"] }), &json!({ "l": ["a"] })), ["l[1] \"b\" -"]);
        assert_eq!(told(&json!({ "l": [{ "n": 1 }] }), &json!({ "l": [{ "n": 2 }] })), ["l[0].n 1 2"]);
    }
}
