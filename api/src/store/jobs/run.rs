//! The runner: takes one job after the other and gives each to the handler of its kind. It survives failing and
//! panicking handlers and a database that is away for a while; dropped, it leaves its job to the others.

use std::{collections::BTreeMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use chrono::NaiveDate;
use futures_util::{FutureExt, future::BoxFuture};
use uuid::Uuid;

use super::{Job, NewJob};
use crate::{
    error::{Error, Result},
    store::Store,
};

type Handler = Arc<dyn Fn(Store, Job) -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// What is done for each kind of job, and which kinds come up daily.
#[derive(Clone, Default)]
pub struct Handlers {
    kinds: BTreeMap<&'static str, Handler>,
    daily: Vec<&'static str>,
}

impl Handlers {
    /// A job may be done more than once; `Job::done_in` gives its effect once.
    #[must_use]
    pub fn on<F, W>(mut self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(Store, Job) -> W + Send + Sync + 'static,
        W: Future<Output = Result<()>> + Send + 'static,
    {
        self.kinds.insert(kind, Arc::new(move |store, job| handler(store, job).boxed()));
        self
    }

    /// The same, put down once for each day (UTC) by whichever node sees it first.
    #[must_use]
    pub fn daily<F, W>(mut self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(Store, Job) -> W + Send + Sync + 'static,
        W: Future<Output = Result<()>> + Send + 'static,
    {
        self.daily.push(kind);
        self.on(kind, handler)
    }
}

/// How often other nodes' jobs are looked for.
const POLL: Duration = Duration::from_secs(1);
/// How often a lease is renewed.
const BEAT: Duration = Duration::from_secs(10);

/// Does one job at a time, forever: start as many as may run at once on this node.
pub async fn run(store: Store, handlers: Handlers) {
    let mut runner = Runner { name: super::super::row::new_id(), commits: store.commits(), store, handlers, day: None };
    loop {
        runner.commits.mark_unchanged();
        match runner.step().await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(?error, "the job runner will try again"),
        }
        _ = tokio::time::timeout(POLL, runner.commits.changed()).await;
    }
}

struct Runner {
    name: Uuid,
    store: Store,
    commits: tokio::sync::watch::Receiver<u64>,
    handlers: Handlers,
    /// The day whose daily jobs have been put down.
    day: Option<NaiveDate>,
}

impl Runner {
    /// True when there was something to do.
    async fn step(&mut self) -> Result<bool> {
        self.today().await?;
        let kinds: Vec<&str> = self.handlers.kinds.keys().copied().collect();
        let Some(job) = self.store.take(&kinds, self.name).await? else { return Ok(false) };
        let Some(handler) = self.handlers.kinds.get(job.kind.as_str()).cloned() else { return Ok(false) };
        self.work(handler, job).await?;
        Ok(true)
    }

    async fn today(&mut self) -> Result<()> {
        let today = self.store.now().date_naive();
        if self.day == Some(today) {
            return Ok(());
        }
        for kind in &self.handlers.daily {
            let job = NewJob::new(kind, serde_json::json!({})).once(format!("{kind}/{today}"));
            self.store.enqueue(job).await?;
        }
        self.day = Some(today);
        Ok(())
    }

    async fn work(&self, handler: Handler, job: Job) -> Result<()> {
        let (store, taken) = (self.store.clone(), job.clone());
        let doing = AssertUnwindSafe(async move { handler(store, taken).await }).catch_unwind();
        let done = tokio::select! {
            done = doing => done.unwrap_or_else(|_| Err(Error::internal("the handler panicked"))),
            () = self.lost(&job) => return Ok(()),
        };
        let ours = match done {
            // one that ended itself with its effect is not ours any more
            Ok(()) => return self.store.finish(&job).await.map(|_| ()),
            Err(error) => {
                tracing::warn!(job = %job.id, kind = job.kind, attempt = job.attempt, ?error, "a job failed");
                self.store.put_back(&job, &said(&error)).await?
            }
        };
        if !ours {
            tracing::warn!(job = %job.id, kind = job.kind, "a job was given to another runner meanwhile");
        }
        Ok(())
    }

    /// Keeps the lease; ends when another has it.
    async fn lost(&self, job: &Job) {
        loop {
            tokio::time::sleep(BEAT).await;
            match self.store.renew(job).await {
                Ok(true) => {}
                Ok(false) => {
                    tracing::warn!(job = %job.id, kind = job.kind, "a job's lease was lost");
                    return;
                }
                Err(error) => tracing::warn!(job = %job.id, ?error, "a job's lease could not be renewed"),
            }
        }
    }
}

fn said(error: &Error) -> String {
    if let Error::Internal(what) = error { what.to_string() } else { error.to_string() }
}
