//! Metrics of the pipeline: what marketing brought into it, and who came from stage to stage.

use serde_json::Value;

use crate::{
    harness::{App, Person, json, on_both},
    metric::{bring, open, stages, value},
};

const EVER: &str = "period: { start: \"2020-01-01T00:00:00Z\", end: \"2090-01-01T00:00:00Z\" }";

on_both! {
    async fn what_marketing_sourced_and_influenced(app) {
        let ann = app.founder().await;
        let stages = stages(&ann).await;
        let account = ann.has("account", json!({ "name": "Acme" })).await;
        let mut contacts = vec![];
        for at in 0..4 {
            contacts.push(ann.has("contact", json!({ "lastName": format!("Doe {at}"), "accountId": account })).await);
        }
        let deal = |contact: &Value, amount: &str| {
            let mut row = open(&stages["Proposal"], amount, "2099-01-01");
            row["primaryContactId"] = contact.clone();
            row["openedAt"] = json!("2026-03-01T00:00:00Z");
            row
        };
        let deals = bring(&ann, contacts.iter().zip(["1000", "200", "30", "4"]).map(|(c, amount)| deal(c, amount)).collect()).await;
        let touch = |contact: &Value, channel: &str, at: &str| {
            let input = json!({ "contactId": contact, "kind": "WEB_VISIT", "channel": channel, "occurredAt": at });
            let ann = &ann;
            async move { ann.has("touchpoint", input).await }
        };
        touch(&contacts[0], "PAID_SEARCH", "2026-01-01T00:00:00Z").await;
        touch(&contacts[0], "OUTBOUND", "2026-02-01T00:00:00Z").await;
        touch(&contacts[1], "OUTBOUND", "2026-01-01T00:00:00Z").await;
        touch(&contacts[1], "EVENT", "2026-02-01T00:00:00Z").await;
        touch(&contacts[2], "EVENT", "2024-01-01T00:00:00Z").await;
        touch(&contacts[2], "EVENT", "2026-04-01T00:00:00Z").await;
        let value = |key: &'static str| {
            let ann = &ann;
            async move { ann.ask(&format!("{{ metric(key: {key}, {EVER}) {{ value n }} }}"), json!({})).await.data()["metric"].clone() }
        };
        assert_eq!(value("PIPELINE_CREATED").await, json!({ "value": "1234.00", "n": 4 }));
        assert_eq!(value("PIPELINE_SOURCED").await, json!({ "value": "1000.00", "n": 1 }), "the second was called first, the third too early and too late");
        assert_eq!(value("PIPELINE_INFLUENCED").await, json!({ "value": "1200.00", "n": 2 }));
        ann.has("committeeMember", json!({ "opportunityId": deals[3], "contactId": contacts[0], "role": "CHAMPION" })).await;
        assert_eq!(value("PIPELINE_INFLUENCED").await, json!({ "value": "1204.00", "n": 3 }), "somebody of the committee");
        assert_eq!(value("PIPELINE_SOURCED").await["value"], "1000.00");
    }
}

on_both! {
    async fn opportunities_that_reached_a_later_stage(app) {
        let ann = app.founder().await;
        let stages = stages(&ann).await;
        let deals = bring(&ann, vec![open(&stages["Prospecting"], "1", "2099-01-01"); 8]).await;
        let step = |deal: &Value, stage: &str| {
            let input = json!({ "id": deal, "stageId": stages[stage] });
            let ann = &ann;
            async move { assert_eq!(ann.does("opportunity", "Move", input, "id").await.code(), "") }
        };
        for deal in &deals[..6] {
            step(deal, "Qualification").await;
        }
        step(&deals[0], "Proposal").await;
        step(&deals[1], "Negotiation").await;
        step(&deals[0], "Qualification").await;
        ann.does("opportunity", "Win", json!({ "id": deals[2] }), "id").await.data();
        ann.does("opportunity", "Lose", json!({ "id": deals[3], "reason": "PRICE" }), "id").await.data();
        let said = "value n explain { inputs { name count } }";
        let asked = |from: &str, to: &str| {
            let query = format!("{{ metric(key: OPPORTUNITY_CONVERSION, {EVER}, options: {{ fromStageId: {}, toStageId: {} }}) {{ {said} }} }}", stages[from], stages[to]);
            let ann = &ann;
            async move { ann.ask(&query, json!({})).await.data()["metric"].clone() }
        };
        let counts = |m: &Value| m["explain"]["inputs"].as_array().unwrap().iter().map(|i| i["count"].as_i64().unwrap()).collect::<Vec<_>>();
        let later = asked("Qualification", "Proposal").await;
        assert_eq!((&later["value"], counts(&later)), (&json!("0.5"), vec![6, 3, 2]), "there and back, past it, won; two are open, one is lost");
        let first = asked("Prospecting", "Won").await;
        assert_eq!((&first["value"], counts(&first)), (&json!("0.125"), vec![8, 1, 6]));
        let flow = |from: &str, to: &str| {
            let query = format!("{{ metric(key: OPPORTUNITY_CONVERSION_FLOW, {EVER}, options: {{ fromStageId: {}, toStageId: {} }}) {{ value numerator denominator }} }}", stages[from], stages[to]);
            let ann = &ann;
            async move { ann.ask(&query, json!({})).await.data()["metric"].clone() }
        };
        assert_eq!(flow("Qualification", "Negotiation").await, json!({ "value": "0.333333", "numerator": "2", "denominator": "6" }), "one came there, one passed it");
        assert_eq!(flow("Prospecting", "Won").await["value"], "0.125");
        let without = ann.ask(&format!("{{ metric(key: OPPORTUNITY_CONVERSION, {EVER}) {{ value }} }}"), json!({})).await;
        assert_eq!(without.code(), "BAD_USER_INPUT");
        let wrong = ann.ask(&format!("{{ metric(key: OPPORTUNITY_CONVERSION, {EVER}, options: {{ fromStageId: \"lead_1\", toStageId: {} }}) {{ value }} }}", stages["Won"]), json!({})).await;
        assert_eq!(wrong.code(), "BAD_USER_INPUT");
    }
}

/// Asks from stage to stage; `more` are further options.
async fn conversion(who: &Person<'_>, (from, to): (&Value, &Value), more: &str) -> crate::harness::Answer {
    let options = format!("options: {{ fromStageId: {from}, toStageId: {to} {more} }}");
    let said = "value formulaVersion explain { inputs { name count } }";
    who.ask(&format!("{{ metric(key: OPPORTUNITY_CONVERSION, {EVER}, {options}) {{ {said} }} }}"), json!({})).await
}

on_both! {
    async fn stages_that_do_not_follow_each_other_are_refused(app) {
        let ann = app.founder().await;
        let stages = stages(&ann).await;
        let other = ann.has("pipeline", json!({ "name": "Renewals" })).await;
        let stage = json!({ "pipelineId": other, "name": "Talk", "position": 9, "type": "OPEN" });
        let elsewhere = ann.has("stage", stage).await;
        let nowhere = json!("stage_00000000000070008000000000000000");
        for (from, to, code, name) in [
            (&stages["Proposal"], &stages["Qualification"], "VALIDATION", "toStageId"),
            (&stages["Proposal"], &stages["Proposal"], "VALIDATION", "toStageId"),
            (&stages["Proposal"], &stages["Lost"], "VALIDATION", "toStageId"),
            (&stages["Won"], &stages["Lost"], "VALIDATION", "fromStageId"),
            (&stages["Prospecting"], &elsewhere, "VALIDATION", "toStageId"),
            (&nowhere, &stages["Won"], "NOT_FOUND", "fromStageId"),
            (&stages["Proposal"], &nowhere, "NOT_FOUND", "toStageId"),
        ] {
            let refused = conversion(&ann, (from, to), "").await;
            let error = &refused.0["errors"][0];
            assert_eq!((refused.code(), &error["extensions"]["userErrorCode"]), ("BAD_USER_INPUT", &json!(code)), "{}", refused.0);
            assert!(error["message"].as_str().unwrap().contains(name), "{error}");
        }
        let kept = conversion(&ann, (&stages["Proposal"], &stages["Won"]), "").await;
        assert_eq!(kept.data()["metric"]["formulaVersion"], 2);
        let other_house = app.founder().await;
        let theirs = conversion(&other_house, (&stages["Proposal"], &stages["Won"]), "").await;
        assert_eq!(theirs.0["errors"][0]["extensions"]["userErrorCode"], "NOT_FOUND", "stages of others are not told");
    }
}

/// The state of an opportunity in a stage began at this instant, and so did the one before it end.
async fn came_at(app: &App, (deal, stage): (&Value, &Value), at: &str) {
    use sea_orm::ConnectionTrait;
    let id = |id: &Value| {
        let hex = id.as_str().unwrap().rsplit('_').next().unwrap().to_owned();
        if app.database == crate::harness::Database::Sqlite { format!("x'{hex}'") } else { format!("'{hex}'::uuid") }
    };
    let sql = format!(
        "UPDATE opportunity_state SET at = '{at}' WHERE opportunity_id = {} AND stage_id = {}",
        id(deal),
        id(stage)
    );
    assert_eq!(app.store.migrator().execute_unprepared(&sql).await.unwrap().rows_affected(), 1);
}

on_both! {
    async fn a_stage_is_reached_within_days(app) {
        let ann = app.founder().await;
        let stages = stages(&ann).await;
        let deals = bring(&ann, vec![open(&stages["Prospecting"], "1", "2099-01-01"); 4]).await;
        for deal in &deals[..2] {
            let input = json!({ "id": deal, "stageId": stages["Qualification"] });
            assert_eq!(ann.does("opportunity", "Move", input, "id").await.code(), "");
        }
        for deal in &deals[..3] {
            came_at(&app, (deal, &stages["Prospecting"]), "2026-01-01T10:00:00.500000+00:00").await;
        }
        came_at(&app, (&deals[0], &stages["Qualification"]), "2026-01-05T10:00:00.500000+00:00").await;
        came_at(&app, (&deals[1], &stages["Qualification"]), "2026-01-05T10:00:00.500001+00:00").await;
        let counts = async |more: &str| {
            let found = conversion(&ann, (&stages["Prospecting"], &stages["Qualification"]), more).await;
            let inputs = found.data()["metric"]["explain"]["inputs"].clone();
            inputs.as_array().unwrap().iter().map(|input| input["count"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(counts("").await, [4, 2, 2]);
        assert_eq!(counts(", withinDays: 4").await, [4, 1, 1], "to the microsecond; of the others one came today and has time");
        assert_eq!(counts(", withinDays: 3").await, [4, 0, 1]);
        assert_eq!(conversion(&ann, (&stages["Prospecting"], &stages["Won"]), ", withinDays: 0").await.code(), "BAD_USER_INPUT");
    }
}

on_both! {
    async fn more_is_open_than_when_the_period_began(app) {
        let ann = app.founder().await;
        let stages = stages(&ann).await;
        let since = |amount: &str, opened: &str| {
            let mut row = open(&stages["Proposal"], amount, "2099-01-01");
            row["openedAt"] = json!(format!("2025-{opened}T12:00:00Z"));
            row
        };
        bring(&ann, vec![since("1000", "01-15"), since("3000", "01-15"), since("1000", "06-15")]).await;
        let growth = |more: &'static str| {
            let query = format!("{{ metric(key: PIPELINE_GROWTH, period: {{ start: \"2025-02-01T00:00:00Z\", end: \"2025-07-01T00:00:00Z\" }} {more}) {{ value }} }}");
            let ann = &ann;
            async move { ann.ask(&query, json!({})).await.data()["metric"]["value"].clone() }
        };
        assert_eq!(growth("").await, "0.25", "from 4,000 to 5,000");
        assert_eq!(growth(", asOf: \"2025-06-01T00:00:00Z\"").await, "0");
        assert_eq!(growth(", asOf: \"2025-01-20T00:00:00Z\"").await, json!(null), "it has not begun");
        assert_eq!(value(&ann, "PIPELINE_GROWTH", 2099, "").await, json!(null), "nor has this");
    }
}
