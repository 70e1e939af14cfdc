//! Touch to opportunity, once through: what both sides signed decides at each step, and both see why.

use api::access::role::templates::Template;
use chrono::{TimeDelta, Utc};
use serde_json::Value;

use crate::{
    handoff::{contiguous, person},
    harness::{Person, json, on_both},
};

/// Both sides sign.
async fn sign(ann: &Person<'_>, keys: [&Person<'_>; 2], key: &str, body: Value) {
    let input = json!({ "key": key, "title": key, "body": body });
    let made = ann.does("agreement", "Create", input, "versions { nodes { id } }").await;
    let id = made.data()["agreementCreate"]["agreement"]["versions"]["nodes"][0]["id"].clone();
    assert!(id.is_string(), "{}", made.0);
    ann.does("agreementVersion", "Propose", json!({ "id": id }), "id").await.data();
    for (who, side) in keys.into_iter().zip(["MARKETING", "SALES"]) {
        let done = who.does("agreementVersion", "Approve", json!({ "id": id, "side": side }), "status").await;
        assert_eq!(done.code(), "", "{}", done.0);
    }
}

fn scoring() -> Value {
    json!({ "scoring": {
        "fit": [{ "name": "home", "when": { "eq": { "field": "country", "value": { "text": "DE" } } }, "points": 20 }],
        "engagement": [{ "name": "demo", "group": "hot", "touchpoints": { "kinds": ["MEETING"] }, "points": 30 }],
        "groups": [], "halfLifeDays": 30,
        "grades": { "aFrom": 20, "bFrom": 10, "oneFrom": 30, "twoFrom": 10 },
    } })
}

fn qualification() -> Value {
    json!({ "qualification": { "criteria": [
        { "label": "Warm enough", "when": { "gte": { "field": "score", "value": { "number": "45" } } } },
        { "label": "Where we sell", "when": { "eq": { "field": "country", "value": { "text": "DE" } } } },
    ] } })
}

on_both! {
    async fn a_click_becomes_an_opportunity_by_what_both_sides_signed(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let (mia, eva) = (person(&app, Template::MktManager, "mia").await, person(&app, Template::SalesManager, "eva").await);
        let sam = person(&app, Template::SalesRep, "sam").await;
        ann.sells().await;
        let pool = ann.has("pool", json!({ "name": "Inbound" })).await;
        ann.has("poolMember", json!({ "poolId": pool, "userId": sam.id() })).await;
        let keys = [&mia, &eva];
        sign(&ann, keys, "LEAD", scoring()).await;
        sign(&ann, keys, "MQL", qualification()).await;
        let routing = json!({ "onCreate": false, "accountOwnerFirst": true, "offerMinutes": 60,
            "rules": [{ "label": "inbound", "then": { "action": "POOL", "poolId": pool } }] });
        sign(&ann, keys, "LEADS", json!({ "routing": routing })).await;
        sign(&ann, keys, "LEAD_RESPONSE", json!({ "sla": { "targets": [
            { "kind": "ACCEPT", "minutes": 30 }, { "kind": "FIRST_RESPONSE", "minutes": 60 } ] } })).await;

        let lead = mia.has("lead", json!({ "email": "joe@example.com", "lastName": "Doe", "country": "DE", "source": "web" })).await;
        assert_eq!(mia.does("lead", "Qualify", json!({ "id": lead }), "id").await.code(), "CRITERIA_UNMET");
        let at = (Utc::now() - TimeDelta::hours(1)).to_rfc3339();
        mia.has("touchpoint", json!({ "kind": "MEETING", "channel": "EVENT", "occurredAt": at, "leadId": lead })).await;
        let done = mia.does("lead", "Qualify", json!({ "id": lead }), "status score agreementVersion { number }").await;
        assert_eq!(done.data()["leadQualify"]["lead"], json!({ "status": "MQL", "score": 50, "agreementVersion": { "number": 1 } }));

        let offer = mia.offers(&lead, json!({})).await;
        let said = "offeredUser { name } expiresAt score evidence routingDecision { rule }";
        let told = sam.sees("handoff", &offer, said).await;
        assert_eq!((&told["offeredUser"]["name"], &told["routingDecision"]["rule"], &told["score"]), (&json!("sam"), &json!("inbound"), &json!(50)));
        assert!(told["evidence"]["agreementVersion"].is_string() && told["expiresAt"].is_string(), "{told}");
        sam.does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
        assert_eq!(mia.does("lead", "Update", json!({ "id": lead, "title": "CTO" }), "id").await.code(), "FORBIDDEN", "sales has it now");

        sam.has("activity", json!({ "kind": "CALL", "direction": "OUTBOUND", "subject": "Hello", "leadId": lead })).await;
        assert_eq!(sam.status(&lead).await, "WORKING", "the first response begins the work");
        let clocks = mia.sees("lead", &lead, "slaClocks(orderBy: [{ field: KIND }]) { nodes { kind status user { name } } }").await;
        assert_eq!(clocks["slaClocks"]["nodes"], json!([
            { "kind": "ACCEPT", "status": "MET", "user": { "name": "sam" } },
            { "kind": "FIRST_RESPONSE", "status": "MET", "user": { "name": "sam" } },
        ]), "both sides see that the promise was kept");
        let sql = sam.does("lead", "Confirm", json!({ "id": lead, "reason": "Budget and date" }), "status owner { name } statusReason").await;
        assert_eq!(sql.data()["leadConfirm"]["lead"], json!({ "status": "SQL", "owner": { "name": "sam" }, "statusReason": "Budget and date" }));
        contiguous(&sam, &lead).await;
        let input = json!({ "id": lead, "account": { "create": { "name": "Acme" } }, "opportunity": { "create": { "amount": { "amount": "120000", "currency": "USD" } } } });
        let convert = "mutation($input: LeadConvertInput!) { leadConvert(input: $input) { lead { status } opportunity { id owner { name } sourceLead { id } } userErrors { code message field } } }";
        let done = sam.ask(convert, json!({ "input": input })).await.data()["leadConvert"].clone();
        assert_eq!((&done["userErrors"], &done["lead"]["status"], &done["opportunity"]["sourceLead"]["id"]), (&json!([]), &json!("CONVERTED"), &lead), "{done}");
        assert_eq!(done["opportunity"]["owner"]["name"], "sam");
        let seen = mia.sees("opportunity", &done["opportunity"]["id"], "amount { amount }").await;
        assert_eq!(seen["amount"]["amount"], "120000.00", "marketing sees what became of it");
        let states = mia.sees("lead", &lead, "statusChanges(orderBy: [{ field: AT }]) { nodes { toStatus } }").await;
        let states: Vec<_> = states["statusChanges"]["nodes"].as_array().unwrap().iter().map(|n| n["toStatus"].as_str().unwrap()).collect();
        assert_eq!(states, ["NEW", "MQL", "OFFERED", "ACCEPTED", "WORKING", "SQL", "CONVERTED"]);
    }
}
