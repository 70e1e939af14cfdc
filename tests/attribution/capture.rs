//! Touches of people nobody knows yet, and the steps of those who take part in campaigns.

use serde_json::{Value, json};

use super::Shop;
use crate::harness::{Person, on_both};

const SENT: &str =
    "mutation($rows: [TouchpointUpsertRow!]!) { touchpointUpsert(input: { rows: $rows, matchOn: EXTERNAL_EVENT_ID }) {
    results { status touchpoint { id lead { id } contact { id } occurredAt } userErrors { field message } } } }";

fn visit(visitor: &str, n: usize, at: &str) -> Value {
    json!({ "kind": "WEB_VISIT", "channel": "ORGANIC", "occurredAt": at, "visitor": visitor, "session": format!("{visitor}-{}", n / 2),
        "system": "web", "externalEventId": format!("{visitor}/{n}") })
}

async fn sends(who: &Person<'_>, rows: &[Value]) -> Vec<Value> {
    let answer = who.ask(SENT, json!({ "rows": rows })).await;
    answer.data()["touchpointUpsert"]["results"].as_array().expect("results").clone()
}

on_both! {
    async fn what_an_unknown_visitor_did_becomes_the_persons_at_its_times(app) {
        let ann = app.admin();
        let visits: Vec<Value> = (0..4).map(|n| visit("cookie-1", n, &format!("2026-07-0{}T12:00:00Z", n + 1))).collect();
        let made = sends(&ann, &visits).await;
        assert!(made.iter().all(|row| row["status"] == "CREATED" && row["touchpoint"]["lead"].is_null()), "{made:?}");
        sends(&ann, &[visit("cookie-2", 0, "2026-07-01T12:00:00Z")]).await;
        let sessions = ann.ask("{ touchpointAggregate(groupBy: [{ field: SESSION }]) { count key { session } } }", json!({})).await;
        assert_eq!(sessions.data()["touchpointAggregate"].as_array().unwrap().len(), 3);

        assert_eq!(ann.makes("visitor", json!({ "key": "cookie-1" })).await.code(), "VALIDATION", "somebody it must be");
        let joe = ann.has("lead", json!({ "email": "joe@example.com" })).await;
        let known = ann.has("visitor", json!({ "key": "cookie-1", "leadId": joe })).await;
        assert_eq!(ann.makes("visitor", json!({ "key": "cookie-1", "leadId": joe })).await.code(), "DUPLICATE");
        let theirs = ann.sees("lead", &joe, "touchpoints(orderBy: [{ field: OCCURRED_AT }]) { nodes { occurredAt visitor session } }").await;
        let times: Vec<&str> = theirs["touchpoints"]["nodes"].as_array().unwrap().iter().map(|touch| touch["occurredAt"].as_str().unwrap()).collect();
        assert_eq!(times, ["2026-07-01T12:00:00Z", "2026-07-02T12:00:00Z", "2026-07-03T12:00:00Z", "2026-07-04T12:00:00Z"]);

        let later = sends(&ann, &[visit("cookie-1", 9, "2026-07-09T12:00:00Z"), visits[0].clone()]).await;
        assert_eq!(later[0]["touchpoint"]["lead"]["id"], joe, "what they do later is theirs at once");
        assert_eq!(later[1]["status"], "UNCHANGED");
        let jim = ann.has("lead", json!({ "email": "jim@example.com" })).await;
        ann.does("visitor", "Update", json!({ "id": known, "leadId": jim }), "id").await.data();
        let next = sends(&ann, &[visit("cookie-1", 10, "2026-07-10T12:00:00Z")]).await;
        assert_eq!(next[0]["touchpoint"]["lead"]["id"], jim, "another person uses the device now");
        assert_eq!(ann.sees("lead", &joe, "touchpoints { totalCount }").await["touchpoints"]["totalCount"], 5, "what joe did stays joe's");
        let unknown = ann.ask("{ touchpoints(filter: { leadId: { isNull: true } }) { nodes { visitor } } }", json!({})).await;
        assert_eq!(unknown.data()["touchpoints"]["nodes"], json!([{ "visitor": "cookie-2" }]));
    }
}

on_both! {
    async fn a_visitor_nobody_knows_is_seen_by_who_sees_every_touch(app) {
        use api::actor::{Permission as P, Reach, Scope};
        let ann = app.admin();
        sends(&ann, &[visit("cookie-1", 0, "2026-07-01T12:00:00Z")]).await;
        let own = Reach { scope: Scope::Own, unassigned: true };
        let few = app.holding(ann.actor.organization, &[(P::TouchpointRead, own), (P::LeadRead, Reach::ALL), (P::CampaignRead, Reach::ALL)]);
        let seen = "{ touchpoints { totalCount } visitors { totalCount } }";
        assert_eq!(few.ask(seen, json!({})).await.data()["touchpoints"]["totalCount"], 0);
        let all = app.holding(ann.actor.organization, &[(P::TouchpointRead, Reach::ALL)]);
        assert_eq!(all.ask(seen, json!({})).await.data()["touchpoints"]["totalCount"], 1);
        assert_eq!(app.admin().ask(seen, json!({})).await.data(), &json!({ "touchpoints": { "totalCount": 0 }, "visitors": { "totalCount": 0 } }));
    }
}

on_both! {
    async fn a_converted_leads_touches_and_cookies_are_the_contacts_too(app) {
        let shop = Shop::open(&app).await;
        let ann = &shop.ann;
        let lead = ann.has("lead", json!({ "email": "joe@example.com", "companyName": "Acme", "lastName": "Joe", "status": "SQL" })).await;
        sends(ann, &[visit("cookie-1", 0, "2026-07-01T12:00:00Z")]).await;
        ann.has("visitor", json!({ "key": "cookie-1", "leadId": lead })).await;
        let query = "mutation($id: ID!) { leadConvert(input: { id: $id }) { contact { id } account { id } userErrors { code message } } }";
        let done = ann.ask(query, json!({ "id": lead })).await;
        let converted = &done.data()["leadConvert"];
        assert_eq!(converted["userErrors"], json!([]), "{}", done.0);
        let contact = &converted["contact"]["id"];
        let theirs = ann.ask("query($id: ID!) { touchpoints(filter: { contactId: { eq: $id } }) { nodes { occurredAt lead { id } account { id } } } }", json!({ "id": contact })).await;
        assert_eq!(theirs.data()["touchpoints"]["nodes"], json!([{ "occurredAt": "2026-07-01T12:00:00Z", "lead": { "id": lead }, "account": { "id": converted["account"]["id"] } }]));
        let later = sends(ann, &[visit("cookie-1", 1, "2026-07-02T12:00:00Z")]).await;
        assert_eq!((&later[0]["touchpoint"]["contact"]["id"], &later[0]["touchpoint"]["lead"]["id"]), (contact, &lead));
    }
}

on_both! {
    async fn every_step_in_a_campaign_is_kept_with_its_time(app) {
        let ann = app.admin();
        let fair = ann.has("campaign", json!({ "name": "Fair" })).await;
        let joe = ann.has("lead", json!({ "email": "joe@example.com" })).await;
        let member = ann.has("campaignMember", json!({ "campaignId": fair, "leadId": joe })).await;
        let step = |step: &str, force: bool| ann.does("campaignMember", "Advance", json!({ "id": member, "step": step, "force": force }), "id");
        step("REGISTERED", false).await.data();
        assert_eq!(step("LISTED", false).await.code(), "INVALID_TRANSITION");
        step("CONTACTED", true).await.data();
        ann.does("campaignMember", "Update", json!({ "id": member, "success": true }), "id").await.data();
        let seen = ann.sees("campaignMember", &member, "createdAt respondedAt changes(orderBy: [{ field: AT }]) { nodes { fromStep toStep at by { id } } }").await;
        let steps: Vec<(&Value, &Value)> = seen["changes"]["nodes"].as_array().unwrap().iter().map(|change| (&change["fromStep"], &change["toStep"])).collect();
        assert_eq!(steps, [(&json!(null), &json!("LISTED")), (&json!("LISTED"), &json!("REGISTERED")), (&json!("REGISTERED"), &json!("CONTACTED"))]);
        assert_eq!((&seen["changes"]["nodes"][0]["at"], &seen["changes"]["nodes"][1]["at"]), (&seen["createdAt"], &seen["respondedAt"]));
        let jim = ann.has("lead", json!({ "email": "jim@example.com" })).await;
        let came = ann.has("campaignMember", json!({ "campaignId": fair, "leadId": jim, "step": "ATTENDED", "respondedAt": "2026-05-02T10:00:00Z" })).await;
        let seen = ann.sees("campaignMember", &came, "changes { nodes { toStep at } }").await;
        assert_eq!(seen["changes"]["nodes"], json!([{ "toStep": "ATTENDED", "at": "2026-05-02T10:00:00Z" }]));
    }
}

on_both! {
    async fn an_event_that_is_told_again_changes_nothing_whatever_became_of_it(app) {
        let ann = app.admin();
        let sent = async |row: &Value, conflict: &str| {
            let query = "mutation($rows: [TouchpointUpsertRow!]!, $conflict: OnConflict!) { touchpointUpsert(input: { rows: $rows, matchOn: EXTERNAL_EVENT_ID, onConflict: $conflict }) { results { status userErrors { message } } } }";
            let answer = ann.ask(query, json!({ "rows": [row], "conflict": conflict })).await;
            answer.data()["touchpointUpsert"]["results"][0]["status"].clone()
        };
        let (joe, jim) = (ann.has("lead", json!({ "email": "joe@example.com" })).await, ann.has("lead", json!({ "email": "jim@example.com" })).await);
        let mut row = visit("cookie-1", 0, "2026-07-01T12:00:00Z");
        row["leadId"] = joe.clone();
        let made = sends(&ann, &[row.clone()]).await;
        let touch = made[0]["touchpoint"]["id"].clone();
        ann.does("touchpoint", "Update", json!({ "id": touch, "leadId": jim }), "id").await.data();
        for conflict in ["UPDATE", "FILL_EMPTY"] {
            assert_eq!(sent(&row, conflict).await, "UNCHANGED", "{conflict}");
        }
        assert_eq!(sent(&row, "SKIP").await, "SKIPPED");
        assert_eq!(sent(&row, "ERROR").await, "FAILED");
        assert_eq!(ann.sees("touchpoint", &touch, "lead { id }").await["lead"]["id"], jim, "what was put right stays");
        let merged = ann.ask("mutation($in: MergeInput!) { leadMerge(input: $in) { userErrors { message } } }", json!({ "in": { "winnerId": jim, "loserIds": [joe] } })).await;
        assert_eq!(merged.data()["leadMerge"]["userErrors"], json!([]), "{}", merged.0);
        assert_eq!(sent(&row, "UPDATE").await, "UNCHANGED", "of somebody who is somebody else now");
        ann.does("touchpoint", "Delete", json!({ "id": touch }), "id").await.data();
        assert_eq!(sent(&row, "UPDATE").await, "UNCHANGED", "of one that was taken away");
        assert_eq!(ann.ask("{ touchpoints { totalCount } }", json!({})).await.data()["touchpoints"]["totalCount"], 0);
    }
}

on_both! {
    async fn a_visitor_who_is_a_converted_lead_is_its_contact_and_not_the_one_before(app) {
        let ann = app.admin();
        let converted = async |email: &str| {
            let lead = ann.has("lead", json!({ "email": email, "companyName": email, "lastName": email, "status": "SQL" })).await;
            let query = "mutation($id: ID!) { leadConvert(input: { id: $id }) { contact { id } userErrors { code } } }";
            let done = ann.ask(query, json!({ "id": lead })).await;
            (lead, done.data()["leadConvert"]["contact"]["id"].clone())
        };
        let ((joe, joes), (jim, jims)) = (converted("joe@example.com").await, converted("jim@example.org").await);
        sends(&ann, &[visit("cookie-1", 0, "2026-07-01T12:00:00Z")]).await;
        let known = ann.has("visitor", json!({ "key": "cookie-1", "leadId": joe })).await;
        let contact_of = async |lead: &Value| {
            let seen = ann.sees("lead", lead, "touchpoints { nodes { contact { id } } }").await;
            seen["touchpoints"]["nodes"].clone()
        };
        assert_eq!(contact_of(&joe).await, json!([{ "contact": { "id": joes } }]));
        ann.does("visitor", "Update", json!({ "id": known, "leadId": jim }), "id").await.data();
        let later = sends(&ann, &[visit("cookie-1", 1, "2026-07-02T12:00:00Z")]).await;
        assert_eq!((&later[0]["touchpoint"]["lead"]["id"], &later[0]["touchpoint"]["contact"]["id"]), (&jim, &jims));
        let new = ann.has("lead", json!({ "email": "new@example.net" })).await;
        ann.does("visitor", "Update", json!({ "id": known, "leadId": new }), "id").await.data();
        let later = sends(&ann, &[visit("cookie-1", 2, "2026-07-03T12:00:00Z")]).await;
        assert_eq!((&later[0]["touchpoint"]["lead"]["id"], &later[0]["touchpoint"]["contact"]), (&new, &json!(null)), "nobody's contact yet");
    }
}

on_both! {
    async fn more_visits_than_fit_in_a_commit_become_the_persons_all_the_same(app) {
        let ann = app.admin();
        for some in 0..3 {
            let visits: Vec<Value> = (0..400).map(|n| visit("cookie-1", some * 400 + n, "2026-07-01T12:00:00Z")).collect();
            sends(&ann, &visits).await;
        }
        let joe = ann.has("lead", json!({ "email": "joe@example.com" })).await;
        ann.has("visitor", json!({ "key": "cookie-1", "leadId": joe })).await;
        let runner = tokio::spawn(api::store::jobs::run(app.store.clone(), api::integration::work::handlers(&api::config::Retention::default())));
        let count = async || ann.sees("lead", &joe, "touchpoints { totalCount }").await["touchpoints"]["totalCount"].clone();
        for _ in 0..6000 {
            if count().await == 1200 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        runner.abort();
        assert_eq!(count().await, 1200);
    }
}
