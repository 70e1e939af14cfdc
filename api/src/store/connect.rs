//! Opens the pools: one writer and a read pool on SQLite, writer and reader URLs on PostgreSQL.
//! A released connection is rolled back first: docs/decisions/0003-pools.md says why.

use std::time::Duration;

use sea_orm::{DatabaseConnection, SqlxPostgresConnector, SqlxSqliteConnector};
use sqlx::{
    Executor,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::Clock;
use crate::error::{Error, Result};

/// Where the data lies and how many connections may be open.
#[derive(Clone)]
pub struct Settings {
    pub url: String,
    /// A replica for reads; the writer's URL when none.
    pub reader_url: Option<String>,
    pub max_writers: u32,
    pub max_readers: u32,
    pub clock: Option<Clock>,
}

impl Settings {
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), reader_url: None, max_writers: 8, max_readers: 4, clock: None }
    }
}

const ACQUIRE: Duration = Duration::from_secs(8);

pub(super) async fn pools(settings: &Settings) -> Result<(DatabaseConnection, DatabaseConnection)> {
    if settings.url.starts_with("sqlite:") { sqlite(settings).await } else { postgres(settings).await }
}

async fn sqlite(settings: &Settings) -> Result<(DatabaseConnection, DatabaseConnection)> {
    let options: SqliteConnectOptions = settings.url.parse().map_err(Error::internal)?;
    let options = options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(ACQUIRE)
        .statement_cache_capacity(256)
        .pragma("mmap_size", "1073741824");
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(ACQUIRE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_release(|c, _| Box::pin(async move { rolled_back(c.execute("ROLLBACK").await.err()) }))
        .connect_with(options.clone())
        .await
        .map_err(Error::internal)?;
    let reader = SqlitePoolOptions::new()
        .max_connections(settings.max_readers)
        .acquire_timeout(ACQUIRE)
        .test_before_acquire(false)
        .connect_with(options.pragma("query_only", "1"))
        .await
        .map_err(Error::internal)?;
    Ok((SqlxSqliteConnector::from_sqlx_sqlite_pool(writer), SqlxSqliteConnector::from_sqlx_sqlite_pool(reader)))
}

/// Outside a transaction SQLite answers ROLLBACK with an error: that is the good case. The connection is always kept.
#[expect(clippy::unnecessary_wraps, reason = "the pool's hook wants a Result")]
fn rolled_back(_error: Option<sqlx::Error>) -> std::result::Result<bool, sqlx::Error> {
    Ok(true)
}

async fn postgres(settings: &Settings) -> Result<(DatabaseConnection, DatabaseConnection)> {
    let writer = postgres_pool(&settings.url, settings.max_writers).await?;
    let reader_url = settings.reader_url.as_ref().unwrap_or(&settings.url);
    let reader = postgres_pool(reader_url, settings.max_readers).await?;
    Ok((writer, reader))
}

async fn postgres_pool(url: &str, max: u32) -> Result<DatabaseConnection> {
    let options: PgConnectOptions = url.parse().map_err(Error::internal)?;
    let options = options.statement_cache_capacity(256).options([
        ("idle_in_transaction_session_timeout", "15s"),
        ("statement_timeout", "30s"),
        ("timezone", "UTC"),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(max)
        .acquire_timeout(ACQUIRE)
        .test_before_acquire(false)
        .after_release(|c, _| {
            Box::pin(async move {
                c.execute("ROLLBACK").await?;
                Ok(true)
            })
        })
        .connect_with(options)
        .await
        .map_err(Error::internal)?;
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}
