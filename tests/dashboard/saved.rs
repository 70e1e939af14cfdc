//! What may be saved: questions that can be asked, and no others.

use super::*;

/// What is wrong with widgets, by field.
async fn faults(who: &Person<'_>, widgets: Value) -> Vec<String> {
    let input = json!({ "name": "Wrong", "layout": { "widgets": widgets } });
    let made = who.does("dashboard", "Create", input, "id").await;
    let payload = &made.data()["dashboardCreate"];
    let errors = payload["userErrors"].as_array().unwrap();
    assert_eq!(payload["dashboard"].is_null(), !errors.is_empty(), "{}", made.0);
    let one = |error: &Value| {
        assert_eq!(error["code"], "VALIDATION", "{error}");
        let path: Vec<_> = error["field"].as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect();
        path.join(".").replace("input.layout.widgets", "")
    };
    errors.iter().map(one).collect()
}

fn with(more: Value) -> Value {
    let mut widget = number("a", "REVENUE", json!({ "relative": "THIS_QUARTER" }));
    for (name, value) in more.as_object().unwrap() {
        widget[name] = value.clone();
    }
    widget
}

on_both! {
    async fn what_cannot_be_asked_cannot_be_saved(app) {
        let house = House::of(&app).await;
        let goal = house.aims().await;
        for (widget, field) in [
            (json!({ "key": "no blanks" }), "key"),
            (json!({ "key": "" }), "key"),
            (json!({ "title": " " }), "title"),
            (json!({ "width": 5 }), "width"),
            (json!({ "metric": null }), "metric"),
            (json!({ "period": null }), "period"),
            (json!({ "period": {} }), "period.relative"),
            (json!({ "period": { "relative": "TODAY", "start": "2026-01-01" } }), "period.relative"),
            (json!({ "period": { "start": "2026-01-01", "end": "2026-01-01" } }), "period.end"),
            (json!({ "period": { "start": "2026-01-01", "end": "2046-01-01" } }), "period.end"),
            (json!({ "groupBy": ["TYPE"] }), "groupBy"),
            (json!({ "draw": "BAR" }), "groupBy"),
            (json!({ "draw": "BAR", "groupBy": ["TYPE", "STAGE"] }), "groupBy"),
            (json!({ "draw": "TABLE", "groupBy": ["TYPE", "TYPE"] }), "groupBy"),
            (json!({ "draw": "TABLE", "groupBy": ["REJECTION_CATEGORY"] }), "groupBy"),
            (json!({ "draw": "BAR", "metric": "PIPELINE_COVERAGE", "groupBy": ["TYPE"], "options": { "target": "5" } }), "options"),
            (json!({ "metric": "PIPELINE_COVERAGE" }), "options"),
            (json!({ "options": { "target": "5" } }), "options"),
            (json!({ "options": { "windowDays": 0 } }), "options"),
            (json!({ "filter": { "priorities": ["HIGH"] } }), "filter"),
            (json!({ "filter": { "pipelineIds": ["lead_1"] } }), "filter"),
            (json!({ "filter": { "types": [] } }), "filter"),
            (json!({ "draw": "LINE" }), "every"),
            (json!({ "draw": "LINE", "every": "DAY" }), "every"),
            (json!({ "draw": "LINE", "metric": "DATA_HEALTH", "every": "MONTH", "filter": { "countries": ["DE"] } }), "filter"),
            (json!({ "draw": "LINE", "metric": "CAC_ATTRIBUTED", "every": "MONTH", "options": { "modelId": "agreement_1" } }), "metric"),
            (json!({ "draw": "FUNNEL", "metric": null, "options": { "to": "WON" } }), "options"),
            (json!({ "draw": "FUNNEL", "metric": null, "filter": { "types": ["NEW"] } }), "filter"),
            (json!({ "draw": "WATERFALL", "metric": null, "options": { "from": "MQL" } }), "options"),
            (json!({ "draw": "GOAL", "metric": null, "period": null }), "goalId"),
            (json!({ "draw": "GOAL", "metric": null, "period": null, "goalId": "lead_1" }), "goalId"),
            (json!({ "draw": "GOAL", "goalId": goal, "metric": null }), "period"),
        ] {
            assert_eq!(faults(&house.ann, json!([with(widget.clone())])).await, [format!(".0.{field}")], "{widget}");
        }
        let good = json!({ "draw": "FUNNEL", "metric": null, "options": { "from": "OPPORTUNITY", "withinDays": 3 } });
        assert_eq!(faults(&house.ann, json!([with(good)])).await, [""; 0]);
        let key = |n: usize| with(json!({ "key": format!("k{n}") }));
        let all = |count: usize| json!((0..count).map(key).collect::<Vec<_>>());
        assert_eq!(faults(&house.ann, all(24)).await, [""; 0]);
        for wrong in [all(25), json!([]), json!([key(1), key(2), key(1)])] {
            assert_eq!(faults(&house.ann, wrong).await, [""]);
        }
        let line = |n: usize| with(json!({ "key": format!("k{n}"), "draw": "LINE", "every": "DAY", "period": { "relative": "LAST_30_DAYS" } }));
        assert_eq!(faults(&house.ann, json!((0..4).map(line).collect::<Vec<_>>())).await, [""; 0]);
        assert_eq!(faults(&house.ann, json!((0..5).map(line).collect::<Vec<_>>())).await, [""]);
    }
}

on_both! {
    async fn only_what_one_sees_can_be_named(app) {
        let house = House::of(&app).await;
        let nobody = |record: &str| json!(format!("{record}_00000000000070008000000000000000"));
        let widgets = json!([
            number("a", "REVENUE", quarter()),
            with(json!({ "key": "b", "filter": { "ownerIds": [house.rex.id(), nobody("user")] } })),
            with(json!({ "key": "c", "draw": "GOAL", "metric": null, "period": null, "goalId": nobody("goal") })),
        ]);
        let input = json!({ "name": "Wrong", "layout": { "widgets": widgets } });
        let made = house.ann.does("dashboard", "Create", input, "id").await;
        let errors = &made.data()["dashboardCreate"]["userErrors"];
        for (at, field) in [json!(["input", "layout", "widgets", "1", "filter", "ownerIds", "1"]), json!(["input", "layout", "widgets", "2", "goalId"])]
            .into_iter().enumerate() {
            assert_eq!((&errors[at]["code"], &errors[at]["field"]), (&json!("NOT_FOUND"), &field), "{errors}");
        }
        assert_eq!(errors.as_array().unwrap().len(), 2);
    }
}

on_both! {
    async fn what_was_saved_comes_back_as_it_was(app) {
        let house = House::of(&app).await;
        let dashboard = house.saves(everything(&house.aims().await), json!({ "description": "For Monday." })).await;
        let said = "version name description sharing owner { id } viewerCan { update delete } layout { widgets { key draw metric goalId width
            period { relative start end } filter { types } groupBy every line options { target withinDays } } }";
        let seen = house.ann.sees("dashboard", &dashboard, said).await;
        assert_eq!((&seen["sharing"], &seen["owner"]["id"]), (&json!("PRIVATE"), &house.ann.id()), "{seen}");
        let rate = &seen["layout"]["widgets"][1];
        assert_eq!((&rate["filter"]["types"], &rate["period"]["start"]), (&json!(["NEW"]), &json!("2025-07-01")), "{rate}");
        assert_eq!(seen["layout"]["widgets"][2]["options"]["target"], "100000");
        assert_eq!(seen["layout"]["widgets"][6]["line"], "SO_FAR");
        // another layout, and not over one that changed meanwhile
        let next = json!({ "id": dashboard, "expectedVersion": 1, "layout": { "widgets": [number("b", "WIN_RATE", quarter())] } });
        let done = house.ann.does("dashboard", "Update", next.clone(), "version").await;
        assert_eq!(done.data()["dashboardUpdate"]["dashboard"]["version"], 2);
        assert_eq!(house.ann.does("dashboard", "Update", next, "version").await.code(), "CONFLICT");
        house.ann.does("dashboard", "Delete", json!({ "id": dashboard }), "id").await.data();
        assert_eq!(data(&house.ann, &dashboard).await, Value::Null);
    }
}
