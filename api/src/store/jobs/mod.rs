//! Work to be done later: put down in the commit that wants it, taken by one runner at a time, done at least once.
//! It knows no kind of work; handlers do.

mod queue;
mod run;

use chrono::{DateTime, Utc};
use entity::id::RowId;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, ExprTrait, Value,
    sea_query::{Expr, OnConflict, Query, SelectStatement},
};
use uuid::Uuid;

use super::{Access, Store, Tx};
use crate::error::{Error, Result};

pub use queue::Job;
pub use run::{Handlers, run};

/// Work to put down.
#[derive(Clone, Debug)]
pub struct NewJob {
    kind: &'static str,
    payload: serde_json::Value,
    run_at: Option<DateTime<Utc>>,
    effect_key: Option<String>,
    max_attempts: i32,
}

impl NewJob {
    /// Tried ten times, which with the growing waits between them takes about an hour.
    pub fn new(kind: &'static str, payload: serde_json::Value) -> Self {
        Self { kind, payload, run_at: None, effect_key: None, max_attempts: 10 }
    }

    /// Not before then.
    #[must_use]
    pub fn at(mut self, time: DateTime<Utc>) -> Self {
        self.run_at = Some(time);
        self
    }

    /// Put down once only, however often it is asked for under this name.
    #[must_use]
    pub fn once(mut self, effect: impl Into<String>) -> Self {
        self.effect_key = Some(effect.into());
        self
    }

    #[must_use]
    pub fn attempts(mut self, most: i32) -> Self {
        self.max_attempts = most;
        self
    }
}

impl Tx {
    /// Puts work down for this organisation: it exists if the unit of work commits. False when the same was there.
    pub async fn enqueue(&mut self, job: NewJob) -> Result<bool> {
        Ok(self.enqueue_many(vec![job]).await? == 1)
    }

    /// The same for many, in one statement; how many of them were new.
    pub async fn enqueue_many(&mut self, jobs: Vec<NewJob>) -> Result<u64> {
        if jobs.is_empty() {
            return Ok(0);
        }
        let organization = self.access().actor().organization.uuid();
        // names are the organisation's own: one cannot take another's
        let own = |key| format!("{}/{key}", organization.simple());
        let jobs = jobs.into_iter().map(|job| NewJob { effect_key: job.effect_key.map(own), ..job }).collect();
        put(self.db(), Some(organization), self.access().now(), jobs).await
    }

    /// Whether work of these kinds that is due by then has not been done, given up or not.
    pub async fn waits(&self, kinds: &[&str], due: DateTime<Utc>) -> Result<bool> {
        let one = waiting(self.access().actor().organization.uuid(), kinds, due).limit(1).take();
        Ok(self.db().query_one(&one).await?.is_some())
    }

    /// Strikes this organisation's work of a kind that was given up: for who does all of it anew.
    pub async fn forgive(&mut self, kind: &str) -> Result<()> {
        let delete = Query::delete()
            .from_table("job")
            .and_where(Expr::col("organization_id").eq(self.access().actor().organization.uuid()))
            .and_where(Expr::col("kind").eq(kind))
            .and_where(Expr::col("done_at").is_null())
            .and_where(Expr::col("failed_at").is_not_null())
            .take();
        self.db().execute(&delete).await?;
        Ok(())
    }

    /// Strikes this organisation's work of a kind that is due by then and that nobody has taken: for who has done it in
    /// another way. How much it was.
    pub async fn forget(&mut self, kind: &str, due: DateTime<Utc>) -> Result<u64> {
        let delete = Query::delete()
            .from_table("job")
            .and_where(Expr::col("organization_id").eq(self.access().actor().organization.uuid()))
            .and_where(Expr::col("kind").eq(kind))
            .and_where(Expr::col("run_at").lte(due))
            .and_where(Expr::col("done_at").is_null())
            .and_where(Expr::col("locked_until").is_null())
            .take();
        Ok(self.db().execute(&delete).await?.rows_affected())
    }
}

/// Work of an organisation that is due by then and has not been done, for a part of a larger question.
pub fn waiting(organization: Uuid, kinds: &[&str], due: DateTime<Utc>) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from("job")
        .and_where(Expr::col(("job", "organization_id")).eq(organization))
        .and_where(Expr::col(("job", "kind")).is_in(kinds.iter().copied()))
        .and_where(Expr::col(("job", "done_at")).is_null())
        .and_where(Expr::col(("job", "run_at")).lte(due))
        .take()
}

impl Access {
    /// Whether work of these kinds that is due by then has not been done, given up or not.
    pub async fn waits(&self, kinds: &[&str], due: DateTime<Utc>) -> Result<bool> {
        let one = waiting(self.actor().organization.uuid(), kinds, due).limit(1).take();
        Ok(!self.fetch(&one).await?.is_empty())
    }
}

impl Store {
    /// Puts down work of the server's own.
    pub async fn enqueue(&self, job: NewJob) -> Result<bool> {
        let db = self.begin().await?;
        self.count();
        let new = put(&db, None, self.now(), vec![job]).await? == 1;
        db.commit().await?;
        self.0.commits.send_modify(|n| *n += 1);
        Ok(new)
    }
}

const COLUMNS: [&str; 10] = [
    "id",
    "organization_id",
    "kind",
    "payload",
    "run_at",
    "attempts",
    "max_attempts",
    "fence",
    "effect_key",
    "created_at",
];

async fn put(
    db: &DatabaseTransaction,
    organization: Option<Uuid>,
    now: DateTime<Utc>,
    jobs: Vec<NewJob>,
) -> Result<u64> {
    let mut insert = Query::insert();
    insert.into_table("job").columns(COLUMNS).on_conflict(OnConflict::new().do_nothing().to_owned());
    for job in jobs {
        let values: [Value; 10] = [
            super::row::new_id().into(),
            organization.into(),
            job.kind.into(),
            job.payload.into(),
            job.run_at.unwrap_or(now).into(),
            0.into(),
            job.max_attempts.into(),
            0i64.into(),
            job.effect_key.into(),
            now.into(),
        ];
        insert.values(values.map(Expr::val)).map_err(Error::internal)?;
    }
    Ok(db.execute(&insert).await?.rows_affected())
}
