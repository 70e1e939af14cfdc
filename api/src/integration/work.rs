//! Every kind of work that goes on by itself, in one table. What a kind does is written where its theme is.

use chrono::TimeDelta;

use crate::{
    access::organization,
    actor::Actor,
    alignment::{agreement, attribution, handoff, scoring, sla},
    config::Retention,
    crm::{duplicate, lead, machine, matching},
    incentive,
    insight::{goal::daily as goal, metric_day::daily as metric_day},
    marketing::visitor,
    store::{Access, Store, jobs::Handlers},
};

/// How long jobs that ended can still be looked at.
const JOBS_DAYS: u32 = 30;

/// What `accord serve` gives to its job runners.
pub fn handlers(retention: &Retention) -> Handlers {
    let (events, keys) = (retention.events_days, retention.idempotency_days);
    incentive::handlers(handoff::handlers(lead::later::handlers(Handlers::default())))
        .on(duplicate::scan::JOB, duplicate::scan::work)
        .on(matching::backfill::JOB, matching::backfill::work)
        .daily("events.expire", move |store, _| async move {
            let gone = store.expire_events(ago(&store, events)).await?;
            tracing::info!(gone, "old events deleted");
            Ok(())
        })
        .on(agreement::ACTIVATE, |store, job| async move {
            let Some(organization) = job.organization else { return Ok(()) };
            agreement::activate(&Access::new(store, Actor::system(organization), None), &job).await
        })
        .on(sla::WATCH, |store, job| async move {
            let Some(organization) = job.organization else { return Ok(()) };
            sla::watch(&Access::new(store, Actor::system(organization), None), &job).await
        })
        .on(scoring::REFRESH, |store, job| async move {
            let Some(organization) = job.organization else { return Ok(()) };
            let renewed = scoring::refresh_all(&Access::new(store, Actor::system(organization), None), &job).await?;
            tracing::info!(renewed, "scores renewed");
            Ok(())
        })
        .on(attribution::FOLLOW, |store, job| async move { attribution::follow(&job.access(&store)?, &job).await })
        .on(attribution::BUILD, |store, job| async move { attribution::build(&job.access(&store)?, &job).await })
        .on(attribution::REBUILD, |store, job| async move { attribution::rebuild(&job.access(&store)?, &job).await })
        .on(visitor::FOLLOW, |store, job| async move { visitor::follow(&job.access(&store)?, &job).await })
        .daily("scoring.fade", |store, _| async move {
            for organization in organization::all(&store).await? {
                scoring::put_down(&Access::new(store.clone(), Actor::system(organization), None)).await?;
            }
            Ok(())
        })
        .on(goal::KEEP, |store, job| async move {
            let added = goal::keep(&job.access(&store)?).await?;
            tracing::info!(added, "days of goals kept");
            Ok(())
        })
        .daily("goal.look", |store, _| async move {
            for organization in organization::all(&store).await? {
                goal::put_down(&machine(&store, organization)).await?;
            }
            Ok(())
        })
        .on(metric_day::KEEP, |store, job| async move {
            let added = metric_day::keep(&job.access(&store)?).await?;
            tracing::info!(added, "how well records are kept was kept");
            Ok(())
        })
        .daily("metric.look", |store, _| async move {
            for organization in organization::all(&store).await? {
                metric_day::put_down(&machine(&store, organization)).await?;
            }
            Ok(())
        })
        .daily("keys.expire", move |store, _| async move {
            let gone = store.expire_keys(ago(&store, keys)).await?;
            tracing::info!(gone, "old idempotency keys deleted");
            Ok(())
        })
        .daily("limits.expire", |store, _| async move { store.expire_limits(store.now()).await })
        .daily("jobs.expire", |store, _| async move {
            let gone = store.expire_jobs(ago(&store, JOBS_DAYS)).await?;
            tracing::info!(gone, "old jobs deleted");
            Ok(())
        })
}

fn ago(store: &Store, days: u32) -> chrono::DateTime<chrono::Utc> {
    store.now() - TimeDelta::days(days.into())
}
