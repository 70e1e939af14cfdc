//! Every step from every state.

use api::actor::Rights;

use super::*;
use crate::scoring::agreed;

/// A lead that stands there, with a call logged.
async fn lead_in(ann: &Person<'_>, sam: &Person<'_>, status: &str, n: usize) -> Value {
    let email = format!("{status}-{n}@example.com").to_lowercase();
    if status == "CONVERTED" {
        return converted(ann, &email).await;
    }
    let begins = ["NEW", "NURTURING", "MQL", "WORKING", "SQL", "DISQUALIFIED", "RECYCLED"].contains(&status);
    let begun = if begins { status } else { "MQL" };
    let mut input = json!({ "email": email, "lastName": "Doe", "companyName": email, "status": begun });
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
                    ann.has("rejectionReason", json!({ "name": format!("r{n}"), "category": "CLERICAL" })).await;
                sam.does("handoff", "Reject", json!({ "id": offer, "reasonId": reason }), "id").await.data();
            }
            _ => {}
        }
    }
    // in touch since it was accepted
    ann.has("activity", json!({ "kind": "MEETING", "subject": "Met again", "leadId": lead })).await;
    assert_eq!(ann.status(&lead).await, status);
    lead
}

/// A lead whose way is over.
async fn converted(ann: &Person<'_>, email: &str) -> Value {
    let lead =
        ann.has("lead", json!({ "email": email, "lastName": "Doe", "companyName": email, "status": "SQL" })).await;
    ann.has("activity", json!({ "kind": "MEETING", "subject": "Met", "leadId": lead })).await;
    ann.does("lead", "Convert", json!({ "id": lead }), "id").await.data();
    assert_eq!(ann.status(&lead).await, "CONVERTED");
    lead
}

on_both! {
    async fn a_rejected_lead_is_given_up_only_when_its_data_cannot_be_mended(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let sam = person(&app, Template::SalesRep, "sam").await;
        for (category, code) in [("CAPACITY", "INVALID_TRANSITION"), ("CLERICAL", "")] {
            let lead = ann.has_mql(&format!("{}@example.com", category.to_lowercase())).await;
            ann.has("activity", json!({ "kind": "CALL", "direction": "OUTBOUND", "subject": "Hello", "leadId": lead })).await;
            let offer = ann.offers(&lead, json!({ "userId": sam.id() })).await;
            let reason = ann.reason(category, 30).await;
            sam.does("handoff", "Reject", json!({ "id": offer, "reasonId": reason }), "id").await.data();
            let given_up = ann.does("lead", "Disqualify", json!({ "id": lead, "category": "OTHER" }), "id").await;
            assert_eq!(given_up.code(), code, "{category}: {}", given_up.0);
        }
    }
}

on_both! {
    async fn what_the_lead_sends_is_no_attempt_of_ours(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let lead = ann.has("lead", json!({ "email": "joe@example.com" })).await;
        let mail = |direction: &str| json!({ "kind": "MAIL", "direction": direction, "subject": "Hello", "leadId": lead });
        let give_up = async || ann.does("lead", "Disqualify", json!({ "id": lead, "category": "NO_NEED" }), "id").await.code().to_owned();
        ann.has("activity", mail("INBOUND")).await;
        assert_eq!(give_up().await, "CRITERIA_UNMET");
        ann.has("activity", mail("OUTBOUND")).await;
        assert_eq!(give_up().await, "");
    }
}

on_both! {
    async fn offers_go_to_who_may_answer_them(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let fay = person(&app, Template::Finance, "fay").await;
        let lead = ann.has_mql("joe@example.com").await;
        let offered = ann.does("lead", "Offer", json!({ "id": lead, "userId": fay.id() }), "id").await;
        assert_eq!(offered.0["data"]["leadOffer"]["userErrors"][0]["field"], json!(["input", "userId"]), "{}", offered.0);
        assert_eq!(ann.status(&lead).await, "MQL");
    }
}

on_both! {
    async fn leads_are_not_born_past_what_both_sides_agreed(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let mia = person(&app, Template::MktUser, "mia").await;
        for (who, status, code) in [(&mia, "SQL", "VALIDATION"), (&mia, "MQL", "VALIDATION"), (&mia, "NURTURING", ""), (&ann, "SQL", "")] {
            let input = json!({ "email": format!("{}@example.com", uuid::Uuid::now_v7().simple()), "status": status });
            assert_eq!(who.does("lead", "Create", input, "id").await.code(), code, "{status}");
        }
    }
}

const STATES: [&str; 11] = [
    "NEW",
    "NURTURING",
    "MQL",
    "OFFERED",
    "ACCEPTED",
    "WORKING",
    "SQL",
    "REJECTED",
    "RECYCLED",
    "DISQUALIFIED",
    "CONVERTED",
];

/// Every step: what it is told, from where it is allowed, and where it leads.
fn steps(to: &Value) -> [(&'static str, Value, &'static str, &'static str); 9] {
    [
        ("Qualify", json!({}), "NEW NURTURING RECYCLED", "MQL"),
        // converting again answers with what was made
        ("Convert", json!({}), "SQL CONVERTED", "CONVERTED"),
        ("Offer", json!({ "userId": to }), "MQL", "OFFERED"),
        ("Work", json!({}), "ACCEPTED", "WORKING"),
        ("Confirm", json!({}), "WORKING", "SQL"),
        ("Recycle", json!({ "reason": "Not now" }), "ACCEPTED WORKING SQL REJECTED", "RECYCLED"),
        ("Nurture", json!({}), "NEW MQL RECYCLED", "NURTURING"),
        ("Disqualify", json!({ "category": "NO_NEED" }), "NEW NURTURING WORKING SQL REJECTED", "DISQUALIFIED"),
        ("Reopen", json!({ "reason": "New budget" }), "DISQUALIFIED", "NURTURING"),
    ]
}

on_both! {
    async fn a_merged_lead_goes_nowhere_and_neither_does_its_winner_by_its_id(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let sam = person(&app, Template::SalesRep, "sam").await;
        let (winner, loser) = (ann.has("lead", json!({ "email": "w@example.com" })).await, ann.has("lead", json!({ "email": "l@example.com" })).await);
        let merge = "mutation($input: MergeInput!) { leadMerge(input: $input) { userErrors { message } } }";
        let merged = ann.ask(merge, json!({ "input": { "winnerId": winner, "loserIds": [loser] } })).await;
        assert_eq!(merged.data()["leadMerge"]["userErrors"], json!([]));
        for (step, mut input, ..) in steps(&sam.id()) {
            input["id"] = loser.clone();
            assert_eq!(ann.does("lead", step, input, "id").await.code(), "LOCKED", "{step}");
        }
        assert_eq!(ann.status(&winner).await, "NEW");
    }
}

on_both! {
    async fn every_step_from_every_state_is_allowed_or_refused_as_agreed(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let sam = person(&app, Template::SalesRep, "sam").await;
        let all = app.with_rights(ann.actor.organization, Rights::everything());
        let reachable = json!({ "criteria": [{ "label": "Can be reached", "when": { "exists": "email" } }] });
        agreed(&app, &all, "MQL", json!({ "qualification": reachable })).await;
        let mut n = 0;
        for (step, input, from, to) in steps(&sam.id()) {
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

on_both! {
    async fn when_a_recycled_lead_comes_back_is_forgotten_once_it_is_back(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let lead = ann.has("lead", json!({ "email": "joe@example.com", "status": "WORKING" })).await;
        let until = (Utc::now() + TimeDelta::days(30)).to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let recycle = json!({ "id": lead, "reason": "Next year", "until": until });
        assert_eq!(ann.does("lead", "Recycle", recycle, "id").await.code(), "");
        let waits = ann.sees("lead", &lead, "status recycleUntil").await;
        assert!(waits["status"] == "RECYCLED" && waits["recycleUntil"].is_string(), "{waits}");
        assert_eq!(ann.does("lead", "Nurture", json!({ "id": lead }), "id").await.code(), "");
        let back = ann.sees("lead", &lead, "status recycleUntil cycleNo").await;
        assert_eq!(back, json!({ "status": "NURTURING", "recycleUntil": null, "cycleNo": 2 }));
    }
}
