//! What differs between a row as it is and as it shall be. Pure; it reads and writes nothing.

use sea_orm::{ActiveModelTrait, ActiveValue, Iterable, ModelTrait, Value};

use super::Guarded;

/// What the row would change.
pub fn differing<E: Guarded>(before: &E::Model, row: &E::ActiveModel) -> Vec<(E::Column, Value)> {
    let differs = |c: E::Column| match row.get(c) {
        ActiveValue::Set(v) if !same(&before.get(c), &v) => Some((c, v)),
        _ => None,
    };
    E::Column::iter().filter_map(differs).collect()
}

/// PostgreSQL keeps the members of an object in an order of its own: JSON is compared by what it says.
pub fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Json(one), Value::Json(other)) => one == other,
        _ => one == other,
    }
}
