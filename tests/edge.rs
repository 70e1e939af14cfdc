//! What the edge promises about cost, rate, statuses and cursors, through the router.

use api::{
    actor::{Permission, Reach},
    http::{limits::Limits, status::Statuses},
};
use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request},
};
use serde_json::Value;
use tower::ServiceExt;

use crate::harness::{App, Person, json, on_both};

/// Status, headers and body of one POST.
async fn post(app: &App, token: Option<&str>, query: &str) -> (u16, HeaderMap, Value) {
    let mut request = Request::post("/graphql")
        .header("content-type", "application/json")
        .header("accept", "application/graphql-response+json")
        .header("accord-cost", "true");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = request.body(Body::from(json!({ "query": query }).to_string())).unwrap();
    let answer = app.router.clone().oneshot(request).await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    (status, headers, serde_json::from_slice(&to_bytes(answer.into_body(), usize::MAX).await.unwrap()).unwrap())
}

/// A token for somebody of the test.
async fn token(who: &Person<'_>) -> String {
    who.ask("{ __typename }", json!({})).await;
    format!("test:{}", who.actor.key())
}

on_both! {
    async fn who_asks_is_told_what_it_cost(app) {
        let ann = app.admin();
        for n in 0..2 {
            ann.has("lead", json!({ "email": format!("{n}@example.com") })).await;
        }
        let ann = token(&ann).await;
        let (status, headers, body) = post(&app, Some(&ann), "{ leads(first: 10) { n: totalCount nodes { id } } }").await;
        let cost = &body["extensions"]["cost"];
        assert_eq!(status, 200);
        assert_eq!((&cost["requestedQueryCost"], &cost["actualQueryCost"]), (&json!(21), &json!(13)));
        let left = &cost["throttleStatus"];
        assert_eq!((&left["maximumAvailable"], &left["restoreRate"]), (&json!(10_000_000), &json!(5_000_000)));
        assert!(left["currentlyAvailable"].as_u64().unwrap() >= 10_000_000 - 21);
        assert_eq!(headers["ratelimit-limit"], "10000000");
    }
}

on_both! {
    async fn rows_and_groups_are_counted_before_they_are_answered(app) {
        let ann = token(&app.admin()).await;
        let cost = async |query: &str| {
            let (_, _, body) = post(&app, Some(&ann), query).await;
            body["extensions"]["cost"]["requestedQueryCost"].as_u64().unwrap()
        };
        let rows: Vec<_> = (0..50).map(|n| format!("{{ name: \"A{n}\" }}")).collect();
        let upsert = format!("mutation {{ accountUpsert(input: {{ rows: [{}] }}) {{ results {{ account {{ id }} }} }} }}", rows.join(" "));
        assert!(cost(&upsert).await >= 100, "a result and an account for each of 50 rows");
        let groups = |first: &str| format!("{{ leadAggregate(groupBy: [{{ field: OWNER }}]{first}) {{ key {{ owner {{ id }} }} count }} }}");
        assert_eq!(cost(&groups("")).await, 300);
        assert_eq!(cost(&groups(", first: 1000")).await, 3000);
    }
}

on_both! {
    async fn a_caller_who_asks_too_much_waits_and_nobody_else(app) {
        let limits = Limits { points: 50, points_per_second: 1, points_anonymous: 5, points_per_second_anonymous: 1, ..Limits::default() };
        let app = app.limited(limits);
        let (ann, bob) = (token(&app.admin()).await, token(&app.admin()).await);
        let list = "{ leads(first: 40) { nodes { id } } }";
        // the list is empty: of 41 points 1 is used and the rest comes back
        for _ in 0..5 {
            assert_eq!(post(&app, Some(&ann), list).await.0, 200);
        }
        let thrice = "{ a: leads(first: 40) { nodes { id } } b: leads(first: 40) { nodes { id } } c: leads(first: 40) { nodes { id } } }";
        let mut refused = None;
        for _ in 0..60 {
            let answer = post(&app, Some(&ann), thrice).await;
            if answer.0 != 200 {
                refused = Some(answer);
                break;
            }
        }
        let (status, headers, body) = refused.expect("the bucket gets empty");
        assert_eq!((status, body["errors"][0]["extensions"]["code"].as_str()), (429, Some("RATE_LIMITED")));
        assert!(body.get("data").is_none());
        let number = |name: &str| headers[name].to_str().unwrap().parse::<u64>().unwrap();
        assert!(number("retry-after") >= 1 && number("ratelimit-limit") == 50 && number("ratelimit-remaining") < 50);
        assert!(number("ratelimit-reset") >= 1);
        assert_eq!(post(&app, Some(&bob), list).await.0, 200);
        let sign_in = "mutation { sessionCreate(input: { email: \"a@example.com\", password: \"x\" }) { userErrors { code } } }";
        let mut strangers = vec![];
        for _ in 0..4 {
            strangers.push(post(&app, None, sign_in).await.0);
        }
        assert!(strangers[0] == 200 && strangers.contains(&429), "{strangers:?}");
    }
}

on_both! {
    async fn without_a_limit_nobody_waits(app) {
        let app = app.limited(Limits { points: 0, ..Limits::default() });
        let ann = token(&app.admin()).await;
        let (status, headers, body) = post(&app, Some(&ann), "{ leads(first: 100) { nodes { id } } }").await;
        assert_eq!((status, &body["extensions"]["cost"]["throttleStatus"]), (200, &json!(null)));
        assert!(!headers.contains_key("ratelimit-limit"));
    }
}

on_both! {
    async fn statuses_are_those_of_the_chosen_edition(app) {
        let newer = app.limited(Limits { statuses: Statuses::September2026, ..Limits::default() });
        let ann = token(&app.admin()).await;
        for (query, audits, september) in [
            ("{ __typename }", 200, 200),
            ("{", 400, 400),
            ("{ nope }", 400, 422),
            ("query A { __typename } query B { __typename }", 400, 422),
            ("{ __typename lead(by: { id: \"account_1\" }) { id } }", 200, 294),
        ] {
            assert_eq!(post(&app, Some(&ann), query).await.0, audits, "{query}");
            assert_eq!(post(&newer, Some(&ann), query).await.0, september, "{query}");
        }
    }
}

const PAGE: &str = "query($after: String, $filter: LeadFilter, $search: String, $orderBy: [LeadOrder!]) {
    leads(first: 1, after: $after, filter: $filter, search: $search, orderBy: $orderBy) { nodes { id } pageInfo { endCursor } } }";

on_both! {
    async fn a_cursor_is_good_for_one_caller_and_one_list_and_cannot_be_edited(app) {
        let ann = app.admin();
        for n in 0..3 {
            ann.has("lead", json!({ "email": format!("{n}@example.com") })).await;
        }
        let first = ann.ask(PAGE, json!({})).await;
        let cursor = first.data()["leads"]["pageInfo"]["endCursor"].clone();
        assert_eq!(ann.ask(PAGE, json!({ "after": cursor })).await.code(), "");
        let colleague = app.with_rights(ann.actor.organization, api::actor::Rights::everything());
        for (who, why) in [(&colleague, "a colleague"), (&app.admin(), "another organisation")] {
            assert_eq!(who.ask(PAGE, json!({ "after": cursor })).await.code(), "BAD_USER_INPUT", "{why}");
        }
        for other in [
            json!({ "filter": { "email": { "eq": "1@example.com" } } }),
            json!({ "search": "example" }),
            json!({ "orderBy": [{ "field": "EMAIL" }] }),
            json!({ "orderBy": [{ "field": "CREATED_AT", "direction": "ASC" }] }),
        ] {
            let mut variables = other;
            variables["after"] = cursor.clone();
            assert_eq!(ann.ask(PAGE, variables.clone()).await.code(), "BAD_USER_INPUT", "{variables}");
        }
        let text = cursor.as_str().unwrap();
        let mut edited: Vec<String> = (0..text.len()).step_by(7).map(|at| flipped(text, at)).collect();
        edited.extend(["' OR 1=1 --", "-1", "", "bnVsbA"].map(String::from));
        edited.push("A".repeat(60_000));
        for bad in edited {
            assert_eq!(ann.ask(PAGE, json!({ "after": bad })).await.code(), "BAD_USER_INPUT", "{:.40}", bad);
        }
    }
}

fn flipped(text: &str, at: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    String::from_utf8(bytes).unwrap()
}

on_both! {
    async fn what_fails_is_null_and_its_siblings_stay(app) {
        let ann = app.admin();
        let clerk = app.holding(ann.actor.organization, &[(Permission::TeamCreate, Reach::ALL), (Permission::TeamRead, Reach::ALL)]);
        let team = |name: &str| format!("teamCreate(input: {{ name: \"{name}\", kind: SALES }}) {{ team {{ name }} }}");
        let nobody = "lead_00000000000070008000000000000000";
        let (one, other) = (team("North"), team("South"));
        // by hand or from a declaration, it makes no difference
        let query = format!(
            "mutation {{ a: {one} b: leadRoute(input: {{ id: \"{nobody}\" }}) {{ lead {{ id }} }} \
             c: leadDelete(input: {{ id: \"{nobody}\" }}) {{ lead {{ id }} }} d: {other} }}"
        );
        let said = clerk.ask(&query, json!({})).await.0;
        assert_eq!(said["data"], json!({ "a": { "team": { "name": "North" } }, "b": null, "c": null, "d": { "team": { "name": "South" } } }));
        let paths: Vec<_> = said["errors"].as_array().unwrap().iter().map(|e| (e["path"].clone(), e["extensions"]["code"].clone())).collect();
        assert_eq!(paths, [(json!(["b"]), json!("FORBIDDEN")), (json!(["c"]), json!("FORBIDDEN"))]);
        let query = "{ importFailedRows(id: \"x\") opportunityExitCriteria(id: \"x\") { label } teams { totalCount } }";
        let said = ann.ask(query, json!({})).await.0;
        assert_eq!(said["data"], json!({ "importFailedRows": null, "opportunityExitCriteria": null, "teams": { "totalCount": 2 } }));
        assert_eq!((&said["errors"][0]["path"], &said["errors"][0]["extensions"]["code"]), (&json!(["opportunityExitCriteria"]), &json!("BAD_USER_INPUT")));
    }
}
