//! Plans that reward what nobody wants.

use super::*;

const LINT: &str = "query($id: ID!, $choices: [IncentiveChoiceInput!]! = []) { incentivePlanLint(agreementVersionId: $id, choices: $choices, periods: 2) {
    notional findings { kind subject scenario figures { name money { amount } share count } changes } } }";

/// Bundles at one rate, units at another.
fn rates(bundle: &str, unit: &str) -> Value {
    let part = |key: &str, kind: &str, rate: &str| {
        json!({ "key": key, "name": key, "cap": "1000000", "commissionMarginal": {
        "roles": ["OWNER"], "opportunityTypes": [kind], "tiers": [{ "from": "0", "rate": rate }] } })
    };
    json!({ "components": [part("BUNDLE", "NEW", bundle), part("UNIT", "EXPANSION", unit)] })
}

fn choices() -> Value {
    let sale = |key: &str, amount: &str| json!({ "component": key, "amount": amount });
    json!([{ "name": "Bundle or units", "offers": [
        { "name": "the bundle", "sales": [sale("BUNDLE", "90000")] },
        { "name": "two units", "sales": [sale("UNIT", "40000"), sale("UNIT", "40000")] } ] }])
}

on_both! {
    async fn units_that_pay_more_than_the_bundle(app) {
        let house = House::of(&app).await;
        let version = house.drafted("PLAN", house.body(rates("0.06", "0.08"))).await;
        let answer = house.mia.ask(LINT, json!({ "id": version, "choices": choices() })).await;
        let told = &answer.data()["incentivePlanLint"];
        assert_eq!(told["notional"], true, "{}", answer.0);
        let found = told["findings"].as_array().unwrap().iter().find(|f| f["kind"] == "PAYEE_AGAINST_COMPANY").unwrap();
        let amounts: Vec<&Value> = found["figures"].as_array().unwrap().iter().map(|f| &f["money"]["amount"]).collect();
        assert_eq!(amounts, ["90000.00", "5400.00", "80000.00", "6400.00"]);
        assert_eq!(found["changes"], json!(["change every rate of BUNDLE by 1.1112 percentage points"]));
        let better = house.drafted("BETTER", house.body(rates("0.071112", "0.08"))).await;
        let answer = house.mia.ask(LINT, json!({ "id": better, "choices": choices() })).await;
        assert_eq!(answer.data()["incentivePlanLint"]["findings"], json!([]));
    }
}

on_both! {
    async fn whoever_reads_the_plan_may_ask_and_learns_nothing_of_pay(app) {
        let house = House::of(&app).await;
        let cliff = json!({ "components": [{ "key": "AE", "name": "AE", "commissionRetroactive": { "roles": ["OWNER"],
            "tiers": [{ "from": "0", "to": "1", "rate": "0.08" }, { "from": "1", "rate": "0.12" }] } }] });
        let version = house.drafted("PLAN", house.body(cliff)).await;
        let quota = json!({ "quota": money("777777", "EUR"), "targetBonus": money("0", "EUR") });
        house.takes_in(&version, &house.rep.id(), quota).await;
        let lint = async |who: &Person<'_>| who.ask(LINT, json!({ "id": version })).await.data()["incentivePlanLint"].clone();
        let finance = lint(&house.finn).await;
        assert_eq!(finance["notional"], false);
        assert!(finance.to_string().contains("777777.00"), "{finance}");
        for who in [&house.rep, &house.mia, &house.other] {
            let told = lint(who).await;
            assert_eq!(told["notional"], true);
            assert!(!told.to_string().contains("777777"));
            assert!(told["findings"].as_array().unwrap().iter().any(|finding| finding["kind"] == "CLIFF"), "{told}");
        }
        let other = house.drafted("WORD", json!({ "glossary": { "definition": "A lead", "ownerSide": "MARKETING" } })).await;
        assert_eq!(house.mia.ask(LINT, json!({ "id": other })).await.0["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        let mut wrong = choices();
        wrong[0]["offers"][0]["sales"][0]["component"] = json!("NONE");
        let answer = house.mia.ask(LINT, json!({ "id": version, "choices": wrong })).await;
        assert_eq!(answer.0["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}
