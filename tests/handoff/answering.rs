//! Leads are offered only to who may answer, whichever way they are found.

use api::{access::role::templates::Template, actor::Rights};
use serde_json::Value;

use super::person;
use crate::{
    harness::{Person, json, on_both},
    scoring::agreed,
};

/// The offered user's name, or why there was no offer.
async fn offered(ann: &Person<'_>, more: Value) -> Result<Value, (String, Value)> {
    let lead = ann.has("lead", json!({ "lastName": "Doe", "status": "MQL" })).await;
    let mut input = json!({ "id": lead });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let done = ann
        .does("lead", "Offer", input, "handoffs { nodes { offeredUser { name } routingDecision { trace poolState } } }")
        .await;
    let payload = done.data()["leadOffer"].clone();
    match payload["userErrors"].as_array().unwrap().first() {
        Some(error) => Err((
            error["code"].as_str().unwrap().to_owned(),
            error["field"].as_array().unwrap().last().unwrap().clone(),
        )),
        None => Ok(payload["lead"]["handoffs"]["nodes"][0].clone()),
    }
}

fn refused(field: &str) -> Result<Value, (String, Value)> {
    Err(("CRITERIA_UNMET".to_owned(), json!(field)))
}

on_both! {
    async fn a_team_or_queue_in_which_nobody_may_answer_is_refused(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let (mia, sam) = (person(&app, Template::MktUser, "mia").await, person(&app, Template::SalesRep, "sam").await);
        let team = ann.has("team", json!({ "name": "West", "kind": "SALES" })).await;
        let pool = ann.has("pool", json!({ "name": "Inbound" })).await;
        let (team_, pool_) = (json!({ "teamId": team }), json!({ "queueId": pool }));
        assert_eq!(offered(&ann, team_.clone()).await, refused("teamId"), "nobody is in it");
        for who in [&mia, &sam] {
            ann.has("membership", json!({ "teamId": team, "userId": who.id() })).await;
            ann.has("poolMember", json!({ "poolId": pool, "userId": who.id() })).await;
            let may = who.id() == sam.id();
            assert_eq!((offered(&ann, team_.clone()).await.is_ok(), offered(&ann, pool_.clone()).await.is_ok()), (may, may));
        }
        ann.does("user", "Deactivate", json!({ "id": sam.id() }), "id").await.data();
        assert_eq!(offered(&ann, team_).await, refused("teamId"));
        assert_eq!(offered(&ann, pool_).await, refused("queueId"));
    }
}

on_both! {
    async fn a_pool_passes_over_who_may_not_answer_and_says_so(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let (mia, sam) = (person(&app, Template::MktUser, "mia").await, person(&app, Template::SalesRep, "sam").await);
        let pool = ann.has("pool", json!({ "name": "Inbound" })).await;
        ann.has("poolMember", json!({ "poolId": pool, "userId": mia.id(), "weight": 9 })).await;
        assert_eq!(offered(&ann, json!({ "poolId": pool })).await, refused("poolId"));
        ann.has("poolMember", json!({ "poolId": pool, "userId": sam.id() })).await;
        let offer = offered(&ann, json!({ "poolId": pool })).await.unwrap();
        assert_eq!(offer["offeredUser"]["name"], "sam");
        let state = offer["routingDecision"]["poolState"].as_array().unwrap().clone();
        let of = |who: &Person<'_>| state.iter().find(|m| json!(format!("{}", m["user"].as_str().unwrap())) == who.id()).unwrap()["why"].clone();
        assert_eq!((of(&mia), of(&sam)), (json!("MAY_NOT_ANSWER"), json!(null)));
    }
}

on_both! {
    async fn an_accounts_owner_and_a_rules_user_who_may_not_answer_are_passed_over_and_say_so(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let (mia, eve) = (person(&app, Template::MktUser, "mia").await, person(&app, Template::MktManager, "eve").await);
        let sam = person(&app, Template::SalesRep, "sam").await;
        let account = ann.has("account", json!({ "name": "Acme", "ownerId": mia.id() })).await;
        let to = |who: &Person<'_>| json!({ "action": "USER", "userId": who.id() });
        let body = json!({ "onCreate": false, "accountOwnerFirst": true, "rules": [{ "label": "eve", "then": to(&eve) }], "fallback": to(&sam) });
        agreed(&app, &app.with_rights(ann.actor.organization, Rights::everything()), "LEADS", json!({ "routing": body })).await;
        let lead = ann.has("lead", json!({ "lastName": "Doe", "status": "MQL", "matchedAccountId": account })).await;
        let offer = ann.offers(&lead, json!({})).await;
        let told = ann.sees("handoff", &offer, "offeredUser { name } routingDecision { trace }").await;
        assert_eq!(told["offeredUser"]["name"], "sam");
        let trace = told["routingDecision"]["trace"].as_array().unwrap().clone();
        let why: Vec<_> = trace.iter().map(|step| step["why"].clone()).collect();
        let may_not = json!("this user may not answer offers");
        assert_eq!(why, [may_not.clone(), may_not, json!(null)]);
        // marketing's own may be given what nobody offers
        let route = "mutation($id: ID!) { leadRoute(input: { id: $id, dryRun: true }) { explanation { chosenUser { name } } } }";
        let lead = ann.has("lead", json!({ "lastName": "Doe", "matchedAccountId": account })).await;
        assert_eq!(ann.ask(route, json!({ "id": lead })).await.data()["leadRoute"]["explanation"]["chosenUser"]["name"], "mia");
    }
}

on_both! {
    async fn who_may_answer_for_one_team_may_be_offered_leads(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let kim = person(&app, Template::MktUser, "kim").await;
        let offer = json!({ "userId": kim.id() });
        assert_eq!(offered(&ann, offer.clone()).await, Err(("VALIDATION".to_owned(), json!("userId"))));
        let roles = ann.ask("{ roles(first: 50) { nodes { id key } } }", json!({})).await;
        let rep = roles.data()["roles"]["nodes"].as_array().unwrap().iter().find(|r| r["key"] == "SALES_REP").unwrap()["id"].clone();
        let team = ann.has("team", json!({ "name": "West", "kind": "SALES" })).await;
        ann.has("membership", json!({ "teamId": team, "userId": kim.id() })).await;
        ann.has("roleGrant", json!({ "userId": kim.id(), "roleId": rep, "teamId": team })).await;
        assert_eq!(offered(&ann, offer).await.unwrap()["offeredUser"]["name"], "kim");
    }
}

on_both! {
    async fn who_may_answer_offers_may_take_a_qualified_lead_themselves_and_that_is_seen(app) {
        let sue = person(&app, Template::SalesManager, "sue").await;
        let ann = person(&app, Template::Admin, "ann").await;
        let lead = ann.has("lead", json!({ "lastName": "Doe", "status": "MQL", "ownerId": sue.id() })).await;
        let offer = sue.offers(&lead, json!({ "userId": sue.id() })).await;
        assert_eq!(sue.does("handoff", "Accept", json!({ "id": offer }), "id").await.code(), "");
        let told = ann.sees("handoff", &offer, "state createdBy { name } decidedBy { name } offeredUser { name } lead { owner { name } }").await;
        let hers = json!({ "name": "sue" });
        assert_eq!(told, json!({ "state": "ACCEPTED", "createdBy": hers, "decidedBy": hers, "offeredUser": hers, "lead": { "owner": hers } }));
    }
}
