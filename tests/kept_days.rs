//! Figures that cannot be told of the past are kept once a day, and answer for it as they were.

use api::{
    access::role::templates::Template,
    actor::{Actor, Permission, Reach, Rights},
    insight::metric_day::daily,
    store::Access,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::{
    as_of::metric,
    handoff::person,
    harness::{App, Person, json, on_both},
    jobs::{Node, count, until},
};

/// So many hours before now.
fn ago(hours: i64) -> DateTime<Utc> {
    Utc::now() - TimeDelta::hours(hours)
}

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// Somebody with every right, and a rule that accounts have domains.
async fn house(app: &App) -> Person<'_> {
    let mut ann = person(app, Template::Admin, "ann").await;
    ann.actor.rights = Rights::everything().into();
    let rule = json!({ "name": "Domain", "entity": "ACCOUNT", "check": "COMPLETE", "fields": ["domain"], "ownerSide": "SALES", "weight": 3 });
    ann.has("dataQualityRule", rule).await;
    ann
}

/// So many accounts with domains, and so many without.
async fn accounts(who: &Person<'_>, good: usize, bad: usize) {
    for at in 0..good + bad {
        let domain = (at < good).then(|| format!("a{}.example", uuid::Uuid::now_v7().simple()));
        who.has("account", json!({ "name": format!("Acme {at}"), "domain": domain })).await;
    }
}

/// The job, as if it were then.
async fn keep(app: &App, who: &Person<'_>, at: DateTime<Utc>) -> bool {
    let system = Access::new(app.store.clone(), Actor::system(who.actor.organization), None);
    daily::keep(&system.at(at)).await.unwrap()
}

async fn health(who: &Person<'_>, at: DateTime<Utc>) -> Value {
    metric(who, "DATA_HEALTH", Some(&text(at)), "value n withheld").await
}

fn told(value: &str, n: i32) -> Value {
    json!({ "value": value, "n": n, "withheld": false })
}

fn withheld() -> Value {
    json!({ "value": null, "n": null, "withheld": true })
}

/// The code of an answer to what is asked of the past.
async fn refused(who: &Person<'_>, key: &str, at: DateTime<Utc>, more: &str) -> String {
    let period = "period: { start: \"2026-01-01T00:00:00Z\", end: \"2026-02-01T00:00:00Z\" }";
    let query = format!("{{ metric(key: {key}, {period}, asOf: \"{}\" {more}) {{ value }} }}", text(at));
    who.ask(&query, json!({})).await.code().to_owned()
}

on_both! {
    async fn a_day_is_kept_once_and_stays_as_it_was(app) {
        let ann = house(&app).await;
        accounts(&ann, 8, 2).await;
        let (first, second) = (ago(72), ago(24));
        assert!(keep(&app, &ann, first).await);
        accounts(&ann, 10, 0).await;
        assert!(!keep(&app, &ann, first).await, "it is kept");
        assert!(keep(&app, &ann, second).await);
        assert_eq!(count(&app.store, "metric_day").await, 2);
        accounts(&ann, 0, 5).await;
        let hour = TimeDelta::hours(1);
        assert_eq!(health(&ann, first + hour).await, told("0.8", 10));
        assert_eq!(health(&ann, second).await, told("0.8", 10), "what is kept at the instant itself had not been");
        assert_eq!(health(&ann, second + hour).await, told("0.9", 20));
        assert_eq!(metric(&ann, "DATA_HEALTH", None, "value n knownAt").await, json!({ "value": "0.72", "n": 25, "knownAt": null }));
        let said = "knownAt numerator denominator explain { inputs { name count value records { accounts { totalCount } } } }";
        let was = metric(&ann, "DATA_HEALTH", Some(&text(second + hour)), said).await;
        assert_eq!((&was["numerator"], &was["denominator"]), (&json!("2.7"), &json!("3")));
        let known: DateTime<Utc> = was["knownAt"].as_str().unwrap().parse().unwrap();
        assert_eq!(known.timestamp_micros(), second.timestamp_micros());
        let input = json!({ "name": "accounts", "count": 20, "value": "54", "records": { "accounts": null } });
        assert_eq!(was["explain"]["inputs"][0], input, "which they were is not known");
    }
}

on_both! {
    async fn what_was_not_kept_is_refused(app) {
        let ann = house(&app).await;
        accounts(&ann, 6, 0).await;
        assert_eq!(refused(&ann, "DATA_HEALTH", ago(1), "").await, "BAD_USER_INPUT", "nothing is");
        assert!(keep(&app, &ann, ago(48)).await);
        for key in ["DATA_HEALTH", "ALIGNMENT_INDEX"] {
            assert_eq!(refused(&ann, key, ago(1), "").await, "", "{key}");
            assert_eq!(refused(&ann, key, ago(49), "").await, "BAD_USER_INPUT", "{key}: nothing was yet");
        }
        for more in [", filter: { countries: [\"DE\"] }", ", groupBy: [OWNER]", ", options: { windowDays: 3 }"] {
            assert_eq!(refused(&ann, "DATA_HEALTH", ago(1), more).await, "BAD_USER_INPUT", "{more}");
        }
        // another organisation has kept nothing, and is not told what this one has
        let strange = app.founder().await;
        assert_eq!(refused(&strange, "DATA_HEALTH", ago(1), "").await, "BAD_USER_INPUT");
        assert!(keep(&app, &strange, ago(48)).await);
        assert_eq!(health(&strange, ago(1)).await, json!({ "value": null, "n": 0, "withheld": false }));
        assert_eq!(health(&ann, ago(1)).await, told("1", 6));
        let blind = app.holding(ann.actor.organization, &[(Permission::AccountRead, Reach::ALL)]);
        let query = format!("{{ metric(key: DATA_HEALTH, period: {{ start: \"2026-01-01T00:00:00Z\", end: \"2026-02-01T00:00:00Z\" }}, asOf: \"{}\") {{ value }} }}", text(ago(1)));
        assert_eq!(blind.ask(&query, json!({})).await.data()["metric"], json!(null), "without METRIC_READ");
    }
}

on_both! {
    async fn who_does_not_see_all_is_told_nothing_of_few_nor_of_few_that_changed(app) {
        let ann = house(&app).await;
        let eve = app.holding(ann.actor.organization, &[(Permission::MetricRead, Reach::ALL), (Permission::DataQualityRead, Reach::ALL)]);
        let days: Vec<DateTime<Utc>> = (1..=7).rev().map(|day| ago(24 * day)).collect();
        let after = |day: usize| days[day] + TimeDelta::hours(1);
        let whole = ["0.8", "0.5", "0.47619", "0.47619", "0.384615"];
        for (day, (good, bad)) in [(8, 2), (2, 8), (0, 1), (0, 0), (0, 5)].into_iter().enumerate() {
            accounts(&ann, good, bad).await;
            assert!(keep(&app, &ann, days[day]).await);
            assert_eq!(health(&ann, after(day)).await["value"], whole[day]);
        }
        assert_eq!(health(&eve, after(0)).await, withheld(), "two do not pass");
        assert_eq!(health(&eve, after(1)).await, told("0.5", 20));
        assert_eq!(health(&eve, after(2)).await, withheld(), "one came since what was told last");
        assert_eq!(health(&eve, after(3)).await, withheld());
        assert_eq!(health(&eve, after(4)).await, told("0.384615", 26), "six did");
        // a rule that rests for a day hides nobody who came meanwhile
        let rules = ann.ask("{ dataQualityRules { nodes { id } } }", json!({})).await;
        let domain = json!({ "id": rules.data()["dataQualityRules"]["nodes"][0]["id"] });
        let other = json!({ "name": "Industry", "entity": "ACCOUNT", "check": "COMPLETE", "fields": ["industry"], "ownerSide": "SALES", "weight": 1 });
        ann.has("dataQualityRule", other).await;
        assert_eq!(ann.does("dataQualityRule", "Delete", domain.clone(), "id").await.code(), "");
        assert!(keep(&app, &ann, days[5]).await);
        assert_eq!(health(&eve, after(5)).await, told("0", 26));
        assert_eq!(ann.does("dataQualityRule", "Restore", domain, "id").await.code(), "");
        accounts(&ann, 0, 1).await;
        assert!(keep(&app, &ann, days[6]).await);
        assert_eq!(health(&eve, after(6)).await, withheld(), "one came since it was told last");
        let said = "explain { inputs { count value } }";
        let made_of = metric(&eve, "DATA_HEALTH", Some(&text(after(1))), said).await["explain"]["inputs"][0].clone();
        assert_eq!(made_of, json!({ "count": null, "value": null }));
        // whoever sees all accounts, and not all contacts
        let some = app.holding(ann.actor.organization, &[(Permission::MetricRead, Reach::ALL), (Permission::AccountRead, Reach::ALL)]);
        assert_eq!(health(&some, after(2)).await, withheld());
    }
}

on_both! {
    async fn the_index_takes_what_was_kept_and_the_rest_as_it_was(app) {
        let ann = house(&app).await;
        let asset = |at: usize| json!({ "title": format!("Story {at}"), "kind": "DEMO", "status": "ACTIVE", "ownerSide": "SALES" });
        for at in 0..5 {
            ann.has("contentAsset", asset(at)).await;
        }
        accounts(&ann, 4, 4).await;
        assert!(keep(&app, &ann, ago(48)).await);
        let then = crate::past::now();
        accounts(&ann, 8, 0).await;
        let said = "value n withheld";
        // content 0 and health 0.5, each with weight 0.1
        let was = metric(&ann, "ALIGNMENT_INDEX", Some(&then), "value withheld knownAt explain { inputs { name count } }").await;
        assert_eq!((&was["value"], &was["withheld"]), (&json!("25"), &json!(false)));
        assert!(was["knownAt"].is_string());
        let input = |name: &str| was["explain"]["inputs"].as_array().unwrap().iter().find(|i| i["name"] == name).unwrap()["count"].clone();
        assert_eq!((input("content"), input("accounts")), (json!(5), json!(8)));
        assert_eq!(metric(&ann, "ALIGNMENT_INDEX", None, "value").await["value"], "37.5");
        assert_eq!(metric(&ann, "ALIGNMENT_INDEX", Some(&text(ago(24))), "value").await["value"], "50", "there was no content yet");
        let eve = app.holding(ann.actor.organization, &[(Permission::MetricRead, Reach::ALL)]);
        assert_eq!(metric(&eve, "ALIGNMENT_INDEX", Some(&then), said).await, withheld(), "four do not pass");
    }
}

on_both! {
    async fn the_runner_keeps_today(app) {
        let ann = house(&app).await;
        accounts(&ann, 6, 0).await;
        let node = Node::start(&app).await;
        let handlers = api::integration::work::handlers(&api::config::Retention::default());
        let runner = tokio::spawn(api::store::jobs::run(node.store.clone(), handlers));
        until(&app.store, "metric_day").await;
        node.later(25 * 3600);
        crate::jobs::until_so_many(&app.store, "metric_day", 2).await;
        runner.abort();
        let told = metric(&ann, "DATA_HEALTH", Some(&text(Utc::now() + TimeDelta::hours(1))), "value knownAt").await;
        assert_eq!(told, json!({ "value": "1", "knownAt": null }), "at most now");
    }
}

on_both! {
    async fn a_line_shows_what_stood_at_the_end_of_each_step(app) {
        let ann = house(&app).await;
        let today = Utc::now().date_naive();
        let day = |back: u64| today - chrono::Days::new(back);
        let one = |back: u64| day(back).and_hms_opt(1, 0, 0).unwrap().and_utc();
        accounts(&ann, 4, 4).await;
        assert!(keep(&app, &ann, one(3)).await);
        accounts(&ann, 8, 0).await;
        assert!(keep(&app, &ann, one(2)).await);
        accounts(&ann, 0, 16).await;
        ann.has("contentAsset", json!({ "title": "Story", "kind": "DEMO", "status": "ACTIVE", "ownerSide": "SALES" })).await;
        let line = |key: &str, metric: &str| {
            json!({ "key": key, "title": key, "draw": "LINE", "metric": metric, "every": "DAY",
                "period": { "start": day(4).to_string(), "end": day(1).to_string() } })
        };
        let layout = json!({ "widgets": [line("health", "DATA_HEALTH"), line("content", "CONTENT_UTILISATION")] });
        let made = ann.does("dashboard", "Create", json!({ "name": "Ours", "layout": layout }), "id").await;
        let id = made.data()["dashboardCreate"]["dashboard"]["id"].clone();
        assert!(id.is_string(), "{}", made.0);
        let query = "query($id: ID!) { dashboardData(id: $id) { widgets { error { message } points { start result { value n } } } } }";
        let shown = ann.ask(query, json!({ "id": id })).await.data()["dashboardData"]["widgets"].clone();
        let point = |back: u64, value: Value, n: i32| json!({ "start": day(back).to_string(), "result": { "value": value, "n": n } });
        let kept = [point(3, json!("0.5"), 8), point(2, json!("0.75"), 16)];
        assert_eq!(shown[0], json!({ "error": null, "points": kept }), "nothing was kept by the end of the first");
        let none = [4, 3, 2].map(|back| point(back, json!(null), 0));
        assert_eq!(shown[1], json!({ "error": null, "points": none }), "there was no content yet");
    }
}
