//! Where a lead may be said to stand when it is created: marketing does not say what sales has done.

use api::{access::role::templates::Template, actor::Rights};
use chrono::{TimeDelta, Utc};
use serde_json::Value;

use crate::{
    handoff::person,
    harness::{Person, json, on_both},
    import::{counts, created, sent},
    scoring::agreed,
};

const UPSERT: &str = "mutation($rows: [LeadUpsertRow!]!) { leadUpsert(input: { rows: $rows }) { results { status userErrors { code field } } } }";

const MAPPING: &str = r#"
about = "Leads and where they stand."

[[step]]
file = "leads.csv"
entity = "lead"
match = { external_ref = "{No}", system = "sheet" }
[step.fields]
email = "Mail"
status = "Status"
disqualifyCategory = "Given up"
"#;

fn input(status: &str) -> Value {
    let given_up = (status == "DISQUALIFIED").then_some("NO_NEED");
    let email = format!("{}@example.com", status.to_lowercase());
    json!({ "email": email, "status": status, "disqualifyCategory": given_up })
}

/// The codes of creating one of each, alone.
async fn alone(who: &Person<'_>) -> Vec<String> {
    let mut codes = vec![];
    for status in ["MQL", "RECYCLED", "WORKING", "SQL", "DISQUALIFIED"] {
        codes.push(who.makes("lead", input(status)).await.code().to_owned());
    }
    codes
}

on_both! {
    async fn marketing_does_not_say_what_sales_has_done(app) {
        let mia = person(&app, Template::MktManager, "mia").await;
        assert_eq!(alone(&mia).await, ["", "", "VALIDATION", "VALIDATION", "VALIDATION"]);

        let rows: Vec<Value> = ["WORKING", "SQL", "DISQUALIFIED", "MQL"].map(input).into();
        let told = mia.ask(UPSERT, json!({ "rows": rows })).await;
        let results = told.data()["leadUpsert"]["results"].as_array().unwrap().clone();
        for row in &results[..3] {
            assert_eq!((&row["userErrors"][0]["code"], &row["userErrors"][0]["field"][3]), (&json!("VALIDATION"), &json!("status")), "{row}");
        }
        assert_eq!(results[3]["userErrors"], json!([]));

        let id = created(&mia, MAPPING, "leads.csv").await;
        let file = "No,Mail,Status,Given up\n1,a@example.com,WORKING,\n2,b@example.com,SQL,\n3,c@example.com,DISQUALIFIED,NO_NEED\n4,d@example.com,MQL,\n";
        let job = sent(&mia, &id, file.as_bytes(), 1 << 20).await;
        let [read, made, .., failed] = counts(&job);
        assert_eq!((read, made, failed), (4, 1, 3), "{job}");
    }
}

on_both! {
    async fn operations_bring_history_and_giving_up_untried_needs_the_right_to_overrule(app) {
        let rita = person(&app, Template::Revops, "rita").await;
        assert_eq!(alone(&rita).await, ["", "", "", "", "VALIDATION"]);
        let ann = person(&app, Template::Admin, "ann").await;
        assert_eq!(alone(&ann).await, ["", "", "", "", ""]);
        let sam = person(&app, Template::SalesRep, "sam").await;
        assert!(alone(&sam).await.iter().all(|code| code == "VALIDATION"));
    }
}

on_both! {
    async fn leads_that_are_only_said_to_be_qualified_fulfil_no_promise(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        ann.promises(json!({ "targets": [{ "kind": "ACCEPT", "minutes": 30 }], "volumes": [
            { "status": "MQL", "leads": 10, "period": "MONTH" }, { "status": "SQL", "leads": 1, "period": "MONTH" }] })).await;
        agreed(&app, &app.with_rights(ann.actor.organization, Rights::everything()), "MQL", json!({ "qualification": { "criteria": [
            { "label": "Where we sell", "when": { "in": { "field": "country", "values": [{ "text": "DE" }] } } }] } })).await;
        let team = ann.selling_team().await;
        let born = ann.has("lead", json!({ "email": "a@example.com", "status": "MQL", "country": "DE" })).await;
        ann.has("lead", json!({ "email": "b@example.com", "status": "SQL" })).await;
        let brought = async || {
            let (from, to) = (Utc::now() - TimeDelta::hours(1), Utc::now() + TimeDelta::hours(1));
            let query = "query($period: PeriodInput!) { slaVolumes(period: $period) { status brought } }";
            let told = ann.ask(query, json!({ "period": { "start": from.to_rfc3339(), "end": to.to_rfc3339() } })).await;
            let rows = told.data()["slaVolumes"].as_array().unwrap().clone();
            let of = |status: &str| rows.iter().filter(|r| r["status"] == status).map(|r| r["brought"].as_i64().unwrap()).sum::<i64>();
            (of("MQL"), of("SQL"))
        };
        assert_eq!(brought().await, (0, 0));
        // nor does its coming back from an offer
        let offer = ann.offers(&born, json!({ "teamId": team })).await;
        assert_eq!(ann.does("handoff", "Withdraw", json!({ "id": offer }), "id").await.code(), "");
        assert_eq!(brought().await, (0, 0));
        let shown = ann.has("lead", json!({ "email": "c@example.com", "country": "DE" })).await;
        assert_eq!(ann.does("lead", "Qualify", json!({ "id": shown }), "id").await.code(), "");
        assert_eq!(brought().await, (1, 0));
        // one that was only said to be one counts once it is qualified by a step
        for (verb, code) in [("Nurture", ""), ("Qualify", "")] {
            assert_eq!(ann.does("lead", verb, json!({ "id": born }), "id").await.code(), code);
        }
        assert_eq!(brought().await, (2, 0));
    }
}
