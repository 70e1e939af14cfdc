//! What was paid for sales that come to nothing is taken back.

use api::{config::Retention, integration::work, store::jobs};
use sea_orm::{ConnectionTrait, Statement};

use super::*;

async fn reopen(house: &House<'_>, deal: &Value) {
    let done = house.ann.does("opportunity", "Reopen", json!({ "id": deal }), "id").await;
    assert_eq!(done.code(), "", "{}", done.0);
}

/// Everything is taken back for years.
fn long() -> Value {
    json!({ "clawback": { "fullDays": 3000, "noneDays": 4000 } })
}

on_both! {
    async fn two_deals_of_seven_hundred_thousand_take_27_000(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["100000", "100000", "500000"]).await;
        let (version, run) = locked(&house, long()).await;
        let total = async || house.statement(&house.rep, &run, &house.rep, "total { amount }").await["total"]["amount"].clone();
        assert_eq!(total().await, "67000.00");
        reopen(&house, &deals[0]).await;
        settled(&app).await;
        house.ann.does("opportunity", "Delete", json!({ "id": deals[1] }), "id").await.data();
        settled(&app).await;
        let taken = [("CLAWBACK".into(), "-15000.00".into()), ("CLAWBACK".into(), "-12000.00".into())];
        assert_eq!(adjustments(&house.rep).await, taken);
        assert_eq!(adjustments(&house.other).await, []);
        assert_eq!(total().await, "67000.00", "what is locked stays");
        // changes that take nothing more
        house.ann.does("opportunity", "Update", json!({ "id": deals[2], "name": "Renamed" }), "id").await.data();
        settled(&app).await;
        assert_eq!(adjustments(&house.rep).await.len(), 2);

        // the next run bears what it can: nothing was earned, so all is carried on
        let next = next_run(&house, &version).await;
        house.locked(&next).await;
        let paid = house.statement(&house.rep, &next, &house.rep, "total { amount } carried { amount } lines { nodes { kind uncapped { amount } amount { amount } } }").await;
        assert_eq!((&paid["total"]["amount"], &paid["carried"]["amount"]), (&json!("0.00"), &json!("27000.00")), "{paid}");
        assert!(adjustments(&house.rep).await.contains(&("CARRY_FORWARD".into(), "-27000.00".into())));
    }
}

on_both! {
    async fn a_refund_takes_a_part_and_a_deal_that_is_older_takes_less(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["100000", "600000"]).await;
        locked(&house, long()).await;
        let lower = |amount: &str| json!({ "id": deals[0], "amount": money(amount, "EUR") });
        assert_eq!(house.ann.does("opportunity", "Update", lower("50000"), "id").await.code(), "");
        settled(&app).await;
        // 650,000 instead of 700,000
        assert_eq!(adjustments(&house.rep).await, [("CLAWBACK".into(), "-8000.00".into())]);
        assert_eq!(house.ann.does("opportunity", "Update", lower("60000"), "id").await.code(), "");
        settled(&app).await;
        // 660,000: what came back is given back
        assert_eq!(adjustments(&house.rep).await[1], ("CLAWBACK".into(), "1600.00".into()));
        reopen(&house, &deals[0]).await;
        settled(&app).await;
        // 600,000 in the end: 15,000 together
        assert_eq!(adjustments(&house.rep).await[2], ("CLAWBACK".into(), "-8600.00".into()));
    }
}

on_both! {
    async fn nothing_is_taken_back_of_an_old_deal(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["100000"]).await;
        locked(&house, json!({})).await;
        reopen(&house, &deals[0]).await;
        settled(&app).await;
        // told all the same: later ones are reckoned without it
        assert_eq!(adjustments(&house.rep).await, [("CLAWBACK".into(), "0.00".into())]);
    }
}

on_both! {
    async fn before_a_run_is_locked_nothing_is_taken_back(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["100000"]).await;
        let version = house.agreed("PLAN", &[&house.rep]).await;
        let run = house.run_of(&version).await;
        house.calculate(&run).await;
        reopen(&house, &deals[0]).await;
        settled(&app).await;
        assert_eq!(adjustments(&house.finn).await, []);
    }
}

on_both! {
    async fn a_run_that_is_taken_back_takes_nothing_twice(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["100000", "600000"]).await;
        let (_, run) = locked(&house, long()).await;
        reopen(&house, &deals[0]).await;
        settled(&app).await;
        assert_eq!(house.step(&house.finn, "MarkPaid", &run, json!({})).await.code(), "");
        let done = house.step(&house.finn, "Reverse", &run, json!({ "reason": "The wrong quarter" })).await;
        assert_eq!(done.code(), "", "{}", done.0);
        let mut all = adjustments(&house.rep).await;
        all.sort();
        assert_eq!(all, [("CLAWBACK".into(), "-15000.00".into()), ("REVERSAL".into(), "-52000.00".into())]);
        reopen(&house, &deals[1]).await;
        settled(&app).await;
        assert_eq!(adjustments(&house.rep).await.len(), 2, "nothing more of a run that was taken back");
    }
}

on_both! {
    async fn a_run_that_was_never_paid_takes_nothing_when_it_is_taken_back(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["100000", "600000"]).await;
        let (version, run) = locked(&house, long()).await;
        reopen(&house, &deals[0]).await;
        settled(&app).await;
        let id = house.statement(&house.rep, &run, &house.rep, "id").await["id"].clone();
        let claim = json!({ "id": id, "claim": "?" });
        assert_eq!(house.rep.does("incentiveStatement", "Dispute", claim, "id").await.code(), "");
        assert_eq!(house.step(&house.finn, "Reverse", &run, json!({ "reason": "The wrong quarter" })).await.code(), "");
        let ended = house.rep.ask("{ incentiveDisputes { nodes { status } } }", json!({})).await;
        assert_eq!(ended.data()["incentiveDisputes"]["nodes"], json!([{ "status": "WITHDRAWN" }]));
        // run anew without the sale that is gone: the whole of it is paid
        let again = house.run_of(&version).await;
        house.locked(&again).await;
        let told = house.statement(&house.rep, &again, &house.rep, "total { amount }").await;
        assert_eq!(told["total"]["amount"], "52000.00");
    }
}

on_both! {
    async fn what_comes_back_is_given_back(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["100000", "100000", "500000"]).await;
        locked(&house, long()).await;
        for (verb, deal) in [("Delete", &deals[0]), ("Delete", &deals[1]), ("Restore", &deals[0])] {
            assert_eq!(house.ann.does("opportunity", verb, json!({ "id": deal }), "id").await.code(), "");
            settled(&app).await;
        }
        // 15,000 and 12,000; the second alone would have taken 15,000
        let taken = ["-15000.00", "-12000.00", "12000.00"].map(|amount| ("CLAWBACK".to_owned(), amount.to_owned()));
        assert_eq!(adjustments(&house.rep).await, taken);
    }
}

on_both! {
    async fn what_changes_between_calculation_and_lock_is_taken_back_too(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["100000", "600000"]).await;
        let version = house.drafted("PLAN", house.body(long())).await;
        house.takes_in(&version, &house.rep.id(), json!({})).await;
        house.sign(&version).await;
        let run = house.run_of(&version).await;
        let hash = house.calculate(&run).await["inputsHash"].clone();
        reopen(&house, &deals[0]).await;
        for (who, verb, more) in [(&house.finn, "Submit", json!({})), (&house.fay, "Approve", json!({ "inputsHash": hash })), (&house.finn, "Lock", json!({}))] {
            assert_eq!(house.step(who, verb, &run, more).await.code(), "", "{verb}");
        }
        settled(&app).await;
        assert_eq!(adjustments(&house.rep).await, [("CLAWBACK".into(), "-15000.00".into())]);
    }
}

on_both! {
    async fn a_deal_that_only_a_spiff_was_paid_for_is_taken_back_when_it_is_gone(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["100", "200"]).await;
        let spiff = json!({ "clawback": { "fullDays": 3000, "noneDays": 4000 }, "components": [
            { "key": "WIN", "name": "For each win", "spiff": { "event": "OPPORTUNITY_WON", "each": "500", "most": 10 } }] });
        locked(&house, spiff).await;
        let lower = json!({ "id": deals[0], "amount": money("50", "EUR") });
        assert_eq!(house.ann.does("opportunity", "Update", lower, "id").await.code(), "");
        settled(&app).await;
        assert_eq!(adjustments(&house.rep).await, [], "it is still won");
        reopen(&house, &deals[0]).await;
        settled(&app).await;
        assert_eq!(adjustments(&house.rep).await, [("CLAWBACK".into(), "-500.00".into())]);
    }
}

on_both! {
    async fn a_change_that_began_before_the_calculation_and_ended_after_it_is_seen(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["100000", "600000"]).await;
        let version = house.drafted("PLAN", house.body(long())).await;
        house.takes_in(&version, &house.rep.id(), json!({})).await;
        house.sign(&version).await;
        let run = house.run_of(&version).await;
        let hash = house.calculate(&run).await["inputsHash"].clone();
        // its instant is that of its beginning, an hour ago
        let slow = house.system().at(app.store.now() - chrono::TimeDelta::hours(1));
        let mut tx = slow.begin(api::actor::Permission::OpportunityUpdate).await.unwrap();
        let row = tx.lock::<entity::opportunity::Entity>(deals[0].as_str().unwrap().parse().unwrap()).await.unwrap();
        let patch = api::graph::Patch::default().with("amount_minor", 5_000_000_i64);
        api::graph::record::save::<entity::opportunity::Entity>(&mut tx, Some(row), patch).await.unwrap();
        tx.commit(json!(null)).await.unwrap();
        for (who, verb, more) in [(&house.finn, "Submit", json!({})), (&house.fay, "Approve", json!({ "inputsHash": hash })), (&house.finn, "Lock", json!({}))] {
            assert_eq!(house.step(who, verb, &run, more).await.code(), "", "{verb}");
        }
        settled(&app).await;
        // 650,000 instead of 700,000
        assert_eq!(adjustments(&house.rep).await, [("CLAWBACK".into(), "-8000.00".into())]);
    }
}

on_both! {
    async fn a_draw_that_need_not_be_given_back_stays(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["100000", "400000"]).await;
        let version = house.drafted("PLAN", house.body(long())).await;
        house.takes_in(&version, &house.rep.id(), json!({ "draw": money("50000", "EUR") })).await;
        house.sign(&version).await;
        let run = house.run_of(&version).await;
        house.locked(&run).await;
        let paid = house.statement(&house.rep, &run, &house.rep, "total { amount } owed { amount }").await;
        assert_eq!((&paid["total"]["amount"], &paid["owed"]["amount"]), (&json!("50000.00"), &json!("0.00")));
        reopen(&house, &deals[0]).await;
        settled(&app).await;
        assert_eq!(adjustments(&house.rep).await, [("CLAWBACK".into(), "0.00".into())], "50,000 are paid without it too");
        // 600,000 with one that was won late: 52,000
        house.won(&house.rep, &["200000"]).await;
        settled(&app).await;
        assert_eq!(adjustments(&house.rep).await[1], ("LATE_SALE".into(), "2000.00".into()));
    }
}

on_both! {
    async fn work_that_was_given_up_is_tried_again(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["100000", "600000"]).await;
        locked(&house, long()).await;
        reopen(&house, &deals[0]).await;
        let spent = "UPDATE job SET failed_at = run_at, attempts = max_attempts WHERE kind = 'incentive.clawback' AND done_at IS NULL";
        app.store.migrator().execute_raw(Statement::from_string(app.store.backend(), spent)).await.unwrap();
        settled(&app).await;
        assert_eq!(adjustments(&house.rep).await, []);
        let all = work::handlers(&Retention::default());
        // the day after
        let node = crate::jobs::Node::start(&app).await;
        node.later(86_400);
        let runner = tokio::spawn(jobs::run(node.store.clone(), all));
        crate::jobs::until(&app.store, "incentive_adjustment").await;
        runner.abort();
        assert_eq!(adjustments(&house.rep).await, [("CLAWBACK".into(), "-15000.00".into())]);
    }
}
