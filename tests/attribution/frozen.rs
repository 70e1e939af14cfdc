//! A frozen period holds what was true when it was frozen, and what changes later is told beside it.

use serde_json::{Value, json};

use super::{
    Shop,
    kept::{earned, equals, rows},
    report::{ask, conserved, report},
    settled,
};
use crate::harness::on_both;

fn april() -> Value {
    json!({ "start": "2026-04-01T00:00:00Z", "end": "2026-05-01T00:00:00Z" })
}

fn later() -> Value {
    json!({ "by": "CAMPAIGN", "period": { "start": "2026-05-01T00:00:00Z", "end": "2999-01-01T00:00:00Z" } })
}

on_both! {
    async fn a_freeze_holds_every_change_that_was_made_before_it(app) {
        let shop = Shop::open(&app).await;
        let ann = &shop.ann;
        let (deal, ..) = shop.journey().await;
        let model = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        assert_eq!(ann.makes("attributionFreeze", april()).await.code(), "CONFLICT", "no credit has been computed yet");
        settled(&app).await;
        ann.does("opportunity", "Update", json!({ "id": deal, "amount": { "amount": "60.00", "currency": "EUR" } }), "id").await.data();
        assert_eq!(ann.makes("attributionFreeze", april()).await.code(), "CONFLICT", "nor followed the change");
        settled(&app).await;
        ann.has("attributionFreeze", april()).await;
        let kept = rows(ann, &deal, &model, "WON").await;
        assert!(kept.iter().all(|row| row["amount"]["amount"] == "10.00" && row["adjusts"] == false), "{kept:?}");
    }
}

on_both! {
    async fn corrections_move_credit_and_counts_between_campaigns(app) {
        let shop = Shop::open(&app).await;
        let ann = &shop.ann;
        let (fair, mails) = (ann.has("campaign", json!({ "name": "Fair" })).await, ann.has("campaign", json!({ "name": "Mails" })).await);
        let (_, contact) = shop.buyer("Acme").await;
        let touch = shop.touch(&contact, "02-01", 1, json!({ "campaignId": fair })).await;
        shop.touch(&contact, "02-02", 2, json!({ "channel": "EMAIL" })).await;
        let deal = shop.won("Acme", "100.00", json!({ "primaryContactId": contact })).await;
        let linear = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        settled(&app).await;
        ann.has("attributionFreeze", april()).await;
        let frozen = rows(ann, &deal, &linear, "WON").await;
        ann.does("touchpoint", "Update", json!({ "id": touch, "campaignId": mails }), "id").await.data();
        settled(&app).await;
        equals(&shop, std::slice::from_ref(&deal), std::slice::from_ref(&linear)).await;
        let now = rows(ann, &deal, &linear, "WON").await;
        assert!(frozen.iter().all(|row| now.contains(row)), "what was frozen stays");
        let found = report(ann, &[&linear], later()).await;
        conserved(&found);
        let figures = |report: &Value, name: &str| {
            let row = report["rows"].as_array().unwrap().iter().find(|row| row["campaign"]["name"] == name).cloned();
            let of = row.unwrap_or_else(|| panic!("no {name} in {report}"))["figures"][0].clone();
            let parts = [&of["amount"]["amount"], &of["influenced"]["count"], &of["influenced"]["amount"]["amount"], &of["sourced"]["count"]];
            json!(parts)
        };
        assert_eq!(figures(&found, "Fair"), json!(["-50.00", -1, "-100.00", -1]));
        assert_eq!(figures(&found, "Mails"), json!(["50.00", 1, "100.00", 1]));
        assert_eq!(found["models"][0]["total"]["influenced"]["count"], 0, "it is the same sale");

        ann.does("opportunity", "Update", json!({ "id": deal, "amount": { "amount": "160.00", "currency": "EUR" } }), "id").await.data();
        settled(&app).await;
        let found = report(ann, &[&linear], later()).await;
        conserved(&found);
        assert_eq!(figures(&found, "Fair"), json!(["-50.00", -1, "-100.00", -1]), "no more than before");
        assert_eq!(figures(&found, "Mails"), json!(["80.00", 1, "160.00", 1]));
        assert_eq!(found["models"][0]["total"]["influenced"]["amount"]["amount"], "60.00");
        let whole = report(ann, &[&linear], json!({ "by": "CAMPAIGN", "period": { "start": "2026-01-01T00:00:00Z", "end": "2999-01-01T00:00:00Z" } })).await;
        assert_eq!(figures(&whole, "Fair"), json!(["0.00", 0, "0.00", 0]), "together it is as if it had always been so");
        assert_eq!(figures(&whole, "Mails"), json!(["80.00", 1, "160.00", 1]));
        // in another currency too, whatever has become of its rate since
        let today = app.store.now().date_naive().to_string();
        for (day, rate) in [("2026-04-15", "1.1"), (today.as_str(), "2")] {
            ann.has("exchangeRate", json!({ "base": "EUR", "quote": "USD", "date": day, "rate": rate })).await;
        }
        settled(&app).await;
        let abroad = report(ann, &[&linear], json!({ "by": "CAMPAIGN", "currency": "USD", "period": { "start": "2026-01-01T00:00:00Z", "end": "2999-01-01T00:00:00Z" } })).await;
        assert_eq!(figures(&abroad, "Fair"), json!(["0.00", 0, "0.00", 0]), "a correction has the rate of what it corrects");
        assert_eq!(figures(&abroad, "Mails"), json!(["88.00", 1, "176.00", 1]));
        equals(&shop, &[deal], &[linear]).await;
    }
}

on_both! {
    async fn a_version_that_was_replaced_is_corrected_only_where_it_was_frozen(app) {
        let shop = Shop::open(&app).await;
        let ann = &shop.ann;
        let (deal, contact, _) = shop.journey().await;
        let first = shop.agrees("MAIN", json!({ "model": "FIRST" })).await;
        settled(&app).await;
        ann.has("attributionFreeze", april()).await;
        let of = ann.sees("agreementVersion", &first, "agreement { id }").await;
        let input = json!({ "agreementId": of["agreement"]["id"], "body": { "attribution": { "model": "LAST" } } });
        let made = ann.does("agreementVersion", "Create", input, "id").await;
        let next = made.data()["agreementVersionCreate"]["agreementVersion"]["id"].clone();
        ann.signs(&next).await;
        let other = shop.won("Other", "50.00", json!({ "primaryContactId": contact, "closedAt": "2026-05-20T10:00:00Z" })).await;
        settled(&app).await;
        let old = rows(ann, &deal, &first, "WON").await;
        assert_eq!(old.len(), 6, "what was frozen by the version before stays");
        assert_eq!(rows(ann, &deal, &first, "OPP_CREATED").await, Vec::<Value>::new(), "what was not is the next one's");
        // both in one batch: the account of the one says nothing of the other's
        ann.does("contact", "Update", json!({ "id": contact, "accountId": null }), "id").await.data();
        ann.does("opportunity", "Update", json!({ "id": deal, "amount": { "amount": "60000.00", "currency": "EUR" } }), "id").await.data();
        ann.does("opportunity", "Update", json!({ "id": other, "amount": { "amount": "60.00", "currency": "EUR" } }), "id").await.data();
        settled(&app).await;
        assert_eq!(rows(ann, &other, &first, "WON").await, Vec::<Value>::new());
        equals(&shop, &[other], std::slice::from_ref(&next)).await;
        let sums = earned(rows(ann, &deal, &first, "WON").await.iter());
        assert_eq!(sums.values().map(|(_, amount)| amount).sum::<i128>(), 6_000_000, "it is corrected by the version that froze it");
        equals(&shop, &[deal], &[next]).await;
    }
}

on_both! {
    async fn no_report_is_made_of_half_of_what_an_agreement_gives(app) {
        let shop = Shop::open(&app).await;
        shop.journey().await;
        let linear = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        let refused = ask(&shop.ann, &[&linear], json!({})).await;
        assert_eq!(refused.0["errors"][0]["extensions"]["userErrorCode"], "CONFLICT", "{}", refused.0);
        settled(&app).await;
        let found = report(&shop.ann, &[&linear], json!({})).await;
        assert_eq!(found["models"][0]["total"]["amount"]["amount"], "120000.00");
    }
}
