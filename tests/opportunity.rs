//! Opportunities: stages, history, winning, losing, reopening, figures.

use serde_json::Value;

use crate::harness::{Person, json, on_both};

fn eur(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

async fn deal(ann: &Person<'_>, more: Value) -> Value {
    let mut input = json!({ "name": "Deal", "amount": eur("1000"), "closeDate": "2030-06-30" });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ann.has("opportunity", input).await
}

const HISTORY: &str = "stageChanges(orderBy: [{ field: CREATED_AT }]) { nodes {
    fromStage { name } toStage { name } amountBefore { amount } amountAfter { amount } regressed categoryAfter } }";

async fn history(ann: &Person<'_>, id: &Value) -> Vec<Value> {
    ann.sees("opportunity", id, HISTORY).await["stageChanges"]["nodes"].as_array().unwrap().clone()
}

on_both! {
    async fn a_new_opportunity_begins_in_the_first_open_stage(app) {
        let ann = app.admin();
        ann.sells().await;
        let id = deal(&ann, json!({})).await;
        let said = "type stageType probability forecastCategory stage { name } pipeline { name } openedAt closedAt";
        let seen = ann.sees("opportunity", &id, said).await;
        assert_eq!((&seen["stage"]["name"], &seen["pipeline"]["name"]), (&json!("Prospecting"), &json!("Sales")));
        assert_eq!((&seen["probability"], &seen["forecastCategory"]), (&json!(10), &json!("PIPELINE")));
        assert_eq!((&seen["stageType"], &seen["closedAt"], &seen["type"]), (&json!("OPEN"), &json!(null), &json!("NEW")));
        let history = history(&ann, &id).await;
        assert_eq!((history.len(), &history[0]["fromStage"], &history[0]["toStage"]["name"]), (1, &json!(null), &json!("Prospecting")));
    }
}

on_both! {
    async fn an_account_follows_its_opportunities_as_they_go_and_come_back(app) {
        let ann = app.admin();
        ann.sells().await;
        let account = ann.has("account", json!({ "name": "Acme" })).await;
        let id = deal(&ann, json!({ "accountId": account })).await;
        let lifecycle = async || ann.sees("account", &account, "lifecycle").await["lifecycle"].clone();
        assert_eq!(lifecycle().await, "OPPORTUNITY");
        ann.does("opportunity", "Delete", json!({ "id": id }), "id").await.data();
        assert_eq!(lifecycle().await, "PROSPECT");
        ann.does("opportunity", "Restore", json!({ "id": id }), "id").await.data();
        assert_eq!(lifecycle().await, "OPPORTUNITY");
    }
}

on_both! {
    async fn a_rate_is_that_of_the_amounts_own_currency(app) {
        let ann = app.founder().await;
        let home = json!({ "id": ann.actor.organization.to_string(), "baseCurrency": "EUR" });
        ann.does("organization", "Update", home, "id").await.data();
        for (from, rate) in [("USD", "0.9"), ("GBP", "1.2")] {
            ann.has("exchangeRate", json!({ "base": from, "quote": "EUR", "date": "2025-03-01", "rate": rate })).await;
        }
        let dollars = json!({ "amount": "1000", "currency": "USD" });
        let id = deal(&ann, json!({ "amount": dollars, "openedAt": "2025-02-01T10:00:00Z" })).await;
        ann.does("opportunity", "Win", json!({ "id": id, "closedAt": "2025-03-02T12:00:00Z" }), "id").await.data();
        let rate = async || ann.sees("opportunity", &id, "fxRateAtClose").await["fxRateAtClose"].clone();
        assert_eq!(rate().await, "0.9");
        let pounds = json!({ "id": id, "amount": { "amount": "1000", "currency": "GBP" } });
        ann.does("opportunity", "Update", pounds, "id").await.data();
        assert_eq!(rate().await, "1.2");
    }
}

on_both! {
    async fn what_is_open_is_not_forecast_as_closed(app) {
        let ann = app.admin();
        ann.sells().await;
        let id = deal(&ann, json!({})).await;
        let closed = ann.does("opportunity", "Update", json!({ "id": id, "forecastCategory": "CLOSED" }), "id").await;
        assert_eq!(closed.0["data"]["opportunityUpdate"]["userErrors"][0]["field"], json!(["input", "forecastCategory"]), "{}", closed.0);
        ann.does("opportunity", "Win", json!({ "id": id }), "id").await.data();
        let again = ann.does("opportunity", "Reopen", json!({ "id": id }), "forecastCategory").await;
        assert_eq!(again.data()["opportunityReopen"]["opportunity"]["forecastCategory"], "PIPELINE", "{}", again.0);
    }
}

on_both! {
    async fn amounts_are_small_enough_to_be_added_up(app) {
        let ann = app.admin();
        ann.sells().await;
        let vast = json!({ "name": "Vast", "amount": eur("92233720368547758.07") });
        let made = ann.does("opportunity", "Create", vast, "id").await;
        assert_eq!(made.0["data"]["opportunityCreate"]["userErrors"][0]["field"], json!(["input", "amount"]), "{}", made.0);
    }
}

on_both! {
    async fn every_move_is_kept_and_a_step_back_is_marked(app) {
        let ann = app.admin();
        let stages = ann.sells().await;
        let id = deal(&ann, json!({})).await;
        for (stage, regressed) in [("Negotiation", false), ("Qualification", true)] {
            let moved = ann.does("opportunity", "Move", json!({ "id": id, "stageId": stages[stage] }), "stage { name }").await;
            assert_eq!(moved.data()["opportunityMove"]["opportunity"]["stage"]["name"], stage);
            assert_eq!(history(&ann, &id).await.last().unwrap()["regressed"], regressed);
        }
        ann.does("opportunity", "Update", json!({ "id": id, "amount": eur("1500") }), "id").await.data();
        ann.does("opportunity", "Update", json!({ "id": id, "nextStep": "Call" }), "id").await.data();
        let rows = history(&ann, &id).await;
        assert_eq!(rows.len(), 4);
        assert!(rows.windows(2).all(|pair| pair[0]["toStage"] == pair[1]["fromStage"]), "{rows:?}");
        assert_eq!((&rows[3]["amountBefore"], &rows[3]["amountAfter"]), (&json!({ "amount": "1000.00" }), &json!({ "amount": "1500.00" })));
    }
}

on_both! {
    async fn winning_needs_an_amount_and_closes(app) {
        let ann = app.admin();
        ann.sells().await;
        let id = ann.has("opportunity", json!({ "name": "Bare" })).await;
        let win = |input| ann.does("opportunity", "Win", input, "stageType probability forecastCategory closedAt closeDate amount { amount }");
        assert_eq!(win(json!({ "id": id })).await.code(), "CRITERIA_UNMET");
        let won = win(json!({ "id": id, "amount": eur("9"), "closedAt": "2026-03-01T10:00:00Z" })).await;
        assert_eq!(won.code(), "VALIDATION", "it was opened later: {}", won.0);
        let won = win(json!({ "id": id, "amount": eur("9") })).await;
        let won = &won.data()["opportunityWin"]["opportunity"];
        assert_eq!((&won["stageType"], &won["probability"], &won["forecastCategory"]), (&json!("WON"), &json!(100), &json!("CLOSED")));
        assert_eq!(won["closedAt"].as_str().unwrap()[..10], *won["closeDate"].as_str().unwrap());
        assert_eq!(win(json!({ "id": id })).await.code(), "INVALID_TRANSITION");
        let zero = ann.does("opportunity", "Update", json!({ "id": id, "amount": null }), "id").await;
        assert_eq!(zero.code(), "CRITERIA_UNMET");
        let late = ann.does("opportunity", "Update", json!({ "id": id, "closeDate": "2031-01-01" }), "id").await;
        assert_eq!(late.code(), "LOCKED");
    }
}

on_both! {
    async fn losing_needs_a_reason_and_reopening_forgets_it(app) {
        let ann = app.admin();
        let stages = ann.sells().await;
        let id = deal(&ann, json!({ "stageId": stages["Proposal"] })).await;
        let bare = ann.does("opportunity", "Move", json!({ "id": id, "stageId": stages["Lost"] }), "id").await;
        assert_eq!(bare.code(), "CRITERIA_UNMET");
        let lost = json!({ "id": id, "reason": "PRICE", "note": "Too dear" });
        let lost = ann.does("opportunity", "Lose", lost, "stageType lossReason probability").await;
        assert_eq!(lost.data()["opportunityLose"]["opportunity"], json!({ "stageType": "LOST", "lossReason": "PRICE", "probability": 0 }));
        let stage = json!({ "id": id, "stageId": stages["Proposal"] });
        assert_eq!(ann.does("opportunity", "Update", stage, "id").await.code(), "INVALID_TRANSITION");
        let open = ann.does("opportunity", "Reopen", json!({ "id": id }), "stage { name } lossReason lossNote closedAt probability").await;
        let open = &open.data()["opportunityReopen"]["opportunity"];
        assert_eq!(open, &json!({ "stage": { "name": "Proposal" }, "lossReason": null, "lossNote": null, "closedAt": null, "probability": 50 }));
        assert_eq!(ann.does("opportunity", "Reopen", json!({ "id": id }), "id").await.code(), "INVALID_TRANSITION");
        assert_eq!(history(&ann, &id).await.len(), 3);
    }
}

on_both! {
    async fn history_may_be_brought_in_closed(app) {
        let ann = app.admin();
        let stages = ann.sells().await;
        let rows = json!([
            { "name": "Won", "stageId": stages["Won"], "amount": eur("50"), "closedAt": "2025-03-01T10:00:00Z", "openedAt": "2025-01-01T00:00:00Z" },
            { "name": "Lost", "stageId": stages["Lost"], "closeDate": "2025-02-03" },
            { "name": "Bad", "stageId": stages["Won"] },
        ]);
        let upsert = "mutation($rows: [OpportunityUpsertRow!]!) { opportunityUpsert(input: { rows: $rows }) { results { status
            opportunity { closedAt closeDate lossReason stageChanges { nodes { at } } } userErrors { code } } } }";
        let done = ann.ask(upsert, json!({ "rows": rows })).await;
        let results = &done.data()["opportunityUpsert"]["results"];
        assert_eq!(results[0]["opportunity"]["closeDate"], "2025-03-01", "{}", done.0);
        assert_eq!(results[0]["opportunity"]["stageChanges"]["nodes"], json!([{ "at": "2025-03-01T10:00:00Z" }]));
        let lost = &results[1]["opportunity"];
        assert_eq!((&lost["closedAt"], &lost["lossReason"]), (&json!("2025-02-03T00:00:00Z"), &json!("OTHER")));
        assert_eq!((&results[2]["status"], &results[2]["userErrors"]), (&json!("FAILED"), &json!([{ "code": "CRITERIA_UNMET" }])));
    }
}

on_both! {
    async fn figures_tell_won_from_lost_and_open(app) {
        let ann = app.admin();
        let stages = ann.sells().await;
        for stage in ["Won", "Won", "Won", "Lost", "Proposal"] {
            deal(&ann, json!({ "stageId": stages[stage], "closeDate": "2025-06-30" })).await;
        }
        let sums = "{ opportunityAggregate { count won lost open winRate { numerator denominator value }
            wonAmount { amount currency } openAmount { amount } amount { sum { amount } } }
            byOwner: opportunityAggregate(groupBy: [{ field: OWNER_REGION }, { field: OWNER_MANAGER }]) { key { ownerRegion ownerManager { id } } won } }";
        let sums = ann.ask(sums, json!({})).await;
        let all = &sums.data()["opportunityAggregate"][0];
        assert_eq!((&all["count"], &all["won"], &all["lost"], &all["open"]), (&json!(5), &json!(3), &json!(1), &json!(1)));
        assert_eq!(all["winRate"], json!({ "numerator": 3, "denominator": 4, "value": 0.75 }));
        assert_eq!(all["wonAmount"], json!([{ "amount": "3000.00", "currency": "EUR" }]));
        assert_eq!(sums.data()["byOwner"], json!([{ "key": { "ownerRegion": null, "ownerManager": null }, "won": 3 }]));
    }
}

on_both! {
    async fn the_rate_of_the_closing_day_is_frozen(app) {
        let (organization, user) = crate::access::user(&app, "ADMIN", "ann@example.com").await;
        let mut ann = app.admin();
        (ann.actor.organization, ann.actor.user) = (organization, Some(user));
        let stages = ann.sells().await;
        for (date, rate) in [("2026-03-01", "0.92"), ("2026-03-05", "0.93")] {
            ann.has("exchangeRate", json!({ "base": "USD", "quote": "EUR", "date": date, "rate": rate })).await;
        }
        let dollars = json!({ "amount": "10", "currency": "USD" });
        for (amount, closed, rate) in [
            (&dollars, "2026-03-04T12:00:00Z", json!("0.92")),
            (&dollars, "2026-04-04T12:00:00Z", json!(null)),
            (&eur("10"), "2026-03-04T12:00:00Z", json!("1")),
        ] {
            let won = json!({ "name": "Deal", "amount": amount, "stageId": stages["Won"], "closedAt": closed });
            let won = ann.has("opportunity", won).await;
            assert_eq!(ann.sees("opportunity", &won, "fxRateAtClose").await["fxRateAtClose"], rate);
        }
        // how old a rate may be is the organisation's to say
        for (days, date, rate) in [(30, "2026-04-04", json!("0.93")), (30, "2026-04-05", json!(null)), (0, "2026-03-06", json!(null)), (0, "2026-03-05", json!("0.93"))] {
            let home = json!({ "id": organization.to_string(), "rateMaxAgeDays": days });
            let told = ann.does("organization", "Update", home, "rateMaxAgeDays").await;
            assert_eq!(told.data()["organizationUpdate"]["organization"]["rateMaxAgeDays"], days);
            let won = json!({ "name": "Deal", "amount": dollars, "stageId": stages["Won"], "closedAt": format!("{date}T12:00:00Z") });
            let won = ann.has("opportunity", won).await;
            assert_eq!(ann.sees("opportunity", &won, "fxRateAtClose").await["fxRateAtClose"], rate, "{days} {date}");
        }
        let home = json!({ "id": organization.to_string(), "rateMaxAgeDays": 367 });
        assert_eq!(ann.does("organization", "Update", home, "id").await.code(), "VALIDATION");
    }
}

on_both! {
    async fn an_account_becomes_a_customer_with_its_first_win(app) {
        let ann = app.admin();
        ann.sells().await;
        let acme = ann.has("account", json!({ "name": "Acme" })).await;
        let id = deal(&ann, json!({ "accountId": acme })).await;
        assert_eq!(ann.sees("account", &acme, "lifecycle").await["lifecycle"], "OPPORTUNITY");
        ann.does("opportunity", "Lose", json!({ "id": id, "reason": "TIMING" }), "id").await.data();
        assert_eq!(ann.sees("account", &acme, "lifecycle").await["lifecycle"], "PROSPECT");
        ann.does("opportunity", "Reopen", json!({ "id": id }), "id").await.data();
        ann.does("opportunity", "Win", json!({ "id": id }), "id").await.data();
        assert_eq!(ann.sees("account", &acme, "lifecycle").await["lifecycle"], "CUSTOMER");
    }
}

on_both! {
    async fn a_thousand_rows_cost_as_many_statements_as_ten(app) {
        let ann = app.admin();
        ann.sells().await;
        let upsert = "mutation($rows: [OpportunityUpsertRow!]!) { opportunityUpsert(input: { rows: $rows }) { results { status } } }";
        let mut costs = vec![];
        for n in [10, 200] {
            let rows: Vec<_> = (0..n).map(|i| json!({ "name": format!("D{i}"), "amount": eur("5") })).collect();
            let before = app.store.statements();
            let done = ann.ask(upsert, json!({ "rows": rows })).await;
            assert_eq!(done.data()["opportunityUpsert"]["results"][n - 1]["status"], "CREATED");
            costs.push(app.store.statements() - before);
        }
        assert!(costs[1] <= costs[0] + 1, "{costs:?}");
    }
}
