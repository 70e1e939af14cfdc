//! Large runs, and runs whose server dies in the middle.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, Statement};

use super::*;
use crate::{
    harness::{Database, Folder, Server},
    jobs::count,
};

/// So many won sales more of everybody in the plan, by copying one.
async fn many(app: &App, like: &Value, times: i64) {
    let store = &app.store;
    let columns: Vec<String> = {
        let one = "SELECT * FROM opportunity LIMIT 1";
        let rows = store.migrator().query_all_raw(Statement::from_string(store.backend(), one)).await.unwrap();
        rows[0].column_names()
    };
    let columns: Vec<String> = columns.into_iter().filter(|name| name != "row_no").collect();
    let id: entity::id::OpportunityId = like.as_str().unwrap().parse().unwrap();
    let hex = id.0.simple().to_string();
    let (fresh, key, numbers) = match app.database {
        Database::Postgres => ("gen_random_uuid()", format!("'{hex}'::uuid"), format!("generate_series(1, {times})")),
        Database::Sqlite => (
            "randomblob(16)",
            format!("x'{hex}'"),
            format!(
                "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times}) SELECT i FROM n)"
            ),
        ),
    };
    let cells: Vec<String> =
        columns.iter().map(|name| if name == "id" { fresh.to_owned() } else { format!("o.\"{name}\"") }).collect();
    let names: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
    let sql = format!(
        "INSERT INTO opportunity ({}) SELECT {} FROM opportunity o CROSS JOIN {numbers} AS n WHERE o.id = {key}",
        names.join(", "),
        cells.join(", ")
    );
    store.migrator().execute_raw(Statement::from_string(store.backend(), sql)).await.unwrap();
}

async fn killed(database: Database) {
    let Some(app) = App::start(database).await else { return };
    let house = House::of(&app).await;
    let deal = house.won(&house.rep, &["100"]).await.remove(0);
    let version = house.agreed("PLAN", &[&house.rep]).await;
    let run = house.run_of(&version).await;
    let first = house.calculate(&run).await;
    many(&app, &deal, 9_999).await;
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
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_leaves_the_last_calculation_and_goes_on_sqlite() {
    killed(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_leaves_the_last_calculation_and_goes_on_postgres() {
    killed(Database::Postgres).await;
}
