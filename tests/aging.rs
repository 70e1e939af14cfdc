//! How long business has stood in its stages, and which sticks.

use api::{
    access::role::templates::Template,
    actor::{Permission, Reach, Scope},
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

async fn lead_aging(who: &Person<'_>, more: &str) -> Value {
    let query = format!(
        "{{ leadAging(windowDays: 3660 {more}) {{ status standing medianDays p90Days stays medianStayDays p90StayDays }} }}"
    );
    who.ask(&query, json!({})).await.data()["leadAging"].clone()
}

async fn stuck_leads(who: &Person<'_>, more: &str) -> Vec<String> {
    let query = format!("{{ stuckLeads(windowDays: 3660 {more}) {{ nodes {{ lastName }} }} }}");
    let answer = who.ask(&query, json!({})).await;
    let nodes = answer.data()["stuckLeads"]["nodes"].as_array().unwrap().clone();
    let mut names: Vec<String> = nodes.iter().map(|n| n["lastName"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// Ten were new for 1 to 10 days before they were given up.
async fn given_up(ann: &Person<'_>) {
    let mut leads = vec![];
    for n in 0..10 {
        leads.push(ann.has("lead", json!({ "lastName": format!("gone {n}"), "status": "NEW" })).await);
    }
    for lead in leads {
        ann.app.later(TimeDelta::days(1));
        ann.has("activity", json!({ "leadId": lead, "kind": "CALL", "subject": "No" })).await;
        let input = json!({ "id": lead, "category": "NO_NEED", "reason": "Has one" });
        assert_eq!(ann.does("lead", "Disqualify", input, "id").await.code(), "");
    }
}

on_both! {
    async fn leads_that_stand_longer_than_others_stayed_are_stuck(app) {
        let ann = app.founder().await;
        given_up(&ann).await;
        let stands = async |name: &str, status: &str, days: i64| {
            ann.has("lead", json!({ "lastName": name, "status": status, "country": "DE" })).await;
            app.later(TimeDelta::days(days));
        };
        stands("elsewhere", "NURTURING", 0).await;
        stands("older", "NEW", 10).await;
        stands("old", "NEW", 36).await;
        stands("new", "NEW", 2).await;
        let all = lead_aging(&ann, "").await;
        let places: Vec<&Value> = all.as_array().unwrap().iter().map(|row| &row["status"]).collect();
        assert_eq!(places, ["NEW", "NURTURING"], "who is given up stands nowhere");
        let worked = &all[0];
        assert_eq!((&worked["standing"], days(&worked["medianDays"]), days(&worked["p90Days"])), (&json!(3), 38, 46));
        assert_eq!((&worked["stays"], days(&worked["medianStayDays"]), days(&worked["p90StayDays"])), (&json!(10), 5, 9));
        assert_eq!((&all[1]["standing"], &all[1]["stays"]), (&json!(1), &json!(null)), "nobody has left");
        assert_eq!(stuck_leads(&ann, "").await, ["old", "older"]);
        assert_eq!(stuck_leads(&ann, ", times: \"5\"").await, ["older"]);
        assert_eq!(stuck_leads(&ann, ", times: \"0.1\"").await, ["new", "old", "older"]);
        let short = ann.ask("{ leadAging(windowDays: 40) { status stays } stuckLeads(windowDays: 40) { totalCount } }", json!({})).await;
        assert_eq!(short.data()["leadAging"][0]["stays"], json!(null), "all left earlier");
        assert_eq!(short.data()["stuckLeads"]["totalCount"], 0);
        assert_eq!(lead_aging(&ann, ", filter: { countries: [\"FR\"] }").await, json!([]));

        let metric = "{ metric(key: LEAD_AGE, period: { start: \"2025-01-01T00:00:00Z\", end: \"2026-01-01T00:00:00Z\" },
            groupBy: [LEAD_STATUS], filter: { leadStatuses: [NEW, SQL] }) { value n groups { n value key { word } } } }";
        let metric = ann.ask(metric, json!({})).await.data()["metric"].clone();
        assert_eq!((&metric["n"], days(&metric["value"])), (&json!(3), 38), "{metric}");
        assert_eq!((&metric["groups"][0]["key"][0]["word"], days(&metric["groups"][0]["value"])), (&json!("NEW"), 38), "{metric}");
    }
}

on_both! {
    async fn few_leads_are_not_told_of_and_lists_show_what_the_caller_sees(app) {
        let ann = app.founder().await;
        given_up(&ann).await;
        for (status, number) in [("SQL", 7), ("NEW", 6), ("NURTURING", 2)] {
            for n in 0..number {
                ann.has("lead", json!({ "lastName": format!("{status} {n}"), "status": status })).await;
            }
        }
        app.later(TimeDelta::days(20));
        assert_eq!(stuck_leads(&ann, "").await.len(), 6);
        let own = Reach { scope: Scope::Own, unassigned: false };
        let few = app.holding(ann.actor.organization, &[(Permission::LeadRead, own), (Permission::MetricRead, Reach::ALL)]);
        let theirs = lead_aging(&few, "").await;
        let standing: Vec<_> = theirs.as_array().unwrap().iter().map(|row| (&row["status"], &row["standing"], &row["stays"])).collect();
        let nothing = json!(null);
        assert_eq!(standing, [(&json!("NEW"), &nothing, &json!(10)), (&json!("NURTURING"), &nothing, &nothing), (&json!("SQL"), &json!(7), &nothing)], "six would tell of the two");
        assert_eq!(stuck_leads(&few, "").await, Vec::<String>::new(), "they own none");
        let (_, kim) = crate::access::user(&app, "FINANCE", "kim@acme.com").await;
        let of_kim = lead_aging(&few, &format!(", filter: {{ ownerIds: [\"{kim}\"] }}")).await;
        assert!(of_kim.as_array().unwrap().iter().all(|row| row["standing"].is_null() && row["stays"].is_null()), "beyond their reach: {of_kim}");
        let nobody = app.holding(ann.actor.organization, &[(Permission::LeadRead, Reach::ALL)]);
        assert_eq!((lead_aging(&nobody, "").await, stuck_leads(&nobody, "").await), (json!(null), vec![]));
        let eve = app.founder().await;
        assert_eq!((lead_aging(&eve, "").await, stuck_leads(&eve, "").await), (json!([]), vec![]), "another organisation");
    }
}
