//! Fields that an organisation adds.

use crate::harness::{json, on_both};

on_both! {
    async fn custom_fields_are_checked_merged_and_filtered_by(app) {
        let ann = app.admin();
        ann.has("customField", json!({ "entity": "account", "key": "tier", "label": "Tier", "kind": "CHOICE", "options": ["gold", "silver"] })).await;
        ann.has("customField", json!({ "entity": "account", "key": "seats", "label": "Seats", "kind": "NUMBER" })).await;
        let wrong = ann.makes("account", json!({ "name": "A", "customFields": { "tier": "iron", "colour": "red" } })).await;
        let faults = &wrong.data()["accountCreate"]["userErrors"];
        assert_eq!(faults[0]["field"], json!(["input", "customFields", "tier"]));
        assert_eq!(faults[1]["field"], json!(["input", "customFields", "colour"]));
        let id = ann.has("account", json!({ "name": "A", "customFields": { "tier": "gold", "seats": 12 } })).await;
        let merged = ann.does("account", "Update", json!({ "id": id, "customFields": { "seats": 13 } }), "customFields").await;
        assert_eq!(merged.data()["accountUpdate"]["account"]["customFields"], json!({ "tier": "gold", "seats": 13 }));
        let filter = "{ accounts(filter: { customField: { key: \"seats\", gt: 12 } }) { totalCount } }";
        assert_eq!(ann.ask(filter, json!({})).await.data()["accounts"]["totalCount"], 1);
        let removed = ann.does("account", "Update", json!({ "id": id, "customFields": { "tier": null } }), "customFields").await;
        assert_eq!(removed.data()["accountUpdate"]["account"]["customFields"], json!({ "seats": 13 }));
    }
}

on_both! {
    async fn a_required_field_binds_new_records_of_its_type_only(app) {
        let ann = app.admin();
        let old = ann.has("lead", json!({ "email": "a@example.com" })).await;
        ann.has("customField", json!({ "entity": "lead", "key": "budget", "label": "Budget", "kind": "TEXT", "required": true })).await;
        assert_eq!(ann.makes("lead", json!({ "email": "b@example.com" })).await.code(), "VALIDATION");
        assert_eq!(ann.does("lead", "Update", json!({ "id": old, "title": "CEO" }), "id").await.code(), "");
        assert!(ann.has("contact", json!({ "lastName": "Doe" })).await.is_string());
    }
}

on_both! {
    async fn a_definition_has_a_sound_key_and_options_only_for_a_choice(app) {
        let ann = app.admin();
        let field = |key: &str, options| json!({ "entity": "account", "key": key, "label": "L", "kind": "TEXT", "options": options });
        assert_eq!(ann.makes("customField", field("a-b", json!([]))).await.code(), "VALIDATION");
        assert_eq!(ann.makes("customField", field("ab", json!(["x"]))).await.code(), "VALIDATION");
        ann.has("customField", field("ab", json!([]))).await;
        assert_eq!(ann.makes("customField", field("ab", json!([]))).await.code(), "DUPLICATE");
    }
}

on_both! {
    async fn a_bulk_that_fills_what_is_empty_fills_each_field_for_itself(app) {
        let ann = app.admin();
        for (key, kind) in [("tier", "TEXT"), ("seats", "NUMBER"), ("plan", "TEXT")] {
            ann.has("customField", json!({ "entity": "account", "key": key, "label": key, "kind": kind })).await;
        }
        let id = ann.has("account", json!({ "name": "A", "domain": "a.example", "customFields": { "tier": "gold" } })).await;
        let fill = "mutation($rows: [AccountUpsertRow!]!) { accountUpsert(input: { matchOn: DOMAIN, onConflict: FILL_EMPTY, rows: $rows }) { results { status userErrors { message } } } }";
        let row = |fields| json!({ "rows": [{ "name": "B", "domain": "a.example", "customFields": fields }] });
        let status = async |fields| ann.ask(fill, row(fields)).await.data()["accountUpsert"]["results"][0]["status"].clone();
        assert_eq!(status(json!({ "tier": "silver", "seats": 5 })).await, "UPDATED");
        let seen = ann.sees("account", &id, "name customFields").await;
        assert_eq!(seen, json!({ "name": "A", "customFields": { "tier": "gold", "seats": 5 } }));
        assert_eq!(status(json!({ "tier": "silver", "seats": 7 })).await, "UNCHANGED");
    }
}
