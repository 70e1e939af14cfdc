//! Touches: recorded once, seen with whom they belong to.

use api::actor::{Permission, Reach, Scope};
use serde_json::{Value, json};

use crate::harness::{App, on_both};

const UPSERT: &str =
    "mutation($rows: [TouchpointUpsertRow!]!) { touchpointUpsert(input: { rows: $rows, matchOn: EXTERNAL_EVENT_ID }) {
    results { status touchpoint { id } userErrors { code field } } } }";

fn click(lead: &Value, event: &str) -> Value {
    json!({ "kind": "AD_CLICK", "channel": "PAID_SEARCH", "occurredAt": "2026-08-07T16:30:00Z", "leadId": lead,
        "url": "https://example.com/?utm_source=ads", "utmSource": "ads", "system": "ads", "externalEventId": event })
}

fn statuses(answer: &Value) -> Vec<&str> {
    let results = answer["touchpointUpsert"]["results"].as_array().expect("results");
    results.iter().map(|result| result["status"].as_str().expect("a status")).collect()
}

on_both! {
    async fn the_same_event_is_recorded_once(app) {
        let ann = app.admin();
        let lead = ann.has("lead", json!({ "email": "joe@example.com" })).await;
        let rows = json!({ "rows": [click(&lead, "1"), click(&lead, "2")] });
        assert_eq!(statuses(ann.ask(UPSERT, rows.clone()).await.data()), ["CREATED", "CREATED"]);
        assert_eq!(statuses(ann.ask(UPSERT, rows).await.data()), ["UNCHANGED", "UNCHANGED"]);
        let mut other = click(&lead, "1");
        other["system"] = json!("mails");
        let twice = json!({ "rows": [other.clone(), other, click(&lead, "3")] });
        assert_eq!(statuses(ann.ask(UPSERT, twice).await.data()), ["CREATED", "FAILED", "CREATED"]);
        assert_eq!(ann.makes("touchpoint", click(&lead, "1")).await.code(), "DUPLICATE");
        let seen = ann.sees("lead", &lead, "touchpoints { totalCount nodes { kind channel occurredAt } }").await;
        assert_eq!(seen["touchpoints"]["totalCount"], 4);
        assert_eq!(seen["touchpoints"]["nodes"][0], json!({ "kind": "AD_CLICK", "channel": "PAID_SEARCH", "occurredAt": "2026-08-07T16:30:00Z" }));
    }
}

on_both! {
    async fn senders_at_once_record_an_event_once(app) {
        let ann = app.admin();
        let lead = ann.has("lead", json!({ "email": "joe@example.com" })).await;
        let rows: Vec<Value> = (0..20).map(|n| click(&lead, &n.to_string())).collect();
        let sent = (0..4).map(|_| ann.ask(UPSERT, json!({ "rows": rows })));
        for answer in futures_util::future::join_all(sent).await {
            let known = ["CREATED", "UNCHANGED"];
            assert!(statuses(answer.data()).iter().all(|status| known.contains(status)), "{}", answer.0);
        }
        assert_eq!(ann.sees("lead", &lead, "touchpoints { totalCount }").await["touchpoints"]["totalCount"], 20);
    }
}

on_both! {
    async fn a_touch_belongs_to_somebody_and_has_happened(app) {
        let ann = app.admin();
        let lead = ann.has("lead", json!({ "email": "joe@example.com" })).await;
        let wrong = async |change: Value| {
            let mut row = click(&lead, "1");
            row.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let answer = ann.makes("touchpoint", row).await;
            answer.0["data"]["touchpointCreate"]["userErrors"].clone()
        };
        let fault = |field: &str| json!({ "code": "VALIDATION", "field": ["input", field] });
        let short = |errors: Value| json!({ "code": errors[0]["code"], "field": errors[0]["field"] });
        assert_eq!(short(wrong(json!({ "leadId": null })).await), fault("leadId"));
        assert_eq!(short(wrong(json!({ "occurredAt": "2999-01-01T00:00:00Z" })).await), fault("occurredAt"));
        assert_eq!(short(wrong(json!({ "system": null })).await), fault("externalEventId"));
        let nobody = wrong(json!({ "leadId": "lead_00000000000000000000000000000000" })).await;
        assert_eq!(nobody[0]["code"], "NOT_FOUND");
        assert_eq!(ann.sees("lead", &lead, "touchpoints { totalCount }").await["touchpoints"]["totalCount"], 0);
    }
}

/// A salesperson with their own leads and those of nobody.
fn rep(app: &App) -> [(Permission, Reach); 3] {
    _ = app;
    let own = Reach { scope: Scope::Own, unassigned: false };
    [(Permission::LeadRead, own), (Permission::TouchpointRead, Reach::ALL), (Permission::CampaignRead, Reach::ALL)]
}

on_both! {
    async fn a_touch_is_seen_with_its_lead_or_without_one_with_its_campaign(app) {
        let ann = app.admin();
        let sam = app.holding(ann.actor.organization, &rep(&app));
        let me = sam.actor.user.unwrap().to_string();
        let campaign = ann.has("campaign", json!({ "name": "Fair" })).await;
        let (mine, theirs) = (ann.has("lead", json!({ "email": "a@example.com" })).await, ann.has("lead", json!({ "email": "b@example.com" })).await);
        give(&app, &mine, &me).await;
        let touch = |lead: &Value, n: &str| {
            let mut row = click(lead, n);
            row["campaignId"] = campaign.clone();
            row
        };
        for (n, lead) in [mine.clone(), theirs, json!(null)].iter().enumerate() {
            ann.has("touchpoint", touch(lead, &n.to_string())).await;
        }
        let seen = sam.ask("{ touchpoints { totalCount nodes { lead { id } campaign { name } } } }", json!({})).await;
        let seen = seen.data()["touchpoints"].clone();
        assert_eq!(seen["totalCount"], 2, "{seen}");
        let leads: Vec<Value> = seen["nodes"].as_array().unwrap().iter().map(|node| node["lead"]["id"].clone()).collect();
        assert!(leads.contains(&mine) && leads.contains(&json!(null)), "{leads:?}");
        assert_eq!(sam.makes("touchpoint", touch(&mine, "9")).await.code(), "FORBIDDEN");
        assert_eq!(app.admin().ask("{ touchpoints { totalCount } }", json!({})).await.data()["touchpoints"]["totalCount"], 0);
    }
}

/// Ownership by a user who has no row of their own in this test.
async fn give(app: &App, lead: &Value, user: &str) {
    use entity::id::{LeadId, RowId, UserId};
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
    let id: LeadId = lead.as_str().unwrap().parse().unwrap();
    let user: UserId = user.parse().unwrap();
    entity::lead::Entity::update_many()
        .col_expr(entity::lead::Column::OwnerId, Expr::val(user.uuid()))
        .filter(entity::lead::Column::Id.eq(id))
        .exec(app.store.migrator())
        .await
        .unwrap();
}
