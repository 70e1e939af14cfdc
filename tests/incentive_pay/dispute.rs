//! Disputes over statements, and corrections.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::*;

on_both! {
    async fn a_disputed_statement_waits_until_finance_has_decided(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["400000"]).await;
        let version = house.drafted("PLAN", house.body(json!({ "holdOnDispute": true }))).await;
        for who in [&house.rep, &house.other] {
            house.takes_in(&version, &who.id(), json!({})).await;
        }
        house.sign(&version).await;
        let run = house.run_of(&version).await;
        house.calculate(&run).await;
        let early = house.statement(&house.rep, &run, &house.rep, "id").await["id"].clone();
        let claim = |id: &Value| json!({ "id": id, "claim": "The deal of May is missing" });
        let dispute = async |who: &Person<'_>, input: Value| who.does("incentiveStatement", "Dispute", input, "id").await;
        assert_eq!(refused(&dispute(&house.rep, claim(&early)).await), "INVALID_TRANSITION", "it can still be calculated");
        house.locked(&run).await;
        let seen = house.statement(&house.rep, &run, &house.rep, "id lines { nodes { id } }").await;
        let (id, line) = (&seen["id"], &seen["lines"]["nodes"][0]["id"]);

        assert_eq!(refused(&dispute(&house.other, claim(id)).await), "NOT_FOUND", "somebody else's");
        assert_eq!(refused(&dispute(&house.finn, claim(id)).await), "FORBIDDEN", "finance decides and does not claim");
        assert_eq!(refused(&dispute(&house.rep, claim(id)).await), "");
        assert_eq!(refused(&dispute(&house.rep, claim(id)).await), "DUPLICATE");
        let of_line = json!({ "id": id, "claim": "A line", "statementLineId": line });
        assert_eq!(refused(&dispute(&house.eva, of_line).await), "", "a manager, over a line");

        let all = "{ incentiveDisputes(first: 5, orderBy: [{ field: CREATED_AT }]) { nodes { id status claim statementLine { id } } } }";
        let seen = house.rep.ask(all, json!({})).await.data()["incentiveDisputes"]["nodes"].clone();
        assert_eq!((&seen[0]["status"], &seen[1]["statementLine"]["id"]), (&json!("OPEN"), line));
        let nobody = house.other.ask(all, json!({})).await;
        assert_eq!(nobody.data()["incentiveDisputes"]["nodes"], json!([]));
        let (whole, part) = (&seen[0]["id"], &seen[1]["id"]);

        // the other's statement is paid, the disputed one waits
        assert_eq!(refused(&house.step(&house.finn, "MarkPaid", &run, json!({})).await), "");
        assert_eq!(house.finn.sees("incentiveRun", &run, "status").await["status"], "LOCKED");
        let paid = house.statement(&house.finn, &run, &house.other, "paidAt").await;
        assert!(paid["paidAt"].is_string(), "{paid}");
        assert_eq!(house.statement(&house.finn, &run, &house.rep, "paidAt").await["paidAt"], json!(null));
        let file = "query($run: ID!) { incentivePayroll(runId: $run) { csv } }";
        let file = house.finn.ask(file, json!({ "run": run })).await.data()["incentivePayroll"]["csv"].as_str().unwrap().to_owned();
        let lines: Vec<&str> = file.lines().collect();
        assert!(lines.iter().any(|line| line.ends_with(",32000.00,true,")), "held: {file}");
        assert!(lines.iter().any(|line| line.contains(",0.00,false,20") && line.ends_with('Z')), "paid already: {file}");

        let decide = async |who: &Person<'_>, verb: &str, id: &Value, more: Value| {
            let mut input = json!({ "id": id });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            who.does("incentiveDispute", verb, input, "status amount { amount } adjustment { id }").await
        };
        let right = json!({ "amount": money("250.00", "EUR"), "resolution": "It was won in the period" });
        assert_eq!(refused(&decide(&house.rep, "Review", whole, json!({})).await), "FORBIDDEN");
        assert_eq!(refused(&decide(&house.finn, "Uphold", whole, right.clone()).await), "INVALID_TRANSITION");
        assert_eq!(refused(&decide(&house.rep, "Withdraw", part, json!({})).await), "FORBIDDEN", "eva's");
        assert_eq!(refused(&decide(&house.eva, "Withdraw", part, json!({})).await), "");
        assert_eq!(refused(&decide(&house.finn, "Review", whole, json!({})).await), "");
        let nothing = json!({ "amount": money("0", "EUR"), "resolution": "?" });
        assert_eq!(refused(&decide(&house.finn, "Uphold", whole, nothing).await), "VALIDATION");
        let done = decide(&house.finn, "Uphold", whole, right).await;
        let told = &done.data()["incentiveDisputeUphold"]["incentiveDispute"];
        assert_eq!((&told["status"], &told["amount"]["amount"]), (&json!("UPHELD"), &json!("250.00")), "{}", done.0);
        assert_eq!(adjustments(&house.rep).await, [("DISPUTE".into(), "250.00".into())]);
        assert_eq!(adjustments(&house.other).await, []);
        assert_eq!(house.statement(&house.rep, &run, &house.rep, "total { amount }").await["total"]["amount"], "32000.00");

        assert_eq!(refused(&house.step(&house.finn, "MarkPaid", &run, json!({})).await), "");
        assert_eq!(house.finn.sees("incentiveRun", &run, "status").await["status"], "PAID");
        // the next run pays it
        let next = next_run(&house, &version).await;
        house.locked(&next).await;
        let paid = house.statement(&house.rep, &next, &house.rep, "total { amount } lines { nodes { kind amount { amount } } }").await;
        assert_eq!(paid["total"]["amount"], "250.00", "{paid}");
        assert!(paid["lines"]["nodes"].as_array().unwrap().iter().any(|line| line["kind"] == "ADJUSTMENT"));
    }
}

on_both! {
    async fn disputes_are_opened_in_time_and_decided_by_others(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["400000"]).await;
        let (_, run) = locked(&house, json!({ "disputeWindowDays": 0 })).await;
        let id = house.statement(&house.rep, &run, &house.rep, "id").await["id"].clone();
        let store = &app.store;
        let shift = match store.backend() {
            DbBackend::Postgres => "UPDATE incentive_run SET locked_at = locked_at - interval '2 days'",
            _ => "UPDATE incentive_run SET locked_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', locked_at, '-2 days')",
        };
        store.migrator().execute_raw(Statement::from_string(store.backend(), shift)).await.unwrap();
        let claim = json!({ "id": id, "claim": "Too late" });
        let answer = house.rep.does("incentiveStatement", "Dispute", claim, "id").await;
        assert_eq!(refused(&answer), "CRITERIA_UNMET", "{}", answer.0);
    }
}

on_both! {
    async fn finance_corrects_a_locked_statement_by_an_adjustment(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["400000"]).await;
        let (version, run) = locked(&house, json!({})).await;
        let id = house.statement(&house.rep, &run, &house.rep, "id").await["id"].clone();
        let adjust = async |who: &Person<'_>, amount: &str| {
            let input = json!({ "id": id, "amount": money(amount, "EUR"), "note": "Paid by hand in August" });
            who.does("incentiveStatement", "Adjust", input, "total { amount }").await
        };
        assert_eq!(refused(&adjust(&house.eva, "-10").await), "FORBIDDEN");
        assert_eq!(refused(&adjust(&house.fay, "-10.005").await), "VALIDATION");
        assert_eq!(adjust(&house.fay, "-40000").await.data()["incentiveStatementAdjust"]["incentiveStatement"]["total"]["amount"], "32000.00");
        assert_eq!(adjustments(&house.rep).await, [("CORRECTION".into(), "-40000.00".into())]);
        let next = next_run(&house, &version).await;
        house.locked(&next).await;
        assert_eq!(house.statement(&house.rep, &next, &house.rep, "total { amount }").await["total"]["amount"], "-40000.00");
    }
}

on_both! {
    async fn a_correction_while_a_run_is_taken_back_does_not_outlive_it(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["400000"]).await;
        let version = house.agreed("PLAN", &[&house.rep]).await;
        for _ in 0..5 {
            let run = house.run_of(&version).await;
            house.locked(&run).await;
            let id = house.statement(&house.finn, &run, &house.rep, "id").await["id"].clone();
            let input = json!({ "id": id, "amount": money("100", "EUR"), "note": "Forgotten" });
            let (corrected, taken) = tokio::join!(
                house.finn.does("incentiveStatement", "Adjust", input, "id"),
                house.step(&house.fay, "Reverse", &run, json!({ "reason": "The wrong rates" })),
            );
            // of two that lock each other's rows one may be asked to try again
            let codes = [corrected.code(), taken.code()];
            if taken.code() != "" {
                assert_eq!(codes, ["", "CONFLICT"]);
                assert_eq!(house.step(&house.fay, "Reverse", &run, json!({ "reason": "Again" })).await.code(), "");
            }
            assert!(["", "INVALID_TRANSITION", "CONFLICT"].contains(&codes[0]), "{codes:?}");
            let query = "query($run: ID!) { incentiveAdjustments(filter: { runId: { eq: $run } }) { nodes { amount { amount } } } }";
            let all = house.finn.ask(query, json!({ "run": run })).await.data()["incentiveAdjustments"]["nodes"].as_array().unwrap().clone();
            let mut amounts: Vec<&str> = all.iter().map(|row| row["amount"]["amount"].as_str().unwrap()).collect();
            amounts.sort_unstable();
            let nothing = amounts.is_empty() || amounts == ["-100.00", "100.00"];
            assert!(nothing, "it was never paid, so nothing is left of it: {amounts:?}");
        }
    }
}
