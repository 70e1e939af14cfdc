//! Small plans, each for one rule of pay: what it comes to through the front door.

use super::{
    survives::{copied, numbers},
    *,
};

/// 400,000 and 100,000 of the third quarter of 2025: half a million.
async fn sold(house: &House<'_>) {
    house.won(&house.rep, &["400000"]).await;
    house.won(&house.other, &["100000"]).await;
}

fn flat(rate: &str, more: Value) -> Value {
    let mut part = json!({ "key": "AE", "name": "Sales", "sides": ["SALES"], "commissionRetroactive": { "roles": ["OWNER"], "tiers": [{ "from": "0", "rate": rate }] } });
    part.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    part
}

/// A goal of revenue for the quarter.
pub async fn goal(house: &House<'_>, key: &str, target: &str) -> Value {
    let body = json!({ "goal": { "metric": "REVENUE", "periodStart": "2025-07-01", "periodEnd": "2025-10-01", "baseline": "0", "target": target,
        "currency": "EUR", "marketingOwnerIds": [house.mia.id()], "salesOwnerIds": [house.eva.id()] } });
    let version = house.drafted(key, body).await;
    house.propose(&version).await.data();
    for (who, side) in [(&house.mia, "MARKETING"), (&house.eva, "SALES")] {
        assert_eq!(
            who.does("agreementVersion", "Approve", json!({ "id": version, "side": side }), "id").await.code(),
            ""
        );
    }
    house.mia.ask("{ goals { nodes { id } } }", json!({})).await.data()["goals"]["nodes"][0]["id"].clone()
}

/// A part of a plan that pays a bonus by a goal.
pub fn by_goal(goal: &Value) -> Value {
    let curve = json!({ "threshold": "0.7", "thresholdPay": "0.5", "accelerator": "1.5", "cap": "2" });
    json!({ "key": "GOAL", "name": "Shared", "goalAttainment": { "goalId": goal, "weight": "100", "curve": curve } })
}

/// A plan of its own for the reps and mia, with terms said beside: its run, calculated.
async fn run_of(house: &House<'_>, key: &str, body: Value, terms: [Value; 3]) -> Value {
    let version = house.drafted(key, house.body(body)).await;
    let [rep, other, mia] = terms;
    for (who, side, more) in
        [(&house.rep, "SALES", rep), (&house.other, "SALES", other), (&house.mia, "MARKETING", mia)]
    {
        let mut more = more;
        more["side"] = json!(side);
        house.takes_in(&version, &who.id(), more).await;
    }
    house.sign(&version).await;
    let run = house.run_of(&version).await;
    let seen = house.calculate(&run).await;
    assert_eq!(seen["failure"], json!(null), "{key}: {seen}");
    run
}

/// The total and the lines beside plain ones: "FORFEITED -12000.00 COMPONENT_CAP".
async fn said(house: &House<'_>, run: &Value, who: &Person<'_>) -> (String, Vec<String>) {
    let query = "total { amount } lines { nodes { position kind because amount { amount } } }";
    let told = house.statement(&house.finn, run, who, query).await;
    let mut lines = told["lines"]["nodes"].as_array().unwrap().clone();
    lines.sort_by_key(|line| line["position"].as_i64());
    let line = |line: &Value| {
        let because = line["because"].as_str().map(|word| format!(" {word}")).unwrap_or_default();
        format!("{} {}{because}", line["kind"].as_str().unwrap(), line["amount"]["amount"].as_str().unwrap())
    };
    (told["total"]["amount"].as_str().unwrap().to_owned(), lines.iter().map(line).collect())
}

async fn totals(house: &House<'_>, run: &Value) -> [String; 3] {
    [said(house, run, &house.rep).await.0, said(house, run, &house.other).await.0, said(house, run, &house.mia).await.0]
}

fn plain() -> [Value; 3] {
    [json!({}), json!({}), json!({})]
}

on_both! {
    async fn pools_are_shared_to_the_last_cent(app) {
        let house = House::of(&app).await;
        sold(&house).await;
        let pool = |by: &str, amount: &str| json!({ "components": [{ "key": "POOL", "name": "Pool", "pool": { "amount": amount, "by": by, "roles": ["OWNER"] } }] });
        let terms = [json!({ "poolWeight": 2 }), json!({ "poolWeight": 1 }), json!({ "poolWeight": 0 })];
        let run = run_of(&house, "WEIGHT", pool("WEIGHT", "100.01"), terms).await;
        assert_eq!(totals(&house, &run).await, ["66.67", "33.34", "0.00"]);
        let run = run_of(&house, "CREDIT", pool("CREDIT", "900"), plain()).await;
        assert_eq!(totals(&house, &run).await, ["720.00", "180.00", "0.00"]);
    }
}

on_both! {
    async fn what_a_cap_takes_is_a_line_of_its_own(app) {
        let house = House::of(&app).await;
        sold(&house).await;
        let run = run_of(&house, "PART", json!({ "components": [flat("0.08", json!({ "cap": "20000" }))] }), plain()).await;
        let capped = vec!["COMMISSION_RETROACTIVE 32000.00".to_owned(), "FORFEITED -12000.00 COMPONENT_CAP".to_owned()];
        assert_eq!(said(&house, &run, &house.rep).await, ("20000.00".to_owned(), capped));
        let run = run_of(&house, "PERSON", json!({ "components": [flat("0.08", json!({}))], "personCap": "10000" }), plain()).await;
        let (total, lines) = said(&house, &run, &house.rep).await;
        assert_eq!((total.as_str(), lines[1].as_str()), ("10000.00", "FORFEITED -22000.00 PERSON_CAP"));
        assert_eq!(totals(&house, &run).await[1], "8000.00", "within it");
        // 40,000 for all together
        let run = run_of(&house, "PLAN_CAP", json!({ "components": [flat("0.08", json!({}))], "planCap": "20000" }), plain()).await;
        assert_eq!(totals(&house, &run).await, ["16000.00", "4000.00", "0.00"]);
        assert!(said(&house, &run, &house.other).await.1.contains(&"FORFEITED -4000.00 PLAN_CAP".to_owned()));
    }
}

on_both! {
    async fn a_gate_that_is_not_passed_pays_nothing_on_either_side_but_guarantees(app) {
        let house = House::of(&app).await;
        sold(&house).await;
        let goal = goal(&house, "ARR", "1000000").await;
        let bonus = || json!({ "targetBonus": money("9000", "EUR") });
        let gated = |threshold: &str| {
            json!({ "gates": [{ "goalId": goal, "threshold": threshold }], "components": [by_goal(&goal), flat("0.08", json!({}))] })
        };
        let terms = || [bonus(), json!({ "guarantee": money("1500", "EUR") }), bonus()];
        let run = run_of(&house, "SHUT", gated("0.7"), terms()).await;
        assert_eq!(totals(&house, &run).await, ["0.00", "1500.00", "0.00"], "half of the goal");
        let (_, lines) = said(&house, &run, &house.rep).await;
        assert_eq!(lines, ["GOAL_ATTAINMENT 0.00 GATE", "COMMISSION_RETROACTIVE 0.00 GATE"]);
        let lost = house.statement(&house.finn, &run, &house.rep, "lines { nodes { component forfeited { amount } } }").await;
        let lost = lost["lines"]["nodes"].as_array().unwrap().iter().find(|line| line["component"] == "AE").unwrap().clone();
        assert_eq!(lost["forfeited"]["amount"], "32000.00");
        let run = run_of(&house, "OPEN", gated("0.5"), terms()).await;
        assert_eq!(totals(&house, &run).await, ["32000.00", "8000.00", "0.00"], "the gate is passed, the goal's own threshold is not");
    }
}

on_both! {
    async fn a_guarantee_fills_up_and_types_of_sales_are_told_apart(app) {
        let house = House::of(&app).await;
        sold(&house).await;
        let terms = [json!({ "guarantee": money("10000", "EUR") }), json!({ "guarantee": money("10000", "EUR") }), json!({})];
        let run = run_of(&house, "LEAST", json!({ "components": [flat("0.08", json!({}))] }), terms).await;
        assert_eq!(totals(&house, &run).await, ["32000.00", "10000.00", "0.00"]);
        assert_eq!(said(&house, &run, &house.other).await.1[1], "GUARANTEE 2000.00");
        let of = |kind: &str| json!({ "components": [flat("0.08", json!({ "commissionRetroactive": { "roles": ["OWNER"], "opportunityTypes": [kind], "tiers": [{ "from": "0", "rate": "0.08" }] } }))] });
        let run = run_of(&house, "NEW", of("NEW"), plain()).await;
        assert_eq!(totals(&house, &run).await[0], "32000.00");
        let run = run_of(&house, "RENEWAL", of("RENEWAL"), plain()).await;
        assert_eq!(totals(&house, &run).await[0], "0.00");
    }
}

on_both! {
    async fn bad_records_lower_pay(app) {
        let house = House::of(&app).await;
        sold(&house).await;
        house.ann.has("dataQualityRule", json!({ "name": "Domains", "entity": "ACCOUNT", "check": "COMPLETE", "fields": ["domain"], "ownerSide": "SALES" })).await;
        for n in 0..10 {
            house.ann.has("account", json!({ "name": format!("A{n}"), "domain": if n < 5 { json!(format!("a{n}.example")) } else { json!(null) } })).await;
        }
        let with = |floor: &str| json!({ "components": [flat("0.08", json!({}))], "dataHealth": [{ "floor": floor, "factor": "0.9" }] });
        let run = run_of(&house, "KEPT", with("0.5"), plain()).await;
        assert_eq!(totals(&house, &run).await[0], "32000.00", "half are complete");
        let run = run_of(&house, "UNKEPT", with("0.51"), plain()).await;
        assert_eq!(totals(&house, &run).await[0], "28800.00");
    }
}

on_both! {
    async fn a_draw_is_kept_of_later_pay_and_no_run_forgets_it(app) {
        let house = House::of(&app).await;
        sold(&house).await;
        let mut row = closed(&house.stages["Won"], "300000", "11-10", 10);
        row["ownerId"] = house.other.id();
        bring(&house.ann, vec![row]).await;
        let version = house.drafted("DRAW", house.body(json!({ "components": [flat("0.08", json!({}))] }))).await;
        house.takes_in(&version, &house.other.id(), json!({ "draw": money("12000", "EUR"), "drawRecoverable": true })).await;
        house.sign(&version).await;
        let first = house.run_of(&version).await;
        let of = house.mia.sees("agreementVersion", &version, "agreement { id }").await["agreement"]["id"].clone();
        let body = house.body(json!({ "components": [flat("0.08", json!({}))], "periodStart": "2025-10-01", "periodEnd": "2026-01-01" }));
        let made = house.mia.does("agreementVersion", "Create", json!({ "agreementId": of, "body": body }), "id").await;
        let next = made.data()["agreementVersionCreate"]["agreementVersion"]["id"].clone();
        house.sign(&next).await;
        let second = house.run_of(&next).await;
        // the later one is approved before the earlier one is locked
        let hash = house.calculate(&second).await["inputsHash"].clone();
        assert_eq!(house.step(&house.finn, "Submit", &second, json!({})).await.code(), "");
        assert_eq!(house.step(&house.fay, "Approve", &second, json!({ "inputsHash": hash })).await.code(), "");
        house.locked(&first).await;
        let owes = async |run: &Value| house.statement(&house.other, run, &house.other, "total { amount } owed { amount } lines { nodes { kind amount { amount } } }").await;
        let drawn = owes(&first).await;
        assert_eq!((&drawn["total"]["amount"], &drawn["owed"]["amount"]), (&json!("12000.00"), &json!("4000.00")), "{drawn}");
        assert_eq!(house.step(&house.finn, "Lock", &second, json!({})).await.code(), "CONFLICT", "what people owe has changed");
        house.locked(&second).await;
        let kept = owes(&second).await;
        assert_eq!((&kept["total"]["amount"], &kept["owed"]["amount"]), (&json!("20000.00"), &json!("0.00")), "24,000 less 4,000: {kept}");
        let drawn = json!({ "kind": "DRAW", "amount": { "amount": "-4000.00" } });
        assert!(kept["lines"]["nodes"].as_array().unwrap().contains(&drawn), "{kept}");
        // what the later one kept is of what the earlier one lent
        let back = async |run: &Value| house.step(&house.finn, "Reverse", run, json!({ "reason": "The wrong rates" })).await.code().to_owned();
        assert_eq!(back(&first).await, "CRITERIA_UNMET");
        assert_eq!(back(&second).await, "");
        assert_eq!(back(&first).await, "");
    }
}

on_both! {
    async fn a_clawback_reckons_goals_anew_where_the_plan_says_so(app) {
        let house = House::of(&app).await;
        let deal = house.won(&house.rep, &["400000"]).await.remove(0);
        house.won(&house.other, &["100000"]).await;
        let goal = goal(&house, "ARR", "500000").await;
        let body = |goals: bool| json!({ "clawback": { "fullDays": 3000, "noneDays": 4000, "goals": goals }, "components": [by_goal(&goal), flat("0.08", json!({}))] });
        let terms = || [json!({ "targetBonus": money("9000", "EUR") }), json!({}), json!({})];
        let (with, without) = (run_of(&house, "WITH", body(true), terms()).await, run_of(&house, "WITHOUT", body(false), terms()).await);
        assert_eq!(totals(&house, &with).await[0], "41000.00");
        for run in [&with, &without] {
            house.locked(run).await;
        }
        house.ann.does("opportunity", "Reopen", json!({ "id": deal }), "id").await.data();
        calculated(&app).await;
        let query = "query($run: ID!) { incentiveAdjustments(filter: { runId: { eq: $run } }) { nodes { amount { amount } } } }";
        let taken = async |run: &Value| house.rep.ask(query, json!({ "run": run })).await.data()["incentiveAdjustments"]["nodes"].clone();
        let one = |amount: &str| json!([{ "amount": { "amount": amount } }]);
        assert_eq!(taken(&with).await, one("-41000.00"), "a fifth of the goal pays no bonus");
        assert_eq!(taken(&without).await, one("-32000.00"));
    }
}

on_both! {
    async fn after_120_days_two_thirds_are_taken_back(app) {
        let house = House::of(&app).await;
        let now = chrono::Utc::now();
        let closed_at = (now - chrono::TimeDelta::days(120)).date_naive().and_hms_opt(12, 0, 0).unwrap().and_utc();
        let day = |days: i64| (closed_at.date_naive() + chrono::TimeDelta::days(days)).to_string();
        let at = |t: chrono::DateTime<chrono::Utc>| t.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let row = json!({ "name": "Deal", "stageId": house.stages["Won"], "amount": money("100000", "EUR"), "openedAt": at(closed_at - chrono::TimeDelta::days(9)),
            "closedAt": at(closed_at), "ownerId": house.rep.id() });
        let deal = bring(&house.ann, vec![row]).await.remove(0);
        let body = json!({ "periodStart": day(-10), "periodEnd": day(10), "components": [flat("0.08", json!({}))] });
        let run = run_of(&house, "LATELY", body, plain()).await;
        house.locked(&run).await;
        house.ann.does("opportunity", "Reopen", json!({ "id": deal }), "id").await.data();
        calculated(&app).await;
        let seen = house.rep.ask("{ incentiveAdjustments { nodes { triggeredAt note amount { amount } } } }", json!({})).await;
        let one = seen.data()["incentiveAdjustments"]["nodes"][0].clone();
        // 120 days, unless midnight passed meanwhile
        let then: chrono::DateTime<chrono::Utc> = one["triggeredAt"].as_str().unwrap().parse().unwrap();
        let age = (then.date_naive() - closed_at.date_naive()).num_days();
        let wanted = [(120, "-5333.33"), (121, "-5244.44")].into_iter().find(|(days, _)| *days == age).unwrap().1;
        assert_eq!(one["amount"]["amount"], wanted, "{one}");
    }
}

on_both! {
    async fn spiffs_pay_for_leads_accepted_in_time_once_each_and_for_offers(app) {
        let house = House::of(&app).await;
        house.ann.promises(json!({ "targets": [{ "kind": "ACCEPT", "minutes": 60 }, { "kind": "FIRST_RESPONSE", "minutes": 600 }] })).await;
        for n in 0..2 {
            let lead = house.mia.has_mql(&format!("l{n}@example.com")).await;
            let offer = house.mia.offers(&lead, json!({ "userId": house.rep.id() })).await;
            let done = house.rep.does("handoff", "Accept", json!({ "id": offer }), "id").await;
            assert_eq!(done.code(), "", "{}", done.0);
        }
        // both came back and were accepted in time again
        copied(&app, "sla_clock", "o.kind = 'ACCEPT' AND o.status = 'MET'", &numbers(&app, 1), &[]).await;
        let today = chrono::Utc::now().date_naive();
        let day = |days: i64| (today + chrono::TimeDelta::days(days)).to_string();
        let part = |key: &str, event: &str, side: &str, each: &str| json!({ "key": key, "name": key, "sides": [side], "spiff": { "event": event, "each": each, "most": 10 } });
        let body = json!({ "periodStart": day(-30), "periodEnd": day(30), "components": [
            part("FAST", "LEAD_ACCEPTED_IN_SLA", "SALES", "500"), part("GOOD", "OFFER_ACCEPTED", "MARKETING", "70")] });
        let run = run_of(&house, "SPIFF", body, plain()).await;
        assert_eq!(crate::jobs::count(&app.store, "sla_clock WHERE kind = 'ACCEPT' AND status = 'MET'").await, 4, "two clocks for each lead");
        assert_eq!(totals(&house, &run).await, ["1000.00", "0.00", "140.00"]);
        let told = house.statement(&house.rep, &run, &house.rep, "lines { nodes { events sources { totalCount } } }").await;
        assert_eq!(told["lines"]["nodes"][0], json!({ "events": 2, "sources": { "totalCount": 2 } }));
    }
}
