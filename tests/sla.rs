//! Response times: clocks that start with a handoff, end with an answer, and run out on their own.

mod figures;
mod raised;

use std::time::Duration;

use api::{
    access::role::templates::Template,
    actor::{Actor, Permission, Via},
    alignment::sla::{self, Begin},
    config::Retention,
    graph::Record,
    integration::work,
    store::{
        Access,
        jobs::{self, Handlers},
    },
};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use entity::{
    id::{ApiKeyId, LeadId, RowId, UserId},
    lead,
    sla_clock::Kind,
};
use sea_orm::ActiveValue::Set;
use serde_json::Value;

use crate::{
    calendar::office,
    harness::{App, PATIENCE, Person, json, on_both},
    jobs::{Node, count, rows, until},
};

/// An hour for the first response, around the clock.
fn hour() -> Value {
    json!({ "targets": [{ "kind": "FIRST_RESPONSE", "minutes": 60 }, { "kind": "ACCEPT", "minutes": 30 }] })
}

impl Person<'_> {
    /// Both sides have agreed on this.
    pub async fn promises(&self, body: Value) -> Value {
        let input = json!({ "key": "LEAD_RESPONSE", "title": "Response", "body": { "sla": body } });
        let made = self.does("agreement", "Create", input, "versions { nodes { id } }").await;
        let id = made.data()["agreementCreate"]["agreement"]["versions"]["nodes"][0]["id"].clone();
        assert!(id.is_string(), "{}", made.0);
        self.does("agreementVersion", "Propose", json!({ "id": id }), "id").await.data();
        for (side, role) in [("MARKETING", Template::MktManager), ("SALES", Template::SalesManager)] {
            let signer = self.app.with_rights(self.actor.organization, role.rights());
            let signed = signer.does("agreementVersion", "Approve", json!({ "id": id, "side": side }), "status").await;
            assert_eq!(signed.code(), "", "{}", signed.0);
        }
        id
    }

    fn access(&self) -> Access {
        Access::new(self.app.store.clone(), self.actor.clone(), None)
    }

    /// A lead that stands there since then, as handoffs leave it.
    async fn lead_in(&self, status: lead::Status, since: DateTime<Utc>) -> LeadId {
        let mut tx = self.access().begin(Permission::LeadCreate).await.unwrap();
        let row = lead::ActiveModel {
            status: Set(status),
            owner_id: Set(self.actor.user),
            email: Set(Some(format!("{}@example.com", uuid::Uuid::now_v7().simple()))),
            source: Set(Some("web".to_owned())),
            status_changed_at: Set(since),
            ..lead::Entity::blank(since)
        };
        let lead = tx.insert::<lead::Entity>(row).await.unwrap();
        tx.commit(json!(null)).await.unwrap();
        lead.id
    }

    /// A clock for this lead, as a handoff starts it.
    async fn waits(&self, kind: Kind, lead: LeadId, at: DateTime<Utc>) {
        let mut tx = self.access().begin(Permission::LeadUpdate).await.unwrap();
        sla::start(&mut tx, &[self.begin(kind, lead, at)]).await.unwrap();
        tx.commit(json!(null)).await.unwrap();
    }

    fn begin(&self, kind: Kind, lead: LeadId, at: DateTime<Utc>) -> Begin {
        Begin { kind, handoff: None, lead, user: self.actor.user, priority: None, at }
    }

    async fn meets(&self, kind: Kind, lead: LeadId, at: DateTime<Utc>) {
        let mut tx = self.access().begin(Permission::LeadUpdate).await.unwrap();
        sla::meet(&mut tx, kind, &[(lead, at)]).await.unwrap();
        tx.commit(json!(null)).await.unwrap();
    }

    /// The clocks of a lead.
    async fn clocks(&self, lead: LeadId) -> Vec<Value> {
        let query = "query($id: ID!) { slaClocks(filter: { leadId: { eq: $id } }, orderBy: [{ field: CREATED_AT }, { field: KIND }]) { nodes {
            id kind number status priority startedAt dueAt lateAfter metAt breachedAt atRiskAt businessSeconds targetSeconds escalations reason
            pausedAt pauses { spans { from to } } user { name } agreementVersion { id } lead { status } calendar { name } } } }";
        let answer = self.ask(query, json!({ "id": lead.to_string() })).await;
        answer.data()["slaClocks"]["nodes"].as_array().unwrap().clone()
    }

    async fn call(&self, lead: LeadId, more: Value) {
        let mut input =
            json!({ "kind": "CALL", "subject": "Hello", "direction": "OUTBOUND", "leadId": lead.to_string() });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.has("activity", input).await;
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

async fn told(app: &App, kind: &str) -> i64 {
    count(&app.store, &format!("event WHERE kind = '{kind}'")).await
}

const PERIOD: &str = "{ start: \"2026-08-01T00:00:00Z\", end: \"2027-08-01T00:00:00Z\" }";

on_both! {
    async fn without_an_agreement_no_clock_runs(app) {
        let ann = app.founder().await;
        let lead = ann.lead_in(lead::Status::Offered, Utc::now()).await;
        ann.waits(Kind::Accept, lead, Utc::now()).await;
        assert!(ann.clocks(lead).await.is_empty());
    }
}

on_both! {
    async fn business_hours_of_the_user_count_before_those_of_the_organisation(app) {
        let ann = app.founder().await;
        let version = ann.promises(hour()).await;
        let calendar = ann.has("businessCalendar", office("UTC")).await;
        let home = ann.ask("{ organizations { nodes { id } } }", json!({})).await.data()["organizations"]["nodes"][0]["id"].clone();
        ann.does("organization", "Update", json!({ "id": home, "businessCalendarId": calendar }), "id").await.data();
        let lead = ann.lead_in(lead::Status::Offered, at("2026-08-07T16:30:00Z")).await;
        ann.waits(Kind::FirstResponse, lead, at("2026-08-07T16:30:00Z")).await;
        let clock = &ann.clocks(lead).await[0];
        assert_eq!((&clock["dueAt"], &clock["status"]), (&json!("2026-08-10T09:30:00Z"), &json!("PENDING")));
        assert_eq!((&clock["calendar"]["name"], &clock["agreementVersion"]["id"]), (&json!("Office UTC"), &version));
        assert_eq!(clock["targetSeconds"], 3600);

        let invite = "mutation($input: UserInviteInput!) { userInvite(input: $input) { user { id } userErrors { message } } }";
        let sam = ann.ask(invite, json!({ "input": { "email": "sam@example.com", "name": "Sam" } })).await.data()["userInvite"]["user"]["id"].clone();
        let tokyo = ann.has("businessCalendar", office("Asia/Tokyo")).await;
        ann.does("user", "Update", json!({ "id": sam, "calendarId": tokyo }), "id").await.data();
        let mut tx = ann.access().begin(Permission::LeadUpdate).await.unwrap();
        let user: UserId = sam.as_str().unwrap().parse().unwrap();
        let begin = Begin { user: Some(user), ..ann.begin(Kind::FirstResponse, lead, at("2026-08-07T16:30:00Z")) };
        sla::start(&mut tx, &[begin]).await.unwrap();
        tx.commit(json!(null)).await.unwrap();
        let clocks = ann.clocks(lead).await;
        assert_eq!(clocks[0]["status"], "BREACHED", "one clock of a kind runs for a lead; the time of this one was over");
        // Monday 09:00 in Tokyo is midnight in UTC
        assert_eq!((&clocks[1]["dueAt"], &clocks[1]["user"]["name"]), (&json!("2026-08-10T01:00:00Z"), &json!("Sam")));
    }
}

on_both! {
    async fn an_answer_at_the_next_opening_is_in_time_and_one_after_it_is_late(app) {
        let ann = app.founder().await;
        let calendar = ann.has("businessCalendar", office("UTC")).await;
        ann.promises(json!({ "targets": [{ "kind": "FIRST_RESPONSE", "minutes": 60 }], "calendarId": calendar })).await;
        for (answer, status, breached) in [
            ("2026-08-10T09:00:00Z", "MET", json!(null)),
            ("2026-08-10T09:00:00.000001Z", "BREACHED", json!("2026-08-10T09:00:00.000001Z")),
        ] {
            let lead = ann.lead_in(lead::Status::Accepted, at("2026-08-07T16:00:00Z")).await;
            ann.waits(Kind::FirstResponse, lead, at("2026-08-07T16:00:00Z")).await;
            ann.meets(Kind::FirstResponse, lead, at(answer)).await;
            let clock = &ann.clocks(lead).await[0];
            assert_eq!(clock["dueAt"], "2026-08-07T17:00:00Z");
            assert_eq!((&clock["status"], &clock["breachedAt"], &clock["metAt"]), (&json!(status), &breached, &json!(answer)));
            assert_eq!(clock["businessSeconds"], 3600);
            ann.meets(Kind::FirstResponse, lead, at(answer) + TimeDelta::hours(1)).await;
            assert_eq!(ann.clocks(lead).await[0]["metAt"], answer, "the first answer counts");
        }
        assert_eq!((told(&app, "sla.met").await, told(&app, "sla.breached").await), (1, 1));
    }
}

on_both! {
    async fn the_worked_example_of_attainment_and_response_times(app) {
        let ann = app.founder().await;
        ann.promises(hour()).await;
        let start = at("2026-08-03T08:00:00Z");
        for minutes in [3, 5, 8, 12, 20, 30, 45, 60, 120, 300] {
            let lead = ann.lead_in(lead::Status::Accepted, start).await;
            ann.waits(Kind::FirstResponse, lead, start).await;
            ann.meets(Kind::FirstResponse, lead, start + TimeDelta::minutes(minutes)).await;
        }
        let query = format!("{{ slaAttainment(input: {{ period: {PERIOD}, kind: FIRST_RESPONSE }}) {{ met breached notDue attainment {{ numerator denominator value }} }}
            slaResponseTimes(input: {{ period: {PERIOD} }}) {{ answered unanswered p50Seconds p90Seconds }} }}");
        let first = ann.ask(&query, json!({})).await;
        assert_eq!(first.data()["slaAttainment"][0], json!({ "met": 8, "breached": 2, "notDue": 0, "attainment": { "numerator": 8, "denominator": 10, "value": 0.8 } }));
        assert_eq!(first.data()["slaResponseTimes"], json!({ "answered": 10, "unanswered": 0, "p50Seconds": "1500", "p90Seconds": "8280" }));

        for _ in 0..2 {
            let lead = ann.lead_in(lead::Status::Accepted, start).await;
            ann.waits(Kind::FirstResponse, lead, start).await;
        }
        let fresh = ann.lead_in(lead::Status::Accepted, Utc::now()).await;
        ann.waits(Kind::FirstResponse, fresh, Utc::now()).await;
        let second = ann.ask(&query, json!({})).await;
        assert_eq!(second.data()["slaAttainment"][0], json!({ "met": 8, "breached": 4, "notDue": 1, "attainment": { "numerator": 8, "denominator": 12, "value": 0.666_667 } }));
        assert_eq!(second.data()["slaResponseTimes"], json!({ "answered": 10, "unanswered": 3, "p50Seconds": "1500", "p90Seconds": "8280" }));
        // as it was when two answers had not come yet
        let then = query.replace("kind: FIRST", "asOf: \"2026-08-03T08:50:00Z\", kind: FIRST");
        assert_eq!(ann.ask(&then, json!({})).await.data()["slaAttainment"][0]["notDue"], 5);
        let censored = format!("{{ slaResponseTimes(input: {{ period: {PERIOD} }}, censored: true) {{ p50Seconds p90Seconds }} }}");
        // thirteen values: the seventh is 45 minutes; nine of ten would touch one that has not come
        assert_eq!(ann.ask(&censored, json!({})).await.data()["slaResponseTimes"], json!({ "p50Seconds": "2700", "p90Seconds": null }));
        let grouped = format!("{{ slaAttainment(input: {{ period: {PERIOD} }}, groupBy: SOURCE) {{ word met }} }}");
        assert_eq!(ann.ask(&grouped, json!({})).await.data()["slaAttainment"], json!([{ "word": "web", "met": 8 }]));
        for by in ["KIND", "PRIORITY", "USER", "CHANNEL", "CAMPAIGN"] {
            let grouped = grouped.replace("SOURCE", by).replace("word", "word user { id } campaign { id }");
            assert_eq!(ann.ask(&grouped, json!({})).await.data()["slaAttainment"][0]["met"], 8, "{by}");
        }
        let share = ann.ask("{ slaClockAggregate { attainment { numerator denominator } } }", json!({})).await;
        assert_eq!(share.data()["slaClockAggregate"][0]["attainment"], json!({ "numerator": 8, "denominator": 10 }));
        let stranger = app.founder().await;
        assert_eq!(stranger.ask(&query, json!({})).await.data()["slaAttainment"], json!([]));
        let nobody = app.holding(ann.actor.organization, &[]);
        assert_eq!(nobody.ask(&query, json!({})).await.data()["slaResponseTimes"], json!(null));
    }
}

on_both! {
    async fn the_agreements_rules_say_how_much_a_lead_hurries(app) {
        let ann = app.founder().await;
        let mut body = hour();
        body["targets"][1] = json!({ "kind": "FIRST_RESPONSE", "priority": "URGENT", "minutes": 5 });
        let asks = |source: &str| json!({ "eq": { "field": "source", "value": { "text": source } } });
        body["priorities"] = json!([{ "priority": "LOW", "when": asks("fair") }, { "priority": "URGENT", "when": asks("web") }]);
        ann.promises(body).await;
        let lead = ann.lead_in(lead::Status::Accepted, Utc::now()).await;
        ann.waits(Kind::FirstResponse, lead, Utc::now()).await;
        let clock = &ann.clocks(lead).await[0];
        assert_eq!((&clock["priority"], &clock["targetSeconds"]), (&json!("URGENT"), &json!(300)));
    }
}

on_both! {
    async fn what_stands_still_is_due_later(app) {
        let ann = app.founder().await;
        ann.promises(hour()).await;
        let now = Utc::now().trunc_subsecs(6) + TimeDelta::minutes(1);
        for (answer, status, seconds) in [(90, "MET", 3600), (91, "BREACHED", 3660)] {
            let lead = ann.lead_in(lead::Status::Accepted, now).await;
            ann.waits(Kind::FirstResponse, lead, now).await;
            let id = ann.clocks(lead).await[0]["id"].as_str().unwrap().parse().unwrap();
            for (minutes, pause) in [(10, true), (40, false)] {
                let mut tx = ann.access().at(now + TimeDelta::minutes(minutes)).begin(Permission::LeadUpdate).await.unwrap();
                let done = if pause { sla::pause(&mut tx, id).await } else { sla::resume(&mut tx, id).await };
                assert_eq!(done.unwrap().round, if pause { 1 } else { 2 });
                tx.commit(json!(null)).await.unwrap();
            }
            let clock = &ann.clocks(lead).await[0];
            let due: DateTime<Utc> = clock["dueAt"].as_str().unwrap().parse().unwrap();
            assert_eq!(due - now, TimeDelta::minutes(90));
            assert_eq!(clock["pauses"]["spans"].as_array().unwrap().len(), 1);
            ann.meets(Kind::FirstResponse, lead, now + TimeDelta::minutes(answer) - TimeDelta::milliseconds(1)).await;
            let clock = &ann.clocks(lead).await[0];
            assert_eq!((&clock["status"], &clock["businessSeconds"]), (&json!(status), &json!(seconds - 1)));
        }
    }
}

on_both! {
    async fn only_who_manages_stops_clocks_and_says_why(app) {
        let ann = app.founder().await;
        ann.promises(hour()).await;
        let lead = ann.lead_in(lead::Status::Accepted, Utc::now()).await;
        ann.waits(Kind::FirstResponse, lead, Utc::now()).await;
        let id = ann.clocks(lead).await[0]["id"].clone();
        let rep = Person { app: &app, actor: Actor { user: ann.actor.user, ..app.with_rights(ann.actor.organization, Template::SalesRep.rights()).actor } };
        assert_eq!(rep.clocks(lead).await.len(), 1, "a clock is seen with its lead");
        assert_eq!(rep.does("slaClock", "Pause", json!({ "id": id, "reason": "no" }), "id").await.code(), "FORBIDDEN");
        let other = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        assert!(other.clocks(lead).await.is_empty());
        let manager = app.with_rights(ann.actor.organization, Template::SalesManager.rights());
        assert_eq!(manager.does("slaClock", "Void", json!({ "id": id, "reason": "mine?" }), "id").await.code(), "NOT_FOUND");

        assert_eq!(ann.does("slaClock", "Void", json!({ "id": id }), "id").await.code(), "BAD_USER_INPUT");
        assert_eq!(ann.does("slaClock", "Void", json!({ "id": id, "reason": "mine" }), "id").await.code(), "LOCKED", "it measures her");
        let boss = app.with_rights(ann.actor.organization, Template::Admin.rights());
        let paused = boss.does("slaClock", "Pause", json!({ "id": id, "reason": "Asked to wait" }), "status reason pausedAt").await;
        assert_eq!(paused.data()["slaClockPause"]["slaClock"]["reason"], "Asked to wait");
        for verb in ["Pause", "Void"] {
            assert_eq!(boss.does("slaClock", verb, json!({ "id": id, "reason": "again" }), "id").await.code(), "INVALID_TRANSITION");
        }
        let going = ann.does("slaClock", "Resume", json!({ "id": id }), "status pausedAt").await;
        assert_eq!(going.data()["slaClockResume"]["slaClock"], json!({ "status": "PENDING", "pausedAt": null }));
        let old = ann.lead_in(lead::Status::Accepted, at("2026-08-03T08:00:00Z")).await;
        ann.waits(Kind::FirstResponse, old, at("2026-08-03T08:00:00Z")).await;
        ann.meets(Kind::FirstResponse, old, at("2026-08-03T18:00:00Z")).await;
        let late = ann.clocks(old).await[0]["id"].clone();
        let void = boss.does("slaClock", "Void", json!({ "id": late, "reason": "Outage" }), "status reason").await;
        assert_eq!(void.data()["slaClockVoid"]["slaClock"], json!({ "status": "VOID", "reason": "Outage" }));
        assert_eq!(told(&app, "sla.voided").await, 1);
    }
}

on_both! {
    async fn the_first_call_of_a_person_ends_the_clock_and_begins_the_work(app) {
        let ann = app.founder().await;
        ann.promises(json!({ "targets": [{ "kind": "FIRST_RESPONSE", "minutes": 60 }, { "kind": "FOLLOW_UP", "number": 1, "minutes": 120 }] })).await;
        let lead = ann.lead_in(lead::Status::Accepted, Utc::now()).await;
        ann.waits(Kind::FirstResponse, lead, Utc::now()).await;
        let invite = "mutation($input: UserInviteInput!) { userInvite(input: $input) { user { id } userErrors { message } } }";
        let sam = ann.ask(invite, json!({ "input": { "email": "sam@example.com", "name": "Sam" } })).await.data()["userInvite"]["user"]["id"].clone();
        let key = Person { app: &app, actor: Actor { via: Via::ApiKey(ApiKeyId::from_uuid(uuid::Uuid::now_v7())), ..ann.actor.clone() } };
        // none of these is an answer of a person
        ann.call(lead, json!({ "direction": "INBOUND" })).await;
        ann.call(lead, json!({ "kind": "NOTE", "direction": null })).await;
        ann.call(lead, json!({ "happenedAt": "2026-08-03T08:00:00Z" })).await;
        ann.call(lead, json!({ "dueAt": "2027-08-03T08:00:00Z" })).await;
        key.call(lead, json!({ "kind": "MAIL" })).await;
        assert_eq!((&ann.clocks(lead).await[0]["status"], &ann.clocks(lead).await[0]["lead"]["status"]), (&json!("PENDING"), &json!("ACCEPTED")));
        // a program that names the person who called
        key.call(lead, json!({ "ownerId": sam })).await;
        let clocks = ann.clocks(lead).await;
        assert_eq!((&clocks[0]["status"], &clocks[0]["lead"]["status"]), (&json!("MET"), &json!("WORKING")));
        assert_eq!((&clocks[1]["kind"], &clocks[1]["number"], &clocks[1]["status"]), (&json!("FOLLOW_UP"), &json!(1), &json!("PENDING")));
        assert_eq!(clocks[1]["startedAt"], clocks[0]["metAt"]);
        ann.call(lead, json!({ "kind": "MEETING" })).await;
        let clocks = ann.clocks(lead).await;
        assert_eq!((clocks.len(), &clocks[1]["status"]), (2, &json!("MET")), "nothing more is promised");
        assert_eq!(told(&app, "sla.met").await, 2);
    }
}

on_both! {
    async fn a_clock_ends_with_its_leads_way_and_goes_with_it_into_other_hands(app) {
        let ann = app.founder().await;
        ann.promises(hour()).await;
        let lead = ann.lead_in(lead::Status::Working, Utc::now()).await;
        ann.waits(Kind::FirstResponse, lead, Utc::now()).await;
        let invite = "mutation($input: UserInviteInput!) { userInvite(input: $input) { user { id } userErrors { message } } }";
        let sam = ann.ask(invite, json!({ "input": { "email": "sam@example.com", "name": "Sam" } })).await.data()["userInvite"]["user"]["id"].clone();
        let before = ann.clocks(lead).await[0]["dueAt"].clone();
        ann.does("lead", "Update", json!({ "id": lead.to_string(), "ownerId": sam }), "id").await.data();
        let clock = ann.clocks(lead).await[0].clone();
        assert_eq!((&clock["user"]["name"], &clock["dueAt"]), (&json!("Sam"), &before));
        ann.call(lead, json!({ "kind": "MEETING", "direction": "INBOUND" })).await;
        let gone = ann.does("lead", "Disqualify", json!({ "id": lead.to_string(), "category": "NO_NEED" }), "status").await;
        assert_eq!(gone.data()["leadDisqualify"]["lead"]["status"], "DISQUALIFIED", "{}", gone.0);
        assert_eq!(ann.clocks(lead).await[0]["status"], "VOID");
    }
}

on_both! {
    async fn the_first_response_may_count_from_qualification(app) {
        let ann = app.founder().await;
        let mut body = hour();
        body["clockStart"] = json!("QUALIFIED");
        ann.promises(body).await;
        let lead: LeadId = ann.has("lead", json!({ "email": "joe@example.com", "status": "MQL" })).await.as_str().unwrap().parse().unwrap();
        let since = ann.sees("lead", &json!(lead.to_string()), "statusChangedAt").await["statusChangedAt"].clone();
        ann.waits(Kind::FirstResponse, lead, Utc::now() + TimeDelta::minutes(5)).await;
        assert_eq!(ann.clocks(lead).await[0]["startedAt"], since);
    }
}
