//! Figures that rest on few sales are told to who sees these, and cannot be reckoned from others by anybody else.

use api::actor::{Permission as P, Reach, Scope};
use entity::{id::RowId, opportunity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};

use super::{
    Shop,
    report::{ask, report},
    settled,
};
use crate::harness::{App, Person, on_both};

const RIGHTS: [(P, Reach); 2] = [(P::MetricRead, Reach::ALL), (P::AgreementRead, Reach::ALL)];

/// Reads figures, and no sale.
fn reader<'a>(app: &'a App, shop: &Shop<'_>) -> Person<'a> {
    app.holding(shop.ann.actor.organization, &RIGHTS)
}

/// So many sales to somebody with touches by these channels.
async fn sold(shop: &Shop<'_>, name: &str, channels: &[&str], count: usize, more: Value) {
    let (_, contact) = shop.buyer(name).await;
    for (n, channel) in channels.iter().enumerate() {
        shop.touch(&contact, &format!("02-0{}", n + 1), n, json!({ "channel": channel })).await;
    }
    for n in 0..count {
        let mut deal = json!({ "primaryContactId": contact });
        deal.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        shop.won(&format!("{name} {n}"), "10.00", deal).await;
    }
}

/// A figure of each group, by channel.
fn by_channel(report: &Value, figure: &str) -> Vec<(String, bool)> {
    let rows = report["rows"].as_array().unwrap();
    let name = |row: &Value| row["channel"].as_str().unwrap_or("nobody").to_owned();
    let mut told: Vec<_> = rows.iter().map(|row| (name(row), !row["figures"][0][figure].is_null())).collect();
    told.sort();
    told
}

fn named(told: &[(&str, bool)]) -> Vec<(String, bool)> {
    told.iter().map(|(name, told)| ((*name).to_owned(), *told)).collect()
}

on_both! {
    async fn a_small_group_is_not_told_by_the_others_and_the_whole(app) {
        let shop = Shop::open(&app).await;
        let linear = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        sold(&shop, "Mails", &["EMAIL"], 8, json!({})).await;
        sold(&shop, "Fairs", &["EVENT"], 6, json!({})).await;
        sold(&shop, "Calls", &["WEBINAR"], 3, json!({})).await;
        sold(&shop, "Cold", &[], 6, json!({})).await;
        settled(&app).await;
        let seen = report(&reader(&app, &shop), &[&linear], json!({ "by": "CHANNEL" })).await;
        let told = by_channel(&seen, "amount");
        assert_eq!(told, named(&[("EMAIL", true), ("EVENT", false), ("WEBINAR", false), ("nobody", true)]), "{seen}");
        assert_eq!(by_channel(&seen, "share"), told);
        let influenced = by_channel(&seen, "influenced");
        assert!(influenced.contains(&("WEBINAR".to_owned(), false)) && influenced.contains(&("EVENT".to_owned(), false)), "three follow from no difference: {seen}");
        assert_eq!(by_channel(&seen, "deals"), told);
        assert_eq!(by_channel(&seen, "sourced"), named(&[("EMAIL", true), ("EVENT", false), ("WEBINAR", false), ("nobody", true)]));
        assert_eq!(seen["models"][0]["total"]["amount"]["amount"], "230.00");
        let all = report(&shop.ann, &[&linear], json!({ "by": "CHANNEL" })).await;
        assert!(by_channel(&all, "amount").iter().all(|(_, told)| *told), "who sees every sale is told all: {all}");
    }
}

on_both! {
    async fn sales_that_a_group_has_no_part_of_are_not_told_by_the_difference(app) {
        let shop = Shop::open(&app).await;
        let linear = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        sold(&shop, "Both", &["EMAIL", "EVENT"], 6, json!({})).await;
        sold(&shop, "Fairs", &["EVENT"], 2, json!({})).await;
        settled(&app).await;
        let seen = report(&reader(&app, &shop), &[&linear], json!({ "by": "CHANNEL" })).await;
        // of eight sales six had mails: what the other two are worth would be the difference
        assert_eq!(by_channel(&seen, "influenced"), named(&[("EMAIL", false), ("EVENT", true)]), "{seen}");
        assert_eq!(by_channel(&seen, "sourced"), named(&[("EMAIL", false), ("EVENT", false)]), "{seen}");
        assert_eq!(by_channel(&seen, "amount"), named(&[("EMAIL", true), ("EVENT", true)]), "their parts of it do not tell");
        let first = shop.agrees("FIRST", json!({ "model": "FIRST" })).await;
        settled(&app).await;
        let seen = report(&reader(&app, &shop), &[&first], json!({ "by": "CHANNEL" })).await;
        assert_eq!(by_channel(&seen, "amount"), named(&[("EMAIL", false), ("EVENT", false)]), "only two sales earn for fairs: {seen}");
    }
}

on_both! {
    async fn unattributed_unconverted_and_what_counts_on_a_part_of_a_day_give_nothing_away(app) {
        let shop = Shop::open(&app).await;
        let linear = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        sold(&shop, "Mails", &["EMAIL"], 6, json!({})).await;
        sold(&shop, "Cold", &[], 1, json!({})).await;
        let dollars = json!({ "amount": { "amount": "100.00", "currency": "USD" } });
        sold(&shop, "Yankees", &["EMAIL"], 2, dollars).await;
        let late = json!({ "closedAt": "2026-04-15T18:00:00Z" });
        sold(&shop, "Evening", &["EMAIL"], 5, late).await;
        settled(&app).await;
        let clerk = reader(&app, &shop);
        let seen = report(&clerk, &[&linear], json!({ "missing": "BUCKET" })).await;
        let total = &seen["models"][0];
        assert_eq!((&total["total"]["amount"]["amount"], &total["unconverted"]), (&json!("120.00"), &json!(null)), "{seen}");
        assert_eq!(total["total"]["influenced"], json!(null), "the one that nobody touched would be the difference");
        let all = report(&shop.ann, &[&linear], json!({ "missing": "BUCKET" })).await;
        assert_eq!(all["models"][0]["unconverted"], json!([{ "amount": "200.00", "currency": "USD" }]));
        let hours = |start: &str, end: &str| json!({ "missing": "BUCKET", "period": { "start": format!("2026-04-15T{start}Z"), "end": format!("2026-04-{end}Z") } });
        let day = report(&clerk, &[&linear], hours("00:00:00", "16T00:00:00")).await;
        assert_eq!(report(&clerk, &[&linear], hours("00:00:00", "15T12:00:00")).await, day, "a day is told as a whole");
        assert_eq!(ask(&clerk, &[&linear], hours("12:00:00", "15T19:00:00")).await.code(), "BAD_USER_INPUT");
    }
}

on_both! {
    async fn whoever_sees_the_few_sales_is_told_them(app) {
        let shop = Shop::open(&app).await;
        let linear = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        let own = Reach { scope: Scope::Own, unassigned: false };
        let rep = app.holding(shop.ann.actor.organization, &[RIGHTS[0], RIGHTS[1], (P::OpportunityRead, own)]);
        sold(&shop, "Mails", &["EMAIL"], 8, json!({})).await;
        sold(&shop, "Fairs", &["EVENT"], 3, json!({})).await;
        opportunity::Entity::update_many()
            .col_expr(opportunity::Column::OwnerId, Expr::val(rep.actor.user.unwrap().uuid()))
            .filter(opportunity::Column::Name.starts_with("Fairs"))
            .exec(app.store.migrator())
            .await
            .unwrap();
        settled(&app).await;
        let seen = report(&rep, &[&linear], json!({ "by": "CHANNEL" })).await;
        assert_eq!(seen, report(&shop.ann, &[&linear], json!({ "by": "CHANNEL" })).await, "three sales of their own");
        let other = report(&reader(&app, &shop), &[&linear], json!({ "by": "CHANNEL" })).await;
        assert_eq!(by_channel(&other, "amount"), named(&[("EMAIL", false), ("EVENT", false)]));
    }
}

on_both! {
    async fn a_correction_of_few_sales_is_not_told_with_what_it_corrects(app) {
        let shop = Shop::open(&app).await;
        let linear = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        sold(&shop, "Mails", &["EMAIL"], 6, json!({})).await;
        let (_, contact) = shop.buyer("Fairs").await;
        shop.touch(&contact, "02-01", 1, json!({ "channel": "EVENT" })).await;
        let deal = shop.won("Fairs", "10.00", json!({ "primaryContactId": contact })).await;
        settled(&app).await;
        shop.ann.has("attributionFreeze", json!({ "start": "2026-04-01T00:00:00Z", "end": "2026-05-01T00:00:00Z" })).await;
        shop.ann.does("opportunity", "Update", json!({ "id": deal, "amount": { "amount": "70.00", "currency": "EUR" } }), "id").await.data();
        settled(&app).await;
        let later = json!({ "by": "CHANNEL", "period": { "start": "2026-05-01T00:00:00Z", "end": "2999-01-01T00:00:00Z" } });
        let all = report(&shop.ann, &[&linear], later.clone()).await;
        assert_eq!(all["models"][0]["total"]["adjustments"]["amount"], "60.00", "{all}");
        let seen = report(&reader(&app, &shop), &[&linear], later).await;
        let total = &seen["models"][0]["total"];
        assert_eq!((&total["adjustments"], &total["amount"], &total["withheld"]), (&json!(null), &json!(null), &json!(true)));
        assert_eq!(by_channel(&seen, "amount"), named(&[("EVENT", false)]));
        assert_eq!((&total["influenced"], &total["sourced"]), (&json!(null), &json!(null)), "the change of one sale: {seen}");
    }
}
