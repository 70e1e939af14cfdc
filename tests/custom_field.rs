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
        for hostile in ["a' IS NULL) OR ('1' = '1", "a'; DELETE FROM account; --", "a\"b", "$.a"] {
            let mut unique = field(hostile, json!([]));
            unique["unique"] = json!(true);
            let refused = ann.makes("customField", unique).await;
            assert_eq!(refused.data()["customFieldCreate"]["userErrors"][0]["field"], json!(["input", "key"]), "{hostile}");
        }
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

on_both! {
    async fn values_are_compared_with_values_of_their_own_type(app) {
        let ann = app.admin();
        for (key, kind) in [("code", "TEXT"), ("seats", "NUMBER"), ("vip", "BOOLEAN"), ("since", "DATE")] {
            ann.has("customField", json!({ "entity": "account", "key": key, "label": key, "kind": kind })).await;
        }
        let fields = [
            json!({ "code": "B", "seats": 12, "vip": true, "since": "2026-01-31" }),
            json!({ "code": "a", "seats": 9, "vip": false, "since": "2026-02-01" }),
            json!({ "code": "é", "seats": 1.5 }),
            json!({}),
        ];
        for (name, fields) in ["1", "2", "3", "4"].iter().zip(fields) {
            ann.has("account", json!({ "name": name, "customFields": fields })).await;
        }
        let query = "query($f: CustomValueFilter!) { accounts(filter: { customField: $f }, orderBy: [{ field: NAME }]) { nodes { name } } }";
        for (filter, found) in [
            // by their bytes, as everywhere: capitals first, accents last
            (json!({ "key": "code", "lt": "a" }), "1"),
            (json!({ "key": "code", "gt": "a" }), "3"),
            (json!({ "key": "code", "gte": "B", "lt": "b" }), "12"),
            (json!({ "key": "code", "eq": "b" }), ""),
            (json!({ "key": "seats", "gt": 5 }), "12"),
            (json!({ "key": "seats", "eq": 1.5 }), "3"),
            (json!({ "key": "seats", "eq": "12" }), ""),
            (json!({ "key": "seats", "lt": "z" }), ""),
            (json!({ "key": "vip", "eq": true }), "1"),
            (json!({ "key": "vip", "eq": "true" }), ""),
            (json!({ "key": "vip", "ne": true }), "2"),
            (json!({ "key": "code", "gt": 0 }), ""),
            (json!({ "key": "since", "gte": "2026-02-01" }), "2"),
            (json!({ "key": "seats", "isNull": false }), "123"),
            (json!({ "key": "vip", "isNull": true }), "34"),
        ] {
            let answer = ann.ask(query, json!({ "f": filter })).await;
            let names: String = answer.data()["accounts"]["nodes"].as_array().unwrap().iter().map(|n| n["name"].as_str().unwrap()).collect();
            assert_eq!(names, found, "{filter}");
        }
    }
}
