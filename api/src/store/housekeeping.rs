//! Deletes what nobody asks for any more, in small batches so that nobody waits for it. Each batch is a commit of its
//! own; stopped in between, it goes on the next time.

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, Statement, Value,
    sea_query::{Expr, ExprTrait, Query},
};
use uuid::Uuid;

use super::Store;
use crate::error::Result;

const BATCH: u64 = 1000;

impl Store {
    /// Events of before then; how many. Each organisation's go in the order of the feed and without holes, so that a
    /// cursor either finds all that follows it or has expired. `event_head` stays: numbers are never given again.
    pub async fn expire_events(&self, before: DateTime<Utc>) -> Result<u64> {
        let heads = self.rows("SELECT organization_id FROM event_head", []).await?;
        let mut gone = 0;
        for head in heads {
            let organization: Uuid = head.try_get_by_index(0)?;
            loop {
                let deleted = self.expire_first(organization, before).await?;
                gone += deleted;
                if deleted < BATCH {
                    break;
                }
            }
        }
        Ok(gone)
    }

    async fn expire_first(&self, organization: Uuid, before: DateTime<Utc>) -> Result<u64> {
        let first = "SELECT seq, at FROM event WHERE organization_id = $1 AND seq IS NOT NULL ORDER BY seq LIMIT 1000";
        let mut last: Option<i64> = None;
        for row in self.rows(first, [organization.into()]).await? {
            let at: DateTime<Utc> = row.try_get_by_index(1)?;
            if at >= before {
                break;
            }
            last = Some(row.try_get_by_index(0)?);
        }
        let Some(last) = last else { return Ok(0) };
        let apart = "DELETE FROM event_personal WHERE event_id IN \
                     (SELECT id FROM event WHERE organization_id = $1 AND seq <= $2)";
        let events = "DELETE FROM event WHERE organization_id = $1 AND seq <= $2";
        let db = self.begin().await?;
        let mut gone = 0;
        for sql in [apart, events] {
            self.count();
            let values: [Value; 2] = [organization.into(), last.into()];
            let statement = Statement::from_sql_and_values(self.backend(), sql, values);
            gone = db.execute_raw(statement).await?.rows_affected();
        }
        db.commit().await?;
        Ok(gone)
    }

    /// Idempotency keys of before then: their requests could take effect again.
    pub async fn expire_keys(&self, before: DateTime<Utc>) -> Result<u64> {
        let sql = "DELETE FROM idempotency_record WHERE (organization_id, caller, key) IN \
                   (SELECT organization_id, caller, key FROM idempotency_record WHERE created_at < $1 \
                   ORDER BY created_at LIMIT 1000)";
        self.expire(sql, before).await
    }

    /// Jobs that ended before then, done or given up.
    pub async fn expire_jobs(&self, before: DateTime<Utc>) -> Result<u64> {
        let sql = "DELETE FROM job WHERE id IN \
                   (SELECT id FROM job WHERE done_at < $1 OR failed_at < $1 LIMIT 1000)";
        self.expire(sql, before).await
    }

    /// Takes up jobs of these kinds again that were given up: how many.
    pub async fn retry_jobs(&self, kinds: &[&'static str]) -> Result<u64> {
        let again = Query::update()
            .table("job")
            .value("failed_at", None::<DateTime<Utc>>)
            .value("attempts", 0)
            .value("run_at", self.now())
            .and_where(Expr::col("failed_at").is_not_null())
            .and_where(Expr::col("kind").is_in(kinds.iter().copied()))
            .take();
        let db = self.begin().await?;
        self.count();
        let taken_up = db.execute(&again).await?.rows_affected();
        db.commit().await?;
        Ok(taken_up)
    }

    async fn expire(&self, sql: &str, before: DateTime<Utc>) -> Result<u64> {
        let mut gone = 0;
        loop {
            let db = self.begin().await?;
            self.count();
            let statement = Statement::from_sql_and_values(self.backend(), sql, [before.into()]);
            let deleted = db.execute_raw(statement).await?.rows_affected();
            db.commit().await?;
            gone += deleted;
            if deleted < BATCH {
                return Ok(gone);
            }
        }
    }

    async fn rows<const N: usize>(&self, sql: &str, values: [Value; N]) -> Result<Vec<sea_orm::QueryResult>> {
        self.count();
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        Ok(self.0.writer.query_all_raw(statement).await?)
    }
}
