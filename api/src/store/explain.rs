//! Turns a database's complaint into ours: which field is a duplicate, or that the disk is full. The rest is
//! logged and answered as "something broke on our side".

use entity::unique::UNIQUE;
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

use crate::error::{Error, FaultCode};

pub fn explain(error: &DbErr) -> Error {
    if waited_in_vain(error) {
        return Error::Busy;
    }
    let Some(database) = cause(error) else { return Error::internal(error) };
    let text = database.message();
    if database.is_unique_violation() {
        let field = violated(database.constraint(), text);
        return Error::refused(FaultCode::Duplicate, field, "another record already has this value");
    }
    if database.is_foreign_key_violation() {
        return Error::refused(FaultCode::NotFound, "", "a record that this one refers to does not exist");
    }
    match database.code().as_deref() {
        // SQLITE_FULL; PostgreSQL's disk_full
        Some("13" | "53100") => Error::StorageFull,
        // query_canceled: it took longer than a statement may
        Some("57014") => Error::TimedOut,
        // deadlock_detected, serialization_failure, lock_not_available
        Some("40P01" | "40001" | "55P03") => {
            Error::refused(FaultCode::Conflict, "", "another change came between; retry")
        }
        _ => Error::internal(error),
    }
}

/// No connection became free in time.
fn waited_in_vain(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => true,
        DbErr::Conn(RuntimeErr::SqlxError(e))
        | DbErr::Exec(RuntimeErr::SqlxError(e))
        | DbErr::Query(RuntimeErr::SqlxError(e)) => matches!(**e, sqlx::Error::PoolTimedOut),
        _ => false,
    }
}

fn cause(error: &DbErr) -> Option<&dyn sqlx::error::DatabaseError> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(e)) | DbErr::Query(RuntimeErr::SqlxError(e)) => e.as_database_error(),
        _ => None,
    }
}

/// The input field to blame: PostgreSQL names the index, SQLite lists `table.column`s.
fn violated(constraint: Option<&str>, message: &str) -> &'static str {
    let listed = |u: &&entity::unique::Unique| {
        let columns: Vec<String> = u.columns.iter().map(|c| format!("{}.{c}", u.table)).collect();
        message.ends_with(&columns.join(", "))
    };
    UNIQUE.iter().find(|u| constraint == Some(u.name)).or_else(|| UNIQUE.iter().find(listed)).map_or("", |u| u.field)
}
