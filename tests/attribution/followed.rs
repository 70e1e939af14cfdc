//! Credit follows rates, days are kept in step with it, and both come out the same when they are made anew.

use api::{alignment::attribution as credit, store::Access};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

use super::{
    Shop,
    kept::{equals, rows},
    report::{conserved, report},
    settled,
};
use crate::harness::{App, on_both};

/// What the days are, in words.
async fn days(app: &App) -> Vec<String> {
    let sql = "SELECT grouping || ' ' || CAST(day AS TEXT) || ' ' || part || ' ' || CAST(adjusts AS TEXT) || ' ' || currency || ' ' || anchor || ' ' \
        || amount || ' ' || weight_e12 || ' ' || sales || ' ' || earning || ' ' || influenced || ' ' || influenced_amount || ' ' || sourced || ' ' || sourced_amount \
        FROM attribution_day WHERE NOT (amount = 0 AND weight_e12 = 0 AND sales = 0 AND earning = 0 AND influenced = 0) ORDER BY 1";
    let sql = sql.replace("grouping ||", "\"grouping\" ||");
    let rows = sea_orm::ConnectionTrait::query_all_raw(
        app.store.migrator(),
        sea_orm::Statement::from_string(app.store.backend(), sql),
    );
    rows.await.unwrap().iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// `accord rebuild`.
async fn rebuilt(app: &App, shop: &Shop<'_>) {
    let system = api::actor::Actor::system(shop.ann.actor.organization);
    credit::rebuild_later(&Access::new(app.store.clone(), system, None)).await.unwrap();
    settled(app).await;
}

on_both! {
    async fn days_that_are_kept_are_the_days_that_are_made_anew_and_what_is_added_sale_by_sale(app) {
        let shop = Shop::open(&app).await;
        let ann = &shop.ann;
        let linear = shop.agrees("LINEAR", json!({ "model": "LINEAR", "lookBackDays": 200 })).await;
        let shaped = shop.agrees("W", json!({ "model": "W_SHAPED", "people": "ACCOUNT" })).await;
        let (mut contacts, mut deals, mut touches) = (vec![], vec![], vec![]);
        for n in 0..4 {
            let (account, contact) = shop.buyer(&format!("Buyer {n}")).await;
            let day = format!("2026-0{}-1{n}T10:00:00Z", 4 + n % 2);
            deals.push(shop.won(&format!("Deal {n}"), &format!("{}.{n}7", 100 + 31 * n), json!({ "accountId": account, "primaryContactId": contact, "closedAt": day })).await);
            contacts.push(contact);
        }
        for n in 0..24_usize {
            let channel = ["EMAIL", "EVENT", "PAID_SEARCH", "OUTBOUND"][n % 4];
            let source = ["news", "ads"][n % 2];
            let more = json!({ "channel": channel, "utmSource": source, "utmContent": format!("c{}", n % 3) });
            touches.push(shop.touch(&contacts[n % 3], &format!("0{}-{:02}", 1 + n % 4, 1 + n), n, more).await);
        }
        settled(&app).await;
        shop.ann.has("attributionFreeze", json!({ "start": "2026-04-01T00:00:00Z", "end": "2026-05-01T00:00:00Z" })).await;
        ann.does("touchpoint", "Delete", json!({ "id": touches[0] }), "id").await.data();
        ann.does("touchpoint", "Update", json!({ "id": touches[5], "contactId": contacts[3] }), "id").await.data();
        ann.does("opportunity", "Update", json!({ "id": deals[0], "amount": { "amount": "500.01", "currency": "EUR" } }), "id").await.data();
        settled(&app).await;
        ann.does("opportunity", "Reopen", json!({ "id": deals[2] }), "id").await.data();
        ann.does("opportunity", "Delete", json!({ "id": deals[1] }), "id").await.data();
        settled(&app).await;
        let kept = days(&app).await;
        assert!(kept.len() > 50, "{kept:#?}");
        let credits = async || ann.ask("{ attributionCredits(first: 100) { nodes { id } } }", json!({})).await.data().clone();
        let before = credits().await;
        rebuilt(&app, &shop).await;
        assert_eq!(days(&app).await, kept);
        assert_eq!(credits().await, before, "nothing is written where nothing is other");

        // at par every sale is converted one by one, and nothing is other than the days say
        for day in ["2026-03-01", "2026-04-07", "2026-04-12", "2026-05-07", "2026-05-12"] {
            ann.has("exchangeRate", json!({ "base": "EUR", "quote": "USD", "date": day, "rate": "1" })).await;
        }
        let today = app.store.now().date_naive().to_string();
        ann.has("exchangeRate", json!({ "base": "EUR", "quote": "USD", "date": today, "rate": "1" })).await;
        settled(&app).await;
        for anchor in ["WON", "OPP_CREATED"] {
            for by in ["CHANNEL", "SOURCE", "CONTENT", "CAMPAIGN"] {
                let period = json!({ "start": "2026-01-01T00:00:00Z", "end": "2999-01-01T00:00:00Z" });
                let asked = |currency: &str| json!({ "by": by, "anchor": anchor, "currency": currency, "period": period });
                let added = report(ann, &[&linear, &shaped], asked("EUR")).await;
                conserved(&added);
                let direct = report(ann, &[&linear, &shaped], asked("USD")).await;
                assert_eq!(direct.to_string().replace("USD", "EUR"), added.to_string(), "{anchor} by {by}");
            }
        }
    }
}

on_both! {
    async fn a_rate_that_changes_is_followed_and_the_rate_of_a_closing_stays(app) {
        let shop = Shop::open(&app).await;
        let ann = &shop.ann;
        let rate = ann.has("exchangeRate", json!({ "base": "USD", "quote": "EUR", "date": "2026-03-01", "rate": "0.5" })).await;
        ann.has("exchangeRate", json!({ "base": "USD", "quote": "EUR", "date": "2026-04-15", "rate": "0.5" })).await;
        let deal = shop.won("Yankee", "0.00", json!({ "amount": { "amount": "100.00", "currency": "USD" } })).await;
        let linear = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        settled(&app).await;
        let home = async |anchor: &str| rows(ann, &deal, &linear, anchor).await[0]["homeAmount"]["amount"].clone();
        assert_eq!((home("OPP_CREATED").await, home("WON").await), (json!("50.00"), json!("50.00")));
        ann.does("exchangeRate", "Update", json!({ "id": rate, "rate": "0.8" }), "id").await.data();
        settled(&app).await;
        assert_eq!((home("OPP_CREATED").await, home("WON").await), (json!("80.00"), json!("50.00")));
        let pipeline = report(ann, &[&linear], json!({ "anchor": "OPP_CREATED" })).await;
        assert_eq!(pipeline["models"][0]["total"]["amount"]["amount"], "80.00", "and so do the days");
    }
}

on_both! {
    async fn another_currency_of_the_organisation_is_that_of_its_reports_what_was_frozen_too(app) {
        let shop = Shop::open(&app).await;
        let ann = &shop.ann;
        let (_, contact) = shop.buyer("Acme").await;
        for (n, channel) in ["EMAIL", "EVENT", "WEBINAR"].into_iter().enumerate() {
            shop.touch(&contact, &format!("02-0{}", n + 1), n, json!({ "channel": channel })).await;
        }
        shop.won("April", "100.00", json!({ "primaryContactId": contact })).await;
        shop.won("June", "10.00", json!({ "primaryContactId": contact, "closedAt": "2026-06-01T10:00:00Z" })).await;
        let linear = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        settled(&app).await;
        ann.has("attributionFreeze", json!({ "start": "2026-04-01T00:00:00Z", "end": "2026-05-01T00:00:00Z" })).await;
        for day in ["2026-03-01", "2026-04-15", "2026-06-01"] {
            ann.has("exchangeRate", json!({ "base": "EUR", "quote": "USD", "date": day, "rate": "2" })).await;
        }
        let organization = ann.actor.organization.to_string();
        ann.does("organization", "Update", json!({ "id": organization, "baseCurrency": "USD" }), "id").await.data();
        settled(&app).await;
        let found = report(ann, &[&linear], json!({ "by": "CHANNEL" })).await;
        conserved(&found);
        assert_eq!(found["models"][0]["total"]["amount"], json!({ "amount": "220.00", "currency": "USD" }), "{found}");
        assert_eq!(found["models"][0]["total"]["influenced"], json!({ "count": 2, "overlapping": true, "amount": { "amount": "220.00" } }));
    }
}

on_both! {
    async fn what_a_person_did_as_another_lead_is_theirs_too(app) {
        let shop = Shop::open(&app).await;
        let ann = &shop.ann;
        let convert = async |email: &str, contact: &Value| {
            let lead = ann.has("lead", json!({ "email": email, "companyName": "Acme", "lastName": "Joe", "status": "SQL" })).await;
            let query = "mutation($in: LeadConvertInput!) { leadConvert(input: $in) { contact { id } userErrors { code message } } }";
            let mut input = json!({ "id": lead });
            if !contact.is_null() {
                input["contact"] = json!({ "existingId": contact });
            }
            let done = ann.ask(query, json!({ "in": input })).await;
            assert_eq!(done.data()["leadConvert"]["userErrors"], json!([]), "{}", done.0);
            (lead, done.data()["leadConvert"]["contact"]["id"].clone())
        };
        let (one, contact) = convert("joe@acme.com", &json!(null)).await;
        let (two, same) = convert("joe@private.com", &contact).await;
        assert_eq!(same, contact);
        let linear = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        let deal = shop.won("Acme", "10.00", json!({ "sourceLeadId": two })).await;
        settled(&app).await;
        shop.touch(&contact, "02-01", 1, json!({ "contactId": null, "leadId": one })).await;
        settled(&app).await;
        equals(&shop, std::slice::from_ref(&deal), std::slice::from_ref(&linear)).await;
        assert!(rows(ann, &deal, &linear, "WON").await[0]["touchpoint"]["id"].is_string(), "by the first of two leads who were the same");
    }
}

on_both! {
    async fn whatever_happens_days_that_are_kept_are_those_that_are_made_anew(app) {
        let shop = Shop::open(&app).await;
        let ann = &shop.ann;
        shop.agrees("LINEAR", json!({ "model": "LINEAR", "lookBackDays": 200 })).await;
        shop.agrees("W", json!({ "model": "W_SHAPED", "people": "ACCOUNT" })).await;
        let (mut contacts, mut deals, mut touches) = (vec![], vec![], vec![]);
        for n in 0..3 {
            let (account, contact) = shop.buyer(&format!("Buyer {n}")).await;
            deals.push(shop.won(&format!("Deal {n}"), &format!("{}.01", 100 + n), json!({ "accountId": account, "primaryContactId": contact })).await);
            contacts.push(contact);
        }
        for n in 0..6_usize {
            let source = if n % 2 == 0 { "news" } else { "ads" };
            touches.push(shop.touch(&contacts[n % 3], &format!("02-{:02}", 1 + n), n, json!({ "utmSource": source })).await);
        }
        let mut runner = TestRunner::new(Config::default());
        let any = prop::collection::vec((0..8_u8, 0..6_usize, 1..900_u32), 2..7);
        for round in 0..6 {
            let moves = any.new_tree(&mut runner).unwrap().current();
            for (what, at, worth) in &moves {
                let (touch, deal) = (&touches[*at], &deals[at % 3]);
                let (record, verb, input) = match what {
                    0 => ("touchpoint", "Delete", json!({ "id": touch })),
                    1 => ("touchpoint", "Restore", json!({ "id": touch })),
                    2 => ("touchpoint", "Update", json!({ "id": touch, "contactId": contacts[(at + 1) % 3] })),
                    3 => ("opportunity", "Update", json!({ "id": deal, "amount": { "amount": format!("{worth}.03"), "currency": "EUR" } })),
                    4 => ("opportunity", "Reopen", json!({ "id": deal })),
                    5 => ("opportunity", "Win", json!({ "id": deal })),
                    6 => ("opportunity", "Delete", json!({ "id": deal })),
                    _ => ("opportunity", "Restore", json!({ "id": deal })),
                };
                // what the life cycle forbids changes nothing
                ann.does(record, verb, input, "id").await;
                if worth % 3 == 0 {
                    settled(&app).await;
                }
            }
            settled(&app).await;
            let kept = days(&app).await;
            rebuilt(&app, &shop).await;
            assert_eq!(kept, days(&app).await, "{round}: {moves:?}");
        }
    }
}
