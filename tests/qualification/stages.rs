//! What sales accepts and what it confirms, where both sides have signed it: judged when sales says so, and stamped.

use super::*;

const CONFIRM: &str = "status agreementVersion { id }";

fn at_home() -> Value {
    json!({ "qualification": { "criteria": [
        { "label": "Where we sell", "when": { "eq": { "field": "country", "value": { "text": "DE" } } } },
        { "label": "Can be reached", "when": { "exists": "email" } },
    ] } })
}

/// The only user error's code and message.
fn refusal(answer: &crate::harness::Answer, payload: &str) -> (Value, String) {
    let errors = answer.data()[payload]["userErrors"].as_array().unwrap().clone();
    assert_eq!(errors.len(), 1, "{errors:?}");
    (errors[0]["code"].clone(), errors[0]["message"].as_str().unwrap().to_owned())
}

/// Somebody who may turn either key.
fn both<'a>(app: &'a App, ann: &Person<'_>) -> Person<'a> {
    app.with_rights(ann.actor.organization, Rights::everything())
}

async fn moves(who: &Person<'_>, lead: &Value, to: &str) -> Value {
    let said = "statusChanges(first: 20, orderBy: [{ field: AT }]) { nodes { toStatus agreementVersionId } }";
    let told = who.sees("lead", lead, said).await;
    let rows = told["statusChanges"]["nodes"].as_array().unwrap().clone();
    rows.iter().filter(|row| row["toStatus"] == to).map(|row| row["agreementVersionId"].clone()).collect()
}

async fn kept(who: &Person<'_>, lead: &Value, stage: &str) -> Value {
    let ask = "query($id: ID!, $stage: QualificationStage!) { leadQualification(leadId: $id, stage: $stage) { met version kept } }";
    who.ask(ask, json!({ "id": lead, "stage": stage })).await.data()["leadQualification"].clone()
}

on_both! {
    async fn sales_accepts_what_meets_the_signed_definition_and_keeps_its_version(app) {
        let (ann, sam) = (person(&app, Template::Admin, "ann").await, person(&app, Template::SalesRep, "sam").await);
        let sal = agreed(&app, &both(&app, &ann), "SAL", at_home()).await;
        let lead = ann.has("lead", json!({ "email": "joe@example.com", "status": "MQL", "country": "US" })).await;
        let offer = ann.offers(&lead, json!({ "userId": sam.id() })).await;
        let accept = async || sam.does("handoff", "Accept", json!({ "id": offer }), "state lead { status agreementVersion { id } }").await;
        let (code, message) = refusal(&accept().await, "handoffAccept");
        assert_eq!(code, "CRITERIA_UNMET");
        assert!(message.contains("Where we sell") && message.contains("US"), "{message}");
        let waits = ann.sees("lead", &lead, "status owner { name } handoffs { nodes { state } }").await;
        assert_eq!(waits, json!({ "status": "OFFERED", "owner": null, "handoffs": { "nodes": [{ "state": "PENDING" }] } }), "nothing has happened");

        ann.does("lead", "Update", json!({ "id": lead, "country": "DE" }), "id").await.data();
        let done = accept().await;
        let said = &done.data()["handoffAccept"]["handoff"];
        assert_eq!(said, &json!({ "state": "ACCEPTED", "lead": { "status": "ACCEPTED", "agreementVersion": { "id": sal } } }));
        assert_eq!(moves(&ann, &lead, "ACCEPTED").await, json!([sal]));
        assert_eq!(kept(&ann, &lead, "SAL").await, json!({ "met": true, "version": 1, "kept": true }));
        // what both sides sign later changes nothing of it
        agreed_next(&app, &both(&app, &ann), &sal, body(&["FR"])).await;
        assert_eq!(kept(&ann, &lead, "SAL").await, json!({ "met": true, "version": 1, "kept": true }));
    }
}

on_both! {
    async fn sales_confirms_what_meets_the_signed_definition_and_the_lead_keeps_its_version(app) {
        let (ann, sam) = (person(&app, Template::Admin, "ann").await, person(&app, Template::SalesRep, "sam").await);
        let working = |email: &str, country: &str| json!({ "email": email, "status": "WORKING", "country": country, "ownerId": sam.id() });
        let confirm = async |lead: &Value| sam.does("lead", "Confirm", json!({ "id": lead, "reason": "A need" }), CONFIRM).await;
        let early = ann.has("lead", working("a@example.com", "US")).await;
        let done = confirm(&early).await;
        assert_eq!(done.data()["leadConfirm"]["lead"], json!({ "status": "SQL", "agreementVersion": null }), "nothing is signed: it is sales' word");

        let sql = agreed(&app, &both(&app, &ann), "SQL", at_home()).await;
        let lead = ann.has("lead", working("b@example.com", "US")).await;
        let (code, message) = refusal(&confirm(&lead).await, "leadConfirm");
        assert_eq!((code, message.contains("Where we sell")), (json!("CRITERIA_UNMET"), true), "{message}");
        assert_eq!(ann.status(&lead).await, "WORKING");
        ann.does("lead", "Update", json!({ "id": lead, "country": "DE" }), "id").await.data();
        let done = confirm(&lead).await;
        assert_eq!(done.data()["leadConfirm"]["lead"], json!({ "status": "SQL", "agreementVersion": { "id": sql } }));
        assert_eq!(moves(&ann, &lead, "SQL").await, json!([sql]));
        assert_eq!(kept(&ann, &lead, "SQL").await, json!({ "met": true, "version": 1, "kept": true }));
    }
}

on_both! {
    async fn the_right_to_overrule_the_first_definition_overrules_none_of_sales(app) {
        let (ann, sam) = (person(&app, Template::Admin, "ann").await, person(&app, Template::SalesRep, "sam").await);
        for key in ["SAL", "SQL"] {
            agreed(&app, &both(&app, &ann), key, at_home()).await;
        }
        let lead = ann.has("lead", json!({ "email": "joe@example.com", "status": "MQL" })).await;
        ann.offers(&lead, json!({ "userId": ann.id() })).await;
        let offer = ann.sees("lead", &lead, "handoffs { nodes { id } }").await["handoffs"]["nodes"][0]["id"].clone();
        assert_eq!(ann.does("handoff", "Accept", json!({ "id": offer }), "id").await.code(), "CRITERIA_UNMET");
        let working = ann.has("lead", json!({ "email": "b@example.com", "status": "WORKING", "ownerId": sam.id() })).await;
        assert_eq!(ann.does("lead", "Confirm", json!({ "id": working }), "id").await.code(), "CRITERIA_UNMET");
    }
}
