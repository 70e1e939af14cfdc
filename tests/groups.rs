//! Groups say no more than lists: what the caller may not see makes no group of its own.

use api::actor::{Permission as P, Reach, Scope};
use serde_json::Value;

use crate::{
    access::{signed, user},
    harness::{Person, json, on_both},
};

const OWN: Reach = Reach { scope: Scope::Own, unassigned: false };

/// The groups by a field: of each what its key says, and how many.
async fn groups(who: &Person<'_>, record: &str, field: &str, key: &str) -> Vec<(Value, i64)> {
    let query = format!("{{ {record}Aggregate(groupBy: [{{ field: {field} }}]) {{ key {{ {key} }} count }} }}");
    told(&who.ask(&query, json!({})).await, record)
}

fn told(answer: &crate::harness::Answer, record: &str) -> Vec<(Value, i64)> {
    let groups = answer.data()[format!("{record}Aggregate")].as_array().unwrap().clone();
    groups.into_iter().map(|g| (g["key"].as_object().unwrap()["it"].clone(), g["count"].as_i64().unwrap())).collect()
}

on_both! {
    async fn hidden_records_are_one_group_with_none(app) {
        let ann = app.admin();
        ann.sells().await;
        let rep = app.holding(ann.actor.organization, &[(P::AccountCreate, OWN), (P::AccountRead, OWN), (P::OpportunityRead, Reach::ALL)]);
        let mine = rep.has("account", json!({ "name": "Mine" })).await;
        for (name, account) in [("1", &mine), ("2", &Value::Null)] {
            ann.has("opportunity", json!({ "name": name, "accountId": account })).await;
        }
        for name in ["3", "4", "5"] {
            let hidden = ann.has("account", json!({ "name": name })).await;
            let amount = json!({ "amount": "1", "currency": "EUR" });
            ann.has("opportunity", json!({ "name": name, "accountId": hidden, "amount": amount })).await;
        }
        assert_eq!(groups(&ann, "opportunity", "ACCOUNT", "it: account { id }").await.len(), 5);
        let seen = groups(&rep, "opportunity", "ACCOUNT", "it: account { id }").await;
        assert_eq!(seen, [(json!({ "id": mine }), 1), (Value::Null, 4)]);
        let blind = app.holding(ann.actor.organization, &[(P::OpportunityRead, Reach::ALL)]);
        assert_eq!(groups(&blind, "opportunity", "ACCOUNT", "it: account { id }").await, [(Value::Null, 5)]);
        assert_eq!(groups(&blind, "opportunity", "STAGE", "it: stage { id }").await, [(Value::Null, 5)]);
        let sums = "{ opportunityAggregate(groupBy: [{ field: ACCOUNT }, { field: OWNER }]) { count amount { sum { amount } } } }";
        let sums = blind.ask(sums, json!({})).await;
        assert_eq!(sums.data()["opportunityAggregate"][0]["amount"][0]["sum"]["amount"], "3.00");
    }
}

on_both! {
    async fn a_key_that_reads_no_users_learns_nothing_of_them(app) {
        user(&app, "ADMIN", "ada@acme.com").await;
        let ada = signed(&app, "ada@acme.com").await;
        let me = ada.ask("{ viewer { user { id } } }", json!({})).await.data()["viewer"]["user"]["id"].clone();
        let mut owners = vec![];
        for (name, region) in [("North", "north"), ("South", "south")] {
            let input = json!({ "email": format!("{name}@acme.com"), "name": name, "region": region, "reportsToId": me });
            let invited = ada.does("userInvite", input, "user { id }").await;
            owners.push(invited.data()["userInvite"]["user"]["id"].clone());
        }
        for owner in &owners {
            let input = json!({ "lastName": "Lee", "ownerId": owner });
            let made = ada.ask("mutation($in: LeadCreateInput!) { leadCreate(input: $in) { lead { id } userErrors { code message } } }", json!({ "in": input })).await;
            assert!(made.data()["leadCreate"]["lead"].is_object(), "{}", made.0);
        }
        let key = ada.does("apiKeyCreate", json!({ "name": "k", "scopes": ["LEAD_READ"] }), "secret").await;
        let key = key.data()["apiKeyCreate"]["secret"].as_str().unwrap().to_owned();
        for (field, it, two) in [("OWNER_REGION", "it: ownerRegion", true), ("OWNER_MANAGER", "it: ownerManager { id }", false), ("OWNER", "it: owner { id }", true)] {
            let query = format!("{{ leadAggregate(groupBy: [{{ field: {field} }}]) {{ key {{ {it} }} count }} }}");
            let all = told(&ada.ask(&query, json!({})).await, "lead");
            assert_eq!(all.len(), if two { 2 } else { 1 }, "{field} {all:?}");
            assert!(all.iter().all(|(it, _)| !it.is_null()), "{field} {all:?}");
            let seen = told(&app.ask_as(Some(&key), &[], &query, json!({})).await, "lead");
            assert_eq!(seen, [(Value::Null, 2)], "{field}");
        }
    }
}
