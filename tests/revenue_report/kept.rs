//! Reports that stay as they were: what they hold, what they say of their form, and what they tell nobody.

use api::{
    access::role::templates::Template,
    actor::{Permission, Reach},
};
use entity::revenue_report_snapshot as snapshot;
use sea_orm::ActiveValue::Set;
use serde_json::Value;

use super::{METRICS, house, report, year};
use crate::{
    handoff::person,
    harness::{Person, json, on_both},
    metric::{bring, closed, open, stages},
};

const FREEZE: &str = "mutation($input: RevenueReportFreezeInput!) { revenueReportSnapshot(input: $input) {
    revenueReportSnapshot { id title startsAt endsAt asOf currency version } userErrors { code message field } } }";
const FROZEN: &str = "figures {
    funnel { step cohort { reached open ofStepBefore { numerator denominator value } ofCohort { value } } flow { entries byStepBefore { value } } }
    waterfall { key sign count amount { amount currency } }
    forecast { won { amount currency } wonCount weighted { amount } parts { category count amount { amount } weighted { amount } submitted { amount } cumulative { amount } } }
    metrics { key formulaVersion unit value numerator denominator n withheld }
    goals { goalId metric target actual expected paceRatio projected requiredPerDay status withheld }
    goalsLeftOut { goalId reason } format shared
    sides { side owes commitments { kind leadStatus span promised promisedShare kept outOf share owed withheld } } }";

pub async fn frozen(who: &Person<'_>, more: Value) -> Value {
    let mut input =
        json!({ "title": "The year", "period": { "start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z" } });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let done = who.ask(FREEZE, json!({ "input": input })).await;
    done.data()["revenueReportSnapshot"].clone()
}

pub async fn figures(who: &Person<'_>, id: &Value) -> Value {
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
        nothing_changes(&ann, &id).await;

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

/// Not even the service itself, with every right.
async fn nothing_changes(ann: &Person<'_>, id: &Value) {
    let id: entity::id::RevenueReportSnapshotId = id.as_str().unwrap().parse().unwrap();
    let access = api::store::Access::new(ann.app.store.clone(), ann.actor.clone(), None);
    let mut tx = access.begin(Permission::RevenueReportSnapshotCreate).await.unwrap();
    let row = tx.lock::<snapshot::Entity>(id).await.unwrap();
    let other = snapshot::ActiveModel { title: Set(Some("Other".into())), ..row.clone().into() };
    assert!(tx.update::<snapshot::Entity>(other).await.is_err());
    assert!(tx.delete::<snapshot::Entity>(row).await.is_err());
}

async fn frozen_code(who: &Person<'_>) -> String {
    let input = json!({ "period": { "start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z" } });
    who.ask(FREEZE, json!({ "input": input })).await.code().to_owned()
}

on_both! {
    async fn a_frozen_report_says_its_form_and_old_ones_stay_readable(app) {
        use sea_orm::ConnectionTrait;
        let ann = house(&app).await;
        year(&ann).await;
        let id = frozen(&ann, json!({})).await["revenueReportSnapshot"]["id"].clone();
        let rep = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        for (who, shared) in [(&ann, false), (&rep, true)] {
            let told = figures(who, &id).await;
            assert_eq!((&told["format"], &told["shared"]), (&json!(2), &json!(shared)));
        }
        let kept = figures(&ann, &id).await;
        // as they were kept at first: no form, no copy, no goals left out, no numbers promised
        let mut old = kept.clone();
        for name in ["format", "shared", "goalsLeftOut"] {
            old.as_object_mut().unwrap().remove(name);
        }
        for side in old["sides"].as_array_mut().unwrap() {
            for one in side["commitments"].as_array_mut().unwrap() {
                one.as_object_mut().unwrap().remove("promised");
            }
        }
        let sql = format!("UPDATE revenue_report_snapshot SET \"whole\" = '{old}'");
        app.store.migrator().execute_unprepared(&sql).await.unwrap();
        let read = figures(&ann, &id).await;
        assert_eq!((&read["format"], &read["shared"], &read["goalsLeftOut"]), (&json!(null), &json!(null), &json!(null)));
        for part in ["funnel", "waterfall", "forecast", "metrics", "goals", "sides"] {
            assert_eq!(read[part], kept[part], "{part}");
        }
    }
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
