//! All that happened with a customer, on one list.

use api::actor::{Permission as P, Reach, Scope};
use serde_json::Value;

use crate::harness::{App, Person, json, on_both};

const SAID: &str = "nodes { cursor kind at record { id __typename ... on Activity { subject } ... on StageChange { toStage { name } } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";

async fn timeline(who: &Person<'_>, id: &Value, more: &str) -> Value {
    let id = id.as_str().unwrap();
    who.ask(&format!("{{ timeline(id: \"{id}\"{more}) {{ {SAID} }} }}"), json!({})).await.data()["timeline"].clone()
}

fn kinds(page: &Value) -> Vec<&str> {
    page["nodes"].as_array().unwrap().iter().map(|n| n["kind"].as_str().unwrap()).collect()
}

fn ids(page: &Value) -> Vec<&str> {
    page["nodes"].as_array().unwrap().iter().map(|n| n["record"]["id"].as_str().unwrap()).collect()
}

/// What happened with one account, and the account, its contact, its lead and its opportunity.
async fn history(ann: &Person<'_>) -> [Value; 4] {
    ann.sells().await;
    let account = ann.has("account", json!({ "name": "Acme" })).await;
    let contact = ann.has("contact", json!({ "lastName": "Lovelace" })).await;
    ann.has("contactAccount", json!({ "contactId": contact, "accountId": account })).await;
    let lead = ann.has("lead", json!({ "lastName": "Lovelace", "matchedAccountId": account })).await;
    let sale = ann
        .has("opportunity", json!({ "name": "Engine", "accountId": account, "openedAt": "2025-03-01T10:00:00Z" }))
        .await;
    for (subject, at, whose, whom) in [
        ("first", "2025-01-01T10:00:00Z", "leadId", &lead),
        ("second", "2025-01-02T10:00:00Z", "contactId", &contact),
        ("third", "2025-01-03T10:00:00Z", "accountId", &account),
        ("fourth", "2025-01-04T10:00:00Z", "opportunityId", &sale),
    ] {
        let mut call = json!({ "kind": "CALL", "subject": subject, "happenedAt": at });
        call[whose] = whom.clone();
        ann.has("activity", call).await;
    }
    let task = json!({ "kind": "TASK", "subject": "task", "dueAt": "2025-01-05T10:00:00Z", "accountId": account });
    let task = ann.has("activity", task).await;
    let visit =
        json!({ "kind": "WEB_VISIT", "channel": "ORGANIC", "occurredAt": "2025-01-02T11:00:00Z", "leadId": lead });
    ann.has("touchpoint", visit).await;
    assert!(!timeline(ann, &account, ", kinds: [ACTIVITY]").await.to_string().contains("task"), "not done yet");
    let done = json!({ "id": task, "doneAt": "2025-01-06T10:00:00Z" });
    ann.does("activity", "Update", done, "id").await;
    [account, contact, lead, sale]
}

on_both! {
    async fn it_has_what_both_sides_did_newest_first(app) {
        let ann = app.admin();
        let [account, contact, lead, sale] = history(&ann).await;
        let all = timeline(&ann, &account, "").await;
        let at: Vec<_> = all["nodes"].as_array().unwrap().iter().map(|n| n["at"].as_str().unwrap().to_owned()).collect();
        assert!(at.is_sorted_by(|a, b| a >= b), "{at:?}");
        let old: Vec<_> = all["nodes"].as_array().unwrap().iter()
            .filter(|n| n["at"].as_str().unwrap() < "2025-12")
            .map(|n| n["record"]["subject"].as_str().or(n["kind"].as_str()).unwrap()).collect();
        assert_eq!(old, ["STAGE", "OPPORTUNITY", "task", "fourth", "third", "TOUCHPOINT", "second", "first"]);
        for kind in ["LEAD", "LEAD_STATUS", "STAGE"] {
            assert!(kinds(&all).contains(&kind), "{kind} is missing: {all}");
        }
        assert_eq!(kinds(&timeline(&ann, &account, ", kinds: [LEAD, STAGE]").await).len(), 2);
        let told = |page: &Value| page["nodes"].as_array().unwrap().iter().filter_map(|n| n["record"]["subject"].as_str().map(str::to_owned)).collect::<Vec<_>>();
        assert_eq!(told(&timeline(&ann, &contact, "").await), ["second"]);
        assert_eq!(told(&timeline(&ann, &lead, "").await), ["first"]);
        assert_eq!(told(&timeline(&ann, &sale, "").await), ["fourth"]);
    }
}

on_both! {
    async fn its_pages_lose_and_repeat_nothing(app) {
        let ann = app.admin();
        let [account, _, lead, _] = history(&ann).await;
        let same = json!({ "kind": "NOTE", "subject": "same", "happenedAt": "2025-01-03T10:00:00Z", "accountId": account });
        for _ in 0..5 {
            ann.has("activity", same.clone()).await;
        }
        let all = timeline(&ann, &account, ", first: 100").await;
        assert_eq!(all["pageInfo"]["hasNextPage"], false);
        let (mut seen, mut more) = (vec![], String::new());
        loop {
            let page = timeline(&ann, &account, &format!(", first: 2{more}")).await;
            assert_eq!(page["pageInfo"]["hasPreviousPage"], !more.is_empty());
            seen.extend(ids(&page).into_iter().map(str::to_owned));
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            assert_eq!(page["pageInfo"]["endCursor"], page["nodes"][1]["cursor"]);
            more = format!(", after: {}", page["pageInfo"]["endCursor"]);
        }
        assert_eq!(seen, ids(&all));
        let other = format!("{{ timeline(id: {lead}{more}) {{ nodes {{ at }} }} }}");
        assert_eq!(ann.ask(&other, json!({})).await.code(), "BAD_USER_INPUT", "a cursor of another timeline");
    }
}

on_both! {
    async fn it_shows_what_the_caller_may_see(app) {
        let ann = app.admin();
        let [account, ..] = history(&ann).await;
        let home = ann.actor.organization;
        let own = Reach { scope: Scope::Own, unassigned: false };
        let caller = app.holding(home, &[(P::AccountRead, Reach::ALL), (P::ActivityRead, own)]);
        assert_eq!(kinds(&timeline(&caller, &account, "").await), Vec::<&str>::new());
        let reader = app.holding(home, &[(P::AccountRead, Reach::ALL), (P::ActivityRead, Reach::ALL)]);
        assert_eq!(kinds(&timeline(&reader, &account, "").await), ["ACTIVITY"; 2], "the task, and the call with the account");
        let blind = app.holding(home, &[(P::ActivityRead, Reach::ALL)]);
        assert_eq!(timeline(&blind, &account, "").await, json!(null));
        assert_eq!(timeline(&app.founder().await, &account, "").await, json!(null));
        let account = account.as_str().unwrap();
        for (wrong, more) in [("team_00000000000000000000000000", ""), ("nonsense", ""), (account, ", first: 101")] {
            let asked = format!("{{ timeline(id: \"{wrong}\"{more}) {{ nodes {{ at }} }} }}");
            assert_eq!(ann.ask(&asked, json!({})).await.code(), "BAD_USER_INPUT", "{wrong}");
        }
    }
}

on_both! {
    async fn its_statements_do_not_grow_with_its_entries(app) {
        let ann = app.admin();
        let [account, ..] = history(&ann).await;
        let cost = async |app: &App| {
            let before = app.store.statements();
            timeline(&ann, &account, ", first: 100").await;
            app.store.statements() - before
        };
        let few = cost(&app).await;
        for n in 0..60 {
            let call = json!({ "kind": "CALL", "subject": format!("{n}"), "happenedAt": "2025-02-01T10:00:00Z", "accountId": account });
            ann.has("activity", call).await;
        }
        assert_eq!(cost(&app).await, few);
    }
}
