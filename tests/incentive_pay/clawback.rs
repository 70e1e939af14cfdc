//! What was paid for sales that come to nothing is taken back.

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
        assert_eq!(adjustments(&house.rep).await.len(), 1, "more is nothing to take back");
        reopen(&house, &deals[0]).await;
        settled(&app).await;
        // 600,000 instead of 650,000: 25,000 at 16 %, 25,000 at 12 %
        assert_eq!(adjustments(&house.rep).await[1], ("CLAWBACK".into(), "-7000.00".into()));
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
        let done = house.step(&house.finn, "Reverse", &run, json!({ "reason": "The wrong quarter" })).await;
        assert_eq!(done.code(), "", "{}", done.0);
        let mut all = adjustments(&house.rep).await;
        all.sort();
        assert_eq!(all, [("CLAWBACK".into(), "-15000.00".into()), ("REVERSAL".into(), "-52000.00".into())]);
        reopen_none(&house, &deals[1]).await;
    }
}

/// A sale of a run that was taken back takes nothing more.
async fn reopen_none(house: &House<'_>, deal: &Value) {
    reopen(house, deal).await;
    settled(house.app).await;
    assert_eq!(adjustments(&house.rep).await.len(), 2);
}
