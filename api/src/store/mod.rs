//! The only door to the database: pools, tenancy, visibility, permission, locking, versions, events.
//! It knows no domain; domains tell it who may see their rows by implementing `Guarded`.

mod access;
mod connect;
mod differ;
pub mod door;
mod event;
mod explain;
mod feed;
mod guard;
mod heads;
mod hear;
mod housekeeping;
mod idempotency;
pub mod jobs;
mod keys;
mod limits;
mod merged;
mod people;
mod readers;
mod refs;
mod row;
mod scoped;
mod tx;
mod zone;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use chrono::{DateTime, SubsecRound, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, QueryResult, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait, sea_query,
};
use tokio::sync::watch;

pub use access::{Access, Key};
pub use connect::Settings;
pub use differ::differing;
pub use event::{Change, Op, hex};
pub use explain::explain;
pub use feed::{Logged, Window};
pub use guard::{Guarded, belonging, below, condition_of, outliving, remembering, visible};
pub use heads::Head;
pub use hear::{Listener, News, listen};
pub use idempotency::Stored;
pub use keys::{keyed, unkeyed, within_texts};
pub use limits::Limit;
pub use row::{column, expect_version, id_of, named, set};
pub use scoped::{Former, Scoped, within_ids};
pub use tx::{Added, Link, OwnField, Savepoint, Tx, Values};
pub use zone::Reckoning;

use self::readers::Readers;
use crate::error::{Error, Result};

/// What time it is; tests set their own.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The pools. Cheap to clone; keeps its connections to itself.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    writer: DatabaseConnection,
    readers: Readers,
    backend: DbBackend,
    clock: Clock,
    statements: AtomicU64,
    /// Counts commits: sequencer and subscriptions wait for it to change.
    commits: watch::Sender<u64>,
    /// Counts commits after which somebody may do other things than before.
    rights: AtomicU64,
    heads: heads::Heads,
    /// When the sequencer last did its work; none before it has begun.
    numbered: Mutex<Option<Instant>>,
}

impl Store {
    pub async fn open(settings: &Settings) -> Result<Self> {
        let (writer, readers) = connect::pools(settings).await?;
        Ok(Self(Arc::new(Inner {
            backend: writer.get_database_backend(),
            writer,
            readers,
            clock: settings.clock.clone().unwrap_or_else(|| Arc::new(wall_clock)),
            statements: AtomicU64::new(0),
            commits: watch::Sender::new(0),
            rights: AtomicU64::new(0),
            heads: heads::Heads::default(),
            numbered: Mutex::default(),
        })))
    }

    /// Now, cut to the microseconds that both databases keep.
    pub fn now(&self) -> DateTime<Utc> {
        (self.0.clock)().trunc_subsecs(6)
    }

    pub fn backend(&self) -> DbBackend {
        self.0.backend
    }

    /// How many statements have been sent since the start: what the cost tests and `/metrics` read.
    pub fn statements(&self) -> u64 {
        self.0.statements.load(Ordering::Relaxed)
    }

    /// Changes after every commit of this process.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.0.commits.subscribe()
    }

    /// Changes when this process changed who may do what: whatever was remembered of rights is stale then.
    pub fn rights_epoch(&self) -> u64 {
        self.0.rights.load(Ordering::Acquire)
    }

    /// Writes nothing, but proves that the writer answers and reads; false where it could not write, as after a failover to
    /// a server that only follows.
    pub async fn probe(&self) -> Result<bool> {
        let writes = match self.0.backend {
            DbBackend::Postgres => "current_setting('transaction_read_only') = 'off'",
            _ => "TRUE",
        };
        let asked = format!("SELECT {writes}, (SELECT COUNT(*) FROM (SELECT 1 FROM organization LIMIT 1) AS one)");
        let told = self.0.writer.query_one_raw(Statement::from_string(self.0.backend, asked)).await?;
        Ok(told.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(false))
    }

    /// Whether this process has looked for events without a number within the last minute, where it looks at all.
    pub fn numbers(&self) -> bool {
        self.0.numbered.lock().map_or(true, |at| at.is_none_or(|at| at.elapsed() < event::LATE))
    }

    /// The bare writer, for migrations alone; `tests/house.rs` lists the callers.
    pub fn migrator(&self) -> &DatabaseConnection {
        &self.0.writer
    }

    /// One transaction for all that a migration does. Nobody else migrates meanwhile, and what takes long is not cut off.
    pub async fn migration(&self) -> Result<DatabaseTransaction> {
        let work = self.begin().await?;
        if self.0.backend == DbBackend::Postgres {
            // a number that nothing else takes; SQLite has one writer
            let alone = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; \
                         SELECT pg_advisory_xact_lock(4717202)";
            work.execute_unprepared(alone).await?;
        }
        Ok(work)
    }

    /// A transaction that may write: on SQLite it waits for its turn at once. It begins in a task of its own, as a BEGIN
    /// that is dropped half-way would leave its connection inside a transaction (docs/decisions/0003-pools.md).
    async fn begin(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let writer = self.0.writer.clone();
        let begun = tokio::spawn(async move { writer.begin_with_options(options).await });
        Ok(begun.await.map_err(Error::internal)??)
    }

    fn count(&self) {
        self.0.statements.fetch_add(1, Ordering::Relaxed);
    }

    async fn all(&self, fresh: bool, query: &sea_query::SelectStatement) -> Result<Vec<QueryResult>> {
        self.count();
        Ok(if fresh { self.0.writer.query_all(query).await? } else { self.0.readers.all(query).await? })
    }
}

/// What time it is where there is no store yet, whose clock tests set.
#[expect(clippy::disallowed_methods, reason = "the one place that asks the wall clock")]
pub fn wall_clock() -> DateTime<Utc> {
    Utc::now()
}
