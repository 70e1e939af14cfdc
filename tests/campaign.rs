//! Campaigns, their members and costs; activities.

use api::actor::{Permission as P, Reach};

use crate::harness::{json, on_both};

on_both! {
    async fn a_campaign_moves_on_by_steps_only(app) {
        let ann = app.admin();
        let id = ann.has("campaign", json!({ "name": "Fair", "startDate": "2026-05-01", "endDate": "2026-05-03" })).await;
        let to = |status: &str| ann.does("campaign", "StatusChange", json!({ "id": id, "status": status }), "status");
        assert_eq!(to("ACTIVE").await.code(), "INVALID_TRANSITION");
        assert_eq!(to("DRAFT").await.code(), "INVALID_TRANSITION");
        assert_eq!(to("PLANNED").await.data()["campaignStatusChange"]["campaign"]["status"], "PLANNED");
        assert_eq!(to("ACTIVE").await.code(), "");
        let wrong = ann.does("campaign", "Update", json!({ "id": id, "endDate": "2026-04-30" }), "id").await;
        assert_eq!(wrong.code(), "VALIDATION");
    }
}

on_both! {
    async fn a_member_is_a_contact_or_a_lead_and_steps_forward(app) {
        let ann = app.admin();
        let fair = ann.has("campaign", json!({ "name": "Fair" })).await;
        let joe = ann.has("lead", json!({ "email": "joe@example.com" })).await;
        assert_eq!(ann.makes("campaignMember", json!({ "campaignId": fair })).await.code(), "VALIDATION");
        let member = ann.has("campaignMember", json!({ "campaignId": fair, "leadId": joe })).await;
        assert_eq!(ann.makes("campaignMember", json!({ "campaignId": fair, "leadId": joe })).await.code(), "DUPLICATE");
        let step = |step: &str, force| ann.does("campaignMember", "Advance", json!({ "id": member, "step": step, "force": force }), "step respondedAt");
        assert!(step("ATTENDED", false).await.data()["campaignMemberAdvance"]["campaignMember"]["respondedAt"].is_string());
        assert_eq!(step("LISTED", false).await.code(), "INVALID_TRANSITION");
        assert_eq!(step("LISTED", true).await.code(), "");
        let joe = ann.sees("lead", &joe, "campaignMembers { nodes { step campaign { name } } }").await;
        assert_eq!(joe["campaignMembers"]["nodes"], json!([{ "step": "LISTED", "campaign": { "name": "Fair" } }]));
    }
}

on_both! {
    async fn what_a_campaign_costs_is_for_fewer_eyes(app) {
        let ann = app.admin();
        let fair = ann.has("campaign", json!({ "name": "Fair" })).await;
        let cost = json!({ "campaignId": fair, "date": "2026-05-01", "kind": "MEDIA", "amount": { "amount": "99.50", "currency": "EUR" } });
        ann.has("campaignCost", cost.clone()).await;
        let sums = "{ campaignCostAggregate(groupBy: [{ field: CAMPAIGN }]) { key { campaign { name } } amount { sum { amount } } } }";
        let seen = ann.ask(sums, json!({})).await;
        assert_eq!(seen.data()["campaignCostAggregate"][0]["amount"], json!([{ "sum": { "amount": "99.50" } }]));
        let sam = app.holding(ann.actor.organization, &[(P::CampaignRead, Reach::ALL), (P::CampaignUpdate, Reach::ALL)]);
        let fairs = sam.ask("{ campaigns { nodes { name costs { totalCount nodes { id } } } } campaignCostAggregate { count } }", json!({})).await;
        assert_eq!(fairs.data()["campaigns"]["nodes"], json!([{ "name": "Fair", "costs": { "totalCount": 0, "nodes": [] } }]));
        assert_eq!(fairs.data()["campaignCostAggregate"], json!([{ "count": 0 }]));
        assert_eq!(sam.makes("campaignCost", cost).await.code(), "FORBIDDEN");
    }
}

on_both! {
    async fn an_activity_has_happened_unless_it_is_planned(app) {
        let ann = app.admin();
        let acme = ann.has("account", json!({ "name": "Acme" })).await;
        let call = json!({ "kind": "CALL", "subject": "Intro", "accountId": acme });
        let call = ann.does("activity", "Create", call, "happenedAt account { activities { totalCount } }").await;
        let call = &call.data()["activityCreate"]["activity"];
        assert!(call["happenedAt"].is_string());
        assert_eq!(call["account"]["activities"]["totalCount"], 1);
        let task = ann.does("activity", "Create", json!({ "kind": "TASK", "subject": "Send offer" }), "happenedAt").await;
        assert_eq!(task.data()["activityCreate"]["activity"]["happenedAt"], json!(null));
        let future = json!({ "kind": "CALL", "subject": "Later", "happenedAt": "2999-01-01T00:00:00Z" });
        assert_eq!(ann.makes("activity", future).await.code(), "VALIDATION");
    }
}
