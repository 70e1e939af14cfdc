//! What a calculation rests on is kept with it; what it tells cannot be told from elsewhere; who lost it writes nothing.

use std::sync::Arc;

use api::store::jobs::{self, Handlers};
use sea_orm::{ConnectionTrait, Statement};
use tokio::sync::Notify;

use super::*;
use crate::jobs::count;

async fn sql(store: &api::store::Store, text: &str) {
    store.migrator().execute_raw(Statement::from_string(store.backend(), text)).await.unwrap();
}

on_both! {
    async fn a_run_that_is_taken_back_tells_no_totals_and_counts_in_none(app) {
        let house = House::of(&app).await;
        let exec = person(&app, Template::Exec, "exec").await;
        let mut sellers = vec![];
        for n in 0..5 {
            sellers.push(person(&app, Template::SalesRep, &format!("seller{n}")).await);
        }
        house.won(&sellers[0], &["100000"]).await;
        let people: Vec<&Person<'_>> = sellers.iter().collect();
        let version = house.agreed("PLAN", &people).await;
        let run = house.run_of(&version).await;
        house.locked(&run).await;
        let totals = "query($run: ID!) { incentiveTotals(runId: $run) { people total { amount } } }";
        let said = async |who: &Person<'_>, run: &Value| who.ask(totals, json!({ "run": run })).await.data()["incentiveTotals"].clone();
        let eight = json!([{ "people": 5, "total": { "amount": "8000.00" } }]);
        let of_all = |told: &Value| json!([told[0]]);
        assert_eq!(of_all(&said(&exec, &run).await), eight);
        assert_eq!(house.step(&house.finn, "Reverse", &run, json!({ "reason": "The wrong rates" })).await.code(), "");
        for who in [&exec, &house.finn] {
            assert_eq!(said(who, &run).await, json!(null));
        }
        let again = house.run_of(&version).await;
        house.locked(&again).await;
        assert_eq!(of_all(&said(&exec, &again).await), eight, "once, and not twice");
        assert_eq!(said(&exec, &run).await, json!(null));
        let file = "query($run: ID!) { incentivePayroll(runId: $run) { csv } }";
        assert_eq!(house.finn.ask(file, json!({ "run": run })).await.code(), "BAD_USER_INPUT", "nor is it paid again");
        // what everybody is paid sums to what the run comes to
        let paid = house.finn.ask(file, json!({ "run": again })).await.data()["incentivePayroll"]["csv"].as_str().unwrap().to_owned();
        let minor = |line: &str| line.split(',').nth(8).unwrap().replace('.', "").parse::<i64>().unwrap();
        let amounts: Vec<i64> = paid.lines().skip(1).map(minor).collect();
        assert_eq!((amounts.len(), amounts.iter().sum::<i64>()), (5, 800_000));
    }
}

on_both! {
    async fn the_same_inputs_have_one_hash_in_a_run_that_nobody_can_guess(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["400000"]).await;
        let version = house.agreed("PLAN", &[&house.rep]).await;
        let run = house.run_of(&version).await;
        let first = house.calculate(&run).await["inputsHash"].clone();
        assert_eq!(house.calculate(&run).await["inputsHash"], first);
        house.locked(&run).await;
        // never paid, it leaves nothing behind: the next one rests on exactly the same
        assert_eq!(house.step(&house.finn, "Reverse", &run, json!({ "reason": "Once more" })).await.code(), "");
        let again = house.run_of(&version).await;
        let second = house.calculate(&again).await["inputsHash"].clone();
        assert_ne!(first, second, "who knows all inputs knows no hash: each run has a salt");
        assert_eq!(house.calculate(&again).await["inputsHash"], second);
        // and the salt is told by nothing
        app.numbered().await;
        let feed = house.finn.ask("{ changes(first: 100, types: [\"IncentiveRun\"]) { nodes { fields before after } } }", json!({})).await;
        assert!(!feed.0.to_string().contains("salt"), "{}", feed.0);
        let store = &app.store;
        let rows = store.migrator().query_all_raw(Statement::from_string(store.backend(), "SELECT salt FROM incentive_run")).await.unwrap();
        let salts: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        assert!(salts.len() == 2 && salts[0] != salts[1] && salts.iter().all(|salt| salt.len() >= 43), "{salts:?}");
        let events = store.migrator().query_all_raw(Statement::from_string(store.backend(), "SELECT CAST(changed AS text) FROM event")).await.unwrap();
        let events: Vec<String> = events.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        assert!(!events.iter().any(|event| salts.iter().any(|salt| event.contains(salt.as_str()))));
    }
}

on_both! {
    async fn what_cannot_be_deducted_is_carried_forward_until_it_is(app) {
        let house = House::of(&app).await;
        let on = |day: &str| {
            let mut row = closed(&house.stages["Won"], "100000", day, 10);
            row["ownerId"] = house.rep.id();
            row
        };
        let deals = bring(&house.ann, vec![on("05-10"), on("08-10"), on("11-10")]).await;
        let limit = json!({ "fullDays": 3000, "noneDays": 4000, "mostDeducted": "50" });
        let body = |start: &str, end: &str| house.body(json!({ "periodStart": start, "periodEnd": end, "clawback": limit }));
        let version = house.drafted("PLAN", body("2025-04-01", "2025-07-01")).await;
        house.takes_in(&version, &house.rep.id(), json!({})).await;
        house.sign(&version).await;
        let run = house.run_of(&version).await;
        house.locked(&run).await;
        house.ann.does("opportunity", "Reopen", json!({ "id": deals[0] }), "id").await.data();
        calculated(&app).await;
        let agreement = house.mia.sees("agreementVersion", &version, "agreement { id }").await["agreement"]["id"].clone();
        let next = async |start: &str, end: &str| {
            let made = house.mia.does("agreementVersion", "Create", json!({ "agreementId": agreement, "body": body(start, end) }), "id").await;
            let next = made.data()["agreementVersionCreate"]["agreementVersion"]["id"].clone();
            house.sign(&next).await;
            let run = house.run_of(&next).await;
            house.locked(&run).await;
            let said = house.statement(&house.rep, &run, &house.rep, "total { amount } carried { amount }").await;
            (said["total"]["amount"].clone(), said["carried"]["amount"].clone())
        };
        // 8,000 were paid for what came to nothing; half of 8,000 may be kept each time
        assert_eq!(next("2025-07-01", "2025-10-01").await, (json!("4000.00"), json!("4000.00")));
        assert_eq!(next("2025-10-01", "2026-01-01").await, (json!("4000.00"), json!("0.00")));
        let all = house.rep.ask("{ incentiveAdjustments(orderBy: [{ field: TRIGGERED_AT }]) { nodes { reason amount { amount } postedRun { id } } } }", json!({})).await;
        let all = all.data()["incentiveAdjustments"]["nodes"].as_array().unwrap().clone();
        let said: Vec<_> = all.iter().map(|row| (row["reason"].as_str().unwrap(), row["amount"]["amount"].as_str().unwrap())).collect();
        assert_eq!(said, [("CLAWBACK", "-8000.00"), ("CARRY_FORWARD", "-4000.00")]);
        assert!(all.iter().all(|row| row["postedRun"]["id"].is_string()), "nothing waits any more");
    }
}

on_both! {
    async fn goals_are_kept_with_each_calculation(app) {
        let house = House::of(&app).await;
        let goal = json!({ "goal": { "metric": "REVENUE", "periodStart": "2025-07-01", "periodEnd": "2025-10-01", "baseline": "0", "target": "1000000",
            "currency": "EUR", "marketingOwnerIds": [house.mia.id()], "salesOwnerIds": [house.eva.id()] } });
        let agreed = house.drafted("ARR", goal).await;
        house.propose(&agreed).await.data();
        for (who, side) in [(&house.mia, "MARKETING"), (&house.eva, "SALES")] {
            assert_eq!(who.does("agreementVersion", "Approve", json!({ "id": agreed, "side": side }), "id").await.code(), "");
        }
        let goal = house.mia.ask("{ goals { nodes { id } } }", json!({})).await.data()["goals"]["nodes"][0]["id"].clone();
        let curve = json!({ "threshold": "0.7", "thresholdPay": "0.5", "accelerator": "1.5", "cap": "2" });
        let part = json!([{ "key": "ARR", "name": "Shared", "goalAttainment": { "goalId": goal, "weight": "100", "curve": curve } }]);
        let version = house.drafted("PLAN", house.body(json!({ "components": part }))).await;
        house.takes_in(&version, &house.rep.id(), json!({ "targetBonus": money("9000", "EUR") })).await;
        house.sign(&version).await;
        house.won(&house.other, &["800000"]).await;
        let run = house.run_of(&version).await;
        let first = house.calculate(&run).await["inputsHash"].clone();
        house.won(&house.other, &["200000"]).await;
        assert_ne!(house.calculate(&run).await["inputsHash"], first);
        let query = "query($run: ID!) { incentiveStatements(filter: { runId: { eq: $run } }, orderBy: [{ field: CREATED_AT }]) { nodes { revision current total { amount }
            lines { nodes { attainment sources { nodes { attained } } } } } } }";
        let all = house.finn.ask(query, json!({ "run": run })).await.data()["incentiveStatements"]["nodes"].clone();
        let said = |revision: i32, current: bool, total: &str, reached: &str, exact: &str| json!({ "revision": revision, "current": current, "total": { "amount": total },
            "lines": { "nodes": [{ "attainment": reached, "sources": { "nodes": [{ "attained": exact }] } }] } });
        assert_eq!(all, json!([said(1, false, "6000.00", "0.8", "4/5"), said(2, true, "9000.00", "1", "1/1")]));
    }
}

on_both! {
    async fn who_has_lost_a_calculation_to_another_writes_no_statement(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["400000"]).await;
        let version = house.agreed("PLAN", &[&house.rep]).await;
        let run = house.run_of(&version).await;
        assert_eq!(house.step(&house.finn, "Calculate", &run, json!({})).await.code(), "");
        let over = Arc::new(Notify::new());
        let told = over.clone();
        let slow = move |store: api::store::Store, job: jobs::Job| {
            let told = told.clone();
            async move {
                // its lease ran out, and another runner has taken the job
                sql(&store, "UPDATE job SET fence = fence + 1 WHERE kind = 'incentive.calculate'").await;
                let done = api::incentive::run::work(&job.access(&store)?, &job).await;
                told.notify_one();
                done
            }
        };
        let runner = tokio::spawn(jobs::run(app.store.clone(), Handlers::default().on(api::incentive::run::CALCULATE, slow)));
        over.notified().await;
        // what it says to the queue afterwards is not heard either
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        runner.abort();
        let left = ["incentive_statement", "incentive_statement_line", "job WHERE kind = 'incentive.calculate' AND done_at IS NOT NULL"];
        for rows in left {
            assert_eq!(count(&app.store, rows).await, 0, "{rows}");
        }
        let seen = house.finn.sees("incentiveRun", &run, "status revision calculating").await;
        assert_eq!((&seen["status"], &seen["revision"], &seen["calculating"]), (&json!("DRAFT"), &json!(0), &json!(1)));
        // the other goes on with it, and every sale counts once
        sql(&app.store, "UPDATE job SET locked_until = NULL WHERE kind = 'incentive.calculate'").await;
        calculated(&app).await;
        let told = house.statement(&house.finn, &run, &house.rep, "total { amount } lines { nodes { sources { totalCount } } }").await;
        assert_eq!(told, json!({ "total": { "amount": "32000.00" }, "lines": { "nodes": [{ "sources": { "totalCount": 1 } }] } }));
    }
}
