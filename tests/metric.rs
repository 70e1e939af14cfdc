//! Metrics over opportunities: the same value for both sides, explained as far as each may see, at any instant.

use api::{
    access::role::templates::Template,
    actor::{Permission, Reach, Scope},
};
use serde_json::Value;

use crate::harness::{Answer, App, Person, json, on_both};

/// The stages of the organisation's pipeline, by name.
pub async fn stages(who: &Person<'_>) -> Value {
    let found = who.ask("{ stages(first: 20) { nodes { id name } } }", json!({})).await;
    let nodes = found.data()["stages"]["nodes"].as_array().unwrap().clone();
    nodes.iter().map(|s| (s["name"].as_str().unwrap().to_owned(), s["id"].clone())).collect()
}

pub fn money(amount: &str, currency: &str) -> Value {
    json!({ "amount": amount, "currency": currency })
}

const UPSERT: &str = "mutation($rows: [OpportunityUpsertRow!]!) { opportunityUpsert(input: { rows: $rows }) {
    results { status opportunity { id } userErrors { message field } } } }";

/// Brings opportunities in; their ids.
pub async fn bring(who: &Person<'_>, rows: Vec<Value>) -> Vec<Value> {
    let made = who.ask(UPSERT, json!({ "rows": rows })).await;
    let results = made.data()["opportunityUpsert"]["results"].as_array().unwrap().clone();
    results
        .iter()
        .map(|result| {
            assert_eq!(result["status"], "CREATED", "{result}");
            result["opportunity"]["id"].clone()
        })
        .collect()
}

/// Something that was won or lost on a day of 2025, after so many days.
pub fn closed(stage: &Value, amount: &str, day: &str, days: i64) -> Value {
    let closed: chrono::DateTime<chrono::Utc> = format!("2025-{day}T12:00:00Z").parse().unwrap();
    let opened = closed - chrono::TimeDelta::days(days);
    let at = |t: chrono::DateTime<chrono::Utc>| t.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    json!({ "name": "Deal", "stageId": stage, "amount": money(amount, "EUR"), "openedAt": at(opened), "closedAt": at(closed) })
}

pub fn open(stage: &Value, amount: &str, close: &str) -> Value {
    json!({ "name": "Deal", "stageId": stage, "amount": money(amount, "EUR"), "closeDate": close })
}

/// Asks for a metric; `more` are further arguments in GraphQL.
pub async fn metric(who: &Person<'_>, key: &str, year: i32, more: &str, said: &str) -> Answer {
    let period = format!("{{ start: \"{year}-01-01T00:00:00Z\", end: \"{}-01-01T00:00:00Z\" }}", year + 1);
    who.ask(&format!("{{ metric(key: {key}, period: {period} {more}) {{ {said} }} }}"), json!({})).await
}

/// What it says then.
pub async fn says(who: &Person<'_>, key: &str, year: i32, more: &str) -> Value {
    let answer = metric(who, key, year, more, "value numerator denominator n withheld targetMet").await;
    answer.data()["metric"].clone()
}

pub async fn value(who: &Person<'_>, key: &str, year: i32, more: &str) -> Value {
    says(who, key, year, more).await["value"].clone()
}

/// Six won and three lost in 2025, five open for 2099.
async fn sales(who: &Person<'_>) -> Vec<Value> {
    let stages = stages(who).await;
    let won = |amount, day, days| closed(&stages["Won"], amount, day, days);
    let lost = |amount, reason: &str| {
        let mut row = closed(&stages["Lost"], amount, "06-30", 10);
        row["lossReason"] = json!(reason);
        row
    };
    let mut rows = vec![
        won("100", "02-01", 10),
        won("200", "02-02", 20),
        won("300", "02-03", 30),
        won("400", "02-04", 40),
        won("500", "11-05", 50),
        won("1000.50", "11-06", 90),
        lost("250", "PRICE"),
        lost("250", "NO_DECISION"),
        lost("9999", "DUPLICATE"),
        lost("500", "FIT"),
    ];
    for (stage, amount) in [
        ("Prospecting", "1000"),
        ("Qualification", "1000"),
        ("Proposal", "1000"),
        ("Negotiation", "1000"),
        ("Negotiation", "2000"),
    ] {
        rows.push(open(&stages[stage], amount, "2099-06-30"));
    }
    bring(who, rows).await
}

on_both! {
    async fn won_and_lost_are_counted_and_summed(app) {
        let ann = app.founder().await;
        sales(&ann).await;
        let rate = says(&ann, "WIN_RATE", 2025, "").await;
        assert_eq!(rate, json!({ "value": "0.666667", "numerator": "6", "denominator": "9", "n": 9, "withheld": false, "targetMet": null }));
        let listed = ann.ask("{ opportunityAggregate { won lost winRate { numerator denominator } } }", json!({})).await;
        assert_eq!(listed.data()["opportunityAggregate"][0], json!({ "won": 6, "lost": 4, "winRate": { "numerator": 6, "denominator": 9 } }), "the same of a list: a duplicate was no sale");
        for (key, value) in [
            ("WIN_RATE_VALUE", "0.714327"),
            ("REVENUE", "2500.50"),
            ("DEAL_SIZE", "416.75"),
            ("DEAL_SIZE_MEDIAN", "350.00"),
            ("SALES_CYCLE", "35"),
            ("SALES_CYCLE_MEAN", "40"),
        ] {
            assert_eq!(self::value(&ann, key, 2025, "").await, value, "{key}");
            assert_eq!(self::value(&ann, key, 2024, "").await, if key == "REVENUE" { json!("0.00") } else { json!(null) }, "{key}");
        }
    }
}

on_both! {
    async fn open_business_is_weighed_and_covers_a_target(app) {
        let ann = app.founder().await;
        sales(&ann).await;
        assert_eq!(value(&ann, "PIPELINE_OPEN", 2099, "").await, "6000.00");
        assert_eq!(value(&ann, "FORECAST_WEIGHTED", 2099, "").await, "3100.00", "100 + 250 + 500 + 750 + 1500");
        let coverage = |target: &'static str| {
            let more = format!(", options: {{ target: \"{target}\" }}");
            let ann = &ann;
            async move { says(ann, "PIPELINE_COVERAGE", 2099, &more).await }
        };
        assert_eq!(coverage("2000").await["value"], "3");
        assert_eq!(coverage("0").await, json!({ "value": null, "numerator": "6000", "denominator": "0", "n": 5, "withheld": false, "targetMet": true }));
        let weighted = says(&ann, "PIPELINE_COVERAGE_WEIGHTED", 2099, ", options: { target: \"1000\" }").await;
        assert_eq!(weighted["value"], "3.1");
        assert_eq!(metric(&ann, "PIPELINE_COVERAGE", 2099, "", "value").await.code(), "BAD_USER_INPUT", "it needs a target");
        let told = metric(&ann, "WIN_RATE", 2099, ", options: { target: \"1\" }", "value").await;
        assert_eq!(told.code(), "BAD_USER_INPUT", "it takes no target");
    }
}

on_both! {
    async fn growth_and_velocity_look_back(app) {
        let ann = app.founder().await;
        sales(&ann).await;
        assert_eq!(value(&ann, "REVENUE_GROWTH", 2026, "").await, "-1");
        assert_eq!(value(&ann, "REVENUE_GROWTH", 2025, "").await, json!(null), "nothing before");
        let quarter = "{ metric(key: REVENUE_GROWTH, period: { start: \"2025-11-01T00:00:00Z\", end: \"2025-12-01T00:00:00Z\" },
            options: { priorMode: CALENDAR }) { value } }";
        assert_eq!(ann.ask(quarter, json!({})).await.data()["metric"]["value"], json!(null));
        // at the end of 2025 none of the five was there yet; what was won since July was open before
        let then = ", asOf: \"2025-11-05T00:00:00Z\", options: { windowDays: 3000 }";
        let velocity = says(&ann, "PIPELINE_VELOCITY", 2025, then).await;
        assert_eq!((&velocity["n"], &velocity["value"]), (&json!(2 + 4 + 3), &json!("11.43")), "2 x 4/7 x 250 / 25: {velocity}");
    }
}

on_both! {
    async fn what_was_open_then_is_known_now(app) {
        let ann = app.founder().await;
        sales(&ann).await;
        let then = ", asOf: \"2025-02-02T13:00:00Z\"";
        assert_eq!(value(&ann, "REVENUE", 2025, then).await, "300.00", "two were won");
        let open = metric(&ann, "PIPELINE_OPEN", 2025, then, "value n explain { inputs { records { opportunities { nodes { at until stage { name } amount { amount } closeDate } } } } }").await;
        let open = &open.data()["metric"];
        assert_eq!((&open["n"], &open["value"]), (&json!(2), &json!("700.00")), "two were won a day or two later: {open}");
        let january = says(&ann, "PIPELINE_OPEN", 2025, ", asOf: \"2025-01-24T00:00:00Z\"").await;
        assert_eq!((&january["n"], &january["value"]), (&json!(4), &json!("1000.00")), "opened, whatever they are worth since");
        let future = says(&ann, "REVENUE", 2025, ", asOf: \"2999-01-01T00:00:00Z\"").await;
        assert_eq!(future["value"], "2500.50", "at most now");
    }
}

on_both! {
    async fn both_sides_get_the_same_value_and_see_what_they_may(app) {
        let ann = app.founder().await;
        sales(&ann).await;
        let home = ann.actor.organization;
        let rep = app.with_rights(home, Template::SalesRep.rights());
        let marketer = app.with_rights(home, Template::MktUser.rights());
        let finance = app.with_rights(home, Template::Finance.rights());
        let said = "value numerator denominator n formulaVersion withheld
            explain { inputs { name count value unit records { opportunities(first: 5) { totalCount nodes { stageType } } } }
                excluded { reason count records { opportunities { totalCount } } } }";
        let mut answers = vec![];
        for who in [&ann, &rep, &marketer, &finance] {
            answers.push(metric(who, "WIN_RATE", 2025, "", said).await.data()["metric"].clone());
        }
        let figures = |a: &Value| ["value", "numerator", "denominator", "n", "formulaVersion", "withheld"].map(|f| a[f].clone());
        for answer in &answers[1..] {
            assert_eq!(figures(answer), figures(&answers[0]));
        }
        assert_eq!(figures(&answers[0])[..2], [json!("0.666667"), json!("6")]);
        let seen = |a: &Value, at: usize| a["explain"]["inputs"][at]["records"]["opportunities"]["totalCount"].clone();
        let all = |a: &Value| (seen(a, 0), seen(a, 1), a["explain"]["excluded"][0]["records"]["opportunities"]["totalCount"].clone());
        assert_eq!(all(&answers[0]), (json!(6), json!(3), json!(1)));
        assert_eq!(all(&answers[1]), (json!(0), json!(0), json!(0)), "the salesperson owns none");
        assert_eq!(all(&answers[2]), (json!(0), json!(0), json!(0)), "the marketer follows none");
        assert_eq!(all(&answers[3]), (json!(6), json!(3), json!(1)));
        let explain = &answers[0]["explain"];
        assert_eq!(explain["inputs"][0]["records"]["opportunities"]["nodes"].as_array().unwrap().len(), 5, "{explain}");
        assert_eq!((&explain["excluded"][0]["count"], &answers[1]["explain"]["excluded"][0]["count"]), (&json!(1), &json!(null)), "one is few");
        let nobody = app.holding(home, &[(Permission::OpportunityRead, Reach::ALL)]);
        assert_eq!(metric(&nobody, "WIN_RATE", 2025, "", "value").await.data()["metric"], json!(null));
        let stranger = app.founder().await;
        assert_eq!(says(&stranger, "WIN_RATE", 2025, "").await["n"], 0);
    }
}

on_both! {
    async fn what_rests_on_few_records_is_told_to_who_sees_them(app) {
        let ann = app.founder().await;
        let stages = stages(&ann).await;
        bring(&ann, (1..=4).map(|day| closed(&stages["Won"], "10", &format!("03-0{day}"), 1)).collect()).await;
        let rep = app.holding(ann.actor.organization, &[
            (Permission::MetricRead, Reach::ALL),
            (Permission::OpportunityRead, Reach { scope: Scope::Own, unassigned: false }),
        ]);
        assert_eq!(says(&ann, "REVENUE", 2025, "").await["value"], "40.00");
        let withheld = says(&rep, "REVENUE", 2025, "").await;
        assert_eq!((&withheld["value"], &withheld["n"], &withheld["withheld"]), (&json!(null), &json!(null), &json!(true)));
        let mut own = closed(&stages["Won"], "10", "03-05", 1);
        own["name"] = json!("Fifth");
        bring(&ann, vec![own]).await;
        assert_eq!(says(&rep, "REVENUE", 2025, "").await["value"], "50.00");
    }
}

const GROUPS: &str = "value groups { key { dimension word id name } value n withheld }";

async fn groups(who: &Person<'_>, key: &str, by: &str) -> Vec<(String, Value)> {
    let answer = metric(who, key, 2025, &format!(", groupBy: [{by}]"), GROUPS).await;
    let groups = answer.data()["metric"]["groups"].as_array().unwrap().clone();
    let name = |g: &Value| {
        let key = &g["key"][0];
        key["word"].as_str().or(key["name"].as_str()).unwrap_or("-").to_owned()
    };
    groups.iter().map(|g| (name(g), g["value"].clone())).collect()
}

on_both! {
    async fn groups_have_their_own_values(app) {
        let ann = app.founder().await;
        let stages = stages(&ann).await;
        let fair = ann.has("campaign", json!({ "name": "Fair", "channel": "EVENT" })).await;
        let bank = ann.has("account", json!({ "name": "Bank", "industry": "finance" })).await;
        let mut rows: Vec<Value> = (1..=6).map(|day| closed(&stages["Won"], "10", &format!("03-0{day}"), day)).collect();
        rows.extend((1..=7).map(|day| closed(&stages["Won"], "30", &format!("04-0{day}"), 10 * day)));
        for row in &mut rows[..6] {
            row["sourceCampaignId"] = fair.clone();
            row["accountId"] = bank.clone();
        }
        bring(&ann, rows).await;
        let pair = |name: &str, value: &str| (name.to_owned(), json!(value));
        assert_eq!(groups(&ann, "REVENUE", "CAMPAIGN").await, [pair("-", "210.00"), pair("Fair", "60.00")]);
        assert_eq!(groups(&ann, "DEAL_SIZE_MEDIAN", "CHANNEL").await, [pair("-", "30.00"), pair("EVENT", "10.00")]);
        assert_eq!(groups(&ann, "SALES_CYCLE", "INDUSTRY").await, [pair("-", "40"), pair("finance", "3.5")]);
        assert_eq!(groups(&ann, "WIN_RATE", "PIPELINE").await, [pair("Sales", "1")]);
        let only = says(&ann, "REVENUE", 2025, ", filter: { industries: [\"finance\"], channels: [EVENT, EMAIL] }").await;
        assert_eq!((&only["value"], &only["n"]), (&json!("60.00"), &json!(6)));
        assert_eq!(metric(&ann, "REVENUE", 2025, ", groupBy: [PRIORITY]", "value").await.code(), "BAD_USER_INPUT");
        assert_eq!(metric(&ann, "REVENUE", 2025, ", filter: { campaignIds: [\"lead_1\"] }", "value").await.code(), "BAD_USER_INPUT");
        let filtered = metric(&ann, "REVENUE", 2025, ", filter: { industries: [\"finance\"] }",
            "explain { inputs { records { opportunities { totalCount nodes { account { name } } } } } }").await;
        let listed = &filtered.data()["metric"]["explain"]["inputs"][0]["records"]["opportunities"];
        assert_eq!((&listed["totalCount"], &listed["nodes"][0]["account"]["name"]), (&json!(6), &json!("Bank")));
    }
}

on_both! {
    async fn a_single_group_that_is_small_cannot_be_told_from_the_whole(app) {
        let ann = app.founder().await;
        let stages = stages(&ann).await;
        let mut rows: Vec<Value> = (1..=9).map(|day| closed(&stages["Won"], "10", &format!("03-0{day}"), day)).collect();
        rows.extend((10..=25).map(|day| closed(&stages["Won"], "10", &format!("03-{day}"), day)));
        for (row, kind) in rows.iter_mut().zip([vec!["NEW"; 2], vec!["EXPANSION"; 6], vec!["RENEWAL"; 17]].concat()) {
            row["type"] = json!(kind);
        }
        bring(&ann, rows).await;
        let rep = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        let answer = metric(&rep, "REVENUE", 2025, ", groupBy: [TYPE]", GROUPS).await;
        let answer = &answer.data()["metric"];
        assert_eq!(answer["value"], "250.00");
        let told: Vec<_> = answer["groups"].as_array().unwrap().iter().map(|g| (g["key"][0]["word"].clone(), g["value"].clone(), g["withheld"].clone())).collect();
        assert_eq!(told, [
            (json!("EXPANSION"), json!(null), json!(true)),
            (json!("NEW"), json!(null), json!(true)),
            (json!("RENEWAL"), json!("170.00"), json!(false)),
        ]);
        assert_eq!(groups(&ann, "REVENUE", "TYPE").await.len(), 3);
    }
}

on_both! {
    async fn people_are_named_only_to_who_reaches_them(app) {
        let ann = crate::import::someone(&app, "acme").await;
        let stages = ann.sells().await;
        let boss = seller(&app, &ann, "boss", None).await;
        let (kim, sam) = (seller(&app, &ann, "kim", Some(&boss)).await, seller(&app, &ann, "sam", None).await);
        for (owner, count) in [(&kim, 6), (&sam, 7)] {
            let mut rows: Vec<Value> = (1..=count).map(|day| closed(&stages["Won"], "10", &format!("03-0{day}"), day)).collect();
            rows.iter_mut().for_each(|row| row["ownerId"] = json!(owner.actor.user.unwrap().to_string()));
            bring(&ann, rows).await;
        }
        let pair = |name: &str, value: &str| (name.to_owned(), json!(value));
        let mut all = groups(&ann, "REVENUE", "OWNER").await;
        all.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(all, [pair("kim", "60.00"), pair("sam", "70.00")]);
        assert_eq!(groups(&boss, "REVENUE", "OWNER").await, [pair("kim", "60.00")]);
        assert_eq!(groups(&boss, "REVENUE", "MANAGER").await, [pair("boss", "60.00")]);
        assert_eq!(groups(&kim, "REVENUE", "MANAGER").await, [pair("boss", "60.00")], "kim is everybody below boss");
        assert_eq!(groups(&sam, "REVENUE", "MANAGER").await, []);
        let of = |who: &Person<'_>| format!(", filter: {{ ownerIds: [\"{}\"] }}", who.actor.user.unwrap());
        assert_eq!(says(&sam, "REVENUE", 2025, &of(&sam)).await["value"], "70.00");
        let beyond = says(&sam, "REVENUE", 2025, &of(&kim)).await;
        assert_eq!((&beyond["value"], &beyond["withheld"]), (&json!(null), &json!(true)), "not none: it is not told");
        assert_eq!(says(&sam, "REVENUE", 2025, "").await["value"], "130.00", "the whole is everybody's");
    }
}

/// Somebody who sells, perhaps below somebody else.
pub async fn seller<'a>(app: &'a App, ann: &Person<'_>, name: &str, below: Option<&Person<'_>>) -> Person<'a> {
    let (organization, id) = crate::access::user_in(app, "acme", "SALES_REP", &format!("{name}@example.com")).await;
    let role = if below.is_none() && name == "boss" { Template::SalesManager } else { Template::SalesRep };
    let mut person = app.with_rights(organization, role.rights());
    person.actor.user = Some(id);
    let above = below.map(|boss| boss.actor.user.unwrap().to_string());
    let input = json!({ "id": id.to_string(), "name": name, "reportsToId": above });
    ann.does("user", "Update", input, "id").await.data();
    person
}

on_both! {
    async fn money_is_converted_record_by_record(app) {
        let ann = app.founder().await;
        let stages = stages(&ann).await;
        let dollars = |amount: &str, day: &str| {
            let mut row = closed(&stages["Won"], "1", day, 1);
            row["amount"] = money(amount, "USD");
            row
        };
        let mut rows: Vec<Value> = ["03-01", "03-02", "03-03"].iter().map(|day| closed(&stages["Won"], "1", day, 1)).collect();
        rows.extend([dollars("0.05", "03-10"), dollars("0.05", "03-11"), dollars("100", "05-01")]);
        bring(&ann, rows).await;
        let refused = metric(&ann, "REVENUE", 2025, "", "value").await;
        assert_eq!(refused.code(), "BAD_USER_INPUT");
        assert_eq!(refused.0["errors"][0]["extensions"]["userErrorCode"], "FX_RATE_MISSING", "{}", refused.0);
        let message = refused.0["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("USD/EUR on 2025-03-10") && message.contains("USD/EUR on 2025-05-01"), "{message}");
        let bucket = "value n unconverted { amount { amount currency } count }";
        let left = metric(&ann, "REVENUE", 2025, ", onMissingRate: BUCKET", bucket).await;
        assert_eq!(left.data()["metric"], json!({ "value": "3.00", "n": 6,
            "unconverted": [{ "amount": { "amount": "100.10", "currency": "USD" }, "count": 3 }] }));
        let mean = metric(&ann, "DEAL_SIZE", 2025, ", onMissingRate: BUCKET", "value numerator denominator").await;
        assert_eq!(mean.data()["metric"], json!({ "value": "1.00", "numerator": "3", "denominator": "3" }), "those left out are not divided by");
        let clerk = app.holding(ann.actor.organization, &[(Permission::MetricRead, Reach::ALL)]);
        let hidden = metric(&clerk, "REVENUE", 2025, ", onMissingRate: BUCKET", bucket).await;
        assert_eq!(hidden.data()["metric"], json!({ "value": null, "n": null, "unconverted": [] }), "three of six are summed, three are left");
        ann.has("exchangeRate", json!({ "base": "USD", "quote": "EUR", "date": "2025-03-09", "rate": "0.5" })).await;
        // 0.05 dollars are 0.025 euro: each is rounded to 0.02 before they are added
        let rest = metric(&ann, "REVENUE", 2025, ", onMissingRate: BUCKET", bucket).await;
        assert_eq!(rest.data()["metric"]["value"], "3.04");
        assert_eq!(rest.data()["metric"]["unconverted"][0]["count"], 1);
        ann.has("exchangeRate", json!({ "base": "EUR", "quote": "USD", "date": "2025-04-28", "rate": "1.25" })).await;
        assert_eq!(value(&ann, "REVENUE", 2025, "").await, "83.04", "the reverse pair does");
        assert_eq!(value(&ann, "DEAL_SIZE_MEDIAN", 2025, "").await, "1.00");
        let lacking = metric(&ann, "REVENUE", 2025, ", currency: \"JPY\"", "value").await;
        assert_eq!(lacking.0["errors"][0]["extensions"]["userErrorCode"], "FX_RATE_MISSING");
    }
}

on_both! {
    async fn every_worked_number_holds_in_the_running_service(app) {
        let ann = app.founder().await;
        let tried = ann.ask("{ metricSelfTest { subject key formulaVersion about expected actual holds } metrics { key requiredOptions dimensions ownerSides } }", json!({})).await;
        let tests = tried.data()["metricSelfTest"].as_array().unwrap();
        let metrics = tried.data()["metrics"].as_array().unwrap();
        let wrong: Vec<_> = tests.iter().filter(|t| t["holds"] != true).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        for metric in metrics {
            assert!(tests.iter().any(|t| t["key"] == metric["key"]), "{metric} has no worked number");
        }
        let of = |subject: &str| tests.iter().filter(|t| t["subject"] == subject).map(|t| t["expected"].as_str().unwrap()).collect::<Vec<_>>();
        assert_eq!((of("PERCENTILE"), of("LEAD_SCORE"), of("WATERFALL").len(), of("ATTRIBUTION").len()), (vec!["25", "138"], vec!["30.30"], 10, 9));
        assert!(of("ATTRIBUTION").contains(&"8.59 37.94 303.54 1992.04 13073.10 104584.79"));
        let one = ann.ask("{ metricSelfTest(keys: [PIPELINE_VELOCITY]) { key expected } }", json!({})).await;
        assert_eq!(one.data()["metricSelfTest"][0], json!({ "key": "PIPELINE_VELOCITY", "expected": "20833.33" }));
    }
}
