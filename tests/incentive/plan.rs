//! What a plan may say, who is in it, and that both stand once it is up for signature.

use super::*;

on_both! {
    async fn a_plan_with_gaps_is_refused_where_they_are(app) {
        let house = House::of(&app).await;
        let part = |rule: Value| { let mut part = json!({ "key": "A", "name": "A" }); part.as_object_mut().unwrap().extend(rule.as_object().unwrap().clone()); json!({ "components": [part] }) };
        let tiers = |tiers: Value| part(json!({ "commissionMarginal": { "roles": ["OWNER"], "tiers": tiers } }));
        let goal = "goal_00000000000070008000000000000000";
        let curve = json!({ "threshold": "0.7", "thresholdPay": "0.5", "accelerator": "1.5", "cap": "2" });
        let bonus = |weight: &str| part(json!({ "goalAttainment": { "goalId": goal, "weight": weight, "curve": curve } }));
        for (more, path) in [
            (tiers(json!([{ "from": "0", "to": "1", "rate": "0.08" }, { "from": "1.1", "rate": "0.1" }])), "components.0.commissionMarginal.tiers.1.from"),
            (tiers(json!([{ "from": "0", "to": "1", "rate": "0.08" }, { "from": "0.9", "rate": "0.1" }])), "components.0.commissionMarginal.tiers.1.from"),
            (tiers(json!([{ "from": "0", "to": "1", "rate": "0.08" }])), "components.0.commissionMarginal.tiers.0.to"),
            (tiers(json!([{ "from": "0", "rate": "0.0000001" }])), "components.0.commissionMarginal.tiers.0.rate"),
            (bonus("60"), "components"),
            (part(json!({})), "components.0.key"),
            (part(json!({ "spiff": { "event": "OPPORTUNITY_WON", "each": "-5" } })), "components.0.spiff.each"),
            (part(json!({ "spiff": { "event": "OPPORTUNITY_WON", "each": "5" }, "pool": { "amount": "5", "by": "WEIGHT" } })), "components.0.key"),
            (json!({ "periodEnd": "2025-07-01" }), "periodEnd"),
            (json!({ "periodEnd": "2027-07-01" }), "periodEnd"),
            (json!({ "personCap": "1.005" }), "personCap"),
            (json!({ "gates": [{ "goalId": goal, "threshold": "1" }] }), "gates.0.threshold"),
            (json!({ "disputeWindowDays": 91 }), "disputeWindowDays"),
        ] {
            let input = json!({ "key": "Wrong", "title": "Wrong", "body": house.body(more.clone()) });
            let answer = house.mia.does("agreement", "Create", input, "id").await;
            let faults = answer.data()["agreementCreate"]["userErrors"].as_array().unwrap().clone();
            let at = |fault: &Value| fault["field"].as_array().unwrap()[3..].iter().map(|part| part.as_str().unwrap()).collect::<Vec<_>>().join(".");
            assert!(faults.iter().any(|fault| fault["code"] == "VALIDATION" && at(fault) == path), "{path}: {}", answer.0);
        }
        let input = json!({ "key": "Nobody", "title": "Nobody", "body": house.body(bonus("100")) });
        assert_eq!(house.mia.does("agreement", "Create", input, "id").await.code(), "NOT_FOUND", "a goal that is not there");
    }
}

on_both! {
    async fn terms_change_while_the_plan_is_a_draft_and_go_on_in_the_next(app) {
        let house = House::of(&app).await;
        let version = house.drafted("PLAN", house.body(json!({}))).await;
        assert_eq!(house.propose(&version).await.code(), "CRITERIA_UNMET", "nobody is in it");
        let terms = house.takes_in(&version, &house.rep.id(), json!({})).await;
        for (more, code) in [
            (json!({ "userId": house.rep.id() }), "DUPLICATE"),
            (json!({ "userId": house.finn.id() }), "LOCKED"),
            (json!({ "userId": house.other.id(), "quota": null }), "VALIDATION"),
            (json!({ "userId": house.other.id(), "quota": money("0", "EUR") }), "VALIDATION"),
            (json!({ "userId": house.other.id(), "quota": money("5", "USD") }), "VALIDATION"),
            (json!({ "userId": house.other.id(), "startsOn": "2025-12-01" }), "VALIDATION"),
        ] {
            let mut input = json!({ "agreementVersionId": version, "side": "SALES", "targetBonus": money("0", "EUR"), "quota": money("5", "EUR") });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            assert_eq!(house.finn.makes("incentiveAssignment", input).await.code(), code, "{more}");
        }
        let more = json!({ "id": terms, "quota": money("400000", "EUR") });
        assert_eq!(house.finn.does("incentiveAssignment", "Update", more.clone(), "id").await.code(), "");
        house.sign(&version).await;
        for verb in ["Update", "Delete"] {
            let input = if verb == "Update" { json!({ "id": terms, "quota": money("1", "EUR") }) } else { json!({ "id": terms }) };
            let done = house.finn.ask(&format!("mutation($input: IncentiveAssignment{verb}Input!) {{ incentiveAssignment{verb}(input: $input) {{ userErrors {{ code }} }} }}"), json!({ "input": input })).await;
            assert_eq!(done.code(), "LOCKED", "{verb}: {}", done.0);
        }
        let query = "mutation($rows: [IncentiveAssignmentUpsertRow!]!) { incentiveAssignmentUpsert(input: { rows: $rows, matchOn: ID }) { results { status userErrors { code } } } }";
        let upsert = house.finn.ask(query, json!({ "rows": [{ "id": terms, "poolWeight": 7 }] })).await;
        assert_eq!(upsert.data()["incentiveAssignmentUpsert"]["results"][0]["userErrors"][0]["code"], "LOCKED", "{}", upsert.0);

        let of = house.mia.sees("agreementVersion", &version, "agreement { id }").await["agreement"]["id"].clone();
        let next = json!({ "agreementId": of, "body": house.body(json!({ "periodStart": "2025-10-01", "periodEnd": "2026-01-01" })) });
        let made = house.mia.does("agreementVersion", "Create", next, "id").await;
        let next = made.data()["agreementVersionCreate"]["agreementVersion"]["id"].clone();
        let query = "query($id: ID!) { incentiveAssignments(filter: { agreementVersionId: { eq: $id } }) { nodes { quota { amount } user { id } } } }";
        let copied = house.finn.ask(query, json!({ "id": next })).await;
        assert_eq!(copied.data()["incentiveAssignments"]["nodes"], json!([{ "quota": { "amount": "400000.00" }, "user": { "id": house.rep.id() } }]));
    }
}

on_both! {
    async fn nothing_is_run_before_three_have_signed(app) {
        let house = House::of(&app).await;
        let version = house.drafted("PLAN", house.body(json!({}))).await;
        house.takes_in(&version, &house.rep.id(), json!({})).await;
        let run = async || house.finn.makes("incentiveRun", json!({ "agreementVersionId": version })).await.code().to_owned();
        assert_eq!(run().await, "AGREEMENT_REQUIRED");
        house.propose(&version).await.data();
        for (who, side) in [(&house.mia, "MARKETING"), (&house.eva, "SALES")] {
            house.eva.sees("agreementVersion", &version, "status").await;
            assert_eq!(who.does("agreementVersion", "Approve", json!({ "id": version, "side": side }), "id").await.code(), "");
        }
        assert_eq!(run().await, "AGREEMENT_REQUIRED", "finance has not signed");
        assert_eq!(house.finn.does("agreementVersion", "Approve", json!({ "id": version, "side": "FINANCE" }), "id").await.code(), "");
        assert_eq!(run().await, "");
        assert_eq!(run().await, "DUPLICATE", "one run for a plan's period");
        assert_eq!(house.eva.makes("incentiveRun", json!({ "agreementVersionId": version })).await.code(), "FORBIDDEN");
    }
}

on_both! {
    async fn a_plan_keeps_its_currency(app) {
        let house = House::of(&app).await;
        let version = house.agreed("PLAN", &[&house.rep]).await;
        let of = house.mia.sees("agreementVersion", &version, "agreement { id }").await["agreement"]["id"].clone();
        let tiers = json!([{ "from": "0", "rate": "0.08" }]);
        let part = json!([{ "key": "AE", "name": "Sales", "commissionMarginal": { "roles": ["OWNER"], "tiers": tiers } }]);
        let body = house.body(json!({ "periodStart": "2025-10-01", "periodEnd": "2026-01-01", "currency": "USD", "components": part }));
        let made = house.mia.does("agreementVersion", "Create", json!({ "agreementId": of, "body": body }), "id").await;
        let next = made.data()["agreementVersionCreate"]["agreementVersion"]["id"].clone();
        // the terms were copied in euros: they are written anew
        let terms = "query($v: ID!) { incentiveAssignments(filter: { agreementVersionId: { eq: $v } }) { nodes { id } } }";
        let copied = house.finn.ask(terms, json!({ "v": next })).await.data()["incentiveAssignments"]["nodes"][0]["id"].clone();
        assert_eq!(house.finn.does("incentiveAssignment", "Delete", json!({ "id": copied }), "id").await.code(), "");
        house.takes_in(&next, &house.rep.id(), json!({ "targetBonus": money("0", "USD"), "quota": money("500000", "USD") })).await;
        let refused = house.propose(&next).await;
        assert_eq!(refused.code(), "CRITERIA_UNMET");
        assert!(refused.0.to_string().contains("keeps its currency"), "{}", refused.0);
        // as a plan of its own it is signed
        let other = house.drafted("DOLLARS", body).await;
        house.takes_in(&other, &house.rep.id(), json!({ "targetBonus": money("0", "USD"), "quota": money("500000", "USD") })).await;
        house.sign(&other).await;
    }
}
