//! The records that an agreement's text names by their ids.

use entity::agreement_version::Entity;
use sea_orm::ActiveValue::Set;
use serde_json::Value as Json;

use crate::graph::{Change, link::Named, root::catalog};

/// The records that a new text names, and where.
pub fn new(change: &Change<Entity>) -> Vec<Named> {
    let mut found = vec![];
    if let Set(text) = &change.row.body
        && change.before.as_ref().is_none_or(|before| before.body != *text)
    {
        collect(text, &mut vec!["body".to_owned()], &mut found);
    }
    found
}

/// Members whose name ends with `Id`.
fn collect(text: &Json, path: &mut Vec<String>, found: &mut Vec<Named>) {
    let members: Vec<(String, &Json)> = match text {
        Json::Object(all) => all.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Json::Array(all) => all.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect(),
        Json::String(id) if path.last().is_some_and(|name| name.ends_with("Id")) => {
            found.extend(catalog().and_then(|all| all.by_id(id)).map(|(meta, id)| (path.clone(), meta, id)));
            return;
        }
        _ => return,
    };
    for (name, value) in members {
        path.push(name);
        collect(value, path, found);
        path.pop();
    }
}
