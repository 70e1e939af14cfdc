//! How opportunities stood at a past instant, and what changed between two.

use api::{
    access::role::templates::Template,
    actor::{Permission, Reach, Scope},
};
use chrono::Utc;
use serde_json::Value;

use crate::{
    harness::{Person, json, on_both},
    metric::{bring, money, open, stages},
};

pub fn now() -> String {
    Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

async fn update(who: &Person<'_>, id: &Value, more: Value) {
    does(who, "Update", id, more).await;
}

async fn does(who: &Person<'_>, verb: &str, id: &Value, more: Value) {
    let mut input = json!({ "id": id });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let done = who.does("opportunity", verb, input, "id").await;
    assert_eq!(done.data()[format!("opportunity{verb}")]["userErrors"], json!([]), "{}", done.0);
}

fn deal(stage: &Value, name: &str, amount: &str, close: &str) -> Value {
    let mut row = open(stage, amount, close);
    row["name"] = json!(name);
    row
}

async fn as_of(who: &Person<'_>, at: &str, more: &str) -> Value {
    let query = format!(
        "{{ opportunitiesAsOf(at: \"{at}\" {more}) {{ totalCount nodes {{ opportunityId opportunity {{ name }} amount {{ amount }} stage {{ name }} competitor }} pageInfo {{ hasNextPage endCursor }} }} }}"
    );
    who.ask(&query, json!({})).await.data()["opportunitiesAsOf"].clone()
}

/// Name, amount and stage of each, in their order.
fn told(list: &Value) -> Vec<(String, String, String)> {
    let text = |v: &Value| v.as_str().unwrap_or("-").to_owned();
    let nodes = list["nodes"].as_array().unwrap().iter();
    nodes.map(|n| (text(&n["opportunity"]["name"]), text(&n["amount"]["amount"]), text(&n["stage"]["name"]))).collect()
}

fn line(name: &str, amount: &str, stage: &str) -> (String, String, String) {
    (name.to_owned(), amount.to_owned(), stage.to_owned())
}

const BY_CLOSE: &str = ", orderBy: [{ field: CLOSE_DATE }]";

on_both! {
    async fn a_list_shows_what_stood_then(app) {
        let ann = app.founder().await;
        let stages = stages(&ann).await;
        let ids = bring(&ann, vec![
            deal(&stages["Prospecting"], "first", "100", "2099-04-01"),
            deal(&stages["Proposal"], "second", "200", "2099-05-01"),
            deal(&stages["Proposal"], "gone", "300", "2099-06-01"),
        ]).await;
        let then = now();
        update(&ann, &ids[0], json!({ "amount": money("150", "EUR"), "competitor": "Rival" })).await;
        does(&ann, "Lose", &ids[1], json!({ "reason": "COMPETITOR", "competitor": "Rival" })).await;
        ann.does("opportunity", "Delete", json!({ "id": ids[2] }), "id").await.data();
        bring(&ann, vec![deal(&stages["Negotiation"], "later", "400", "2099-07-01")]).await;

        let past = as_of(&ann, &then, BY_CLOSE).await;
        assert_eq!(told(&past), [line("first", "100.00", "Prospecting"), line("second", "200.00", "Proposal"), line("-", "300.00", "Proposal")]);
        assert_eq!((&past["totalCount"], &past["nodes"][0]["competitor"]), (&json!(3), &json!(null)));
        assert_eq!(past["nodes"][2]["opportunityId"], ids[2], "what is gone since stood then");
        let present = as_of(&ann, &now(), ", filter: { stageType: { eq: OPEN } }, orderBy: [{ field: CLOSE_DATE, direction: DESC }]").await;
        assert_eq!(told(&present), [line("later", "400.00", "Negotiation"), line("first", "150.00", "Prospecting")]);
        assert_eq!(present["nodes"][1]["competitor"], "Rival");
        assert_eq!(told(&as_of(&ann, "2999-01-01T00:00:00Z", ", filter: { stageType: { eq: LOST } }").await), [line("second", "200.00", "Lost")], "at most now");
        assert_eq!(told(&as_of(&ann, "2001-01-01T00:00:00Z", "").await), []);

        let page = as_of(&ann, &then, &format!("{BY_CLOSE}, first: 1")).await;
        assert_eq!((told(&page).len(), &page["pageInfo"]["hasNextPage"]), (1, &json!(true)));
        let after = page["pageInfo"]["endCursor"].as_str().unwrap();
        let next = as_of(&ann, &then, &format!("{BY_CLOSE}, first: 1, after: \"{after}\"")).await;
        assert_eq!((told(&next), &next["pageInfo"]["hasNextPage"]), (vec![line("second", "200.00", "Proposal")], &json!(true)));
        // the same behind a metric
        let query = format!("{{ metric(key: PIPELINE_OPEN, period: {{ start: \"2099-01-01T00:00:00Z\", end: \"2100-01-01T00:00:00Z\" }}, asOf: \"{then}\") {{ value explain {{ inputs {{ count records {{ opportunities {{ totalCount }} }} }} }} }} }}");
        let told = ann.ask(&query, json!({})).await.data()["metric"].clone();
        let input = &told["explain"]["inputs"][0];
        assert_eq!((&told["value"], &input["count"], &input["records"]["opportunities"]["totalCount"]), (&json!("600.00"), &json!(3), &json!(3)));
    }
}

on_both! {
    async fn the_past_is_seen_by_who_sees_the_opportunity_now(app) {
        let ann = crate::import::someone(&app, "acme").await;
        let stages = ann.sells().await;
        let kim = crate::metric::seller(&app, &ann, "kim", None).await;
        let ids = bring(&ann, vec![deal(&stages["Proposal"], "kept", "1", "2099-04-01"), deal(&stages["Proposal"], "given", "2", "2099-05-01")]).await;
        let then = now();
        update(&ann, &ids[1], json!({ "ownerId": kim.actor.user.unwrap().to_string(), "amount": money("3", "EUR") })).await;
        assert_eq!(told(&as_of(&kim, &then, "").await), [line("given", "2.00", "Proposal")]);
        let diff = diff(&kim, &then, "").await;
        assert_eq!(diff["nodes"].as_array().unwrap().len(), 1);
        let nobody = app.holding(ann.actor.organization, &[(Permission::MetricRead, Reach::ALL)]);
        assert_eq!(told(&as_of(&nobody, &then, "").await), []);
        assert_eq!(self::diff(&nobody, &then, "").await["nodes"], json!([]));
        // who would see it if it were there still
        ann.does("opportunity", "Delete", json!({ "id": ids[1] }), "id").await.data();
        assert_eq!(told(&as_of(&kim, &then, "").await), [line("-", "2.00", "Proposal")]);
        ann.does("opportunity", "Delete", json!({ "id": ids[0] }), "id").await.data();
        assert_eq!(told(&as_of(&kim, &then, "").await).len(), 1, "what was never theirs is not");
        assert_eq!(told(&as_of(&ann, &then, "").await).len(), 2);
        let stranger = app.with_rights(entity::id::OrganizationId(uuid::Uuid::now_v7()), Template::Admin.rights());
        assert_eq!(told(&as_of(&stranger, &then, "").await), []);
        let own = app.holding(ann.actor.organization, &[(Permission::OpportunityRead, Reach { scope: Scope::Own, unassigned: false })]);
        assert_eq!(self::diff(&own, &then, "").await["nodes"], json!([]), "somebody else's");
    }
}

async fn diff(who: &Person<'_>, from: &str, more: &str) -> Value {
    let query = format!(
        "{{ opportunityDiff(from: \"{from}\" {more}) {{ pageInfo {{ hasNextPage endCursor }}
            nodes {{ changed before {{ amount {{ amount }} stage {{ name }} opportunity {{ name }} }} after {{ amount {{ amount currency }} stageType opportunity {{ name }} }} }} }} }}"
    );
    let answer = who.ask(&query, json!({})).await;
    answer.data()["opportunityDiff"].clone()
}

on_both! {
    async fn a_diff_names_what_changed(app) {
        let ann = app.founder().await;
        let stages = stages(&ann).await;
        let ids = bring(&ann, vec![
            deal(&stages["Proposal"], "still", "10", "2099-04-01"),
            deal(&stages["Proposal"], "grows", "100", "2099-04-01"),
            deal(&stages["Proposal"], "lost", "200", "2099-05-01"),
            deal(&stages["Proposal"], "bounces", "300", "2099-06-01"),
        ]).await;
        let from = now();
        update(&ann, &ids[1], json!({ "amount": money("150", "USD") })).await;
        does(&ann, "Lose", &ids[2], json!({ "reason": "PRICE", "competitor": "Rival" })).await;
        update(&ann, &ids[3], json!({ "closeDate": "2099-08-01" })).await;
        let between = now();
        update(&ann, &ids[3], json!({ "closeDate": "2099-06-01" })).await;
        bring(&ann, vec![deal(&stages["Negotiation"], "new", "400", "2099-07-01")]).await;

        let all = diff(&ann, &from, "").await;
        let nodes = all["nodes"].as_array().unwrap();
        let of = |name: &str| {
            let named = |n: &&Value| n["after"]["opportunity"]["name"] == name;
            nodes.iter().find(named).unwrap_or_else(|| panic!("{name} is not in {all}"))
        };
        assert_eq!(nodes.len(), 4, "{all}");
        let grown = of("grows");
        assert_eq!(grown["changed"], json!(["amount"]));
        assert_eq!((&grown["before"]["amount"]["amount"], &grown["after"]["amount"]), (&json!("100.00"), &money("150.00", "USD")));
        let lost = of("lost");
        assert_eq!((&lost["before"]["stage"]["name"], &lost["after"]["stageType"]), (&json!("Proposal"), &json!("LOST")));
        for field in ["stage", "stageType", "lossReason", "competitor", "closeDate", "closedAt", "probability", "forecastCategory"] {
            assert!(lost["changed"].as_array().unwrap().contains(&json!(field)), "{field}: {lost}");
        }
        assert_eq!(of("bounces")["changed"], json!([]), "it came back to what it had been");
        assert_eq!((&of("new")["before"], &of("new")["after"]["amount"]["amount"]), (&json!(null), &json!("400.00")));

        let then = diff(&ann, &from, &format!(", to: \"{between}\"")).await;
        let changed: Vec<&Value> = then["nodes"].as_array().unwrap().iter().map(|n| &n["changed"]).collect();
        assert_eq!(changed.len(), 3, "{then}");
        assert!(changed.contains(&&json!(["closeDate"])), "{then}");
        let first = diff(&ann, &from, ", first: 3").await;
        assert_eq!((first["nodes"].as_array().unwrap().len(), &first["pageInfo"]["hasNextPage"]), (3, &json!(true)));
        let cursor = first["pageInfo"]["endCursor"].as_str().unwrap();
        let rest = diff(&ann, &from, &format!(", first: 3, after: \"{cursor}\"")).await;
        assert_eq!((rest["nodes"].as_array().unwrap().len(), &rest["pageInfo"]["hasNextPage"]), (1, &json!(false)));
        let strange = ann.ask(&format!("{{ opportunityDiff(from: \"{between}\", after: \"{cursor}\") {{ nodes {{ changed }} }} }}"), json!({})).await;
        assert_eq!(strange.code(), "BAD_USER_INPUT", "a cursor of another question");
        let gone = now();
        ann.does("opportunity", "Delete", json!({ "id": ids[0] }), "id").await.data();
        let gone = ann.ask(&format!("{{ opportunityDiff(from: \"{gone}\") {{ nodes {{ opportunityId before {{ amount {{ amount }} }} after {{ id }} changed }} }} }}"), json!({})).await;
        let node = &gone.data()["opportunityDiff"]["nodes"][0];
        assert_eq!((&node["opportunityId"], &node["before"]["amount"]["amount"], &node["after"]), (&ids[0], &json!("10.00"), &json!(null)), "it was deleted");
        assert!(node["changed"].as_array().unwrap().contains(&json!("amount")), "{node}");
        let backwards = ann.ask(&format!("{{ opportunityDiff(from: \"{between}\", to: \"{from}\") {{ nodes {{ changed }} }} }}"), json!({})).await;
        assert_eq!(backwards.code(), "BAD_USER_INPUT");
        let much = ann.ask(&format!("{{ opportunityDiff(from: \"{from}\", first: 101) {{ nodes {{ changed }} }} }}"), json!({})).await;
        assert_eq!(much.code(), "BAD_USER_INPUT", "{}", much.0);
    }
}
