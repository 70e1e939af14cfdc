//! What follows from pay: what it rewards, what it would have come to, and how it is disputed, corrected and taken back.

mod backtest;
mod clawback;
mod contract;
mod dispute;
mod late;
mod leavers;
mod lint;
mod project;

use serde_json::Value;

use crate::{
    harness::{Answer, Person, calculated as settled, json, on_both},
    incentive::House,
    metric::{bring, closed, money},
};

/// The reps' plan with more said beside, run and locked.
async fn locked(house: &House<'_>, more: Value) -> (Value, Value) {
    let version = house.drafted("PLAN", house.body(more)).await;
    for who in [&house.rep, &house.other] {
        house.takes_in(&version, &who.id(), json!({})).await;
    }
    house.sign(&version).await;
    let run = house.run_of(&version).await;
    house.locked(&run).await;
    (version, run)
}

/// A run of the plan's next version, for the quarter after.
async fn next_run(house: &House<'_>, version: &Value) -> Value {
    let agreement = house.mia.sees("agreementVersion", version, "agreement { id }").await["agreement"]["id"].clone();
    let body = house.body(json!({ "periodStart": "2025-10-01", "periodEnd": "2026-01-01" }));
    let input = json!({ "agreementId": agreement, "body": body });
    let made = house.mia.does("agreementVersion", "Create", input, "id").await;
    let next = made.data()["agreementVersionCreate"]["agreementVersion"]["id"].clone();
    house.sign(&next).await;
    house.run_of(&next).await
}

/// Amounts of adjustments as somebody sees them, the oldest first.
async fn adjustments(who: &Person<'_>) -> Vec<(String, String)> {
    let all = "{ incentiveAdjustments(first: 20, orderBy: [{ field: TRIGGERED_AT }]) { nodes { reason amount { amount } } } }";
    let answer = who.ask(all, json!({})).await;
    let nodes = answer.data()["incentiveAdjustments"]["nodes"].as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    nodes.iter().map(|node| (text(&node["reason"]), text(&node["amount"]["amount"]))).collect()
}

/// What was refused, else nothing.
fn refused(answer: &Answer) -> &str {
    answer.code()
}
