//! Clients that go away in the middle of a mutation: what was answered is there, nothing stays open, others go on.

use std::time::Duration;

use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;

use crate::harness::{App, Database, json, on_both};

const CREATE: &str =
    "mutation($input: LeadCreateInput!) { leadCreate(input: $input) { lead { id } userErrors { code } } }";
const UPDATE: &str =
    "mutation($input: LeadUpdateInput!) { leadUpdate(input: $input) { lead { id } userErrors { code } } }";

/// Connections of this database that are inside a transaction and do nothing.
async fn idle_in_transaction(app: &App) -> i64 {
    let idle = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    let row = app.store.migrator().query_one_raw(Statement::from_string(app.store.backend(), idle)).await;
    row.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// What was begun is finished, one way or the other.
async fn settled(app: &App) {
    for _ in 0..12_000 {
        if app.database == Database::Sqlite || idle_in_transaction(app).await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("a connection stays inside a transaction");
}

on_both! {
    async fn what_was_answered_is_there_and_nothing_stays_open(app) {
        let ann = app.admin();
        let mut answered: Vec<Value> = vec![ann.has("lead", json!({ "lastName": "First" })).await];
        // inside a transaction, or waiting to begin one
        for round in 0..6 {
            let mut other = app.hold("UPDATE lead SET title = title").await;
            let change = json!({ "input": { "id": answered[0], "title": format!("T{round}") } });
            let mut request = Box::pin(ann.ask(UPDATE, change));
            tokio::select! {
                answer = &mut request => panic!("answered: {}", answer.0),
                () = other.awaited() => {}
            }
            drop(request);
            other.commit().await;
        }
        // anywhere else
        for n in 0..80 {
            let create = ann.ask(CREATE, json!({ "input": { "lastName": format!("N{n}") } }));
            if let Ok(answer) = tokio::time::timeout(Duration::from_micros(n * 200), create).await {
                answered.push(answer.data()["leadCreate"]["lead"]["id"].clone());
            }
        }
        for n in 0..8 {
            answered.push(ann.has("lead", json!({ "lastName": format!("Later {n}") })).await);
        }
        settled(&app).await;

        app.numbered().await;
        let (mut leads, mut after) = (vec![], Value::Null);
        while after != json!(false) {
            let page = ann.ask("query($a: String) { leads(first: 100, after: $a) { nodes { id version } pageInfo { hasNextPage endCursor } } }", json!({ "a": after })).await;
            let list = &page.data()["leads"];
            leads.extend(list["nodes"].as_array().unwrap().clone());
            after = if list["pageInfo"]["hasNextPage"] == true { list["pageInfo"]["endCursor"].clone() } else { json!(false) };
        }
        for id in &answered {
            assert!(leads.iter().any(|lead| lead["id"] == *id), "{id} was answered and is not there");
        }
        let events = "SELECT CAST(COUNT(*) AS BIGINT) FROM event WHERE entity = 'lead'";
        let row = app.store.migrator().query_one_raw(Statement::from_string(app.store.backend(), events)).await;
        let events: i64 = row.unwrap().unwrap().try_get_by_index(0).unwrap();
        let versions: i64 = leads.iter().map(|lead| lead["version"].as_i64().unwrap()).sum();
        assert_eq!(events, versions, "each change has its event and each event its change");
    }
}
