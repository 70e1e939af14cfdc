//! What must be true before an opportunity leaves a stage: refused, met, or passed over with a reason.

use api::actor::{Permission, Reach, Scope};
use serde_json::Value;

use crate::harness::{Answer, Person, json, on_both};

fn eur(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

async fn asks(who: &Person<'_>, stage: &Value, more: Value) -> Value {
    let mut input = json!({ "stageId": stage, "label": "Ready" });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    who.has("stageCriterion", input).await
}

async fn moves(who: &Person<'_>, deal: &Value, stage: &Value) -> Answer {
    who.does("opportunity", "Move", json!({ "id": deal, "stageId": stage }), "stage { name }").await
}

/// Where each refusal lies, and its code.
fn refusals(answer: &Answer, root: &str) -> Vec<(String, String)> {
    let faults = answer.data()[root]["userErrors"].as_array().unwrap().clone();
    let path = |fault: &Value| {
        let parts = fault["field"].as_array().unwrap().iter().map(|part| part.as_str().unwrap().to_owned());
        parts.collect::<Vec<_>>().join(".")
    };
    faults.iter().map(|fault| (path(fault), fault["code"].as_str().unwrap().to_owned())).collect()
}

async fn judged(who: &Person<'_>, deal: &Value, to: Value) -> Value {
    let query = "query($id: ID!, $to: ID) { opportunityExitCriteria(id: $id, toStageId: $to) { label kind field expected actual met } }";
    who.ask(query, json!({ "id": deal, "to": to })).await.data()["opportunityExitCriteria"].clone()
}

async fn history(who: &Person<'_>, deal: &Value) -> Vec<Value> {
    let said = "stageChanges(orderBy: [{ field: CREATED_AT }]) { nodes { reason regressed toStage { name } overriddenCriteria { nodes { label expected actual } } } }";
    who.sees("opportunity", deal, said).await["stageChanges"]["nodes"].as_array().unwrap().clone()
}

on_both! {
    async fn going_forward_needs_what_every_stage_on_the_way_asks_for(app) {
        let ann = app.admin();
        let stages = ann.sells().await;
        asks(&ann, &stages["Prospecting"], json!({ "kind": "FIELD", "field": "amount", "minimum": "500" })).await;
        asks(&ann, &stages["Prospecting"], json!({ "kind": "ACTIVITY", "activityKind": "MEETING", "minimum": "2", "position": 1 })).await;
        let evidence = asks(&ann, &stages["Prospecting"], json!({ "kind": "BUYER_EVIDENCE", "position": 2 })).await;
        asks(&ann, &stages["Qualification"], json!({ "kind": "FIELD", "field": "committeeMembers", "committeeRole": "ECONOMIC_BUYER" })).await;
        let deal = ann.has("opportunity", json!({ "name": "Deal", "amount": eur("499.99") })).await;

        let refused = moves(&ann, &deal, &stages["Proposal"]).await;
        let unmet = ["input.amount", "input.activities", "input.buyerConfirmations", "input.committeeMembers"];
        assert_eq!(refusals(&refused, "opportunityMove"), unmet.map(|at| (at.to_owned(), "CRITERIA_UNMET".to_owned())));
        let said = &refused.data()["opportunityMove"]["userErrors"][0]["message"];
        assert_eq!(said, "Ready: this must be at least 500; it is 499.99");
        assert_eq!(ann.sees("opportunity", &deal, "stage { name }").await["stage"]["name"], "Prospecting");
        assert_eq!(history(&ann, &deal).await.len(), 1);

        assert_eq!(judged(&ann, &deal, stages["Qualification"].clone()).await, json!([
            { "label": "Ready", "kind": "FIELD", "field": ["amount"], "expected": "at least 500", "actual": "499.99", "met": false },
            { "label": "Ready", "kind": "ACTIVITY", "field": ["activities"], "expected": "at least 2 of kind MEETING", "actual": "0", "met": false },
            { "label": "Ready", "kind": "BUYER_EVIDENCE", "field": ["buyerConfirmations"], "expected": "confirmed by somebody at the buyer", "actual": "not confirmed", "met": false },
        ]));
        ann.does("opportunity", "Update", json!({ "id": deal, "amount": eur("500") }), "id").await.data();
        for happened in [json!({}), json!({}), json!({ "dueAt": "2031-01-01T10:00:00Z" })] {
            let mut meeting = json!({ "kind": "MEETING", "subject": "Demo", "opportunityId": deal });
            meeting.as_object_mut().unwrap().extend(happened.as_object().unwrap().clone());
            ann.has("activity", meeting).await;
        }
        let joe = ann.has("contact", json!({ "lastName": "Joe" })).await;
        let word = json!({ "opportunityId": deal, "stageCriterionId": evidence, "contactId": joe, "statement": "We have the budget." });
        ann.has("buyerConfirmation", word).await;
        let met = judged(&ann, &deal, json!(null)).await;
        assert!(met.as_array().unwrap().iter().all(|c| c["met"] == true), "{met}");
        assert_eq!(met[1]["actual"], "2", "a planned meeting does not count");
        assert_eq!(refusals(&moves(&ann, &deal, &stages["Proposal"]).await, "opportunityMove").len(), 1);
        ann.has("committeeMember", json!({ "opportunityId": deal, "contactId": joe, "role": "ECONOMIC_BUYER" })).await;
        let moved = moves(&ann, &deal, &stages["Proposal"]).await;
        assert_eq!(moved.data()["opportunityMove"]["opportunity"]["stage"]["name"], "Proposal", "{}", moved.0);
    }
}

on_both! {
    async fn it_holds_however_the_stage_is_set_and_not_backwards_or_for_a_loss(app) {
        let ann = app.admin();
        let stages = ann.sells().await;
        asks(&ann, &stages["Qualification"], json!({ "kind": "FIELD", "field": "nextStep" })).await;
        asks(&ann, &stages["Negotiation"], json!({ "kind": "FIELD", "field": "closeDate" })).await;
        let deal = ann.has("opportunity", json!({ "name": "Deal", "amount": eur("5"), "stageId": stages["Qualification"] })).await;
        let update = ann.does("opportunity", "Update", json!({ "id": deal, "stageId": stages["Proposal"] }), "id").await;
        assert_eq!(refusals(&update, "opportunityUpdate"), [("input.nextStep".into(), "CRITERIA_UNMET".into())]);
        let upsert = "mutation($rows: [OpportunityUpsertRow!]!) { opportunityUpsert(input: { rows: $rows, matchOn: ID }) { results { status userErrors { code field } } } }";
        let bulk = ann.ask(upsert, json!({ "rows": [{ "id": deal, "stageId": stages["Proposal"] }] })).await;
        let failed = json!({ "status": "FAILED", "userErrors": [{ "code": "CRITERIA_UNMET", "field": ["input", "rows", "0", "nextStep"] }] });
        assert_eq!(bulk.data()["opportunityUpsert"]["results"][0], failed);
        let won = ann.does("opportunity", "Win", json!({ "id": deal }), "id").await;
        assert_eq!(refusals(&won, "opportunityWin").len(), 1, "closeDate follows the win: {}", won.0);
        assert_eq!(judged(&ann, &deal, stages["Won"].clone()).await.as_array().unwrap().len(), 2);
        for nothing in [&stages["Lost"], &stages["Prospecting"], &stages["Qualification"]] {
            assert_eq!(judged(&ann, &deal, nothing.clone()).await, json!([]));
        }

        let back = moves(&ann, &deal, &stages["Prospecting"]).await;
        assert_eq!(back.code(), "", "{}", back.0);
        assert_eq!(history(&ann, &deal).await[1]["regressed"], true);
        // what fills the field in the same change meets the criterion
        let with = json!({ "id": deal, "stageId": stages["Proposal"], "nextStep": "Call" });
        assert_eq!(ann.does("opportunity", "Update", with, "id").await.code(), "");
        let other = ann.has("opportunity", json!({ "name": "Other", "stageId": stages["Qualification"] })).await;
        let lost = ann.does("opportunity", "Lose", json!({ "id": other, "reason": "PRICE" }), "stageType").await;
        assert_eq!(lost.code(), "");
        assert_eq!(judged(&ann, &other, json!(null)).await, json!([]), "a closed one leaves nothing");
        let reopened = ann.does("opportunity", "Reopen", json!({ "id": other }), "stageType").await;
        assert_eq!(reopened.code(), "");
    }
}

on_both! {
    async fn who_may_overrides_with_a_reason_which_is_kept(app) {
        let ann = app.admin();
        let stages = ann.sells().await;
        asks(&ann, &stages["Prospecting"], json!({ "kind": "FIELD", "field": "nextStep" })).await;
        asks(&ann, &stages["Qualification"], json!({ "kind": "FIELD", "field": "amount", "minimum": "10" })).await;
        let mut rights = vec![(Permission::OpportunityRead, Reach::ALL), (Permission::OpportunityUpdate, Reach::ALL), (Permission::PipelineRead, Reach::ALL)];
        let rep = app.holding(ann.actor.organization, &rights);
        rights.push((Permission::OpportunityOverride, Reach { scope: Scope::Own, unassigned: false }));
        let lead = app.holding(ann.actor.organization, &rights);
        let deal = ann.has("opportunity", json!({ "name": "Deal", "amount": eur("9.5") })).await;
        let over = json!({ "id": deal, "stageId": stages["Proposal"], "overrideReason": "Board wants it" });
        for who in [&rep, &lead] {
            assert_eq!(who.does("opportunity", "Move", over.clone(), "id").await.code(), "FORBIDDEN");
        }
        assert_eq!(history(&ann, &deal).await.len(), 1);

        let moved = ann.does("opportunity", "Move", over, "stage { name }").await;
        assert_eq!(moved.data()["opportunityMove"]["opportunity"]["stage"]["name"], "Proposal", "{}", moved.0);
        let last = history(&ann, &deal).await.pop().unwrap();
        assert_eq!(last["reason"], "Board wants it");
        assert_eq!(last["overriddenCriteria"]["nodes"].as_array().unwrap().len(), 2);
        let kept = "{ overriddenCriteria(filter: { label: { isNull: false } }) { totalCount } }";
        let kept = kept.replace("(filter: { label: { isNull: false } })", "");
        assert_eq!(rep.ask(&kept, json!({})).await.data()["overriddenCriteria"]["totalCount"], 2);
        assert_eq!(app.admin().ask(&kept, json!({})).await.data()["overriddenCriteria"]["totalCount"], 0);

        // nothing to override: nothing is kept, and nobody needs the right
        let fine = ann.has("opportunity", json!({ "name": "Fine", "nextStep": "Call" })).await;
        let over = json!({ "id": fine, "stageId": stages["Qualification"], "overrideReason": "Just in case" });
        assert_eq!(rep.does("opportunity", "Move", over, "id").await.code(), "");
        let last = history(&ann, &fine).await.pop().unwrap();
        assert_eq!((&last["reason"], &last["overriddenCriteria"]["nodes"]), (&json!(null), &json!([])));
    }
}

on_both! {
    async fn a_win_is_overridden_too_but_not_its_amount(app) {
        let ann = app.admin();
        let stages = ann.sells().await;
        asks(&ann, &stages["Proposal"], json!({ "kind": "ACTIVITY", "activityKind": "CALL" })).await;
        let acme = ann.has("account", json!({ "name": "Acme" })).await;
        let deal = ann.has("opportunity", json!({ "name": "Deal", "accountId": acme })).await;
        let win = json!({ "id": deal, "overrideReason": "Signed on paper" });
        let bare = ann.does("opportunity", "Win", win.clone(), "id").await;
        assert_eq!(refusals(&bare, "opportunityWin"), [("input.amount".into(), "CRITERIA_UNMET".into())]);
        let mut paid = win;
        paid["amount"] = eur("70");
        assert_eq!(ann.does("opportunity", "Win", paid, "stageType").await.data()["opportunityWin"]["opportunity"]["stageType"], "WON");
        let last = history(&ann, &deal).await.pop().unwrap();
        assert_eq!(last["overriddenCriteria"]["nodes"], json!([{ "label": "Ready", "expected": "at least 1 of kind CALL", "actual": "0" }]));
        assert_eq!(ann.sees("account", &acme, "lifecycle").await["lifecycle"], "CUSTOMER");
    }
}

on_both! {
    async fn a_criterion_has_the_details_of_its_kind(app) {
        let ann = app.admin();
        let stages = ann.sells().await;
        for (wrong, at) in [
            (json!({ "kind": "FIELD" }), "field"),
            (json!({ "kind": "FIELD", "field": "amont" }), "field"),
            (json!({ "kind": "FIELD", "field": "closedAt2" }), "field"),
            (json!({ "kind": "FIELD", "field": "version" }), "field"),
            (json!({ "kind": "FIELD", "field": "nextStep", "minimum": "2" }), "minimum"),
            (json!({ "kind": "FIELD", "field": "amount", "minimum": "0" }), "minimum"),
            (json!({ "kind": "FIELD", "field": "amount", "committeeRole": "LEGAL" }), "committeeRole"),
            (json!({ "kind": "ACTIVITY" }), "activityKind"),
            (json!({ "kind": "ACTIVITY", "activityKind": "CALL", "field": "amount" }), "field"),
            (json!({ "kind": "BUYER_EVIDENCE", "minimum": "1" }), "minimum"),
        ] {
            let mut input = json!({ "stageId": stages["Proposal"], "label": "Bad" });
            input.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
            let answer = ann.makes("stageCriterion", input).await;
            let fault = &answer.data()["stageCriterionCreate"]["userErrors"][0];
            assert_eq!((&fault["code"], &fault["field"]), (&json!("VALIDATION"), &json!(["input", at])), "{}", answer.0);
        }
        let won = json!({ "stageId": stages["Won"], "label": "Late", "kind": "BUYER_EVIDENCE" });
        assert_eq!(ann.makes("stageCriterion", won).await.code(), "VALIDATION");
        let key = asks(&ann, &stages["Proposal"], json!({ "kind": "FIELD", "field": "customFields.budget", "minimum": "2.5" })).await;
        let deal = ann.has("opportunity", json!({ "name": "Deal", "stageId": stages["Proposal"] })).await;
        assert_eq!(refusals(&moves(&ann, &deal, &stages["Negotiation"]).await, "opportunityMove")[0].0, "input.customFields.budget");
        // an answer to a criterion that asks for none
        let joe = ann.has("contact", json!({ "lastName": "Joe" })).await;
        let word = json!({ "opportunityId": deal, "stageCriterionId": key, "contactId": joe, "statement": "Yes." });
        assert_eq!(ann.makes("buyerConfirmation", word).await.code(), "VALIDATION");
        assert_eq!(ann.does("stageCriterion", "Delete", json!({ "id": key }), "id").await.code(), "");
        assert_eq!(moves(&ann, &deal, &stages["Negotiation"]).await.code(), "");
    }
}

on_both! {
    async fn criteria_and_evidence_follow_the_rights_of_pipeline_and_opportunity(app) {
        let ann = app.admin();
        let stages = ann.sells().await;
        let evidence = asks(&ann, &stages["Prospecting"], json!({ "kind": "BUYER_EVIDENCE" })).await;
        let (deal, joe) = (ann.has("opportunity", json!({ "name": "Deal" })).await, ann.has("contact", json!({ "lastName": "Joe" })).await);
        let own = Reach { scope: Scope::Own, unassigned: false };
        let reader = app.holding(ann.actor.organization, &[(Permission::OpportunityRead, Reach::ALL), (Permission::OpportunityUpdate, own),
            (Permission::ContactRead, Reach::ALL), (Permission::PipelineRead, Reach::ALL)]);
        let word = json!({ "opportunityId": deal, "stageCriterionId": evidence, "contactId": joe, "statement": "Yes." });
        assert_eq!(reader.makes("buyerConfirmation", word.clone()).await.code(), "FORBIDDEN");
        let criterion = json!({ "stageId": stages["Proposal"], "label": "Mine", "kind": "BUYER_EVIDENCE" });
        assert_eq!(reader.makes("stageCriterion", criterion).await.code(), "FORBIDDEN");
        assert_eq!(judged(&reader, &deal, json!(null)).await[0]["met"], false);
        ann.has("buyerConfirmation", word).await;
        assert_eq!(judged(&reader, &deal, json!(null)).await[0]["met"], true);
        let blind = app.holding(ann.actor.organization, &[(Permission::OpportunityRead, own), (Permission::PipelineRead, Reach::ALL)]);
        assert_eq!(judged(&blind, &deal, json!(null)).await, Value::Null);
        assert_eq!(blind.ask("{ buyerConfirmations { totalCount } }", json!({})).await.data()["buyerConfirmations"]["totalCount"], 0);
        assert_eq!(judged(&ann, &deal, json!("stage_00000000000070008000000000000000")).await, Value::Null);
    }
}

on_both! {
    async fn refusing_forty_costs_as_many_statements_as_ten(app) {
        let ann = app.admin();
        let stages = ann.sells().await;
        for of in [json!({ "kind": "FIELD", "field": "committeeMembers" }), json!({ "kind": "ACTIVITY", "activityKind": "CALL" }), json!({ "kind": "BUYER_EVIDENCE" })] {
            asks(&ann, &stages["Prospecting"], of).await;
        }
        let upsert = "mutation($rows: [OpportunityUpsertRow!]!, $by: OpportunityMatchKey) { opportunityUpsert(input: { rows: $rows, matchOn: $by }) {
            results { status opportunity { id } userErrors { code } } } }";
        let mut costs = vec![];
        for n in [10, 40] {
            let rows: Vec<_> = (0..n).map(|i| json!({ "name": format!("D{i}") })).collect();
            let made = ann.ask(upsert, json!({ "rows": rows })).await;
            let made = made.data()["opportunityUpsert"]["results"].as_array().unwrap().clone();
            let rows: Vec<_> = made.iter().map(|r| json!({ "id": r["opportunity"]["id"], "stageId": stages["Proposal"] })).collect();
            let before = app.store.statements();
            let done = ann.ask(upsert, json!({ "rows": rows, "by": "ID" })).await;
            assert_eq!(done.data()["opportunityUpsert"]["results"][n - 1]["userErrors"].as_array().unwrap().len(), 3, "{}", done.0);
            costs.push(app.store.statements() - before);
        }
        assert_eq!(costs[0], costs[1]);
    }
}

on_both! {
    async fn what_stands_too_long_in_its_stage_is_stalled(app) {
        let ann = app.admin();
        let stages = ann.sells().await;
        ann.does("stage", "Update", json!({ "id": stages["Proposal"], "maxDays": 10, "buyerMilestone": "Has compared us" }), "id").await.data();
        let ago = |hours| (app.store.now() - chrono::Duration::hours(hours)).to_rfc3339();
        for (name, stage, hours) in [("Old", "Proposal", 241), ("Young", "Proposal", 239), ("Patient", "Negotiation", 2400), ("Lost", "Lost", 2400)] {
            ann.has("opportunity", json!({ "name": name, "stageId": stages[stage], "openedAt": ago(hours) })).await;
        }
        let list = ann.ask("{ opportunities(filter: { stalled: { eq: true } }) { nodes { name stalled stage { buyerMilestone } } } }", json!({})).await;
        let old = json!([{ "name": "Old", "stalled": true, "stage": { "buyerMilestone": "Has compared us" } }]);
        assert_eq!(list.data()["opportunities"]["nodes"], old);
        let rest = ann.ask("{ opportunities(filter: { stalled: { eq: false } }) { totalCount } }", json!({})).await;
        assert_eq!(rest.data()["opportunities"]["totalCount"], 3);
    }
}

on_both! {
    async fn beginning_further_on_needs_what_the_stages_before_ask_for(app) {
        let ann = app.admin();
        let stages = ann.sells().await;
        asks(&ann, &stages["Prospecting"], json!({ "kind": "FIELD", "field": "amount", "minimum": "500" })).await;
        let mut held = api::access::role::templates::Template::SalesRep.rights();
        held.grant(Permission::OpportunityCreate, Reach { scope: Scope::Own, unassigned: false });
        let rep = app.with_rights(ann.actor.organization, held);
        let begins = async |who: &Person<'_>, stage: &str, amount: &str| {
            who.does("opportunity", "Create", json!({ "name": "Deal", "stageId": stages[stage], "amount": eur(amount) }), "id").await
        };
        assert_eq!(begins(&rep, "Prospecting", "1").await.code(), "");
        for stage in ["Qualification", "Won"] {
            let refused = begins(&rep, stage, "1").await;
            assert_eq!(refusals(&refused, "opportunityCreate"), [("input.amount".to_owned(), "CRITERIA_UNMET".to_owned())], "{stage}");
        }
        assert_eq!(begins(&rep, "Qualification", "500").await.code(), "");
        assert_eq!(begins(&ann, "Qualification", "1").await.code(), "", "whoever may override brings history");
    }
}
