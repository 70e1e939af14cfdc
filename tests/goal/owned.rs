//! How many goals both sides answer for, and goals on what they do together, at a past instant.

use super::*;
use crate::{as_of::metric, past::now};

/// Years that tests are run in.
fn ours(house: &House<'_>, more: Value) -> Value {
    let mut body = house.goal(json!({ "periodStart": "2026-01-01", "periodEnd": "2035-01-01" }));
    body["goal"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

async fn owned(house: &House<'_>, at: Option<&str>) -> (Value, Value) {
    let found = metric(&house.ann, "GOAL_OWNERSHIP", at, "value n").await;
    (found["value"].clone(), found["n"].clone())
}

impl House<'_> {
    /// A goal in force from now on: the goal and its version.
    async fn signed(&self, key: &str, body: Value) -> (Value, Value) {
        let (goal, version) = self.drafted(key, body).await;
        self.sign(&version).await;
        (goal, version)
    }

    /// The next version of it, in force from now on.
    async fn changed(&self, version: &Value, body: Value) {
        let of = self.mia.sees("agreementVersion", version, "agreement { id }").await;
        let input = json!({ "agreementId": of["agreement"]["id"], "body": body });
        let made = self.mia.does("agreementVersion", "Create", input, "id").await;
        self.sign(&made.data()["agreementVersionCreate"]["agreementVersion"]["id"]).await;
    }
}

on_both! {
    async fn goals_count_by_the_version_that_was_in_force(app) {
        let house = House::of(&app).await;
        let (_, first) = house.signed("One", ours(&house, json!({}))).await;
        house.drafted("Draft", ours(&house, json!({}))).await;
        let one = now();
        let (_, second) = house.signed("Two", ours(&house, json!({}))).await;
        let (_, third) = house.signed("Three", ours(&house, json!({}))).await;
        let three = now();
        house.changed(&first, ours(&house, json!({ "cancelled": true }))).await;
        house.changed(&second, ours(&house, json!({ "periodStart": "2092-01-01", "periodEnd": "2093-01-01" }))).await;
        let last = now();
        house.changed(&third, ours(&house, json!({ "target": "5" }))).await;
        let told = |value: &str, n: i32| (json!(value), json!(n));
        assert_eq!(owned(&house, None).await, told("1", 1), "one was given up, one has another period");
        assert_eq!(owned(&house, Some(&last)).await, told("1", 1));
        assert_eq!(owned(&house, Some(&three)).await, told("1", 3));
        assert_eq!(owned(&house, Some(&one)).await, told("1", 1), "the draft was none, nor what was not signed yet");
        assert_eq!(owned(&house, Some("2026-01-02T00:00:00Z")).await, (json!(null), json!(0)));
        let said = "explain { inputs { name count records { goals { totalCount } } } }";
        let was = metric(&house.ann, "GOAL_OWNERSHIP", Some(&three), said).await;
        assert_eq!(was["explain"]["inputs"][1], json!({ "name": "goals", "count": 3, "records": { "goals": { "totalCount": 3 } } }));
        // who answers for a goal is taken as they are now
        house.ann.does("user", "Update", json!({ "id": house.eva.id(), "side": "MARKETING" }), "id").await.data();
        assert_eq!(owned(&house, Some(&three)).await, told("0", 3));
    }
}

on_both! {
    async fn a_goal_on_content_is_measured_as_it_was(app) {
        let house = House::of(&app).await;
        let mut all = vec![];
        for at in 0..5 {
            all.push(house.ann.has("contentAsset", json!({ "title": format!("Story {at}"), "kind": "DEMO", "status": "ACTIVE", "ownerSide": "SALES" })).await);
        }
        let used = json!({ "metric": "CONTENT_UTILISATION", "target": "0.8", "scope": { "sides": ["SALES"] } });
        let (goal, _) = house.signed("Use", ours(&house, used)).await;
        house.eva.has("contentUse", json!({ "contentAssetId": all[0], "event": "SHARED" })).await;
        let then = now();
        house.eva.has("contentUse", json!({ "contentAssetId": all[1], "event": "SHARED" })).await;
        let actual = async |at: &str| progress(&house.eva, &[&goal], at, "actual").await[0]["actual"].clone();
        assert_eq!(actual(&then).await, "0.2");
        assert_eq!(actual("2999-01-01T00:00:00Z").await, "0.4");
    }
}

on_both! {
    async fn a_goal_on_how_records_are_kept_is_measured_by_what_was_kept(app) {
        let house = House::of(&app).await;
        house.ann.has("dataQualityRule", json!({ "name": "Domain", "entity": "ACCOUNT", "check": "COMPLETE", "fields": ["domain"], "ownerSide": "SALES" })).await;
        for at in 0..8 {
            let domain = (at < 4).then(|| format!("a{at}.example"));
            house.ann.has("account", json!({ "name": format!("Acme {at}"), "domain": domain })).await;
        }
        let scoped = ours(&house, json!({ "metric": "DATA_HEALTH", "target": "0.9", "scope": { "countries": ["DE"] } }));
        let wrong = house.mia.does("agreement", "Create", json!({ "key": "S", "title": "S", "body": scoped }), "id").await;
        assert_eq!((wrong.code(), wrong.0.to_string().contains("all records together")), ("VALIDATION", true), "{}", wrong.0);
        let (goal, version) = house.drafted("Kept", ours(&house, json!({ "metric": "DATA_HEALTH", "target": "0.9" }))).await;
        house.sign(&version).await;
        let now: DateTime<Utc> = now().parse().unwrap();
        let days = |n: i64| now - chrono::TimeDelta::days(n);
        house.backdate(&version, &days(3).to_rfc3339()).await;
        assert!(api::insight::metric_day::daily::keep(&house.system().at(days(3))).await.unwrap());
        house.ann.has("account", json!({ "name": "Beta", "domain": "beta.example" })).await;
        let actual = async |who: &Person<'_>, at: DateTime<Utc>| {
            let at = at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
            progress(who, &[&goal], &at, "actual withheld").await[0].clone()
        };
        let rule = house.ann.ask("{ metric(key: DATA_HEALTH, period: { start: \"2026-01-01T00:00:00Z\", end: \"2026-02-01T00:00:00Z\" }) { value } }", json!({})).await;
        let live = rule.data()["metric"]["value"].clone();
        let was = actual(&house.ann, days(2)).await;
        assert_eq!(was["withheld"], false);
        assert!(was["actual"].is_string() && was["actual"] != live, "{was} {live}");
        assert_eq!(actual(&house.ann, now + chrono::TimeDelta::days(400)).await["actual"], live, "now it is as it is");
        let rep = app.with_rights(house.ann.actor.organization, Template::SalesRep.rights());
        assert_eq!(actual(&rep, days(2)).await, json!({ "actual": null, "withheld": true }), "four do not pass");
        // a snapshot of it is told to who sees all
        house.keep().await;
        let listed = async |who: &Person<'_>| {
            let query = "query($id: ID!) { goalSnapshots(filter: { goalId: { eq: $id } }) { totalCount } }";
            who.ask(query, json!({ "id": goal })).await.data()["goalSnapshots"]["totalCount"].as_i64().unwrap()
        };
        assert_eq!(listed(&house.ann).await, 3);
        assert_eq!(listed(&rep).await, 0);
    }
}

on_both! {
    async fn goals_are_filtered_by_what_their_scopes_name(app) {
        let house = House::of(&app).await;
        let team = house.ann.has("team", json!({ "name": "North", "kind": "SALES" })).await;
        let other = house.ann.has("team", json!({ "name": "South", "kind": "SALES" })).await;
        let of_team = |team: &Value| json!({ "scope": { "teamIds": [team], "regions": ["EMEA"] } });
        let (_, first) = house.signed("North", ours(&house, of_team(&team))).await;
        house.signed("New", ours(&house, json!({ "scope": { "types": ["NEW"] } }))).await;
        house.signed("All", ours(&house, json!({}))).await;
        let then = now();
        house.changed(&first, ours(&house, of_team(&other))).await;
        let told = async |at: Option<&str>, filter: &str| {
            let at = at.map(|at| format!(", asOf: \"{at}\"")).unwrap_or_default();
            let period = "period: { start: \"2026-01-01T00:00:00Z\", end: \"2030-01-01T00:00:00Z\" }";
            let said = "value n explain { inputs { records { goals { totalCount } } } }";
            let query = format!("{{ metric(key: GOAL_OWNERSHIP, {period}, filter: {{ {filter} }}{at}) {{ {said} }} }}");
            let found = house.ann.ask(&query, json!({})).await.data()["metric"].clone();
            let listed = found["explain"]["inputs"][1]["records"]["goals"]["totalCount"].clone();
            assert_eq!(listed, found["n"], "{filter}");
            found["n"].clone()
        };
        let (north, south) = (format!("teamIds: [{team}]"), format!("teamIds: [{other}]"));
        assert_eq!((told(None, &north).await, told(None, &south).await), (json!(0), json!(1)));
        assert_eq!((told(Some(&then), &north).await, told(Some(&then), &south).await), (json!(1), json!(0)), "by what it said then");
        assert_eq!(told(None, &format!("teamIds: [{team}, {other}]")).await, 1);
        assert_eq!((told(None, "types: [NEW]").await, told(None, "types: [RENEWAL]").await), (json!(1), json!(0)));
        assert_eq!((told(None, "regions: [\"EMEA\"]").await, told(None, "types: [NEW], regions: [\"EMEA\"]").await), (json!(1), json!(0)));
    }
}
