//! What is kept of goals at the end of each day.

use futures_util::StreamExt;

use super::*;
use crate::jobs::{Node, count};

const DAYS: &str = "day actual expected progress paceRatio projected requiredPerDay status agreementVersion { number }";

async fn days(house: &House<'_>, goal: &Value, of: &[&str]) -> Vec<Value> {
    let query = format!(
        "query($id: ID!, $first: Date!, $last: Date!) {{ goalSnapshots(first: 100, orderBy: [{{ field: DAY }}],
        filter: {{ goalId: {{ eq: $id }}, day: {{ gte: $first, lte: $last }} }}) {{ nodes {{ {DAYS} }} }} }}"
    );
    let (first, last) = (of[0], of[of.len() - 1]);
    let found = house.ann.ask(&query, json!({ "id": goal, "first": first, "last": last })).await;
    found.data()["goalSnapshots"]["nodes"].as_array().unwrap().clone()
}

on_both! {
    async fn each_day_is_kept_once_with_the_figures_of_then_and_the_backlog_is_caught_up(app) {
        let house = House::of(&app).await;
        house.sells().await;
        let (goal, first) = house.agreed("Q3", house.goal(json!({ "graceDays": 10 })), "2025-07-01T00:00:00Z").await;
        house.amended(&first, house.goal(json!({ "target": "1000000", "graceDays": 10 })), "2025-09-01T12:00:00Z").await;
        assert_eq!(house.keep().await, 102, "with the days of grace");
        let middle = days(&house, &goal, &["2025-08-15"]).await;
        assert_eq!(middle, [json!({ "day": "2025-08-15", "actual": "850000", "expected": "1000000", "progress": "0.425", "paceRatio": "0.85",
            "projected": "1700000", "requiredPerDay": "25000", "status": "AT_RISK", "agreementVersion": { "number": 1 } })]);
        let turn = days(&house, &goal, &["2025-08-31", "2025-09-01"]).await;
        assert_eq!([&turn[0]["agreementVersion"]["number"], &turn[1]["agreementVersion"]["number"]], [&json!(1), &json!(2)]);
        let last = days(&house, &goal, &["2025-09-30"]).await;
        assert_eq!((&last[0]["paceRatio"], &last[0]["requiredPerDay"], &last[0]["status"]), (&json!("0.95"), &json!(null), &json!("ON_TRACK")));
        let decided = house.eva.sees("goal", &goal, "status decidedAt latest { day actual }").await;
        assert_eq!((&decided["status"], &decided["latest"]), (&json!("MISSED"), &json!({ "day": "2025-10-10", "actual": "950000" })));
        assert!(decided["decidedAt"].is_string());
        assert_eq!(house.keep().await, 0);
        // both sides lower it afterwards: it is decided anew, and the days stay as they were kept
        house.amended(&first, house.goal(json!({ "target": "900000", "graceDays": 10 })), "2025-09-02T00:00:00Z").await;
        assert_eq!(house.eva.sees("goal", &goal, "status decidedAt").await, json!({ "status": "ACTIVE", "decidedAt": null }));
        assert_eq!(house.keep().await, 0);
        assert_eq!(house.eva.sees("goal", &goal, "status").await["status"], "ACHIEVED");
        assert_eq!(days(&house, &goal, &["2025-09-30"]).await, last);
        for kind in ["goal.missed", "goal.achieved"] {
            assert_eq!(count(&app.store, &format!("event WHERE kind = '{kind}'")).await, 1);
        }
    }
}

on_both! {
    async fn a_goal_that_is_reached_below_its_baseline_is_achieved(app) {
        let house = House::of(&app).await;
        house.sells().await;
        let shorter = house.goal(json!({ "metric": "SALES_CYCLE", "baseline": "20", "target": "10" }));
        let (goal, _) = house.agreed("Faster", shorter, "2025-09-29T00:00:00Z").await;
        let (none, _) = house.agreed("None", house.goal(json!({ "metric": "WIN_RATE", "scope": { "types": ["RENEWAL"] }, "target": "0.5" })), "2025-09-29T00:00:00Z").await;
        assert_eq!(house.keep().await, 4, "two days of each: nothing is kept of the time before both had signed");
        let said = "status latest { actual paceRatio status }";
        let seen = house.eva.sees("goal", &goal, said).await;
        assert_eq!(seen, json!({ "status": "ACHIEVED", "latest": { "actual": "10", "paceRatio": "1", "status": "ON_TRACK" } }));
        let seen = house.eva.sees("goal", &none, said).await;
        assert_eq!(seen, json!({ "status": "MISSED", "latest": { "actual": null, "paceRatio": null, "status": null } }));
    }
}

on_both! {
    async fn many_nodes_keep_a_day_once(app) {
        let house = House::of(&app).await;
        house.sells().await;
        for key in ["A", "B", "C"] {
            house.agreed(key, house.goal(json!({})), "2025-09-20T00:00:00Z").await;
        }
        let nodes = [Node::start(&app).await, Node::start(&app).await, Node::start(&app).await];
        let access = |node: &Node| Access::new(node.store.clone(), house.system().actor().clone(), None);
        let kept = futures_util::future::join_all(nodes.iter().map(|node| {
            let access = access(node);
            async move { daily::keep(&access).await.unwrap() }
        })).await;
        assert_eq!(kept.iter().sum::<usize>(), 33, "{kept:?}");
        assert_eq!(count(&app.store, "goal_snapshot").await, 33);
        assert_eq!(count(&app.store, "event WHERE kind = 'goal.missed'").await, 3);
    }
}

on_both! {
    async fn the_runner_keeps_a_goal_that_was_signed_today(app) {
        let house = House::of(&app).await;
        let today = Utc::now().date_naive();
        let body = house.goal(json!({ "periodStart": today.to_string(), "periodEnd": (today + chrono::Days::new(30)).to_string() }));
        let (goal, version) = house.drafted("Now", body).await;
        house.sign(&version).await;
        assert_eq!(house.keep().await, 0, "today is not over");
        let node = Node::start(&app).await;
        let handlers = api::integration::work::handlers(&api::config::Retention::default());
        node.later(25 * 3600);
        let runner = tokio::spawn(api::store::jobs::run(node.store.clone(), handlers));
        crate::jobs::until(&app.store, "goal_snapshot").await;
        runner.abort();
        let kept = days(&house, &goal, &[&today.to_string()]).await;
        assert_eq!((&kept[0]["actual"], &kept[0]["status"]), (&json!("0"), &json!("OFF_TRACK")));
    }
}

on_both! {
    async fn whoever_follows_a_goal_is_told_of_each_day_and_goes_on_from_a_cursor(app) {
        let house = House::of(&app).await;
        house.sells().await;
        let (goal, _) = house.agreed("Q3", house.goal(json!({})), "2025-09-26T00:00:00Z").await;
        let (_other, _) = house.agreed("Other", house.goal(json!({})), "2025-09-26T00:00:00Z").await;
        app.numbered().await;
        let place = house.eva.ask("{ changes(first: 1) { latestCursor } }", json!({})).await.data()["changes"]["latestCursor"].clone();
        house.keep().await;
        app.numbered().await;
        let document = format!("subscription($after: String) {{ goalProgress(id: {goal}, after: $after) {{ cursor snapshot {{ day actual goal {{ id }} }} }} }}");
        let told: Vec<Value> = house.eva.stream(&document, &place).take(3).collect().await;
        let day = |v: &Value| v["data"]["goalProgress"]["snapshot"]["day"].clone();
        assert_eq!(told.iter().map(day).collect::<Vec<_>>(), ["2025-09-26", "2025-09-27", "2025-09-28"], "{told:?}");
        assert!(told.iter().all(|one| one["data"]["goalProgress"]["snapshot"]["goal"]["id"] == goal));
        let cursor = &told[1]["data"]["goalProgress"]["cursor"];
        let on: Vec<Value> = house.eva.stream(&document, cursor).take(2).collect().await;
        assert_eq!(on.iter().map(day).collect::<Vec<_>>(), ["2025-09-28", "2025-09-29"]);
    }
}

on_both! {
    async fn days_that_cannot_be_measured_hold_up_the_later_ones_for_a_week_only(app) {
        let house = House::of(&app).await;
        let today = Utc::now().date_naive();
        let day = |back: u64| (today - chrono::Days::new(back)).to_string();
        let soon = (today + chrono::Days::new(1)).to_string();
        let deals = ["2025-09-30", &soon].map(|closes| {
            let mut deal = crate::metric::open(&house.stages["Proposal"], "1", closes);
            deal["amount"] = crate::metric::money("100", "USD");
            deal
        });
        bring(&house.ann, deals.into()).await;
        // they have stood so for a long time
        let since = "UPDATE opportunity_state SET at = '2025-08-01T00:00:00.000000+00:00'";
        app.store.migrator().execute_unprepared(since).await.unwrap();
        house.ann.has("exchangeRate", json!({ "base": "USD", "quote": "EUR", "date": "2025-09-20", "rate": "0.5" })).await;
        let body = json!({ "metric": "PIPELINE_OPEN", "periodStart": "2025-09-01", "periodEnd": "2025-10-01", "target": "100" });
        let (goal, _) = house.agreed("Open", house.goal(body), "2025-09-01T00:00:00Z").await;
        house.keep().await;
        let kept = days(&house, &goal, &["2025-09-01", "2025-09-30"]).await;
        // a rate of the 20th holds for seven days, and a day is measured at its end
        assert_eq!(kept.len(), 8, "{kept:?}");
        assert_eq!((&kept[0]["day"], &kept[7]["day"], &kept[7]["actual"]), (&json!("2025-09-19"), &json!("2025-09-26"), &json!("50")));
        assert_eq!(house.eva.sees("goal", &goal, "status").await["status"], "ACTIVE", "its end cannot be measured");

        // what was not long ago is waited for
        house.ann.has("exchangeRate", json!({ "base": "USD", "quote": "EUR", "date": day(2), "rate": "0.5" })).await;
        let body = json!({ "metric": "PIPELINE_OPEN", "periodStart": day(5), "periodEnd": (today + chrono::Days::new(5)).to_string(), "target": "100" });
        let (goal, _) = house.agreed("Now", house.goal(body), &format!("{}T00:00:00Z", day(9))).await;
        house.keep().await;
        assert_eq!(days(&house, &goal, &[&day(6), &day(0)]).await.len(), 0, "no rate of dollars before the day before yesterday: the week is not over");
    }
}
