//! What a period is forecast to bring, by the part of the forecast, now and then.

use api::{
    access::role::templates::Template,
    actor::{Permission, Reach},
};
use serde_json::Value;

use crate::{
    harness::{Person, json, on_both},
    metric::{bring, closed, money, open, stages},
    past::now,
};

const SAID: &str = "won { amount currency } wonCount weighted { amount } unconverted { count amount { amount } }
    parts { category count amount { amount } weighted { amount } cumulative { amount } }";

async fn forecast(who: &Person<'_>, more: &str) -> Value {
    let period = "period: { start: \"2025-01-01T00:00:00Z\", end: \"2100-01-01T00:00:00Z\" }";
    who.ask(&format!("{{ pipelineForecast({period} {more}) {{ {SAID} }} }}"), json!({})).await.data()["pipelineForecast"]
        .clone()
}

/// Category, count, amount, weighted, cumulative.
fn told(forecast: &Value) -> Vec<[Value; 5]> {
    let amount = |v: &Value| v["amount"].clone();
    let part = |p: &Value| {
        [
            p["category"].clone(),
            p["count"].clone(),
            amount(&p["amount"]),
            amount(&p["weighted"]),
            amount(&p["cumulative"]),
        ]
    };
    forecast["parts"].as_array().unwrap().iter().map(part).collect()
}

fn part(category: &str, count: i64, amount: &str, weighted: &str, cumulative: Value) -> [Value; 5] {
    [json!(category), json!(count), json!(amount), json!(weighted), cumulative]
}

/// 200 won; 100 + 1,000 committed, 40 and 2 x 1,000 at best, 1 x 1,000 in the pipeline, one left out.
async fn sales(who: &Person<'_>) -> Vec<Value> {
    let stages = stages(who).await;
    let mut left_out = open(&stages["Proposal"], "7", "2099-06-30");
    left_out["forecastCategory"] = json!("OMITTED");
    let rows = vec![
        closed(&stages["Won"], "200", "03-01", 5),
        open(&stages["Negotiation"], "100", "2099-06-30"),
        open(&stages["Negotiation"], "1000", "2099-06-30"),
        open(&stages["Proposal"], "40", "2099-06-30"),
        open(&stages["Prospecting"], "1000", "2099-06-30"),
        left_out,
        closed(&stages["Lost"], "5000", "03-01", 5),
    ];
    bring(who, rows).await
}

on_both! {
    async fn each_part_has_its_worth_and_its_chances(app) {
        let ann = app.founder().await;
        let ids = sales(&ann).await;
        let then = now();
        let all = forecast(&ann, "").await;
        assert_eq!((&all["won"], &all["wonCount"]), (&money("200.00", "EUR"), &json!(1)));
        assert_eq!(told(&all), [
            part("COMMIT", 2, "1100.00", "825.00", json!("1300.00")),
            part("BEST_CASE", 1, "40.00", "20.00", json!("1340.00")),
            part("PIPELINE", 1, "1000.00", "100.00", json!("2340.00")),
            part("OMITTED", 1, "7.00", "3.50", json!(null)),
        ]);
        let weighted = "{ metric(key: FORECAST_WEIGHTED, period: { start: \"2025-01-01T00:00:00Z\", end: \"2100-01-01T00:00:00Z\" }) { value } }";
        let metric = ann.ask(weighted, json!({})).await.data()["metric"]["value"].clone();
        assert_eq!((&all["weighted"]["amount"], &metric), (&json!("1145.00"), &json!("1145.00")), "what was lost counts 0");

        ann.does("opportunity", "Win", json!({ "id": ids[1] }), "id").await.data();
        let later = forecast(&ann, "").await;
        assert_eq!((&later["won"]["amount"], &told(&later)[0]), (&json!("300.00"), &part("COMMIT", 1, "1000.00", "750.00", json!("1300.00"))));
        assert_eq!(forecast(&ann, &format!(", asOf: \"{then}\"")).await, all);
        let only = forecast(&ann, ", filter: { competitors: [\"Rival\"] }").await;
        assert_eq!((&only["wonCount"], &only["weighted"]["amount"]), (&json!(0), &json!("0.00")));
    }
}

on_both! {
    async fn small_parts_are_withheld_and_never_one_alone(app) {
        let ann = app.founder().await;
        let stages = stages(&ann).await;
        let mut rows: Vec<Value> = (1..=6).map(|day| closed(&stages["Won"], "10", &format!("03-0{day}"), 1)).collect();
        for (stage, count) in [("Negotiation", 2), ("Proposal", 6), ("Prospecting", 9)] {
            rows.extend(vec![open(&stages[stage], "10", "2099-06-30"); count]);
        }
        bring(&ann, rows).await;
        let rep = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        let theirs = forecast(&rep, "").await;
        assert_eq!((&theirs["wonCount"], &theirs["weighted"]), (&json!(6), &json!(null)));
        let counts: Vec<Value> = told(&theirs).iter().map(|part| part[1].clone()).collect();
        assert_eq!(counts, [json!(null), json!(null), json!(9), json!(0)], "two are few, and six would tell of them");
        assert_eq!(told(&forecast(&ann, "").await)[0], part("COMMIT", 2, "20.00", "15.00", json!("80.00")));
        let nobody = app.holding(ann.actor.organization, &[(Permission::OpportunityRead, Reach::ALL)]);
        assert_eq!(forecast(&nobody, "").await, json!(null));
    }
}

on_both! {
    async fn what_has_no_rate_is_refused_or_left_out(app) {
        let ann = app.founder().await;
        let stages = stages(&ann).await;
        let mut row = open(&stages["Proposal"], "1", "2099-05-01");
        row["amount"] = money("100.10", "USD");
        bring(&ann, vec![row]).await;
        let refused = ann.ask("{ pipelineForecast(period: { start: \"2099-01-01T00:00:00Z\", end: \"2100-01-01T00:00:00Z\" }) { weighted { amount } } }", json!({})).await;
        assert_eq!(refused.0["errors"][0]["extensions"]["userErrorCode"], "FX_RATE_MISSING");
        let left = forecast(&ann, ", onMissingRate: BUCKET").await;
        assert_eq!(left["unconverted"], json!([{ "count": 1, "amount": { "amount": "100.10" } }]));
        assert_eq!(told(&left)[1], part("BEST_CASE", 1, "0.00", "0.00", json!("0.00")));
        let today = chrono::Utc::now().date_naive().to_string();
        ann.has("exchangeRate", json!({ "base": "USD", "quote": "EUR", "date": today, "rate": "0.5" })).await;
        assert_eq!(told(&forecast(&ann, "").await)[1], part("BEST_CASE", 1, "50.05", "25.02", json!("50.05")));
    }
}
