//! Two public data sets imported with their presets, and their published figures read back to the last digit. Runs
//! only when `ACCORD_TEST_DATA` names the folder that holds them.

use std::path::PathBuf;

use serde_json::Value;

use crate::{
    harness::{Person, json, on_both},
    import::{counts, created, sent, someone},
};

const FIGURES: &str = "{
    all: opportunityAggregate { ...figures }
    managers: opportunityAggregate(groupBy: [{ field: OWNER_MANAGER }]) { key { ownerManager { name } } ...figures }
    regions: opportunityAggregate(groupBy: [{ field: OWNER_REGION }]) { key { ownerRegion } ...figures }
    owners: opportunityAggregate(groupBy: [{ field: OWNER }]) { key { owner { name } } ...figures }
}
fragment figures on OpportunityAggregate { count won lost open winRate { numerator denominator value } wonAmount { amount currency } }";

fn folder(set: &str) -> Option<PathBuf> {
    let folder = std::env::var("ACCORD_TEST_DATA").ok();
    if folder.is_none() {
        println!("!! ACCORD_TEST_DATA is not set: the reference figures of {set} were NOT checked");
    }
    folder.map(|folder| PathBuf::from(folder).join(set))
}

/// Imports the files in order; the sums of what became of their rows.
async fn import(who: &Person<'_>, set: &str, files: &[&str]) -> Option<[i64; 5]> {
    let folder = folder(set)?;
    let mut sums = [0; 5];
    for file in files {
        let bytes = std::fs::read(folder.join(file)).expect(file);
        let id = created(who, set, file).await;
        let began = std::time::Instant::now();
        let job = sent(who, &id, &bytes, 700_000).await;
        let counts = counts(&job);
        println!("{set}/{file}: {counts:?} in {:?}", began.elapsed());
        assert_eq!(counts[4], 0, "{job}");
        sums.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
    }
    Some(sums)
}

fn close(measured: &Value, expected: &Value) {
    let (measured, expected) = (measured["value"].as_f64().unwrap(), expected.as_f64().unwrap());
    assert!((measured - expected).abs() < 0.000_000_6, "{measured} is not {expected}");
}

fn amount(expected: &Value) -> Value {
    json!([{ "amount": format!("{:.2}", expected.as_f64().unwrap()), "currency": "USD" }])
}

/// Each group of the file's facts has its figures, and no other group has any.
fn groups_match(groups: &Value, facts: &Value, name: &str, of: impl Fn(&Value) -> Value) {
    let groups = groups.as_array().unwrap();
    let facts = facts.as_array().unwrap();
    assert_eq!(groups.len(), facts.len());
    for fact in facts {
        let group =
            groups.iter().find(|g| of(&g["key"]) == fact[name]).unwrap_or_else(|| panic!("no group {}", fact[name]));
        for figure in ["won", "lost", "open"] {
            assert_eq!(group[figure], fact[figure], "{figure} of {}", fact[name]);
        }
        assert_eq!(group["count"], fact["opportunities"]);
        let (rate, revenue) =
            if fact["win_rate"].is_null() { ("close_pct", "revenue_won") } else { ("win_rate", "revenue") };
        close(&group["winRate"], &fact[rate]);
        assert_eq!(group["wonAmount"], amount(&fact[revenue]), "revenue of {}", fact[name]);
    }
}

/// All that has happened.
const EVER: &str = "period: { start: \"2000-01-01T00:00:00Z\", end: \"2100-01-01T00:00:00Z\" }";

/// A metric over all that has happened.
async fn ever(who: &Person<'_>, key: &str, more: &str) -> Value {
    let answer = who
        .ask(
            &format!("{{ metric(key: {key}, {EVER}, currency: \"USD\" {more}) {{ value numerator denominator n }} }}"),
            json!({}),
        )
        .await;
    answer.data()["metric"].clone()
}

/// Each group of a metric has the figure of the file's facts, and no other group has any.
async fn metric_matches(who: &Person<'_>, key: &str, by: &str, facts: &Value, name: &str, figure: &str) {
    let query = format!(
        "{{ metric(key: {key}, {EVER}, currency: \"USD\", groupBy: [{by}]) {{ groups {{ key {{ word name }} value }} }} }}"
    );
    let answer = who.ask(&query, json!({})).await;
    let groups = answer.data()["metric"]["groups"].as_array().unwrap();
    let of = |g: &Value| g["key"][0]["word"].as_str().or(g["key"][0]["name"].as_str()).map(str::to_owned);
    let figures: Vec<&Value> = facts.as_array().unwrap().iter().filter(|f| !f[figure].is_null()).collect();
    let told: Vec<&Value> = groups.iter().filter(|g| !g["value"].is_null() && of(g).is_some()).collect();
    assert_eq!(told.len(), figures.len(), "{key} by {by}");
    for fact in figures {
        let group = told.iter().find(|g| of(g).as_deref() == fact[name].as_str());
        let group = group.unwrap_or_else(|| panic!("no group {} of {key} by {by}", fact[name]));
        near(&group["value"], fact[figure].as_f64().unwrap(), &format!("{key} of {}", fact[name]));
    }
}

/// The same to the six places that the facts have; money to the cent.
fn near(value: &Value, expected: f64, what: &str) {
    let text = value.as_str().unwrap_or_else(|| panic!("{what}: {value}"));
    let cents = text.split_once('.').is_some_and(|(_, decimals)| decimals.len() == 2);
    let measured: f64 = text.parse().unwrap();
    let limit = if cents { 0.005_000_6 } else { 0.000_001_1 };
    assert!((measured - expected).abs() < limit, "{what}: {measured} is not {expected}");
}

fn facts(set: &str) -> Value {
    let text = std::fs::read_to_string(folder(set).unwrap().join("facts.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

on_both! {
    async fn maven_crm_has_its_figures(app) {
        let ann = someone(&app, "acme").await;
        let files = ["sales_teams.csv", "accounts.csv", "products.csv", "sales_pipeline.csv"];
        let Some(first) = import(&ann, "maven_crm", &files).await else { return };
        assert_eq!(first, [8927, 8933, 15, 99, 0], "41 people, 85 accounts of which 15 are a part, 7 products, 8,800 opportunities");

        let figures = ann.ask(FIGURES, json!({})).await;
        let figures = figures.data();
        let all = &figures["all"][0];
        assert_eq!((&all["count"], &all["won"], &all["lost"]), (&json!(8800), &json!(4238), &json!(2473)));
        close(&all["winRate"], &json!(0.631_501));
        assert_eq!(all["wonAmount"], json!([{ "amount": "10005534.00", "currency": "USD" }]));
        let facts = facts("maven_crm");
        groups_match(&figures["managers"], &facts["by_manager"], "manager", |key| key["ownerManager"]["name"].clone());
        groups_match(&figures["regions"], &facts["by_region"], "region", |key| key["ownerRegion"].clone());
        groups_match(&figures["owners"], &facts["by_agent"], "agent", |key| key["owner"]["name"].clone());

        assert_eq!(ever(&ann, "WIN_RATE", "").await, json!({ "value": "0.631501", "numerator": "4238", "denominator": "6711", "n": 6711 }));
        for (key, value) in [
            ("REVENUE", "10005534.00"),
            ("DEAL_SIZE", "2360.91"),
            ("DEAL_SIZE_MEDIAN", "1117.00"),
            ("SALES_CYCLE", "57"),
        ] {
            assert_eq!(ever(&ann, key, "").await["value"], value, "{key}");
        }
        near(&ever(&ann, "SALES_CYCLE_MEAN", "").await["value"], 51.781_973, "mean cycle");
        // the preset spells it rightly
        let mut facts = facts;
        for sector in facts["by_sector"].as_array_mut().unwrap() {
            if sector["sector"] == "technolgy" {
                sector["sector"] = json!("technology");
            }
        }
        for (by, list, name) in [
            ("OWNER", "by_agent", "agent"),
            ("MANAGER", "by_manager", "manager"),
            ("REGION", "by_region", "region"),
            ("PRODUCT", "by_product", "product"),
            ("INDUSTRY", "by_sector", "sector"),
        ] {
            metric_matches(&ann, "WIN_RATE", by, &facts[list], name, "win_rate").await;
            metric_matches(&ann, "REVENUE", by, &facts[list], name, "revenue").await;
            metric_matches(&ann, "DEAL_SIZE", by, &facts[list], name, "avg_won_value").await;
            metric_matches(&ann, "SALES_CYCLE_MEAN", by, &facts[list], name, "avg_days_won").await;
        }
        let quarter = "{ metric(key: WIN_RATE, period: { start: \"2017-01-01T00:00:00Z\", end: \"2017-04-01T00:00:00Z\" }) { value } }";
        assert_eq!(ann.ask(quarter, json!({})).await.data()["metric"]["value"], "0.820711");
        // what was engaged by the end of June and closed later was open then
        let then = ever(&ann, "PIPELINE_OPEN", ", asOf: \"2017-07-01T00:00:00Z\"").await;
        assert_eq!((&then["value"], &then["n"]), (&json!("1441450.00"), &json!(970)));

        let second = import(&ann, "maven_crm", &files).await.unwrap();
        assert_eq!((second[1], second[2]), (0, 0), "a second import changes nothing: {second:?}");
        let twice = "{ all: opportunityAggregate { count } accounts { totalCount } users { totalCount } }";
        let twice = ann.ask(twice, json!({})).await;
        assert_eq!(twice.data(), &json!({ "all": [{ "count": 8800 }], "accounts": { "totalCount": 85 }, "users": { "totalCount": 42 } }));
    }
}

on_both! {
    async fn ms_ai_sample_crm_has_its_figures(app) {
        let ann = someone(&app, "acme").await;
        let files = ["owners.csv", "accounts.csv", "contacts.csv", "products.csv", "campaigns.csv", "opportunities.csv"];
        let Some(_) = import(&ann, "ms_ai_sample_crm", &files).await else { return };
        let figures = ann.ask(FIGURES, json!({})).await;
        let figures = figures.data();
        let all = &figures["all"][0];
        assert_eq!((&all["count"], &all["won"], &all["lost"]), (&json!(20_000), &json!(11_420), &json!(6113)));
        close(&all["winRate"], &json!(0.651_343));
        assert_eq!(all["wonAmount"], json!([{ "amount": "29621000.00", "currency": "USD" }]));
        let facts = facts("ms_ai_sample_crm");
        groups_match(&figures["managers"], &facts["by_manager"], "v", |key| key["ownerManager"]["name"].clone());
        groups_match(&figures["owners"], &facts["by_owner"], "v", |key| key["owner"]["name"].clone());

        for (key, value) in [("WIN_RATE", "0.651343"), ("REVENUE", "29621000.00"), ("DEAL_SIZE", "2593.78"), ("PIPELINE_OPEN", "6207700.00")] {
            assert_eq!(ever(&ann, key, "").await["value"], value, "{key}");
        }
        // between the file's two dates; its own column of days says 81.005954
        near(&ever(&ann, "SALES_CYCLE_MEAN", "").await["value"], 81.117_863, "mean cycle");
        for (by, list) in [("OWNER", "by_owner"), ("MANAGER", "by_manager"), ("PRODUCT", "by_product")] {
            metric_matches(&ann, "WIN_RATE", by, &facts[list], "v", "close_pct").await;
            metric_matches(&ann, "REVENUE", by, &facts[list], "v", "revenue_won").await;
            metric_matches(&ann, "PIPELINE_OPEN", by, &facts[list], "v", "revenue_open").await;
        }
        // the file's forecast: won, and what is open from the second step on
        let stages = ann.ask("{ stages(first: 50) { nodes { id name } } }", json!({})).await;
        let stages = stages.data()["stages"]["nodes"].as_array().unwrap().clone();
        let from_second = |s: &&Value| ["2-Develop", "3-Propose", "4-Close"].iter().any(|name| s["name"] == *name);
        let ids: Vec<String> = stages.iter().filter(from_second).map(|s| s["id"].to_string()).collect();
        let filter = format!(", filter: {{ stageIds: [{}] }}", ids.join(", "));
        assert_eq!(ever(&ann, "PIPELINE_OPEN", &filter).await["value"], "3090600.00");

        let second = import(&ann, "ms_ai_sample_crm", &files).await.unwrap();
        assert_eq!((second[1], second[2]), (0, 0), "a second import changes nothing: {second:?}");
    }
}
