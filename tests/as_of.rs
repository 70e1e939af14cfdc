//! What marketing and sales do together as it was at a past instant: what came, went or was decided later had not.

use api::{access::role::templates::Template, actor::Rights};
use serde_json::Value;

use crate::{
    handoff::person,
    harness::{App, Person, json, on_both},
    past::now,
};

const EVER: &str = "period: { start: \"2020-01-01T00:00:00Z\", end: \"2090-01-01T00:00:00Z\" }";

/// A metric now, or at an instant.
pub async fn metric(who: &Person<'_>, key: &str, at: Option<&str>, said: &str) -> Value {
    let at = at.map(|at| format!(", asOf: \"{at}\"")).unwrap_or_default();
    who.ask(&format!("{{ metric(key: {key}, {EVER}{at}) {{ {said} }} }}"), json!({})).await.data()["metric"].clone()
}

async fn value(who: &Person<'_>, key: &str, at: Option<&str>) -> (Value, Value) {
    let found = metric(who, key, at, "value n").await;
    (found["value"].clone(), found["n"].clone())
}

fn of(value: &str, n: i32) -> (Value, Value) {
    (json!(value), json!(n))
}

/// Somebody with every right, and one of each side.
async fn house(app: &App) -> (Person<'_>, Person<'_>, Person<'_>) {
    let mut ann = person(app, Template::Admin, "ann").await;
    ann.actor.rights = Rights::everything().into();
    let (mia, sam) = (person(app, Template::MktManager, "mia").await, person(app, Template::SalesRep, "sam").await);
    for (who, side) in [(&mia, "MARKETING"), (&sam, "SALES")] {
        ann.does("user", "Update", json!({ "id": who.id(), "side": side }), "id").await.data();
    }
    (ann, mia, sam)
}

on_both! {
    async fn tasks_that_were_entered_or_called_off_since(app) {
        let ann = app.founder().await;
        let fair = ann.has("campaign", json!({ "name": "Fair", "channel": "EVENT" })).await;
        let due = "2026-03-10T12:00:00Z";
        let task = |done: Option<&str>| json!({ "kind": "TASK", "subject": "Call", "dueAt": due, "doneAt": done, "campaignId": fair });
        for _ in 0..3 {
            ann.has("activity", task(Some(due))).await;
        }
        let off = ann.has("activity", task(None)).await;
        ann.has("activity", json!({ "kind": "TASK", "subject": "Later", "dueAt": "2080-01-01T00:00:00Z" })).await;
        let then = now();
        ann.does("activity", "Delete", json!({ "id": off }), "id").await.data();
        for _ in 0..2 {
            ann.has("activity", task(None)).await;
        }
        ann.has("activity", json!({ "kind": "TASK", "subject": "Later", "dueAt": "2080-01-01T00:00:00Z" })).await;
        assert_eq!(value(&ann, "FOLLOW_THROUGH", None).await, of("0.6", 5));
        assert_eq!(value(&ann, "FOLLOW_THROUGH", Some(&then)).await, of("0.75", 4));
        assert_eq!(value(&ann, "FOLLOW_THROUGH", Some("2026-03-11T00:00:00Z")).await, (json!(null), json!(0)), "nothing was known of them");
        let said = "explain { inputs { name count records { activities { totalCount } } } excluded { count } }";
        let was = metric(&ann, "FOLLOW_THROUGH", Some(&then), said).await["explain"].clone();
        let input = |name: &str, count: i32, listed: i32| json!({ "name": name, "count": count, "records": { "activities": { "totalCount": listed } } });
        assert_eq!(was["inputs"], json!([input("done", 3, 3), input("due", 4, 3)]), "what was deleted since is counted, and not listed");
        assert_eq!(was["excluded"][0]["count"], 1);
        // four are few, and none of them is theirs
        let rep = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        assert_eq!(metric(&rep, "FOLLOW_THROUGH", Some(&then), "value n withheld").await, json!({ "value": null, "n": null, "withheld": true }));
        assert_eq!(value(&rep, "FOLLOW_THROUGH", None).await, of("0.6", 5));
        let strange = app.founder().await;
        assert_eq!(value(&strange, "FOLLOW_THROUGH", Some(&then)).await, (json!(null), json!(0)), "another organisation's");
    }
}

on_both! {
    async fn content_and_uses_that_came_or_went_since(app) {
        let (ann, mia, sam) = house(&app).await;
        let asset = |at: usize| json!({ "title": format!("Story {at}"), "kind": "CASE_STUDY", "status": "ACTIVE", "ownerSide": "MARKETING" });
        let mut all = vec![];
        for at in 0..6 {
            all.push(mia.has("contentAsset", asset(at)).await);
        }
        let uses = async |asset: &Value, at: Option<&str>| {
            let mut input = json!({ "contentAssetId": asset, "event": "SHARED" });
            if let Some(at) = at {
                input["at"] = json!(at);
            }
            sam.has("contentUse", input).await
        };
        uses(&all[0], None).await;
        let before = now();
        uses(&all[1], None).await;
        let then = now();
        // said of a time before, but not known then
        uses(&all[2], Some(&before)).await;
        uses(&all[3], None).await;
        mia.has("contentAsset", asset(6)).await;
        ann.does("contentAsset", "Delete", json!({ "id": all[1] }), "id").await.data();
        ann.does("contentAsset", "Delete", json!({ "id": all[5] }), "id").await.data();
        assert_eq!(value(&sam, "CONTENT_UTILISATION", None).await, of("0.6", 5));
        assert_eq!(value(&sam, "CONTENT_UTILISATION", Some(&then)).await, of("0.333333", 6), "with its uses, what was deleted since");
        assert_eq!(value(&sam, "CONTENT_UTILISATION", Some(&before)).await, of("0.166667", 6));
        let said = "groups { value n key { word } } explain { inputs { count records { contentAssets { totalCount } } } }";
        let by = sam.ask(&format!("{{ metric(key: CONTENT_UTILISATION, {EVER}, asOf: \"{then}\", groupBy: [SIDE]) {{ {said} }} }}"), json!({})).await;
        let by = &by.data()["metric"];
        assert_eq!(by["groups"], json!([{ "value": "0.333333", "n": 6, "key": [{ "word": "MARKETING" }] }]));
        assert_eq!(by["explain"]["inputs"][1], json!({ "count": 6, "records": { "contentAssets": { "totalCount": 4 } } }));
    }
}

const PROPOSE: &str = "mutation($input: TargetEntryProposeInput!) { targetEntryPropose(input: $input) { targetEntries { id } userErrors { message } } }";

on_both! {
    async fn target_accounts_as_both_sides_had_decided_by_then(app) {
        let (ann, _, sam) = house(&app).await;
        let other = app.with_rights(ann.actor.organization, Rights::everything());
        let list = ann.has("targetList", json!({ "name": "Next", "periodStart": "2060-01-01", "periodEnd": "2060-04-01" })).await;
        let propose = async |account: &Value| {
            let rows = json!([{ "accountId": account, "tier": "TIER_1", "reason": "fits" }]);
            let made = ann.ask(PROPOSE, json!({ "input": { "targetListId": list, "side": "SALES", "rows": rows } })).await;
            let entry = made.data()["targetEntryPropose"]["targetEntries"][0]["id"].clone();
            assert!(entry.is_string(), "{}", made.0);
            entry
        };
        let vote = async |entry: &Value, choice: &str| {
            other.does("targetEntry", "Vote", json!({ "id": entry, "side": "MARKETING", "choice": choice }), "id").await.data();
        };
        let (mut accounts, mut entries) = (vec![], vec![]);
        for name in ["A", "B", "C", "D"] {
            let account = ann.has("account", json!({ "name": name })).await;
            entries.push(propose(&account).await);
            accounts.push(account);
        }
        vote(&entries[0], "YES").await;
        vote(&entries[2], "NO").await;
        let first = now();
        vote(&entries[1], "YES").await;
        let second = now();
        for entry in [&entries[0], &entries[2]] {
            let off = json!({ "id": entry, "side": "MARKETING", "choice": "YES", "question": "REMOVE" });
            assert_eq!(other.does("targetEntry", "Vote", off, "id").await.code(), "");
        }
        let third = now();
        let again = propose(&accounts[0]).await;
        vote(&again, "YES").await;
        ann.has("account", json!({ "name": "E" })).await;
        let told = async |at: Option<&str>| value(&ann, "TARGET_LIST_AGREEMENT", at).await;
        assert_eq!(told(None).await, of("0.5", 4));
        assert_eq!(told(Some(&third)).await, of("0.25", 4), "one was taken off");
        assert_eq!(told(Some(&second)).await, of("0.5", 4), "which both had wanted; the declined one had not been taken off either");
        assert_eq!(told(Some(&first)).await, of("0.25", 4), "one waited for the other side");
        let said = "explain { inputs { records { targetEntries { totalCount } } } }";
        let lists = metric(&ann, "TARGET_LIST_AGREEMENT", Some(&second), said).await["explain"]["inputs"].clone();
        let listed = |n: usize| lists[n]["records"]["targetEntries"]["totalCount"].clone();
        assert_eq!((listed(0), listed(1)), (json!(2), json!(4)));
        let withheld = json!({ "value": null, "n": null, "withheld": true });
        assert_eq!(metric(&sam, "TARGET_LIST_AGREEMENT", Some(&second), "value n withheld").await, withheld, "accounts that are not theirs");
        ann.does("targetList", "Delete", json!({ "id": list }), "id").await.data();
        assert_eq!(told(None).await, (json!(null), json!(0)));
        assert_eq!(told(Some(&second)).await, of("0.5", 4), "the list was there");
        assert_eq!(metric(&sam, "TARGET_LIST_AGREEMENT", Some(&second), "value n withheld").await, withheld);
    }
}
