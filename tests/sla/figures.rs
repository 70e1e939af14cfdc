//! The same clocks as metrics: one number for both sides, and as it was then.

use super::*;

const PERIOD: &str = "period: { start: \"2026-08-01T00:00:00Z\", end: \"2026-09-01T00:00:00Z\" }";

async fn metric(who: &Person<'_>, key: &str, more: &str) -> Value {
    let said =
        "value n explain { inputs { name count value unit records { slaClocks { totalCount } } } excluded { count } }";
    who.ask(&format!("{{ metric(key: {key}, {PERIOD} {more}) {{ {said} }} }}"), json!({})).await.data()["metric"]
        .clone()
}

fn counts(metric: &Value) -> Vec<i64> {
    metric["explain"]["inputs"].as_array().unwrap().iter().map(|input| input["count"].as_i64().unwrap()).collect()
}

on_both! {
    async fn attainment_and_response_times_are_metrics(app) {
        let ann = app.founder().await;
        ann.promises(hour()).await;
        let start = at("2026-08-03T08:00:00Z");
        for minutes in [3, 5, 8, 12, 20, 30, 45, 60, 120, 300] {
            let lead = ann.lead_in(lead::Status::Accepted, start).await;
            ann.waits(Kind::FirstResponse, lead, start).await;
            ann.meets(Kind::FirstResponse, lead, start + TimeDelta::minutes(minutes)).await;
        }
        assert_eq!(metric(&ann, "RESPONSE_TIME_P50", "").await["value"], "1500");
        let p90 = metric(&ann, "RESPONSE_TIME_P90", "").await;
        assert_eq!((&p90["value"], counts(&p90)), (&json!("8280"), vec![10, 0]));
        assert_eq!(p90["explain"]["inputs"][0]["records"]["slaClocks"]["totalCount"], 10);
        assert_eq!(metric(&ann, "SLA_ATTAINMENT", "").await["value"], "0.8");

        for _ in 0..2 {
            let lead = ann.lead_in(lead::Status::Accepted, start).await;
            ann.waits(Kind::FirstResponse, lead, start).await;
        }
        let rate = metric(&ann, "SLA_ATTAINMENT", "").await;
        assert_eq!((&rate["value"], counts(&rate)), (&json!("0.666667"), vec![8, 4, 0]));
        assert_eq!(counts(&metric(&ann, "RESPONSE_TIME_P50", "").await), [10, 2], "the unanswered are told apart");
        assert_eq!(metric(&ann, "RESPONSE_TIME_P50", ", options: { censored: true }").await["value"], "2250");
        assert_eq!(metric(&ann, "RESPONSE_TIME_P90", ", options: { censored: true }").await["value"], json!(null));

        // at 08:50 seven had been answered, nothing was due
        let then = metric(&ann, "SLA_ATTAINMENT", ", asOf: \"2026-08-03T08:50:00Z\"").await;
        assert_eq!((&then["value"], counts(&then)), (&json!("1"), vec![7, 0, 5]));
        assert_eq!(counts(&metric(&ann, "RESPONSE_TIME_P50", ", asOf: \"2026-08-03T08:50:00Z\"").await), [7, 5]);
        // two hours later eight were in time, one was late, three had not come
        let later = metric(&ann, "SLA_ATTAINMENT", ", asOf: \"2026-08-03T10:30:00Z\"").await;
        assert_eq!((&later["value"], counts(&later)), (&json!("0.666667"), vec![8, 4, 0]));

        let rep = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        let theirs = metric(&rep, "SLA_ATTAINMENT", "").await;
        assert_eq!((&theirs["value"], &theirs["explain"]["inputs"][0]["records"]["slaClocks"]["totalCount"]), (&rate["value"], &json!(0)));
    }
}

on_both! {
    async fn void_clocks_are_left_out_and_standing_ones_are_not_due(app) {
        let ann = app.founder().await;
        ann.promises(hour()).await;
        let start = at("2026-08-03T08:00:00Z");
        let mut clocks = vec![];
        for _ in 0..3 {
            let lead = ann.lead_in(lead::Status::Accepted, start).await;
            ann.waits(Kind::FirstResponse, lead, start).await;
            clocks.push(ann.clocks(lead).await[0]["id"].clone());
        }
        let boss = app.with_rights(ann.actor.organization, Template::Admin.rights());
        let void = boss.does("slaClock", "Void", json!({ "id": clocks[0], "reason": "test" }), "status").await;
        assert_eq!(void.code(), "", "{}", void.0);
        let rate = metric(&ann, "SLA_ATTAINMENT", "").await;
        assert_eq!((counts(&rate), &rate["explain"]["excluded"][0]["count"]), (vec![0, 2, 0], &json!(1)));
    }
}
