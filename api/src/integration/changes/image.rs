//! What an event changed, in the schema's names: only fields that the record shows, only references that the reader
//! may follow.

use entity::money::{Money, print_scaled};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::sight::{Sight, uuid};
use crate::{
    graph::{
        Field, Meta,
        field::{Kind, Shape},
    },
    store::Logged,
};

/// Names of the fields that an event changed.
pub fn changed(meta: &Meta, event: &Logged) -> Vec<String> {
    let touched = |column: &str| event.changed.get(column).is_some_and(|told| told.get("is").is_none());
    let shown = meta.fields.iter().filter(|f| f.via.is_none());
    let moved = shown.filter(|f| match f.shape {
        Shape::Column(column, _) | Shape::One(column, _) => touched(column),
        Shape::Money(amount, currency) => touched(amount) || touched(currency),
        Shape::Any(table, id) => touched(table) || touched(id),
        Shape::Found(..) | Shape::Many(..) | Shape::Reckoned(..) | Shape::Ratio(..) | Shape::Can => false,
    });
    moved.map(|f| f.name.clone()).collect()
}

#[derive(Clone, Copy)]
pub enum Side {
    Before,
    After,
}

/// The values of the changed fields on one side of the event; erased ones are left out.
pub fn values(meta: &'static Meta, event: &Logged, sight: &Sight, side: Side) -> Value {
    let cells = Cells { event, side };
    let known = |f: &&Field| f.veil.is_none() || f.key().is_none_or(|key| sight.knows(meta, event.entity_id, key));
    let shown = meta.fields.iter().filter(|f| f.via.is_none()).filter(known);
    Value::Object(shown.filter_map(|f| Some((f.input_name(), cells.field(f, sight)?))).collect::<Map<_, _>>())
}

struct Cells<'a> {
    event: &'a Logged,
    side: Side,
}

impl Cells<'_> {
    fn field(&self, field: &Field, sight: &Sight) -> Option<Value> {
        match field.shape {
            Shape::Column(column, kind) => Some(outside(kind, self.cell(column)?)),
            Shape::One(column, to) => {
                let id = uuid(self.cell(column)?).filter(|id| sight.reads(to(), *id));
                Some(id.map_or(Value::Null, |id| json!(typed(to().table, id))))
            }
            Shape::Money(amount, currency) => {
                let money = self.cell(amount)?.as_i64().zip(self.cell(currency)?.as_str());
                Some(
                    money.map_or(
                        Value::Null,
                        |(minor, code)| json!({ "amount": decimal(minor, code), "currency": code }),
                    ),
                )
            }
            // the id alone would tell of a record that the reader may not see
            Shape::Found(..)
            | Shape::Any(..)
            | Shape::Many(..)
            | Shape::Reckoned(..)
            | Shape::Ratio(..)
            | Shape::Can => None,
        }
    }

    /// A column's value on this side; of a personal column, while it is kept.
    fn cell(&self, column: &str) -> Option<&Value> {
        let told = self.event.changed.get(column)?;
        if let Some(same) = told.get("is") {
            return Some(same);
        }
        let pair = if told.is_array() { told } else { self.event.personal.get(column)? };
        match self.side {
            Side::Before => pair.get(0),
            Side::After => pair.get(1),
        }
    }
}

fn outside(kind: Kind, value: &Value) -> Value {
    match kind {
        Kind::Id(table) => uuid(value).map_or(Value::Null, |id| json!(typed(table, id))),
        Kind::Decimal(decimals) => value.as_i64().map_or(Value::Null, |n| json!(print_scaled(n, decimals))),
        _ => value.clone(),
    }
}

pub fn typed(table: &str, id: Uuid) -> String {
    format!("{table}_{}", id.simple())
}

fn decimal(minor: i64, code: &str) -> String {
    code.parse().map_or_else(|_| minor.to_string(), |currency| Money::new(minor, currency).amount())
}
