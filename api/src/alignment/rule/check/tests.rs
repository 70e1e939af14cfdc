use serde_json::{Value, json};

use super::*;

fn rule(json: Value) -> Rule {
    serde_json::from_value(json).expect("a rule")
}

fn faults(json: Value) -> Vec<String> {
    rule(json).check().into_iter().map(|fault| fault.field.join(".")).collect()
}

#[test]
fn a_value_of_the_wrong_type_is_named_by_its_path() {
    let wrong = json!({ "and": [
        { "eq": { "field": "country", "value": { "text": "DE" } } },
        { "not": { "gte": { "field": "score", "value": { "text": "50" } } } },
        { "in": { "field": "status", "values": [{ "text": "MQL" }, { "text": "HOT" }] } },
        { "eq": { "field": "ownerId", "value": { "text": "team_00000000000000000000000000000000" } } },
    ] });
    assert_eq!(faults(wrong), ["and.1.not.gte.value", "and.2.in.values.1", "and.3.eq.value"]);
}

#[test]
fn fields_are_those_of_the_lead() {
    let all = |name: &str| faults(json!({ "exists": name }));
    for known in ["country", "companyName", "email", "ownerId", "campaignId", "createdAt", "customFields.tier_2"] {
        assert!(all(known).is_empty(), "{known}");
    }
    for unknown in ["owner", "shoeSize", "customFields", "customFields.", "customFields.a'b", "activities", "viewerCan"]
    {
        assert_eq!(all(unknown), ["exists"], "{unknown}");
    }
}

#[test]
fn a_rule_knows_the_columns_that_it_depends_on() {
    let deep = json!({ "or": [
        { "not": { "contains": { "field": "title", "text": "chief" } } },
        { "and": [{ "exists": "customFields.tier" }, { "exists": "budget" }] },
        { "touchpoints": { "withinDays": 30 } },
    ] });
    let columns: Vec<_> = rule(deep).columns().into_iter().collect();
    assert_eq!(columns, ["budget_currency", "budget_minor", "custom", "title"]);
}

#[test]
fn text_has_no_order_and_numbers_have_no_parts() {
    assert_eq!(faults(json!({ "lt": { "field": "country", "value": { "text": "DE" } } })), ["lt.field"]);
    assert_eq!(faults(json!({ "contains": { "field": "score", "text": "5" } })), ["contains.field"]);
    assert!(faults(json!({ "lt": { "field": "createdAt", "value": { "days": -30 } } })).is_empty());
    assert!(faults(json!({ "lt": { "field": "customFields.size", "value": { "number": "1.5" } } })).is_empty());
}

#[test]
fn depth_and_size_are_bounded() {
    let leaf = json!({ "exists": "email" });
    let deep = |n: usize| (1..n).fold(leaf.clone(), |inner, _| json!({ "not": inner }));
    assert!(rule(deep(DEPTH)).check().is_empty());
    assert_eq!(rule(deep(DEPTH + 1)).check().len(), 1);
    let wide = |n: usize| json!({ "or": vec![leaf.clone(); n] });
    assert!(rule(wide(LEAVES)).check().is_empty());
    assert_eq!(rule(wide(LEAVES + 1)).check().len(), 1);
    assert_eq!(faults(json!({ "and": [] })), ["and"]);
}

#[test]
fn counts_have_sensible_bounds() {
    let of = |json: Value| faults(json!({ "touchpoints": json }));
    assert!(of(json!({ "kinds": ["AD_CLICK"], "withinDays": 30, "atLeast": 2, "atMost": 5 })).is_empty());
    assert!(of(json!({ "atMost": 0 })).is_empty());
    assert_eq!(
        of(json!({ "withinDays": 0, "atLeast": 3, "atMost": 2 })),
        ["touchpoints.withinDays", "touchpoints.atMost"]
    );
}

#[test]
fn a_rule_reads_back_as_it_was_written() {
    let json = json!({ "or": [
        { "gte": { "field": "createdAt", "value": { "time": "2026-08-07T16:30:00Z" } } },
        { "lt": { "field": "customFields.size", "value": { "number": "1.50" } } },
        { "activities": { "kinds": ["CALL"], "direction": "OUTBOUND", "withinDays": 7, "atLeast": 1, "atMost": null } },
    ] });
    assert_eq!(serde_json::to_value(rule(json.clone())).unwrap(), json);
}
