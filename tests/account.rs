//! Accounts, contacts, what ties them, and what other systems call them.

use crate::harness::{json, on_both};

on_both! {
    async fn an_account_is_found_by_its_domain_in_any_spelling(app) {
        let ann = app.admin();
        let id = ann.has("account", json!({ "name": "Acme", "domain": "https://www.Acme.COM/about" })).await;
        let found = ann.ask("{ account(by: { domain: \"ACME.com\" }) { id domain lifecycle } }", json!({})).await;
        assert_eq!(found.data()["account"], json!({ "id": id, "domain": "acme.com", "lifecycle": "PROSPECT" }));
        let again = ann.makes("account", json!({ "name": "Other", "domain": "acme.com" })).await;
        assert_eq!(again.code(), "DUPLICATE");
    }
}

on_both! {
    async fn no_account_becomes_its_own_ancestor(app) {
        let ann = app.admin();
        let top = ann.has("account", json!({ "name": "Top" })).await;
        let middle = ann.has("account", json!({ "name": "Middle", "parentId": top })).await;
        let leaf = ann.has("account", json!({ "name": "Leaf", "parentId": middle })).await;
        let ring = ann.does("account", "Update", json!({ "id": top, "parentId": leaf }), "id").await;
        assert_eq!(ring.code(), "VALIDATION");
        let own = ann.does("account", "Update", json!({ "id": top, "parentId": top }), "id").await;
        assert_eq!(own.code(), "VALIDATION");
        let both = json!({ "rows": [{ "id": top, "parentId": middle }, { "id": leaf, "parentId": null }], "matchOn": "ID" });
        let upsert = "mutation($input: AccountUpsertInput!) { accountUpsert(input: $input) { results { status userErrors { code } } } }";
        let both = ann.ask(upsert, json!({ "input": both })).await;
        assert_eq!(both.data()["accountUpsert"]["results"][0]["status"], "FAILED");
        assert_eq!(both.data()["accountUpsert"]["results"][1]["status"], "UPDATED");
        let tree = ann.sees("account", &top, "children { nodes { name children { totalCount } } }").await;
        assert_eq!(tree["children"]["nodes"], json!([{ "name": "Middle", "children": { "totalCount": 0 } }]));
    }
}

on_both! {
    async fn a_contacts_account_is_its_only_primary_tie(app) {
        let ann = app.admin();
        let (one, two) = (ann.has("account", json!({ "name": "One" })).await, ann.has("account", json!({ "name": "Two" })).await);
        let joe = ann.has("contact", json!({ "lastName": "Doe", "accountId": one })).await;
        ann.does("contact", "Update", json!({ "id": joe, "accountId": two }), "id").await.data();
        let said = "accountTies(orderBy: [{ field: CREATED_AT }]) { nodes { id primary account { name } } }";
        let ties = ann.sees("contact", &joe, said).await["accountTies"]["nodes"].clone();
        assert_eq!((&ties[0]["primary"], &ties[0]["account"]["name"]), (&json!(false), &json!("One")));
        assert_eq!((&ties[1]["primary"], &ties[1]["account"]["name"]), (&json!(true), &json!("Two")));
        let gone = ann.does("contactAccount", "Delete", json!({ "id": ties[1]["id"] }), "id").await;
        assert_eq!(gone.code(), "LOCKED");
        ann.does("contact", "Update", json!({ "id": joe, "accountId": one }), "id").await.data();
        let ties = ann.sees("contact", &joe, said).await["accountTies"]["nodes"].clone();
        assert_eq!((&ties[0]["primary"], &ties[1]["primary"]), (&json!(true), &json!(false)));
    }
}

on_both! {
    async fn a_record_is_found_by_what_another_system_calls_it(app) {
        let ann = app.admin();
        let acme = ann.has("account", json!({ "name": "Acme" })).await;
        let named = json!({ "recordId": acme, "system": "hubspot", "externalId": "42" });
        let made = ann.does("externalRef", "Create", named.clone(), "recordId entityType").await;
        assert_eq!(made.data()["externalRefCreate"]["externalRef"], json!({ "recordId": acme, "entityType": "account" }));
        assert_eq!(ann.makes("externalRef", named).await.code(), "DUPLICATE");
        let by = "{ account(by: { externalRef: { system: \"hubspot\", externalId: \"42\" } }) { id externalRefs { nodes { system } totalCount } } }";
        let found = ann.ask(by, json!({})).await;
        assert_eq!(found.data()["account"], json!({ "id": acme, "externalRefs": { "nodes": [{ "system": "hubspot" }], "totalCount": 1 } }));
        let filter = "query($id: ID!) { externalRefs(filter: { recordId: { in: [$id] } }) { totalCount } }";
        assert_eq!(ann.ask(filter, json!({ "id": acme })).await.data()["externalRefs"]["totalCount"], 1);
        let eve = app.admin();
        let foreign = eve.makes("externalRef", json!({ "recordId": acme, "system": "x", "externalId": "1" })).await;
        assert_eq!(foreign.code(), "NOT_FOUND");
    }
}

on_both! {
    async fn filters_reach_through_relations_both_ways(app) {
        let ann = app.admin();
        let acme = ann.has("account", json!({ "name": "Acme", "industry": "Steel" })).await;
        ann.has("account", json!({ "name": "Bolt", "industry": "Wood" })).await;
        ann.has("contact", json!({ "lastName": "Doe", "persona": "champion", "accountId": acme })).await;
        let up = "{ contacts(filter: { account: { industry: { contains: \"tee\" } } }) { nodes { lastName } } }";
        assert_eq!(ann.ask(up, json!({})).await.data()["contacts"]["nodes"], json!([{ "lastName": "Doe" }]));
        let down = "{ accounts(filter: { contacts: { none: { persona: { contains: \"amp\" } } } }) { nodes { name } } }";
        assert_eq!(ann.ask(down, json!({})).await.data()["accounts"]["nodes"], json!([{ "name": "Bolt" }]));
    }
}
