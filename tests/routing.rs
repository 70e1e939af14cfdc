//! To whom leads go: by turns, exactly, however many come at once.

use api::access::role::templates::Template;
use futures_util::{StreamExt, stream};
use serde_json::Value;

use crate::{
    handoff::person,
    harness::{App, Person, json, on_both},
};

/// A pool of two, with these weights.
async fn pool_of_two(app: &App, ann: &Person<'_>, weights: [i32; 2]) -> Value {
    let pool = ann.has("pool", json!({ "name": "Inbound" })).await;
    for (name, weight) in ["sam", "kim"].into_iter().zip(weights) {
        let user = person(app, Template::SalesRep, name).await;
        ann.has("poolMember", json!({ "poolId": pool, "userId": user.id(), "weight": weight })).await;
    }
    pool
}

async fn offered_to(ann: &Person<'_>) -> Value {
    let by = "{ handoffAggregate(groupBy: [{ field: OFFERED_USER }]) { key { offeredUser { name } } count } }";
    let by = ann.ask(by, json!({})).await;
    let rows = by.data()["handoffAggregate"].as_array().unwrap().clone();
    rows.iter()
        .map(|row| (row["key"]["offeredUser"]["name"].as_str().unwrap().to_owned(), row["count"].clone()))
        .collect()
}

on_both! {
    async fn two_hundred_offers_at_once_go_to_a_pool_exactly_by_its_weights(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let pool = pool_of_two(&app, &ann, [2, 1]).await;
        let rows: Vec<_> = (0..201).map(|n| json!({ "email": format!("l{n}@example.com"), "status": "MQL" })).collect();
        let upsert = "mutation($rows: [LeadUpsertRow!]!) { leadUpsert(input: { rows: $rows }) { results { lead { id } } } }";
        let made = ann.ask(upsert, json!({ "rows": rows })).await;
        let leads = made.data()["leadUpsert"]["results"].as_array().unwrap().clone();
        let offer = |row: &Value| json!({ "id": row["lead"]["id"], "poolId": pool });
        let offers = leads.iter().map(offer).map(|input| ann.does("lead", "Offer", input, "status"));
        for answer in stream::iter(offers).buffer_unordered(50).collect::<Vec<_>>().await {
            assert_eq!(answer.data()["leadOffer"]["lead"]["status"], "OFFERED", "{}", answer.0);
        }
        assert_eq!(offered_to(&ann).await, json!({ "sam": 134, "kim": 67 }));
    }
}

on_both! {
    async fn turns_are_taken_in_the_agreed_order_and_every_decision_is_kept(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let pool = pool_of_two(&app, &ann, [2, 1]).await;
        let mut order = String::new();
        for n in 0..6 {
            let lead = ann.has_mql(&format!("l{n}@example.com")).await;
            ann.offers(&lead, json!({ "poolId": pool })).await;
            let said = "handoffs { nodes { offeredUser { name } routingDecision { action failed pool { name } chosenUser { name } trace poolState } } }";
            let told = ann.sees("lead", &lead, said).await;
            let offer = &told["handoffs"]["nodes"][0];
            order += if offer["offeredUser"]["name"] == "sam" { "A" } else { "B" };
            let decision = &offer["routingDecision"];
            assert_eq!((&decision["action"], &decision["failed"], &decision["pool"]["name"]), (&json!("POOL"), &json!(false), &json!("Inbound")));
            assert_eq!(decision["chosenUser"], offer["offeredUser"]);
            assert_eq!(decision["poolState"].as_array().unwrap().len(), 2);
            assert_eq!(decision["trace"][0]["result"], "CHOSEN");
        }
        assert_eq!(order, "ABAABA");
    }
}

on_both! {
    async fn who_is_away_full_or_inactive_is_passed_over_and_nobody_left_is_said(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let pool = ann.has("pool", json!({ "name": "Inbound" })).await;
        let (sam, kim, joe) = (person(&app, Template::SalesRep, "sam").await, person(&app, Template::SalesRep, "kim").await, person(&app, Template::SalesRep, "joe").await);
        ann.has("poolMember", json!({ "poolId": pool, "userId": sam.id(), "absentFrom": "2020-01-01T00:00:00Z" })).await;
        ann.has("poolMember", json!({ "poolId": pool, "userId": kim.id(), "capacity": 2 })).await;
        ann.has("poolMember", json!({ "poolId": pool, "userId": joe.id(), "weight": 5 })).await;
        ann.does("user", "Deactivate", json!({ "id": joe.id() }), "id").await.data();
        for n in 0..2 {
            let lead = ann.has_mql(&format!("l{n}@example.com")).await;
            ann.offers(&lead, json!({ "poolId": pool })).await;
        }
        assert_eq!(offered_to(&ann).await, json!({ "kim": 2 }));
        let lead = ann.has_mql("last@example.com").await;
        let none = ann.does("lead", "Offer", json!({ "id": lead, "poolId": pool }), "id").await;
        assert_eq!(none.code(), "CRITERIA_UNMET", "{}", none.0);
        assert_eq!(ann.status(&lead).await, "MQL");
    }
}

on_both! {
    async fn pools_are_configured_by_administrators_and_operations_and_read_by_all_who_work_with_leads(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let pool = ann.has("pool", json!({ "name": "Inbound" })).await;
        let rep = person(&app, Template::SalesRep, "sam").await;
        assert_eq!(rep.sees("pool", &pool, "name").await["name"], "Inbound");
        assert_eq!(rep.makes("pool", json!({ "name": "Mine" })).await.code(), "FORBIDDEN");
        let twice = json!({ "poolId": pool, "userId": rep.id() });
        ann.has("poolMember", twice.clone()).await;
        assert_eq!(ann.makes("poolMember", twice).await.code(), "DUPLICATE");
        let odd = json!({ "poolId": pool, "userId": ann.id(), "skills": "german" });
        assert_eq!(ann.makes("poolMember", odd).await.code(), "VALIDATION");
    }
}
