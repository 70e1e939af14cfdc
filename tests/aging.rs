//! How long business has stood in its stages, and which sticks.

use api::{
    access::role::templates::Template,
    actor::{Permission, Reach},
};
use chrono::{TimeDelta, Utc};
use serde_json::Value;

use crate::{
    harness::{Person, json, on_both},
    metric::{bring, closed, open, stages},
    past::now,
};

/// Opened so many days ago, and open.
fn since(stage: &Value, name: &str, days: i64) -> Value {
    let mut row = open(stage, "10", "2099-06-30");
    row["name"] = json!(name);
    row["openedAt"] = json!((Utc::now() - TimeDelta::days(days)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
    row
}

async fn aging(who: &Person<'_>, more: &str) -> Value {
    let query = format!(
        "{{ stageAging(windowDays: 3660 {more}) {{ stage {{ name }} open medianDays p90Days stays medianStayDays p90StayDays }} }}"
    );
    who.ask(&query, json!({})).await.data()["stageAging"].clone()
}

fn of<'a>(aging: &'a Value, stage: &str) -> &'a Value {
    aging.as_array().unwrap().iter().find(|row| row["stage"]["name"] == stage).unwrap_or(&Value::Null)
}

/// Days, to the whole.
fn days(value: &Value) -> i64 {
    let text = value.as_str().unwrap_or_else(|| panic!("{value} is no number of days"));
    text.split('.').next().unwrap().parse().unwrap()
}

async fn stuck(who: &Person<'_>, more: &str) -> Vec<String> {
    let query = format!("{{ stuckOpportunities(windowDays: 3660 {more}) {{ totalCount nodes {{ name }} }} }}");
    let answer = who.ask(&query, json!({})).await;
    let nodes = answer.data()["stuckOpportunities"]["nodes"].as_array().unwrap().clone();
    let mut names: Vec<String> = nodes.iter().map(|n| n["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

on_both! {
    async fn what_stands_longer_than_others_stayed_is_stuck(app) {
        let ann = app.founder().await;
        let stages = stages(&ann).await;
        // ten stayed 1 to 10 days in the first stage before they were won
        let mut rows: Vec<Value> = (1..=10).map(|n| closed(&stages["Won"], "10", "03-01", n)).collect();
        for (name, days) in [("old", 40), ("older", 50), ("new", 4), ("newer", 3), ("newest", 2)] {
            rows.push(since(&stages["Prospecting"], name, days));
        }
        rows.push(since(&stages["Proposal"], "elsewhere", 90));
        let ids = bring(&ann, rows).await;
        let all = aging(&ann, "").await;
        let first = of(&all, "Prospecting");
        assert_eq!((&first["open"], days(&first["medianDays"]), days(&first["p90Days"])), (&json!(5), 4, 46));
        assert_eq!((&first["stays"], &first["medianStayDays"], &first["p90StayDays"]), (&json!(10), &json!("5.5"), &json!("9.1")));
        let other = of(&all, "Proposal");
        assert_eq!((&other["open"], days(&other["medianDays"]), &other["stays"]), (&json!(1), 90, &json!(null)));
        assert_eq!(stuck(&ann, "").await, ["old", "older"], "nobody left the other stage, so nothing sticks there");
        assert_eq!(stuck(&ann, ", times: \"5\"").await, ["older"]);
        assert_eq!(stuck(&ann, ", times: \"0.3\"").await, ["new", "newer", "old", "older"]);
        for wrong in ["times: \"0\"", "times: \"101\"", "windowDays: 0"] {
            let refused = ann.ask(&format!("{{ stuckOpportunities({wrong}) {{ totalCount }} }}"), json!({})).await;
            assert_eq!(refused.code(), "BAD_USER_INPUT", "{wrong}");
        }
        let value = |key: &'static str| {
            let ann = &ann;
            async move {
                let asked = format!("{{ metric(key: {key}, period: {{ start: \"2025-01-01T00:00:00Z\", end: \"2026-01-01T00:00:00Z\" }}, groupBy: [STAGE]) {{ groups {{ key {{ name }} n value }} }} }}");
                ann.ask(&asked, json!({})).await.data()["metric"]["groups"].clone()
            }
        };
        let median = value("STAGE_AGE").await;
        assert!(median.as_array().unwrap().iter().any(|g| g["key"][0]["name"] == "Prospecting" && days(&g["value"]) == 4), "{median}");
        let late = value("STAGE_AGE_P90").await;
        assert!(late.as_array().unwrap().iter().any(|g| g["key"][0]["name"] == "Prospecting" && days(&g["value"]) == 46), "{late}");

        // moving on ends a stay, and what it was then is still known
        let then = now();
        ann.does("opportunity", "Move", json!({ "id": ids[10], "stageId": stages["Proposal"] }), "id").await.data();
        let moved = aging(&ann, "").await;
        assert_eq!((&of(&moved, "Prospecting")["open"], &of(&moved, "Prospecting")["stays"]), (&json!(4), &json!(11)));
        assert_eq!(days(&of(&moved, "Proposal")["medianDays"]), 45, "90 days and none");
        let past = aging(&ann, &format!(", asOf: \"{then}\"")).await;
        assert_eq!((&of(&past, "Prospecting")["open"], &of(&past, "Prospecting")["stays"]), (&json!(5), &json!(10)));
    }
}

on_both! {
    async fn few_are_not_told_of_and_lists_show_what_the_caller_sees(app) {
        let ann = app.founder().await;
        let stages = stages(&ann).await;
        let mut rows: Vec<Value> = (1..=10).map(|n| closed(&stages["Won"], "10", "03-01", n)).collect();
        rows.extend((0..6).map(|n| since(&stages["Prospecting"], "many", 40 + n)));
        rows.extend((0..7).map(|n| since(&stages["Qualification"], "more", 40 + n)));
        rows.extend((0..2).map(|n| since(&stages["Proposal"], "few", 40 + n)));
        bring(&ann, rows).await;
        let rep = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        let theirs = aging(&rep, "").await;
        assert_eq!(of(&theirs, "Proposal")["open"], json!(null), "{theirs}");
        assert_eq!(of(&theirs, "Prospecting")["open"], json!(null), "six would tell of the two");
        assert_eq!(of(&theirs, "Qualification")["open"], 7);
        assert_eq!(of(&theirs, "Prospecting")["stays"], 10);
        assert_eq!(stuck(&rep, "").await, Vec::<String>::new(), "they own none");
        assert_eq!(stuck(&ann, "").await.len(), 6);
        let nobody = app.holding(ann.actor.organization, &[(Permission::OpportunityRead, Reach::ALL)]);
        assert_eq!(aging(&nobody, "").await, json!(null));
        assert_eq!(stuck(&nobody, "").await, Vec::<String>::new());
    }
}
