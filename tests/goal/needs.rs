//! What a sum of revenue needs by the rates of the past.

use super::*;

const SAID: &str = "amount currency needs { step needed numerator denominator rate missing }";

async fn needs(who: &Person<'_>, arguments: &str) -> Value {
    let answer = who.ask(&format!("{{ goalDecomposition({arguments}) {{ {SAID} }} }}"), json!({})).await;
    answer.data()["goalDecomposition"].clone()
}

fn need(step: &str, needed: i32, numerator: &str, denominator: &str, rate: &str) -> Value {
    json!({ "step": step, "needed": needed, "numerator": numerator, "denominator": denominator, "rate": rate, "missing": null })
}

/// A day so long ago.
fn ago(days: i64) -> DateTime<Utc> {
    Utc::now() - chrono::TimeDelta::days(days)
}

/// 5 won at 20,000 and 15 lost; 12 MQL, of which 6 came to SQL, of which 4 were converted.
async fn history(house: &House<'_>) {
    let closed = |stage: &str, days: i64| {
        let at = ago(days).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let opened = ago(days + 9).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        json!({ "name": "Deal", "stageId": house.stages[stage], "amount": money("20000", "EUR"), "openedAt": opened, "closedAt": at })
    };
    let mut rows: Vec<Value> = (0..5).map(|n| closed("Won", 10 + n)).collect();
    rows.extend((0..15).map(|n| {
        let mut row = closed("Lost", 10 + n);
        row["lossReason"] = json!("PRICE");
        row
    }));
    bring(&house.ann, rows).await;
    for n in 0..12 {
        let status = if n < 6 { "SQL" } else { "MQL" };
        house.ann.has("lead", json!({ "email": format!("l{n}@example.com"), "status": status })).await;
    }
    let sql = "UPDATE lead_cycle SET converted_at = sql_at WHERE id IN (SELECT id FROM lead_cycle WHERE sql_at IS NOT NULL ORDER BY id LIMIT 4)";
    let store = &house.app.store;
    store.migrator().execute_raw(Statement::from_string(store.backend(), sql)).await.unwrap();
}

on_both! {
    async fn half_a_million_needs_25_deals_100_opportunities_150_sql_and_300_mql(app) {
        let house = House::of(&app).await;
        history(&house).await;
        let wanted = json!([
            need("DEALS", 25, "100000.00", "5", "20000.00"),
            need("OPPORTUNITIES", 100, "5", "20", "0.25"),
            need("SQL", 150, "4", "6", "0.666667"),
            need("MQL", 300, "6", "12", "0.5"),
        ]);
        let told = needs(&house.eva, "amount: \"500000\"").await;
        assert_eq!((&told["needs"], &told["amount"], &told["currency"]), (&wanted, &json!("500000.00"), &json!("EUR")));
        let (goal, _) = house.drafted("Half", house.goal(json!({ "target": "500000" }))).await;
        assert_eq!(needs(&house.mia, &format!("goalId: {goal}")).await["needs"], wanted);
        let narrow = needs(&house.ann, "amount: \"500000\", windowDays: 5").await;
        let missing = |told: &Value| told["needs"].as_array().unwrap().iter().map(|n| n["missing"].clone()).collect::<Vec<_>>();
        assert_eq!(missing(&narrow)[..2], [json!("NO_HISTORY"), json!("NO_HISTORY")]);
        assert!(narrow["needs"].as_array().unwrap().iter().all(|n| n["needed"].is_null()), "{narrow}");
    }
}

on_both! {
    async fn a_rate_of_nothing_or_of_few_gives_no_answer(app) {
        let house = House::of(&app).await;
        history(&house).await;
        let campaign = house.ann.has("campaign", json!({ "name": "Nobody came", "channel": "EVENT" })).await;
        let (scoped, _) = house.drafted("Scoped", house.goal(json!({ "scope": { "campaignIds": [campaign] } }))).await;
        let told = needs(&house.ann, &format!("goalId: {scoped}")).await;
        let missing: Vec<_> = told["needs"].as_array().unwrap().iter().map(|n| n["missing"].clone()).collect();
        assert_eq!(missing, ["NO_HISTORY", "NO_HISTORY", "NO_HISTORY", "NO_HISTORY"]);
        let sql = "UPDATE lead_cycle SET converted_at = NULL";
        app.store.migrator().execute_raw(Statement::from_string(app.store.backend(), sql)).await.unwrap();
        let told = needs(&house.ann, "amount: \"500000\"").await;
        assert_eq!((&told["needs"][2]["missing"], &told["needs"][2]["needed"], &told["needs"][3]["needed"]), (&json!("ZERO"), &json!(null), &json!(null)));
        assert_eq!(told["needs"][1]["needed"], 100);
        let sql = "UPDATE opportunity_state SET deleted_at = at WHERE stage_type = 'WON' AND id IN (SELECT id FROM opportunity_state WHERE stage_type = 'WON' ORDER BY id LIMIT 1)";
        app.store.migrator().execute_raw(Statement::from_string(app.store.backend(), sql)).await.unwrap();
        let rep = app.with_rights(house.ann.actor.organization, Template::SalesRep.rights());
        let told = needs(&rep, "amount: \"500000\"").await;
        assert_eq!(told["needs"][0], json!({ "step": "DEALS", "needed": null, "numerator": null, "denominator": null, "rate": null, "missing": "WITHHELD" }));
        let nobody = app.holding(house.ann.actor.organization, &[(Permission::OpportunityRead, Reach::ALL)]);
        assert_eq!(needs(&nobody, "amount: \"500000\"").await, json!(null));
    }
}

on_both! {
    async fn only_a_sum_or_a_goal_of_revenue_can_be_taken_apart(app) {
        let house = House::of(&app).await;
        let (rate, _) = house.drafted("Rate", house.goal(json!({ "metric": "WIN_RATE", "target": "0.5" }))).await;
        for arguments in ["amount: \"0\"", "windowDays: 0, amount: \"1\"", "windowDays: 180", &format!("goalId: {rate}"), &format!("goalId: {rate}, amount: \"1\"")] {
            let answer = house.ann.ask(&format!("{{ goalDecomposition({arguments}) {{ amount }} }}"), json!({})).await;
            assert_eq!(answer.code(), "BAD_USER_INPUT", "{arguments}: {}", answer.0);
        }
        let (other, _) = house.drafted("Q3", house.goal(json!({}))).await;
        assert_eq!(needs(&app.admin(), &format!("goalId: {other}")).await, json!(null));
    }
}

on_both! {
    async fn a_curve_of_earlier_years_months(app) {
        let house = House::of(&app).await;
        let won = |amount: &str, day: &str| closed(&house.stages["Won"], amount, day, 10);
        let rows = ["07-05", "07-06", "07-07", "07-08", "07-09", "08-01", "08-02", "08-03", "08-04", "08-05", "08-06", "08-07"];
        bring(&house.ann, rows.iter().map(|day| won("100", day)).collect()).await;
        let asked = |more: &str| format!("{{ goalSeasonality(metric: REVENUE, periodStart: \"2027-07-01\", periodEnd: \"2027-10-01\", years: 2 {more}) {{
            currency months {{ start end value withheld }} weights }} }}");
        let found = house.ann.ask(&asked(""), json!({})).await.data()["goalSeasonality"].clone();
        assert_eq!(found["weights"], json!(["500.00", "700.00", "0.00"]));
        assert_eq!(found["months"][1], json!({ "start": "2027-08-01", "end": "2027-09-01", "value": "700.00", "withheld": false }));
        let curve = json!({ "kind": "SEASONAL", "weights": found["weights"] });
        let body = house.goal(json!({ "periodStart": "2025-07-01", "periodEnd": "2025-10-01", "target": "1200", "curve": curve }));
        let (goal, _) = house.drafted("Seasons", body).await;
        let at = async |as_of: &str| progress(&house.ann, &[&goal], as_of, "expected expectedFraction paceRatio").await[0].clone();
        assert_eq!(at("2025-08-01T00:00:00Z").await, json!({ "expected": "500.00", "expectedFraction": "0.416667", "paceRatio": "1" }));
        assert_eq!(at("2025-09-01T00:00:00Z").await, json!({ "expected": "1200.00", "expectedFraction": "1", "paceRatio": "1" }));
        for (curve, field) in [
            (json!({ "kind": "SEASONAL", "weights": ["1", "2"] }), "weights"),
            (json!({ "kind": "SEASONAL", "weights": ["0", "0", "0"] }), "weights"),
            (json!({ "kind": "SEASONAL", "weights": ["1", "-2", "2"] }), "weights"),
        ] {
            let refused = house.mia.makes("agreement", json!({ "key": "S", "title": "S", "body": house.goal(json!({ "curve": curve })) })).await;
            let fault = &refused.data()["agreementCreate"]["userErrors"][0];
            assert_eq!((&fault["code"], fault["field"].as_array().unwrap().last().unwrap()), (&json!("VALIDATION"), &json!(field)), "{fault}");
        }
        // of few only who sees them is told
        bring(&house.ann, vec![won("900", "09-01")]).await;
        let rep = app.with_rights(house.ann.actor.organization, Template::SalesRep.rights());
        let theirs = rep.ask(&asked(""), json!({})).await.data()["goalSeasonality"].clone();
        assert_eq!((&theirs["weights"], &theirs["months"][2]["value"], &theirs["months"][2]["withheld"]), (&json!(null), &json!(null), &json!(true)));
        assert_eq!(theirs["months"][0]["value"], "500.00");
        for wrong in ["years: 6", "years: 0"] {
            assert_eq!(house.ann.ask(&asked("").replace("years: 2", wrong), json!({})).await.code(), "BAD_USER_INPUT");
        }
        let strange = asked("").replace("REVENUE", "WIN_RATE");
        assert_eq!(house.ann.ask(&strange, json!({})).await.code(), "BAD_USER_INPUT");
        let long = asked("").replace("2027-10-01", "2029-10-01").replace("years: 2", "years: 5");
        assert_eq!(house.ann.ask(&long, json!({})).await.code(), "BAD_USER_INPUT");
    }
}
