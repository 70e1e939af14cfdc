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

/// A metric has the figures of a list of facts, which may be of some groups only. Records without one are `n/a` there, or `(none)`.
async fn metric_has(who: &Person<'_>, key: &str, (by, more): (&str, &str), facts: &Value, figure: &str) {
    let query = format!(
        "{{ metric(key: {key}, {EVER}, currency: \"USD\", groupBy: [{by}] {more}) {{ groups {{ key {{ word name }} value }} }} }}"
    );
    let answer = who.ask(&query, json!({})).await;
    let groups = answer.data()["metric"]["groups"].as_array().unwrap();
    for fact in facts.as_array().unwrap() {
        let none = ["n/a", "(none)"].iter().any(|none| fact["v"] == *none);
        let is = |key: &Value| {
            if none {
                key["word"].is_null() && key["name"].is_null()
            } else {
                key["word"] == fact["v"] || key["name"] == fact["v"]
            }
        };
        let group = groups.iter().find(|group| is(&group["key"][0]));
        let group = group.unwrap_or_else(|| panic!("no group {} of {key} by {by}", fact["v"]));
        near(&group["value"], fact[figure].as_f64().unwrap(), &format!("{key} of {}", fact["v"]));
    }
}

/// Won, and what is open from the second step on: 32,711,600.
async fn microsofts_forecast(ann: &Person<'_>, facts: &Value, second: &str) {
    let dollars = |amount: &str| json!({ "amount": amount, "currency": "USD" });
    assert_eq!(ever(ann, "PIPELINE_OPEN", second).await["value"], "3090600.00");
    let query = format!(
        "{{ pipelineForecast({EVER}, currency: \"USD\") {{ won {{ amount currency }} parts {{ category count amount {{ amount currency }} cumulative {{ amount currency }} }} }} }}"
    );
    let forecast = ann.ask(&query, json!({})).await;
    let forecast = &forecast.data()["pipelineForecast"];
    assert_eq!(forecast["won"], dollars("29621000.00"));
    assert_eq!(facts["forecast"], 32_711_600.0);
    let part = |category: &str| {
        forecast["parts"].as_array().unwrap().iter().find(|p| p["category"] == category).unwrap().clone()
    };
    assert_eq!(
        part("PIPELINE"),
        json!({ "category": "PIPELINE", "count": 1211, "amount": dollars("3090600.00"), "cumulative": dollars("32711600.00") })
    );
    assert_eq!(
        part("OMITTED"),
        json!({ "category": "OMITTED", "count": 1256, "amount": dollars("3117100.00"), "cumulative": null })
    );
    // 30, 50 and 90 % of the amounts of the file's open steps
    assert_eq!(ever(ann, "FORECAST_WEIGHTED", "").await["value"], "31492100.00");
}

const LISTS: &str = "{
    steps: opportunityAggregate(groupBy: [{ field: STAGE }], filter: { stageType: { eq: OPEN } }) { key { stage { name } } count amount { sum { amount currency } } }
    months: opportunityAggregate(groupBy: [{ field: CLOSE_DATE, grain: MONTH }], filter: { stageType: { ne: OPEN } }) { key { closeDate } won lost wonAmount { amount currency } }
    accounts: opportunityAggregate(groupBy: [{ field: ACCOUNT }], first: 1000) { key { account { name } } won wonAmount { amount currency } }
    software: opportunityAggregate(groupBy: [{ field: CLOSE_DATE, grain: MONTH }],
        filter: { stageType: { eq: WON }, owner: { reportsTo: { name: { eq: \"Low, Spencer\" } } }, product: { family: { eq: \"Software\" } } }) { key { closeDate } wonAmount { amount currency } }
}";

async fn microsofts_lists(ann: &Person<'_>, facts: &Value) {
    let lists = ann.ask(LISTS, json!({})).await;
    let lists = lists.data();
    let list = |name: &str| lists[name].as_array().unwrap().clone();
    let facts_of = |list: &Value| list.as_array().unwrap().clone();
    let month = |group: &Value| json!(&group["key"]["closeDate"].as_str().unwrap()[..7]);
    for fact in facts_of(&facts["by_stage_and_status"]).iter().filter(|fact| fact["Status"] == "Open") {
        let step = list("steps").into_iter().find(|group| group["key"]["stage"]["name"] == fact["stage"]).unwrap();
        assert_eq!((&step["count"], &step["amount"][0]["sum"]), (&fact["n"], &amount(&fact["value"])[0]), "{fact}");
    }
    let months = list("months");
    assert_eq!(months.len(), facts["won_by_close_month"].as_array().unwrap().len());
    for fact in facts_of(&facts["won_by_close_month"]) {
        let group = months.iter().find(|group| month(group) == fact["month"]).unwrap();
        assert_eq!(
            (&group["won"], &group["lost"], &group["wonAmount"]),
            (&fact["won"], &fact["lost"], &amount(&fact["revenue_won"])),
            "{fact}"
        );
    }
    for fact in facts_of(&facts["top10_accounts_by_revenue_won"]) {
        let same = |group: &Value| {
            group["key"]["account"]["name"] == fact["v"]
                && group["won"] == fact["won"]
                && group["wonAmount"] == amount(&fact["revenue_won"])
        };
        assert!(list("accounts").iter().any(same), "{fact}");
    }
    for fact in facts_of(
        &facts["published_by_others"]["statements"]["Low, Spencer / Software: sharp decline in Revenue Won in December 2020"],
    ) {
        let group = list("software").into_iter().find(|group| month(group) == fact["v"]).unwrap();
        assert_eq!(group["wonAmount"], amount(&fact["revenue_won"]), "{fact}");
    }
    for fact in facts_of(&facts["by_product_category"]) {
        let query = format!(
            "{{ opportunityAggregate(filter: {{ product: {{ family: {{ eq: {} }} }} }}) {{ count won lost open winRate {{ value }} wonAmount {{ amount currency }} }} }}",
            fact["v"]
        );
        let all = ann.ask(&query, json!({})).await.data()["opportunityAggregate"][0].clone();
        assert_eq!(
            (&all["count"], &all["won"], &all["lost"], &all["open"]),
            (&fact["opportunities"], &fact["won"], &fact["lost"], &fact["open"]),
            "{fact}"
        );
        close(&all["winRate"], &fact["close_pct"]);
        assert_eq!(all["wonAmount"], amount(&fact["revenue_won"]), "{fact}");
    }
}

/// What customers said of their cases. Each names an account and nobody there, and counts by itself.
async fn microsofts_answers(ann: &Person<'_>, facts: &Value) {
    assert_eq!(
        ever(ann, "CSAT", "").await,
        json!({ "value": "0.8809", "numerator": "8809", "denominator": "10000", "n": 10_000 })
    );
    let query = "{ all: surveyResponseAggregate { count score { avg } }
        scores: surveyResponseAggregate(groupBy: [{ field: SCORE }]) { key { score } count }
        accounts: surveyResponseAggregate(groupBy: [{ field: ACCOUNT }], first: 1000) { key { account { name } } count score { avg } } }";
    let answers = ann.ask(query, json!({})).await;
    let answers = answers.data();
    let same = |measured: &Value, expected: &Value| {
        (measured.as_f64().unwrap() - expected.as_f64().unwrap()).abs() < 0.000_000_6
    };
    assert_eq!(answers["all"][0]["count"], facts["cases"]["cases"]);
    assert!(same(&answers["all"][0]["score"]["avg"], &facts["cases"]["avg_csat"]), "{}", answers["all"]);
    for fact in facts["cases_by_CSAT"].as_array().unwrap() {
        let group = answers["scores"]
            .as_array()
            .unwrap()
            .iter()
            .find(|group| group["key"]["score"].as_i64() == fact["v"].as_str().unwrap().parse().ok());
        assert_eq!(group.unwrap()["count"], fact["cases"], "{fact}");
    }
    for fact in facts["accounts_with_lowest_csat"].as_array().unwrap() {
        let theirs = |group: &&Value| group["key"]["account"]["name"] == fact["v"] && group["count"] == fact["cases"];
        let group = answers["accounts"].as_array().unwrap().iter().find(theirs).unwrap();
        assert!(same(&group["score"]["avg"], &fact["avg_csat"]), "{fact}");
    }
}

on_both! {
    async fn ms_ai_sample_crm_has_its_figures(app) {
        let ann = someone(&app, "acme").await;
        let files = ["owners.csv", "accounts.csv", "contacts.csv", "products.csv", "campaigns.csv", "opportunities.csv", "cases.csv"];
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
        // the file's pipeline begins with its second step
        let stages = ann.ask("{ stages(first: 50) { nodes { id name } } }", json!({})).await;
        let stages = stages.data()["stages"]["nodes"].as_array().unwrap().clone();
        let from_second = |s: &&Value| ["2-Develop", "3-Propose", "4-Close"].iter().any(|name| s["name"] == *name);
        let ids: Vec<String> = stages.iter().filter(from_second).map(|s| s["id"].to_string()).collect();
        let second = format!(", filter: {{ stageIds: [{}] }}", ids.join(", "));
        for (by, list) in [("OWNER", "by_owner"), ("MANAGER", "by_manager"), ("PRODUCT", "by_product"), ("CAMPAIGN", "by_campaign"), ("INDUSTRY", "by_industry_top10")] {
            for (key, figure, more) in [
                ("WIN_RATE", "close_pct", ""),
                ("REVENUE", "revenue_won", ""),
                ("DEAL_SIZE", "avg_deal", ""),
                ("PIPELINE_OPEN", "revenue_open", ""),
                ("PIPELINE_OPEN", "revenue_in_pipeline", second.as_str()),
            ] {
                metric_has(&ann, key, (by, more), &facts[list], figure).await;
            }
        }
        microsofts_forecast(&ann, &facts, &second).await;
        microsofts_lists(&ann, &facts).await;
        microsofts_answers(&ann, &facts).await;

        let second = import(&ann, "ms_ai_sample_crm", &files).await.unwrap();
        assert_eq!((second[1], second[2]), (0, 0), "a second import changes nothing: {second:?}");
    }
}
