//! Rows by the names of their columns: the few things that must work for every table alike.

use sea_orm::{
    ActiveModelTrait, ActiveValue, FromQueryResult, Iterable, ModelTrait, Value,
    sea_query::{Query, ReturningClause},
};
use uuid::Uuid;

use super::Guarded;
use crate::error::{Error, FaultCode, Result};

/// Refuses a write that was made from an older reading of the row.
pub fn expect_version<E: Guarded>(row: &E::Model, expected: Option<i32>) -> Result<()> {
    let version = row.get(column::<E>("version")?).unwrap::<i32>();
    if expected.is_some_and(|v| v != version) { Err(stale(version)) } else { Ok(()) }
}

pub(super) fn stale(version: i32) -> Error {
    let message = format!("somebody changed it meanwhile: the present version is {version}; read it again and retry");
    Error::refused(FaultCode::Conflict, "expectedVersion", message)
}

#[expect(clippy::disallowed_methods, reason = "the one place where ids are made")]
pub(super) fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// The id that a new row will have, where others name it before it is written: `Guarded::NAMED`.
pub fn named<E: Guarded>(row: &mut E::ActiveModel) -> Result<Uuid> {
    let id = new_id();
    set::<E>(row, "id", Value::from(id))?;
    Ok(id)
}

pub fn column<E: Guarded>(name: &str) -> Result<E::Column> {
    name.parse().map_err(|_| Error::internal(format!("{} has no column {name}", E::NAME)))
}

pub fn set<E: Guarded>(row: &mut E::ActiveModel, name: &str, value: Value) -> Result<()> {
    row.try_set(column::<E>(name)?, value).map_err(Error::internal)
}

pub(super) fn value_of<E: Guarded>(row: &E::ActiveModel, name: &str) -> Result<Uuid> {
    match row.get(column::<E>(name)?) {
        ActiveValue::Set(Value::Uuid(Some(id))) | ActiveValue::Unchanged(Value::Uuid(Some(id))) => Ok(id),
        _ => Err(Error::internal(format!("{} row without {name}", E::NAME))),
    }
}

pub fn id_of<E: Guarded>(row: &E::Model) -> Result<Uuid> {
    match row.get(column::<E>("id")?) {
        Value::Uuid(Some(id)) => Ok(id),
        _ => Err(Error::internal("row without id")),
    }
}

pub(super) fn returning<E: Guarded>() -> ReturningClause {
    Query::returning().columns(E::Column::iter().map(|c| sea_orm::IdenStatic::as_str(&c)))
}

pub(super) fn decode<E: Guarded>(rows: &[sea_orm::QueryResult]) -> Result<Vec<E::Model>> {
    Ok(rows.iter().map(|row| E::Model::from_query_result(row, "")).collect::<Result<_, _>>()?)
}
