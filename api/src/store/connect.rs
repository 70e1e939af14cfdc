//! Opens the pools: one writer and a read pool on SQLite, writer and reader URLs on PostgreSQL.

use std::time::Duration;

use sea_orm::{DatabaseConnection, SqlxPostgresConnector, SqlxSqliteConnector};
use sqlx::{
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    Clock,
    readers::{Kept, Readers},
};
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

pub(super) const ACQUIRE: Duration = Duration::from_secs(8);

pub(super) async fn pools(settings: &Settings) -> Result<(DatabaseConnection, Readers)> {
    if settings.url.starts_with("sqlite:") { sqlite(settings).await } else { postgres(settings).await }
}

async fn sqlite(settings: &Settings) -> Result<(DatabaseConnection, Readers)> {
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
        .connect_with(options.clone())
        .await
        .map_err(Error::internal)?;
    let readers = Kept::open(options.pragma("query_only", "1"), settings.max_readers).await.map_err(Error::internal)?;
    Ok((SqlxSqliteConnector::from_sqlx_sqlite_pool(writer), Readers::Sqlite(readers)))
}

async fn postgres(settings: &Settings) -> Result<(DatabaseConnection, Readers)> {
    let options = postgres_options(settings.reader_url.as_ref().unwrap_or(&settings.url))?;
    // first, as the pool does not say why it has no connection
    let readers = Kept::open(options, settings.max_readers).await.map_err(Error::internal)?;
    let writer = PgPoolOptions::new()
        .max_connections(settings.max_writers)
        .acquire_timeout(ACQUIRE)
        .test_before_acquire(false)
        .connect_with(postgres_options(&settings.url)?)
        .await
        .map_err(Error::internal)?;
    Ok((SqlxPostgresConnector::from_sqlx_postgres_pool(writer), Readers::Postgres(readers)))
}

fn postgres_options(url: &str) -> Result<PgConnectOptions> {
    let mut options: PgConnectOptions = url.parse().map_err(Error::internal)?;
    // what never leaves the machine is not encrypted, unless the address asks for it
    if matches!(options.get_host(), "localhost" | "127.0.0.1" | "::1") && !url.contains("sslmode") {
        options = options.ssl_mode(PgSslMode::Disable);
    }
    Ok(options.statement_cache_capacity(256).options([
        ("idle_in_transaction_session_timeout", "15s"),
        ("statement_timeout", "30s"),
        ("timezone", "UTC"),
        // statements are many and short, indexes are in memory or on disks without arms: compiling costs more than it saves
        ("jit", "off"),
        ("random_page_cost", "1.1"),
        // reports sort in memory; so much for each of a few connections
        ("work_mem", "32MB"),
    ]))
}
