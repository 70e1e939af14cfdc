//! What waits for people who are in the plan no more.

use super::*;

/// The plan's next version for the quarter after, without somebody; its run.
async fn run_without(house: &House<'_>, version: &Value, gone: &Person<'_>) -> Value {
    let agreement = house.mia.sees("agreementVersion", version, "agreement { id }").await["agreement"]["id"].clone();
    let body = house.body(json!({ "periodStart": "2025-10-01", "periodEnd": "2026-01-01" }));
    let made =
        house.mia.does("agreementVersion", "Create", json!({ "agreementId": agreement, "body": body }), "id").await;
    let next = made.data()["agreementVersionCreate"]["agreementVersion"]["id"].clone();
    let query = "query($v: ID!, $u: ID!) { incentiveAssignments(filter: { agreementVersionId: { eq: $v }, userId: { eq: $u } }) { nodes { id } } }";
    let terms = house.finn.ask(query, json!({ "v": next, "u": gone.id() })).await.data()["incentiveAssignments"]["nodes"][0]["id"].clone();
    house.finn.does("incentiveAssignment", "Delete", json!({ "id": terms }), "id").await.data();
    house.sign(&next).await;
    house.run_of(&next).await
}

async fn correct(house: &House<'_>, run: &Value, of: &Person<'_>, amount: &str) {
    let id = house.statement(&house.finn, run, of, "id").await["id"].clone();
    let input = json!({ "id": id, "amount": money(amount, "EUR"), "note": "Forgotten" });
    let done = house.finn.does("incentiveStatement", "Adjust", input, "id").await;
    assert_eq!(done.code(), "", "{}", done.0);
}

const SAID: &str = "side total { amount } carried { amount } lines { nodes { position kind amount { amount } } }";

on_both! {
    async fn whoever_has_left_the_plan_gets_what_was_due(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["100000"]).await;
        let (version, run) = locked(&house, json!({ "clawback": { "fullDays": 3000, "noneDays": 4000 } })).await;
        correct(&house, &run, &house.rep, "10000").await;
        house.ann.does("opportunity", "Reopen", json!({ "id": deals[0] }), "id").await.data();
        settled(&app).await;
        let next = run_without(&house, &version, &house.rep).await;
        house.locked(&next).await;
        let paid = house.statement(&house.rep, &next, &house.rep, SAID).await;
        assert_eq!((&paid["side"], &paid["total"]["amount"], &paid["carried"]["amount"]), (&json!("SALES"), &json!("2000.00"), &json!("0.00")), "{paid}");
        let mut lines = paid["lines"]["nodes"].as_array().unwrap().clone();
        lines.sort_by_key(|line| line["position"].as_i64());
        let kinds: Vec<&Value> = lines.iter().map(|line| &line["kind"]).collect();
        assert_eq!(kinds, ["ADJUSTMENT", "CLAWBACK"]);
        let waits = house.finn.ask("{ incentiveAdjustments { nodes { postedRun { id } } } }", json!({})).await;
        let waits = waits.data()["incentiveAdjustments"]["nodes"].as_array().unwrap().clone();
        assert!(waits.iter().all(|row| row["postedRun"]["id"] == next), "{waits:?}");
        assert_eq!(house.statement(&house.finn, &next, &house.other, "total { amount }").await["total"]["amount"], "0.00");
    }
}

on_both! {
    async fn whoever_has_left_and_only_owes_waits_until_there_is_something_to_take_it_from(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["100000"]).await;
        let (version, run) = locked(&house, json!({ "clawback": { "fullDays": 3000, "noneDays": 4000 } })).await;
        house.ann.does("opportunity", "Reopen", json!({ "id": deals[0] }), "id").await.data();
        settled(&app).await;
        let next = run_without(&house, &version, &house.rep).await;
        house.calculate(&next).await;
        assert_eq!(house.statement(&house.finn, &next, &house.rep, "id").await, json!(null), "nothing can be deducted of nothing");
        assert_eq!(adjustments(&house.rep).await, [("CLAWBACK".into(), "-8000.00".into())], "it is told");
        // something comes up for them: as much of it as may be is kept, the rest goes on waiting
        correct(&house, &run, &house.rep, "3000").await;
        house.locked(&next).await;
        let paid = house.statement(&house.rep, &next, &house.rep, SAID).await;
        assert_eq!((&paid["total"]["amount"], &paid["carried"]["amount"]), (&json!("0.00"), &json!("5000.00")), "{paid}");
        assert!(adjustments(&house.rep).await.contains(&("CARRY_FORWARD".into(), "-5000.00".into())));
    }
}
