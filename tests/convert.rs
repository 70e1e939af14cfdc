//! A lead becomes an account, a contact and an opportunity, once, whole, and only with every right it needs.

use api::{
    access::role::templates::Template,
    actor::{Permission, Reach},
};
use serde_json::Value;

use crate::harness::{Answer, App, Person, json, on_both};

const CONVERT: &str = "mutation($input: LeadConvertInput!) { leadConvert(input: $input) {
    lead { id status convertedAt convertedAccount { id } }
    account { id name domain owner { id } } contact { id email lastName account { id } }
    opportunity { id name account { id } sourceLead { id } primaryContact { id } }
    accountCreated contactCreated opportunityCreated userErrors { code message field } } }";

async fn convert(who: &Person<'_>, input: Value) -> Answer {
    who.ask(CONVERT, json!({ "input": input })).await
}

async fn converted(who: &Person<'_>, input: Value) -> Value {
    let answer = convert(who, input).await;
    let done = answer.data()["leadConvert"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    done
}

async fn total(who: &Person<'_>, list: &str) -> Value {
    who.ask(&format!("{{ {list} {{ totalCount }} }}"), json!({})).await.data()[list]["totalCount"].clone()
}

fn ada() -> Value {
    json!({ "firstName": "Ada", "lastName": "Lovelace", "email": "ada@engines.example", "companyName": "Engines Ltd", "country": "GB", "status": "SQL" })
}

on_both! {
    async fn touchpoints_become_the_contacts_too_and_only_open_business_of_the_same_company_is_joined(app) {
        let ann = app.founder().await;
        let lead = ann.has("lead", ada()).await;
        let visit = json!({ "kind": "WEB_VISIT", "channel": "ORGANIC", "occurredAt": "2025-01-02T11:00:00Z", "leadId": lead });
        ann.has("touchpoint", visit).await;
        let (alpha, beta) = (ann.has("account", json!({ "name": "Alpha" })).await, ann.has("account", json!({ "name": "Beta" })).await);
        let of_beta = ann.has("opportunity", json!({ "name": "B", "accountId": beta })).await;
        let lost = ann.has("opportunity", json!({ "name": "A", "accountId": alpha })).await;
        ann.does("opportunity", "Lose", json!({ "id": lost, "reason": "PRICE" }), "id").await.data();
        for other in [&of_beta, &lost] {
            let input = json!({ "id": lead, "account": { "existingId": alpha }, "opportunity": { "existingId": other } });
            let refused = convert(&ann, input).await;
            let error = &refused.0["data"]["leadConvert"]["userErrors"][0];
            assert_eq!((&error["code"], &error["field"]), (&json!("VALIDATION"), &json!(["input", "opportunity", "existingId"])));
        }
        let done = converted(&ann, json!({ "id": lead, "account": { "existingId": alpha } })).await;
        let seen = ann.sees("contact", &done["contact"]["id"], "touchpoints { nodes { occurredAt lead { id } account { name } } }").await;
        let touch = &seen["touchpoints"]["nodes"][0];
        assert_eq!((&touch["lead"]["id"], &touch["account"]["name"]), (&lead, &json!("Alpha")), "{seen}");
    }
}

on_both! {
    async fn everything_is_made_at_once_and_follows(app) {
        let ann = app.founder().await;
        for entity in ["lead", "contact", "account"] {
            ann.has("customField", json!({ "entity": entity, "key": "tier", "label": "Tier", "kind": if entity == "account" { "NUMBER" } else { "TEXT" } })).await;
        }
        let campaign = ann.has("campaign", json!({ "name": "Fair" })).await;
        let mut input = ada();
        input["customFields"] = json!({ "tier": "gold" });
        input["campaignId"] = campaign.clone();
        let lead = ann.has("lead", input).await;
        ann.has("activity", json!({ "kind": "CALL", "subject": "Hi", "leadId": lead })).await;
        ann.has("campaignMember", json!({ "campaignId": campaign, "leadId": lead })).await;

        let done = converted(&ann, json!({ "id": lead, "opportunity": { "create": { "amount": { "amount": "10", "currency": "EUR" } } } })).await;
        assert_eq!((&done["lead"]["status"], &done["lead"]["convertedAccount"]["id"]), (&json!("CONVERTED"), &done["account"]["id"]));
        assert_eq!((&done["account"]["name"], &done["account"]["domain"]), (&json!("Engines Ltd"), &json!("engines.example")));
        assert_eq!((&done["contact"]["email"], &done["contact"]["account"]["id"]), (&json!("ada@engines.example"), &done["account"]["id"]));
        assert_eq!((&done["opportunity"]["name"], &done["opportunity"]["sourceLead"]["id"]), (&json!("Engines Ltd"), &lead));
        assert_eq!((&done["accountCreated"], &done["contactCreated"], &done["opportunityCreated"]), (&json!(true), &json!(true), &json!(true)));

        let contact = ann.sees("contact", &done["contact"]["id"], "customFields campaignMembers { nodes { campaign { name } } } activities { nodes { lead { id } account { id } opportunity { id } } }").await;
        assert_eq!(contact["customFields"], json!({ "tier": "gold" }));
        assert_eq!(contact["campaignMembers"]["nodes"], json!([{ "campaign": { "name": "Fair" } }]));
        assert_eq!(contact["activities"]["nodes"], json!([{ "lead": { "id": lead }, "account": { "id": done["account"]["id"] }, "opportunity": { "id": done["opportunity"]["id"] } }]));
        let account = ann.sees("account", &done["account"]["id"], "customFields lifecycle").await;
        assert_eq!(account, json!({ "customFields": {}, "lifecycle": "OPPORTUNITY" }), "a text is no number");

        let again = converted(&ann, json!({ "id": lead, "opportunity": { "create": {} } })).await;
        assert_eq!((&again["account"]["id"], &again["contact"]["id"], &again["opportunity"]["id"]), (&done["account"]["id"], &done["contact"]["id"], &done["opportunity"]["id"]));
        assert_eq!(again["accountCreated"], false);
        assert_eq!((total(&ann, "accounts").await, total(&ann, "opportunities").await), (json!(1), json!(1)));
        let late = ann.does("lead", "Update", json!({ "id": lead, "title": "CEO" }), "id").await;
        assert_eq!(late.code(), "LOCKED");
    }
}

on_both! {
    async fn into_existing_records_by_the_policy(app) {
        let ann = app.founder().await;
        let account = ann.has("account", json!({ "name": "Engines", "domain": "engines.example" })).await;
        let contact = ann.has("contact", json!({ "lastName": "Byron", "email": "ada@engines.example" })).await;
        let deal = ann.has("opportunity", json!({ "name": "Big", "accountId": account })).await;
        let said = "name country";
        let lead = ann.has("lead", ada()).await;
        let done = converted(&ann, json!({ "id": lead, "opportunity": { "existingId": deal } })).await;
        assert_eq!((&done["account"]["id"], &done["contact"]["id"], &done["opportunity"]["id"]), (&account, &contact, &deal));
        assert_eq!(ann.sees("account", &account, said).await, json!({ "name": "Engines", "country": "GB" }), "gaps are filled");
        assert_eq!(done["contact"]["lastName"], "Byron");
        assert_eq!(done["contact"]["account"]["id"], account);
        assert_eq!(done["opportunity"]["sourceLead"]["id"], lead);

        let mut other = ada();
        other["country"] = json!("FR");
        let lead = ann.has("lead", other).await;
        let done = converted(&ann, json!({ "id": lead, "account": { "existingId": account }, "contact": { "existingId": contact }, "fieldPolicy": "OVERWRITE" })).await;
        assert_eq!(ann.sees("account", &account, said).await, json!({ "name": "Engines Ltd", "country": "FR" }));
        assert_eq!((&done["contact"]["lastName"], &done["opportunity"]), (&json!("Lovelace"), &Value::Null));
    }
}

on_both! {
    async fn a_dry_run_and_a_refusal_change_nothing(app) {
        let ann = app.founder().await;
        let lead = ann.has("lead", ada()).await;
        let dry = converted(&ann, json!({ "id": lead, "opportunity": { "create": {} }, "dryRun": true })).await;
        assert_eq!((&dry["lead"]["status"], &dry["account"], &dry["accountCreated"], &dry["opportunityCreated"]), (&json!("SQL"), &Value::Null, &json!(true), &json!(true)));

        let closed = json!({ "closedAt": "2030-01-01T00:00:00Z" });
        let wrong = convert(&ann, json!({ "id": lead, "opportunity": { "create": closed } })).await;
        assert_eq!(wrong.code(), "VALIDATION");
        assert_eq!(wrong.data()["leadConvert"]["userErrors"][0]["field"], json!(["input", "opportunity", "create", "closedAt"]));
        let nobody = convert(&ann, json!({ "id": lead, "account": { "existingId": "account_00000000000070008000000000000000" } })).await;
        assert_eq!((nobody.code(), &nobody.data()["leadConvert"]["userErrors"][0]["field"]), ("NOT_FOUND", &json!(["input", "account", "existingId"])));
        assert_eq!((total(&ann, "accounts").await, total(&ann, "contacts").await), (json!(0), json!(0)));

        let nameless = ann.has("lead", json!({ "email": "x@y.example", "companyName": "Y", "status": "SQL" })).await;
        let wrong = convert(&ann, json!({ "id": nameless })).await;
        assert_eq!(wrong.data()["leadConvert"]["userErrors"][0]["field"], json!(["input", "contact", "create", "lastName"]));
        assert_eq!(converted(&ann, json!({ "id": nameless, "contact": { "create": { "lastName": "Doe" } } })).await["contact"]["lastName"], "Doe");
        let fresh = ann.has("lead", json!({ "email": "n@y.example" })).await;
        assert_eq!(convert(&ann, json!({ "id": fresh })).await.code(), "INVALID_TRANSITION");
        assert_eq!(convert(&app.founder().await, json!({ "id": lead })).await.code(), "NOT_FOUND");
    }
}

on_both! {
    async fn each_record_needs_its_right(app) {
        let ann = app.founder().await;
        let home = ann.actor.organization;
        let sdr = app.with_rights(home, Template::Sdr.rights());
        let mut input = ada();
        input["ownerId"] = Value::Null;
        input.as_object_mut().unwrap().remove("ownerId");
        let lead = ann.has("lead", input).await;
        let mine = app.holding(home, &[(Permission::LeadUpdate, Reach::ALL), (Permission::LeadWork, Reach::ALL), (Permission::LeadRead, Reach::ALL)]);
        assert_eq!(convert(&mine, json!({ "id": lead })).await.code(), "FORBIDDEN", "no right to make accounts");
        assert_eq!(convert(&sdr, json!({ "id": lead })).await.code(), "FORBIDDEN", "somebody else's lead");
        let read = (Permission::AccountRead, Reach::ALL);
        let no_deals = app.holding(home, &[(Permission::LeadUpdate, Reach::ALL), (Permission::LeadWork, Reach::ALL), (Permission::LeadRead, Reach::ALL), read, (Permission::AccountCreate, Reach::ALL), (Permission::ContactCreate, Reach::ALL)]);
        assert_eq!(convert(&no_deals, json!({ "id": lead, "opportunity": { "create": {} } })).await.code(), "FORBIDDEN");
        assert_eq!(total(&ann, "accounts").await, 0);
        let account = ann.has("account", json!({ "name": "Engines", "domain": "engines.example" })).await;
        let only = json!({ "id": lead, "account": { "existingId": account } });
        let mut hard = only.clone();
        hard["fieldPolicy"] = json!("OVERWRITE");
        assert_eq!(convert(&no_deals, hard).await.code(), "FORBIDDEN", "may not change the account");
        let done = converted(&no_deals, only).await;
        assert_eq!((&done["account"]["id"], &done["accountCreated"]), (&account, &json!(false)));
        assert_eq!(ann.sees("account", &account, "country").await["country"], Value::Null, "gaps stay without the right to fill them");
    }
}

async fn at_once(app: &App, home: entity::id::OrganizationId, leads: &[Value]) -> Vec<Value> {
    let one = |lead: Value| async move {
        let who = app.with_rights(home, api::actor::Rights::everything());
        converted(&who, json!({ "id": lead })).await
    };
    futures_util::future::join_all(leads.iter().cloned().map(one)).await
}

on_both! {
    async fn conversions_at_the_same_time_make_one_account(app) {
        let ann = app.founder().await;
        let lead = ann.has("lead", ada()).await;
        let both = at_once(&app, ann.actor.organization, &[lead.clone(), lead.clone(), lead]).await;
        assert!(both.iter().all(|done| done["account"]["id"] == both[0]["account"]["id"]));
        let other = |n: usize| json!({ "lastName": format!("Doe {n}"), "email": format!("d{n}@new.example"), "companyName": "New", "status": "SQL" });
        let leads = [ann.has("lead", other(1)).await, ann.has("lead", other(2)).await, ann.has("lead", other(3)).await];
        let all = at_once(&app, ann.actor.organization, &leads).await;
        assert!(all.iter().all(|done| done["account"]["id"] == all[0]["account"]["id"]), "{all:?}");
        assert_eq!((total(&ann, "accounts").await, total(&ann, "contacts").await), (json!(2), json!(4)));
    }
}

on_both! {
    async fn a_key_answers_the_same_again(app) {
        let ann = app.founder().await;
        let lead = ann.has("lead", ada()).await;
        let input = json!({ "input": { "id": lead } });
        app.people.lock().unwrap().insert("test:key".into(), ann.actor.clone());
        let first = app.ask_as(Some("test:key"), &[("idempotency-key", "once")], CONVERT, input.clone()).await;
        let second = app.ask_as(Some("test:key"), &[("idempotency-key", "once")], CONVERT, input).await;
        assert_eq!(first.0, second.0);
        assert_eq!(first.data()["leadConvert"]["accountCreated"], true);
    }
}
