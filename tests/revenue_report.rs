//! The revenue report: the figures of the single queries in one answer, who owes whom, and reports that stay as they were.

use api::{
    access::role::templates::Template,
    actor::{Permission, Reach, Rights},
};
use chrono::Utc;
use serde_json::Value;

use crate::{
    handoff::person,
    harness::{App, Person, json, on_both},
    metric::{bring, closed, open, stages},
};

const YEAR: &str = "period: { start: \"2025-01-01T00:00:00Z\", end: \"2026-01-01T00:00:00Z\" }";

const STEPS: &str = "steps { step cohort { reached open ofStepBefore { numerator denominator value } ofCohort { value } } flow { entries byStepBefore { value } } }";
const BUCKETS: &str = "buckets { key sign count amount { amount currency } withheld }";
const PARTS: &str = "won { amount currency } wonCount weighted { amount } parts { category count amount { amount } weighted { amount } submitted { amount } cumulative { amount } }";
const FIGURE: &str = "value numerator denominator n withheld formulaVersion currency";
const PROGRESS: &str = "goalId metric target actual expected paceRatio projected requiredPerDay status";
const SIDES: &str =
    "sides { side owes commitments { kind leadStatus span promisedShare kept outOf share owed withheld } }";

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
        ann.agrees("REVENUE_2025", body).await;
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
        let found = ann.ask(&query, json!({})).await.data()["revenueReport"]["sides"].clone();
        let kept = |kind: &str, at: usize| {
            let all = found[at]["commitments"].as_array().unwrap().iter();
            let one = all.rev().find(|c| c["kind"] == kind).unwrap().clone();
            json!([one["promisedShare"], one["kept"], one["outOf"], one["owed"]])
        };
        assert_eq!((&found[0]["side"], &found[1]["side"]), (&json!("MARKETING"), &json!("SALES")));
        let volume = found[0]["commitments"][0].clone();
        assert_eq!((&volume["kind"], &volume["leadStatus"], &volume["span"], &volume["kept"]), (&json!("VOLUME"), &json!("MQL"), &json!("MONTH"), &json!(10)));
        assert_eq!(volume["owed"].as_i64().unwrap() % 10, 0, "of 20 a month: {volume}");
        assert_eq!(kept("QUALITY", 0), json!(["0.85", 8, 10, 1]), "8.5 of 10");
        assert_eq!(kept("SPEED", 1), json!(["0.9", 6, 6, 0]), "the others are not due yet");
        assert_eq!(kept("DEPTH", 1), json!(["1", 6, 24, 18]), "three tries for each of eight");
        assert_eq!((&found[0]["owes"], &found[1]["owes"]), (&json!(true), &json!(true)));
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

const FREEZE: &str = "mutation($input: RevenueReportFreezeInput!) { revenueReportSnapshot(input: $input) {
    revenueReportSnapshot { id title startsAt endsAt asOf currency version } userErrors { code message field } } }";
const FROZEN: &str = "figures {
    funnel { step cohort { reached open ofStepBefore { numerator denominator value } ofCohort { value } } flow { entries byStepBefore { value } } }
    waterfall { key sign count amount { amount currency } }
    forecast { won { amount currency } wonCount weighted { amount } parts { category count amount { amount } weighted { amount } submitted { amount } cumulative { amount } } }
    metrics { key formulaVersion unit value numerator denominator n withheld }
    goals { goalId metric target actual expected paceRatio projected requiredPerDay status withheld }
    goalsLeftOut { goalId reason }
    sides { side owes commitments { kind leadStatus span promisedShare kept outOf share owed withheld } } }";

async fn frozen(who: &Person<'_>, more: Value) -> Value {
    let mut input =
        json!({ "title": "The year", "period": { "start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z" } });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let done = who.ask(FREEZE, json!({ "input": input })).await;
    done.data()["revenueReportSnapshot"].clone()
}

async fn figures(who: &Person<'_>, id: &Value) -> Value {
    who.sees("revenueReportSnapshot", id, FROZEN).await["figures"].clone()
}

on_both! {
    async fn a_frozen_report_never_changes(app) {
        let ann = house(&app).await;
        let deals = year(&ann).await;
        let made = frozen(&ann, json!({ "target": "1600" })).await;
        let id = made["revenueReportSnapshot"]["id"].clone();
        assert!(id.is_string(), "{made}");
        let as_of = made["revenueReportSnapshot"]["asOf"].as_str().unwrap().to_owned();
        let (kept, live) = (figures(&ann, &id).await, report(&ann, &format!(", asOf: \"{as_of}\", target: \"1600\"")).await);
        assert_eq!(kept["funnel"], live["funnel"]["steps"]);
        assert_eq!(kept["forecast"], live["forecast"]);
        assert_eq!(kept["sides"], live["sides"]);
        let bucket = |b: &Value| json!([b["key"], b["sign"], b["count"], b["amount"]]);
        let buckets = |all: &Value| all.as_array().unwrap().iter().map(bucket).collect::<Vec<_>>();
        assert_eq!(buckets(&kept["waterfall"]), buckets(&live["waterfall"]["buckets"]));
        for (field, key) in METRICS.into_iter().chain([("coverage", "PIPELINE_COVERAGE"), ("weightedCoverage", "PIPELINE_COVERAGE_WEIGHTED")]) {
            let own = kept["metrics"].as_array().unwrap().iter().find(|m| m["key"] == key).unwrap();
            for part in ["value", "numerator", "denominator", "n", "withheld", "formulaVersion"] {
                assert_eq!(own[part], live[field][part], "{key} {part}");
            }
        }

        // whatever is corrected later
        for deal in &deals[2..5] {
            ann.does("opportunity", "Delete", json!({ "id": deal }), "id").await.data();
        }
        ann.does("opportunity", "Update", json!({ "id": deals[12], "amount": { "amount": "7", "currency": "EUR" } }), "id").await.data();
        assert_eq!(report(&ann, "").await["revenue"]["value"], "300.00");
        assert_eq!(figures(&ann, &id).await, kept);
        assert_eq!(ann.sees("revenueReportSnapshot", &id, "version").await["version"], 1);
        for door in ["Update", "Delete", "Upsert", "Create"] {
            let schema = api::schema::sdl();
            assert!(!schema.contains(&format!("revenueReportSnapshot{door}(")), "nothing changes it: {door}");
        }

        // a goal that cannot be measured is named, with the reason
        let (mia, eva) = (person(&app, Template::MktManager, "mia").await, person(&app, Template::SalesManager, "eva").await);
        let body = json!({ "goal": { "metric": "REVENUE", "periodStart": "2025-01-01", "periodEnd": "2026-01-01", "baseline": "0", "target": "1600",
            "currency": "USD", "marketingOwnerIds": [mia.id()], "salesOwnerIds": [eva.id()] } });
        for (who, side) in [(&mia, "MARKETING"), (&eva, "SALES")] {
            ann.does("user", "Update", json!({ "id": who.id(), "side": side }), "id").await.data();
        }
        ann.agrees("REVENUE_USD", body).await;
        let next = figures(&ann, &frozen(&ann, json!({})).await["revenueReportSnapshot"]["id"]).await;
        assert_eq!((&next["goals"], next["goalsLeftOut"].as_array().unwrap().len()), (&json!([]), 1), "{next}");
        let left = &next["goalsLeftOut"][0];
        assert!(left["goalId"].as_str().unwrap().starts_with("goal_") && left["reason"].as_str().unwrap().contains("EUR"), "{left}");

        let rep = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        assert_eq!(frozen_code(&rep).await, "FORBIDDEN");
        let backwards = json!({ "period": { "start": "2026-01-01T00:00:00Z", "end": "2025-01-01T00:00:00Z" } });
        assert_eq!(frozen(&ann, backwards).await["userErrors"][0]["code"], "VALIDATION");
        assert_eq!(frozen(&ann, json!({ "currency": "USD" })).await["userErrors"][0]["code"], "FX_RATE_MISSING");
    }
}

async fn frozen_code(who: &Person<'_>) -> String {
    let input = json!({ "period": { "start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z" } });
    who.ask(FREEZE, json!({ "input": input })).await.code().to_owned()
}

on_both! {
    async fn a_frozen_report_tells_nobody_what_they_would_not_be_told(app) {
        let ann = house(&app).await;
        let stages = stages(&ann).await;
        bring(&ann, vec![closed(&stages["Won"], "123456", "02-01", 20), open(&stages["Proposal"], "654321", "2025-12-31")]).await;
        for at in 0..3 {
            ann.has("lead", json!({ "email": format!("{at}@example.com"), "status": "MQL" })).await;
        }
        let long = json!({ "period": { "start": "2025-01-01T00:00:00Z", "end": "2090-01-01T00:00:00Z" } });
        let made = frozen(&ann, long).await;
        let id = made["revenueReportSnapshot"]["id"].clone();
        let all = figures(&ann, &id).await;
        assert_eq!((&all["forecast"]["won"]["amount"], &all["funnel"][1]["flow"]["entries"]), (&json!("123456.00"), &json!(3)));
        for role in [Template::SalesRep, Template::SalesManager, Template::Sdr, Template::MktUser, Template::Finance] {
            let who = app.with_rights(ann.actor.organization, role.rights());
            let theirs = who.sees("revenueReportSnapshot", &id, FROZEN).await;
            let text = theirs.to_string();
            assert!(!text.contains("123456") && !text.contains("654321"), "{text}");
            assert_eq!((&theirs["figures"]["forecast"]["won"], &theirs["figures"]["funnel"][1]["flow"]["entries"]), (&json!(null), &json!(null)));
        }
        let feed = ann.ask("{ changes(first: 100, types: [\"RevenueReportSnapshot\"]) { nodes { kind after } } }", json!({})).await;
        assert!(!feed.0.to_string().contains("123456"), "{}", feed.0);
        let blind = app.holding(ann.actor.organization, &[(Permission::MetricRead, Reach::ALL)]);
        assert_eq!(blind.sees("revenueReportSnapshot", &id, "id").await, json!(null), "it tells of goals, which are agreements");
        let listed = ann.ask("{ revenueReportSnapshots(filter: { startsAt: { gte: \"2025-01-01T00:00:00Z\" } }, orderBy: [{ field: AS_OF, direction: DESC }]) { totalCount nodes { title } } }", json!({})).await;
        assert_eq!(listed.data()["revenueReportSnapshots"], json!({ "totalCount": 1, "nodes": [{ "title": "The year" }] }));
        assert_eq!(app.admin().ask("{ revenueReportSnapshots { totalCount } }", json!({})).await.data()["revenueReportSnapshots"]["totalCount"], 0);
    }
}

const EVER: &str = "period: { start: \"2020-01-01T00:00:00Z\", end: \"2090-01-01T00:00:00Z\" }";

on_both! {
    async fn what_marketing_sourced_and_influenced(app) {
        let ann = house(&app).await;
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
        let ann = house(&app).await;
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
        let without = ann.ask(&format!("{{ metric(key: OPPORTUNITY_CONVERSION, {EVER}) {{ value }} }}"), json!({})).await;
        assert_eq!(without.code(), "BAD_USER_INPUT");
        let wrong = ann.ask(&format!("{{ metric(key: OPPORTUNITY_CONVERSION, {EVER}, options: {{ fromStageId: \"lead_1\", toStageId: {} }}) {{ value }} }}", stages["Won"]), json!({})).await;
        assert_eq!(wrong.code(), "BAD_USER_INPUT");
    }
}
