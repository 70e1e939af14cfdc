//! What follows when clocks run out, and against whom it is counted.

use super::*;

async fn stands(desk: &Desk<'_>, lead: &Value) -> Value {
    desk.ann.sees("lead", lead, "status owner { name }").await
}

/// A lead of the pool that whoever's turn it was has accepted; their name.
async fn taken(desk: &Desk<'_>) -> (Value, Value) {
    let lead = desk.ann.has_mql("joe@example.com").await;
    let offer = desk.ann.offers(&lead, json!({ "poolId": desk.pool })).await;
    let first = desk.told(&lead).await[0].2.clone();
    desk.named(&first).does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
    (lead, first)
}

on_both! {
    async fn whoever_called_before_they_accepted_has_responded(app) {
        let desk = desk(&app, json!({ "clockStart": "ACCEPTED" })).await;
        let lead = desk.ann.has_mql("joe@example.com").await;
        let offer = desk.ann.offers(&lead, json!({ "userId": desk.sam.id() })).await;
        calls(&desk.sam, &lead).await;
        assert_eq!(desk.told(&lead).await.len(), 1, "the first response counts from acceptance");
        desk.sam.does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
        assert_eq!(desk.told(&lead).await[1], row("FIRST_RESPONSE", "MET", json!("sam"), true));
        assert_eq!(desk.ann.status(&lead).await, "WORKING");
    }
}

on_both! {
    async fn nobody_gets_a_lead_back_that_they_let_wait_and_at_last_it_is_taken_back(app) {
        let ladder = json!({ "ladder": [{ "afterPct": 100, "action": "REASSIGN" }, { "afterPct": 200, "action": "RECLAIM" }] });
        let desk = desk(&app, ladder).await;
        let (lead, first) = taken(&desk).await;
        later(&app, TimeDelta::minutes(61), async || desk.told(&lead).await.len() == 3).await;
        let second = desk.told(&lead).await[2].2.clone();
        assert_ne!(first, second);
        later(&app, TimeDelta::minutes(190), async || desk.ann.status(&lead).await == "RECYCLED").await;
        let late = desk.told(&lead).await[1..].to_vec();
        assert_eq!(late, [row("FIRST_RESPONSE", "BREACHED", first, false), row("FIRST_RESPONSE", "BREACHED", second, false)]);
    }
}

on_both! {
    async fn a_node_that_comes_late_takes_the_ladder_step_by_step(app) {
        let ladder = json!({ "ladder": [{ "afterPct": 100, "action": "REASSIGN" }, { "afterPct": 150, "action": "RECLAIM" }] });
        let desk = desk(&app, ladder).await;
        let (lead, first) = taken(&desk).await;
        later(&app, TimeDelta::minutes(120), async || desk.told(&lead).await.len() == 3).await;
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let told = stands(&desk, &lead).await;
        assert_eq!(told["status"], "ACCEPTED", "who just got it has their time");
        assert_ne!(told["owner"]["name"], first);
    }
}

on_both! {
    async fn follow_ups_of_an_offer_end_with_it_and_a_call_starts_one(app) {
        let targets = json!([
            { "kind": "FIRST_RESPONSE", "minutes": 60 },
            { "kind": "FOLLOW_UP", "number": 1, "minutes": 60 }, { "kind": "FOLLOW_UP", "number": 2, "minutes": 60 },
        ]);
        let desk = desk(&app, json!({ "targets": targets })).await;
        let lead = desk.ann.has_mql("joe@example.com").await;
        let expires = (Utc::now() + TimeDelta::minutes(10)).to_rfc3339();
        desk.ann.offers(&lead, json!({ "poolId": desk.pool, "expiresAt": expires })).await;
        let first = desk.told(&lead).await[0].2.clone();
        calls(desk.named(&first), &lead).await;
        assert_eq!(desk.count(&lead, "FOLLOW_UP", "PENDING").await, 1);
        later(&app, TimeDelta::minutes(11), async || desk.count(&lead, "FIRST_RESPONSE", "PENDING").await == 1).await;
        assert_eq!((desk.count(&lead, "FOLLOW_UP", "PENDING").await, desk.count(&lead, "FOLLOW_UP", "VOID").await), (0, 1));
    }
}

on_both! {
    async fn all_of_a_queue_are_told_that_a_lead_waits(app) {
        let desk = desk(&app, json!({ "ladder": [{ "afterPct": 100, "action": "NOTIFY" }] })).await;
        let lead = desk.ann.has_mql("joe@example.com").await;
        desk.ann.offers(&lead, json!({ "queueId": desk.pool })).await;
        let notes = async |who: &Person<'_>| who.ask("{ notifications { nodes { kind } } }", json!({})).await.data()["notifications"]["nodes"].clone();
        later(&app, TimeDelta::minutes(31), async || notes(&desk.kim).await != json!([])).await;
        for who in [&desk.sam, &desk.kim] {
            assert_eq!(notes(who).await, json!([{ "kind": "sla.escalated" }]));
        }
    }
}

on_both! {
    async fn the_manager_of_somebody_who_has_left_gives_their_offer_to_another(app) {
        let desk = desk(&app, json!({})).await;
        let eva = person(&app, Template::SalesManager, "eva").await;
        for user in [&desk.sam, &desk.kim] {
            desk.ann.does("user", "Update", json!({ "id": user.id(), "reportsToId": eva.id() }), "id").await.data();
        }
        let lead = desk.ann.has_mql("joe@example.com").await;
        let offer = desk.ann.offers(&lead, json!({ "userId": desk.sam.id() })).await;
        let to_kim = json!({ "id": offer, "ownerId": desk.kim.id() });
        assert_eq!(eva.does("handoff", "Accept", to_kim.clone(), "id").await.code(), "VALIDATION", "it is sam's");
        desk.ann.does("user", "Deactivate", json!({ "id": desk.sam.id() }), "id").await.data();
        assert_eq!(eva.does("handoff", "Accept", to_kim, "id").await.code(), "");
        assert_eq!(stands(&desk, &lead).await, json!({ "status": "ACCEPTED", "owner": { "name": "kim" } }));
    }
}
