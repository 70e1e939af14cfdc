//! Connections that only read, each lent to one statement at a time. They are not sqlx's pool, which tests a connection
//! whenever it is released: a round trip more for every statement.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sea_orm::{
    DbErr, QueryResult, RuntimeErr,
    sea_query::{PostgresQueryBuilder, SelectStatement, SqliteQueryBuilder, Values},
};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Database, Executor, IntoArguments, Postgres, Sqlite};
use tokio::{sync::Semaphore, time::timeout};

use super::connect::ACQUIRE;

/// Older connections are replaced: what a backend remembers only grows.
const OLDEST: Duration = Duration::from_mins(30);

pub(super) enum Readers {
    Postgres(Kept<Postgres>),
    Sqlite(Kept<Sqlite>),
}

type Options<D> = <<D as Database>::Connection as Connection>::Options;

pub(super) struct Kept<D: Database> {
    options: Options<D>,
    /// With the time at which each was opened.
    idle: Mutex<Vec<(D::Connection, Instant)>>,
    free: Semaphore,
}

impl Readers {
    pub(super) async fn all(&self, query: &SelectStatement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Postgres(kept) => rows(kept.all(query.build(PostgresQueryBuilder)).await),
            Self::Sqlite(kept) => rows(kept.all(query.build(SqliteQueryBuilder)).await),
        }
    }
}

fn rows<R: Into<QueryResult>>(found: sqlx::Result<Vec<R>>) -> Result<Vec<QueryResult>, DbErr> {
    let failed = |error: sqlx::Error| DbErr::Query(RuntimeErr::SqlxError(error.into()));
    Ok(found.map_err(failed)?.into_iter().map(Into::into).collect())
}

impl<D: Database> Kept<D>
where
    SqlxValues: IntoArguments<D>,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
{
    /// At most so many connections; the first at once, so that a wrong address is noticed at the start.
    pub(super) async fn open(options: Options<D>, most: u32) -> sqlx::Result<Self> {
        let first = (options.connect().await?, Instant::now());
        Ok(Self { options, idle: Mutex::new(vec![first]), free: Semaphore::new(most as usize) })
    }

    async fn all(&self, (sql, values): (String, Values)) -> sqlx::Result<Vec<D::Row>> {
        let turn = timeout(ACQUIRE, self.free.acquire()).await;
        let _turn = turn.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(|_| sqlx::Error::PoolClosed)?;
        let kept = self.idle().pop();
        if let Some((connection, since)) = kept {
            match self.on(connection, since, &sql, values.clone()).await {
                // the other side has closed it since it was last used: a read may be tried again
                Err(sqlx::Error::Io(_)) => {}
                done => return done,
            }
        }
        self.on(self.options.connect().await?, Instant::now(), &sql, values).await
    }

    /// Runs a statement and keeps the connection; one that failed, or whose caller went away, is closed.
    async fn on(&self, mut on: D::Connection, since: Instant, sql: &str, values: Values) -> sqlx::Result<Vec<D::Row>> {
        let rows = sqlx::query_with(AssertSqlSafe(sql), SqlxValues(values)).fetch_all(&mut on).await?;
        if since.elapsed() < OLDEST {
            self.idle().push((on, since));
        } else {
            _ = on.close().await;
        }
        Ok(rows)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(D::Connection, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
