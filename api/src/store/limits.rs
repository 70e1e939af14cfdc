//! Counters of tries that every node shares. Each holds the instant up to which it is used up: a try moves it on, time
//! lets it fall behind. Nothing is locked for good, and a refused try costs nothing more.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement, Value};

use super::{Store, Tx};
use crate::error::Result;

/// A counter: after `burst` tries at once one more in each interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    pub name: String,
    pub interval: TimeDelta,
    pub burst: i32,
}

const TAKE: &str = "INSERT INTO sign_in_limit (name, until_ms) VALUES ($1, $2 + $3) \
     ON CONFLICT (name) DO UPDATE SET until_ms = \
     CASE WHEN sign_in_limit.until_ms < $2 THEN $2 ELSE sign_in_limit.until_ms END + $3 \
     WHERE sign_in_limit.until_ms - $2 <= $4 RETURNING until_ms";

impl Store {
    /// Counts a try in all of these or, when one is used up, in none; that one is the answer.
    pub async fn charge<'a>(&self, limits: &'a [Limit], now: DateTime<Utc>) -> Result<Option<&'a Limit>> {
        let db = self.begin().await?;
        for limit in limits {
            let interval = limit.interval.num_milliseconds();
            let most = interval * i64::from(limit.burst - 1);
            let values: [Value; 4] =
                [limit.name.as_str().into(), now.timestamp_millis().into(), interval.into(), most.into()];
            if self.run(&db, TAKE, values).await?.is_empty() {
                return Ok(Some(limit));
            }
        }
        db.commit().await?;
        Ok(None)
    }

    /// Counters that have fallen behind: they say nothing any more.
    pub async fn expire_limits(&self, now: DateTime<Utc>) -> Result<()> {
        let db = self.begin().await?;
        self.run(&db, "DELETE FROM sign_in_limit WHERE until_ms < $1", [now.timestamp_millis().into()]).await?;
        Ok(db.commit().await?)
    }

    async fn run<const N: usize>(
        &self,
        db: &DatabaseTransaction,
        sql: &str,
        values: [Value; N],
    ) -> Result<Vec<sea_orm::QueryResult>> {
        self.count();
        Ok(db.query_all_raw(Statement::from_sql_and_values(self.backend(), sql, values)).await?)
    }
}

impl Tx {
    /// A try that was none: what it cost is given back.
    pub async fn give_back(&mut self, limits: &[Limit]) -> Result<()> {
        for limit in limits {
            let sql = "UPDATE sign_in_limit SET until_ms = until_ms - $1 WHERE name = $2";
            let values: [Value; 2] = [limit.interval.num_milliseconds().into(), limit.name.as_str().into()];
            let backend = self.access().store().backend();
            self.db().execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        }
        Ok(())
    }
}
