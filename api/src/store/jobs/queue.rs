//! Who has which job: a lease that must be renewed, and a number that rises each time a job is taken, so that a runner
//! that was slow cannot end what another has.

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{JobId, OrganizationId};
use sea_orm::{
    Condition, ConnectionTrait, ExprTrait,
    sea_query::{Expr, LockBehavior, LockType, Order, Query, SelectStatement, UpdateStatement},
};
use uuid::Uuid;

use super::super::{Access, Store, Tx};
use crate::{
    actor::Actor,
    error::{Error, FaultCode, Result},
};

/// How long a runner has a job for itself unless it renews.
const LEASE: TimeDelta = TimeDelta::seconds(30);

/// Work that a runner has taken.
#[derive(Clone, Debug)]
pub struct Job {
    pub id: JobId,
    /// None for the server's own.
    pub organization: Option<OrganizationId>,
    pub kind: String,
    pub payload: serde_json::Value,
    /// Which try this is, from 1.
    pub attempt: i32,
    max_attempts: i32,
    fence: i64,
}

impl Job {
    /// Accord itself in the organisation whose job it is.
    pub fn access(&self, store: &Store) -> Result<Access> {
        let organization = self.organization.ok_or_else(|| Error::internal("a job of no organisation"))?;
        Ok(Access::new(store.clone(), Actor::system(organization), None))
    }

    /// Whether it is given up if this try fails.
    pub fn is_last_try(&self) -> bool {
        self.attempt >= self.max_attempts
    }

    /// Ends the job in the commit of its effect, which so happens once: refused when another runner has the job now.
    pub async fn done_in(&self, tx: &Tx) -> Result<()> {
        let done = self.change().value("done_at", tx.access().now()).take();
        if tx.db().execute(&done).await?.rows_affected() == 1 {
            return Ok(());
        }
        Err(Error::refused(FaultCode::Conflict, "", "another runner has this job now"))
    }

    /// Lets go of this job, as long as it is ours and not ended.
    fn change(&self) -> UpdateStatement {
        self.held_until(None)
    }

    fn held_until(&self, until: Option<DateTime<Utc>>) -> UpdateStatement {
        Query::update()
            .table("job")
            .value("locked_until", until)
            .and_where(Expr::col("id").eq(self.id.0))
            .and_where(Expr::col("fence").eq(self.fence))
            .cond_where(open())
            .take()
    }
}

/// Neither done nor given up.
fn open() -> Condition {
    Condition::all().add(Expr::col("done_at").is_null()).add(Expr::col("failed_at").is_null())
}

fn due(kinds: &[&str], now: DateTime<Utc>) -> SelectStatement {
    let free = Condition::any().add(Expr::col("locked_until").is_null()).add(Expr::col("locked_until").lt(now));
    Query::select()
        .column("id")
        .from("job")
        .cond_where(open())
        .and_where(Expr::col("run_at").lte(now))
        .and_where(Expr::col("kind").is_in(kinds.iter().copied()))
        .cond_where(free)
        .order_by("run_at", Order::Asc)
        .order_by("id", Order::Asc)
        .limit(1)
        .take()
}

impl Store {
    /// The longest due job of these kinds, if there is one; those whose last try was lost with its runner are given up.
    pub(super) async fn take(&self, kinds: &[&str], runner: Uuid) -> Result<Option<Job>> {
        let now = self.now();
        // asks a reader first: waiting runners do not disturb writers
        if self.all(false, &due(kinds, now)).await?.is_empty() {
            return Ok(None);
        }
        let spent = Expr::col("attempts").gte(Expr::col("max_attempts"));
        let bury = Query::update()
            .table("job")
            .value("failed_at", now)
            .value("last_error", "its runner was lost")
            .cond_where(open())
            .and_where(spent.clone())
            .and_where(Expr::col("locked_until").lt(now))
            .take();
        let mut next = due(kinds, now);
        next.and_where(spent.not()).lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        let take = Query::update()
            .table("job")
            .value("attempts", Expr::col("attempts").add(1))
            .value("fence", Expr::col("fence").add(1))
            .value("locked_until", now + LEASE)
            .value("locked_by", runner.simple().to_string())
            .and_where(Expr::col("id").eq(Expr::from(next)))
            .returning(Query::returning().columns(COLUMNS))
            .take();
        let db = self.begin().await?;
        self.count();
        db.execute(&bury).await?;
        self.count();
        let row = db.query_one(&take).await?;
        db.commit().await?;
        row.as_ref().map(read).transpose()
    }

    /// Renews the lease; false when the job is somebody else's by now, or ended.
    pub(super) async fn renew(&self, job: &Job) -> Result<bool> {
        self.apply(job.held_until(Some(self.now() + LEASE))).await
    }

    /// True when it was ours to end.
    pub(super) async fn finish(&self, job: &Job) -> Result<bool> {
        self.apply(job.change().value("done_at", self.now()).take()).await
    }

    /// Puts a failed job back for later, or gives it up.
    pub(super) async fn put_back(&self, job: &Job, error: &str) -> Result<bool> {
        let error: String = error.chars().take(1000).collect();
        let mut change = job.change();
        change.value("last_error", error);
        if job.attempt >= job.max_attempts {
            change.value("failed_at", self.now());
        } else {
            change.value("run_at", self.now() + wait(job.attempt));
        }
        self.apply(change).await
    }

    async fn apply(&self, change: UpdateStatement) -> Result<bool> {
        let db = self.begin().await?;
        self.count();
        let changed = db.execute(&change).await?.rows_affected();
        db.commit().await?;
        Ok(changed == 1)
    }
}

const COLUMNS: [&str; 7] = ["id", "organization_id", "kind", "payload", "attempts", "max_attempts", "fence"];

fn read(row: &sea_orm::QueryResult) -> Result<Job> {
    Ok(Job {
        id: JobId(row.try_get_by_index(0)?),
        organization: row.try_get_by_index::<Option<Uuid>>(1)?.map(OrganizationId),
        kind: row.try_get_by_index(2)?,
        payload: row.try_get_by_index(3)?,
        attempt: row.try_get_by_index(4)?,
        max_attempts: row.try_get_by_index(5)?,
        fence: row.try_get_by_index(6)?,
    })
}

/// The wait after a failed try: it doubles from ten seconds to an hour at most; by chance up to half of it less, so
/// that what failed together does not come back together.
fn wait(attempt: i32) -> TimeDelta {
    let doublings = std::cmp::min(u32::try_from(attempt - 1).unwrap_or(0), 9);
    let longest = std::cmp::min(10_000_i64 << doublings, 3_600_000);
    TimeDelta::milliseconds(rand::random_range(longest / 2..=longest))
}
