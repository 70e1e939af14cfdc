//! Pay that hangs on what both sides signed: plans, runs, statements. It reads goals and metrics; nothing below may see pay.

pub mod adjustment;
pub mod assignment;
pub mod backtest;
pub mod clawback;
pub mod dispute;
pub mod grant;
pub mod lint;
pub mod paid;
pub mod pay;
pub mod payroll;
pub mod plan;
pub mod project;
pub mod run;
pub mod statement;
pub mod total;
mod trial;
mod watch;

pub use plan::IncentivePlanBody;

use crate::{
    graph::Meta,
    store::{Listener, jobs::Handlers},
};

/// The records of this theme.
pub fn records() -> Vec<&'static Meta> {
    use statement::graphql;
    vec![
        assignment::meta(),
        run::meta(),
        graphql::statement(),
        graphql::line(),
        graphql::source(),
        adjustment::meta(),
        dispute::meta(),
        grant::meta(),
    ]
}

pub fn listeners() -> Vec<Listener> {
    [vec![plan::LISTENER], clawback::listeners(), watch::listeners()].concat()
}

pub fn handlers(handlers: Handlers) -> Handlers {
    handlers
        .on(run::CALCULATE, |store, job| async move { run::work(&job.access(&store)?, &job).await })
        .on(clawback::CLAWBACK, |store, job| async move { Box::pin(clawback::work(&job.access(&store)?, &job)).await })
        // what pay hangs on is not given up: it is tried again each day until it is done
        .daily("incentive.again", |store, _| async move {
            let again = store.retry_jobs(&[run::CALCULATE, clawback::CLAWBACK]).await?;
            tracing::info!(again, "work on pay that was given up is tried again");
            Ok(())
        })
}
