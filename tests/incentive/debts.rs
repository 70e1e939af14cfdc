//! What people owe of draws goes from run to run, in whatever order they are locked and taken back.

use super::*;

/// A plan of two quarters: of the first 12,000 are lent and 8,000 earned; in the second 24,000 are earned.
async fn quarters(house: &House<'_>) -> [Value; 2] {
    for (amount, day) in [("100000", "08-10"), ("300000", "11-10")] {
        let mut row = closed(&house.stages["Won"], amount, day, 10);
        row["ownerId"] = house.other.id();
        bring(&house.ann, vec![row]).await;
    }
    let version = house.drafted("DRAW", house.body(json!({}))).await;
    house
        .takes_in(&version, &house.other.id(), json!({ "draw": money("12000", "EUR"), "drawRecoverable": true }))
        .await;
    house.sign(&version).await;
    let of = house.mia.sees("agreementVersion", &version, "agreement { id }").await["agreement"]["id"].clone();
    let body = house.body(json!({ "periodStart": "2025-10-01", "periodEnd": "2026-01-01" }));
    let made = house.mia.does("agreementVersion", "Create", json!({ "agreementId": of, "body": body }), "id").await;
    let next = made.data()["agreementVersionCreate"]["agreementVersion"]["id"].clone();
    house.sign(&next).await;
    [version, next]
}

/// Calculated and approved, for somebody to lock.
async fn approved(house: &House<'_>, run: &Value) {
    let hash = house.calculate(run).await["inputsHash"].clone();
    assert_eq!(house.step(&house.finn, "Submit", run, json!({})).await.code(), "");
    assert_eq!(house.step(&house.fay, "Approve", run, json!({ "inputsHash": hash })).await.code(), "");
}

async fn back(house: &House<'_>, run: &Value) -> String {
    house.step(&house.finn, "Reverse", run, json!({ "reason": "The wrong order" })).await.code().to_owned()
}

on_both! {
    async fn no_run_lends_behind_the_back_of_a_later_one(app) {
        let house = House::of(&app).await;
        let [first, second] = quarters(&house).await;
        let later = house.run_of(&second).await;
        house.locked(&later).await;
        let earlier = house.run_of(&first).await;
        approved(&house, &earlier).await;
        assert_eq!(house.step(&house.finn, "Lock", &earlier, json!({})).await.code(), "CRITERIA_UNMET", "what it lends would be forgotten");
        assert_eq!(back(&house, &later).await, "");
        assert_eq!(house.step(&house.finn, "Lock", &earlier, json!({})).await.code(), "");
        let again = house.run_of(&second).await;
        house.locked(&again).await;
        let kept = house.statement(&house.other, &again, &house.other, "total { amount } owed { amount }").await;
        assert_eq!((&kept["total"]["amount"], &kept["owed"]["amount"]), (&json!("20000.00"), &json!("0.00")), "24,000 less 4,000: {kept}");
    }
}

on_both! {
    async fn a_debt_is_not_kept_and_taken_back_at_once(app) {
        let house = House::of(&app).await;
        let [first, second] = quarters(&house).await;
        let (earlier, later) = (house.run_of(&first).await, house.run_of(&second).await);
        house.locked(&earlier).await;
        approved(&house, &later).await;
        let reason = json!({ "reason": "At the same time" });
        let (locks, reverses) =
            tokio::join!(house.step(&house.finn, "Lock", &later, json!({})), house.step(&house.fay, "Reverse", &earlier, reason));
        let codes = (locks.code(), reverses.code());
        assert!([("", "CRITERIA_UNMET"), ("CONFLICT", "")].contains(&codes), "{codes:?}");
    }
}

on_both! {
    async fn a_run_that_is_not_locked_is_dropped_and_its_days_are_free(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["400000"]).await;
        let version = house.agreed("PLAN", &[&house.rep]).await;
        let early = house.run_of(&version).await;
        house.calculate(&early).await;
        let of = house.mia.sees("agreementVersion", &version, "agreement { id }").await["agreement"]["id"].clone();
        let tiers = json!([{ "from": "0", "rate": "0.1" }]);
        let part = json!([{ "key": "AE", "name": "Sales", "commissionMarginal": { "roles": ["OWNER"], "tiers": tiers } }]);
        let input = json!({ "agreementId": of, "body": house.body(json!({ "components": part })) });
        let made = house.mia.does("agreementVersion", "Create", input, "id").await;
        let better = made.data()["agreementVersionCreate"]["agreementVersion"]["id"].clone();
        house.sign(&better).await;
        let make = async || house.finn.makes("incentiveRun", json!({ "agreementVersionId": better })).await;
        assert_eq!(make().await.code(), "DUPLICATE", "the days are those of a run of another version");
        // while it is calculated once more, which comes to nothing
        assert_eq!(house.step(&house.finn, "Calculate", &early, json!({})).await.code(), "");
        assert_eq!(back(&house, &early).await, "");
        calculated(&app).await;
        let seen = house.finn.sees("incentiveRun", &early, "status calculating revision").await;
        assert_eq!(seen, json!({ "status": "REVERSED", "calculating": null, "revision": 1 }));
        assert_eq!(house.rep.ask("{ incentiveAdjustments { totalCount } }", json!({})).await.data()["incentiveAdjustments"]["totalCount"], 0);
        let run = house.run_of(&better).await;
        house.locked(&run).await;
        let paid = house.statement(&house.rep, &run, &house.rep, "total { amount }").await;
        assert_eq!(paid["total"]["amount"], "40000.00");
    }
}
