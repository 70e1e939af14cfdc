//! Work put down for later: done once, by whoever is there, and not lost with them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
    time::Duration,
};

use api::{
    actor::Permission,
    config::Retention,
    error::Error,
    integration::work,
    store::{
        Access, Settings, Store,
        jobs::{self, Handlers, NewJob},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use tokio::task::JoinSet;

use crate::harness::{App, PATIENCE, Person, json, on_both};

/// Another node on the same database, with a clock that tests move.
pub struct Node {
    pub store: Store,
    ahead: Arc<AtomicI64>,
}

impl Node {
    pub async fn start(app: &App) -> Self {
        let ahead = Arc::new(AtomicI64::new(0));
        let hand = ahead.clone();
        let mut settings = Settings::new(&app.url);
        settings.clock = Some(Arc::new(move || Utc::now() + TimeDelta::seconds(hand.load(Ordering::Relaxed))));
        Self { store: Store::open(&settings).await.unwrap(), ahead }
    }

    pub fn later(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::Relaxed);
    }
}

pub async fn rows(store: &Store, sql: &str) -> Vec<QueryResult> {
    store.migrator().query_all_raw(Statement::from_string(store.backend(), sql)).await.unwrap()
}

pub async fn count(store: &Store, sql: &str) -> i64 {
    rows(store, &format!("SELECT COUNT(*) FROM {sql}")).await[0].try_get_by_index(0).unwrap()
}

pub async fn until(store: &Store, sql: &str) {
    until_so_many(store, sql, 1).await;
}

pub async fn until_so_many(store: &Store, sql: &str, wanted: i64) {
    for _ in 0..6000 {
        if count(store, sql).await >= wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never: {sql}");
}

async fn work_of(person: &Person<'_>, store: &Store) -> api::store::Tx {
    Access::new(store.clone(), person.actor.clone(), None).begin(Permission::LeadCreate).await.unwrap()
}

on_both! {
    async fn a_job_exists_when_its_work_commits_and_once_by_its_name(app) {
        let ann = app.admin();
        let mut tx = work_of(&ann, &app.store).await;
        tx.enqueue(NewJob::new("mail", json!({}))).await.unwrap();
        drop(tx);
        let mut tx = work_of(&ann, &app.store).await;
        assert!(tx.enqueue(NewJob::new("mail", json!({ "to": 1 })).once("mail/1")).await.unwrap());
        assert!(!tx.enqueue(NewJob::new("mail", json!({ "to": 2 })).once("mail/1")).await.unwrap());
        tx.commit(json!(null)).await.unwrap();
        assert_eq!(count(&app.store, "job").await, 1);
        let mut other = work_of(&app.admin(), &app.store).await;
        assert!(other.enqueue(NewJob::new("mail", json!({})).once("mail/1")).await.unwrap(), "names are each organisation's own");
    }
}

on_both! {
    async fn several_runners_do_each_job_once(app) {
        let done = Arc::new(AtomicU32::new(0));
        let hand = done.clone();
        let handlers = Handlers::default().on("add", move |_, _| {
            hand.fetch_add(1, Ordering::Relaxed);
            async { Ok(()) }
        });
        let mut runners = JoinSet::new();
        for _ in 0..4 {
            runners.spawn(jobs::run(app.store.clone(), handlers.clone()));
        }
        for n in 0..20 {
            app.store.enqueue(NewJob::new("add", json!({ "n": n }))).await.unwrap();
        }
        until_so_many(&app.store, "job WHERE done_at IS NOT NULL", 20).await;
        assert_eq!(done.load(Ordering::Relaxed), 20);
    }
}

on_both! {
    async fn a_killed_runners_job_goes_to_another_whose_effect_counts(app) {
        let ann = app.admin();
        let (slow, quick) = (Node::start(&app).await, Node::start(&app).await);
        app.store.enqueue(NewJob::new("lead", json!({}))).await.unwrap();
        let actor = ann.actor.clone();
        let late = Arc::new(tokio::sync::Notify::new());
        let (hand, who) = (late.clone(), actor.clone());
        let stuck = Handlers::default().on("lead", move |store, job| {
            let (late, actor) = (hand.clone(), who.clone());
            async move {
                late.notified().await;
                let tx = Access::new(store, actor, None).begin(Permission::LeadCreate).await?;
                job.done_in(&tx).await?;
                tx.commit(json!(null)).await
            }
        });
        let runner = tokio::spawn(jobs::run(slow.store.clone(), stuck));
        until(&app.store, "job WHERE attempts = 1").await;

        let good = Handlers::default().on("lead", move |store, job| {
            let actor = actor.clone();
            async move {
                let mut tx = Access::new(store, actor, None).begin(Permission::LeadCreate).await?;
                job.done_in(&tx).await?;
                tx.enqueue(NewJob::new("effect", json!({}))).await?;
                tx.commit(json!(null)).await
            }
        });
        let other = tokio::spawn(jobs::run(quick.store.clone(), good));
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(count(&app.store, "job WHERE kind = 'effect'").await, 0, "the lease holds");
        quick.later(31);
        until(&app.store, "job WHERE kind = 'lead' AND done_at IS NOT NULL").await;
        // the slow one wakes up: what it does is refused, and what is done stays
        late.notify_one();
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(count(&app.store, "job WHERE kind = 'effect'").await, 1);
        assert_eq!(count(&app.store, "job WHERE kind = 'lead' AND failed_at IS NULL AND fence = 2").await, 1);
        runner.abort();
        other.abort();
    }
}

on_both! {
    async fn a_runner_keeps_what_it_works_on(app) {
        let node = Node::start(&app).await;
        app.store.enqueue(NewJob::new("hang", json!({}))).await.unwrap();
        let runner = tokio::spawn(jobs::run(node.store.clone(), Handlers::default().on("hang", |_, _| std::future::pending())));
        until(&app.store, "job WHERE attempts = 1").await;
        let held = async || -> DateTime<Utc> {
            rows(&app.store, "SELECT locked_until FROM job").await[0].try_get_by_index(0).unwrap()
        };
        let (first, begun) = (held().await, std::time::Instant::now());
        while held().await == first {
            assert!(begun.elapsed() < PATIENCE, "it is never renewed");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(held().await > first);
        runner.abort();
    }
}

on_both! {
    async fn a_dropped_runner_leaves_no_lock_and_a_lost_job_is_given_up_in_the_end(app) {
        let node = Node::start(&app).await;
        app.store.enqueue(NewJob::new("hang", json!({})).attempts(2)).await.unwrap();
        let hang = Handlers::default().on("hang", |_, _| std::future::pending());
        for attempt in 1..=2 {
            let runner = tokio::spawn(jobs::run(node.store.clone(), hang.clone()));
            until(&app.store, &format!("job WHERE attempts = {attempt}")).await;
            runner.abort();
            node.later(31);
        }
        let runner = tokio::spawn(jobs::run(node.store.clone(), hang));
        until(&app.store, "job WHERE failed_at IS NOT NULL AND attempts = 2").await;
        runner.abort();
    }
}

on_both! {
    async fn a_failing_job_waits_longer_each_time_then_rests_and_blocks_nobody(app) {
        let node = Node::start(&app).await;
        let handlers = Handlers::default()
            .on("bad", |_, job| async move { if job.attempt == 1 { panic!("first") } else { Err(Error::internal("again")) } })
            .on("good", |_, _| async { Ok(()) });
        let runner = tokio::spawn(jobs::run(node.store.clone(), handlers));
        app.store.enqueue(NewJob::new("bad", json!({})).attempts(2)).await.unwrap();
        app.store.enqueue(NewJob::new("good", json!({}))).await.unwrap();
        until(&app.store, "job WHERE kind = 'good' AND done_at IS NOT NULL").await;
        until(&app.store, "job WHERE kind = 'bad' AND attempts = 1 AND locked_until IS NULL").await;
        let job = &rows(&app.store, "SELECT run_at, last_error FROM job WHERE kind = 'bad'").await[0];
        let wait = job.try_get_by_index::<DateTime<Utc>>(0).unwrap() - Utc::now();
        assert!((3..=10).contains(&wait.num_seconds()), "{wait}");
        assert_eq!(job.try_get_by_index::<String>(1).unwrap(), "the handler panicked");
        node.later(11);
        until(&app.store, "job WHERE kind = 'bad' AND failed_at IS NOT NULL AND last_error = 'again'").await;
        runner.abort();
    }
}

on_both! {
    async fn a_job_waits_for_its_time(app) {
        let node = Node::start(&app).await;
        let runner = tokio::spawn(jobs::run(node.store.clone(), Handlers::default().on("late", |_, _| async { Ok(()) })));
        app.store.enqueue(NewJob::new("late", json!({})).at(Utc::now() + TimeDelta::hours(1))).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(count(&app.store, "job WHERE attempts > 0").await, 0);
        node.later(3601);
        until(&app.store, "job WHERE done_at IS NOT NULL").await;
        runner.abort();
    }
}

const CREATE: &str = "mutation($input: LeadCreateInput!) { leadCreate(input: $input) @idempotent(key: \"k\") { lead { id } userErrors { code } } }";
const FEED: &str =
    "query($after: String) { changes(after: $after) { nodes { seq } latestCursor pageInfo { endCursor } } }";

on_both! {
    async fn each_day_old_events_and_keys_go_and_cursors_into_them_expire(app) {
        let ann = app.admin();
        let created = ann.ask(CREATE, json!({ "input": { "email": "old@example.com" } })).await;
        assert_eq!(created.data()["leadCreate"]["userErrors"], json!([]));
        until(&app.store, "event WHERE seq IS NOT NULL").await;
        let old = ann.ask(FEED, json!({})).await.data()["changes"]["pageInfo"]["endCursor"].clone();
        assert_eq!(count(&app.store, "idempotency_record").await, 1);

        let node = Node::start(&app).await;
        node.later(91 * 24 * 3600);
        let runners = [1, 2].map(|_| tokio::spawn(jobs::run(node.store.clone(), work::handlers(&Retention::default()))));
        until_so_many(&app.store, "job WHERE kind LIKE '%.expire' AND done_at IS NOT NULL", 4).await;
        assert_eq!(count(&app.store, "job WHERE kind LIKE '%.expire'").await, 4, "each once, whoever put it down");
        assert_eq!(count(&app.store, "event").await + count(&app.store, "event_personal").await, 0);
        assert_eq!(count(&app.store, "idempotency_record").await, 0);
        runners.iter().for_each(tokio::task::JoinHandle::abort);

        assert!(ann.ask(FEED, json!({ "after": old })).await.data()["changes"]["nodes"].as_array().unwrap().is_empty(), "nothing was missed");
        let plain = CREATE.replace("@idempotent(key: \"k\")", "");
        ann.ask(&plain, json!({ "input": { "email": "new@example.com" } })).await.data();
        ann.ask(&plain, json!({ "input": { "email": "newer@example.com" } })).await.data();
        until(&app.store, "event WHERE seq = 3").await;
        app.store.expire_events(Utc::now() - TimeDelta::days(1)).await.unwrap();
        assert_eq!(ann.ask(FEED, json!({ "after": old })).await.data()["changes"]["nodes"], json!([{ "seq": "2" }, { "seq": "3" }]));
        app.store.migrator().execute_unprepared("DELETE FROM event WHERE seq = 2").await.unwrap();
        let refused = ann.ask(FEED, json!({ "after": old })).await;
        assert_eq!(refused.code(), "CURSOR_EXPIRED");
        let resync = refused.0["errors"][0]["extensions"]["resyncFrom"].clone();
        assert!(ann.ask(FEED, json!({ "after": resync })).await.data()["changes"]["nodes"].as_array().unwrap().is_empty());
    }
}
