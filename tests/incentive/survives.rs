//! Large runs, and runs whose server dies in the middle.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, Statement};

use super::*;
use crate::{
    harness::{Database, Folder, MEASURED, Server},
    jobs::count,
};

/// Copies rows of a table: each of `like` once for each row of `with`, these columns given by their SQL.
pub async fn copied(app: &App, table: &str, like: &str, with: &str, other: &[(&str, &str)]) {
    let store = &app.store;
    let one = format!("SELECT * FROM \"{table}\" LIMIT 1");
    let rows = store.migrator().query_all_raw(Statement::from_string(store.backend(), one)).await.unwrap();
    // SQLite numbers searched rows itself
    let columns: Vec<String> = rows[0].column_names().into_iter().filter(|name| name != "row_no").collect();
    let fresh = if app.database == Database::Postgres { "gen_random_uuid()" } else { "randomblob(16)" };
    let cell = |name: &String| match other.iter().find(|(column, _)| column == name) {
        Some((_, sql)) => (*sql).to_owned(),
        None if name == "id" => fresh.to_owned(),
        None => format!("o.\"{name}\""),
    };
    let cells: Vec<String> = columns.iter().map(cell).collect();
    let names: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
    let sql = format!(
        "INSERT INTO \"{table}\" ({}) SELECT {} FROM \"{table}\" o CROSS JOIN {with} WHERE {like}",
        names.join(", "),
        cells.join(", ")
    );
    // without a time limit, on disks of every speed; and known to the planner, as it is soon after elsewhere
    let work = store.migration().await.unwrap();
    work.execute_raw(Statement::from_string(store.backend(), sql)).await.unwrap();
    if app.database == Database::Postgres {
        work.execute_unprepared(&format!("ANALYZE \"{table}\"")).await.unwrap();
    }
    work.commit().await.unwrap();
}

/// The numbers from 1 on, as a table `n` of a column `i`.
pub fn numbers(app: &App, times: i64) -> String {
    match app.database {
        Database::Postgres => format!("generate_series(1, {times}) AS n(i)"),
        Database::Sqlite => format!(
            "(WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {times}) SELECT i FROM c) AS n"
        ),
    }
}

async fn killed(database: Database) {
    let Some(app) = App::start(database).await else { return };
    let house = House::of(&app).await;
    house.won(&house.rep, &["100"]).await;
    let version = house.agreed("PLAN", &[&house.rep]).await;
    let run = house.run_of(&version).await;
    let first = house.calculate(&run).await;
    copied(&app, "opportunity", "1 = 1", &numbers(&app, 9_999), &[]).await;
    let folder = Folder::new();
    // killed again and again while it goes on
    let done = house.step(&house.finn, "Calculate", &run, json!({})).await;
    assert_eq!(done.code(), "", "{}", done.0);
    let looked = "incentive_run WHERE looked_at >";
    let mut kills = 0;
    let mut last = 0;
    while kills < 3 {
        let server = Server::start(&folder, &app.url, &[]).await;
        let until = Instant::now() + Duration::from_secs(60);
        while count(&app.store, &format!("{looked} {last}")).await == 0 && Instant::now() < until {
            if count(&app.store, "incentive_run WHERE revision = 2").await == 1 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        server.kill().await;
        kills += 1;
        let whole = house.statement(&house.finn, &run, &house.rep, "revision total { amount }").await;
        if whole["revision"] == 2 {
            break;
        }
        assert_eq!(whole, json!({ "revision": 1, "total": { "amount": "8.00" } }), "the last complete one stays");
        let seen = house.finn.sees("incentiveRun", &run, "revision lookedAt inputsHash").await;
        assert_eq!(seen["inputsHash"], first["inputsHash"]);
        last = seen["lookedAt"].as_i64().unwrap();
        // the lease of who was killed runs out
        let free = "UPDATE job SET locked_until = NULL WHERE kind = 'incentive.calculate'";
        app.store.migrator().execute_raw(Statement::from_string(app.store.backend(), free)).await.unwrap();
    }
    calculated(&app).await;
    let whole = house
        .statement(
            &house.finn,
            &run,
            &house.rep,
            "revision total { amount } lines { nodes { sources { totalCount } } }",
        )
        .await;
    // a million: 40,000 to the quota, 15,000 to five quarters of it, 60,000 beyond
    let wanted = json!({ "revision": 2, "total": { "amount": "115000.00" }, "lines": { "nodes": [{ "sources": { "totalCount": 10_000 } }] } });
    assert_eq!(whole, wanted, "every sale once");
    // read and written in pages, a commit for each: what is held at once does not grow with the run
    let pages = count(&app.store, "event WHERE kind = 'incentive_run.progressed'").await;
    assert!(pages >= 6, "{pages} pages for 10,000 sales");
    let page = "(SELECT created_at FROM incentive_source WHERE revision = 2 GROUP BY created_at HAVING COUNT(*) > 2000) AS many";
    assert_eq!(count(&app.store, page).await, 0, "no commit holds more than a page");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_leaves_the_last_calculation_and_goes_on_sqlite() {
    killed(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_leaves_the_last_calculation_and_goes_on_postgres() {
    killed(Database::Postgres).await;
}

/// A runner that is taken for lost, but is not: two at once calculate one run, once.
async fn doubled(database: Database) {
    let Some(app) = App::start(database).await else { return };
    let house = House::of(&app).await;
    house.won(&house.rep, &["100"]).await;
    let version = house.agreed("PLAN", &[&house.rep]).await;
    let run = house.run_of(&version).await;
    copied(&app, "opportunity", "1 = 1", &numbers(&app, 9_999), &[]).await;
    let folder = Folder::new();
    assert_eq!(house.step(&house.finn, "Calculate", &run, json!({})).await.code(), "");
    let servers = [Server::start(&folder, &app.url, &[]).await, Server::start(&folder, &app.url, &[]).await];
    let ended = async |from: &str| {
        let until = Instant::now() + Duration::from_secs(300);
        while count(&app.store, &format!("incentive_run WHERE {from}")).await == 0 {
            assert!(Instant::now() < until, "never {from}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    ended("looked_at > 0").await;
    let free = "UPDATE job SET locked_until = NULL WHERE kind = 'incentive.calculate' AND done_at IS NULL";
    app.store.migrator().execute_raw(Statement::from_string(app.store.backend(), free)).await.unwrap();
    ended("revision = 1").await;
    for server in servers {
        server.kill().await;
    }
    assert_eq!(count(&app.store, "incentive_source WHERE revision = 1").await, 10_000);
    assert_eq!(
        house.statement(&house.finn, &run, &house.rep, "total { amount }").await["total"]["amount"],
        "115000.00"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_that_was_taken_for_lost_spoils_nothing_sqlite() {
    doubled(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_that_was_taken_for_lost_spoils_nothing_postgres() {
    doubled(Database::Postgres).await;
}

/// A thousand people with a hundred sales each, calculated by a server of its own: it holds no more than for a sale each. Takes
/// minutes to build and run: `ACCORD_TEST_BIG=1` runs it.
async fn big(database: Database) {
    if std::env::var_os("ACCORD_TEST_BIG").is_none() {
        return println!("ACCORD_TEST_BIG is not set: not run");
    }
    let Some(app) = App::start(database).await else { return };
    let house = House::of(&app).await;
    house.won(&house.rep, &["100"]).await;
    let version = house.drafted("PLAN", house.body(json!({}))).await;
    house.takes_in(&version, &house.rep.id(), json!({})).await;
    let everybody = "\"user\" u";
    let mail = [("email", "'p' || n.i || '@many.example'")];
    copied(&app, "user", "o.email = 'rep@acme.example'", &numbers(&app, 999), &mail).await;
    let theirs = "u.email LIKE '%@many.example'";
    copied(&app, "incentive_assignment", theirs, everybody, &[("user_id", "u.id")]).await;
    let sales = async |each: i64| {
        let each = format!("{everybody} CROSS JOIN {}", numbers(&app, each));
        let like = format!("{theirs} AND o.owner_id IN (SELECT id FROM \"user\" WHERE email = 'rep@acme.example')");
        copied(&app, "opportunity", &like, &each, &[("owner_id", "u.id")]).await;
    };
    sales(1).await;
    house.sign(&version).await;
    let run = house.run_of(&version).await;
    let folder = Folder::new();
    let server = Server::start(&folder, &app.url, &MEASURED).await;
    let calculated = async |revision: i64| {
        let (begun, mut most) = (Instant::now(), None);
        assert_eq!(house.step(&house.finn, "Calculate", &run, json!({})).await.code(), "");
        while count(&app.store, &format!("incentive_run WHERE revision = {revision}")).await == 0 {
            assert!(begun.elapsed() < Duration::from_secs(900), "it is never calculated");
            most = most.max(server.held());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        (begun.elapsed(), most.max(server.held()))
    };
    let (_, few) = calculated(1).await;
    sales(99).await;
    let (took, many) = calculated(2).await;
    server.kill().await;
    println!(
        "{database:?}: 1,000 people and 99,901 sales in {took:?}; {few:?} KiB at most for 1,000 sales, {many:?} for all"
    );
    assert_eq!(count(&app.store, "incentive_statement WHERE current = true").await, 1_000);
    assert_eq!(count(&app.store, "incentive_source WHERE revision = 2").await, 99_901);
    assert_eq!(count(&app.store, "incentive_statement WHERE current = true AND total_minor = 80000").await, 999);
    if let Some((few, many)) = few.zip(many) {
        assert!(many < few + 98_304, "{many} KiB for a hundred sales each, {few} for one");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_people_and_a_hundred_thousand_sales_sqlite() {
    big(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_people_and_a_hundred_thousand_sales_postgres() {
    big(Database::Postgres).await;
}
