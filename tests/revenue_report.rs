//! The revenue report: the figures of the single queries in one answer, who owes whom, and reports that stay as they were.

use api::{
    access::role::templates::Template,
    actor::{Permission, Reach, Rights},
};
use chrono::Utc;
use serde_json::Value;

use self::kept::{figures, frozen};
use crate::{
    handoff::person,
    harness::{App, Person, json, on_both},
    metric::{bring, closed, open, stages},
    scoring::agreed_next,
    sla_volume::backdated,
};

mod kept;

const YEAR: &str = "period: { start: \"2025-01-01T00:00:00Z\", end: \"2026-01-01T00:00:00Z\" }";

const STEPS: &str = "steps { step cohort { reached open ofStepBefore { numerator denominator value } ofCohort { value } } flow { entries byStepBefore { value } } }";
const BUCKETS: &str = "buckets { key sign count amount { amount currency } withheld }";
const PARTS: &str = "won { amount currency } wonCount weighted { amount } parts { category count amount { amount } weighted { amount } submitted { amount } cumulative { amount } }";
const FIGURE: &str = "value numerator denominator n withheld formulaVersion currency";
const PROGRESS: &str = "goalId metric target actual expected paceRatio projected requiredPerDay status";
const SIDES: &str =
    "sides { side owes commitments { kind leadStatus span promised promisedShare kept outOf share owed withheld } }";

/// The field of the report, and the metric that it is.
const METRICS: [(&str, &str); 8] = [
    ("revenue", "REVENUE"),
    ("revenueGrowth", "REVENUE_GROWTH"),
    ("winRate", "WIN_RATE"),
    ("pipelineCreated", "PIPELINE_CREATED"),
    ("velocity", "PIPELINE_VELOCITY"),
    ("slaAttainment", "SLA_ATTAINMENT"),
    ("responseTimeP50", "RESPONSE_TIME_P50"),
    ("responseTimeP90", "RESPONSE_TIME_P90"),
];

fn whole() -> String {
    let metrics: String = METRICS.iter().map(|(field, _)| format!("{field} {{ {FIGURE} }} ")).collect();
    format!(
        "start end asOf currency funnel {{ {STEPS} }} waterfall {{ {BUCKETS} }} forecast {{ {PARTS} }} {metrics}
         coverage {{ {FIGURE} targetMet }} weightedCoverage {{ {FIGURE} }} goals {{ {PROGRESS} }} {SIDES}"
    )
}

async fn report(who: &Person<'_>, more: &str) -> Value {
    let answer = who.ask(&format!("{{ revenueReport({YEAR} {more}) {{ {} }} }}", whole()), json!({})).await;
    answer.data()["revenueReport"].clone()
}

/// Six won and two lost in 2025, five open for the end of it, and leads.
async fn year(who: &Person<'_>) -> Vec<Value> {
    let stages = stages(who).await;
    let won = |amount, day| closed(&stages["Won"], amount, day, 20);
    let lost = |day: &str| {
        let mut row = closed(&stages["Lost"], "50", day, 20);
        row["lossReason"] = json!("PRICE");
        row
    };
    let mut rows = vec![lost("03-01"), lost("03-02")];
    rows.extend(["02-01", "02-02", "02-03", "03-04", "03-05", "03-06"].map(|day| won("100", day)));
    rows.extend(
        ["Prospecting", "Qualification", "Proposal", "Negotiation", "Negotiation"]
            .map(|s| open(&stages[s], "1000", "2025-12-31")),
    );
    let deals = bring(who, rows).await;
    for at in 0..7 {
        let input = json!({ "email": format!("{at}@example.com"), "lastName": "Doe", "status": if at < 5 { "MQL" } else { "NEW" } });
        who.has("lead", input).await;
    }
    deals
}

/// Who runs the house with every right.
async fn house(app: &App) -> Person<'_> {
    let mut ann = person(app, Template::Admin, "ann").await;
    ann.actor.rights = Rights::everything().into();
    ann.sells().await;
    ann
}

on_both! {
    async fn every_figure_is_that_of_its_own_query(app) {
        let ann = house(&app).await;
        year(&ann).await;
        let mia = person(&app, Template::MktManager, "mia").await;
        let eva = person(&app, Template::SalesManager, "eva").await;
        for (who, side) in [(&mia, "MARKETING"), (&eva, "SALES")] {
            ann.does("user", "Update", json!({ "id": who.id(), "side": side }), "id").await.data();
        }
        let body = json!({ "goal": { "metric": "REVENUE", "periodStart": "2025-01-01", "periodEnd": "2026-01-01", "baseline": "0", "target": "1600",
            "marketingOwnerIds": [mia.id()], "salesOwnerIds": [eva.id()] } });
        let version = ann.agrees("REVENUE_2025", body).await;
        let early = report(&ann, ", asOf: \"2025-03-01T00:00:00Z\"").await;
        assert_eq!((&early["goals"], &early["coverage"]), (&json!([]), &json!(null)), "nobody had signed it then");
        backdated(&app, &version, "2025-01-01T00:00:00Z").await;
        let rep = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        let at = Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        for (who, as_of) in [(&ann, at.as_str()), (&rep, at.as_str()), (&ann, "2025-03-01T00:00:00Z"), (&rep, "2025-03-01T00:00:00Z")] {
            let all = report(who, &format!(", asOf: \"{as_of}\"")).await;
            let then = format!("{YEAR}, asOf: \"{as_of}\"");
            let until = if as_of < "2026" { as_of } else { "2026-01-01T00:00:00Z" };
            for (field, query) in [
                ("funnel", format!("funnel({then}) {{ {STEPS} }}")),
                ("waterfall", format!("pipelineWaterfall({YEAR}, to: \"{until}\") {{ {BUCKETS} }}")),
                ("forecast", format!("pipelineForecast({then}) {{ {PARTS} }}")),
                ("coverage", format!("metric(key: PIPELINE_COVERAGE, {then}, options: {{ target: \"1600\" }}) {{ {FIGURE} targetMet }}")),
                ("weightedCoverage", format!("metric(key: PIPELINE_COVERAGE_WEIGHTED, {then}, options: {{ target: \"1600\" }}) {{ {FIGURE} }}")),
            ].into_iter().chain(METRICS.map(|(field, key)| (field, format!("metric(key: {key}, {then}) {{ {FIGURE} }}")))) {
                let own = who.ask(&format!("{{ own: {query} }}"), json!({})).await;
                assert_eq!(all[field], own.data()["own"], "{field} at {as_of}");
            }
            let goal = all["goals"][0]["goalId"].clone();
            let own = who.ask(&format!("query($id: ID!) {{ goalProgress(ids: [$id], asOf: \"{as_of}\") {{ {PROGRESS} }} }}"), json!({ "id": goal })).await;
            assert_eq!(all["goals"], own.data()["goalProgress"]);
        }
        let now = report(&ann, "").await;
        assert_eq!((&now["revenue"]["value"], &now["coverage"]["value"]), (&json!("600.00"), &json!("5")), "5,000 open, 1,000 missing");
        assert_eq!(report(&ann, ", target: \"3100\"").await["coverage"]["value"], "2", "as it is told");
        let early = ann.ask("{ revenueReport(period: { start: \"2998-01-01T00:00:00Z\", end: \"2999-01-01T00:00:00Z\" }) { waterfall { from } coverage { value } revenue { value } } }", json!({})).await;
        assert_eq!(early.data()["revenueReport"], json!({ "waterfall": null, "coverage": null, "revenue": { "value": "0.00" } }));
        let nobody = app.holding(ann.actor.organization, &[(Permission::OpportunityRead, Reach::ALL)]);
        assert_eq!(report(&nobody, "").await, json!(null));
        let wrong = ann.ask("{ revenueReport(period: { start: \"2026-01-01T00:00:00Z\", end: \"2025-01-01T00:00:00Z\" }) { start } }", json!({})).await;
        assert_eq!(wrong.code(), "BAD_USER_INPUT");
    }
}

on_both! {
    async fn it_costs_the_same_when_the_rows_double(app) {
        let ann = house(&app).await;
        let mut costs = vec![];
        for _ in 0..2 {
            year_again(&ann).await;
            let before = app.store.statements();
            report(&ann, "").await;
            costs.push(app.store.statements() - before);
        }
        assert_eq!(costs[0], costs[1]);
        assert!(costs[0] < 90, "{costs:?}");
    }
}

async fn year_again(who: &Person<'_>) {
    let stages = stages(who).await;
    let rows = ["02-01", "02-02", "03-03"].map(|day| closed(&stages["Won"], "100", day, 20));
    bring(who, [rows.to_vec(), vec![open(&stages["Proposal"], "10", "2025-12-31")]].concat()).await;
}

on_both! {
    async fn who_owes_whom(app) {
        let ann = house(&app).await;
        let (mia, sam) = (person(&app, Template::MktManager, "mia").await, person(&app, Template::SalesRep, "sam").await);
        ann.agrees("LEAD_RESPONSE", json!({ "sla": { "targets": [{ "kind": "FIRST_RESPONSE", "minutes": 60 }],
            "volumes": [{ "status": "MQL", "leads": 20, "period": "MONTH" }] } })).await;
        ann.agrees("MQL", json!({ "qualification": { "criteria": [{ "label": "Can be reached", "when": { "exists": "email" } }] } })).await;
        let reason = ann.reason("CAPACITY", 30).await;
        for at in 0..10 {
            let lead = ann.has("lead", json!({ "email": format!("{at}@example.com"), "ownerId": mia.id() })).await;
            ann.does("lead", "Qualify", json!({ "id": lead }), "id").await.data();
            let offer = ann.offers(&lead, json!({ "userId": sam.id() })).await;
            let (verb, input) = if at < 8 { ("Accept", json!({ "id": offer })) } else { ("Reject", json!({ "id": offer, "reasonId": reason })) };
            sam.does("handoff", verb, input, "id").await.data();
            if at < 6 {
                sam.has("activity", json!({ "kind": "CALL", "direction": "OUTBOUND", "subject": "Hi", "leadId": lead })).await;
            }
        }
        let now = Utc::now();
        let (start, end) = (now - chrono::TimeDelta::hours(1), now + chrono::TimeDelta::hours(12));
        let iso = |t: chrono::DateTime<Utc>| t.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let query = format!("{{ revenueReport(period: {{ start: \"{}\", end: \"{}\" }}) {{ {SIDES} }} }}", iso(start), iso(end));
        let sides = async || ann.ask(&query, json!({})).await.data()["revenueReport"]["sides"].clone();
        let told = |found: &Value, kind: &str, at: usize| {
            let all = found[at]["commitments"].as_array().unwrap().iter();
            let one = all.rev().find(|c| c["kind"] == kind).unwrap().clone();
            json!([one["promisedShare"], one["kept"], one["outOf"], one["owed"]])
        };
        let found = sides().await;
        assert_eq!((&found[0]["side"], &found[1]["side"]), (&json!("MARKETING"), &json!("SALES")));
        let volume = found[0]["commitments"][0].clone();
        assert_eq!((&volume["kind"], &volume["leadStatus"], &volume["span"], &volume["kept"]), (&json!("VOLUME"), &json!("MQL"), &json!("MONTH"), &json!(10)));
        let number = |name: &str| volume[name].as_i64().unwrap();
        let today = now.date_naive();
        let due = |days: u32| 20 * i64::from(chrono::Datelike::day0(&today)) / i64::from(days);
        let days = (28..=31).rev().find(|day| chrono::Datelike::with_day(&today, *day).is_some()).unwrap();
        // the period may touch a second month, of which nothing is due before its first day is over
        assert_eq!((number("promised") % 20, number("outOf") % 20), (0, due(days)), "as much as of the days is over: {volume}");
        assert_eq!(number("owed"), Ord::max(number("outOf") - 10, 0));
        assert_eq!(told(&found, "QUALITY", 0), json!(["0.85", 8, 10, 1]), "8.5 of 10");
        assert_eq!(told(&found, "SPEED", 1), json!(["0.9", 6, 6, 0]), "the others are not due yet");
        assert_eq!(told(&found, "DEPTH", 1), json!(["1", 0, 0, 0]), "sales has two weeks to try");
        assert_eq!((&found[0]["owes"], &found[1]["owes"]), (&json!(true), &json!(false)));
        let weights = json!({ "acceptance": "1", "slaAttainment": "0", "followUpDepth": "0", "targetListAgreement": "0",
            "goalOwnership": "0", "contentUtilisation": "0", "dataHealth": "0" });
        ann.agrees("INDEX", json!({ "alignmentIndex": { "weights": weights, "attemptDays": 0 } })).await;
        let found = sides().await;
        assert_eq!(told(&found, "DEPTH", 1), json!(["1", 6, 24, 18]), "three tries for each of eight, at once");
        assert_eq!(found[1]["owes"], true);
        let finance = app.with_rights(ann.actor.organization, Template::Finance.rights());
        let theirs = finance.ask(&query, json!({})).await.data()["revenueReport"]["sides"].clone();
        assert_eq!(theirs[0]["commitments"].as_array().unwrap().len(), 1, "without LEAD_READ no volumes: {theirs}");
        // nor in what was frozen, which is one and the same for all who do not see everything
        let made = frozen(&ann, json!({ "period": { "start": iso(start), "end": iso(end) } })).await;
        let id = made["revenueReportSnapshot"]["id"].clone();
        let kinds = async |who: &Person<'_>| {
            let all = figures(who, &id).await["sides"][0]["commitments"].as_array().unwrap().clone();
            all.iter().map(|one| one["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(kinds(&ann).await, ["VOLUME", "QUALITY"]);
        assert_eq!(kinds(&finance).await, ["QUALITY"]);
        assert_eq!(kinds(&sam).await, ["QUALITY"]);
    }
}

on_both! {
    async fn goals_are_those_that_were_signed_at_the_instant(app) {
        let ann = house(&app).await;
        let (mia, eva) = (person(&app, Template::MktManager, "mia").await, person(&app, Template::SalesManager, "eva").await);
        for (who, side) in [(&mia, "MARKETING"), (&eva, "SALES")] {
            ann.does("user", "Update", json!({ "id": who.id(), "side": side }), "id").await.data();
        }
        let body = |more: Value| {
            let mut goal = json!({ "metric": "REVENUE", "periodStart": "2025-01-01", "periodEnd": "2026-01-01", "baseline": "0", "target": "1600",
                "marketingOwnerIds": [mia.id()], "salesOwnerIds": [eva.id()] });
            goal.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({ "goal": goal })
        };
        let first = ann.agrees("REVENUE_2025", body(json!({}))).await;
        backdated(&app, &first, "2025-01-01T00:00:00Z").await;
        let second = agreed_next(&app, &ann, &first, body(json!({ "target": "2000" }))).await;
        backdated(&app, &second, "2025-06-01T00:00:00Z").await;
        let third = agreed_next(&app, &ann, &second, body(json!({ "cancelled": true }))).await;
        backdated(&app, &third, "2025-09-01T00:00:00Z").await;
        let told = async |at: &str| {
            let found = report(&ann, &format!(", asOf: \"{at}\"")).await;
            let targets: Vec<Value> = found["goals"].as_array().unwrap().iter().map(|goal| goal["target"].clone()).collect();
            (targets, found["coverage"]["denominator"].clone())
        };
        assert_eq!(told("2024-12-31T00:00:00Z").await, (vec![], Value::Null));
        assert_eq!(told("2025-03-01T00:00:00Z").await, (vec![json!("1600.00")], json!("1600")));
        assert_eq!(told("2025-07-01T00:00:00Z").await, (vec![json!("2000.00")], json!("2000")), "as it said then");
        assert_eq!(told("2025-10-01T00:00:00Z").await, (vec![], Value::Null), "given up by then");
        assert_eq!(report(&ann, "").await["goals"], json!([]));
    }
}
