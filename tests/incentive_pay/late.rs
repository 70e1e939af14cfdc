//! Sales that are won late into the period of a locked run, or raised: what they would have been paid is paid with the next one.

use super::*;

fn long() -> Value {
    json!({ "clawback": { "fullDays": 3000, "noneDays": 4000 } })
}

async fn corrected(who: &Person<'_>) -> Vec<String> {
    adjustments(who).await.into_iter().map(|(reason, amount)| format!("{reason} {amount}")).collect()
}

async fn does(house: &House<'_>, verb: &str, input: Value) {
    let done = house.ann.does("opportunity", verb, input, "id").await;
    assert_eq!(done.code(), "", "{verb}: {}", done.0);
    settled(house.app).await;
}

on_both! {
    async fn a_sale_that_is_won_late_is_paid_with_the_next_run(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["500000"]).await;
        let (version, run) = locked(&house, long()).await;
        let late = house.won(&house.rep, &["100000"]).await.remove(0);
        settled(&app).await;
        // 600,000 pay 52,000 and 40,000 were paid
        assert_eq!(corrected(&house.rep).await, ["LATE_SALE 12000.00"]);
        assert_eq!(corrected(&house.other).await, Vec::<String>::new());
        let said = house.rep.ask("{ incentiveAdjustments { nodes { note run { id } opportunity { id } } } }", json!({})).await;
        let said = said.data()["incentiveAdjustments"]["nodes"][0].clone();
        assert_eq!(said, json!({ "note": "a sale was won late into that run's period", "run": { "id": run }, "opportunity": { "id": late } }));
        let total = house.statement(&house.rep, &run, &house.rep, "total { amount }").await;
        assert_eq!(total["total"]["amount"], "40000.00", "what is locked stays");
        // renamed it is no other sale; another late one is reckoned on top of it
        does(&house, "Update", json!({ "id": late, "name": "Renamed" })).await;
        house.won(&house.rep, &["100000"]).await;
        settled(&app).await;
        assert_eq!(corrected(&house.rep).await, ["LATE_SALE 12000.00", "LATE_SALE 15000.00"], "52,000 to 67,000");

        let next = next_run(&house, &version).await;
        house.locked(&next).await;
        let paid = house.statement(&house.rep, &next, &house.rep, "total { amount } lines { nodes { kind amount { amount } adjustment { reason } } }").await;
        assert_eq!(paid["total"]["amount"], "27000.00", "{paid}");
        let late_lines = paid["lines"]["nodes"].as_array().unwrap().iter().filter(|line| line["adjustment"]["reason"] == "LATE_SALE");
        assert_eq!(late_lines.filter(|line| line["kind"] == "ADJUSTMENT").count(), 2);
    }
}

on_both! {
    async fn what_was_won_late_and_comes_to_nothing_is_taken_back(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["500000"]).await;
        locked(&house, long()).await;
        let late = house.won(&house.rep, &["100000"]).await.remove(0);
        settled(&app).await;
        does(&house, "Update", json!({ "id": late, "amount": money("50000", "EUR") })).await;
        does(&house, "Reopen", json!({ "id": late })).await;
        assert_eq!(corrected(&house.rep).await, ["LATE_SALE 12000.00", "CLAWBACK -6000.00", "CLAWBACK -6000.00"]);
        // won anew on a day of that period it is the same sale, now another period's
        does(&house, "Win", json!({ "id": late, "closedAt": "2025-08-20T12:00:00Z" })).await;
        assert_eq!(corrected(&house.rep).await[3], "CLAWBACK 6000.00", "it came back");
        does(&house, "Reopen", json!({ "id": late })).await;
        does(&house, "Win", json!({ "id": late })).await;
        assert_eq!(corrected(&house.rep).await[4..], ["CLAWBACK -6000.00"], "won today it is of another period");
    }
}

on_both! {
    async fn a_sale_that_is_raised_is_paid_the_difference(app) {
        let house = House::of(&app).await;
        let deal = house.won(&house.rep, &["500000"]).await.remove(0);
        locked(&house, long()).await;
        for amount in ["600000", "550000", "650000"] {
            does(&house, "Update", json!({ "id": deal, "amount": money(amount, "EUR") })).await;
        }
        // 52,000, then 46,000, then 59,000
        assert_eq!(corrected(&house.rep).await, ["LATE_SALE 12000.00", "CLAWBACK -6000.00", "LATE_SALE 13000.00"]);
        does(&house, "Delete", json!({ "id": deal })).await;
        assert_eq!(corrected(&house.rep).await[3], "CLAWBACK -59000.00", "nothing is left");
    }
}

on_both! {
    async fn a_sale_of_other_days_or_of_others_is_nobodys(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["500000"]).await;
        let version = house.drafted("PLAN", house.body(long())).await;
        house.takes_in(&version, &house.rep.id(), json!({ "endsOn": "2025-08-01" })).await;
        house.sign(&version).await;
        let run = house.run_of(&version).await;
        house.locked(&run).await;
        house.won(&house.other, &["100000"]).await;
        house.won(&house.rep, &["100000"]).await;
        let mut row = closed(&house.stages["Won"], "5", "10-01", 1);
        row["ownerId"] = house.rep.id();
        bring(&house.ann, vec![row]).await;
        settled(&app).await;
        assert_eq!(corrected(&house.finn).await, Vec::<String>::new(), "not in the plan, no more in it, the day after it");
    }
}

on_both! {
    async fn what_is_won_between_calculation_and_lock_is_not_lost(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["500000"]).await;
        let version = house.drafted("PLAN", house.body(long())).await;
        house.takes_in(&version, &house.rep.id(), json!({})).await;
        house.sign(&version).await;
        let run = house.run_of(&version).await;
        let hash = house.calculate(&run).await["inputsHash"].clone();
        house.won(&house.rep, &["100000"]).await;
        for (who, verb, more) in [(&house.finn, "Submit", json!({})), (&house.fay, "Approve", json!({ "inputsHash": hash })), (&house.finn, "Lock", json!({}))] {
            assert_eq!(house.step(who, verb, &run, more).await.code(), "", "{verb}");
        }
        settled(&app).await;
        assert_eq!(corrected(&house.rep).await, ["LATE_SALE 12000.00"]);
    }
}

on_both! {
    async fn a_late_sale_counts_for_a_spiff_while_there_is_room(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["100"]).await;
        let spiff = json!({ "components": [{ "key": "WIN", "name": "For each win", "spiff": { "event": "OPPORTUNITY_WON", "each": "500", "most": 2 } }],
            "clawback": { "fullDays": 3000, "noneDays": 4000 } });
        locked(&house, spiff).await;
        let late = house.won(&house.rep, &["100"]).await.remove(0);
        settled(&app).await;
        house.won(&house.rep, &["100"]).await;
        settled(&app).await;
        assert_eq!(corrected(&house.rep).await, ["LATE_SALE 500.00", "LATE_SALE 0.00"], "two at most");
        does(&house, "Reopen", json!({ "id": late })).await;
        assert_eq!(corrected(&house.rep).await[2], "CLAWBACK 0.00", "the third takes its place");
    }
}

on_both! {
    async fn a_share_is_the_same_to_the_cent_whatever_others_have(app) {
        let house = House::of(&app).await;
        let deal = house.won(&house.rep, &["90000.02"]).await.remove(0);
        let splits = json!({ "opportunityId": deal, "splits": [{ "userId": house.rep.id(), "role": "OWNER", "percent": "70" },
            { "userId": house.eva.id(), "role": "SDR", "percent": "20" }, { "userId": house.mia.id(), "role": "MARKETING", "percent": "10" }] });
        house.ann.ask("mutation($in: OpportunitySplitsSetInput!) { opportunitySplitsSet(input: $in) { userErrors { code } } }", json!({ "in": splits })).await.data();
        // all of it, so that a cent is seen
        let all = json!({ "clawback": { "fullDays": 3000, "noneDays": 4000 }, "components": [{ "key": "AE", "name": "AE",
            "commissionRetroactive": { "roles": ["OWNER"], "tiers": [{ "from": "0", "rate": "1" }] } }] });
        let (_, run) = locked(&house, all).await;
        assert_eq!(house.statement(&house.rep, &run, &house.rep, "total { amount }").await["total"]["amount"], "63000.02");
        for amount in ["90000.01", "90000.02"] {
            does(&house, "Update", json!({ "id": deal, "amount": money(amount, "EUR") })).await;
        }
        assert_eq!(corrected(&house.rep).await, ["CLAWBACK -0.01", "CLAWBACK 0.01"]);
    }
}

on_both! {
    async fn a_sale_that_cannot_be_converted_holds_up_no_other_and_is_said(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["500000"]).await;
        let (_, run) = locked(&house, long()).await;
        let more = house.drafted("MORE", house.body(long())).await;
        house.takes_in(&more, &house.rep.id(), json!({})).await;
        house.sign(&more).await;
        house.locked(&house.run_of(&more).await).await;
        let row = |currency: &str| {
            let mut row = closed(&house.stages["Won"], "100000", "08-10", 10);
            (row["amount"], row["ownerId"]) = (money("100000", currency), house.rep.id());
            row
        };
        bring(&house.ann, vec![row("USD"), row("EUR")]).await;
        let runner = tokio::spawn(api::store::jobs::run(app.store.clone(), api::incentive::handlers(api::store::jobs::Handlers::default())));
        crate::jobs::until(&app.store, "incentive_adjustment WHERE reason = 'LATE_SALE'").await;
        crate::jobs::until_so_many(&app.store, "incentive_adjustment WHERE amount_minor = 0", 2).await;
        crate::jobs::until(&app.store, "job WHERE kind = 'incentive.clawback' AND done_at IS NULL AND run_at > created_at").await;
        runner.abort();
        // tomorrow each change is looked at once for both runs, not once for each
        let again = "job WHERE kind = 'incentive.clawback' AND run_at > created_at AND effect_key IS NULL";
        assert_eq!(crate::jobs::count(&app.store, again).await, 0);
        let all = house.rep.ask("{ incentiveAdjustments { nodes { reason amount { amount } note run { id } } } }", json!({})).await;
        let all = all.data()["incentiveAdjustments"]["nodes"].as_array().unwrap().clone();
        assert!(all.iter().any(|row| row["reason"] == "LATE_SALE" && row["amount"]["amount"] == "12000.00"), "{all:?}");
        let waits = all.iter().find(|row| row["amount"]["amount"] == "0.00" && row["run"]["id"] == run).unwrap();
        assert!(waits["note"].as_str().unwrap().contains("USD/EUR on 2025-08-10"), "{waits}");
        // with the rate it is reckoned the next time
        house.ann.has("exchangeRate", json!({ "base": "USD", "quote": "EUR", "date": "2025-08-08", "rate": "0.5" })).await;
        sql(&app.store, "UPDATE job SET run_at = created_at WHERE kind = 'incentive.clawback' AND done_at IS NULL").await;
        settled(&app).await;
        assert!(corrected(&house.rep).await.contains(&"LATE_SALE 7000.00".to_owned()), "600,000 and 50,000: {:?}", corrected(&house.rep).await);
    }
}

async fn sql(store: &api::store::Store, text: &str) {
    use sea_orm::ConnectionTrait;
    store.migrator().execute_raw(sea_orm::Statement::from_string(store.backend(), text)).await.unwrap();
}
