//! What was paid for a sale is taken back when the contract that it made is cancelled or refunded.

use super::*;

/// A contract that a sale made, with a customer of its own.
async fn contract(house: &House<'_>, deal: &Value, monthly: &str, more: Value) -> Value {
    let account = house.ann.sees("opportunity", deal, "account { id }").await["account"]["id"].clone();
    let account =
        if account.is_null() { house.ann.has("account", json!({ "name": "Customer" })).await } else { account };
    let mut input = json!({ "accountId": account, "opportunityId": deal, "monthlyAmount": money(monthly, "EUR"), "startsOn": "2025-09-01" });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    house.ann.has("customerContract", input).await
}

/// A step of a contract by somebody; its code.
async fn step(who: &Person<'_>, verb: &str, id: &Value, more: Value) -> String {
    let mut input = json!({ "id": id });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    who.does("customerContract", verb, input, "id").await.code().to_owned()
}

/// Everything is taken back for years.
fn long() -> Value {
    json!({ "clawback": { "fullDays": 3000, "noneDays": 4000 } })
}

async fn clawed(house: &House<'_>) -> Vec<String> {
    adjustments(&house.rep).await.into_iter().map(|(reason, amount)| format!("{reason} {amount}")).collect()
}

on_both! {
    async fn a_contract_that_is_cancelled_takes_its_sale_back(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["100000", "100000", "500000"]).await;
        let first = contract(&house, &deals[0], "1000", json!({})).await;
        let second = contract(&house, &deals[1], "1000", json!({})).await;
        let (_, run) = locked(&house, long()).await;
        assert_eq!(step(&house.ann, "Cancel", &first, json!({ "reason": "They went elsewhere" })).await, "");
        settled(&app).await;
        assert_eq!(step(&house.ann, "Cancel", &first, json!({ "reason": "Again" })).await, "INVALID_TRANSITION");
        assert_eq!(step(&house.ann, "Cancel", &second, json!({ "reason": "They too" })).await, "");
        settled(&app).await;
        // as two that are reopened: 67,000 to 52,000 to 40,000
        assert_eq!(clawed(&house).await, ["CLAWBACK -15000.00", "CLAWBACK -12000.00"]);
        let seen = house.ann.sees("customerContract", &first, "cancelledAt churnReason endsOn opportunity { id }").await;
        assert!(seen["cancelledAt"].is_string() && seen["endsOn"].is_string(), "{seen}");
        assert_eq!((&seen["churnReason"], &seen["opportunity"]["id"]), (&json!("They went elsewhere"), &deals[0]));
        let told = house.statement(&house.rep, &run, &house.rep, "total { amount }").await;
        assert_eq!(told["total"]["amount"], "67000.00", "what is locked stays");
        // it was a mistake: gone, and nothing was cancelled
        house.ann.does("customerContract", "Delete", json!({ "id": second }), "id").await.data();
        settled(&app).await;
        assert_eq!(clawed(&house).await[2], "CLAWBACK 12000.00");
    }
}

on_both! {
    async fn a_refund_lowers_the_sale_by_what_was_paid_back(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["100000", "600000"]).await;
        let made = contract(&house, &deals[0], "1000", json!({})).await;
        locked(&house, long()).await;
        let refund = async |amount: &str, currency: &str| step(&house.ann, "Refund", &made, json!({ "amount": money(amount, currency) })).await;
        assert_eq!(refund("0", "EUR").await, "VALIDATION");
        assert_eq!(refund("5", "USD").await, "VALIDATION");
        assert_eq!(refund("30000", "EUR").await, "");
        settled(&app).await;
        assert_eq!(refund("20000", "EUR").await, "");
        settled(&app).await;
        // 670,000, then 650,000, instead of 700,000, at 16 % each
        assert_eq!(clawed(&house).await, ["CLAWBACK -4800.00", "CLAWBACK -3200.00"]);
        assert_eq!(house.ann.sees("customerContract", &made, "refunded { amount }").await["refunded"]["amount"], "50000.00");
        // all of it is nothing more than the sale
        assert_eq!(refund("90000", "EUR").await, "");
        settled(&app).await;
        assert_eq!(clawed(&house).await[2], "CLAWBACK -7000.00");
    }
}

on_both! {
    async fn of_two_contracts_of_a_sale_one_is_its_share(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["100000", "600000"]).await;
        let gone = contract(&house, &deals[0], "250", json!({})).await;
        contract(&house, &deals[0], "750", json!({ "startsOn": "2026-09-01" })).await;
        locked(&house, long()).await;
        assert_eq!(step(&house.ann, "Cancel", &gone, json!({ "reason": "One of two" })).await, "");
        settled(&app).await;
        assert_eq!(clawed(&house).await, ["CLAWBACK -4000.00"], "a quarter of 100,000 at 16 %");
    }
}

on_both! {
    async fn an_old_contract_takes_less(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["100000"]).await;
        let made = contract(&house, &deals[0], "1000", json!({})).await;
        locked(&house, json!({})).await;
        assert_eq!(step(&house.ann, "Cancel", &made, json!({ "reason": "After a year" })).await, "");
        settled(&app).await;
        assert_eq!(clawed(&house).await, ["CLAWBACK 0.00"]);
    }
}

on_both! {
    async fn what_was_cancelled_before_a_run_or_while_it_was_approved_is_not_paid(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["100000", "100000", "600000"]).await;
        let (early, late) = (contract(&house, &deals[0], "1000", json!({})).await, contract(&house, &deals[1], "1000", json!({})).await);
        assert_eq!(step(&house.ann, "Cancel", &early, json!({ "reason": "At once" })).await, "");
        let version = house.drafted("PLAN", house.body(long())).await;
        house.takes_in(&version, &house.rep.id(), json!({})).await;
        house.sign(&version).await;
        let run = house.run_of(&version).await;
        let hash = house.calculate(&run).await["inputsHash"].clone();
        let told = house.statement(&house.rep, &run, &house.rep, "total { amount }").await;
        assert_eq!(told["total"]["amount"], "67000.00", "700,000 are left");
        assert_eq!(step(&house.ann, "Cancel", &late, json!({ "reason": "Meanwhile" })).await, "");
        for (who, verb, more) in [(&house.finn, "Submit", json!({})), (&house.fay, "Approve", json!({ "inputsHash": hash })), (&house.finn, "Lock", json!({}))] {
            assert_eq!(house.step(who, verb, &run, more).await.code(), "", "{verb}");
        }
        settled(&app).await;
        assert_eq!(clawed(&house).await, ["CLAWBACK -15000.00"]);
    }
}

on_both! {
    async fn a_contract_names_a_sale_of_its_customer_that_one_may_change(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["100000", "600000"]).await;
        let (mine, theirs) = (house.ann.has("account", json!({ "name": "Mine", "ownerId": house.other.id() })).await, house.ann.has("account", json!({ "name": "Theirs" })).await);
        house.ann.does("opportunity", "Update", json!({ "id": deals[0], "accountId": mine }), "id").await.data();
        house.ann.does("opportunity", "Update", json!({ "id": deals[1], "accountId": theirs }), "id").await.data();
        let make = async |who: &Person<'_>, deal: &Value, currency: &str| {
            let input = json!({ "accountId": mine, "opportunityId": deal, "monthlyAmount": money("5", currency), "startsOn": "2025-09-01" });
            who.makes("customerContract", input).await.code().to_owned()
        };
        assert_eq!(make(&house.ann, &deals[1], "EUR").await, "VALIDATION", "another customer's");
        assert_eq!(make(&house.ann, &deals[0], "USD").await, "VALIDATION", "another currency");
        let code = make(&house.other, &deals[0], "EUR").await;
        assert!(["FORBIDDEN", "NOT_FOUND"].contains(&code.as_str()), "the customer's owner may not change the sale: {code}");
        assert_eq!(make(&house.ann, &deals[0], "EUR").await, "");
    }
}

on_both! {
    async fn a_sale_stays_of_its_day_wherever_the_organisation_moves(app) {
        let house = House::of(&app).await;
        // half an hour into the quarter: in New York it is of the day before
        let row = json!({ "name": "At midnight", "stageId": house.stages["Won"], "amount": money("100000", "EUR"), "openedAt": "2025-06-01T00:00:00Z",
            "closedAt": "2025-07-01T00:30:00Z", "ownerId": house.rep.id() });
        let deal = bring(&house.ann, vec![row]).await.remove(0);
        house.won(&house.rep, &["600000"]).await;
        let (_, run) = locked(&house, long()).await;
        let of = house.ann.ask("{ organizations { nodes { id } } }", json!({})).await.data()["organizations"]["nodes"][0]["id"].clone();
        let moved = house.ann.does("organization", "Update", json!({ "id": of, "timeZone": "America/New_York" }), "id").await;
        assert_eq!(moved.code(), "", "{}", moved.0);
        let made = contract(&house, &deal, "1000", json!({})).await;
        settled(&app).await;
        assert_eq!(clawed(&house).await, Vec::<String>::new(), "nothing has happened to it");
        assert_eq!(step(&house.ann, "Cancel", &made, json!({ "reason": "They went elsewhere" })).await, "");
        settled(&app).await;
        assert_eq!(clawed(&house).await, ["CLAWBACK -15000.00"]);
        let told = house.statement(&house.rep, &run, &house.rep, "total { amount }").await;
        assert_eq!(told["total"]["amount"], "67000.00");
    }
}
