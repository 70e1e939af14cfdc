//! Subscriptions: each role hears of what it may see, and nobody else.

use std::{collections::BTreeSet, time::Duration};

use api::{access::role::templates::Template, actor::Permission};
use entity::word::Word;
use futures_util::{StreamExt, future::join_all};
use serde_json::Value;
use tokio::time::timeout;

use super::{holds, roles};
use crate::{
    harness::{App, Known, PATIENCE, Person, Sample, World, json, on_both},
    jobs::{Node, until},
};

/// Every subscription, and where it is tried.
const TRIED: [&str; 6] =
    ["changes", "dashboardChanged", "goalProgress", "handoffOffered", "incentiveRunProgress", "slaAtRisk"];

#[test]
fn every_subscription_is_tried() {
    assert_eq!(Sample::roots("Subscription").keys().collect::<Vec<_>>(), TRIED);
}

/// Types of records of which somebody is told from the oldest event on.
async fn heard(who: &Person<'_>) -> BTreeSet<String> {
    let told =
        who.stream("subscription { changes(live: false) { entityType } }", &Value::Null).collect::<Vec<_>>().await;
    told.iter().map(|change| change["data"]["changes"]["entityType"].as_str().expect("a type").to_owned()).collect()
}

/// The feed tells each role of the types that it may read.
async fn feeds(app: &App, world: &World<'_>) {
    let all = heard(&world.me).await;
    assert!(all.len() > 30, "{all:?}");
    let records = api::schema::records();
    let read = |name: &String| records.iter().find(|meta| meta.name == name).expect(name).rules.read;
    for (role, who) in roles(world) {
        let wanted = all.iter().filter(|name| holds(&who, &[read(name)])).cloned().collect::<BTreeSet<_>>();
        assert_eq!(heard(&who).await, wanted, "{}", role.word());
    }
    assert_eq!(heard(&app.admin()).await, BTreeSet::new(), "another organisation");
}

/// Who hears something behind the place where each of them was: those who should as long as it takes, then the others.
async fn who_hears(world: &World<'_>, needed: Permission, places: &[Value], document: &str) -> Vec<&'static str> {
    let everybody = roles(world).into_iter().zip(places);
    let (sure, silent): (Vec<_>, Vec<_>) = everybody.partition(|((_, who), _)| holds(who, &[needed]));
    let hears = |((role, who), after): ((Template, Person<'_>), &Value)| {
        let mut stream = who.stream(document, after);
        async move {
            let told = stream.next().await.expect("the stream goes on");
            assert!(told["errors"].is_null(), "{}: {told}", role.word());
            role.word()
        }
    };
    let sure = timeout(PATIENCE, join_all(sure.into_iter().map(hears))).await.expect("each of them is told");
    let silent = silent.into_iter().map(|who| timeout(Duration::from_secs(1), hears(who)));
    sure.into_iter().chain(join_all(silent).await.into_iter().flatten()).collect()
}

async fn places(world: &World<'_>) -> Vec<Value> {
    let mut places = vec![];
    for (_, who) in roles(world) {
        let now = who.ask("{ changes(first: 1) { latestCursor } }", json!({})).await;
        places.push(now.data()["changes"]["latestCursor"].clone());
    }
    places
}

fn holders(needed: Permission) -> Vec<&'static str> {
    Template::all().filter(|role| role.rights().reach(needed).is_some()).map(Word::word).collect()
}

async fn at_risk(app: &App) {
    let node = Node::start(app).await;
    let handlers = api::integration::work::handlers(&api::config::Retention::default());
    let runner = tokio::spawn(api::store::jobs::run(node.store.clone(), handlers));
    node.later(50 * 60);
    until(&app.store, "event WHERE kind = 'sla.at_risk'").await;
    runner.abort();
}

on_both! {
    async fn each_role_is_told_of_what_it_may_see(app) {
        let world = World::of(&app, "sample").await;
        app.numbered().await;
        feeds(&app, &world).await;
        let before = places(&world).await;
        world.fresh("handoff").await;
        world.fresh("goalSnapshot").await;
        at_risk(&app).await;
        let run = world.ready("incentiveRunSubmit", "").await["id"].clone();
        app.numbered().await;
        let offers = "subscription($after: String) { handoffOffered(after: $after) { handoff { id } } }";
        assert_eq!(who_hears(&world, Permission::HandoffDecide, &before, offers).await, holders(Permission::HandoffDecide));
        let alerts = "subscription($after: String) { slaAtRisk(after: $after) { clock { id } } }";
        assert_eq!(who_hears(&world, Permission::LeadRead, &before, alerts).await, holders(Permission::LeadRead));
        let looked = format!("subscription {{ dashboardChanged(id: \"{}\") {{ at }} }}", world.known["dashboard"]);
        // a board tells only what comes once it is looked at
        let changes = async {
            loop {
                tokio::time::sleep(Duration::from_millis(300)).await;
                world.fresh("account").await;
            }
        };
        let hear = tokio::select! {
            hear = who_hears(&world, Permission::DashboardRead, &before, &looked) => hear,
            () = changes => unreachable!(),
        };
        assert_eq!(hear, holders(Permission::DashboardRead));
        let goal = &world.known["goal"];
        let kept = format!("subscription($after: String) {{ goalProgress(id: \"{goal}\", after: $after) {{ snapshot {{ id }} }} }}");
        assert_eq!(who_hears(&world, Permission::MetricRead, &before, &kept).await, holders(Permission::MetricRead));
        let goes_on = format!("subscription($after: String) {{ incentiveRunProgress(id: \"{run}\", after: $after) {{ run {{ id }} }} }}");
        assert_eq!(who_hears(&world, Permission::IncentiveRunRead, &before, &goes_on).await, holders(Permission::IncentiveRunRead));
    }
}

on_both! {
    async fn strangers_follow_nothing(app) {
        let sample = Sample::new("sample");
        for name in Sample::roots("Subscription").keys() {
            let arguments = sample.arguments("Subscription", name, &Known::new());
            let (document, variables) = Sample::operation("Subscription", &[(name, &arguments)]);
            let told = app.ask_as(None, &[("accept", "text/event-stream")], &document, variables).await;
            assert_eq!(told.code(), "UNAUTHENTICATED", "{name}: {}", told.0);
        }
    }
}
