//! Match keys of two columns: a value that is unique only together with another, such as an event's id with the system
//! that gave it.

use std::collections::HashMap;

use sea_orm::{
    Condition, ModelTrait,
    sea_query::{Expr, ExprTrait},
};

use super::{
    super::record::{Meta, Record},
    plain,
};
use crate::{
    error::Result,
    store::{Tx, column},
};

/// The column that a match key is unique with.
pub(super) fn with(meta: &Meta, column: &str) -> Option<&'static str> {
    meta.fields.iter().find(|f| f.key() == Some(column))?.unique_with
}

/// One key of two values.
pub(super) fn joined(with: &str, key: &str) -> String {
    format!("{with}\u{1f}{key}")
}

/// Rows by two columns, locked: one statement.
pub(super) async fn existing<E: Record>(
    tx: &mut Tx,
    (with, name): (&'static str, &'static str),
    keys: &[String],
) -> Result<HashMap<String, E::Model>> {
    let mut groups: HashMap<&str, Vec<&str>> = HashMap::new();
    for (of, key) in keys.iter().filter_map(|key| key.split_once('\u{1f}')) {
        groups.entry(of).or_default().push(key);
    }
    let col = |c| Expr::col((E::NAME, c));
    let any = groups.into_iter().fold(Condition::any(), |any, (of, keys)| {
        any.add(Condition::all().add(col(with).eq(of)).add(col(name).is_in(keys)))
    });
    let rows = tx.lock_where::<E>(any).await?;
    let (with, name) = (column::<E>(with)?, column::<E>(name)?);
    let keyed = |row: E::Model| Some((joined(&plain(&row.get(with))?, &plain(&row.get(name))?), row));
    Ok(rows.into_iter().filter_map(keyed).collect())
}
