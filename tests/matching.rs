//! Leads find their account: by domain, by name, by the tiebreakers, in batches, and never across organisations.

use api::{config::Retention, integration::work, store::jobs};
use migration::{Migrator, MigratorTrait, SchemaManager};
use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::{
    harness::{Person, json, on_both},
    jobs::{count, until_so_many},
};

/// The account that a new lead is matched with.
async fn matched(ann: &Person<'_>, input: Value) -> Value {
    let made = ann.does("lead", "Create", input, "id matchedAccount { id }").await;
    made.data()["leadCreate"]["lead"]["matchedAccount"]["id"].clone()
}

on_both! {
    async fn a_corporate_domain_then_a_name_and_never_free_mail(app) {
        let ann = app.founder().await;
        let acme = ann.has("account", json!({ "name": "Acme Rocket Products, Inc.", "domain": "acme.example", "country": "US" })).await;
        let gmail = ann.has("account", json!({ "name": "Google Mail" })).await;
        let anybodys = json!({ "name": "Google Mail", "domain": "gmail.com" });
        assert_eq!(ann.does("account", "Create", anybodys, "id").await.code(), "VALIDATION");

        assert_eq!(matched(&ann, json!({ "email": "joe@ACME.example" })).await, acme);
        assert_eq!(matched(&ann, json!({ "email": "joe@gmail.com", "companyName": "ACME Rocket Product GmbH" })).await, acme);
        assert_eq!(matched(&ann, json!({ "companyName": "acme rocket products", "country": "US" })).await, acme);
        assert_eq!(matched(&ann, json!({ "companyName": "acme rocket products", "country": "FR" })).await, Value::Null);
        assert_eq!(matched(&ann, json!({ "companyName": "acme rocket" })).await, Value::Null);
        assert_eq!(matched(&ann, json!({ "email": "joe@gmail.com" })).await, Value::Null, "{gmail} is anybody's");
        assert_eq!(matched(&ann, json!({ "email": "joe@acme.example", "matchedAccountId": gmail })).await, gmail, "who says which is obeyed");
        assert_eq!(matched(&ann, json!({ "email": "joe@acme.example", "matchedAccountId": null })).await, Value::Null);

        let eve = app.founder().await;
        assert_eq!(matched(&eve, json!({ "email": "joe@acme.example" })).await, Value::Null, "another organisation's");
    }
}

on_both! {
    async fn between_equals_the_tiebreakers_decide(app) {
        let ann = app.founder().await;
        let lead = || json!({ "companyName": "Globex" });
        let oldest = ann.has("account", json!({ "name": "Globex" })).await;
        let met = ann.has("account", json!({ "name": "Globex Inc" })).await;
        let open = ann.has("account", json!({ "name": "GLOBEX Ltd" })).await;
        let customer = ann.has("account", json!({ "name": "globex" })).await;
        assert_eq!(matched(&ann, lead()).await, oldest);
        ann.has("activity", json!({ "kind": "CALL", "subject": "Hi", "accountId": met })).await;
        assert_eq!(matched(&ann, lead()).await, met);
        ann.has("opportunity", json!({ "name": "Deal", "accountId": open })).await;
        assert_eq!(matched(&ann, lead()).await, open);
        ann.does("account", "Update", json!({ "id": customer, "lifecycle": "CUSTOMER" }), "id").await.data();
        assert_eq!(matched(&ann, lead()).await, customer);

        let why = "query($lead: LeadAccountMatchInput!) { leadAccountMatch(input: $lead) {
            account { id name } rule score commonTrigrams allTrigrams hasOpenOpportunity lastActivityAt } }";
        let why = ann.ask(why, json!({ "lead": { "values": { "companyName": "Globex AG" } } })).await;
        let list = why.data()["leadAccountMatch"].as_array().unwrap().clone();
        let ids: Vec<&Value> = list.iter().map(|found| &found["account"]["id"]).collect();
        assert_eq!(ids, [&customer, &open, &met, &oldest]);
        assert_eq!((&list[1]["rule"], &list[1]["score"], &list[1]["hasOpenOpportunity"]), (&json!("NAME"), &json!(1.0), &json!(true)));
        assert_eq!((&list[3]["commonTrigrams"], &list[3]["lastActivityAt"]), (&json!(7), &Value::Null));
    }
}

on_both! {
    async fn a_lead_follows_what_it_now_says_and_an_account_its_new_name(app) {
        let ann = app.founder().await;
        let acme = ann.has("account", json!({ "name": "Acme", "domain": "acme.example" })).await;
        let globex = ann.has("account", json!({ "name": "Initech" })).await;
        ann.does("account", "Update", json!({ "id": globex, "name": "Globex" }), "id").await.data();
        let lead = ann.has("lead", json!({ "lastName": "Doe" })).await;
        let ann = &ann;
        let now = |input: Value| async move {
            let done = ann.does("lead", "Update", input, "matchedAccount { id }").await;
            done.data()["leadUpdate"]["lead"]["matchedAccount"]["id"].clone()
        };
        assert_eq!(now(json!({ "id": lead, "companyName": "Initech" })).await, Value::Null);
        assert_eq!(now(json!({ "id": lead, "companyName": "Globex" })).await, globex);
        assert_eq!(now(json!({ "id": lead, "email": "doe@acme.example" })).await, acme);
        assert_eq!(now(json!({ "id": lead, "companyName": "Nobody knows" })).await, acme, "nothing better is found");
        assert_eq!(now(json!({ "id": lead, "matchedAccountId": globex, "email": "doe@acme.example" })).await, globex);
        assert_eq!(now(json!({ "id": lead, "title": "CTO" })).await, globex, "what somebody chose stays");
    }
}

on_both! {
    async fn many_leads_cost_the_statements_of_one_and_a_silent_one_none(app) {
        let ann = app.founder().await;
        for n in 0..6 {
            ann.has("account", json!({ "name": format!("Twin {}", n / 2), "domain": format!("d{n}.example") })).await;
        }
        let upsert = "mutation($rows: [LeadUpsertRow!]!) { leadUpsert(input: { rows: $rows }) { results { lead { matchedAccount { name } } userErrors { message } } } }";
        let (app, ann) = (&app, &ann);
        let cost = |rows: Vec<Value>| async move {
            let before = app.store.statements();
            let done = ann.ask(upsert, json!({ "rows": rows })).await;
            (app.store.statements() - before, done.data()["leadUpsert"]["results"].clone())
        };
        let (silent, _) = cost(vec![json!({ "email": "joe@gmail.com" })]).await;
        let (one, _) = cost(vec![json!({ "email": "joe@d1.example" })]).await;
        let (tied, _) = cost(vec![json!({ "companyName": "Twin 1" })]).await;
        let rows = (0..200).map(|n| if n % 2 == 0 { json!({ "companyName": format!("Twin {}", n % 3) }) } else { json!({ "email": format!("j{n}@d{}.example", n % 6) }) });
        let (many, results) = cost(rows.collect()).await;
        // the account's name for the answer comes along with the lead
        assert_eq!((one - silent, tied - silent, many), (1, 2, tied), "{silent} for one that says nothing");
        assert!(results.as_array().unwrap().iter().all(|r| r["lead"]["matchedAccount"]["name"].as_str().unwrap().starts_with("Twin")));
    }
}

on_both! {
    async fn a_match_with_a_hidden_account_is_made_and_not_shown(app) {
        use api::access::role::templates::Template;
        let ann = app.founder().await;
        let acme = ann.has("account", json!({ "name": "Acme", "domain": "acme.example" })).await;
        let rep = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        let made = rep.does("lead", "Create", json!({ "email": "joe@acme.example" }), "id matchedAccount { id }").await;
        let lead = made.data()["leadCreate"]["lead"].clone();
        assert_eq!(lead["matchedAccount"], Value::Null);
        assert_eq!(ann.sees("lead", &lead["id"], "matchedAccount { id }").await["matchedAccount"]["id"], acme);
        let why = "query($id: ID!) { leadAccountMatch(input: { leadId: $id }) { account { id } } }";
        assert_eq!(rep.ask(why, json!({ "id": lead["id"] })).await.data()["leadAccountMatch"], json!([]));
        assert_eq!(ann.ask(why, json!({ "id": lead["id"] })).await.data()["leadAccountMatch"][0]["account"]["id"], acme);
    }
}

on_both! {
    async fn accounts_from_before_there_were_keys_get_theirs_by_a_job(app) {
        let ann = app.founder().await;
        let eve = app.founder().await;
        let rows: Vec<_> = (0..600).map(|n| json!({ "name": format!("Old Company {n}") })).collect();
        let upsert = "mutation($rows: [AccountUpsertRow!]!) { accountUpsert(input: { rows: $rows }) { results { account { id } } } }";
        ann.ask(upsert, json!({ "rows": rows })).await.data();
        let globex = ann.has("account", json!({ "name": "Globex Rocketry" })).await;
        let deleted = ann.has("account", json!({ "name": "Initech Systems" })).await;
        ann.does("account", "Delete", json!({ "id": deleted }), "id").await.data();
        let hers = eve.has("account", json!({ "name": "Globex Rocketry" })).await;
        let lead = || json!({ "companyName": "Globex Rocketry GmbH" });
        // as they were before the table of keys came
        let store = &app.store;
        store.migrator().execute_unprepared("DELETE FROM match_key").await.unwrap();
        assert_eq!(matched(&ann, lead()).await, Value::Null);
        let step = Migrator::migrations().into_iter().find(|step| step.name() == "m0013_keys").expect("the step");
        step.up(&SchemaManager::new(store.migrator())).await.unwrap();
        assert_eq!(count(store, "job WHERE kind = 'account.keys'").await, 2, "one for each organisation");
        let runner = tokio::spawn(jobs::run(store.clone(), work::handlers(&Retention::default())));
        until_so_many(store, "job WHERE kind = 'account.keys' AND done_at IS NOT NULL", 2).await;
        runner.abort();
        assert_eq!(matched(&ann, lead()).await, globex);
        assert_eq!(matched(&eve, lead()).await, hers);
        ann.does("account", "Restore", json!({ "id": deleted }), "id").await.data();
        assert_eq!(matched(&ann, json!({ "companyName": "Initech Systems" })).await, deleted);
        let unkeyed = "account WHERE NOT EXISTS (SELECT 1 FROM match_key WHERE record_id = account.id)";
        assert_eq!(count(store, unkeyed).await, 0);
        step.up(&SchemaManager::new(store.migrator())).await.unwrap();
        assert_eq!(count(store, "job WHERE kind = 'account.keys'").await, 2, "said twice, put down once");
    }
}
