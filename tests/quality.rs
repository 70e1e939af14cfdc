//! Data quality: rules of each side, what a record lacks, and how well all of them are kept.

use api::{
    access::role::templates::Template,
    actor::{Permission, Reach, Rights, Scope},
};
use serde_json::Value;

use crate::{
    handoff::person,
    harness::{App, Person, json, on_both},
    metric::{bring, closed, open, stages},
};

const QUALITY: &str = "quality { score passed weight issues { ruleId name check fields maxAgeDays ownerSide weight } }";

async fn quality(who: &Person<'_>, record: &str, id: &Value) -> Value {
    who.sees(record, id, QUALITY).await["quality"].clone()
}

fn names(quality: &Value) -> Vec<&str> {
    quality["issues"].as_array().unwrap().iter().map(|issue| issue["name"].as_str().unwrap()).collect()
}

async fn health(who: &Person<'_>, args: &str) -> Value {
    let query = format!(
        "{{ dataHealth{args} {{ score rules {{ name entity ownerSide weight withheld passed {{ numerator denominator value }} rule {{ name }} }} }} }}"
    );
    who.ask(&query, json!({})).await.data()["dataHealth"].clone()
}

async fn rule(who: &Person<'_>, input: Value) -> Value {
    who.has("dataQualityRule", input).await
}

on_both! {
    async fn a_record_says_which_rules_it_does_not_pass(app) {
        let ann = app.founder().await;
        let full = ann.has("account", json!({ "name": "Full", "domain": "full.example", "industry": "finance", "country": "DE" })).await;
        let bare = ann.has("account", json!({ "name": "Bare" })).await;
        assert_eq!(quality(&ann, "account", &full).await, json!({ "score": 100, "passed": 2, "weight": 2, "issues": [] }));
        let lacks = quality(&ann, "account", &bare).await;
        assert_eq!((&lacks["score"], names(&lacks)), (&json!(50), vec!["Accounts have domain, industry and country"]));
        assert_eq!(lacks["issues"][0]["fields"], json!(["domain", "industry", "country"]));
        assert_eq!(ann.sees("dataQualityRule", &lacks["issues"][0]["ruleId"], "name check").await, json!({ "name": names(&lacks)[0], "check": "COMPLETE" }));

        rule(&ann, json!({ "name": "Seen to this year", "entity": "ACCOUNT", "check": "FRESH", "maxAgeDays": 365, "ownerSide": "SALES", "weight": 6 })).await;
        let fresh = quality(&ann, "account", &bare).await;
        assert_eq!((&fresh["score"], &fresh["passed"], &fresh["weight"]), (&json!(88), &json!(7), &json!(8)), "87.5 rounded half up");
        aged(&app, "account").await;
        assert_eq!(names(&quality(&ann, "account", &full).await), ["Seen to this year"]);

        let reached = ann.has("contact", json!({ "lastName": "Doe", "phone": "+49 30 123456", "accountId": full })).await;
        assert_eq!(quality(&ann, "contact", &reached).await["score"], 100, "a telephone is enough");
        let lost = ann.has("contact", json!({ "lastName": "Roe", "accountId": full })).await;
        assert_eq!(quality(&ann, "contact", &lost).await["score"], 0);
        let lead = ann.has("lead", json!({ "lastName": "Poe", "email": "poe@new.example", "companyName": "New", "source": "web" })).await;
        assert_eq!(quality(&ann, "lead", &lead).await["score"], 100);
        let gone = ann.has("lead", json!({ "lastName": "Moe", "status": "DISQUALIFIED", "disqualifyCategory": "NO_NEED" })).await;
        assert_eq!(quality(&ann, "lead", &gone).await, json!(null), "it will not become anything");

        let stages = stages(&ann).await;
        let deals = bring(&ann, vec![
            open(&stages["Proposal"], "5", "2099-01-01"),
            open(&stages["Proposal"], "5", "2025-01-01"),
            closed(&stages["Lost"], "5", "03-01", 1),
        ]).await;
        assert_eq!(quality(&ann, "opportunity", &deals[0]).await["score"], 100);
        assert_eq!(names(&quality(&ann, "opportunity", &deals[1]).await), ["Close dates have not passed"]);
        assert_eq!(quality(&ann, "opportunity", &deals[2]).await, json!(null), "it is closed");
        let blind = app.holding(ann.actor.organization, &[(Permission::AccountRead, Reach::ALL)]);
        assert_eq!(quality(&blind, "account", &bare).await, json!(null), "without DATA_QUALITY_READ");
    }
}

/// Nobody has touched them for two years.
async fn aged(app: &App, table: &str) {
    use sea_orm::ConnectionTrait;
    let sql = format!("UPDATE {table} SET updated_at = '2020-01-01T00:00:00.000000+00:00'");
    app.store.migrator().execute_unprepared(&sql).await.unwrap();
}

on_both! {
    async fn quality_costs_no_statement(app) {
        let ann = app.founder().await;
        let rows = |n: usize| (0..n).map(|i| json!({ "name": format!("Acme {i}") })).collect::<Vec<_>>();
        let upsert = "mutation($rows: [AccountUpsertRow!]!) { accountUpsert(input: { rows: $rows }) { results { status } } }";
        ann.ask(upsert, json!({ "rows": rows(20) })).await.data();
        let cost = |query: String| {
            let (ann, app) = (&ann, &app);
            async move {
                let before = app.store.statements();
                ann.ask(&query, json!({})).await.data();
                app.store.statements() - before
            }
        };
        let plain = cost("{ accounts(first: 20) { nodes { name } } }".into()).await;
        assert_eq!(cost(format!("{{ accounts(first: 20) {{ nodes {{ name {QUALITY} }} }} }}")).await, plain);
    }
}

on_both! {
    async fn all_records_are_kept_as_well_as_they_pass(app) {
        let ann = app.founder().await;
        assert_eq!(health(&ann, "").await["score"], json!(null), "there is nothing yet");
        for at in 0..10 {
            let mut input = json!({ "name": format!("Acme {at}"), "industry": "finance", "country": "DE" });
            if at < 8 {
                input["domain"] = json!(format!("a{at}.example"));
            }
            ann.has("account", input).await;
        }
        rule(&ann, json!({ "name": "Websites are addresses", "entity": "ACCOUNT", "check": "VALID", "fields": ["website"], "ownerSide": "MARKETING", "weight": 2 })).await;
        let all = health(&ann, "").await;
        let passed: Vec<_> = all["rules"].as_array().unwrap().iter().filter(|r| r["entity"] == "ACCOUNT")
            .map(|r| (r["name"].as_str().unwrap(), r["passed"]["numerator"].as_i64().unwrap())).collect();
        assert_eq!(passed, [("Accounts are there once", 10), ("Accounts have domain, industry and country", 8), ("Websites are addresses", 10)]);
        assert_eq!(all["score"], "0.95", "(1 + 0.8 + 2 x 1) / 4");
        assert_eq!(health(&ann, "(side: SALES)").await["score"], "0.9");
        assert_eq!(health(&ann, "(entity: ACCOUNT, side: MARKETING)").await["rules"].as_array().unwrap().len(), 1);
        let period = "period: { start: \"2026-01-01T00:00:00Z\", end: \"2026-02-01T00:00:00Z\" }";
        let metric = ann.ask(&format!("{{ metric(key: DATA_HEALTH, {period}) {{ value n formulaVersion }} }}"), json!({})).await;
        assert_eq!(metric.data()["metric"], json!({ "value": "0.95", "n": 10, "formulaVersion": 2 }), "the same");

        let rep = app.holding(ann.actor.organization, &[
            (Permission::MetricRead, Reach::ALL),
            (Permission::DataQualityRead, Reach::ALL),
            (Permission::ContactRead, Reach { scope: Scope::Own, unassigned: false }),
        ]);
        let theirs = health(&rep, "").await;
        let hidden: Vec<_> = theirs["rules"].as_array().unwrap().iter().filter(|r| r["withheld"] == true).map(|r| r["name"].as_str().unwrap()).collect();
        assert_eq!(hidden, ["Accounts are there once", "Accounts have domain, industry and country"], "two fail, and not one rule alone");
        assert!(theirs["rules"].as_array().unwrap().iter().all(|r| r["withheld"] == r["passed"].is_null()), "{theirs}");
        assert_eq!((&theirs["score"], &health(&rep, "(side: SALES)").await["score"]), (&json!("0.95"), &json!(null)));
        let few = ann.has("contact", json!({ "lastName": "Doe" })).await;
        let theirs = health(&rep, "").await;
        let contact = theirs["rules"].as_array().unwrap().iter().find(|r| r["entity"] == "CONTACT").unwrap().clone();
        assert_eq!((&contact["withheld"], &contact["passed"], &theirs["score"]), (&json!(true), &json!(null), &json!(null)), "one contact is few");
        assert_eq!(health(&ann, "(entity: CONTACT)").await["score"], "0");
        assert_eq!(quality(&ann, "contact", &few).await["score"], 0);
        let nobody = app.holding(ann.actor.organization, &[(Permission::ContactRead, Reach::ALL)]);
        assert_eq!(health(&nobody, "").await, json!(null));

        // what no rule asks anything of neither counts nor hides the rest
        let value = async |who: &Person<'_>| who.ask(&format!("{{ metric(key: DATA_HEALTH, {period}) {{ value n }} }}"), json!({})).await.data()["metric"].clone();
        assert_eq!(value(&rep).await["value"], json!(null));
        let asked = ann.ask("{ dataQualityRules(filter: { entity: { eq: CONTACT } }) { nodes { id } } }", json!({})).await;
        ann.does("dataQualityRule", "Delete", json!({ "id": asked.data()["dataQualityRules"]["nodes"][0]["id"] }), "id").await.data();
        assert_eq!(value(&rep).await, json!({ "value": "0.95", "n": 10 }));
        assert_eq!(health(&rep, "").await["score"], "0.95");
    }
}

on_both! {
    async fn the_metric_tells_no_more_than_data_health(app) {
        let mut ann = person(&app, Template::Admin, "ann").await;
        ann.actor.rights = Rights::everything().into();
        rule(&ann, json!({ "name": "Domain", "entity": "ACCOUNT", "check": "COMPLETE", "fields": ["domain"], "ownerSide": "SALES", "weight": 3 })).await;
        for at in 0..10 {
            let domain = (at < 8).then(|| format!("a{at}.example"));
            ann.has("account", json!({ "name": format!("Acme {at}"), "domain": domain })).await;
        }
        let eve = app.holding(ann.actor.organization, &[(Permission::MetricRead, Reach::ALL), (Permission::DataQualityRead, Reach::ALL)]);
        let period = "period: { start: \"2026-01-01T00:00:00Z\", end: \"2026-02-01T00:00:00Z\" }";
        let metric = async |who: &Person<'_>| {
            let query = format!("{{ metric(key: DATA_HEALTH, {period}) {{ value withheld explain {{ inputs {{ count value }} }} }} }}");
            who.ask(&query, json!({})).await.data()["metric"].clone()
        };
        let told = |metric: &Value| metric["explain"]["inputs"].as_array().unwrap().iter().filter(|input| !input["count"].is_null()).count();
        let of = |metric: &Value| (metric["value"].clone(), metric["withheld"].clone(), told(metric));
        assert_eq!(of(&metric(&ann).await), (json!("0.8"), json!(false), 8));
        assert_eq!((health(&eve, "").await["score"].clone(), of(&metric(&eve).await)), (json!(null), (json!(null), json!(true), 0)), "two fail the only rule");
        // another rule hides with it: the mean is told, what it is made of is not
        rule(&ann, json!({ "name": "Once", "entity": "ACCOUNT", "check": "UNIQUE", "ownerSide": "SALES" })).await;
        assert_eq!((health(&eve, "").await["score"].clone(), of(&metric(&eve).await)), (json!("0.85"), (json!("0.85"), json!(false), 0)));
        assert_eq!(told(&metric(&ann).await), 8);
    }
}

on_both! {
    async fn a_records_days_are_the_organisations(app) {
        let ann = app.founder().await;
        let home = ann.actor.organization.to_string();
        let stages = stages(&ann).await;
        let deal = bring(&ann, vec![open(&stages["Proposal"], "5", "2099-01-01")]).await.remove(0);
        // somewhere it is another day than in UTC: which is later, or which is earlier
        let now = app.store.now();
        let days = [("Pacific/Kiritimati", 14), ("UTC", 0), ("Pacific/Pago_Pago", -11)]
            .map(|(zone, hours)| (zone, (now + chrono::TimeDelta::hours(hours)).date_naive()));
        assert!(days.iter().any(|(_, day)| *day != days[1].1));
        for (zone, today) in days {
            ann.does("organization", "Update", json!({ "id": home, "timeZone": zone }), "id").await.data();
            for (day, passes) in [(today, true), (today.pred_opt().unwrap(), false)] {
                ann.does("opportunity", "Update", json!({ "id": deal, "closeDate": day.to_string() }), "id").await.data();
                let own = quality(&ann, "opportunity", &deal).await;
                assert_eq!(names(&own).is_empty(), passes, "{day} in {zone}: {own}");
                let all = health(&ann, "(entity: OPPORTUNITY)").await;
                let rule = all["rules"].as_array().unwrap().iter().find(|rule| rule["name"] == "Close dates have not passed").unwrap().clone();
                assert_eq!(rule["passed"]["numerator"], i64::from(passes), "the same for all records: {rule}");
            }
        }
    }
}

on_both! {
    async fn suspected_twice_is_told_to_who_sees_both(app) {
        let ann = app.founder().await;
        let ids = [ann.has("account", json!({ "name": "Same name" })).await, ann.has("account", json!({ "name": "Same name" })).await];
        scanned(&app, &ann).await;
        assert!(names(&quality(&ann, "account", &ids[0]).await).contains(&"Accounts are there once"));
        assert_eq!(health(&ann, "(entity: ACCOUNT)").await["rules"][0]["passed"]["numerator"], 0);
        let blind = app.holding(ann.actor.organization, &[(Permission::AccountRead, Reach::ALL), (Permission::DataQualityRead, Reach::ALL)]);
        assert!(!names(&quality(&blind, "account", &ids[0]).await).contains(&"Accounts are there once"), "it sees no pairs");
    }
}

/// Looks for accounts that are there twice.
async fn scanned(app: &App, ann: &Person<'_>) {
    let scan = ann.has("duplicateScan", json!({ "entity": "ACCOUNT" })).await;
    let system = api::store::Access::new(app.store.clone(), api::actor::Actor::system(ann.actor.organization), None);
    api::crm::duplicate::scan::run(&system, scan.as_str().unwrap().parse().unwrap()).await.unwrap();
}

on_both! {
    async fn a_twin_out_of_sight_or_gone_is_not_told(app) {
        let mut ann = person(&app, Template::Admin, "ann").await;
        ann.actor.rights = Rights::everything().into();
        // reads all pairs, and accounts of her own subtree
        let eve = person(&app, Template::SalesManager, "eve").await;
        rule(&ann, json!({ "name": "Once", "entity": "ACCOUNT", "check": "UNIQUE", "ownerSide": "SALES" })).await;
        let hers = ann.has("account", json!({ "name": "Same name", "ownerId": eve.id() })).await;
        let other = ann.has("account", json!({ "name": "Same name", "ownerId": ann.id() })).await;
        scanned(&app, &ann).await;
        assert_eq!(names(&quality(&ann, "account", &hers).await), ["Once"]);
        assert_eq!(quality(&eve, "account", &hers).await["score"], 100, "she does not see the other");
        ann.does("account", "Delete", json!({ "id": other }), "id").await.data();
        assert_eq!(quality(&ann, "account", &hers).await["score"], 100);
        let passed = health(&ann, "(entity: ACCOUNT)").await["rules"][0]["passed"].clone();
        assert_eq!((&passed["numerator"], &passed["denominator"]), (&json!(1), &json!(1)));
    }
}

on_both! {
    async fn rules_make_sense(app) {
        let ann = app.founder().await;
        let make = |more: Value| {
            let mut input = json!({ "name": "Rule", "entity": "ACCOUNT", "check": "COMPLETE", "fields": ["domain"], "ownerSide": "SALES" });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let ann = &ann;
            async move { ann.makes("dataQualityRule", input).await }
        };
        for (wrong, field) in [
            (json!({ "fields": [] }), "fields"),
            (json!({ "fields": ["closeDate"] }), "fields"),
            (json!({ "check": "VALID", "fields": ["industry"] }), "fields"),
            (json!({ "check": "FRESH", "fields": [] }), "maxAgeDays"),
            (json!({ "check": "FRESH", "fields": [], "maxAgeDays": 0 }), "maxAgeDays"),
            (json!({ "check": "UNIQUE", "fields": ["domain"] }), "fields"),
            (json!({ "entity": "OPPORTUNITY", "check": "UNIQUE", "fields": [] }), "check"),
            (json!({ "weight": 0 }), "weight"),
        ] {
            let refused = make(wrong.clone()).await;
            let fault = &refused.data()["dataQualityRuleCreate"]["userErrors"][0];
            assert_eq!((&fault["code"], &fault["field"]), (&json!("VALIDATION"), &json!(["input", field])), "{wrong}: {}", refused.0);
        }
        for n in 0..44 {
            assert_eq!(make(json!({ "name": format!("Rule {n}") })).await.code(), "");
        }
        assert_eq!(make(json!({})).await.code(), "CRITERIA_UNMET", "fifty are enough");
        let rep = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        assert_eq!(rep.makes("dataQualityRule", json!({ "name": "Mine", "entity": "LEAD", "check": "UNIQUE", "ownerSide": "SALES" })).await.code(), "FORBIDDEN");
        assert_eq!(rep.ask("{ dataQualityRules { totalCount } }", json!({})).await.data()["dataQualityRules"]["totalCount"], 50);
    }
}
