//! What is kept always equals what is computed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Shop, attribution, settled};
use crate::harness::{Person, on_both};

const KEPT: &str = "query($filter: AttributionCreditFilter) { attributionCredits(first: 100, filter: $filter) { totalCount nodes {
    touchpoint { id } channel campaign { id } weight amount { amount } homeAmount { amount } adjusts sourcing countsAt } } }";

pub async fn rows(who: &Person<'_>, deal: &Value, model: &Value, anchor: &str) -> Vec<Value> {
    let filter =
        json!({ "opportunityId": { "eq": deal }, "agreementVersionId": { "eq": model }, "anchor": { "eq": anchor } });
    let answer = who.ask(KEPT, json!({ "filter": filter })).await;
    answer.data()["attributionCredits"]["nodes"].as_array().unwrap().clone()
}

fn cents(text: &Value) -> i128 {
    text.as_str().map_or(0, |text| text.replace('.', "").parse().unwrap())
}

/// A weight in units of 10^-12, however many of its zeros are written.
fn units(text: &Value) -> i128 {
    let text = text.as_str().unwrap();
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let sign = if text.starts_with('-') { -1 } else { 1 };
    sign * format!("{}{rest:0<12}", whole.trim_start_matches('-')).parse::<i128>().unwrap()
}

pub type Earned = BTreeMap<String, (i128, i128)>;

/// Weight and amount by touch; those that came to nothing left out.
pub fn earned<'a>(credits: impl Iterator<Item = &'a Value>) -> Earned {
    let mut earned = Earned::new();
    for credit in credits {
        let (weight, amount) = earned.entry(credit["touchpoint"]["id"].to_string()).or_default();
        *weight += units(&credit["weight"]);
        *amount += cents(&credit["amount"]["amount"]);
    }
    earned.retain(|_, sums| *sums != (0, 0));
    earned
}

/// For each sale, agreement and anchor what is kept is what is computed.
pub async fn equals(shop: &Shop<'_>, deals: &[Value], models: &[Value]) {
    for deal in deals {
        for model in models {
            for anchor in ["OPP_CREATED", "WON"] {
                let kept = rows(&shop.ann, deal, model, anchor).await;
                let computed = attribution(&shop.ann, deal, model, anchor).await;
                let computed = computed["credits"].as_array().cloned().unwrap_or_default();
                assert_eq!(earned(kept.iter()), earned(computed.iter()), "{anchor} of {deal} by {model}: {kept:#?}");
            }
        }
    }
}

on_both! {
    async fn credit_follows_every_change_and_equals_what_is_computed(app) {
        let shop = Shop::open(&app).await;
        let ann = &shop.ann;
        let (before, contact, touches) = shop.journey().await;
        let linear = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        let shaped = shop.agrees("W", json!({ "model": "W_SHAPED", "people": "ACCOUNT" })).await;
        settled(&app).await;
        let after = shop.won("Later", "99.99", json!({ "primaryContactId": contact })).await;
        let open = ann.has("opportunity", json!({ "name": "Open", "primaryContactId": contact, "openedAt": "2026-04-01T00:00:00Z", "amount": { "amount": "10.00", "currency": "EUR" } })).await;
        settled(&app).await;
        let (deals, models) = ([before.clone(), after.clone(), open.clone()], [linear.clone(), shaped]);
        equals(&shop, &deals, &models).await;
        assert_eq!(rows(ann, &before, &linear, "WON").await.len(), 6);
        let of = ann.sees("opportunity", &before, "account { id }").await;
        let neighbour = ann.has("contact", json!({ "lastName": "New", "accountId": of["account"]["id"] })).await;
        let changes: Vec<(&str, &str, Value)> = vec![
            ("touchpoint", "Delete", json!({ "id": touches[1] })),
            ("touchpoint", "Restore", json!({ "id": touches[1] })),
            ("touchpoint", "Update", json!({ "id": touches[2], "contactId": neighbour })),
            ("opportunity", "Update", json!({ "id": before, "amount": { "amount": "77.77", "currency": "EUR" } })),
            ("committeeMember", "Create", json!({ "opportunityId": before, "contactId": neighbour, "role": "LEGAL" })),
            ("opportunity", "Reopen", json!({ "id": after })),
            ("opportunity", "Win", json!({ "id": open })),
            ("opportunity", "Update", json!({ "id": before, "sourceLeadId": null })),
            ("contact", "Update", json!({ "id": neighbour, "accountId": null })),
            ("opportunity", "Delete", json!({ "id": after })),
        ];
        for (n, (record, verb, input)) in changes.into_iter().enumerate() {
            let done = ann.does(record, verb, input.clone(), "id").await;
            assert_eq!(done.code(), "", "{record} {verb} {input}: {}", done.0);
            shop.touch(&contact, "02-20", 900 + n, json!({})).await;
            settled(&app).await;
            equals(&shop, &deals, &models).await;
        }
        assert_eq!(rows(ann, &after, &linear, "WON").await, Vec::<Value>::new(), "a sale that is deleted has none");
        let counted = (rows(ann, &open, &linear, "OPP_CREATED").await.len(), rows(ann, &open, &linear, "WON").await.len());
        assert_eq!(counted, (5, 6), "the touch of April came after it was opened");
    }
}

on_both! {
    async fn the_next_version_takes_the_place_of_the_one_before(app) {
        let shop = Shop::open(&app).await;
        let (deal, ..) = shop.journey().await;
        let first = shop.agrees("MAIN", json!({ "model": "FIRST" })).await;
        settled(&app).await;
        assert_eq!(rows(&shop.ann, &deal, &first, "WON").await.len(), 6);
        let of = shop.ann.sees("agreementVersion", &first, "agreement { id }").await;
        let agreement = of["agreement"]["id"].clone();
        let input = json!({ "agreementId": agreement, "body": { "attribution": { "model": "LAST", "anchors": ["WON"] } } });
        let made = shop.ann.does("agreementVersion", "Create", input, "id").await;
        let next = made.data()["agreementVersionCreate"]["agreementVersion"]["id"].clone();
        shop.ann.signs(&next).await;
        settled(&app).await;
        assert_eq!(rows(&shop.ann, &deal, &first, "WON").await, Vec::<Value>::new());
        assert_eq!(rows(&shop.ann, &deal, &next, "OPP_CREATED").await, Vec::<Value>::new(), "it gives no credit for that");
        let last = rows(&shop.ann, &deal, &next, "WON").await;
        assert_eq!(last.iter().filter(|row| row["amount"]["amount"] == "120000.00").count(), 1, "{last:?}");
        let named = attribution(&shop.ann, &deal, &agreement, "WON").await;
        assert_eq!((&named["version"], &named["key"]), (&json!(2), &json!("MAIN")), "an agreement stands for its version in force");
    }
}

on_both! {
    async fn frozen_credit_stays_and_corrections_are_added_beside_it(app) {
        let shop = Shop::open(&app).await;
        let ann = &shop.ann;
        let (deal, contact, touches) = shop.journey().await;
        let model = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        settled(&app).await;
        let period = |from: &str, to: &str| json!({ "start": format!("2026-{from}T00:00:00Z"), "end": format!("2026-{to}T00:00:00Z"), "note": "Pay" });
        assert_eq!(ann.makes("attributionFreeze", period("04-01", "03-01")).await.code(), "VALIDATION");
        assert_eq!(ann.makes("attributionFreeze", json!({ "start": "2026-04-01T00:00:00Z", "end": "2999-01-01T00:00:00Z" })).await.code(), "VALIDATION");
        ann.has("attributionFreeze", period("04-01", "05-01")).await;
        assert_eq!(ann.makes("attributionFreeze", period("04-30", "06-01")).await.code(), "DUPLICATE");
        let frozen = rows(ann, &deal, &model, "WON").await;

        ann.does("opportunity", "Update", json!({ "id": deal, "amount": { "amount": "60000.00", "currency": "EUR" } }), "id").await.data();
        settled(&app).await;
        let now = rows(ann, &deal, &model, "WON").await;
        let (corrections, stayed): (Vec<Value>, Vec<Value>) = now.into_iter().partition(|row| row["adjusts"] == true);
        assert_eq!(stayed, frozen, "what was frozen stays");
        assert!(corrections.iter().all(|row| row["amount"]["amount"] == "-10000.00" && units(&row["weight"]) == 0), "{corrections:?}");
        assert_eq!(corrections.len(), 6);
        assert!(corrections.iter().all(|row| row["countsAt"].as_str().unwrap() > "2026-05-01"), "they count when they are found");
        equals(&shop, std::slice::from_ref(&deal), std::slice::from_ref(&model)).await;

        ann.does("touchpoint", "Delete", json!({ "id": touches[0] }), "id").await.data();
        settled(&app).await;
        equals(&shop, std::slice::from_ref(&deal), std::slice::from_ref(&model)).await;
        ann.does("opportunity", "Reopen", json!({ "id": deal }), "id").await.data();
        settled(&app).await;
        assert_eq!(earned(rows(ann, &deal, &model, "WON").await.iter()), Earned::new(), "all of it is taken back");
        assert!(frozen.iter().all(|row| !row["amount"].is_null()));
        ann.does("opportunity", "Win", json!({ "id": deal }), "id").await.data();
        settled(&app).await;
        equals(&shop, std::slice::from_ref(&deal), std::slice::from_ref(&model)).await;

        let late = shop.won("Told late", "5.00", json!({ "primaryContactId": contact })).await;
        settled(&app).await;
        let told = rows(ann, &late, &model, "WON").await;
        assert!(told.iter().all(|row| row["countsAt"].as_str().unwrap() > "2026-05-01" && row["adjusts"] == false), "{told:?}");
        equals(&shop, &[late, deal], &[model]).await;
        let clerk = app.holding(ann.actor.organization, &[(api::actor::Permission::MetricRead, api::actor::Reach::ALL)]);
        assert_eq!(clerk.makes("attributionFreeze", period("01-01", "02-01")).await.code(), "FORBIDDEN");
        let seen = clerk.ask("{ attributionFreezes { nodes { note createdBy { id } } } }", json!({})).await;
        assert_eq!(seen.data()["attributionFreezes"]["nodes"].as_array().unwrap().len(), 1);
    }
}

/// A small generator of numbers: the same ones in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

const UPSERT: &str = "mutation($rows: [TouchpointUpsertRow!]!) { touchpointUpsert(input: { rows: $rows, matchOn: EXTERNAL_EVENT_ID }) { results { status } } }";

on_both! {
    async fn many_sales_and_touches_in_bulk_are_kept_as_they_are_computed(app) {
        let shop = Shop::open(&app).await;
        let mut dice = Dice(42);
        let bodies = [json!({ "model": "LINEAR", "lookBackDays": 60 }), json!({ "model": "FULL_PATH" }), json!({ "model": "TIME_DECAY", "halfLifeDays": 7, "people": "ACCOUNT" })];
        let mut models = vec![];
        for (n, body) in bodies.into_iter().enumerate() {
            models.push(shop.agrees(&format!("M{n}"), body).await);
        }
        let (mut contacts, mut deals) = (vec![], vec![]);
        for n in 0..4 {
            let (account, contact) = shop.buyer(&format!("Buyer {n}")).await;
            let deal = json!({ "accountId": account, "primaryContactId": contact });
            deals.push(shop.won(&format!("Deal {n}"), &format!("{}.{:02}", dice.roll(9999), dice.roll(100)), deal).await);
            contacts.push(contact);
        }
        for round in 0..3 {
            let touch = |dice: &mut Dice, n: u64| {
                let kinds = ["AD_CLICK", "WEB_VISIT", "CHAT"];
                let channels = ["EMAIL", "ORGANIC", "OUTBOUND"];
                json!({ "kind": kinds[dice.roll(3) as usize], "channel": channels[dice.roll(3) as usize], "contactId": contacts[dice.roll(4) as usize],
                    "occurredAt": format!("2026-0{}-{:02}T{:02}:{:02}:00Z", 1 + dice.roll(4), 1 + dice.roll(28), dice.roll(3), dice.roll(60)),
                    "system": "web", "externalEventId": format!("{round}/{n}") })
            };
            let sent: Vec<Value> = (0..40).map(|n| touch(&mut dice, n)).collect();
            let halves = sent.chunks(20).map(|rows| shop.ann.ask(UPSERT, json!({ "rows": rows })));
            for answer in futures_util::future::join_all(halves).await {
                answer.data();
            }
            settled(&app).await;
            equals(&shop, &deals, &models).await;
        }
    }
}
