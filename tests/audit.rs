//! How a change came about: by which right, and with which key.

use serde_json::Value;

use crate::{
    access::{Signed, signed, user},
    harness::{App, json, on_both},
};

const FEED: &str = "{ changes(types: [\"Lead\"]) { nodes { entityId op permission apiKey { name } } } }";

const CREATE: &str =
    "mutation($input: LeadCreateInput!) { leadCreate(input: $input) { lead { id } userErrors { code } } }";

/// What somebody reads of a change: the right and the key's name.
async fn reads(app: &App, who: &Signed<'_>, lead: &Value) -> (Value, Value) {
    app.numbered().await;
    let feed = who.ask(FEED, json!({})).await;
    let nodes = feed.data()["changes"]["nodes"].as_array().unwrap();
    let change = nodes.iter().find(|change| change["entityId"] == *lead).expect("the change");
    (change["permission"].clone(), change["apiKey"]["name"].clone())
}

on_both! {
    async fn a_change_tells_its_right_and_key_to_who_reads_the_audit_log(app) {
        user(&app, "ADMIN", "ada@acme.com").await;
        let (_, rep) = user(&app, "SALES_REP", "rep@acme.com").await;
        user(&app, "MKT_USER", "mia@acme.com").await;
        let (ada, mia) = (signed(&app, "ada@acme.com").await, signed(&app, "mia@acme.com").await);
        let made = ada.does("apiKeyCreate", json!({ "name": "sync", "scopes": ["LEAD_CREATE", "LEAD_READ", "LEAD_ASSIGN", "USER_READ"] }), "secret").await;
        let key = made.data()["apiKeyCreate"]["secret"].as_str().unwrap().to_owned();
        let mut leads = vec![];
        for owner in [json!(rep.to_string()), Value::Null] {
            let made = app.ask_as(Some(&key), &[], CREATE, json!({ "input": { "lastName": "Lee", "ownerId": owner } })).await;
            leads.push(made.data()["leadCreate"]["lead"]["id"].clone());
        }
        let by_hand = ada.ask(CREATE, json!({ "input": { "lastName": "Doe" } })).await;
        leads.push(by_hand.data()["leadCreate"]["lead"]["id"].clone());

        assert_eq!(reads(&app, &ada, &leads[0]).await, (json!("LEAD_CREATE"), json!("sync")));
        assert_eq!(reads(&app, &ada, &leads[2]).await, (json!("LEAD_CREATE"), Value::Null));
        assert_eq!(reads(&app, &mia, &leads[0]).await, (Value::Null, Value::Null), "no right to it");
        let rep = signed(&app, "rep@acme.com").await;
        assert_eq!(reads(&app, &rep, &leads[0]).await, (json!("LEAD_CREATE"), Value::Null), "of one's own; keys are not theirs to see");
        assert_eq!(reads(&app, &rep, &leads[1]).await, (Value::Null, Value::Null), "one of the pool is nobody's own");
    }
}

on_both! {
    async fn what_left_ones_view_tells_nothing(app) {
        user(&app, "ADMIN", "ada@acme.com").await;
        let (_, rep) = user(&app, "SALES_REP", "rep@acme.com").await;
        let (_, other) = user(&app, "SALES_REP", "other@acme.com").await;
        let ada = signed(&app, "ada@acme.com").await;
        let made = ada.ask(CREATE, json!({ "input": { "lastName": "Lee", "ownerId": rep.to_string() } })).await;
        let lead = made.data()["leadCreate"]["lead"]["id"].clone();
        let rep = signed(&app, "rep@acme.com").await;
        assert_eq!(reads(&app, &rep, &lead).await.0, "LEAD_CREATE");
        ada.does("leadUpdate", json!({ "id": lead, "ownerId": other.to_string() }), "lead { id }").await.data();
        app.numbered().await;
        let feed = rep.ask(FEED, json!({})).await;
        let nodes = feed.data()["changes"]["nodes"].as_array().unwrap();
        assert!(!nodes.is_empty() && nodes.iter().all(|c| c["permission"].is_null() && c["op"] == "DELETED"), "{nodes:?}");
    }
}
