//! Pipelines and their stages, products, rates.

use crate::harness::{json, on_both};

on_both! {
    async fn a_pipeline_is_active_only_while_its_stages_make_sense(app) {
        let ann = app.admin();
        let id = ann.has("pipeline", json!({ "name": "Renewals" })).await;
        let active = json!({ "id": id, "active": true });
        assert_eq!(ann.does("pipeline", "Update", active.clone(), "id").await.code(), "CRITERIA_UNMET");
        let stage = |name: &str, position, of: &str| json!({ "pipelineId": id, "name": name, "position": position, "type": of });
        ann.has("stage", stage("Talk", 0, "OPEN")).await;
        let won = ann.does("stage", "Create", stage("Won", 1, "WON"), "id probability forecastCategory").await;
        let won = &won.data()["stageCreate"]["stage"];
        assert_eq!((&won["probability"], &won["forecastCategory"]), (&json!(100), &json!("CLOSED")));
        ann.has("stage", stage("Lost", 2, "LOST")).await;
        assert_eq!(ann.does("pipeline", "Update", active, "active").await.data()["pipelineUpdate"]["pipeline"]["active"], true);
        assert_eq!(ann.makes("stage", stage("Late", 3, "OPEN")).await.code(), "CRITERIA_UNMET");
        assert_eq!(ann.does("stage", "Delete", json!({ "id": won["id"] }), "id").await.code(), "CRITERIA_UNMET");
    }
}

on_both! {
    async fn stages_change_places_in_one_call(app) {
        let ann = app.admin();
        let stages = ann.sells().await;
        let rows = json!([{ "id": stages["Proposal"], "position": 1 }, { "id": stages["Qualification"], "position": 2 }]);
        let upsert = "mutation($rows: [StageUpsertRow!]!) { stageUpsert(input: { rows: $rows, matchOn: ID, atomic: true }) { results { status userErrors { message } } } }";
        let done = ann.ask(upsert, json!({ "rows": rows })).await;
        assert_eq!(done.data()["stageUpsert"]["results"][1]["status"], "UPDATED", "{}", done.0);
        let alone = ann.does("stage", "Update", json!({ "id": stages["Proposal"], "position": 0 }), "id").await;
        assert_eq!(alone.code(), "CRITERIA_UNMET");
        let list = ann.ask("{ pipelines { nodes { name stages(orderBy: [{ field: POSITION }]) { nodes { name } } } } }", json!({})).await;
        assert_eq!(list.data()["pipelines"]["nodes"][0]["stages"]["nodes"][1]["name"], "Proposal");
    }
}

on_both! {
    async fn what_opportunities_stand_in_cannot_be_deleted(app) {
        let ann = app.admin();
        let stages = ann.sells().await;
        ann.has("opportunity", json!({ "name": "Deal" })).await;
        assert_eq!(ann.does("stage", "Delete", json!({ "id": stages["Prospecting"] }), "id").await.code(), "LOCKED");
        let pipeline = ann.ask("{ pipeline(by: { name: \"Sales\" }) { id } }", json!({})).await.data()["pipeline"]["id"].clone();
        assert_eq!(ann.does("pipeline", "Delete", json!({ "id": pipeline }), "id").await.code(), "LOCKED");
        assert_eq!(ann.does("stage", "Delete", json!({ "id": stages["Proposal"] }), "id").await.code(), "");
        assert_eq!(ann.does("stage", "Restore", json!({ "id": stages["Proposal"] }), "id").await.code(), "");
    }
}

on_both! {
    async fn a_line_costs_the_list_price_times_its_quantity(app) {
        let ann = app.admin();
        ann.sells().await;
        let deal = ann.has("opportunity", json!({ "name": "Deal", "amount": { "amount": "10", "currency": "EUR" } })).await;
        let price = json!({ "amount": "3.33", "currency": "EUR" });
        let product = ann.has("product", json!({ "name": "Bolt", "sku": "B-1", "listPrice": price })).await;
        let line = json!({ "opportunityId": deal, "productId": product, "quantity": "1.5" });
        let said = "quantity unitPrice { amount } amount { amount currency }";
        let line = ann.does("opportunityLine", "Create", line, said).await;
        let line = &line.data()["opportunityLineCreate"]["opportunityLine"];
        assert_eq!(line, &json!({ "quantity": "1.5", "unitPrice": { "amount": "3.33" }, "amount": { "amount": "5.00", "currency": "EUR" } }));
        let yen = json!({ "opportunityId": deal, "productId": product, "unitPrice": { "amount": "3", "currency": "JPY" } });
        assert_eq!(ann.makes("opportunityLine", yen).await.code(), "VALIDATION");
        let sums = ann.ask("{ opportunityLineAggregate { count amount { currency sum { amount } } } }", json!({})).await;
        assert_eq!(sums.data()["opportunityLineAggregate"][0]["amount"], json!([{ "currency": "EUR", "sum": { "amount": "5.00" } }]));
    }
}

on_both! {
    async fn a_rate_is_a_decimal_for_a_pair_and_day(app) {
        let ann = app.admin();
        let rate = |quote: &str, rate: &str| json!({ "base": "EUR", "quote": quote, "date": "2026-03-01", "rate": rate });
        let made = ann.does("exchangeRate", "Create", rate("USD", "1.0850"), "base rate date").await;
        assert_eq!(made.data()["exchangeRateCreate"]["exchangeRate"], json!({ "base": "EUR", "rate": "1.085", "date": "2026-03-01" }));
        assert_eq!(ann.makes("exchangeRate", rate("USD", "1.1")).await.code(), "DUPLICATE");
        assert_eq!(ann.makes("exchangeRate", rate("EUR", "1.1")).await.code(), "VALIDATION");
        assert_eq!(ann.makes("exchangeRate", rate("JPY", "0")).await.code(), "VALIDATION");
        assert_eq!(ann.makes("exchangeRate", rate("JPY", "1.12345678901")).await.code(), "VALIDATION");
    }
}
