//! The funnel from both ends, and the metrics over rounds of leads, offers and answers.

use api::{
    access::role::templates::Template,
    actor::{Permission, Reach, Rights, Scope},
};
use chrono::{SecondsFormat, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::{
    handoff::person,
    harness::{App, Person, json, on_both},
    past::now,
};

/// All of it.
const EVER: &str = "period: { start: \"2020-01-01T00:00:00Z\", end: \"2090-01-01T00:00:00Z\" }";

async fn leads(who: &Person<'_>, status: &str, count: usize) -> Vec<Value> {
    let mut ids = vec![];
    for at in 0..count {
        let input = json!({ "email": format!("{status}.{at}@example.com"), "lastName": "Doe", "companyName": format!("{status} {at}"), "status": status });
        ids.push(who.has("lead", input).await);
    }
    ids
}

/// A tenth of the worked example: 20 leads, 12 MQL, 9 SAL, 6 SQL, 4 opportunities, 1 won.
async fn twenty(who: &Person<'_>) -> Vec<Value> {
    for (status, count) in [("NEW", 8), ("MQL", 3), ("WORKING", 3)] {
        leads(who, status, count).await;
    }
    let mut deals = vec![];
    for (at, lead) in leads(who, "SQL", 6).await.into_iter().enumerate() {
        if at < 4 {
            let input =
                json!({ "id": lead, "opportunity": { "create": { "amount": { "amount": "10", "currency": "EUR" } } } });
            let convert = "mutation($input: LeadConvertInput!) { leadConvert(input: $input) { opportunity { id } userErrors { message } } }";
            let done = who.ask(convert, json!({ "input": input })).await;
            deals.push(done.data()["leadConvert"]["opportunity"]["id"].clone());
        }
    }
    let won = who.does("opportunity", "Win", json!({ "id": deals[0] }), "id").await;
    assert_eq!(won.data()["opportunityWin"]["userErrors"], json!([]), "{}", won.0);
    deals
}

const STEPS: &str = "from steps { step
    cohort { reached open ofStepBefore { value } ofCohort { value } } flow { entries byStepBefore { value } } leadCycles { totalCount } }";

async fn funnel(who: &Person<'_>, more: &str) -> Value {
    who.ask(&format!("{{ funnel({EVER} {more}) {{ {STEPS} }} }}"), json!({})).await.data()["funnel"].clone()
}

/// A figure of each step.
fn each(funnel: &Value, path: &str) -> Vec<Value> {
    funnel["steps"].as_array().unwrap().iter().map(|step| step.pointer(path).cloned().unwrap_or_default()).collect()
}

on_both! {
    async fn the_worked_example_from_both_ends(app) {
        let ann = app.founder().await;
        let deals = twenty(&ann).await;
        let all = funnel(&ann, "").await;
        assert_eq!(each(&all, "/step"), ["LEAD", "MQL", "SAL", "SQL", "OPPORTUNITY", "WON"].map(Value::from));
        assert_eq!(each(&all, "/cohort/reached"), [20, 12, 9, 6, 4, 1].map(Value::from));
        assert_eq!(each(&all, "/cohort/open"), [0, 8, 11, 14, 16, 19].map(Value::from), "nobody has given up");
        assert_eq!(each(&all, "/cohort/ofStepBefore/value")[1..], [0.6, 0.75, 0.666_667, 0.666_667, 0.25].map(Value::from));
        assert_eq!(each(&all, "/cohort/ofCohort/value")[5], json!(0.05));
        assert_eq!(each(&all, "/flow/entries"), [20, 12, 9, 6, 4, 1].map(Value::from));
        assert_eq!(each(&all, "/leadCycles/totalCount"), [20, 12, 9, 6, 4, 1].map(Value::from));
        let later = funnel(&ann, ", cohort: { from: SQL }").await;
        assert_eq!(each(&later, "/cohort/reached"), [json!(null), json!(null), json!(null), json!(6), json!(4), json!(1)]);
        for (from, to, value) in [("LEAD", "MQL", "0.6"), ("MQL", "SAL", "0.75"), ("SAL", "SQL", "0.666667"), ("SQL", "OPPORTUNITY", "0.666667"), ("OPPORTUNITY", "WON", "0.25"), ("LEAD", "WON", "0.05")] {
            for key in ["LEAD_CONVERSION", "LEAD_CONVERSION_FLOW"] {
                let found = metric(&ann, key, &format!(", options: {{ from: {from}, to: {to} }}"), "value").await;
                assert_eq!(found["value"], value, "{key} {from} {to}");
            }
        }
        let explained = metric(&ann, "LEAD_CONVERSION", ", options: { from: LEAD, to: WON }",
            "n explain { inputs { name count records { leadCycles { totalCount nodes { cycleNo lead { status } } } opportunities { totalCount } } } }").await;
        let inputs = &explained["explain"]["inputs"];
        assert_eq!((&explained["n"], &inputs[1]["count"], &inputs[1]["records"]["opportunities"]), (&json!(20), &json!(1), &json!(null)));
        assert_eq!(inputs[1]["records"]["leadCycles"], json!({ "totalCount": 1, "nodes": [{ "cycleNo": 1, "lead": { "status": "CONVERTED" } }] }));
        assert_eq!(inputs[2]["count"], 19);

        // a sale that came from nobody is no win of this lead, nor one of a lead that came in after it
        let other = json!({ "email": "other@example.com", "lastName": "Doe", "status": "SQL" });
        let other = ann.has("lead", other).await;
        let input = json!({ "id": other, "opportunity": null });
        ann.ask("mutation($input: LeadConvertInput!) { leadConvert(input: $input) { userErrors { message } } }", json!({ "input": input })).await.data();
        let lead = ann.sees("opportunity", &deals[0], "sourceLead { id }").await["sourceLead"]["id"].clone();
        for (from, wins) in [(json!(null), 0), (other, 0), (lead, 1)] {
            ann.does("opportunity", "Update", json!({ "id": deals[0], "sourceLeadId": from }), "id").await.data();
            assert_eq!(each(&funnel(&ann, "").await, "/cohort/reached")[5], wins);
        }

        // going back undoes no step
        ann.does("opportunity", "Reopen", json!({ "id": deals[0] }), "id").await.data();
        assert_eq!(each(&funnel(&ann, "").await, "/cohort/reached")[5], 1);
        ann.does("opportunity", "Delete", json!({ "id": deals[0] }), "id").await.data();
        assert_eq!(each(&funnel(&ann, "").await, "/cohort/reached")[4..], [json!(5), json!(0)], "deleting does");
    }
}

async fn metric(who: &Person<'_>, key: &str, more: &str, said: &str) -> Value {
    who.ask(&format!("{{ metric(key: {key}, {EVER} {more}) {{ {said} }} }}"), json!({})).await.data()["metric"].clone()
}

on_both! {
    async fn the_funnel_is_the_same_for_all_and_tells_nothing_of_few(app) {
        let ann = app.founder().await;
        let before = now();
        twenty(&ann).await;
        let own = Reach { scope: Scope::Own, unassigned: false };
        let rep = app.holding(ann.actor.organization, &[(Permission::MetricRead, Reach::ALL), (Permission::LeadRead, own)]);
        let theirs = funnel(&rep, "").await;
        assert_eq!(each(&theirs, "/cohort/reached"), [20, 12, 9, 6, 4, 1].map(Value::from));
        assert_eq!(each(&theirs, "/flow/entries"), [json!(20), json!(12), json!(9), json!(6), json!(null), json!(null)]);
        assert_eq!(each(&theirs, "/leadCycles/totalCount"), [0; 6].map(Value::from), "they own none");
        let few = funnel(&rep, ", cohort: { from: OPPORTUNITY }").await;
        assert_eq!(each(&few, "/cohort/reached"), vec![json!(null); 6], "a cohort of four");
        assert_eq!(each(&funnel(&ann, ", cohort: { from: OPPORTUNITY }").await, "/cohort/reached")[4..], [json!(4), json!(1)]);
        assert_eq!(each(&funnel(&ann, &format!(", asOf: \"{before}\"")).await, "/cohort/reached"), [0; 6].map(Value::from));
        let nobody = app.holding(ann.actor.organization, &[(Permission::LeadRead, Reach::ALL)]);
        assert_eq!(funnel(&nobody, "").await, json!(null));
        for wrong in [", cohort: { from: WON }", ", cohort: { withinDays: 0 }"] {
            assert_eq!(ann.ask(&format!("{{ funnel({EVER} {wrong}) {{ from }} }}"), json!({})).await.code(), "BAD_USER_INPUT", "{wrong}");
        }
    }
}

/// Dates all rounds anew.
async fn dated(app: &App, began: &str, mql: &str) {
    let sql = format!("UPDATE lead_cycle SET began_at = '{began}', mql_at = '{mql}'");
    app.store.migrator().execute_unprepared(&sql).await.unwrap();
}

on_both! {
    async fn time_may_be_short_and_given_up_rounds_are_not_open(app) {
        let ann = app.founder().await;
        let leads = leads(&ann, "WORKING", 6).await;
        for (mql, value) in [("2026-03-11T12:00:00.5+00:00", "1"), ("2026-03-11T12:00:00.500001+00:00", "0"), ("2026-03-11T12:00:00+00:00", "1")] {
            dated(&app, "2026-03-01T12:00:00.5+00:00", mql).await;
            let within = metric(&ann, "LEAD_CONVERSION", ", options: { from: LEAD, to: MQL, withinDays: 10 }", "value").await;
            assert_eq!(within["value"], value, "{mql}");
        }
        let ago = (Utc::now() - TimeDelta::days(10)).to_rfc3339_opts(SecondsFormat::Micros, false);
        dated(&app, &ago, &ago).await;
        for (days, open) in [(9, 0), (11, 6)] {
            let options = format!(", options: {{ from: MQL, to: SQL, withinDays: {days} }}");
            let within = metric(&ann, "LEAD_CONVERSION", &options, "value explain { inputs { count } }").await;
            assert_eq!((&within["value"], &within["explain"]["inputs"][2]["count"]), (&json!("0"), &json!(open)), "{days} days");
        }
        ann.has("activity", json!({ "kind": "CALL", "subject": "Hi", "leadId": leads[0] })).await;
        let up = ann.does("lead", "Disqualify", json!({ "id": leads[0], "category": "NO_NEED" }), "status").await;
        assert_eq!(up.code(), "", "{}", up.0);
        let rest = metric(&ann, "LEAD_CONVERSION", ", options: { from: MQL, to: WON }", "explain { inputs { count } }").await;
        assert_eq!(rest["explain"]["inputs"][2]["count"], 5, "one was given up");
    }
}

on_both! {
    async fn offers_accepted_through_those_answered(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let ann = Person { actor: api::actor::Actor { rights: std::sync::Arc::new(Rights::everything()), ..ann.actor }, ..ann };
        let (mia, eva) = (person(&app, Template::MktManager, "mia").await, person(&app, Template::SalesManager, "eva").await);
        let sam = person(&app, Template::SalesRep, "sam").await;
        ann.does("user", "Update", json!({ "id": sam.id(), "reportsToId": eva.id() }), "id").await.data();
        let reason = ann.reason("CAPACITY", 30).await;
        let mut offers = vec![];
        for at in 0..8 {
            let lead = ann.has("lead", json!({ "email": format!("{at}@example.com"), "status": "MQL", "source": "web", "ownerId": mia.id() })).await;
            offers.push(ann.offers(&lead, json!({ "userId": sam.id() })).await);
        }
        for offer in &offers[..5] {
            sam.does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
        }
        for offer in &offers[5..7] {
            sam.does("handoff", "Reject", json!({ "id": offer, "reasonId": reason }), "id").await.data();
        }
        let said = "value n withheld explain { inputs { name count records { handoffs { totalCount nodes { state } } } } }";
        let first = metric(&ann, "LEAD_ACCEPTANCE", "", said).await;
        let counts = |m: &Value| m["explain"]["inputs"].as_array().unwrap().iter().map(|i| i["count"].clone()).collect::<Vec<_>>();
        assert_eq!((&first["value"], counts(&first)), (&json!("0.714286"), [5, 2, 1, 0].map(Value::from).to_vec()));
        assert_eq!(first["explain"]["inputs"][1]["records"]["handoffs"], json!({ "totalCount": 2, "nodes": [{ "state": "REJECTED" }, { "state": "REJECTED" }] }));
        let rep = person(&app, Template::SalesRep, "kim").await;
        let theirs = metric(&rep, "LEAD_ACCEPTANCE", "", said).await;
        assert_eq!((&theirs["value"], &theirs["explain"]["inputs"][0]["records"]["handoffs"]["totalCount"]), (&json!("0.714286"), &json!(0)));
        let by_reason = metric(&ann, "LEAD_REJECTIONS", ", groupBy: [REJECTION_CATEGORY]", "value groups { key { word } value }").await;
        assert_eq!(by_reason, json!({ "value": "2", "groups": [{ "key": [{ "word": "CAPACITY" }], "value": "2" }] }));

        // both sides find that one was wrong: it counts as acceptance since
        let then = now();
        let input = json!({ "id": offers[5], "claim": "They had time", "evidence": [] });
        let dispute = mia.does("handoff", "Dispute", input, "disputes { nodes { id } }").await;
        let dispute = dispute.data()["handoffDispute"]["handoff"]["disputes"]["nodes"][0]["id"].clone();
        let wrong = json!({ "id": dispute, "verdict": "SALES_MISS", "resolution": "They had" });
        mia.does("dispute", "SignMarketing", wrong.clone(), "id").await.data();
        let signed = eva.does("dispute", "SignSales", wrong, "status").await;
        assert_eq!(signed.data()["disputeSignSales"]["dispute"]["status"], "UPHELD", "{}", signed.0);
        assert_eq!(metric(&ann, "LEAD_ACCEPTANCE", "", "value").await["value"], "0.857143");
        assert_eq!(metric(&ann, "LEAD_ACCEPTANCE", &format!(", asOf: \"{then}\""), "value").await["value"], "0.714286", "then nobody knew");
    }
}
