//! One sale, by every model.

use serde_json::{Value, json};

use super::{Shop, amounts, attribution};
use crate::harness::on_both;

const TABLE: [(&str, &str, [&str; 6]); 9] = [
    ("FIRST", "{}", ["120000.00", "0.00", "0.00", "0.00", "0.00", "0.00"]),
    ("LAST", "{}", ["0.00", "0.00", "0.00", "0.00", "0.00", "120000.00"]),
    ("LINEAR", "{}", ["20000.00"; 6]),
    ("U_SHAPED", "{}", ["60000.00", "60000.00", "0.00", "0.00", "0.00", "0.00"]),
    ("POSITION", "{}", ["48000.00", "6000.00", "6000.00", "6000.00", "6000.00", "48000.00"]),
    ("W_SHAPED", "{}", ["36000.00", "36000.00", "12000.00", "36000.00", "0.00", "0.00"]),
    ("FULL_PATH", "{}", ["27000.00", "27000.00", "6000.00", "27000.00", "6000.00", "27000.00"]),
    ("TIME_DECAY", r#"{ "halfLifeDays": 7 }"#, ["8.59", "37.94", "303.54", "1992.04", "13073.10", "104584.79"]),
    ("TIME_DECAY", r#"{ "halfLifeDays": 30 }"#, ["5267.19", "7448.93", "12100.82", "18770.13", "29115.18", "47297.75"]),
];

on_both! {
    async fn the_worked_example_by_every_model_and_why(app) {
        let shop = Shop::open(&app).await;
        let (deal, _, touches) = shop.journey().await;
        for (n, (model, more, expected)) in TABLE.into_iter().enumerate() {
            let mut body: Value = serde_json::from_str(more).unwrap();
            body["model"] = json!(model);
            let draft = shop.drafts(&format!("{model} {n}"), body).await;
            let found = attribution(&shop.ann, &deal, &draft, "WON").await;
            assert_eq!(amounts(&found), expected, "{model} {more}");
            let earned: Vec<&Value> = found["credits"].as_array().unwrap().iter().map(|credit| &credit["touchpoint"]["id"]).collect();
            assert_eq!(earned, touches.iter().collect::<Vec<_>>());
            assert_eq!((&found["amount"]["amount"], &found["leftOut"]), (&json!("120000.00"), &json!([])));
        }
        let custom = json!({ "model": "CUSTOM", "weights": { "firstTouch": "10", "won": "80", "between": "10" }, "lookBackDays": 60 });
        let custom = shop.drafts("OURS", custom).await;
        let found = attribution(&shop.ann, &deal, &custom, "WON").await;
        assert_eq!(amounts(&found), ["12000.00", "12000.00", "96000.00"], "the first within 60 days, one between, the last");
        assert_eq!(found["credits"][0]["milestones"], json!(["FIRST_TOUCH", "OPP_CREATED"]), "and no touch of it is the lead's");
        assert_eq!(found["leftOutCount"], 3);
        assert_eq!(found["leftOut"][2], json!({ "touchpoint": { "id": touches[2] }, "reason": "BEFORE_LOOK_BACK" }));
        let created = attribution(&shop.ann, &deal, &custom, "OPP_CREATED").await;
        assert_eq!(amounts(&created), ["120000.00", "0.00", "0.00", "0.00"], "what has not happened yet gets nothing");
        assert_eq!(created["anchoredAt"], "2026-03-02T09:00:00Z");
    }
}

on_both! {
    async fn whose_touches_count_and_why_others_do_not(app) {
        let shop = Shop::open(&app).await;
        let (deal, contact, touches) = shop.journey().await;
        let of = shop.ann.sees("opportunity", &deal, "account { id } sourceLead { id }").await;
        let account = &of["account"]["id"];
        let colleague = shop.ann.has("contact", json!({ "lastName": "Colleague", "accountId": account })).await;
        let theirs = shop.touch(&colleague, "02-11", 50, json!({ "channel": "EMAIL" })).await;
        let leads = shop.touch(&contact, "01-02", 51, json!({ "contactId": null, "leadId": of["sourceLead"]["id"] })).await;
        let again = shop.touch(&contact, "02-10", 52, json!({ "occurredAt": "2026-02-10T10:29:00Z" })).await;
        let called = shop.touch(&contact, "02-12", 53, json!({ "channel": "OUTBOUND" })).await;
        let late = shop.touch(&contact, "05-01", 54, json!({})).await;
        let committee = shop.drafts("LINEAR", json!({ "model": "LINEAR" })).await;
        let found = attribution(&shop.ann, &deal, &committee, "WON").await;
        assert_eq!(found["credits"][0]["touchpoint"]["id"], leads, "the lead's own is the first");
        assert_eq!(amounts(&found), ["17142.86", "17142.86", "17142.86", "17142.86", "17142.86", "17142.85", "17142.85"]);
        let why = |id: &Value, reason: &str| json!({ "touchpoint": { "id": id }, "reason": reason });
        assert_eq!(found["leftOut"], json!([why(&again, "DUPLICATE"), why(&theirs, "NOT_MEMBER"), why(&called, "CHANNEL"), why(&late, "AFTER_ANCHOR")]));
        let all = json!({ "model": "LINEAR", "people": "ACCOUNT", "channels": ["EMAIL", "OUTBOUND"], "dedupeMinutes": 0 });
        let all = shop.drafts("ALL", all).await;
        let found = attribution(&shop.ann, &deal, &all, "WON").await;
        let earned: Vec<&Value> = found["credits"].as_array().unwrap().iter().map(|credit| &credit["touchpoint"]["id"]).collect();
        assert_eq!(earned, [&theirs, &called]);
        assert_eq!(found["leftOutCount"], touches.len() + 3);
        shop.ann.has("committeeMember", json!({ "opportunityId": deal, "contactId": colleague, "role": "CHAMPION" })).await;
        let found = attribution(&shop.ann, &deal, &committee, "WON").await;
        assert_eq!(amounts(&found).len(), 8, "a seat in the committee");
    }
}

on_both! {
    async fn nobody_gets_what_no_touch_earned_and_an_open_sale_earns_nothing_yet(app) {
        let shop = Shop::open(&app).await;
        let model = shop.drafts("LINEAR", json!({ "model": "LINEAR" })).await;
        let deal = shop.won("Cold", "500.00", json!({})).await;
        let found = attribution(&shop.ann, &deal, &model, "WON").await;
        assert_eq!(found["credits"], json!([{ "touchpoint": null, "unattributed": true, "channel": null, "milestones": [], "weight": "1.000000000000",
            "amount": { "amount": "500.00" }, "sourcing": false }]));
        let open = shop.ann.has("opportunity", json!({ "name": "Open" })).await;
        assert_eq!(attribution(&shop.ann, &open, &model, "WON").await, json!(null));
        let created = attribution(&shop.ann, &open, &model, "OPP_CREATED").await;
        assert_eq!((&created["amount"], &created["credits"][0]["amount"]), (&json!(null), &json!(null)), "nobody has said what it is worth");
        assert_eq!(attribution(&shop.ann, &open, &model, "LEAD").await, json!(null), "it began with no lead");
        let eve = app.admin();
        assert_eq!(attribution(&eve, &deal, &model, "WON").await, json!(null));
        let wrong = shop.ann.does("agreement", "Create", json!({ "key": "BAD", "title": "x", "body": { "attribution": { "model": "TIME_DECAY" } } }), "id").await;
        assert_eq!(wrong.0["data"]["agreementCreate"]["userErrors"][0]["field"], json!(["input", "body", "attribution", "halfLifeDays"]), "{}", wrong.0);
    }
}
