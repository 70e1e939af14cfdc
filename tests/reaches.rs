//! One figure for both sides, or none: what names people out of reach is withheld in every report, and what both sides
//! promised each other is the same for whoever may read metrics.

use api::{access::role::templates::Template, actor::Permission};
use serde_json::Value;

use crate::{
    handoff::person,
    harness::{Person, json, on_both},
    metric::{bring, open, seller},
    past::now,
};

const EVER: &str = "period: { start: \"2020-01-01T00:00:00Z\", end: \"2100-01-01T00:00:00Z\" }";

/// Funnel, forecast and waterfall of what somebody owns.
async fn of(who: &Person<'_>, owners: &[&Person<'_>]) -> Value {
    let ids: Vec<Value> = owners.iter().map(|owner| owner.id()).collect();
    let only = format!("{EVER}, filter: {{ ownerIds: {} }}", json!(ids));
    let query = format!(
        "{{ funnel({only}) {{ steps {{ flow {{ entries }} cohort {{ reached }} }} }}
            pipelineForecast({only}) {{ wonCount won {{ amount }} parts {{ count amount {{ amount }} }} unconverted {{ count }} }}
            pipelineWaterfall({only}) {{ buckets {{ count amount {{ amount }} withheld }} unconverted {{ count }} }} }}"
    );
    who.ask(&query, json!({})).await.data().clone()
}

/// Whether every figure of it is withheld.
fn withheld(told: &Value) -> bool {
    let steps = told["funnel"]["steps"].as_array().unwrap();
    let parts = told["pipelineForecast"]["parts"].as_array().unwrap();
    let buckets = told["pipelineWaterfall"]["buckets"].as_array().unwrap();
    steps.iter().all(|step| step["flow"]["entries"].is_null() && step["cohort"]["reached"].is_null())
        && told["pipelineForecast"]["wonCount"].is_null()
        && parts.iter().all(|part| part["count"].is_null())
        && buckets.iter().all(|bucket| bucket["withheld"] == true && bucket["count"].is_null())
}

on_both! {
    async fn reports_over_people_out_of_reach_are_withheld_like_metrics(app) {
        let ann = crate::import::someone(&app, "acme").await;
        let stages = ann.sells().await;
        let (kim, sam) = (seller(&app, &ann, "kim", None).await, seller(&app, &ann, "sam", None).await);
        for (owner, name, n) in [(&kim, "kim", 6), (&sam, "sam", 7)] {
            let deal = |_| { let mut row = open(&stages["Proposal"], "10", "2099-05-01"); row["ownerId"] = owner.id(); row };
            bring(&ann, (0..n).map(deal).collect()).await;
            for at in 0..n {
                ann.has("lead", json!({ "email": format!("{name}{at}@example.com"), "ownerId": owner.id() })).await;
            }
        }
        let all = of(&ann, &[&sam]).await;
        assert_eq!(all["funnel"]["steps"][0]["flow"]["entries"], 7, "{all}");
        assert!(all["pipelineForecast"]["parts"].as_array().unwrap().iter().any(|part| part["count"] == 7), "{all}");
        let own = of(&kim, &[&kim]).await;
        assert_eq!(own, of(&ann, &[&kim]).await, "one's own are the same for all");
        assert_eq!(own["funnel"]["steps"][0]["flow"]["entries"], 6);
        // whether or not those out of reach have anything
        for beyond in [vec![&sam], vec![&kim, &sam], vec![&ann], vec![&kim, &ann]] {
            let told = of(&kim, &beyond).await;
            assert!(withheld(&told), "neither none nor only one's own: {told}");
            let ids: Vec<Value> = beyond.iter().map(|owner| owner.id()).collect();
            let query = format!("{{ metric(key: PIPELINE_OPEN, {EVER}, filter: {{ ownerIds: {} }}) {{ value withheld }} stageAging(filter: {{ ownerIds: {} }}) {{ open stays }} }}", json!(ids), json!(ids));
            let figures = kim.ask(&query, json!({})).await.data().clone();
            assert_eq!(figures["metric"], json!({ "value": null, "withheld": true }));
            assert!(figures["stageAging"].as_array().unwrap().iter().all(|stage| stage["open"].is_null() && stage["stays"].is_null()), "{figures}");
        }
        assert!(!withheld(&of(&ann, &[&ann]).await));
    }
}

/// What both sides promised, as somebody is told it.
async fn promised(who: &Person<'_>, by: &str) -> Value {
    let query = format!(
        "{{ slaAttainment(input: {{ {EVER}, kind: ACCEPT }}) {{ met breached notDue withheld attainment {{ value }} }}
            slaResponseTimes(input: {{ {EVER}, kind: ACCEPT }}) {{ answered unanswered withheld p50Seconds }}
            rejectionReport(groupBy: {by}, {EVER}) {{ source rep {{ id }} accepted rejected withheld acceptance {{ value }} categories {{ category count }} }}
            metric(key: LEAD_ACCEPTANCE, {EVER}) {{ value }} sla: metric(key: SLA_ATTAINMENT, {EVER}, filter: {{ slaKinds: [ACCEPT] }}) {{ value }} }}"
    );
    who.ask(&query, json!({})).await.data().clone()
}

on_both! {
    async fn what_was_promised_is_the_same_for_whoever_reads_metrics(app) {
        let mut ann = person(&app, Template::Admin, "ann").await;
        ann.actor.rights = api::actor::Rights::everything().into();
        let (mia, sam) = (person(&app, Template::MktManager, "mia").await, person(&app, Template::SalesRep, "sam").await);
        ann.promises(json!({ "targets": [{ "kind": "ACCEPT", "minutes": 60 }] })).await;
        let reason = ann.reason("CAPACITY", 30).await;
        for at in 0..10 {
            let source = if at < 9 { "web" } else { "fair" };
            let lead = ann.has("lead", json!({ "email": format!("{at}@example.com"), "status": "MQL", "source": source, "ownerId": mia.id() })).await;
            let offer = ann.offers(&lead, json!({ "userId": sam.id() })).await;
            let (verb, input) = if at < 6 { ("Accept", json!({ "id": offer })) } else { ("Reject", json!({ "id": offer, "reasonId": reason })) };
            sam.does("handoff", verb, input, "id").await.data();
        }
        // nobody has answered the one that came from the radio
        let quiet = ann.has("lead", json!({ "email": "quiet@example.com", "status": "MQL", "source": "radio", "ownerId": mia.id() })).await;
        ann.offers(&quiet, json!({ "userId": sam.id() })).await;
        let kim = person(&app, Template::SalesRep, "kim").await;
        let clerk = person(&app, Template::Finance, "fay").await;
        let all = promised(&mia, "SOURCE").await;
        assert_eq!(all["slaAttainment"], json!([{ "met": 10, "breached": 0, "notDue": 1, "withheld": false, "attainment": { "value": 1.0 } }]));
        assert_eq!((&all["slaResponseTimes"]["answered"], &all["sla"]["value"], &all["metric"]["value"]), (&json!(10), &json!("1"), &json!("0.6")));
        let fair = &all["rejectionReport"][0];
        assert_eq!((&fair["source"], &fair["rejected"], &fair["categories"]), (&json!("fair"), &json!(1), &json!([{ "category": "CAPACITY", "count": 1 }])));
        assert_eq!((&all["rejectionReport"][1]["source"], &all["rejectionReport"][1]["accepted"]), (&json!("radio"), &json!(0)));
        let web = &all["rejectionReport"][2];
        assert_eq!((&web["accepted"], &web["rejected"], &web["acceptance"]["value"]), (&json!(6), &json!(3), &json!(0.666_667)));
        for who in [&kim, &clerk] {
            let theirs = promised(who, "SOURCE").await;
            for name in ["metric", "sla"] {
                assert_eq!(theirs[name], all[name], "{name}");
            }
            assert_eq!((&theirs["slaAttainment"][0]["met"], &theirs["slaAttainment"][0]["attainment"], &theirs["slaAttainment"][0]["notDue"]), (&json!(10), &json!({ "value": 1.0 }), &json!(null)), "one is few");
            assert_eq!((&theirs["slaResponseTimes"]["answered"], &theirs["slaResponseTimes"]["p50Seconds"]), (&json!(10), &all["slaResponseTimes"]["p50Seconds"]));
            // one of the fair and one of the radio are few, and the whole would tell them
            let rows = theirs["rejectionReport"].as_array().unwrap();
            assert!(rows.iter().all(|row| row["withheld"] == true && row["accepted"].is_null() && row["source"].is_null() && row["categories"] == json!([])), "{theirs}");
        }
        let by_rep = |told: &Value| told["rejectionReport"].as_array().unwrap().iter().map(|row| row["rep"]["id"].clone()).collect::<Vec<_>>();
        assert_eq!(by_rep(&promised(&mia, "REP").await), [sam.id()]);
        assert_eq!(by_rep(&promised(&kim, "REP").await), Vec::<Value>::new(), "whom they do not reach");
        let nobody = app.holding(ann.actor.organization, &[(Permission::LeadRead, api::actor::Reach::ALL)]);
        let none = promised(&nobody, "SOURCE").await;
        assert_eq!((&none["slaAttainment"], &none["slaResponseTimes"], &none["rejectionReport"]), (&json!([]), &json!(null), &json!([])));
    }
}

on_both! {
    async fn leads_that_were_deleted_or_merged_since_are_counted_before(app) {
        let ann = app.founder().await;
        let mut leads = vec![];
        for at in 0..4 {
            leads.push(ann.has("lead", json!({ "email": format!("{at}@example.com"), "lastName": "Doe" })).await);
        }
        let then = now();
        ann.does("lead", "Delete", json!({ "id": leads[0] }), "id").await.data();
        let merge = json!({ "input": { "winnerId": leads[1], "loserIds": [leads[2]] } });
        let merged = ann.ask("mutation($input: MergeInput!) { leadMerge(input: $input) { userErrors { message } } }", merge).await;
        assert_eq!(merged.data()["leadMerge"]["userErrors"], json!([]), "{}", merged.0);
        let counted = async |more: &str| {
            let query = format!("{{ funnel({EVER} {more}) {{ steps {{ flow {{ entries }} }} }}
                metric(key: LEAD_CONVERSION, {EVER} {more}, options: {{ from: LEAD, to: MQL }}) {{ n }} }}");
            let told = ann.ask(&query, json!({})).await.data().clone();
            [told["funnel"]["steps"][0]["flow"]["entries"].clone(), told["metric"]["n"].clone()]
        };
        assert_eq!(counted("").await, [json!(2), json!(2)]);
        assert_eq!(counted(&format!(", asOf: \"{then}\"")).await, [json!(4), json!(4)], "then there were four");
        let later = now();
        assert_eq!(counted(&format!(", asOf: \"{later}\"")).await, [json!(2), json!(2)]);
    }
}
