//! Metrics of some of the records only: those of content, quality, target lists, contracts and answers too.

use api::{
    access::role::templates::Template,
    actor::{Permission, Reach, Rights, Scope},
};
use serde_json::Value;

use crate::{
    customers::{MARCH, contract, over},
    handoff::person,
    harness::{Person, json, on_both},
};

const SPRING: (&str, &str) = MARCH;

async fn some(who: &Person<'_>, key: &str, period: (&str, &str), filter: &str) -> Value {
    over(who, key, period, &format!(", filter: {{ {filter} }}"), "value n").await
}

/// The code of a question that cannot be asked.
async fn refused(who: &Person<'_>, key: &str, more: &str) -> String {
    let query = format!(
        "{{ metric(key: {key}, period: {{ start: \"2026-03-01T00:00:00Z\", end: \"2026-04-01T00:00:00Z\" }} {more}) {{ value }} }}"
    );
    who.ask(&query, json!({})).await.code().to_owned()
}

/// Accounts of this owner.
async fn of(who: &Person<'_>, owner: &Value, count: usize, country: &str) -> Vec<Value> {
    let mut all = vec![];
    for at in 0..count {
        let name = format!("{country} {at} {}", uuid::Uuid::now_v7().simple());
        all.push(who.has("account", json!({ "name": name, "ownerId": owner, "country": country })).await);
    }
    all
}

on_both! {
    async fn contracts_are_told_apart_by_who_owns_the_account(app) {
        let mut ann = person(&app, Template::Admin, "ann").await;
        ann.actor.rights = Rights::everything().into();
        let (sam, kim) = (person(&app, Template::SalesRep, "sam").await, person(&app, Template::SalesRep, "kim").await);
        let east = ann.has("team", json!({ "name": "East", "kind": "SALES" })).await;
        ann.has("membership", json!({ "teamId": east, "userId": kim.id() })).await;
        ann.does("user", "Update", json!({ "id": sam.id(), "region": "North" }), "id").await.data();
        for (owner, country, amount) in [(sam.id(), "DE", "100"), (kim.id(), "FR", "30")] {
            for account in of(&ann, &owner, 5, country).await {
                ann.has("customerContract", contract(&account, amount, "2026-01-01", None)).await;
            }
        }
        let worth = async |filter: String| some(&ann, "RECURRING_REVENUE", MARCH, &filter).await;
        assert_eq!(worth(String::new()).await["value"], "650.00");
        assert_eq!(worth(format!("ownerIds: [{}]", sam.id())).await["value"], "500.00");
        assert_eq!(worth(format!("teamIds: [{east}]")).await["value"], "150.00");
        assert_eq!(worth("regions: [\"North\"]".into()).await["value"], "500.00");
        assert_eq!(worth(format!("ownerIds: [{}], countries: [\"DE\"]", kim.id())).await["value"], "0.00");
        assert_eq!(some(&ann, "LOGO_CHURN", MARCH, &format!("ownerIds: [{}]", kim.id())).await, json!({ "value": "0", "n": 5 }));
        let by = over(&ann, "RECURRING_REVENUE", MARCH, ", groupBy: [OWNER]", "groups { value key { name } }").await;
        assert_eq!(by["groups"], json!([{ "value": "500.00", "key": [{ "name": "sam" }] }, { "value": "150.00", "key": [{ "name": "kim" }] }]));

        // who reaches one owner is told of that one, and of nobody else
        let own = Reach { scope: Scope::Own, unassigned: false };
        let grants = [Permission::OpportunityRead, Permission::AccountRead, Permission::UserRead].map(|p| (p, own));
        let mut rep = app.holding(ann.actor.organization, &[&grants[..], &[(Permission::MetricRead, Reach::ALL)]].concat());
        rep.actor.user = sam.actor.user;
        let said = "value withheld groups { value }";
        let mine = over(&rep, "RECURRING_REVENUE", MARCH, &format!(", filter: {{ ownerIds: [{}] }}, groupBy: [OWNER]", sam.id()), said).await;
        assert_eq!(mine, json!({ "value": "500.00", "withheld": false, "groups": [{ "value": "500.00" }] }));
        let theirs = over(&rep, "RECURRING_REVENUE", MARCH, &format!(", filter: {{ ownerIds: [{}] }}, groupBy: [OWNER]", kim.id()), said).await;
        assert_eq!(theirs, json!({ "value": null, "withheld": true, "groups": [] }));
    }
}

on_both! {
    async fn content_and_target_accounts_are_told_apart_by_side_and_list(app) {
        let mut ann = person(&app, Template::Admin, "ann").await;
        ann.actor.rights = Rights::everything().into();
        let sam = person(&app, Template::SalesRep, "sam").await;
        ann.does("user", "Update", json!({ "id": sam.id(), "side": "SALES" }), "id").await.data();
        for (side, count) in [("MARKETING", 4), ("SALES", 2)] {
            for at in 0..count {
                let input = json!({ "title": format!("{side} {at}"), "kind": "CASE_STUDY", "status": "ACTIVE", "ownerSide": side });
                let id = ann.has("contentAsset", input).await;
                if at == 0 {
                    sam.has("contentUse", json!({ "contentAssetId": id, "event": "SHARED" })).await;
                }
            }
        }
        let ever = ("2020-01-01", "2999-01-01");
        assert_eq!(some(&ann, "CONTENT_UTILISATION", ever, "sides: [MARKETING]").await, json!({ "value": "0.25", "n": 4 }));
        assert_eq!(some(&ann, "CONTENT_UTILISATION", ever, "sides: [SALES]").await, json!({ "value": "0.5", "n": 2 }));
        let by = over(&ann, "CONTENT_UTILISATION", ever, ", groupBy: [SIDE]", "groups { value key { word } }").await;
        assert_eq!(by["groups"].as_array().unwrap().len(), 2, "{by}");

        let propose = "mutation($input: TargetEntryProposeInput!) { targetEntryPropose(input: $input) { targetEntries { id } userErrors { message } } }";
        let other = app.with_rights(ann.actor.organization, Rights::everything());
        let mut lists = vec![];
        for (name, side, answer) in [("One", "SALES", "YES"), ("Two", "MARKETING", "NO")] {
            let list = ann.has("targetList", json!({ "name": name, "periodStart": "2060-01-01", "periodEnd": "2060-04-01" })).await;
            let country = if side == "SALES" { "DE" } else { "FR" };
            let account = of(&ann, &sam.id(), 1, country).await.remove(0);
            let rows = json!([{ "accountId": account, "tier": "TIER_1", "reason": "fits" }]);
            let made = ann.ask(propose, json!({ "input": { "targetListId": list, "side": side, "rows": rows } })).await;
            let entry = made.data()["targetEntryPropose"]["targetEntries"][0]["id"].clone();
            let against = if side == "SALES" { "MARKETING" } else { "SALES" };
            let voted = other.does("targetEntry", "Vote", json!({ "id": entry, "side": against, "choice": answer }), "id").await;
            assert_eq!(voted.code(), "", "{}", voted.0);
            lists.push(list);
        }
        let wanted = async |filter: String| some(&ann, "TARGET_LIST_AGREEMENT", ever, &filter).await;
        assert_eq!(wanted(String::new()).await, json!({ "value": "0.5", "n": 2 }));
        assert_eq!(wanted(format!("targetListIds: [{}]", lists[0])).await, json!({ "value": "1", "n": 1 }));
        assert_eq!(wanted("sides: [MARKETING]".into()).await, json!({ "value": "0", "n": 1 }));
        assert_eq!(wanted("countries: [\"DE\"]".into()).await, json!({ "value": "1", "n": 1 }));
        assert_eq!(wanted(format!("ownerIds: [{}]", sam.id())).await, json!({ "value": "0.5", "n": 2 }));
        assert_eq!(wanted(format!("ownerIds: [{}]", ann.id())).await, json!({ "value": null, "n": 0 }));
        let by = over(&ann, "TARGET_LIST_AGREEMENT", ever, ", groupBy: [TARGET_LIST]", "groups { value key { name } }").await;
        assert!(by["groups"].to_string().contains("\"One\""), "{by}");
        let wrong = ", filter: { targetListIds: [\"account_00000000000070008000000000000000\"] }";
        assert_eq!(refused(&ann, "TARGET_LIST_AGREEMENT", wrong).await, "BAD_USER_INPUT");
        assert_eq!(refused(&ann, "GOAL_OWNERSHIP", ", groupBy: [TEAM]").await, "BAD_USER_INPUT");
        assert_eq!(refused(&ann, "CONTENT_UTILISATION", ", filter: { countries: [\"DE\"] }").await, "BAD_USER_INPUT");
    }
}

on_both! {
    async fn quality_of_data_is_told_apart_by_owner_and_country_but_not_in_groups(app) {
        let mut ann = person(&app, Template::Admin, "ann").await;
        ann.actor.rights = Rights::everything().into();
        let (sam, kim) = (person(&app, Template::SalesRep, "sam").await, person(&app, Template::SalesRep, "kim").await);
        let rule = json!({ "name": "Domain", "entity": "ACCOUNT", "check": "COMPLETE", "fields": ["domain"], "ownerSide": "SALES" });
        ann.has("dataQualityRule", rule).await;
        let rule = json!({ "name": "Title", "entity": "CONTACT", "check": "COMPLETE", "fields": ["title"], "ownerSide": "SALES" });
        ann.has("dataQualityRule", rule).await;
        let all = of(&ann, &sam.id(), 6, "DE").await;
        of(&ann, &kim.id(), 6, "FR").await;
        for (at, account) in all[..3].iter().enumerate() {
            ann.does("account", "Update", json!({ "id": account, "domain": format!("a{at}.example") }), "id").await.data();
        }
        for (owner, title) in [(sam.id(), json!("Head")), (kim.id(), json!(null))] {
            ann.has("contact", json!({ "lastName": "Doe", "ownerId": owner, "title": title })).await;
        }
        let kept = async |filter: String| some(&ann, "DATA_HEALTH", SPRING, &filter).await;
        assert_eq!(kept(format!("ownerIds: [{}]", sam.id())).await, json!({ "value": "0.75", "n": 7 }), "half of the accounts, all contacts");
        assert_eq!(kept(format!("ownerIds: [{}]", kim.id())).await, json!({ "value": "0", "n": 7 }));
        assert_eq!(kept("countries: [\"DE\"]".into()).await, json!({ "value": "0.5", "n": 6 }));
        assert_eq!(refused(&ann, "DATA_HEALTH", ", groupBy: [OWNER]").await, "BAD_USER_INPUT");
        assert_eq!(refused(&ann, "DATA_HEALTH", ", filter: { industries: [\"x\"] }").await, "BAD_USER_INPUT");
    }
}

on_both! {
    async fn answers_follow_the_campaign_that_brought_who_answered(app) {
        let mut ann = person(&app, Template::Admin, "ann").await;
        ann.actor.rights = Rights::everything().into();
        let (fair, mail) = (
            ann.has("campaign", json!({ "name": "Fair", "channel": "EVENT" })).await,
            ann.has("campaign", json!({ "name": "Mail", "channel": "EMAIL" })).await,
        );
        let says = async |more: Value| {
            let mut input = json!({ "kind": "NPS", "respondedAt": chrono::Utc::now() });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            ann.has("surveyResponse", input).await
        };
        let mut first = Value::Null;
        for (campaign, score) in [(&fair, 10), (&mail, 3)] {
            let account = of(&ann, &ann.id(), 1, "DE").await.remove(0);
            let contact = ann.has("contact", json!({ "lastName": "Doe", "accountId": account })).await;
            let lead = ann.has("lead", json!({ "lastName": "Doe", "status": "SQL", "campaignId": campaign, "channel": "EVENT", "source": "web" })).await;
            let input = json!({ "id": lead, "account": { "existingId": account }, "contact": { "existingId": contact } });
            let query = "mutation($in: LeadConvertInput!) { leadConvert(input: $in) { lead { status } userErrors { message } } }";
            let done = ann.ask(query, json!({ "in": input })).await;
            assert_eq!(done.data()["leadConvert"]["lead"]["status"], "CONVERTED", "{}", done.0);
            says(json!({ "contactId": contact, "score": score })).await;
            first = if first.is_null() { contact } else { first };
            // one that names only the account began with the same lead
            says(json!({ "accountId": account, "score": score })).await;
        }
        let day = |ahead| (chrono::Utc::now() + chrono::TimeDelta::days(ahead)).format("%Y-%m-%d").to_string();
        let (before, after) = (day(-1), day(2));
        let now = (before.as_str(), after.as_str());
        let walked_in = ann.has("contact", json!({ "lastName": "Roe" })).await;
        says(json!({ "contactId": walked_in, "score": 7 })).await;
        let asked = async |filter: String| some(&ann, "NPS", now, &filter).await;
        assert_eq!(asked(String::new()).await, json!({ "value": "0", "n": 5 }));
        assert_eq!(asked(format!("campaignIds: [{fair}]")).await, json!({ "value": "100", "n": 2 }));
        // who answered before their lead was converted had not come by it
        says(json!({ "contactId": first, "score": 10, "respondedAt": "2026-03-05T10:00:00Z" })).await;
        assert_eq!(some(&ann, "NPS", MARCH, "").await["n"], 1);
        assert_eq!(some(&ann, "NPS", MARCH, &format!("campaignIds: [{fair}]")).await["n"], 0);
        assert_eq!(asked(format!("campaignIds: [{mail}]")).await, json!({ "value": "-100", "n": 2 }));
        assert_eq!(asked("channels: [EVENT], sources: [\"web\"]".into()).await["n"], 4);
        assert_eq!(asked(format!("ownerIds: [{}]", ann.id())).await["n"], 4);
        let by = over(&ann, "NPS", now, ", groupBy: [CAMPAIGN]", "groups { value n key { name } } explain { inputs { name records { surveyResponses { totalCount } } } }").await;
        let mut groups = by["groups"].as_array().unwrap().clone();
        groups.sort_by_key(|group| group["key"][0]["name"].as_str().unwrap_or("").to_owned());
        assert_eq!(groups, [
            json!({ "value": "0", "n": 1, "key": [{ "name": null }] }),
            json!({ "value": "100", "n": 2, "key": [{ "name": "Fair" }] }),
            json!({ "value": "-100", "n": 2, "key": [{ "name": "Mail" }] })]);
        // contributors of a campaign are told to who sees the lead behind them
        let said = "explain { inputs { records { surveyResponses { totalCount } } } }";
        let filter = format!(", filter: {{ campaignIds: [{fair}] }}");
        let theirs = over(&ann, "NPS", now, &filter, said).await;
        assert_eq!(theirs["explain"]["inputs"][0]["records"]["surveyResponses"]["totalCount"], 2);
        let blind = app.holding(ann.actor.organization, &[(Permission::MetricRead, Reach::ALL), (Permission::ContactRead, Reach::ALL), (Permission::AccountRead, Reach::ALL)]);
        let theirs = over(&blind, "NPS", now, &filter, said).await;
        assert_eq!(theirs["explain"]["inputs"][0]["records"]["surveyResponses"]["totalCount"], 0);
        // and so is what few of them say
        let told = "value withheld groups { value withheld }";
        assert_eq!(over(&blind, "NPS", now, &filter, "value withheld").await, json!({ "value": null, "withheld": true }));
        let by = over(&blind, "NPS", now, ", groupBy: [SOURCE]", told).await;
        assert!(by["groups"].as_array().unwrap().iter().all(|group| group["withheld"] == true), "{by}");
    }
}
