//! Plans that reward what nobody wants.

use super::*;
use crate::incentive::rules::{by_goal, goal};

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

/// What is found in a draft: kinds and subjects, each with a change that removes it.
async fn found(house: &House<'_>, key: &str, body: Value) -> Vec<String> {
    let version = house.drafted(key, house.body(body)).await;
    let answer = house.mia.ask(LINT, json!({ "id": version })).await;
    let findings = answer.data()["incentivePlanLint"]["findings"].as_array().unwrap().clone();
    let one = |finding: &Value| {
        let helped = finding["changes"].as_array().is_some_and(|changes| !changes.is_empty());
        assert!(helped || key == "ONE_SIDED", "{key}: {finding}");
        format!("{} {}", finding["kind"].as_str().unwrap(), finding["subject"].as_str().unwrap())
    };
    findings.iter().map(one).collect()
}

fn sales(more: Value) -> Value {
    let tiers = json!([{ "from": "0", "to": "1", "rate": "0.08" }, { "from": "1", "rate": "0.12" }]);
    let mut part =
        json!({ "key": "AE", "name": "Sales", "commissionMarginal": { "roles": ["OWNER"], "tiers": tiers } });
    part.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    part
}

on_both! {
    async fn what_else_a_plan_rewards_that_nobody_wants(app) {
        let house = House::of(&app).await;
        let capped = || sales(json!({ "cap": "200000" }));
        let spiff = |event: &str| json!({ "key": "FAST", "name": "Fast", "spiff": { "event": event, "each": "500", "most": 10 } });
        let plans = [
            ("SOUND", json!([capped()]), json!({}), vec![]),
            ("ENDLESS", json!([sales(json!({}))]), json!({}), vec!["UNLIMITED AE"]),
            ("HELD", json!([sales(json!({ "cap": "55000" }))]), json!({}), vec!["SANDBAGGING AE"]),
            ("BESIDE", json!([capped(), spiff("LEAD_ACCEPTED_IN_SLA")]), json!({}), vec!["SPIFF_OFF_AXIS FAST"]),
            ("ALONG", json!([capped(), spiff("OPPORTUNITY_WON")]), json!({}), vec![]),
            ("SHORT", json!([capped()]), json!({ "planCap": "60000" }), vec!["SIDES_AGAINST_EACH_OTHER MARKETING", "SIDES_AGAINST_EACH_OTHER SALES"]),
            ("ONE_SIDED", json!([sales(json!({ "cap": "200000", "sides": ["SALES"] }))]), json!({}), vec!["SIDES_AGAINST_EACH_OTHER MARKETING"]),
        ];
        for (key, components, more, wanted) in plans {
            let mut body = more;
            body["components"] = components;
            let all = found(&house, key, body).await;
            let others: Vec<_> = wanted.iter().filter(|finding| !all.iter().any(|one| one == *finding)).collect();
            assert!(others.is_empty() && (wanted.is_empty() == all.is_empty()), "{key}: {all:?}");
        }
    }
}

on_both! {
    async fn a_goal_that_was_never_reached_before_pays_nobody(app) {
        let house = House::of(&app).await;
        let revenue = goal(&house, "ARR", "1000000").await;
        let sold = async |amounts: &[&str]| {
            let row = |amount: &&str| closed(&house.stages["Won"], amount, "05-10", 10);
            bring(&house.ann, amounts.iter().map(row).collect()).await
        };
        let body = || json!({ "components": [by_goal(&revenue)] });
        assert_eq!(found(&house, "NEVER", body()).await, ["UNREACHABLE GOAL"], "nothing in half a year");
        sold(&["500000"]).await;
        assert_eq!(found(&house, "FEW", body()).await, Vec::<String>::new(), "one sale is told to nobody, and may be enough");
        sold(&["1000"; 4]).await;
        assert_eq!(found(&house, "FAR", body()).await, ["UNREACHABLE GOAL"], "half of it in the second quarter");
        sold(&["400000"]).await;
        assert_eq!(found(&house, "NEAR", body()).await, Vec::<String>::new());
    }
}
