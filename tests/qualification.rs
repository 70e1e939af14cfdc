//! What makes a lead qualified: signed, judged criterion by criterion, and tried on the past before anybody signs.

mod drafted;
mod fresh;
mod stages;

use api::{
    access::role::templates::Template,
    actor::{Permission, Reach, Rights},
};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use crate::{
    handoff::person,
    harness::{App, Person, on_both},
    scoring::{agreed, agreed_next},
};

fn definition(countries: &[&str]) -> Value {
    let countries: Vec<Value> = countries.iter().map(|text| json!({ "text": text })).collect();
    json!({ "criteria": [
        { "label": "Where we sell", "when": { "in": { "field": "country", "values": countries } } },
        { "label": "Knows us", "when": { "or": [
            { "touchpoints": { "kinds": ["FORM_SUBMIT"], "withinDays": 30 } },
            { "activities": { "kinds": ["CALL"], "direction": "INBOUND" } },
        ] } },
    ] })
}

fn body(countries: &[&str]) -> Value {
    json!({ "qualification": definition(countries) })
}

const ASK: &str =
    "query($id: ID!, $inForce: Boolean! = false) { leadQualification(leadId: $id, stage: MQL, inForce: $inForce) {
    met version kept solo criteria { label expected actual met } } }";

async fn asked(who: &Person<'_>, lead: &Value, in_force: bool) -> Value {
    who.ask(ASK, json!({ "id": lead, "inForce": in_force })).await.data()["leadQualification"].clone()
}

/// A lead from there who called.
async fn caller(ann: &Person<'_>, email: &str, country: &str) -> Value {
    let lead = ann.has("lead", json!({ "email": email, "country": country, "source": "web" })).await;
    ann.has("activity", json!({ "kind": "CALL", "direction": "INBOUND", "subject": "Hello", "leadId": lead })).await;
    lead
}

async fn qualified(who: &Person<'_>, input: Value) -> crate::harness::Answer {
    who.does("lead", "Qualify", input, "status statusReason agreementVersion { number }").await
}

on_both! {
    async fn a_lead_is_judged_criterion_by_criterion_and_qualified_by_what_both_signed(app) {
        let ann = app.admin();
        let lead = ann.has("lead", json!({ "email": "joe@example.com", "country": "FR" })).await;
        assert_eq!(asked(&ann, &lead, false).await, json!(null));
        assert_eq!(qualified(&ann, json!({ "id": lead })).await.code(), "AGREEMENT_REQUIRED");
        assert_eq!(qualified(&ann, json!({ "id": lead, "override": true, "reason": "Trust me" })).await.code(), "AGREEMENT_REQUIRED");
        agreed(&app, &ann, "MQL", body(&["DE", "FR"])).await;
        let judged = asked(&ann, &lead, false).await;
        assert_eq!((&judged["met"], &judged["version"], &judged["kept"]), (&json!(false), &json!(1), &json!(false)));
        assert_eq!(judged["criteria"][0], json!({ "label": "Where we sell", "expected": "country is one of \"DE\", \"FR\"", "actual": "FR", "met": true }));
        assert_eq!(judged["criteria"][1]["met"], false);
        let refused = qualified(&ann, json!({ "id": lead })).await;
        let errors = refused.data()["leadQualify"]["userErrors"].as_array().unwrap().clone();
        assert_eq!((errors.len(), &errors[0]["code"]), (1, &json!("CRITERIA_UNMET")), "{errors:?}");
        ann.has("touchpoint", json!({ "kind": "FORM_SUBMIT", "channel": "DIRECT", "occurredAt": Utc::now().to_rfc3339(), "leadId": lead })).await;
        let done = ann.does("lead", "Qualify", json!({ "id": lead }), "status agreementVersion { number } statusChanges { nodes { fromStatus toStatus agreementVersionId } }").await;
        assert_eq!(done.data()["leadQualify"]["lead"]["status"], "MQL", "{}", done.0);
        assert_eq!(qualified(&ann, json!({ "id": lead })).await.code(), "INVALID_TRANSITION");
    }
}

on_both! {
    async fn a_definition_is_overruled_with_a_reason_by_who_may(app) {
        let ann = app.admin();
        let home = ann.actor.organization;
        agreed(&app, &ann, "MQL", body(&["DE"])).await;
        let lead = ann.has("lead", json!({ "email": "joe@example.com" })).await;
        let sam = app.holding(home, &[(Permission::LeadRead, Reach::ALL), (Permission::LeadUpdate, Reach::ALL)]);
        let over = json!({ "id": lead, "override": true, "reason": "Met them at the fair" });
        assert_eq!(qualified(&sam, over.clone()).await.code(), "FORBIDDEN");
        assert_eq!(qualified(&ann, json!({ "id": lead, "override": true })).await.code(), "VALIDATION");
        assert_eq!(ann.sees("lead", &lead, "status").await["status"], "NEW");
        let done = ann.does("lead", "Qualify", over, "status statusReason").await;
        assert_eq!(done.data()["leadQualify"]["lead"], json!({ "status": "MQL", "statusReason": "Met them at the fair" }));
    }
}

const AGAIN: &str =
    "mutation($policy: RequalifyPolicy!, $after: ID) { leadRequalify(input: { policy: $policy, after: $after }) {
    outdated met unmet returned lastId userErrors { code } } }";

on_both! {
    async fn a_lead_keeps_the_version_it_was_qualified_under_until_somebody_judges_again(app) {
        let ann = app.admin();
        let first = agreed(&app, &ann, "MQL", body(&["DE", "FR"])).await;
        let (de, fr) = (caller(&ann, "de@example.com", "DE").await, caller(&ann, "fr@example.com", "FR").await);
        for lead in [&de, &fr] {
            assert_eq!(qualified_status(&ann, lead).await, "MQL");
        }
        agreed_next(&app, &ann, &first, body(&["DE"])).await;
        let kept = asked(&ann, &fr, false).await;
        assert_eq!((&kept["version"], &kept["kept"], &kept["met"]), (&json!(1), &json!(true), &json!(true)));
        let new = asked(&ann, &fr, true).await;
        assert_eq!((&new["version"], &new["kept"], &new["met"]), (&json!(2), &json!(false), &json!(false)));
        let none = ann.ask(AGAIN, json!({ "policy": "NONE" })).await;
        assert_eq!(none.data()["leadRequalify"], json!({ "outdated": 2, "met": 0, "unmet": 0, "returned": 0, "lastId": null, "userErrors": [] }));
        let open = ann.ask(AGAIN, json!({ "policy": "OPEN_ONLY" })).await;
        assert_eq!(open.data()["leadRequalify"], json!({ "outdated": 2, "met": 1, "unmet": 1, "returned": 1, "lastId": null, "userErrors": [] }));
        assert_eq!(ann.sees("lead", &fr, "status").await["status"], "NURTURING");
        let stays = asked(&ann, &de, false).await;
        assert_eq!((&stays["version"], &stays["kept"]), (&json!(2), &json!(true)));
        assert_eq!(ann.ask(AGAIN, json!({ "policy": "OPEN_ONLY" })).await.data()["leadRequalify"]["outdated"], 0);
        assert_eq!(history(&ann, &de).await, "NEW MQL MQL");
    }
}

async fn qualified_status(ann: &Person<'_>, lead: &Value) -> Value {
    let done = ann.does("lead", "Qualify", json!({ "id": lead }), "status").await;
    done.data()["leadQualify"]["lead"]["status"].clone()
}

/// The states a lead came to; each move begins where the one before it ended.
async fn history(ann: &Person<'_>, lead: &Value) -> String {
    let seen =
        ann.sees("lead", lead, "statusChanges(orderBy: [{ field: AT }]) { nodes { fromStatus toStatus } }").await;
    let rows = seen["statusChanges"]["nodes"].as_array().unwrap().clone();
    for pair in rows.windows(2) {
        assert_eq!(pair[0]["toStatus"], pair[1]["fromStatus"], "{rows:?}");
    }
    rows.iter().map(|row| row["toStatus"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

const TRY: &str = "query($body: QualificationBodyInput, $version: ID, $from: DateTime!, $to: DateTime!) {
    qualificationSimulation(stage: MQL, window: { start: $from, end: $to }, body: $body, versionId: $version) {
        leads both onlyCandidate onlyInForce inForceVersion
        candidate { passed { numerator denominator value } sqlRate { numerator denominator value } winRate { numerator denominator value } }
        inForce { passed { numerator denominator } sqlRate { numerator denominator } winRate { numerator denominator } }
        bySource { source leads candidate inForce both } } }";

/// Leads whose later life is known: two of DE of which one was won, one of FR that was lost, one of US.
async fn past(app: &App) -> Person<'_> {
    let ann = app.founder().await;
    for (email, country, source, end) in [
        ("a@example.com", "DE", Some("web"), Some("Win")),
        ("b@example.com", "DE", Some("fair"), None),
        ("c@example.com", "FR", Some("web"), Some("Lose")),
        ("d@example.com", "US", None, None),
    ] {
        let status = if country == "US" { "NEW" } else { "SQL" };
        let input = json!({ "email": email, "country": country, "source": source, "status": status });
        let lead = ann.has("lead", input).await;
        ann.has("activity", json!({ "kind": "CALL", "direction": "INBOUND", "subject": "Hello", "leadId": lead }))
            .await;
        if let Some(end) = end {
            let deal =
                json!({ "name": email, "sourceLeadId": lead, "amount": { "amount": "100.00", "currency": "EUR" } });
            let deal = ann.has("opportunity", deal).await;
            let how = if end == "Lose" { json!({ "id": deal, "reason": "PRICE" }) } else { json!({ "id": deal }) };
            ann.does("opportunity", end, how, "id").await.data();
        }
    }
    ann
}

on_both! {
    async fn a_definition_is_tried_on_the_past_before_anybody_signs(app) {
        let ann = past(&app).await;
        let (from, to) = (Utc::now() - TimeDelta::days(1), Utc::now() + TimeDelta::days(1));
        let window = |body: Value| json!({ "body": body, "from": from.to_rfc3339(), "to": to.to_rfc3339() });
        agreed(&app, &ann, "MQL", body(&["DE"])).await;
        let tried = ann.ask(TRY, window(definition(&["DE", "FR"]))).await;
        let found = tried.data()["qualificationSimulation"].clone();
        assert_eq!((&found["leads"], &found["both"], &found["onlyCandidate"], &found["onlyInForce"], &found["inForceVersion"]), (&json!(4), &json!(2), &json!(1), &json!(0), &json!(1)));
        assert_eq!(found["candidate"], json!({
            "passed": { "numerator": 3, "denominator": 4, "value": 0.75 },
            "sqlRate": { "numerator": 3, "denominator": 3, "value": 1.0 },
            "winRate": { "numerator": 1, "denominator": 2, "value": 0.5 },
        }));
        assert_eq!(found["inForce"], json!({ "passed": { "numerator": 2, "denominator": 4 }, "sqlRate": { "numerator": 2, "denominator": 2 }, "winRate": { "numerator": 1, "denominator": 1 } }));
        assert_eq!(found["bySource"], json!([
            { "source": "web", "leads": 2, "candidate": 2, "inForce": 1, "both": 1 },
            { "source": "fair", "leads": 1, "candidate": 1, "inForce": 1, "both": 1 },
            { "source": null, "leads": 1, "candidate": 0, "inForce": 0, "both": 0 },
        ]));
        let wrong = definition(&[]);
        assert_eq!(ann.ask(TRY, window(wrong)).await.code(), "BAD_USER_INPUT");
        assert_eq!(ann.ask(TRY, window(json!(null))).await.code(), "BAD_USER_INPUT");
        let none = app.holding(ann.actor.organization, &[(Permission::LeadRead, Reach::ALL)]);
        assert_eq!(none.ask(TRY, window(definition(&["DE"]))).await.data()["qualificationSimulation"], json!(null));
        let eve = app.with_rights(app.admin().actor.organization, Rights::everything());
        assert_eq!(eve.ask(TRY, window(definition(&["DE"]))).await.data()["qualificationSimulation"]["leads"], 0);
    }
}

on_both! {
    async fn a_simulation_costs_the_same_for_more_leads(app) {
        let ann = app.admin();
        agreed(&app, &ann, "MQL", body(&["DE"])).await;
        let (from, to) = (Utc::now() - TimeDelta::days(1), Utc::now() + TimeDelta::days(1));
        let mut costs = vec![];
        for round in 0..2 {
            for n in 0..5 {
                caller(&ann, &format!("c{round}-{n}@example.com"), "DE").await;
            }
            let before = app.store.statements();
            let asked = json!({ "body": definition(&["FR"]), "from": from.to_rfc3339(), "to": to.to_rfc3339() });
            ann.ask(TRY, asked).await.data();
            costs.push(app.store.statements() - before);
        }
        assert!(costs[0] == costs[1] && costs[0] <= 4, "{costs:?}");
    }
}

on_both! {
    async fn a_lead_that_was_born_qualified_is_offered_only_if_it_meets_the_definition(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let team = ann.selling_team().await;
        let born = async |n: usize, country: &str| ann.has("lead", json!({ "email": format!("l{n}@example.com"), "status": "MQL", "country": country })).await;
        let offered = async |lead: &Value| ann.does("lead", "Offer", json!({ "id": lead, "teamId": team }), "status").await;
        assert_eq!(offered(&born(1, "US").await).await.code(), "", "nothing is agreed yet");
        let lead = born(2, "US").await;
        agreed(&app, &app.with_rights(ann.actor.organization, Rights::everything()), "MQL", body(&["DE"])).await;
        let refused = offered(&lead).await;
        let errors = refused.data()["leadOffer"]["userErrors"].as_array().unwrap().clone();
        assert_eq!((errors.len(), refused.code()), (2, "CRITERIA_UNMET"), "{errors:?}");
        let met = born(3, "DE").await;
        ann.has("activity", json!({ "kind": "CALL", "direction": "INBOUND", "subject": "Hello", "leadId": met })).await;
        assert_eq!(offered(&met).await.code(), "");
    }
}

on_both! {
    async fn a_lead_is_judged_by_any_version_and_the_one_in_force_is_named(app) {
        let ann = app.admin();
        let first = agreed(&app, &ann, "MQL", body(&["DE", "FR"])).await;
        let lead = caller(&ann, "fr@example.com", "FR").await;
        qualified_status(&ann, &lead).await;
        let second = agreed_next(&app, &ann, &first, body(&["DE"])).await;
        let of = ann.sees("agreementVersion", &first, "agreement { id }").await["agreement"]["id"].clone();
        let draft = json!({ "agreementId": of, "body": body(&["IT"]) });
        let draft = ann.does("agreementVersion", "Create", draft, "id").await.data()["agreementVersionCreate"]["agreementVersion"]["id"].clone();
        let ask = "query($id: ID!, $version: ID, $inForce: Boolean! = false) { leadQualification(leadId: $id, stage: MQL, versionId: $version, inForce: $inForce) {
            met version kept inForceVersion { id } } }";
        let asked = async |who: &Person<'_>, version: Value| who.ask(ask, json!({ "id": lead, "version": version })).await.data()["leadQualification"].clone();
        let told = |met: bool, version: i32, kept: bool| json!({ "met": met, "version": version, "kept": kept, "inForceVersion": { "id": second } });
        assert_eq!(asked(&ann, json!(null)).await, told(true, 1, true));
        assert_eq!(asked(&ann, first.clone()).await, told(true, 1, true));
        assert_eq!(asked(&ann, second.clone()).await, told(false, 2, false));
        assert_eq!(asked(&ann, draft.clone()).await, told(false, 3, false), "a draft before anybody signs it");
        let other = agreed(&app, &ann, "SQL", body(&["DE"])).await;
        assert_eq!(asked(&ann, other).await, json!(null), "another stage's");
        let both = ann.ask(ask, json!({ "id": lead, "version": draft, "inForce": true })).await;
        assert_eq!(both.code(), "BAD_USER_INPUT");
        let blind = app.holding(ann.actor.organization, &[(Permission::LeadRead, Reach::ALL)]);
        assert_eq!(asked(&blind, draft).await, json!(null));
        assert_eq!(asked(&blind, json!(null)).await["inForceVersion"], json!(null));
    }
}

/// Leads that stand at MQL though nobody has judged them, so many of each country.
async fn born(ann: &Person<'_>, of: &[(&str, usize)], round: usize) {
    let row = |country: &str, n: usize| json!({ "email": format!("{country}{n}-{round}@example.com").to_lowercase(), "country": country, "status": "MQL" });
    let rows: Vec<Value> = of.iter().flat_map(|(country, many)| (0..*many).map(move |n| row(country, n))).collect();
    let upsert = "mutation($rows: [LeadUpsertRow!]!) { leadUpsert(input: { rows: $rows }) { results { status } } }";
    ann.ask(upsert, json!({ "rows": rows })).await.data();
}

fn at_home() -> Value {
    json!({ "qualification": { "criteria": [{ "label": "Where we sell", "when": { "eq": { "field": "country", "value": { "text": "DE" } } } }] } })
}

on_both! {
    async fn judging_again_costs_the_same_for_more_leads(app) {
        let ann = app.admin();
        agreed(&app, &ann, "MQL", at_home()).await;
        let mut costs = vec![];
        for (round, many) in [2, 5].into_iter().enumerate() {
            born(&ann, &[("DE", many), ("US", many)], round).await;
            let before = app.store.statements();
            let done = ann.ask(AGAIN, json!({ "policy": "ALL" })).await;
            costs.push(app.store.statements() - before);
            assert_eq!(done.data()["leadRequalify"], json!({ "outdated": 2 * many, "met": many, "unmet": many, "returned": many, "lastId": null, "userErrors": [] }));
        }
        assert_eq!(costs[0], costs[1]);
        let by = ann.ask("{ leadAggregate(groupBy: [{ field: STATUS }]) { key { status } count } }", json!({})).await;
        let count = |status: &str, n: i32| json!({ "key": { "status": status }, "count": n });
        let rows = by.data()["leadAggregate"].as_array().unwrap();
        assert!(rows.contains(&count("MQL", 7)) && rows.contains(&count("NURTURING", 7)), "{rows:?}");
        let leads = ann.ask("{ leads(first: 50) { nodes { id status statusReason agreementVersion { number } statusChanges { totalCount } } } }", json!({})).await;
        for lead in leads.data()["leads"]["nodes"].as_array().unwrap() {
            let (version, moves) = (&lead["agreementVersion"]["number"], &lead["statusChanges"]["totalCount"]);
            assert_eq!((version, moves), (&json!(1), &json!(2)), "{lead}");
        }
    }
}

on_both! {
    async fn more_than_five_hundred_are_judged_in_several_calls(app) {
        let ann = app.admin();
        agreed(&app, &ann, "MQL", at_home()).await;
        born(&ann, &[("US", 501)], 0).await;
        let asked = async |after: Value| ann.ask(AGAIN, json!({ "policy": "NONE", "after": after })).await.data()["leadRequalify"].clone();
        let first = asked(json!(null)).await;
        assert_eq!((&first["outdated"], first["lastId"].is_string()), (&json!(500), true));
        let second = asked(first["lastId"].clone()).await;
        assert_eq!((&second["outdated"], &second["lastId"]), (&json!(1), &json!(null)));
        let wrong = ann.ask(AGAIN, json!({ "policy": "NONE", "after": "account_1" })).await;
        assert_eq!(wrong.code(), "VALIDATION");
    }
}
