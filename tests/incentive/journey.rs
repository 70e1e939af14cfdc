//! From a sale that was won to a statement that is paid, through the front door.

use futures_util::StreamExt;

use super::*;

on_both! {
    async fn from_a_won_deal_to_a_paid_statement(app) {
        let house = House::of(&app).await;
        // a shared goal of a million, of which 80 percent are reached
        let goal = json!({ "goal": { "metric": "REVENUE", "periodStart": "2025-07-01", "periodEnd": "2025-10-01", "baseline": "0", "target": "1000000",
            "currency": "EUR", "marketingOwnerIds": [house.mia.id()], "salesOwnerIds": [house.eva.id()] } });
        let version = house.drafted("ARR", goal).await;
        assert_eq!(house.propose(&version).await.code(), "");
        for (who, side) in [(&house.mia, "MARKETING"), (&house.eva, "SALES")] {
            assert_eq!(who.does("agreementVersion", "Approve", json!({ "id": version, "side": side }), "id").await.code(), "");
        }
        let goal = house.mia.ask("{ goals { nodes { id } } }", json!({})).await.data()["goals"]["nodes"][0]["id"].clone();
        let curve = json!({ "threshold": "0.7", "thresholdPay": "0.5", "accelerator": "1.5", "cap": "2" });
        let tiers = json!([{ "from": "0", "to": "1", "rate": "0.08" }, { "from": "1", "rate": "0.12" }]);
        let body = house.body(json!({ "gates": [{ "goalId": goal, "threshold": "0.7" }], "components": [
            { "key": "ARR", "name": "Shared revenue", "goalAttainment": { "goalId": goal, "weight": "100", "curve": curve } },
            { "key": "AE", "name": "Sales", "sides": ["SALES"], "commissionMarginal": { "roles": ["OWNER", "SDR"], "tiers": tiers } },
            { "key": "WIN", "name": "For each win", "sides": ["SALES"], "spiff": { "event": "OPPORTUNITY_WON", "each": "100", "most": 1 } } ] }));
        let plan = house.drafted("PLAN", body).await;
        house.takes_in(&plan, &house.rep.id(), json!({ "targetBonus": money("9000", "EUR") })).await;
        house.takes_in(&plan, &house.mia.id(), json!({ "side": "MARKETING", "targetBonus": money("9000", "EUR"), "quota": null, "startsOn": "2025-08-16" })).await;
        house.sign(&plan).await;

        let deals = house.won(&house.rep, &["600000", "200000"]).await;
        let splits = json!({ "opportunityId": deals[1], "splits": [
            { "userId": house.rep.id(), "role": "OWNER", "percent": "50" }, { "userId": house.other.id(), "role": "SDR", "percent": "50" }] });
        house.ann.ask("mutation($in: OpportunitySplitsSetInput!) { opportunitySplitsSet(input: $in) { userErrors { code } } }", json!({ "in": splits })).await.data();

        let run = house.run_of(&plan).await;
        app.numbered().await;
        let start = house.finn.ask("{ changes(first: 1) { latestCursor } }", json!({})).await.data()["changes"]["latestCursor"].clone();
        house.calculate(&run).await;
        app.numbered().await;
        let id = run.as_str().unwrap();
        let progress = format!("subscription($after: String) {{ incentiveRunProgress(id: \"{id}\", after: $after) {{ status lookedAt calculating run {{ id }} }} }}");
        let mut stream = house.finn.stream(&progress, &start);
        let news = tokio::time::timeout(PATIENCE, stream.next()).await.unwrap().unwrap();
        assert_eq!(news["data"]["incentiveRunProgress"]["run"]["id"], run, "{news}");

        let lines = "total { amount } lines(first: 5) { nodes { position kind component basis { amount } attainment factor events amount { amount }
            sources(first: 5) { nodes { kind attained record opportunity { id } base { amount } } } } }";
        let rep = house.statement(&house.rep, &run, &house.rep, lines).await;
        // 0.8 of the goal pays two thirds: 6,000; 700,000 of half a million: 40,000 and 24,000; one win of two: 100
        assert_eq!(rep["total"]["amount"], "70100.00", "{rep}");
        let amounts: Vec<&Value> = rep["lines"]["nodes"].as_array().unwrap().iter().map(|line| &line["amount"]["amount"]).collect();
        assert_eq!(amounts.len(), 3);
        let of = |key: &str| rep["lines"]["nodes"].as_array().unwrap().iter().find(|line| line["component"] == key).unwrap().clone();
        assert_eq!((&of("ARR")["attainment"], &of("ARR")["factor"], &of("ARR")["amount"]["amount"]), (&json!("0.8"), &json!("0.666667"), &json!("6000.00")));
        assert_eq!(of("ARR")["sources"]["nodes"][0]["attained"], "4/5");
        assert_eq!(of("ARR")["sources"]["nodes"][0]["record"], goal);
        assert_eq!((&of("AE")["basis"]["amount"], &of("AE")["amount"]["amount"]), (&json!("700000.00"), &json!("64000.00")));
        assert_eq!(of("WIN")["events"], 1);
        // 46 of 92 days: half the bonus
        assert_eq!(house.statement(&house.mia, &run, &house.mia, "total { amount }").await["total"]["amount"], "3000.00");

        house.locked(&run).await;
        assert_eq!(house.step(&house.finn, "MarkPaid", &run, json!({})).await.code(), "");
        let paid = house.statement(&house.rep, &run, &house.rep, "paidAt total { amount } run { status } lines(first: 5) { nodes { sources { totalCount } } }").await;
        assert!(paid["paidAt"].is_string() && paid["run"]["status"] == "PAID" && paid["total"]["amount"] == "70100.00", "{paid}");
        assert_eq!(house.statement(&house.other, &run, &house.rep, "id").await, json!(null), "nobody else's business");
    }
}

on_both! {
    async fn from_a_paid_statement_by_dispute_and_clawback_to_the_next(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["100000", "600000"]).await;
        let mut later = closed(&house.stages["Won"], "400000", "11-10", 10);
        later["ownerId"] = house.rep.id();
        bring(&house.ann, vec![later]).await;
        let terms = json!({ "clawback": { "fullDays": 3000, "noneDays": 4000 } });
        let version = house.drafted("PLAN", house.body(terms.clone())).await;
        house.takes_in(&version, &house.rep.id(), json!({})).await;
        house.sign(&version).await;
        let run = house.run_of(&version).await;
        house.locked(&run).await;
        assert_eq!(house.step(&house.finn, "MarkPaid", &run, json!({})).await.code(), "");
        let first = house.statement(&house.rep, &run, &house.rep, "id total { amount } paidAt").await;
        assert_eq!((&first["total"]["amount"], first["paidAt"].is_string()), (&json!("67000.00"), true));

        // the payee disputes it within the window, and finance finds that they are right
        let claim = json!({ "id": first["id"], "claim": "The bonus for the trade fair is missing" });
        assert_eq!(house.rep.does("incentiveStatement", "Dispute", claim, "id").await.code(), "");
        let dispute = house.rep.ask("{ incentiveDisputes { nodes { id } } }", json!({})).await.data()["incentiveDisputes"]["nodes"][0]["id"].clone();
        assert_eq!(house.finn.does("incentiveDispute", "Review", json!({ "id": dispute }), "id").await.code(), "");
        let right = json!({ "id": dispute, "amount": money("250.00", "EUR"), "resolution": "It was promised" });
        assert_eq!(house.finn.does("incentiveDispute", "Uphold", right, "id").await.code(), "");
        // and a sale comes to nothing
        assert_eq!(house.ann.does("opportunity", "Reopen", json!({ "id": deals[0] }), "id").await.code(), "");
        calculated(&app).await;

        let of = house.mia.sees("agreementVersion", &version, "agreement { id }").await["agreement"]["id"].clone();
        let mut next = terms;
        next.as_object_mut().unwrap().extend(json!({ "periodStart": "2025-10-01", "periodEnd": "2026-01-01" }).as_object().unwrap().clone());
        let made = house.mia.does("agreementVersion", "Create", json!({ "agreementId": of, "body": house.body(next) }), "id").await;
        let next = made.data()["agreementVersionCreate"]["agreementVersion"]["id"].clone();
        house.sign(&next).await;
        let second = house.run_of(&next).await;
        house.locked(&second).await;
        assert_eq!(house.step(&house.finn, "MarkPaid", &second, json!({})).await.code(), "");
        let said = "total { amount } paidAt lines(first: 5, orderBy: [{ field: AMOUNT }]) { nodes { kind amount { amount } adjustment { reason opportunity { id } run { id } postedRun { id } } } }";
        let paid = house.statement(&house.rep, &second, &house.rep, said).await;
        let back = |reason: &str, deal: Value| json!({ "reason": reason, "opportunity": deal, "run": { "id": run }, "postedRun": { "id": second } });
        let lines = json!([
            { "kind": "CLAWBACK", "amount": { "amount": "-15000.00" }, "adjustment": back("CLAWBACK", json!({ "id": deals[0] })) },
            { "kind": "ADJUSTMENT", "amount": { "amount": "250.00" }, "adjustment": back("DISPUTE", json!(null)) },
            { "kind": "COMMISSION_MARGINAL", "amount": { "amount": "32000.00" }, "adjustment": null }]);
        assert_eq!(paid["lines"]["nodes"], lines, "{paid}");
        assert_eq!((&paid["total"]["amount"], paid["paidAt"].is_string()), (&json!("17250.00"), true));
        let still = house.statement(&house.rep, &run, &house.rep, "total { amount }").await;
        assert_eq!(still["total"]["amount"], "67000.00", "what was locked stays");
    }
}
