//! To whom leads go: by turns, exactly, however many come at once.

mod hours;

use api::access::role::templates::Template;
use futures_util::future::join_all;
use serde_json::Value;

use crate::{
    handoff::person,
    harness::{Answer, App, Person, json, on_both},
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

/// Does it once, however often it must ask: whoever waits too long for the database is told to try again.
async fn patiently(who: &Person<'_>, verb: &str, key: String, input: Value) -> Answer {
    let kind = verb[..1].to_uppercase() + &verb[1..];
    let query = format!(
        "mutation($input: {kind}Input!) {{ {verb}(input: $input) @idempotent(key: \"{key}\") {{ lead {{ status }} userErrors {{ code message }} }} }}"
    );
    for _ in 0..1200 {
        let answer = who.ask(&query, json!({ "input": input })).await;
        if !["TIMEOUT", "OUTCOME_UNKNOWN", "IDEMPOTENCY_IN_PROGRESS"].contains(&answer.code()) {
            return answer;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{verb} is never done");
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
        let offer = |(n, row): (usize, &Value)| (format!("offer-{n}"), json!({ "id": row["lead"]["id"], "poolId": pool }));
        let offers = leads.iter().enumerate().map(offer).map(|(key, input)| patiently(&ann, "leadOffer", key, input));
        for answer in join_all(offers).await {
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
        // the decision is kept, with all that led to it
        let told = ann.sees("lead", &lead, "handoffs { totalCount } routingDecisions { nodes { failed chosenUser { name } trace poolState } }").await;
        let decision = &told["routingDecisions"]["nodes"][0];
        assert_eq!((&told["handoffs"]["totalCount"], &decision["failed"], &decision["trace"][0]["result"]), (&json!(0), &json!(true), &json!("PASSED")));
        let why: Vec<_> = decision["poolState"].as_array().unwrap().iter().map(|member| member["why"].as_str().unwrap()).collect();
        assert_eq!(why.iter().collect::<std::collections::BTreeSet<_>>().len(), 3, "{why:?}");
        assert_eq!(told["routingDecisions"]["nodes"].as_array().unwrap().len(), 1);
        ann.hears("routing.failed").await;
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
        let one = ann.has("poolMember", json!({ "poolId": pool, "userId": ann.id(), "skills": "german" })).await;
        assert_eq!(ann.sees("poolMember", &one, "skills").await["skills"], json!(["german"]), "one is a list of one");
    }
}

/// Both sides agree on how leads are routed.
async fn agree(app: &App, ann: &Person<'_>, body: Value) {
    let (mia, eva) = (person(app, Template::MktManager, "mia").await, person(app, Template::SalesManager, "eva").await);
    let input = json!({ "key": "LEADS", "title": "Routing", "body": { "routing": body } });
    let made = ann.does("agreement", "Create", input, "versions { nodes { id } }").await;
    let id = made.data()["agreementCreate"]["agreement"]["versions"]["nodes"][0]["id"].clone();
    assert!(id.is_string(), "{}", made.0);
    ann.does("agreementVersion", "Propose", json!({ "id": id }), "status").await.data();
    for (who, side) in [(&mia, "MARKETING"), (&eva, "SALES")] {
        let done = who.does("agreementVersion", "Approve", json!({ "id": id, "side": side }), "status").await;
        assert_eq!(done.code(), "", "{}", done.0);
    }
}

async fn owned_by(ann: &Person<'_>) -> Value {
    let by = "{ leadAggregate(groupBy: [{ field: OWNER }]) { key { owner { name } } count } }";
    let by = ann.ask(by, json!({})).await;
    let rows = by.data()["leadAggregate"].as_array().unwrap().clone();
    let name = |row: &Value| row["key"]["owner"]["name"].as_str().unwrap_or("nobody").to_owned();
    rows.iter().map(|row| (name(row), row["count"].clone())).collect()
}

fn to_pool(pool: &Value) -> Value {
    json!({ "action": "POOL", "poolId": pool })
}

on_both! {
    async fn two_hundred_leads_created_at_once_are_given_out_exactly_by_weight(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let pool = pool_of_two(&app, &ann, [2, 1]).await;
        let rule = json!({ "label": "inbound", "then": to_pool(&pool) });
        agree(&app, &ann, json!({ "onCreate": true, "accountOwnerFirst": false, "rules": [rule] })).await;
        let input = |n| (format!("create-{n}"), json!({ "email": format!("l{n}@example.com") }));
        let creates = (0..201).map(input).map(|(key, input)| patiently(&ann, "leadCreate", key, input));
        for answer in join_all(creates).await {
            assert_eq!(answer.code(), "", "{}", answer.0);
        }
        assert_eq!(owned_by(&ann).await, json!({ "sam": 134, "kim": 67 }));
    }
}

on_both! {
    async fn five_hundred_leads_in_one_call_spread_by_weight_in_as_many_statements_as_fifty(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let pool = pool_of_two(&app, &ann, [2, 1]).await;
        agree(&app, &ann, json!({ "onCreate": true, "accountOwnerFirst": true, "rules": [{ "label": "inbound", "then": to_pool(&pool) }] })).await;
        let upsert = "mutation($rows: [LeadUpsertRow!]!) { leadUpsert(input: { rows: $rows }) { results { status } } }";
        let mut cost = vec![];
        for (round, size) in [(0, 60), (1, 60), (2, 160)] {
            let rows: Vec<_> = (0..size).map(|n| json!({ "email": format!("l{round}-{n}@example.com") })).collect();
            let before = app.store.statements();
            ann.ask(upsert, json!({ "rows": rows })).await.data();
            cost.push(app.store.statements() - before);
        }
        assert_eq!(owned_by(&ann).await, owned(280));
        assert_eq!(cost[1], cost[2], "{cost:?}");
        let rows: Vec<_> = (0..500).map(|n| json!({ "email": format!("big-{n}@example.com") })).collect();
        ann.ask(upsert, json!({ "rows": rows })).await.data();
        assert_eq!(owned_by(&ann).await, owned(780));
    }
}

/// What two of weights 2 and 1 have of so many.
fn owned(all: i64) -> Value {
    let kim = all / 3 + i64::from(all % 3 == 2);
    json!({ "sam": all - kim, "kim": kim })
}

on_both! {
    async fn the_accounts_owner_comes_first_then_rules_that_hold_then_the_fallback(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let pool = pool_of_two(&app, &ann, [1, 1]).await;
        let (amy, joe) = (person(&app, Template::SalesRep, "amy").await, person(&app, Template::SalesRep, "joe").await);
        let account = ann.has("account", json!({ "name": "Acme", "ownerId": amy.id() })).await;
        let germans = json!({ "label": "germans", "when": { "eq": { "field": "country", "value": { "text": "DE" } } },
            "then": { "action": "USER", "userId": joe.id() } });
        let nobody = json!({ "label": "dutch", "when": { "eq": { "field": "country", "value": { "text": "NL" } } },
            "then": { "action": "POOL", "poolId": pool, "skills": ["dutch"] } });
        let body = json!({ "onCreate": false, "accountOwnerFirst": true, "rules": [germans, nobody], "fallback": to_pool(&pool), "offerMinutes": 60 });
        agree(&app, &ann, body).await;
        let route = "mutation($id: ID!) { leadRoute(input: { id: $id, dryRun: true }) { decision { id } userErrors { code }
            explanation { failed rule action chosenUser { name } trace { rule result why } members { weight assigned eligible } } } }";
        for (input, rule, whom) in [
            (json!({ "matchedAccountId": account, "country": "DE" }), "account owner first", "amy"),
            (json!({ "country": "DE" }), "germans", "joe"),
            (json!({ "country": "NL" }), "fallback", "sam"),
            (json!({ "country": "FR" }), "fallback", "sam"),
        ] {
            let mut lead = json!({ "lastName": "Doe", "status": "MQL" });
            lead.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
            let lead = ann.has("lead", lead).await;
            let told = ann.ask(route, json!({ "id": lead })).await;
            let told = &told.data()["leadRoute"];
            assert_eq!((&told["decision"], &told["explanation"]["rule"], &told["explanation"]["chosenUser"]["name"]), (&json!(null), &json!(rule), &json!(whom)), "{told}");
            assert_eq!(ann.sees("lead", &lead, "routingDecisions { totalCount }").await["routingDecisions"]["totalCount"], 0);
        }
        let lead = ann.has("lead", json!({ "lastName": "Doe", "status": "MQL", "country": "DE" })).await;
        let offer = ann.offers(&lead, json!({})).await;
        let told = ann.sees("handoff", &offer, "offeredUser { name } expiresAt routingDecision { rule } ").await;
        assert_eq!((&told["offeredUser"]["name"], &told["routingDecision"]["rule"]), (&json!("joe"), &json!("germans")));
        assert!(told["expiresAt"].is_string(), "as the agreement says");
    }
}

on_both! {
    async fn who_is_absent_is_given_nothing_as_owner_or_by_name_either(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let pool = pool_of_two(&app, &ann, [1, 1]).await;
        let amy = person(&app, Template::SalesRep, "amy").await;
        let account = ann.has("account", json!({ "name": "Acme", "ownerId": amy.id() })).await;
        ann.has("userAbsence", json!({ "userId": amy.id(), "startsAt": "2020-01-01T00:00:00Z", "endsAt": "2999-01-01T00:00:00Z" })).await;
        let hers = json!({ "label": "hers", "when": { "eq": { "field": "country", "value": { "text": "DE" } } }, "then": { "action": "USER", "userId": amy.id() } });
        agree(&app, &ann, json!({ "onCreate": false, "accountOwnerFirst": true, "rules": [hers], "fallback": to_pool(&pool) })).await;
        for input in [json!({ "matchedAccountId": account }), json!({ "country": "DE" })] {
            let mut lead = json!({ "lastName": "Doe", "status": "MQL" });
            lead.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
            let offer = ann.has("lead", lead).await;
            let offer = ann.offers(&offer, json!({})).await;
            assert_ne!(ann.sees("handoff", &offer, "offeredUser { name }").await["offeredUser"]["name"], "amy");
        }
    }
}

on_both! {
    async fn an_agreement_names_records_that_there_are_and_texts_as_they_are_kept(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let gone = "pool_00000000000070008000000000000000";
        let german = |country: &str| json!({ "label": "de", "when": { "eq": { "field": "country", "value": { "text": country } } },
            "then": { "action": "QUEUE", "poolId": gone } });
        let body = json!({ "onCreate": false, "accountOwnerFirst": true, "rules": [german("de")], "fallback": { "action": "QUEUE", "poolId": gone } });
        let made = ann.does("agreement", "Create", json!({ "key": "LEADS", "title": "Routing", "body": { "routing": body } }), "id").await;
        assert_eq!(made.code(), "VALIDATION", "{}", made.0);
        assert!(made.0.to_string().contains("kept as \\\"DE\\\""), "{}", made.0);
        let body = json!({ "onCreate": false, "accountOwnerFirst": true, "rules": [german("DE")], "fallback": { "action": "QUEUE", "poolId": gone } });
        let made = ann.does("agreement", "Create", json!({ "key": "LEADS", "title": "Routing", "body": { "routing": body } }), "id").await;
        let errors = made.0["data"]["agreementCreate"]["userErrors"].as_array().unwrap().clone();
        assert!(errors.iter().all(|e| e["code"] == "NOT_FOUND" && e["field"].to_string().contains("poolId")) && errors.len() == 2, "{errors:?}");
    }
}

on_both! {
    async fn with_nobody_left_a_new_lead_stays_in_the_pool_and_that_is_told(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let pool = ann.has("pool", json!({ "name": "Empty" })).await;
        agree(&app, &ann, json!({ "onCreate": true, "accountOwnerFirst": true, "rules": [], "fallback": to_pool(&pool) })).await;
        let lead = ann.has("lead", json!({ "lastName": "Doe" })).await;
        let told = ann.sees("lead", &lead, "owner { name } routingDecisions { nodes { failed trace } }").await;
        assert_eq!((&told["owner"], &told["routingDecisions"]["nodes"][0]["failed"]), (&json!(null), &json!(true)));
        ann.hears("routing.failed").await;
    }
}

on_both! {
    async fn a_routing_agreement_says_what_is_wrong_with_it(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let rule = json!({ "label": "x", "then": { "action": "POOL" } });
        let body = json!({ "onCreate": true, "accountOwnerFirst": true, "rules": [rule], "offerMinutes": 0 });
        let made = ann.does("agreement", "Create", json!({ "key": "LEADS", "title": "Routing", "body": { "routing": body } }), "id").await;
        let fields: Vec<_> = made.0["data"]["agreementCreate"]["userErrors"].as_array().unwrap().iter().map(|e| e["field"].to_string()).collect();
        assert!(fields.iter().any(|f| f.contains("poolId")) && fields.iter().any(|f| f.contains("offerMinutes")), "{fields:?}");
    }
}

on_both! {
    async fn whoever_has_a_limit_is_given_no_more_by_two_pools_at_once(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let sam = person(&app, Template::SalesRep, "sam").await;
        let mut asks = vec![];
        for n in 0..6 {
            let pool = ann.has("pool", json!({ "name": format!("Pool {n}") })).await;
            ann.has("poolMember", json!({ "poolId": pool, "userId": sam.id(), "capacity": 2 })).await;
            let lead = ann.has_mql(&format!("l{n}@example.com")).await;
            asks.push((format!("offer-{n}"), json!({ "id": lead, "poolId": pool })));
        }
        let offers = asks.into_iter().map(|(key, input)| patiently(&ann, "leadOffer", key, input));
        let codes: Vec<_> = join_all(offers).await.iter().map(|answer| answer.code().to_owned()).collect();
        assert_eq!(codes.iter().filter(|code| code.is_empty()).count(), 2, "{codes:?}");
        assert_eq!(codes.iter().filter(|code| *code == "CRITERIA_UNMET").count(), 4, "{codes:?}");
    }
}
