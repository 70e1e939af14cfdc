//! What marketing and sales do together, in one number and its parts: content that is used, thanks, depth, targets, goals.

use api::{
    access::role::templates::Template,
    actor::{Permission, Reach, Rights, Scope},
};
use serde_json::Value;

use crate::{
    handoff::person,
    harness::{App, Person, json, on_both},
};

const EVER: &str = "period: { start: \"2020-01-01T00:00:00Z\", end: \"2090-01-01T00:00:00Z\" }";

async fn metric(who: &Person<'_>, key: &str, more: &str, said: &str) -> Value {
    who.ask(&format!("{{ metric(key: {key}, {EVER} {more}) {{ {said} }} }}"), json!({})).await.data()["metric"].clone()
}

async fn index(who: &Person<'_>) -> Value {
    let said = "value withheld excluded recognitions jointRecognitions agreementVersion { number }
        components { key weight target reached metric { value numerator denominator n withheld } }";
    who.ask(&format!("{{ alignmentIndex({EVER}) {{ {said} }} }}"), json!({})).await.data()["alignmentIndex"].clone()
}

fn part<'a>(index: &'a Value, key: &str) -> &'a Value {
    index["components"].as_array().unwrap().iter().find(|part| part["key"] == key).unwrap()
}

/// Who runs the house with every right, and somebody of each side.
async fn house(app: &App) -> (Person<'_>, Person<'_>, Person<'_>) {
    let mut ann = person(app, Template::Admin, "ann").await;
    ann.actor.rights = Rights::everything().into();
    let (mia, sam) = (person(app, Template::MktManager, "mia").await, person(app, Template::SalesRep, "sam").await);
    for (who, side) in [(&mia, "MARKETING"), (&sam, "SALES")] {
        ann.does("user", "Update", json!({ "id": who.id(), "side": side }), "id").await.data();
    }
    (ann, mia, sam)
}

async fn content(who: &Person<'_>, n: usize) -> Vec<Value> {
    let mut all = vec![];
    for at in 0..n {
        let input = json!({ "title": format!("Story {at}"), "kind": "CASE_STUDY", "status": "ACTIVE", "ownerSide": "MARKETING" });
        all.push(who.has("contentAsset", input).await);
    }
    all
}

on_both! {
    async fn content_is_utilised_that_sales_used_of_late(app) {
        let (ann, mia, sam) = house(&app).await;
        let all = content(&mia, 10).await;
        mia.has("contentAsset", json!({ "title": "Draft", "kind": "DEMO", "ownerSide": "SALES" })).await;
        for asset in &all[..4] {
            sam.has("contentUse", json!({ "contentAssetId": asset, "event": "SHARED" })).await;
            sam.has("contentUse", json!({ "contentAssetId": asset, "event": "VIEWED" })).await;
        }
        mia.has("contentUse", json!({ "contentAssetId": all[4], "event": "VIEWED" })).await;
        sam.has("contentUse", json!({ "contentAssetId": all[5], "event": "VIEWED", "at": "2025-01-01T00:00:00Z" })).await;
        let said = "value n explain { inputs { count records { contentAssets { totalCount } } } excluded { count records { contentAssets(first: 1) { totalCount nodes { title } } } } }";
        let used = metric(&sam, "CONTENT_UTILISATION", "", said).await;
        assert_eq!((&used["value"], &used["n"]), (&json!("0.4"), &json!(10)));
        assert_eq!(used["explain"]["excluded"][0]["records"]["contentAssets"]["totalCount"], 6);
        let uses = sam.sees("contentAsset", &all[0], "uses { totalCount nodes { event user { name } opportunity { id } } }").await;
        assert_eq!((&uses["uses"]["totalCount"], &uses["uses"]["nodes"][0]["user"]["name"]), (&json!(2), &json!("sam")));
        let of_mia = json!({ "contentAssetId": all[0], "event": "VIEWED", "userId": mia.id() });
        assert_eq!(sam.makes("contentUse", of_mia).await.code(), "VALIDATION", "people speak for themselves");
        let future = json!({ "contentAssetId": all[0], "event": "VIEWED", "at": "2999-01-01T00:00:00Z" });
        assert_eq!(sam.makes("contentUse", future).await.code(), "VALIDATION");
        assert_eq!(sam.makes("contentAsset", json!({ "title": "Mine", "kind": "DEMO", "ownerSide": "SALES" })).await.code(), "FORBIDDEN");
        ann.does("contentAsset", "Update", json!({ "id": all[0], "status": "RETIRED" }), "id").await.data();
        assert_eq!(metric(&sam, "CONTENT_UTILISATION", "", "value").await["value"], "0.333333");
    }
}

on_both! {
    async fn thanks_across_sides_or_teams_are_joint(app) {
        let (ann, mia, sam) = house(&app).await;
        let kim = person(&app, Template::SalesRep, "kim").await;
        ann.does("user", "Update", json!({ "id": kim.id(), "side": "SALES" }), "id").await.data();
        let thank = |who: &Person<'_>, to: &[&Person<'_>]| {
            let ids: Vec<Value> = to.iter().map(|p| p.id()).collect();
            json!({ "recipients": { "userIds": ids }, "reason": format!("For the webinar, {}", who.id()) })
        };
        let id = mia.has("recognition", thank(&mia, &[&sam, &kim])).await;
        let seen = kim.sees("recognition", &id, "fromUser { name } joint reason recipients { userIds }").await;
        assert_eq!((&seen["fromUser"]["name"], &seen["joint"], &seen["recipients"]["userIds"]), (&json!("mia"), &json!(true), &json!([sam.id(), kim.id()])));
        let id = sam.has("recognition", thank(&sam, &[&kim])).await;
        assert_eq!(sam.sees("recognition", &id, "joint").await["joint"], false, "of one side, and in no teams");
        for (who, name) in [(&sam, "East"), (&kim, "West")] {
            let team = ann.has("team", json!({ "name": name, "kind": "SALES" })).await;
            ann.has("membership", json!({ "teamId": team, "userId": who.id() })).await;
        }
        let id = sam.has("recognition", thank(&sam, &[&kim])).await;
        assert_eq!(sam.sees("recognition", &id, "joint").await["joint"], true, "of two teams");
        for (input, why) in [
            (thank(&sam, &[&sam]), "oneself"),
            (thank(&sam, &[]), "nobody"),
            (thank(&sam, &[&kim, &kim]), "twice"),
            (json!({ "recipients": { "userIds": ["user_00000000000070008000000000000000"] }, "reason": "?" }), "unknown"),
        ] {
            assert_eq!(sam.makes("recognition", input).await.code(), "VALIDATION", "{why}");
        }
        // for a goal that both share
        let goal = json!({ "goal": { "metric": "REVENUE", "periodStart": "2026-07-01", "periodEnd": "2026-10-01", "baseline": "0", "target": "1000",
            "currency": "EUR", "marketingOwnerIds": [mia.id()], "salesOwnerIds": [sam.id()] } });
        ann.does("agreement", "Create", json!({ "key": "ARR", "title": "ARR", "body": goal }), "id").await.data();
        let goal = ann.ask("{ goals { nodes { id } } }", json!({})).await.data()["goals"]["nodes"][0]["id"].clone();
        let mut for_goal = thank(&mia, &[&sam]);
        for_goal["goalId"] = goal.clone();
        let id = mia.has("recognition", for_goal).await;
        assert_eq!(sam.sees("recognition", &id, "joint goal { id }").await, json!({ "joint": true, "goal": { "id": goal } }));
        let found = index(&sam).await;
        assert_eq!((&found["recognitions"], &found["jointRecognitions"]), (&json!(4), &json!(3)));
    }
}

on_both! {
    async fn depth_counts_tries_since_the_lead_was_accepted(app) {
        let (ann, mia, sam) = house(&app).await;
        let mut leads = vec![];
        for at in 0..5 {
            let lead = ann.has("lead", json!({ "email": format!("{at}@example.com"), "status": "MQL", "ownerId": mia.id() })).await;
            ann.has("activity", json!({ "kind": "CALL", "direction": "OUTBOUND", "subject": "Before", "leadId": lead })).await;
            let offer = ann.offers(&lead, json!({ "userId": sam.id() })).await;
            sam.does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
            leads.push(lead);
        }
        for (lead, tries) in leads.iter().zip([0, 1, 2, 3, 7]) {
            for at in 0..tries {
                let kind = if at == 0 { "MEETING" } else { "CALL" };
                sam.has("activity", json!({ "kind": kind, "direction": "OUTBOUND", "subject": "Hi", "leadId": lead })).await;
            }
            sam.has("activity", json!({ "kind": "NOTE", "subject": "Not a try", "leadId": lead })).await;
        }
        let depth = metric(&ann, "FOLLOW_UP_DEPTH", "", "value numerator denominator n explain { inputs { count value unit } }").await;
        assert_eq!(depth, json!({ "value": "0.6", "numerator": "9", "denominator": "15", "n": 5,
            "explain": { "inputs": [{ "count": 5, "value": "9", "unit": "COUNT" }] } }), "0 + 1 + 2 + 3 + 3 of 15");
        assert_eq!(metric(&ann, "FOLLOW_UP_DEPTH", ", options: { requiredAttempts: 10 }", "value").await["value"], "0.26", "13 of 50");
    }
}

fn weights(acceptance: &str, content: &str) -> Value {
    json!({ "alignmentIndex": { "acceptanceTarget": "0.5", "weights": { "acceptance": acceptance, "slaAttainment": "0.2", "followUpDepth": "0.1",
        "targetListAgreement": "0.15", "goalOwnership": "0.15", "contentUtilisation": content, "dataHealth": "0" } } })
}

on_both! {
    async fn the_index_is_weighed_as_both_have_signed(app) {
        let (ann, mia, sam) = house(&app).await;
        assert_eq!(index(&ann).await["value"], json!(null), "there is nothing yet");
        let all = content(&mia, 10).await;
        for asset in &all[..4] {
            sam.has("contentUse", json!({ "contentAssetId": asset, "event": "SHARED" })).await;
        }
        let only = index(&ann).await;
        assert_eq!((&only["value"], &only["agreementVersion"]), (&json!("40"), &json!(null)), "the only part there is");
        assert_eq!(only["excluded"].as_array().unwrap().len(), 6, "{only}");
        assert_eq!(*part(&only, "CONTENT_UTILISATION"), json!({ "key": "CONTENT_UTILISATION", "weight": "0.1", "target": "1", "reached": "0.4",
            "metric": { "value": "0.4", "numerator": "4", "denominator": "10", "n": 10, "withheld": false } }));
        let reason = ann.reason("CAPACITY", 30).await;
        for at in 0..10 {
            let lead = ann.has("lead", json!({ "email": format!("{at}@example.com"), "status": "MQL", "ownerId": mia.id() })).await;
            let offer = ann.offers(&lead, json!({ "userId": sam.id() })).await;
            let (verb, input) = if at < 4 { ("Accept", json!({ "id": offer })) } else { ("Reject", json!({ "id": offer, "reasonId": reason })) };
            sam.does("handoff", verb, input, "id").await.data();
        }
        // acceptance 0.4 through 0.85, depth 0, content 0.4: (0.2 x 0.470588 + 0.1 x 0 + 0.1 x 0.4) / 0.4
        let standard = index(&ann).await;
        assert_eq!((part(&standard, "LEAD_ACCEPTANCE")["reached"].clone(), &standard["value"]), (json!("0.470588"), &json!("33.529412")), "{standard}");

        assert_eq!(ann.makes("agreement", json!({ "key": "INDEX", "title": "Index", "body": weights("0.3", "0.2") })).await.code(), "VALIDATION", "1.1 together");
        ann.agrees("INDEX", weights("0.2", "0.2")).await;
        let signed = index(&ann).await;
        // acceptance 0.4 through 0.5: (0.2 x 0.8 + 0.1 x 0 + 0.2 x 0.4) / 0.5
        assert_eq!((part(&signed, "LEAD_ACCEPTANCE")["reached"].clone(), &signed["value"], &signed["agreementVersion"]["number"]), (json!("0.8"), &json!("48"), &json!(1)));
        let own = metric(&ann, "ALIGNMENT_INDEX", "", "value withheld").await;
        assert_eq!(own, json!({ "value": "48", "withheld": false }), "the metric is the same");
        let past = ann.ask(&format!("{{ metric(key: ALIGNMENT_INDEX, {EVER}, asOf: \"2026-01-01T00:00:00Z\") {{ value }} }}"), json!({})).await;
        assert_eq!(past.code(), "BAD_USER_INPUT", "it is known only as it is");
    }
}

on_both! {
    async fn the_index_of_all_its_parts(app) {
        let (ann, mia, sam) = house(&app).await;
        let eva = person(&app, Template::SalesManager, "eva").await;
        ann.does("user", "Update", json!({ "id": eva.id(), "side": "SALES" }), "id").await.data();
        ann.agrees("LEAD_RESPONSE", json!({ "sla": { "targets": [{ "kind": "FIRST_RESPONSE", "minutes": 60 }] } })).await;
        let reason = ann.reason("CAPACITY", 30).await;
        for at in 0..10 {
            let lead = ann.has("lead", json!({ "email": format!("{at}@example.com"), "status": "MQL", "ownerId": mia.id() })).await;
            let offer = ann.offers(&lead, json!({ "userId": sam.id() })).await;
            let (verb, input) = if at < 9 { ("Accept", json!({ "id": offer })) } else { ("Reject", json!({ "id": offer, "reasonId": reason })) };
            sam.does("handoff", verb, input, "id").await.data();
            if at < 9 {
                sam.has("activity", json!({ "kind": "CALL", "direction": "OUTBOUND", "subject": "Hi", "leadId": lead })).await;
            }
        }
        for (at, asset) in content(&mia, 10).await.iter().enumerate().take(4) {
            sam.has("contentUse", json!({ "contentAssetId": asset, "event": "SHARED", "at": format!("2026-01-0{}T00:00:00Z", at + 1) })).await;
            sam.has("contentUse", json!({ "contentAssetId": asset, "event": "SHARED" })).await;
        }
        let goal = json!({ "metric": "REVENUE", "periodStart": "2026-01-01", "periodEnd": "2027-01-01", "baseline": "0", "target": "100",
            "currency": "EUR", "marketingOwnerIds": [mia.id()], "salesOwnerIds": [eva.id()] });
        ann.agrees("REVENUE_2026", json!({ "goal": goal })).await;
        ann.has("dataQualityRule", json!({ "name": "Domain", "entity": "ACCOUNT", "check": "COMPLETE", "fields": ["domain"], "ownerSide": "SALES" })).await;
        let list = ann.has("targetList", json!({ "name": "Next", "periodStart": "2060-01-01", "periodEnd": "2060-04-01" })).await;
        let propose = "mutation($input: TargetEntryProposeInput!) { targetEntryPropose(input: $input) { targetEntries { id } userErrors { message } } }";
        for at in 0..2 {
            let account = ann.has("account", json!({ "name": format!("Acme {at}"), "domain": (at == 0).then_some("acme.example") })).await;
            let rows = json!([{ "accountId": account, "tier": "TIER_1", "reason": "fits" }]);
            let made = ann.ask(propose, json!({ "input": { "targetListId": list, "side": "SALES", "rows": rows } })).await;
            let entry = made.data()["targetEntryPropose"]["targetEntries"][0]["id"].clone();
            if at == 0 {
                let other = app.with_rights(ann.actor.organization, Rights::everything());
                other.does("targetEntry", "Vote", json!({ "id": entry, "side": "MARKETING", "choice": "YES" }), "id").await.data();
            }
        }
        let found = index(&ann).await;
        let reached = |key: &str| part(&found, key)["reached"].as_str().unwrap_or("none").to_owned();
        let all = ["LEAD_ACCEPTANCE", "SLA_ATTAINMENT", "FOLLOW_UP_DEPTH", "TARGET_LIST_AGREEMENT", "GOAL_OWNERSHIP", "CONTENT_UTILISATION", "DATA_HEALTH"].map(reached);
        assert_eq!(all, ["1", "1", "0.333333", "0.5", "1", "0.4", "0.5"], "acceptance 0.9 and answers beyond their targets count as 1");
        // 20 + 20 + 10 / 3 + 15 x 0.5 + 15 + 10 x 0.4 + 10 x 0.5
        assert_eq!((&found["value"], &found["excluded"]), (&json!("74.833333"), &json!([])));
        assert_eq!(metric(&ann, "ALIGNMENT_INDEX", "", "value").await["value"], "74.833333");

        // of a period that is over what had happened in it, and what is known only as it is
        let past = "alignmentIndex(period: { start: \"2021-01-01T00:00:00Z\", end: \"2022-01-01T00:00:00Z\" }) { value excluded }";
        let past = ann.ask(&format!("{{ {past} }}"), json!({})).await.data()["alignmentIndex"].clone();
        let excluded = past["excluded"].as_array().unwrap();
        for key in ["LEAD_ACCEPTANCE", "SLA_ATTAINMENT", "FOLLOW_UP_DEPTH"] {
            assert!(excluded.contains(&json!(key)), "{past}");
        }
        assert!(!excluded.contains(&json!("CONTENT_UTILISATION")) && past["value"].is_string(), "{past}");
    }
}

on_both! {
    async fn the_index_tells_nothing_of_few(app) {
        let (ann, mia, sam) = house(&app).await;
        content(&mia, 6).await;
        assert_eq!(index(&sam).await["value"], "0");
        let list = ann.has("targetList", json!({ "name": "Next", "periodStart": "2060-01-01", "periodEnd": "2060-04-01" })).await;
        let propose = "mutation($input: TargetEntryProposeInput!) { targetEntryPropose(input: $input) { targetEntries { id } userErrors { message } } }";
        for at in 0..2 {
            let account = ann.has("account", json!({ "name": format!("Acme {at}") })).await;
            let rows = json!([{ "accountId": account, "tier": "TIER_1", "reason": "fits" }]);
            let made = ann.ask(propose, json!({ "input": { "targetListId": list, "side": "SALES", "rows": rows } })).await;
            let entry = made.data()["targetEntryPropose"]["targetEntries"][0]["id"].clone();
            assert!(entry.is_string(), "{}", made.0);
            if at == 0 {
                let other = app.with_rights(ann.actor.organization, Rights::everything());
                other.does("targetEntry", "Vote", json!({ "id": entry, "side": "MARKETING", "choice": "YES" }), "id").await.data();
            }
        }
        assert_eq!(part(&index(&ann).await, "TARGET_LIST_AGREEMENT")["metric"], json!({ "value": "0.5", "numerator": "1", "denominator": "2", "n": 2, "withheld": false }));
        let theirs = index(&sam).await;
        assert_eq!((&theirs["value"], &theirs["withheld"]), (&json!(null), &json!(true)), "two entries, whose accounts are not theirs");
        assert_eq!(part(&theirs, "TARGET_LIST_AGREEMENT")["metric"]["value"], json!(null));
        assert_eq!(part(&theirs, "CONTENT_UTILISATION")["metric"]["value"], "0");
        assert_eq!(metric(&sam, "ALIGNMENT_INDEX", "", "value withheld").await, json!({ "value": null, "withheld": true }));
        let few = app.holding(ann.actor.organization, &[(Permission::LeadRead, Reach { scope: Scope::Own, unassigned: false })]);
        assert_eq!(index(&few).await, json!(null), "without METRIC_READ");
    }
}

on_both! {
    async fn the_index_and_the_metric_are_withheld_alike(app) {
        let (ann, mia, sam) = house(&app).await;
        content(&mia, 6).await;
        let list = ann.has("targetList", json!({ "name": "Next", "periodStart": "2060-01-01", "periodEnd": "2060-04-01" })).await;
        let propose = "mutation($input: TargetEntryProposeInput!) { targetEntryPropose(input: $input) { targetEntries { id } userErrors { message } } }";
        for at in 0..2 {
            let account = ann.has("account", json!({ "name": format!("Acme {at}") })).await;
            let rows = json!([{ "accountId": account, "tier": "TIER_1", "reason": "fits" }]);
            ann.ask(propose, json!({ "input": { "targetListId": list, "side": "SALES", "rows": rows } })).await.data();
        }
        // sees both of the two entries, and none of the content
        let eve = app.holding(ann.actor.organization, &[(Permission::MetricRead, Reach::ALL), (Permission::AccountRead, Reach::ALL), (Permission::TargetListRead, Reach::ALL)]);
        for (who, withheld) in [(&ann, false), (&eve, false), (&sam, true)] {
            let (whole, own) = (index(who).await, metric(who, "ALIGNMENT_INDEX", "", "value withheld").await);
            assert_eq!(json!({ "value": whole["value"], "withheld": whole["withheld"] }), own);
            assert_eq!((&own["withheld"], own["value"].is_null()), (&json!(withheld), withheld));
        }
    }
}

on_both! {
    async fn a_goal_is_owned_while_both_owners_are_there(app) {
        let (ann, mia, _) = house(&app).await;
        let eva = person(&app, Template::SalesManager, "eva").await;
        ann.does("user", "Update", json!({ "id": eva.id(), "side": "SALES" }), "id").await.data();
        let body = json!({ "goal": { "metric": "REVENUE", "periodStart": "2026-01-01", "periodEnd": "2027-01-01", "baseline": "0", "target": "100",
            "currency": "EUR", "marketingOwnerIds": [mia.id()], "salesOwnerIds": [eva.id()] } });
        ann.agrees("REVENUE_2026", body).await;
        assert_eq!(metric(&ann, "GOAL_OWNERSHIP", "", "value n").await, json!({ "value": "1", "n": 1 }));
        use sea_orm::ConnectionTrait;
        for (status, n) in [("DRAFT", 0), ("ACHIEVED", 1), ("MISSED", 1)] {
            app.store.migrator().execute_unprepared(&format!("UPDATE goal SET status = '{status}'")).await.unwrap();
            assert_eq!(metric(&ann, "GOAL_OWNERSHIP", "", "n").await["n"], n, "{status}");
        }
        ann.does("user", "Update", json!({ "id": eva.id(), "side": "MARKETING" }), "id").await.data();
        assert_eq!(metric(&ann, "GOAL_OWNERSHIP", "", "value n explain { inputs { name count } }").await["value"], "0", "nobody of sales is left");
    }
}
