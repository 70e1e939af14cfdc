//! Another writer, who has written and not committed yet: whoever wants the same waits for it.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};

use super::{App, Database};

pub enum Hold {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl App {
    /// Somebody on another node who wrote this.
    pub async fn hold(&self, sql: impl Into<String>) -> Hold {
        let sql = AssertSqlSafe(sql.into());
        if self.database == Database::Sqlite {
            let mut other = SqliteConnection::connect(&self.url).await.expect("a connection");
            other.execute("BEGIN IMMEDIATE").await.expect("a transaction");
            other.execute(sql).await.expect("a write");
            return Hold::Sqlite(other);
        }
        let mut other = PgConnection::connect(&self.url).await.expect("a connection");
        other.execute("BEGIN").await.expect("a transaction");
        other.execute(sql).await.expect("a write");
        Hold::Postgres(other)
    }
}

impl Hold {
    /// Comes back once somebody waits; on SQLite, where nothing says so, after a while.
    pub async fn awaited(&mut self) {
        let Self::Postgres(other) = self else { return tokio::time::sleep(Duration::from_millis(300)).await };
        let waits = "SELECT EXISTS (SELECT 1 FROM pg_locks \
                     WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))";
        loop {
            let (waiting,): (bool,) = sqlx::query_as(waits).fetch_one(&mut *other).await.expect("the locks");
            if waiting {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub async fn commit(self) {
        match self {
            Self::Sqlite(mut other) => _ = other.execute("COMMIT").await.expect("a commit"),
            Self::Postgres(mut other) => _ = other.execute("COMMIT").await.expect("a commit"),
        }
    }
}
