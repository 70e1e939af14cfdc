//! Click to opportunity, once through: what both sides signed decides at each step, and both see why.

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
        let pool = ann.has("pool", json!({ "name": "Inbound" })).await;
        ann.has("poolMember", json!({ "poolId": pool, "userId": sam.id() })).await;
        let keys = [&mia, &eva];
        sign(&ann, keys, "LEAD", scoring()).await;
        sign(&ann, keys, "MQL", qualification()).await;
        let routing = json!({ "onCreate": false, "accountOwnerFirst": true, "offerMinutes": 60,
            "rules": [{ "label": "inbound", "then": { "action": "POOL", "poolId": pool } }] });
        sign(&ann, keys, "LEADS", json!({ "routing": routing })).await;

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
        if sam.status(&lead).await == "ACCEPTED" {
            sam.does("lead", "Work", json!({ "id": lead }), "id").await.data();
        }
        let sql = sam.does("lead", "Confirm", json!({ "id": lead, "reason": "Budget and date" }), "status owner { name } statusReason").await;
        assert_eq!(sql.data()["leadConfirm"]["lead"], json!({ "status": "SQL", "owner": { "name": "sam" }, "statusReason": "Budget and date" }));
        contiguous(&sam, &lead).await;
        let states = mia.sees("lead", &lead, "statusChanges(orderBy: [{ field: AT }]) { nodes { toStatus } }").await;
        let states: Vec<_> = states["statusChanges"]["nodes"].as_array().unwrap().iter().map(|n| n["toStatus"].as_str().unwrap()).collect();
        assert_eq!(states, ["NEW", "MQL", "OFFERED", "ACCEPTED", "WORKING", "SQL"]);
    }
}
