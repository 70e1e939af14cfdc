//! What the winner takes from the losers: what was picked, and what it lacks. Pure.

use sea_orm::{ModelTrait, Value};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::Mergeable;
use crate::{
    error::{Error, Result},
    graph::{
        Patch,
        field::{Field, Shape, Write},
    },
    store::{column, id_of},
};

/// A field whose value comes from one of the losers.
#[derive(Clone)]
pub struct Pick {
    /// The field's name in the schema, e.g. `email`.
    pub field: String,
    pub from: Uuid,
}

/// The values to lay over the winner: picked ones, then for each empty field the first loser's that has one.
pub fn patch<E: Mergeable>(winner: &E::Model, losers: &[E::Model], picks: &[Pick]) -> Result<Patch> {
    let mut patch = Patch::default();
    let mut picked: Vec<&str> = Vec::new();
    for pick in picks {
        let known = |f: &&Field| f.write == Write::Always && (f.name == pick.field || f.input_name() == pick.field);
        let field = E::meta().fields.iter().filter(|f| f.via.is_none()).find(known);
        let field = field.ok_or_else(|| wrong(&format!("there is no field {} to pick", pick.field)))?;
        let from = losers.iter().find(|row| id_of::<E>(row).is_ok_and(|id| id == pick.from));
        let from = from.ok_or_else(|| wrong(&format!("{} is picked from a record that is not merged", pick.field)))?;
        for name in columns(field) {
            if picked.contains(&name) {
                return Err(wrong(&format!("{} is picked twice", pick.field)));
            }
            patch.values.push((name, from.get(column::<E>(name)?)));
            picked.push(name);
        }
    }
    for field in E::meta().fields.iter().filter(|f| f.write == Write::Always && f.via.is_none()) {
        let names = columns(field);
        let Some(first) = names.first().filter(|name| !picked.contains(name)) else { continue };
        let c = column::<E>(first)?;
        if *first == "custom" {
            let more = custom(&winner.get(c), losers.iter().map(|row| row.get(c)));
            if !more.is_empty() {
                patch.values.push(("custom", Value::from(Json::Object(more))));
            }
        } else if empty(&winner.get(c))
            && let Some(from) = losers.iter().find(|row| !empty(&row.get(c)))
        {
            for name in names {
                patch.values.push((name, from.get(column::<E>(name)?)));
            }
        }
    }
    E::take(winner, losers, &mut patch);
    Ok(patch)
}

fn wrong(message: &str) -> Error {
    Error::invalid("fieldPicks", message)
}

fn columns(field: &Field) -> Vec<&'static str> {
    match field.shape {
        Shape::Column(column, _) | Shape::One(column, _) => vec![column],
        Shape::Money(amount, currency) => vec![amount, currency],
        _ => vec![],
    }
}

fn empty(value: &Value) -> bool {
    *value == value.as_null()
}

/// Own fields that only a loser has, the first of several; in a patch others stay.
fn custom(winner: &Value, losers: impl Iterator<Item = Value>) -> Map<String, Json> {
    let object = |value: &Value| match value {
        Value::Json(Some(json)) => json.as_object().cloned().unwrap_or_default(),
        _ => Map::new(),
    };
    let own = object(winner);
    let mut more = Map::new();
    for (key, value) in losers.flat_map(|loser| object(&loser)) {
        if !own.contains_key(&key) {
            more.entry(key).or_insert(value);
        }
    }
    more
}

/// Own fields as they are now, without what a merge brought where that is still there: `was` before it, `took` after it.
pub fn given_up(now: &Json, was: &Json, took: &Json) -> Json {
    let mut own = now.as_object().cloned().unwrap_or_default();
    for (key, taken) in took.as_object().into_iter().flatten() {
        if was.get(key) == Some(taken) || own.get(key) != Some(taken) {
            continue;
        }
        match was.get(key) {
            Some(former) => _ = own.insert(key.clone(), former.clone()),
            None => _ = own.remove(key),
        }
    }
    Json::Object(own)
}
