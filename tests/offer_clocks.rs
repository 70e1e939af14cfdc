//! Offers start the clocks that both sides agreed on, answers end them, and the ladder gives leads to others or back.

mod answers;
mod late;

use api::{access::role::templates::Template, actor::Permission, alignment::sla, store::Access};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    id::{LeadId, RowId},
    lead, sla_clock,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter};
use serde_json::Value;

use crate::{
    handoff::{later, person},
    harness::{App, Person, json, on_both},
};

/// Half an hour to accept, an hour to respond.
fn promise(more: Value) -> Value {
    let mut body =
        json!({ "targets": [{ "kind": "ACCEPT", "minutes": 30 }, { "kind": "FIRST_RESPONSE", "minutes": 60 }] });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

struct Desk<'a> {
    ann: Person<'a>,
    sam: Person<'a>,
    kim: Person<'a>,
    pool: Value,
}

/// Two reps take turns.
async fn desk<'a>(app: &'a App, more: Value) -> Desk<'a> {
    let ann = person(app, Template::Admin, "ann").await;
    let (sam, kim) = (person(app, Template::SalesRep, "sam").await, person(app, Template::SalesRep, "kim").await);
    ann.promises(promise(more)).await;
    let pool = ann.has("pool", json!({ "name": "Inbound" })).await;
    for user in [&sam, &kim] {
        ann.has("poolMember", json!({ "poolId": pool, "userId": user.id() })).await;
    }
    Desk { ann, sam, kim, pool }
}

impl Desk<'_> {
    fn named(&self, name: &Value) -> &Person<'_> {
        if name == "sam" { &self.sam } else { &self.kim }
    }

    /// The clocks of a lead, the oldest first: kind, status, user and whether somebody answered.
    async fn told(&self, lead: &Value) -> Vec<(String, String, Value, bool)> {
        let said = "slaClocks(first: 20, orderBy: [{ field: CREATED_AT }, { field: KIND }]) { nodes { kind status metAt user { name } handoff { id } } }";
        let told = self.ann.sees("lead", lead, said).await;
        let word = |v: &Value| v.as_str().unwrap().to_owned();
        let nodes = told["slaClocks"]["nodes"].as_array().unwrap().clone();
        assert!(nodes.iter().all(|n| n["handoff"]["id"].is_string()), "{told}");
        nodes
            .iter()
            .map(|n| (word(&n["kind"]), word(&n["status"]), n["user"]["name"].clone(), n["metAt"].is_string()))
            .collect()
    }

    /// How many clocks stand so.
    async fn count(&self, lead: &Value, kind: &str, status: &str) -> usize {
        self.told(lead).await.iter().filter(|(k, s, ..)| k == kind && s == status).count()
    }
}

async fn calls(who: &Person<'_>, lead: &Value) {
    who.has("activity", json!({ "kind": "CALL", "direction": "OUTBOUND", "subject": "Hello", "leadId": lead })).await;
}

fn row(kind: &str, status: &str, user: Value, met: bool) -> (String, String, Value, bool) {
    (kind.to_owned(), status.to_owned(), user, met)
}

on_both! {
    async fn an_offer_starts_its_clocks_and_answers_end_them(app) {
        let desk = desk(&app, json!({})).await;
        let (ann, sam) = (&desk.ann, &desk.sam);
        let lead = ann.has_mql("joe@example.com").await;
        let offer = ann.offers(&lead, json!({ "userId": sam.id() })).await;
        assert_eq!(desk.told(&lead).await, [row("ACCEPT", "PENDING", json!("sam"), false), row("FIRST_RESPONSE", "PENDING", json!("sam"), false)]);
        let clocks = sam.sees("handoff", &offer, "offeredAt slaClocks { nodes { kind startedAt dueAt lead { id } } }").await;
        let at = |v: &Value| v.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        for clock in clocks["slaClocks"]["nodes"].as_array().unwrap() {
            let minutes = if clock["kind"] == "ACCEPT" { 30 } else { 60 };
            assert_eq!((&clock["startedAt"], &clock["lead"]["id"]), (&clocks["offeredAt"], &lead));
            assert_eq!(at(&clock["dueAt"]) - at(&clock["startedAt"]), TimeDelta::minutes(minutes));
        }
        sam.does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
        assert_eq!(desk.told(&lead).await, [row("ACCEPT", "MET", json!("sam"), true), row("FIRST_RESPONSE", "PENDING", json!("sam"), false)]);
        calls(sam, &lead).await;
        assert_eq!(desk.told(&lead).await, [row("ACCEPT", "MET", json!("sam"), true), row("FIRST_RESPONSE", "MET", json!("sam"), true)]);
        assert_eq!(ann.status(&lead).await, "WORKING");
    }
}

on_both! {
    async fn who_takes_a_lead_from_a_queue_answers_for_it(app) {
        let desk = desk(&app, json!({})).await;
        let lead = desk.ann.has_mql("joe@example.com").await;
        let offer = desk.ann.offers(&lead, json!({ "queueId": desk.pool })).await;
        assert_eq!(desk.told(&lead).await[1], row("FIRST_RESPONSE", "PENDING", json!(null), false));
        desk.kim.does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
        assert_eq!(desk.told(&lead).await[1], row("FIRST_RESPONSE", "PENDING", json!("kim"), false));
    }
}

on_both! {
    async fn it_is_whom_a_lead_is_offered_to_who_must_answer_not_its_owner(app) {
        let desk = desk(&app, json!({})).await;
        let (ann, sam) = (&desk.ann, &desk.sam);
        let mia = person(&app, Template::MktUser, "mia").await;
        let lead = ann.has_mql("joe@example.com").await;
        ann.does("lead", "Update", json!({ "id": lead, "ownerId": mia.id() }), "id").await.data();
        let offer = ann.offers(&lead, json!({ "userId": sam.id() })).await;
        assert_eq!(desk.told(&lead).await, [row("ACCEPT", "PENDING", json!("sam"), false), row("FIRST_RESPONSE", "PENDING", json!("sam"), false)]);
        sam.does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
        assert_eq!(desk.told(&lead).await, [row("ACCEPT", "MET", json!("sam"), true), row("FIRST_RESPONSE", "PENDING", json!("sam"), false)]);
    }
}

on_both! {
    async fn a_rejection_is_an_answer_and_a_withdrawal_is_none(app) {
        let desk = desk(&app, json!({})).await;
        let (ann, sam) = (&desk.ann, &desk.sam);
        let reason = ann.reason("CAPACITY", 7).await;
        let lead = ann.has_mql("a@example.com").await;
        let offer = ann.offers(&lead, json!({ "userId": sam.id() })).await;
        sam.does("handoff", "Reject", json!({ "id": offer, "reasonId": reason }), "id").await.data();
        assert_eq!(desk.told(&lead).await, [row("ACCEPT", "MET", json!("sam"), true), row("FIRST_RESPONSE", "VOID", json!("sam"), false)]);
        let lead = ann.has_mql("b@example.com").await;
        let offer = ann.offers(&lead, json!({ "userId": sam.id() })).await;
        ann.does("handoff", "Withdraw", json!({ "id": offer }), "id").await.data();
        assert_eq!(desk.told(&lead).await, [row("ACCEPT", "VOID", json!("sam"), false), row("FIRST_RESPONSE", "VOID", json!("sam"), false)]);
    }
}

on_both! {
    async fn the_first_response_may_count_from_acceptance(app) {
        let desk = desk(&app, json!({ "clockStart": "ACCEPTED" })).await;
        let (ann, kim) = (&desk.ann, &desk.kim);
        let lead = ann.has_mql("joe@example.com").await;
        let offer = ann.offers(&lead, json!({ "queueId": desk.pool })).await;
        assert_eq!(desk.told(&lead).await.len(), 1);
        kim.does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
        assert_eq!(desk.told(&lead).await[1], row("FIRST_RESPONSE", "PENDING", json!("kim"), false));
        let told = kim.sees("handoff", &offer, "decidedAt slaClocks(filter: { kind: { eq: FIRST_RESPONSE } }) { nodes { startedAt } }").await;
        assert_eq!(told["slaClocks"]["nodes"][0]["startedAt"], told["decidedAt"]);
        let refused = ann.has_mql("b@example.com").await;
        let offer = ann.offers(&refused, json!({ "userId": kim.id() })).await;
        let reason = ann.reason("CAPACITY", 7).await;
        kim.does("handoff", "Reject", json!({ "id": offer, "reasonId": reason }), "id").await.data();
        assert_eq!(desk.told(&refused).await, [row("ACCEPT", "MET", json!("kim"), true)]);
    }
}

on_both! {
    async fn an_expired_offers_clocks_are_void_or_breached_and_the_next_offer_has_its_own(app) {
        let desk = desk(&app, json!({})).await;
        let ann = &desk.ann;
        for (minutes, status) in [(10, "VOID"), (45, "BREACHED")] {
            let lead = ann.has_mql(&format!("{status}@example.com").to_lowercase()).await;
            let expires = (Utc::now() + TimeDelta::minutes(minutes)).to_rfc3339();
            ann.offers(&lead, json!({ "poolId": desk.pool, "expiresAt": expires })).await;
            later(&app, TimeDelta::minutes(minutes + 1), async || desk.told(&lead).await.len() == 4).await;
            assert_eq!((desk.count(&lead, "ACCEPT", status).await, desk.count(&lead, "ACCEPT", "PENDING").await), (1, 1));
            let told = desk.told(&lead).await;
            assert_ne!(told[0].2, told[2].2, "somebody else's turn");
        }
    }
}

on_both! {
    async fn an_offer_that_waits_too_long_goes_to_somebody_else(app) {
        let desk = desk(&app, json!({ "ladder": [{ "afterPct": 100, "action": "REASSIGN" }] })).await;
        let lead = desk.ann.has_mql("joe@example.com").await;
        desk.ann.offers(&lead, json!({ "poolId": desk.pool })).await;
        let first = desk.told(&lead).await[0].2.clone();
        later(&app, TimeDelta::minutes(31), async || desk.told(&lead).await.len() == 4).await;
        let told = desk.told(&lead).await;
        let second = told[2].2.clone();
        assert_ne!(first, second);
        assert_eq!(told, [
            row("ACCEPT", "BREACHED", first.clone(), false),
            row("FIRST_RESPONSE", "VOID", first, false),
            row("ACCEPT", "PENDING", second.clone(), false),
            row("FIRST_RESPONSE", "PENDING", second.clone(), false),
        ]);
        let said = desk.ann.sees("lead", &lead, "status handoffs(orderBy: [{ field: OFFERED_AT }]) { nodes { id state } }").await;
        assert_eq!((&said["status"], &said["handoffs"]["nodes"][0]["state"]), (&json!("OFFERED"), &json!("EXPIRED")));
        // the second answers: what the first missed stays missed
        desk.named(&second).does("handoff", "Accept", json!({ "id": said["handoffs"]["nodes"][1]["id"] }), "id").await.data();
        let told = desk.told(&lead).await;
        assert_eq!((told[0].1.as_str(), told[0].3, told[2].1.as_str()), ("BREACHED", false, "MET"));
    }
}

on_both! {
    async fn a_lead_that_its_owner_leaves_alone_goes_to_somebody_else(app) {
        let desk = desk(&app, json!({ "ladder": [{ "afterPct": 100, "action": "REASSIGN" }] })).await;
        let lead = desk.ann.has_mql("joe@example.com").await;
        let offer = desk.ann.offers(&lead, json!({ "poolId": desk.pool })).await;
        let first = desk.told(&lead).await[0].2.clone();
        desk.named(&first).does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
        later(&app, TimeDelta::minutes(61), async || desk.told(&lead).await.len() == 3).await;
        let told = desk.told(&lead).await;
        let second = told[2].2.clone();
        assert_ne!(first, second);
        assert_eq!(told[1..], [row("FIRST_RESPONSE", "BREACHED", first, false), row("FIRST_RESPONSE", "PENDING", second.clone(), false)]);
        let owned = desk.ann.sees("lead", &lead, "status owner { name }").await;
        assert_eq!(owned, json!({ "status": "ACCEPTED", "owner": { "name": second } }));
        // the node that gave it away was an hour ahead
        calls(desk.named(&second), &lead).await;
        let told = desk.told(&lead).await;
        assert_eq!((told[1].3, told[2].3), (false, false), "a call before they had the lead is no answer of theirs, nor for the first");
    }
}

on_both! {
    async fn an_offer_that_went_on_to_somebody_else_counts_once_from_the_beginning(app) {
        let desk = desk(&app, json!({ "ladder": [{ "afterPct": 100, "action": "REASSIGN" }] })).await;
        let lead = desk.ann.has_mql("joe@example.com").await;
        let offer = desk.ann.offers(&lead, json!({ "poolId": desk.pool })).await;
        let first = desk.told(&lead).await[0].2.clone();
        desk.named(&first).does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
        later(&app, TimeDelta::minutes(61), async || desk.told(&lead).await.len() == 3).await;
        let counted = async || {
            let (from, to) = ((Utc::now() - TimeDelta::days(1)).to_rfc3339(), (Utc::now() + TimeDelta::days(1)).to_rfc3339());
            let period = format!("period: {{ start: \"{from}\", end: \"{to}\" }}");
            let asked = format!("{{ slaResponseTimes(input: {{ {period} }}) {{ answered unanswered p50Seconds }}
                metric(key: RESPONSE_TIME_P50, {period}) {{ value explain {{ inputs {{ count }} }} }} }}");
            desk.ann.ask(&asked, json!({})).await.data().clone()
        };
        // all of it happened three hours ago
        let db = app.store.migrator();
        let mut clocks = sla_clock::Entity::find().all(db).await.unwrap();
        clocks.retain(|clock| clock.kind == sla_clock::Kind::FirstResponse);
        clocks.sort_by_key(|clock| clock.id);
        let ago = |at: chrono::DateTime<Utc>| Set(at - TimeDelta::hours(3));
        for clock in &clocks {
            let (started, due, late) = (ago(clock.started_at), ago(clock.due_at), ago(clock.late_after));
            let row = sla_clock::ActiveModel { started_at: started, due_at: due, late_after: late, running_since: ago(clock.running_since), ..clock.clone().into() };
            sla_clock::Entity::update(row).exec(db).await.unwrap();
        }
        let figures = counted().await;
        assert_eq!(figures["slaResponseTimes"], json!({ "answered": 0, "unanswered": 1, "p50Seconds": null }), "not once for each who let it wait");
        let answered = clocks[0].started_at - TimeDelta::minutes(90);
        let mut tx = Access::new(app.store.clone(), desk.ann.actor.clone(), None).begin(Permission::LeadUpdate).await.unwrap();
        sla::meet(&mut tx, sla_clock::Kind::FirstResponse, &[(clocks[0].lead_id, answered)]).await.unwrap();
        tx.commit(json!(null)).await.unwrap();
        let told = desk.told(&lead).await;
        assert_eq!((told[1].1.as_str(), told[1].3, told[2].3), ("BREACHED", true, true));
        let figures = counted().await;
        assert_eq!(figures["slaResponseTimes"], json!({ "answered": 1, "unanswered": 0, "p50Seconds": "5400" }));
        assert_eq!(figures["metric"]["value"], "5400");
        assert_eq!(figures["metric"]["explain"]["inputs"][0]["count"], 1);
    }
}

on_both! {
    async fn a_lead_is_taken_back_from_who_does_not_answer(app) {
        let desk = desk(&app, json!({ "ladder": [{ "afterPct": 100, "action": "RECLAIM" }] })).await;
        let ann = &desk.ann;
        let mia = person(&app, Template::MktManager, "mia").await;
        let waiting = ann.has_mql("a@example.com").await;
        ann.offers(&waiting, json!({ "userId": desk.sam.id() })).await;
        let taken = mia.has("lead", json!({ "email": "b@example.com", "status": "MQL", "ownerId": mia.id() })).await;
        let offer = ann.offers(&taken, json!({ "userId": desk.sam.id() })).await;
        desk.sam.does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
        later(&app, TimeDelta::minutes(61), async || ann.status(&waiting).await == "MQL" && ann.status(&taken).await == "RECYCLED").await;
        let told = ann.sees("lead", &taken, "statusReason owner { name }").await;
        assert_eq!(told, json!({ "statusReason": "not answered in time", "owner": { "name": "mia" } }));
        assert_eq!(desk.count(&waiting, "ACCEPT", "BREACHED").await, 1);
        assert_eq!(desk.count(&taken, "FIRST_RESPONSE", "BREACHED").await, 1);
        assert_eq!(ann.sees("lead", &waiting, "handoffs { nodes { state } }").await["handoffs"]["nodes"], json!([{ "state": "EXPIRED" }]));
    }
}

on_both! {
    async fn leads_whose_promise_was_broken_can_be_listed(app) {
        let desk = desk(&app, json!({})).await;
        let late = desk.ann.has_mql("late@example.com").await;
        desk.ann.offers(&late, json!({ "userId": desk.sam.id() })).await;
        later(&app, TimeDelta::minutes(31), async || desk.count(&late, "ACCEPT", "BREACHED").await == 1).await;
        let fresh = desk.ann.has_mql("fresh@example.com").await;
        desk.ann.offers(&fresh, json!({ "userId": desk.sam.id() })).await;
        let query = "{ leads(filter: { slaClocks: { some: { status: { eq: BREACHED } } } }) { nodes { id } } }";
        assert_eq!(desk.ann.ask(query, json!({})).await.data()["leads"]["nodes"], json!([{ "id": late }]));
    }
}

on_both! {
    async fn a_queue_that_lets_an_offer_expire_is_not_offered_it_again(app) {
        let desk = desk(&app, json!({})).await;
        let lead = desk.ann.has_mql("joe@example.com").await;
        let expires = (Utc::now() + TimeDelta::minutes(10)).to_rfc3339();
        desk.ann.offers(&lead, json!({ "queueId": desk.pool, "expiresAt": expires })).await;
        later(&app, TimeDelta::minutes(11), async || desk.ann.status(&lead).await == "MQL").await;
        assert_eq!(desk.ann.sees("lead", &lead, "handoffs { nodes { state } }").await["handoffs"]["nodes"], json!([{ "state": "EXPIRED" }]));
        desk.ann.hears("routing.failed").await;
    }
}

on_both! {
    async fn an_offered_lead_is_not_deleted_under_its_offer(app) {
        let desk = desk(&app, json!({})).await;
        let lead = desk.ann.has_mql("joe@example.com").await;
        let offer = desk.ann.offers(&lead, json!({ "userId": desk.sam.id() })).await;
        assert_eq!(desk.ann.does("lead", "Delete", json!({ "id": lead }), "id").await.code(), "LOCKED");
        assert_eq!(desk.ann.status(&lead).await, "OFFERED");
        desk.ann.does("handoff", "Withdraw", json!({ "id": offer }), "id").await.data();
        assert_eq!(desk.ann.does("lead", "Delete", json!({ "id": lead }), "id").await.code(), "");
    }
}

on_both! {
    async fn a_lead_that_is_restored_waits_for_its_response_again(app) {
        let desk = desk(&app, json!({})).await;
        let lead = desk.ann.has_mql("joe@example.com").await;
        let offer = desk.ann.offers(&lead, json!({ "userId": desk.sam.id() })).await;
        desk.sam.does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
        desk.ann.does("lead", "Delete", json!({ "id": lead }), "id").await.data();
        desk.ann.does("lead", "Restore", json!({ "id": lead }), "id").await.data();
        let told = desk.told(&lead).await;
        assert_eq!(told[1..], [
            row("FIRST_RESPONSE", "VOID", json!("sam"), false),
            row("FIRST_RESPONSE", "PENDING", json!("sam"), false),
        ]);
        calls(&desk.sam, &lead).await;
        assert_eq!((desk.told(&lead).await[2].1.as_str(), desk.ann.status(&lead).await.as_str()), ("MET", Some("WORKING")));
    }
}

on_both! {
    async fn nobody_disputes_their_own_answer(app) {
        let desk = desk(&app, json!({})).await;
        let eva = person(&app, Template::SalesManager, "eva").await;
        desk.ann.does("user", "Update", json!({ "id": desk.kim.id(), "reportsToId": eva.id() }), "id").await.data();
        let lead = desk.ann.has_mql("joe@example.com").await;
        let offer = desk.ann.offers(&lead, json!({ "queueId": desk.pool })).await;
        desk.kim.does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
        let dispute = json!({ "id": offer, "claim": "no budget" });
        assert_eq!(desk.kim.does("handoff", "Dispute", dispute.clone(), "id").await.code(), "CRITERIA_UNMET");
        // taken from a queue, the answer is the taker's, and their manager's to quarrel over
        assert_eq!(eva.does("handoff", "Dispute", dispute, "id").await.code(), "");
    }
}

on_both! {
    async fn clocks_follow_their_leads_to_another_owner_in_as_many_statements_for_more_leads(app) {
        let desk = desk(&app, json!({})).await;
        let (ann, sam, kim) = (&desk.ann, &desk.sam, &desk.kim);
        let mut costs = vec![];
        for (round, many) in [3, 7].into_iter().enumerate() {
            let mut leads = vec![];
            for n in 0..many {
                let lead = ann.has_mql(&format!("l{round}-{n}@example.com")).await;
                let offer = ann.offers(&lead, json!({ "userId": sam.id() })).await;
                sam.does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
                leads.push(lead);
            }
            let before = app.store.statements();
            let access = Access::new(app.store.clone(), ann.actor.clone(), None);
            let mut tx = access.begin(Permission::LeadUpdate).await.unwrap();
            let ids: Vec<LeadId> = leads.iter().map(|id| id.as_str().unwrap().parse().unwrap()).collect();
            let rows = tx.lock_where::<lead::Entity>(Condition::all().add(lead::Column::Id.is_in(ids))).await.unwrap();
            let owner = kim.actor.user.map(RowId::uuid);
            tx.update_all::<lead::Entity>(&rows, &[("owner_id", owner.into())], "lead.updated").await.unwrap();
            tx.commit(Value::Null).await.unwrap();
            costs.push(app.store.statements() - before);
            for lead in &leads {
                assert_eq!(desk.told(lead).await[1], row("FIRST_RESPONSE", "PENDING", json!("kim"), false));
            }
        }
        assert_eq!(costs[0], costs[1]);
    }
}
