//! Orders through relations, and groups by days where the organisation is.

use api::actor::{Permission as P, Reach, Scope};
use serde_json::Value;

use crate::harness::{json, on_both};

const OWN: Reach = Reach { scope: Scope::Own, unassigned: false };

fn names(list: &Value) -> Vec<&str> {
    list["nodes"].as_array().unwrap().iter().map(|n| n["name"].as_str().unwrap()).collect()
}

on_both! {
    async fn a_hidden_record_sorts_like_none(app) {
        let ann = app.admin();
        ann.sells().await;
        let rep = app.holding(ann.actor.organization, &[(P::AccountCreate, OWN), (P::AccountRead, OWN), (P::OpportunityRead, Reach::ALL)]);
        let (aaa, mmm) = (rep.has("account", json!({ "name": "Bbb" })).await, rep.has("account", json!({ "name": "Mmm" })).await);
        let hidden = ann.has("account", json!({ "name": "Aaa" })).await;
        for (name, account) in [("1 hidden", &hidden), ("2 m", &mmm), ("3 b", &aaa), ("4 none", &Value::Null)] {
            ann.has("opportunity", json!({ "name": name, "accountId": account })).await;
        }
        let list = |order: Value| json!({ "o": [order, { "field": "NAME" }] });
        let query = "query($o: [OpportunityOrder!]) { opportunities(orderBy: $o) { nodes { name } } }";
        let by = json!({ "field": "ACCOUNT_NAME" });
        let all = ann.ask(query, list(by.clone())).await;
        assert_eq!(names(&all.data()["opportunities"]), ["1 hidden", "3 b", "2 m", "4 none"]);
        let some = rep.ask(query, list(by)).await;
        assert_eq!(names(&some.data()["opportunities"]), ["3 b", "2 m", "1 hidden", "4 none"]);
        let first = rep.ask(query, list(json!({ "field": "ACCOUNT_NAME", "direction": "DESC" }))).await;
        assert_eq!(names(&first.data()["opportunities"]), ["1 hidden", "4 none", "2 m", "3 b"]);
        let none = app.holding(ann.actor.organization, &[(P::OpportunityRead, Reach::ALL)]);
        let blind = none.ask(query, list(json!({ "field": "ACCOUNT_NAME", "direction": "DESC" }))).await;
        assert_eq!(names(&blind.data()["opportunities"]), ["1 hidden", "2 m", "3 b", "4 none"]);
    }
}

on_both! {
    async fn lists_below_a_record_are_ordered_through_relations_too(app) {
        let ann = app.admin();
        ann.sells().await;
        let stages = ann.ask("{ stages(first: 20, orderBy: [{ field: POSITION }]) { nodes { id type } } }", json!({})).await;
        let open: Vec<_> = stages.data()["stages"]["nodes"].as_array().unwrap().iter().filter(|s| s["type"] == "OPEN").map(|s| s["id"].clone()).collect();
        let (acme, beta) = (ann.has("account", json!({ "name": "Acme" })).await, ann.has("account", json!({ "name": "Beta" })).await);
        for (n, account) in [(2, &acme), (0, &acme), (1, &acme), (1, &beta), (0, &beta)] {
            ann.has("opportunity", json!({ "name": format!("{n}"), "accountId": account, "stageId": open[n] })).await;
        }
        let query = "{ accounts(orderBy: [{ field: NAME }]) { nodes { opportunities(first: 2, orderBy: [{ field: STAGE_POSITION, direction: DESC }, { field: OWNER_NAME }]) {
            nodes { name } pageInfo { hasNextPage endCursor } } } } }";
        let seen = ann.ask(query, json!({})).await;
        let lists: Vec<_> = seen.data()["accounts"]["nodes"].as_array().unwrap().iter().map(|a| names(&a["opportunities"])).collect();
        assert_eq!(lists, [vec!["2", "1"], vec!["1", "0"]]);
    }
}

on_both! {
    async fn days_and_months_begin_where_the_organisation_is(app) {
        let ann = app.founder().await;
        let home = json!({ "id": ann.actor.organization.to_string(), "timeZone": "Europe/Berlin" });
        assert_eq!(ann.does("organization", "Update", home, "id").await.code(), "");
        // the night in which the clocks go forward, the one in which they go back, and a new month
        for at in ["2026-03-28T22:59:59Z", "2026-03-28T23:00:00Z", "2026-03-29T00:59:59.5Z", "2026-03-29T21:59:59.999999Z", "2026-03-29T22:00:00Z",
            "2026-10-24T21:59:59Z", "2026-10-24T22:00:00Z", "2026-10-25T22:59:59Z", "2026-10-25T23:00:00Z", "2026-04-30T22:00:00Z", "2026-01-31T23:00:00Z"] {
            ann.has("opportunity", json!({ "name": at, "openedAt": at })).await;
        }
        let groups = async |grain: &str| {
            let query = format!("{{ opportunityAggregate(groupBy: [{{ field: OPENED_AT, grain: {grain} }}]) {{ key {{ openedAt }} count openAmount {{ amount }} }} }}");
            let answer = ann.ask(&query, json!({})).await;
            let line = |g: &Value| format!("{} {}", g["key"]["openedAt"].as_str().unwrap(), g["count"]);
            answer.data()["opportunityAggregate"].as_array().unwrap().iter().map(line).collect::<Vec<_>>()
        };
        assert_eq!(groups("DAY").await, [
            "2026-01-31T23:00:00Z 1", "2026-03-27T23:00:00Z 1", "2026-03-28T23:00:00Z 3", "2026-03-29T22:00:00Z 1", "2026-04-30T22:00:00Z 1",
            "2026-10-23T22:00:00Z 1", "2026-10-24T22:00:00Z 2", "2026-10-25T23:00:00Z 1",
        ]);
        assert_eq!(groups("WEEK").await, [
            "2026-01-25T23:00:00Z 1", "2026-03-22T23:00:00Z 4", "2026-03-29T22:00:00Z 1", "2026-04-26T22:00:00Z 1", "2026-10-18T22:00:00Z 3", "2026-10-25T23:00:00Z 1",
        ]);
        assert_eq!(groups("MONTH").await, ["2026-01-31T23:00:00Z 1", "2026-02-28T23:00:00Z 5", "2026-04-30T22:00:00Z 1", "2026-09-30T22:00:00Z 4"]);
        assert_eq!(groups("QUARTER").await, ["2025-12-31T23:00:00Z 6", "2026-03-31T22:00:00Z 1", "2026-09-30T22:00:00Z 4"]);
        assert_eq!(groups("YEAR").await, ["2025-12-31T23:00:00Z 11"]);
        let fiscal = async |month: i32| {
            let home = json!({ "id": ann.actor.organization.to_string(), "fiscalYearStartMonth": month });
            assert_eq!(ann.does("organization", "Update", home, "id").await.code(), "");
        };
        fiscal(2).await;
        assert_eq!(groups("QUARTER").await, ["2026-01-31T23:00:00Z 6", "2026-04-30T22:00:00Z 1", "2026-07-31T22:00:00Z 4"]);
        assert_eq!(groups("YEAR").await, ["2026-01-31T23:00:00Z 11"]);
        fiscal(10).await;
        assert_eq!(groups("QUARTER").await, ["2025-12-31T23:00:00Z 6", "2026-03-31T22:00:00Z 1", "2026-09-30T22:00:00Z 4"]);
        assert_eq!(groups("YEAR").await, ["2025-09-30T22:00:00Z 7", "2026-09-30T22:00:00Z 4"]);
    }
}
