//! Whether what was to be done is done in time, and whether open business knows whom it should.

use api::{
    access::role::templates::Template,
    actor::{Permission, Reach},
};
use chrono::{TimeDelta, Utc};
use serde_json::Value;

use crate::{
    harness::{Person, json, on_both},
    metric::{bring, open, stages},
};

const LATELY: &str = "period: { start: \"2026-03-01T00:00:00Z\", end: \"2090-01-01T00:00:00Z\" }";

async fn metric(who: &Person<'_>, key: &str, more: &str, said: &str) -> Value {
    who.ask(&format!("{{ metric(key: {key}, {LATELY} {more}) {{ {said} }} }}"), json!({})).await.data()["metric"]
        .clone()
}

on_both! {
    async fn tasks_done_by_their_time(app) {
        let ann = app.founder().await;
        let fair = ann.has("campaign", json!({ "name": "Fair", "channel": "EVENT" })).await;
        let soon = (Utc::now() + TimeDelta::days(2)).to_rfc3339();
        let task = |due: &str, done: Option<&str>| json!({ "kind": "TASK", "subject": "Call back", "dueAt": due, "doneAt": done });
        let due = "2026-03-10T12:00:00Z";
        for done in [Some("2026-03-09T12:00:00Z"), Some(due), Some(due), Some(due), Some("2026-03-10T12:00:01Z"), None] {
            ann.has("activity", task(due, done)).await;
        }
        let mut of_fair = task(due, Some(due));
        of_fair["campaignId"] = fair;
        ann.has("activity", of_fair).await;
        ann.has("activity", task(due, None)).await;
        ann.has("activity", task("2026-02-28T12:00:00Z", None)).await;
        ann.has("activity", task(&soon, Some("2026-03-10T12:00:00Z"))).await;
        ann.has("activity", json!({ "kind": "TASK", "subject": "Whenever" })).await;
        ann.has("activity", json!({ "kind": "MEETING", "subject": "Meet", "dueAt": due })).await;
        let off = ann.has("activity", task(due, None)).await;
        ann.does("activity", "Delete", json!({ "id": off }), "id").await.data();
        let said = "value n explain { inputs { name count records { activities { totalCount } } } excluded { reason count records { activities { totalCount } } } }";
        let all = metric(&ann, "FOLLOW_THROUGH", "", said).await;
        let input = |name: &str, count: i32| json!({ "name": name, "count": count, "records": { "activities": { "totalCount": count } } });
        assert_eq!((&all["value"], &all["n"]), (&json!("0.625"), &json!(8)), "five of eight");
        assert_eq!(all["explain"]["inputs"], json!([input("done", 5), input("due", 8)]));
        let excluded = json!([{ "reason": "Due in the period, but not yet.", "count": 1, "records": { "activities": { "totalCount": 1 } } }]);
        assert_eq!(all["explain"]["excluded"], excluded);
        let by = metric(&ann, "FOLLOW_THROUGH", ", groupBy: [CHANNEL]", "groups { key { word } value n }").await;
        assert!(by["groups"].as_array().unwrap().contains(&json!({ "key": [{ "word": "EVENT" }], "value": "1", "n": 1 })), "{by}");
        let rep = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        let theirs = metric(&rep, "FOLLOW_THROUGH", "", said).await;
        assert_eq!((&theirs["value"], &theirs["explain"]["inputs"][0]["records"]["activities"]["totalCount"]), (&json!("0.625"), &json!(0)), "the same value, none of the tasks");
        let few = metric(&rep, "FOLLOW_THROUGH", ", filter: { channels: [EVENT] }", "value withheld").await;
        assert_eq!(few, json!({ "value": null, "withheld": true }));
        let past = metric(&ann, "FOLLOW_THROUGH", ", asOf: \"2026-03-11T00:00:00Z\"", "value n").await;
        assert_eq!(past, json!({ "value": null, "n": 0 }), "nothing had been entered");
    }
}

on_both! {
    async fn roles_that_open_business_has_somebody_for(app) {
        let ann = app.founder().await;
        let stages = stages(&ann).await;
        let account = ann.has("account", json!({ "name": "Acme" })).await;
        let mut rows = vec![open(&stages["Proposal"], "10", "2099-01-01"); 5];
        rows[0]["accountId"] = account.clone();
        rows[1]["accountId"] = account.clone();
        let deals = bring(&ann, rows).await;
        assert_eq!(metric(&ann, "COMMITTEE_COVERAGE", "", "value n explain { excluded { count } }").await, json!({ "value": null, "n": 0, "explain": { "excluded": [{ "count": 5 }] } }), "no role is asked for");
        let pipeline = ann.sees("opportunity", &deals[0], "pipeline { id }").await["pipeline"]["id"].clone();
        for role in ["CHAMPION", "ECONOMIC_BUYER"] {
            ann.has("committeeRequirement", json!({ "pipelineId": pipeline, "role": role })).await;
        }
        let joe = ann.has("contact", json!({ "lastName": "Doe" })).await;
        let member = |place: &str, id: &Value, role: &str| {
            let mut all = json!({ "contactId": joe, "role": role });
            all[place] = id.clone();
            all
        };
        let none = crate::past::now();
        // of the account, and so of two; of one of them once more; a role that nobody asked for
        ann.has("committeeMember", member("accountId", &account, "CHAMPION")).await;
        ann.has("committeeMember", member("opportunityId", &deals[0], "CHAMPION")).await;
        let last = ann.has("committeeMember", member("opportunityId", &deals[2], "ECONOMIC_BUYER")).await;
        ann.has("committeeMember", member("opportunityId", &deals[3], "LEGAL")).await;
        let said = "value numerator denominator n withheld";
        assert_eq!(metric(&ann, "COMMITTEE_COVERAGE", "", said).await, json!({ "value": "0.3", "numerator": "3", "denominator": "10", "n": 5, "withheld": false }));
        let of_one = ann.sees("opportunity", &deals[2], "committeeCoverage { numerator denominator }").await;
        assert_eq!(of_one["committeeCoverage"], json!({ "numerator": 1, "denominator": 2 }));
        ann.does("committeeMember", "Delete", json!({ "id": last }), "id").await.data();
        assert_eq!(metric(&ann, "COMMITTEE_COVERAGE", "", "value").await["value"], "0.2");
        assert_eq!(metric(&ann, "COMMITTEE_COVERAGE", &format!(", asOf: \"{none}\""), "value").await["value"], "0", "nobody was known then");
        ann.does("opportunity", "Lose", json!({ "id": deals[4], "reason": "PRICE" }), "id").await.data();
        assert_eq!(metric(&ann, "COMMITTEE_COVERAGE", "", "denominator").await["denominator"], "8");

        let holding = |rights: &[(Permission, Reach)]| app.holding(ann.actor.organization, rights);
        let (metrics, deals) = ((Permission::MetricRead, Reach::ALL), (Permission::OpportunityRead, Reach::ALL));
        let value = async |who: Person<'_>| metric(&who, "COMMITTEE_COVERAGE", "", "value withheld").await;
        let hidden = json!({ "value": null, "withheld": true });
        assert_eq!(value(holding(&[metrics, deals])).await, hidden, "committees are not for everybody");
        assert_eq!(value(holding(&[metrics, (Permission::CommitteeMemberRead, Reach::ALL)])).await, hidden, "four are few");
        assert_eq!(value(holding(&[metrics, deals, (Permission::CommitteeMemberRead, Reach::ALL)])).await, json!({ "value": "0.25", "withheld": false }));
    }
}
