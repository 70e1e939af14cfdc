//! What is an answer of sales, and when.

use super::*;

const FIRST: &str = "FIRST_RESPONSE";

on_both! {
    async fn what_marketing_sends_is_no_answer_of_sales(app) {
        let desk = desk(&app, json!({})).await;
        let mia = person(&app, Template::MktManager, "mia").await;
        desk.ann.does("user", "Update", json!({ "id": mia.id(), "side": "MARKETING" }), "id").await.data();
        let lead = desk.ann.has_mql("joe@example.com").await;
        let offer = desk.ann.offers(&lead, json!({ "userId": desk.sam.id() })).await;
        desk.sam.does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
        let mail = json!({ "kind": "MAIL", "direction": "OUTBOUND", "subject": "News", "leadId": lead });
        mia.has("activity", mail).await;
        assert_eq!((desk.count(&lead, FIRST, "PENDING").await, desk.ann.status(&lead).await), (1, json!("ACCEPTED")));
        calls(&desk.sam, &lead).await;
        assert_eq!((desk.count(&lead, FIRST, "MET").await, desk.ann.status(&lead).await), (1, json!("WORKING")));
    }
}

on_both! {
    async fn a_call_in_time_that_is_written_down_late_was_in_time(app) {
        let desk = desk(&app, json!({})).await;
        let lead = desk.ann.has_mql("joe@example.com").await;
        let offer = desk.ann.offers(&lead, json!({ "userId": desk.sam.id() })).await;
        desk.sam.does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
        later(&app, TimeDelta::minutes(61), async || desk.count(&lead, FIRST, "BREACHED").await == 1).await;
        calls(&desk.sam, &lead).await;
        assert_eq!(desk.count(&lead, FIRST, "MET").await, 1);
        let clock = desk.ann.sees("lead", &lead, "slaClocks(filter: { kind: { eq: FIRST_RESPONSE } }) { nodes { breachedAt businessSeconds } }").await;
        assert_eq!(clock["slaClocks"]["nodes"][0]["breachedAt"], json!(null), "{clock}");
    }
}

on_both! {
    async fn nobody_stops_the_clock_that_measures_them(app) {
        let desk = desk(&app, json!({})).await;
        let stan = person(&app, Template::SalesManager, "stan").await;
        let lead = desk.ann.has("lead", json!({ "email": "joe@example.com", "status": "MQL", "ownerId": stan.id() })).await;
        desk.ann.offers(&lead, json!({ "userId": stan.id() })).await;
        let clocks = desk.ann.sees("lead", &lead, "slaClocks { nodes { id } }").await;
        let id = clocks["slaClocks"]["nodes"][0]["id"].clone();
        for step in ["Pause", "Void"] {
            let own = stan.does("slaClock", step, json!({ "id": id, "reason": "busy" }), "status").await;
            assert_eq!(own.code(), "LOCKED", "{}", own.0);
            let other = desk.ann.does("slaClock", step, json!({ "id": id, "reason": "busy" }), "status").await;
            assert_eq!(other.code(), "", "{}", other.0);
            desk.ann.does("slaClock", "Resume", json!({ "id": id }), "status").await;
        }
    }
}
