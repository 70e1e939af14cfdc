//! Connections that only read, each lent to one statement at a time. They are not sqlx's pool, which tests a connection
//! whenever it is released: a round trip more for every statement.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use sea_orm::{
    DbErr, QueryResult, RuntimeErr,
    sea_query::{PostgresQueryBuilder, SelectStatement, SqliteQueryBuilder, Values},
};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Database, Executor, IntoArguments, Postgres, Sqlite};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::connect::ACQUIRE;

/// Older connections are replaced: what a backend remembers only grows.
const OLDEST: Duration = Duration::from_mins(30);

pub(super) enum Readers {
    Postgres(Arc<Kept<Postgres>>),
    Sqlite(Arc<Kept<Sqlite>>),
}

type Options<D> = <<D as Database>::Connection as Connection>::Options;

pub(super) struct Kept<D: Database> {
    options: Options<D>,
    /// With the time at which each was opened.
    idle: Mutex<Vec<(D::Connection, Instant)>>,
    free: Arc<Semaphore>,
}

/// A statement that has begun. When its caller goes away it runs to its end all the same: until then it takes its place,
/// and whoever gave up waiting cannot have more work done than there are places.
struct Begun<T: Send + 'static>(Option<BoxFuture<'static, T>>);

impl<T: Send + 'static> Future for Begun<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(work) = &mut self.0 else { return Poll::Pending };
        let done = ready!(work.as_mut().poll(context));
        self.0 = None;
        Poll::Ready(done)
    }
}

impl<T: Send + 'static> Drop for Begun<T> {
    fn drop(&mut self) {
        if let (Some(work), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(work);
        }
    }
}

impl Readers {
    pub(super) async fn all(&self, query: &SelectStatement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Postgres(kept) => {
                let (kept, turn, built) = (kept.clone(), kept.turn().await, query.build(PostgresQueryBuilder));
                rows(Begun(Some(Box::pin(async move { kept.all(turn?, built).await }))).await)
            }
            Self::Sqlite(kept) => {
                let (kept, turn, built) = (kept.clone(), kept.turn().await, query.build(SqliteQueryBuilder));
                rows(Begun(Some(Box::pin(async move { kept.all(turn?, built).await }))).await)
            }
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
    pub(super) async fn open(options: Options<D>, most: u32) -> sqlx::Result<Arc<Self>> {
        let first = (options.connect().await?, Instant::now());
        let free = Arc::new(Semaphore::new(most as usize));
        Ok(Arc::new(Self { options, idle: Mutex::new(vec![first]), free }))
    }

    async fn turn(&self) -> sqlx::Result<OwnedSemaphorePermit> {
        let turn = timeout(ACQUIRE, self.free.clone().acquire_owned()).await;
        turn.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(|_| sqlx::Error::PoolClosed)
    }

    async fn all(&self, _turn: OwnedSemaphorePermit, (sql, values): (String, Values)) -> sqlx::Result<Vec<D::Row>> {
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

    /// Runs a statement and keeps the connection; one that failed is closed.
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
