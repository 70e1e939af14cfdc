//! `accord migrate`, and what a start does with a database that is not as the binary expects.

use std::time::Duration;

use sea_orm::{ConnectionTrait, Statement};

use super::{PASSWORD, ann, on};
use crate::{
    harness::{App, Database, Folder, Server, World, accord, json, on_both, said},
    jobs::{count, until},
};

async fn execute(app: &App, sql: &str) {
    app.store.migrator().execute_raw(Statement::from_string(app.store.backend(), sql)).await.expect(sql);
}

on_both! {
    async fn a_database_goes_up_and_down_and_says_where_it_is(app) {
        let folder = Folder::new();
        let migrate = async |words: &[&str]| {
            let words: Vec<&str> = ["migrate"].iter().chain(words).copied().collect();
            let done = on(&app.url, &folder, &words, "").await;
            assert!(done.good, "{words:?}: {}", done.err);
            done.out
        };
        let status = migrate(&["status"]).await;
        let all = status.lines().count();
        assert!(all > 20 && status.lines().all(|line| line.starts_with("done    m00")), "{status}");
        assert_eq!(migrate(&["up"]).await, "0 migrations done.\n");
        assert_eq!(migrate(&["down"]).await, "1 migrations taken back.\n");
        let status = migrate(&["status"]).await;
        let waiting: Vec<&str> = status.lines().filter(|line| line.starts_with("waiting m00")).collect();
        assert_eq!((status.lines().count(), &waiting[..]), (all, &status.lines().last().into_iter().collect::<Vec<_>>()[..]));
        assert_eq!(migrate(&["down", "--steps", &(all - 1).to_string()]).await, format!("{} migrations taken back.\n", all - 1));
        assert_eq!(migrate(&["up", "--steps", "2"]).await, "2 migrations done.\n");
        assert_eq!(migrate(&["up"]).await, format!("{} migrations done.\n", all - 2));
        assert!(ann(&app.url, &folder).await.good, "and it works");
    }
}

on_both! {
    async fn two_nodes_that_migrate_at_once_take_each_step_once(app) {
        let folder = Folder::new();
        assert!(ann(&app.url, &folder).await.good);
        for steps in ["4", "1000"] {
            let back = on(&app.url, &folder, &["migrate", "down", "--steps", steps], "").await;
            let steps = back.out.split(' ').next().unwrap_or_default();
            let up = async || on(&app.url, &folder, &["migrate", "up"], "").await;
            let (one, other) = tokio::join!(up(), up());
            assert!(one.good && other.good, "{}{}", one.err, other.err);
            let mut said = [one.out, other.out];
            said.sort();
            assert_eq!(said, ["0 migrations done.\n".to_owned(), format!("{steps} migrations done.\n")]);
        }
    }
}

on_both! {
    async fn a_full_database_goes_down_and_up(app) {
        let folder = Folder::new();
        let world = World::of(&app, "full").await;
        let migrate = async |words: &[&str]| {
            let words: Vec<&str> = ["migrate"].iter().chain(words).copied().collect();
            let done = on(&app.url, &folder, &words, "").await;
            assert!(done.good, "{words:?}: {}", done.err);
            done.out
        };
        let mut kept = vec![];
        for table in ["account", "lead", "opportunity", "opportunity_state", "lead_cycle"] {
            kept.push((table, count(&app.store, table).await));
        }
        assert!(kept.iter().all(|(_, rows)| *rows > 0), "{kept:?}");
        // before the tables that are filled from those there were
        let status = migrate(&["status"]).await;
        let later = status.lines().skip_while(|line| !line.contains("m0013_insight")).count();
        migrate(&["down", "--steps", &later.to_string()]).await;
        assert_eq!(migrate(&["up"]).await, format!("{later} migrations done.\n"));
        for (table, rows) in kept {
            let now = count(&app.store, table).await;
            let filled = ["opportunity_state", "lead_cycle"].contains(&table) && now > 0;
            assert!(now == rows || filled, "{table}: {rows}, then {now}");
        }
        let names = "{ leads(first: 100) { nodes { lastName } } opportunities(first: 100) { nodes { name } } }";
        world.me.ask(names, json!({})).await.data();
    }
}

/// Where every other statement ends after half a minute.
#[tokio::test]
async fn a_step_of_a_migration_takes_the_time_that_it_needs() {
    let Some(app) = App::start(Database::Postgres).await else {
        return println!("ACCORD_TEST_POSTGRES_URL is not set: not run on PostgreSQL");
    };
    let folder = Folder::new();
    assert!(on(&app.url, &folder, &["migrate", "down"], "").await.good);
    let mut other = app.hold("LOCK TABLE seaql_migrations IN SHARE MODE").await;
    let wait = async {
        other.awaited().await;
        tokio::time::sleep(Duration::from_secs(32)).await;
        other.commit().await;
    };
    let (up, ()) = tokio::join!(on(&app.url, &folder, &["migrate", "up"], ""), wait);
    assert!(up.good && up.out == "1 migrations done.\n", "{}{}", up.out, up.err);
}

on_both! {
    async fn tables_of_a_newer_version_are_left_alone(app) {
        let folder = Folder::new();
        execute(&app, "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)").await;
        for words in [&["serve"][..], &["migrate", "up"], &["migrate", "status"]] {
            let refused = on(&app.url, &folder, words, "").await;
            let clear = refused.err.contains("made by a newer Accord") && refused.err.contains("m9999_later");
            assert!(!refused.good && clear, "{words:?}: {}", refused.err);
        }
        let refused = ann(&app.url, &folder).await;
        assert!(!refused.good && refused.err.contains("newer Accord"), "{}", refused.err);
    }
}

/// Without the cheap settings of tests, which production refuses.
fn production(folder: &Folder, words: &[&str], url: &str) -> tokio::process::Command {
    let mut command = accord(folder, words);
    command.env_remove("ACCORD_ARGON2__MEMORY_KIB").env_remove("ACCORD_ARGON2__ITERATIONS");
    command.env("ACCORD_DATABASE_URL", url).env("ACCORD_PUBLIC_URL", "https://accord.example.com");
    command
}

on_both! {
    async fn in_production_the_operator_migrates(app) {
        let folder = Folder::new();
        assert!(on(&app.url, &folder, &["migrate", "down"], "").await.good);
        let url = harmless(&app.url);
        let early = said(production(&folder, &["serve", "--production"], &url), "").await;
        assert!(!early.good && early.err.contains("run `accord migrate up` first"), "{}", early.err);
        assert!(said(production(&folder, &["migrate", "up"], &url), "").await.good);
        let server = Server::of(production(&folder, &["serve", "--production"], &url)).await;
        assert_eq!(server.get("/readyz").await.status, 200);
        let anybody = server.get("/schema.graphql").await;
        assert_eq!(anybody.status, 401);
        server.kill().await;
    }
}

/// The server of the tests may have a password that stands in every example, which production refuses too.
fn harmless(url: &str) -> String {
    let (_, known) = url.split_once("://").unwrap_or_default();
    let user = known.split_once('@').and_then(|(user, _)| user.split_once(':'));
    match user {
        Some((name, password)) => {
            url.replacen(&format!("{name}:{password}@"), &format!("{name}@"), 1) + &format!("?password={password}")
        }
        None => url.to_owned(),
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_is_named_without_its_password() {
    let folder = Folder::new();
    let url = "postgres://accord:hunter2@127.0.0.1:1/nowhere";
    for words in [&["serve"][..], &["migrate", "status"]] {
        let refused = on(url, &folder, words, "").await;
        assert!(!refused.good && refused.err.contains("onnection refused"), "{}", refused.err);
        assert!(!refused.err.contains("hunter2") && !refused.out.contains("hunter2"), "{}", refused.err);
    }
}

/// What is asked goes to the replica, and what is written does not.
#[tokio::test]
async fn queries_are_answered_by_the_reader_and_writes_by_the_writer() {
    let Some(app) = App::start(Database::Postgres).await else {
        return println!("ACCORD_TEST_POSTGRES_URL is not set: not run on PostgreSQL");
    };
    let folder = Folder::new();
    assert!(ann(&app.url, &folder).await.good);
    let server = Server::start(&folder, &app.url, &[]).await;
    let token = server.signs_in("ann@example.com").await;
    let create = "mutation { leadCreate(input: { lastName: \"Old\" }) { lead { id } } }";
    let id = server.ask(Some(&token), create, json!({})).await.data()["leadCreate"]["lead"]["id"].clone();
    server.kill().await;

    // a replica that has stopped to follow and lets nobody write
    let replica = app.ground.copied().await + "?options[default_transaction_read_only]=on";
    let settings = [("ACCORD_DATABASE_READER_URL", &*replica)];
    let server = Server::start(&folder, &app.url, &settings).await;
    let token = server.signs_in("ann@example.com").await;
    let change = "mutation($id: ID!) { leadUpdate(input: { id: $id, lastName: \"New\" }) { lead { lastName version } userErrors { code } } }";
    let changed = server.ask(Some(&token), change, json!({ "id": id })).await;
    let new = json!({ "lead": { "lastName": "New", "version": 2 }, "userErrors": [] });
    assert_eq!(changed.data()["leadUpdate"], new, "who writes reads what they wrote");
    let asked = "query($id: ID!) { lead(by: { id: $id }) { lastName } leads(filter: { lastName: { eq: \"Old\" } }) { totalCount } }";
    let old = json!({ "lead": { "lastName": "Old" }, "leads": { "totalCount": 1 } });
    assert_eq!(server.ask(Some(&token), asked, json!({ "id": id })).await.data(), &old, "the replica's");
    assert_eq!(crate::jobs::count(&app.store, "lead WHERE last_name = 'New' AND version = 2").await, 1, "the writer's");
    server.terminate().await;
    let (code, log) = server.ended().await;
    assert_eq!(code, Some(0));
    assert!(!log.contains("read-only") && !log.contains("\"level\":\"ERROR\"") && !log.contains(PASSWORD), "{log}");
}

on_both! {
    async fn credit_is_computed_anew_once_a_server_runs(app) {
        let folder = Folder::new();
        assert!(ann(&app.url, &folder).await.good);
        let done = on(&app.url, &folder, &["rebuild"], "").await;
        assert!(done.good && done.out.contains("Credit of"), "{}{}", done.out, done.err);
        let jobs = "job WHERE kind = 'attribution.rebuild'";
        assert_eq!(count(&app.store, jobs).await, 1);
        let server = Server::start(&folder, &app.url, &[]).await;
        until(&app.store, &format!("{jobs} AND done_at IS NOT NULL")).await;
        server.terminate().await;
    }
}
