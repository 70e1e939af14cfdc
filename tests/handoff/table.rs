//! Every step from every state.

use super::*;

/// A lead that stands there, with a call logged.
async fn lead_in(ann: &Person<'_>, sam: &Person<'_>, status: &str, n: usize) -> Value {
    let email = format!("{status}-{n}@example.com").to_lowercase();
    let begins = ["NEW", "NURTURING", "MQL", "WORKING", "SQL", "DISQUALIFIED", "RECYCLED"].contains(&status);
    let begun = if begins { status } else { "MQL" };
    let mut input = json!({ "email": email, "status": begun });
    if begun == "DISQUALIFIED" {
        input["disqualifyCategory"] = json!("NO_NEED");
    }
    let lead = ann.has("lead", input).await;
    ann.has("activity", json!({ "kind": "NOTE", "subject": "Seen", "leadId": lead })).await;
    ann.has("activity", json!({ "kind": "MEETING", "subject": "Met", "leadId": lead })).await;
    if !begins {
        let offer = ann.offers(&lead, json!({ "userId": sam.id() })).await;
        match status {
            "ACCEPTED" => _ = sam.does("handoff", "Accept", json!({ "id": offer }), "id").await.data(),
            "REJECTED" => {
                let reason =
                    ann.has("rejectionReason", json!({ "name": format!("r{n}"), "category": "CAPACITY" })).await;
                sam.does("handoff", "Reject", json!({ "id": offer, "reasonId": reason }), "id").await.data();
            }
            _ => {}
        }
    }
    assert_eq!(ann.status(&lead).await, status);
    lead
}

const STATES: [&str; 10] =
    ["NEW", "NURTURING", "MQL", "OFFERED", "ACCEPTED", "WORKING", "SQL", "REJECTED", "RECYCLED", "DISQUALIFIED"];

on_both! {
    async fn every_step_from_every_state_is_allowed_or_refused_as_agreed(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let sam = person(&app, Template::SalesRep, "sam").await;
        let steps = [
            ("Offer", json!({ "userId": sam.id() }), "MQL", "OFFERED"),
            ("Work", json!({}), "ACCEPTED", "WORKING"),
            ("Confirm", json!({}), "WORKING", "SQL"),
            ("Recycle", json!({ "reason": "Not now" }), "ACCEPTED WORKING SQL REJECTED", "RECYCLED"),
            ("Nurture", json!({}), "NEW MQL RECYCLED", "NURTURING"),
            ("Disqualify", json!({ "category": "NO_NEED" }), "NEW NURTURING WORKING SQL REJECTED", "DISQUALIFIED"),
            ("Reopen", json!({ "reason": "New budget" }), "DISQUALIFIED", "NURTURING"),
        ];
        let mut n = 0;
        for (step, input, from, to) in steps {
            for state in STATES {
                n += 1;
                let lead = lead_in(&ann, &sam, state, n).await;
                let mut input = input.clone();
                input["id"] = lead.clone();
                let code = ann.does("lead", step, input, "id").await.code().to_owned();
                let allowed = from.split(' ').any(|s| s == state);
                assert_eq!(code, if allowed { "" } else { "INVALID_TRANSITION" }, "{step} from {state}");
                assert_eq!(ann.status(&lead).await, if allowed { to } else { state }, "{step} from {state}");
                contiguous(&ann, &lead).await;
            }
        }
    }
}
