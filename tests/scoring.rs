//! Scores by the signed agreement: explained to the cent, kept on the lead, never counted twice.

mod chance;

use api::{
    actor::{Permission, Reach, Rights},
    alignment::scoring,
    store::{Access, Settings, Store, jobs},
};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use crate::harness::{App, Person, on_both};

/// An agreement of this body, signed by two people and in force.
pub async fn agreed(app: &App, ann: &Person<'_>, key: &str, body: Value) -> Value {
    let bob = app.with_rights(ann.actor.organization, Rights::everything());
    let made = ann
        .does("agreement", "Create", json!({ "key": key, "title": key, "body": body }), "id versions { nodes { id } }")
        .await;
    let version = made.data()["agreementCreate"]["agreement"]["versions"]["nodes"][0]["id"].clone();
    assert!(version.is_string(), "{}", made.0);
    sign(ann, &bob, &version).await;
    version
}

/// The next version of that agreement, in force too.
pub async fn agreed_next(app: &App, ann: &Person<'_>, version: &Value, body: Value) -> Value {
    let bob = app.with_rights(ann.actor.organization, Rights::everything());
    let of = ann.sees("agreementVersion", version, "agreement { id }").await;
    let input = json!({ "agreementId": of["agreement"]["id"], "body": body });
    let made = ann.does("agreementVersion", "Create", input, "id").await;
    let next = made.data()["agreementVersionCreate"]["agreementVersion"]["id"].clone();
    assert!(next.is_string(), "{}", made.0);
    sign(ann, &bob, &next).await;
    next
}

async fn sign(ann: &Person<'_>, bob: &Person<'_>, version: &Value) {
    ann.does("agreementVersion", "Propose", json!({ "id": version }), "id").await.data();
    for (who, side) in [(ann, "MARKETING"), (bob, "SALES")] {
        let input = json!({ "id": version, "side": side });
        let turned = who.does("agreementVersion", "Approve", input, "status").await;
        assert_eq!(turned.data()["agreementVersionApprove"]["userErrors"], json!([]), "{}", turned.0);
    }
}

fn rule(name: &str, group: &str, kind: &str, points: i32) -> Value {
    json!({ "name": name, "group": group, "touchpoints": { "kinds": [kind] }, "points": points })
}

fn body(cap: i32) -> Value {
    json!({ "scoring": {
        "fit": [{ "name": "home", "when": { "eq": { "field": "country", "value": { "text": "DE" } } }, "points": 20 }],
        "engagement": [
            rule("demo", "hot", "MEETING", 30),
            rule("webinar", "warm", "EVENT_ATTEND", 10),
            rule("click", "clicks", "EMAIL_CLICK", 2),
            json!({ "name": "called us", "group": "calls", "activities": { "kinds": ["CALL"], "direction": "INBOUND" }, "points": 5 }),
        ],
        "groups": [{ "name": "clicks", "cap": cap }],
        "halfLifeDays": 30,
        "grades": { "aFrom": 20, "bFrom": 10, "oneFrom": 30, "twoFrom": 10 },
    } })
}

fn touch(lead: &Value, kind: &str, days: i64, event: usize) -> Value {
    let at = (Utc::now() - TimeDelta::days(days)).to_rfc3339();
    json!({ "kind": kind, "channel": "EMAIL", "occurredAt": at, "leadId": lead, "system": "mails", "externalEventId": event.to_string() })
}

const UPSERT: &str =
    "mutation($rows: [TouchpointUpsertRow!]!) { touchpointUpsert(input: { rows: $rows, matchOn: EXTERNAL_EVENT_ID }) {
    results { status userErrors { code message } } } }";
const SCORE: &str =
    "query($id: ID!, $asOf: DateTime) { leadScore(leadId: $id, asOf: $asOf) { fit engagement total grade version asOf
    agreementVersion { id status } contributions { rule group cause points decayed counted sourceId occurredAt } } }";

async fn score(who: &Person<'_>, lead: &Value) -> Value {
    who.ask(SCORE, json!({ "id": lead })).await.data()["leadScore"].clone()
}

/// What the contributions add up to, in hundredths.
fn sum(score: &Value) -> i64 {
    let cents = |text: &str| text.replace('.', "").parse::<i64>().expect("hundredths");
    score["contributions"].as_array().unwrap().iter().map(|one| cents(one["counted"].as_str().unwrap())).sum()
}

async fn worked(ann: &Person<'_>) -> (Value, Vec<Value>) {
    let lead = ann.has("lead", json!({ "email": "joe@example.com", "country": "DE" })).await;
    let of = [("MEETING", 10), ("EVENT_ATTEND", 60), ("EMAIL_CLICK", 5), ("EMAIL_CLICK", 15), ("EMAIL_CLICK", 40)];
    let rows = of.iter().enumerate().map(|(n, (kind, days))| touch(&lead, kind, *days, n)).collect();
    (lead, rows)
}

on_both! {
    async fn the_worked_example_is_explained_to_the_cent_and_kept_on_the_lead(app) {
        let ann = app.admin();
        let version = agreed(&app, &ann, "LEAD", body(10)).await;
        let (lead, rows) = worked(&ann).await;
        assert_eq!(ann.sees("lead", &lead, "score version").await, json!({ "score": 20, "version": 1 }));
        ann.ask(UPSERT, json!({ "rows": rows })).await.data();
        let found = score(&ann, &lead).await;
        assert_eq!((&found["fit"], &found["engagement"], &found["total"], &found["grade"]), (&json!("20"), &json!("30.30"), &json!("50.30"), &json!("A1")));
        assert_eq!(found["agreementVersion"], json!({ "id": version, "status": "ACTIVE" }));
        assert_eq!(sum(&found), 5030);
        let demo = found["contributions"].as_array().unwrap().iter().find(|one| one["rule"] == "demo").unwrap().clone();
        assert_eq!((&demo["points"], &demo["decayed"], &demo["counted"], &demo["cause"]), (&json!(30), &json!("23.8110"), &json!("23.81"), &json!("TOUCHPOINT")));
        assert!(demo["sourceId"].as_str().unwrap().starts_with("touchpoint_"));
        assert_eq!(ann.sees("lead", &lead, "score version").await, json!({ "score": 50, "version": 1 }), "a cache is no change");
        let again = ann.ask(UPSERT, json!({ "rows": rows })).await;
        assert_eq!(again.data()["touchpointUpsert"]["results"][0]["status"], "UNCHANGED");
        assert_eq!(score(&ann, &lead).await["total"], "50.30", "events that are sent again do not count again");
        let before = (Utc::now() - TimeDelta::days(20)).to_rfc3339();
        assert_eq!(ann.ask(SCORE, json!({ "id": lead, "asOf": before })).await.data()["leadScore"], json!(null), "nothing was agreed then");
    }
}

on_both! {
    async fn touches_activities_and_changes_renew_the_kept_score_at_once(app) {
        let ann = app.admin();
        agreed(&app, &ann, "LEAD", body(3)).await;
        let made = ann.does("lead", "Create", json!({ "email": "a@example.com", "country": "DE" }), "id score").await;
        assert_eq!(made.data()["leadCreate"]["lead"]["score"], 20, "the answer shows what follows from it");
        let (a, b) = (made.data()["leadCreate"]["lead"]["id"].clone(), ann.has("lead", json!({ "email": "b@example.com" })).await);
        let clicks: Vec<Value> = (0..5).map(|n| touch(&a, "EMAIL_CLICK", 0, n)).collect();
        ann.ask(UPSERT, json!({ "rows": clicks })).await.data();
        assert_eq!(ann.sees("lead", &a, "score").await["score"], 23, "a cap of 3");
        let call = ann.has("activity", json!({ "kind": "CALL", "direction": "INBOUND", "subject": "Hello", "leadId": a })).await;
        assert_eq!(ann.sees("lead", &a, "score").await["score"], 28);
        ann.does("activity", "Update", json!({ "id": call, "leadId": b }), "id").await.data();
        assert_eq!((ann.sees("lead", &a, "score").await["score"].clone(), ann.sees("lead", &b, "score").await["score"].clone()), (json!(23), json!(5)));
        ann.does("activity", "Delete", json!({ "id": call }), "id").await.data();
        ann.does("lead", "Update", json!({ "id": a, "country": "FR" }), "id").await.data();
        assert_eq!((ann.sees("lead", &a, "score").await["score"].clone(), ann.sees("lead", &b, "score").await["score"].clone()), (json!(3), json!(0)));
        let listed = ann.ask("{ leads(orderBy: [{ field: SCORE, direction: DESC }], filter: { score: { gte: 1 } }) { nodes { id } } }", json!({})).await;
        assert_eq!(listed.data()["leads"]["nodes"], json!([{ "id": a }]));
    }
}

on_both! {
    async fn many_events_at_once_cost_the_same_and_of_two_senders_none_is_lost(app) {
        let ann = app.admin();
        agreed(&app, &ann, "LEAD", body(1000)).await;
        let leads: Vec<Value> = futures_util::future::join_all((0..4).map(|n| ann.has("lead", json!({ "email": format!("l{n}@example.com") })))).await;
        let mut costs = vec![];
        for (round, size) in [(1, 20), (2, 40)] {
            let rows: Vec<Value> = (0..size).map(|n| touch(&leads[n % 4], "EMAIL_CLICK", 0, round * 1000 + n)).collect();
            let before = app.store.statements();
            ann.ask(UPSERT, json!({ "rows": rows })).await.data();
            costs.push(app.store.statements() - before);
        }
        assert_eq!(costs[0], costs[1]);
        let sent = (0..8).map(|n| ann.makes("touchpoint", touch(&leads[0], "MEETING", 0, 5000 + n)));
        for answer in futures_util::future::join_all(sent).await {
            assert_eq!(answer.data()["touchpointCreate"]["userErrors"], json!([]), "{}", answer.0);
        }
        let kept = ann.sees("lead", &leads[0], "score").await["score"].clone();
        assert_eq!(kept, 15 * 2 + 8 * 30);
        assert_eq!(score(&ann, &leads[0]).await["total"], format!("{}.00", kept));
    }
}

on_both! {
    async fn what_fades_and_what_is_agreed_anew_is_renewed_by_jobs(app) {
        let ann = app.admin();
        let first = agreed(&app, &ann, "LEAD", body(10)).await;
        let (lead, rows) = worked(&ann).await;
        ann.ask(UPSERT, json!({ "rows": rows })).await.data();
        let mut other = body(10);
        other["scoring"]["fit"][0]["points"] = json!(40);
        agreed_next(&app, &ann, &first, other).await;
        assert_eq!(ann.sees("lead", &lead, "score").await["score"], 50, "not before the job");
        let mut settings = Settings::new(&app.url);
        settings.clock = Some(std::sync::Arc::new(|| Utc::now() + TimeDelta::days(30)));
        let later = Store::open(&settings).await.unwrap();
        let work = jobs::Handlers::default().on(scoring::REFRESH, |store, job| async move {
            let system = api::actor::Actor::system(job.organization.unwrap());
            scoring::refresh_all(&Access::new(store, system, None), &job).await.map(|_| ())
        });
        let running = tokio::spawn(jobs::run(later, work));
        for _ in 0..6000 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            if ann.sees("lead", &lead, "score").await["score"] != 50 {
                break;
            }
        }
        running.abort();
        // half of 30.30, and the new 40 for fit
        assert_eq!(ann.sees("lead", &lead, "score version").await, json!({ "score": 55, "version": 1 }));
    }
}

on_both! {
    async fn a_score_is_explained_to_who_may_read_the_lead_and_only_if_one_is_agreed(app) {
        let (ann, eve) = (app.admin(), app.admin());
        let lead = ann.has("lead", json!({ "email": "joe@example.com", "country": "DE" })).await;
        assert_eq!(score(&ann, &lead).await, json!(null));
        agreed(&app, &ann, "LEAD", body(10)).await;
        assert_eq!(score(&ann, &lead).await["total"], "20.00");
        assert_eq!(score(&eve, &lead).await, json!(null));
        let ahead = (Utc::now() + TimeDelta::days(1)).to_rfc3339();
        assert_eq!(ann.ask(SCORE, json!({ "id": lead, "asOf": ahead })).await.code(), "BAD_USER_INPUT");
        let mut wrong = body(10);
        wrong["scoring"]["fit"][0]["when"] = json!({ "gte": { "field": "score", "value": { "text": "x" } } });
        let refused = ann.does("agreement", "Create", json!({ "key": "OTHER", "title": "x", "body": wrong }), "id").await;
        let fields: Vec<Value> = refused.0["data"]["agreementCreate"]["userErrors"].as_array().unwrap().iter().map(|e| e["field"].clone()).collect();
        assert!(fields.contains(&json!(["input", "body", "scoring", "fit", "0", "when", "gte", "value"])), "{}", refused.0);
    }
}

on_both! {
    async fn what_a_score_was_made_of_is_told_to_who_may_read_it(app) {
        let ann = app.admin();
        agreed(&app, &ann, "LEAD", body(10)).await;
        let (lead, rows) = worked(&ann).await;
        ann.ask(UPSERT, json!({ "rows": rows })).await.data();
        ann.has("activity", json!({ "kind": "CALL", "direction": "INBOUND", "subject": "Hello", "leadId": lead })).await;
        let whole = score(&ann, &lead).await;
        let causes = |score: &Value, cause: &str| -> Vec<(bool, bool)> {
            let all = score["contributions"].as_array().unwrap();
            all.iter().filter(|one| one["cause"] == cause).map(|one| (one["sourceId"].is_string(), one["occurredAt"].is_string())).collect()
        };
        assert_eq!((causes(&whole, "TOUCHPOINT"), causes(&whole, "ACTIVITY")), (vec![(true, true); 5], vec![(true, true)]));
        let read = |more: Option<Permission>| {
            let held: Vec<_> = more.into_iter().chain([Permission::LeadRead]).map(|p| (p, Reach::ALL)).collect();
            app.holding(ann.actor.organization, &held)
        };
        for (more, touches, talks) in [(None, false, false), (Some(Permission::TouchpointRead), true, false), (Some(Permission::ActivityRead), false, true)] {
            let told = score(&read(more), &lead).await;
            assert_eq!((&told["total"], sum(&told)), (&whole["total"], sum(&whole)), "the same sum for everybody");
            assert_eq!((causes(&told, "TOUCHPOINT"), causes(&told, "ACTIVITY")), (vec![(touches, touches); 5], vec![(talks, talks)]));
        }
    }
}
