//! Whoever looks is told when a dashboard may show something else, and not more often than they can look.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use api::graph::purse::Purse;
use futures_util::{Stream, StreamExt, future::join_all};

use super::*;

async fn told(stream: &mut (impl Stream<Item = Value> + Unpin)) -> Option<Value> {
    let next = tokio::time::timeout(PATIENCE, stream.next()).await.expect("something");
    next.map(|answer| {
        assert!(answer["errors"].is_null(), "{answer}");
        answer["data"]["dashboardChanged"].clone()
    })
}

/// Once the subscription has begun.
async fn soon() {
    tokio::time::sleep(Duration::from_secs(3)).await;
}

on_both! {
    async fn it_tells_of_changes_at_most_every_few_seconds_and_ends_with_the_sight_of_it(app) {
        let house = House::of(&app).await;
        house.sells().await;
        let dashboard = house.saves(json!([number("a", "REVENUE", quarter())]), json!({ "sharing": "ORGANIZATION" })).await;
        app.numbered().await;
        let asked = format!("subscription {{ dashboardChanged(id: {dashboard}) {{ what dashboard {{ name }}
            data {{ widgets {{ metric {{ value }} error {{ code }} }} }} }} }}");
        // of a seller who sees few of the records
        let mut stream = house.rex.stream(&asked, &Value::Null);
        let won = |day: &str| closed(&house.stages["Won"], "1000", day, 10);
        let change = async |rows: Vec<Value>| {
            soon().await;
            bring(&house.ann, rows).await;
            app.numbered().await;
        };
        let (first, ()) = tokio::join!(told(&mut stream), change(vec![won("09-01")]));
        let begun = Instant::now();
        assert_eq!(first, Some(json!({ "what": "FIGURES", "dashboard": { "name": "Ours" },
            "data": { "widgets": [{ "metric": { "value": "1021003.30" }, "error": null }] } })));
        // a burst is told once, after a rest
        for _ in 0..5 {
            bring(&house.ann, vec![won("09-02")]).await;
        }
        app.numbered().await;
        let second = told(&mut stream).await.unwrap();
        assert_eq!(second["data"]["widgets"][0]["metric"]["value"], "1026003.30");
        assert!(begun.elapsed() >= Duration::from_secs(4), "{:?}", begun.elapsed());
        house.ann.does("dashboard", "Update", json!({ "id": dashboard, "name": "Theirs" }), "id").await.data();
        app.numbered().await;
        let third = told(&mut stream).await.unwrap();
        assert_eq!((&third["what"], &third["dashboard"]["name"]), (&json!("DASHBOARD"), &json!("Theirs")));
        // what it does not rest on is not told: the end is the next that comes
        house.ann.has("product", json!({ "name": "Thing", "sku": "T1" })).await;
        house.ann.does("dashboard", "Update", json!({ "id": dashboard, "sharing": "PRIVATE" }), "id").await.data();
        app.numbered().await;
        assert_eq!(told(&mut stream).await, None);
        // and nothing begins for who may not look
        assert_eq!(told(&mut house.rex.stream(&asked, &Value::Null)).await, None);
        let wrong = "subscription { dashboardChanged(id: \"lead_1\") { at } }";
        let answer = house.rex.stream(wrong, &Value::Null).next().await.unwrap();
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}

/// Changes until whoever began to listen in between has heard of one.
async fn changing(house: &House<'_>) {
    for _ in 0..8 {
        soon().await;
        bring(&house.ann, vec![closed(&house.stages["Won"], "1000", "09-01", 10)]).await;
        house.ann.app.numbered().await;
    }
}

on_both! {
    async fn each_event_is_charged_by_what_its_layout_asks(app) {
        let house = House::of(&app).await;
        let line = json!({ "key": "line", "title": "Line", "draw": "LINE", "metric": "REVENUE", "period": quarter(), "every": "MONTH" });
        let dashboard = house.saves(json!([number("a", "REVENUE", quarter()), line]), json!({})).await;
        app.numbered().await;
        let asked = |said: &str| format!("subscription {{ dashboardChanged(id: {dashboard}) {{ what {said} }} }}");
        let spent = Arc::new(AtomicU64::new(0));
        let purse = || {
            let spent = spent.clone();
            Purse::new(move |points| { spent.fetch_add(points, Ordering::Relaxed); Ok(()) })
        };
        let poor = Purse::new(|_| Err(7));
        let data = "data { widgets { key } again: widgets { title } }";
        let mut looks = house.ann.pays(&asked(data), &Value::Null, purse());
        let mut hears = house.ann.pays(&asked(""), &Value::Null, purse());
        let mut lacks = house.ann.pays(&asked(data), &Value::Null, poor);
        let (told, heard, refused, ()) = tokio::join!(looks.next(), hears.next(), lacks.next(), changing(&house));
        assert_eq!(told.unwrap()["data"]["dashboardChanged"]["data"]["widgets"].as_array().unwrap().len(), 2);
        assert_eq!(heard.unwrap()["data"]["dashboardChanged"]["what"], "FIGURES");
        // a number is one question, three months in at most five steps are five; asked twice they cost once, unasked nothing
        assert_eq!(spent.load(Ordering::Relaxed), 60);
        let refused = refused.unwrap();
        let error = &refused["errors"][0]["extensions"];
        assert_eq!((&error["code"], &error["retryAfterSeconds"]), (&json!("RATE_LIMITED"), &json!(7)), "{refused}");
    }
}

on_both! {
    async fn however_many_listen_each_gets_its_turn(app) {
        let house = House::of(&app).await;
        house.sells().await;
        let dashboard = house.saves(json!([number("a", "REVENUE", quarter())]), json!({ "sharing": "ORGANIZATION" })).await;
        app.numbered().await;
        let asked = format!("subscription {{ dashboardChanged(id: {dashboard}) {{ data {{ widgets {{ metric {{ value }} }} }} }} }}");
        let mut all: Vec<_> = (0..20).map(|_| house.rex.stream(&asked, &Value::Null)).collect();
        let (told, ()) = tokio::join!(join_all(all.iter_mut().map(told)), changing(&house));
        for one in told {
            assert!(one.unwrap()["data"]["widgets"][0]["metric"]["value"].is_string());
        }
    }
}
