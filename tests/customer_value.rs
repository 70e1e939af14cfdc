//! What customers are worth: over their time, so far, and in whatever currency they pay.

use api::access::role::templates::Template;
use serde_json::Value;

use crate::{
    customers::{MARCH, accounts, contract, over},
    harness::{json, on_both},
    metric::money,
};

on_both! {
    async fn a_customers_value_over_time(app) {
        let ann = app.founder().await;
        let accounts = accounts(&ann, 20).await;
        for (at, account) in accounts.iter().enumerate() {
            let end = if at == 0 { Some("2026-03-20") } else { None };
            ann.has("customerContract", contract(account, "500", "2026-01-01", end)).await;
        }
        let margin = ", options: { grossMargin: \"0.80\" }";
        let value = over(&ann, "CLV", MARCH, margin, "value numerator denominator capped").await;
        assert_eq!(value, json!({ "value": "8000.00", "numerator": "400", "denominator": "0.05", "capped": false }));
        let still = over(&ann, "CLV", ("2026-04-01", "2026-05-01"), margin, "value capped").await;
        assert_eq!(still, json!({ "value": "24000.00", "capped": true }), "nobody left: 60 months at most");
        assert_eq!(over(&ann, "CLV", ("2026-04-01", "2026-05-01"), ", options: { grossMargin: \"0.80\", maxMonths: 10 }", "value").await["value"], "4000.00");
        // a loss of 5 % in three months is one of 1.695 % in each
        let quarter = over(&ann, "CLV", ("2026-01-01", "2026-04-01"), margin, "value denominator").await;
        assert_eq!(quarter, json!({ "value": "23595.44", "denominator": "0.016952" }));
        assert_eq!(over(&ann, "CLV", ("2026-03-01", "2026-04-02"), margin, "value").await["value"], json!(null), "not of whole months");
        for (options, why) in [("", "it needs a margin"), (", options: { grossMargin: \"1.1\" }", "a margin is a share"), (", options: { grossMargin: \"1\", lagDays: 3 }", "it takes no lag")] {
            let refused = ann.ask(&format!("{{ metric(key: CLV, period: {{ start: \"2026-03-01T00:00:00Z\", end: \"2026-04-01T00:00:00Z\" }} {options}) {{ value }} }}"), json!({})).await;
            assert_eq!(refused.code(), "BAD_USER_INPUT", "{why}");
        }
    }
}

on_both! {
    async fn what_customers_have_left_so_far(app) {
        let ann = app.founder().await;
        let accounts = accounts(&ann, 3).await;
        // 17 days of January, February, 9 days of March
        let first = ann.has("customerContract", contract(&accounts[0], "500", "2026-01-15", Some("2026-03-10"))).await;
        ann.has("customerContract", contract(&accounts[1], "100", "2025-01-01", None)).await;
        let mut support = contract(&accounts[1], "31", "2026-01-31", Some("2026-02-01"));
        support["productId"] = ann.has("product", json!({ "name": "Support" })).await;
        ann.has("customerContract", support).await;
        ann.has("customerContract", contract(&accounts[2], "999", "2026-04-01", None)).await;
        let margin = ", options: { grossMargin: \"0.5\" }";
        let said = "value numerator denominator explain { inputs { name count value unit } }";
        let value = over(&ann, "CLV_HISTORICAL", MARCH, margin, said).await;
        // 919.35 and 15 months of 100 and a day of January
        let inputs = json!([{ "name": "paid", "count": 3, "value": "2420.35", "unit": "MONEY" }, { "name": "customers", "count": 2, "value": "2", "unit": "COUNT" }]);
        assert_eq!(value, json!({ "value": "605.09", "numerator": "1210.175", "denominator": "2", "explain": { "inputs": inputs } }));
        let leap = over(&ann, "CLV_HISTORICAL", ("2026-02-01", "2026-02-15"), margin, "numerator").await;
        assert_eq!(leap["numerator"], "937.595", "half of 524.19, 1,350 and 1: the days of February are 28");
        ann.does("customerContract", "Refund", json!({ "id": first, "amount": money("19.35", "EUR") }), "id").await.data();
        assert_eq!(over(&ann, "CLV_HISTORICAL", MARCH, margin, "value").await["value"], "600.25", "what was paid back is taken off");
        let rep = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        assert_eq!(over(&rep, "CLV_HISTORICAL", MARCH, margin, "withheld").await["withheld"], true, "two pay: that is few");
    }
}

on_both! {
    async fn customers_whose_money_is_left_out_do_not_count(app) {
        let ann = app.founder().await;
        let accounts = accounts(&ann, 6).await;
        for (at, account) in accounts.iter().enumerate() {
            let mut one = contract(account, "100", "2026-01-01", None);
            if at == 0 {
                one["monthlyAmount"] = money("100", "USD");
            }
            ann.has("customerContract", one).await;
        }
        let options = ", options: { grossMargin: \"1\", maxMonths: 10 }, onMissingRate: BUCKET";
        let value = over(&ann, "CLV", MARCH, options, "value numerator unconverted { count amount { currency } }").await;
        assert_eq!((&value["value"], &value["numerator"]), (&json!("1000.00"), &json!("100")), "five pay 500, and one nobody knows what: {value}");
        let so_far = over(&ann, "CLV_HISTORICAL", MARCH, ", options: { grossMargin: \"1\" }, onMissingRate: BUCKET", "value denominator").await;
        assert_eq!(so_far, json!({ "value": "300.00", "denominator": "5" }));
    }
}

on_both! {
    async fn customers_who_pay_in_another_currency_stay(app) {
        let ann = app.founder().await;
        let accounts = accounts(&ann, 2).await;
        let today = chrono::Utc::now().date_naive().to_string();
        ann.has("exchangeRate", json!({ "base": "USD", "quote": "EUR", "date": today, "rate": "0.5" })).await;
        let dollars = |account: &Value, monthly: &str, start: &str, end: Option<&str>| {
            let mut one = contract(account, "1", start, end);
            one["monthlyAmount"] = money(monthly, "USD");
            one
        };
        // from 100 euro to 180 dollars
        ann.has("customerContract", contract(&accounts[0], "100", "2026-01-01", Some("2026-03-15"))).await;
        ann.has("customerContract", dollars(&accounts[0], "180", "2026-03-15", None)).await;
        ann.has("customerContract", contract(&accounts[1], "100", "2026-01-01", None)).await;
        let said = "value numerator denominator";
        assert_eq!(over(&ann, "NET_RETENTION", MARCH, "", said).await, json!({ "value": "0.95", "numerator": "190", "denominator": "200" }));
        assert_eq!(over(&ann, "GROSS_RETENTION", MARCH, "", "value").await["value"], "0.95", "10 less, not 100");
        assert_eq!(over(&ann, "RECURRING_REVENUE", MARCH, "", "value").await["value"], "190.00");
        // more dollars and fewer euro outweigh each other; each contract is rounded by itself
        let product = ann.has("product", json!({ "name": "Support" })).await;
        let third = ann.has("account", json!({ "name": "Third" })).await;
        for (start, end, monthly, product) in [("2026-01-01", Some("2026-03-15"), "0.05", &Value::Null), ("2026-01-01", Some("2026-03-15"), "0.05", &product)] {
            let mut one = dollars(&third, monthly, start, end);
            one["productId"] = product.clone();
            ann.has("customerContract", one).await;
        }
        ann.has("customerContract", contract(&third, "0.03", "2026-03-15", None)).await;
        assert_eq!(over(&ann, "NET_RETENTION", MARCH, "", said).await, json!({ "value": "0.94996", "numerator": "190.03", "denominator": "200.04" }));
        let kept = over(&ann, "GROSS_RETENTION", MARCH, "", "numerator explain { inputs { name count } }").await;
        assert_eq!(kept["numerator"], "190.03");
        assert_eq!(kept["explain"]["inputs"][0], json!({ "name": "start", "count": 3 }));
        let yen = over(&ann, "NET_RETENTION", MARCH, ", currency: \"JPY\", onMissingRate: BUCKET", "value unconverted { count }").await;
        assert_eq!(yen, json!({ "value": null, "unconverted": [{ "count": 4 }, { "count": 2 }] }));
    }
}

on_both! {
    async fn the_largest_contract_is_counted_to_the_cent(app) {
        let ann = app.founder().await;
        let accounts = accounts(&ann, 1).await;
        // 57 days of 31, of the largest amount that there is
        ann.has("customerContract", contract(&accounts[0], "9999999999999.99", "2026-01-15", Some("2026-03-10"))).await;
        let value = over(&ann, "CLV_HISTORICAL", MARCH, ", options: { grossMargin: \"1\" }", "value").await;
        assert_eq!(value["value"], "18387096774193.53");
    }
}
