//! Runs: calculated from what is frozen, approved by a second person, locked for good.

use sea_orm::{ConnectionTrait, Statement};

use super::*;

const LINES: &str = "total { amount } revision lines(first: 5, orderBy: [{ field: CREATED_AT }]) { nodes { position kind component basis { amount }
    attainment amount { amount } sources(first: 5) { totalCount nodes { kind role percent amount { amount } base { amount } } } } }";

on_both! {
    async fn seven_hundred_thousand_pay_sixty_seven_thousand(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["400000", "300000"]).await;
        house.won(&house.other, &["499999.99"]).await;
        let version = house.agreed("PLAN", &[&house.rep]).await;
        let run = house.run_of(&version).await;
        let seen = house.calculate(&run).await;
        assert_eq!((&seen["status"], &seen["revision"], &seen["calculating"]), (&json!("CALCULATED"), &json!(1), &json!(null)), "{seen}");
        let told = house.statement(&house.finn, &run, &house.rep, LINES).await;
        assert_eq!(told["total"]["amount"], "67000.00", "{told}");
        let line = &told["lines"]["nodes"][0];
        assert_eq!((&line["kind"], &line["component"], &line["attainment"], &line["basis"]["amount"]),
            (&json!("COMMISSION_MARGINAL"), &json!("AE"), &json!("1.4"), &json!("700000.00")));
        assert_eq!(line["sources"]["totalCount"], 2);
        assert_eq!(line["sources"]["nodes"][0]["percent"], "100");
        assert_eq!(house.statement(&house.finn, &run, &house.other, "id").await, json!(null), "not in the plan");
    }
}

on_both! {
    async fn shares_are_credited_and_sum_to_the_sale(app) {
        let house = House::of(&app).await;
        let deal = &house.won(&house.rep, &["90000"]).await[0];
        let input = json!({ "opportunityId": deal, "splits": [
            { "userId": house.rep.id(), "role": "OWNER", "percent": "70" }, { "userId": house.other.id(), "role": "SDR", "percent": "20" },
            { "userId": house.mia.id(), "role": "MARKETING", "percent": "10" }, { "userId": house.eva.id(), "role": "OVERLAY", "percent": "50" }] });
        let set = house.ann.ask("mutation($in: OpportunitySplitsSetInput!) { opportunitySplitsSet(input: $in) { userErrors { code } } }", json!({ "in": input })).await;
        assert_eq!(set.code(), "", "{}", set.0);
        let flat = json!([{ "from": "0", "rate": "1" }]);
        let part = |key: &str, roles: Value| json!({ "key": key, "name": key, "commissionRetroactive": { "roles": roles, "tiers": flat } });
        let body = house.body(json!({ "components": [part("ALL", json!(["OWNER", "SDR", "MARKETING"])), part("OVER", json!(["OVERLAY"]))] }));
        let version = house.drafted("PLAN", body).await;
        for (who, side) in [(&house.rep, "SALES"), (&house.other, "SALES"), (&house.mia, "MARKETING"), (&house.eva, "SALES")] {
            house.takes_in(&version, &who.id(), json!({ "side": side })).await;
        }
        house.sign(&version).await;
        let run = house.run_of(&version).await;
        house.calculate(&run).await;
        for (who, total) in [(&house.rep, "63000.00"), (&house.other, "18000.00"), (&house.mia, "9000.00"), (&house.eva, "45000.00")] {
            assert_eq!(house.statement(&house.fay, &run, who, "total { amount }").await["total"]["amount"], total);
        }
    }
}

on_both! {
    async fn calculated_again_it_is_the_same_and_the_former_is_kept(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["400000"]).await;
        let version = house.agreed("PLAN", &[&house.rep]).await;
        let run = house.run_of(&version).await;
        let (first, second) = (house.calculate(&run).await, house.calculate(&run).await);
        assert_eq!(first["inputsHash"], second["inputsHash"]);
        assert_eq!(second["revision"], 2);
        house.won(&house.rep, &["100000"]).await;
        let third = house.calculate(&run).await;
        assert_ne!(second["inputsHash"], third["inputsHash"]);
        let query = "query($run: ID!) { incentiveStatements(filter: { runId: { eq: $run } }, orderBy: [{ field: CREATED_AT }]) { nodes { revision current total { amount } lines { nodes { amount { amount } } } } } }";
        let all = house.finn.ask(query, json!({ "run": run })).await.data()["incentiveStatements"]["nodes"].clone();
        let said = |n: i32, current: bool, total: &str| json!({ "revision": n, "current": current, "total": { "amount": total }, "lines": { "nodes": [{ "amount": { "amount": total } }] } });
        assert_eq!(all, json!([said(1, false, "32000.00"), said(2, false, "32000.00"), said(3, true, "40000.00")]));
    }
}

on_both! {
    async fn four_eyes_see_the_same_before_it_is_locked_once(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["400000"]).await;
        let version = house.agreed("PLAN", &[&house.rep, &house.fay]).await;
        let run = house.run_of(&version).await;
        assert_eq!(house.step(&house.finn, "Submit", &run, json!({})).await.code(), "INVALID_TRANSITION");
        let hash = house.calculate(&run).await["inputsHash"].clone();
        assert_eq!(house.step(&house.fay, "Approve", &run, json!({ "inputsHash": hash })).await.code(), "INVALID_TRANSITION");
        assert_eq!(house.step(&house.finn, "Submit", &run, json!({})).await.code(), "");
        assert_eq!(house.step(&house.finn, "Approve", &run, json!({ "inputsHash": hash })).await.code(), "LOCKED", "who put it up");
        assert_eq!(house.step(&house.fay, "Approve", &run, json!({ "inputsHash": hash })).await.code(), "LOCKED", "who is paid");
        let mut third = person(&app, Template::Finance, "third").await;
        assert_eq!(house.step(&third, "Approve", &run, json!({ "inputsHash": "0".repeat(64) })).await.code(), "CONFLICT");
        let session = third.actor.via;
        third.actor.via = api::actor::Via::ApiKey(entity::id::RowId::from_uuid(uuid::Uuid::now_v7()));
        assert_eq!(house.step(&third, "Approve", &run, json!({ "inputsHash": hash })).await.code(), "FORBIDDEN", "a program");
        third.actor.via = session;
        // what changed after it was put up takes it back
        house.won(&house.rep, &["1"]).await;
        let other = house.calculate(&run).await;
        assert_eq!(other["status"], "CALCULATED");
        assert_eq!(house.step(&third, "Approve", &run, json!({ "inputsHash": hash })).await.code(), "INVALID_TRANSITION");
        house.step(&house.finn, "Submit", &run, json!({})).await.data();
        assert_eq!(house.step(&third, "Approve", &run, json!({ "inputsHash": hash })).await.code(), "CONFLICT");
        assert_eq!(house.step(&third, "Approve", &run, json!({ "inputsHash": other["inputsHash"] })).await.code(), "");
        // and so does a calculation after it was approved
        let again = house.calculate(&run).await;
        assert_eq!((&again["status"], &again["inputsHash"]), (&json!("CALCULATED"), &other["inputsHash"]), "the same inputs");
        house.step(&house.finn, "Submit", &run, json!({})).await.data();
        third.actor.via = api::actor::Via::ApiKey(entity::id::RowId::from_uuid(uuid::Uuid::now_v7()));
        assert_eq!(house.step(&third, "Approve", &run, json!({ "inputsHash": again["inputsHash"] })).await.code(), "FORBIDDEN");
        third.actor.via = session;
        assert_eq!(house.step(&third, "Approve", &run, json!({ "inputsHash": again["inputsHash"] })).await.code(), "");
        let both = tokio::join!(house.step(&house.finn, "Lock", &run, json!({})), house.step(&third, "Lock", &run, json!({})));
        let mut codes = [both.0.code().to_owned(), both.1.code().to_owned()];
        codes.sort();
        assert_eq!(codes, ["", "INVALID_TRANSITION"], "two at once give one lock");
    }
}

on_both! {
    async fn a_period_that_goes_on_is_not_put_up(app) {
        let house = House::of(&app).await;
        let year = chrono::Datelike::year(&chrono::Utc::now());
        let body = house.body(json!({ "periodStart": format!("{year}-01-02"), "periodEnd": format!("{}-01-01", year + 1) }));
        let version = house.drafted("PLAN", body).await;
        house.takes_in(&version, &house.rep.id(), json!({})).await;
        house.sign(&version).await;
        let run = house.run_of(&version).await;
        assert_eq!(house.calculate(&run).await["status"], "CALCULATED", "a look ahead");
        assert_eq!(house.step(&house.finn, "Submit", &run, json!({})).await.code(), "CRITERIA_UNMET");
    }
}

on_both! {
    async fn a_day_is_paid_once_however_often_the_plan_is_changed(app) {
        let house = House::of(&app).await;
        let version = house.agreed("PLAN", &[&house.rep]).await;
        house.run_of(&version).await;
        let of = house.mia.sees("agreementVersion", &version, "agreement { id }").await["agreement"]["id"].clone();
        let next = async |start: &str, end: &str| {
            let input = json!({ "agreementId": of, "body": house.body(json!({ "periodStart": start, "periodEnd": end })) });
            let made = house.mia.does("agreementVersion", "Create", input, "id").await;
            let next = made.data()["agreementVersionCreate"]["agreementVersion"]["id"].clone();
            house.sign(&next).await;
            house.finn.makes("incentiveRun", json!({ "agreementVersionId": next })).await.code().to_owned()
        };
        assert_eq!(next("2025-09-01", "2025-12-01").await, "DUPLICATE", "September would be paid twice");
        assert_eq!(next("2025-10-01", "2026-01-01").await, "");
    }
}

on_both! {
    async fn a_later_run_waits_for_the_earlier_one(app) {
        let house = House::of(&app).await;
        let version = house.agreed("PLAN", &[&house.rep]).await;
        let first = house.run_of(&version).await;
        let of = house.mia.sees("agreementVersion", &version, "agreement { id }").await["agreement"]["id"].clone();
        let input = json!({ "agreementId": of, "body": house.body(json!({ "periodStart": "2025-10-01", "periodEnd": "2026-01-01" })) });
        let made = house.mia.does("agreementVersion", "Create", input, "id").await;
        let next = made.data()["agreementVersionCreate"]["agreementVersion"]["id"].clone();
        house.sign(&next).await;
        let second = house.run_of(&next).await;
        let hash = house.calculate(&second).await["inputsHash"].clone();
        house.step(&house.finn, "Submit", &second, json!({})).await.data();
        house.step(&house.fay, "Approve", &second, json!({ "inputsHash": hash })).await.data();
        assert_eq!(house.step(&house.finn, "Lock", &second, json!({})).await.code(), "CRITERIA_UNMET");
        house.locked(&first).await;
        assert_eq!(house.step(&house.finn, "Lock", &second, json!({})).await.code(), "");
    }
}

on_both! {
    async fn who_takes_a_sale_over_afterwards_is_credited_with_nothing(app) {
        let house = House::of(&app).await;
        let deal = house.won(&house.rep, &["400000"]).await.remove(0);
        house.ann.does("opportunity", "Update", json!({ "id": deal, "ownerId": house.other.id() }), "id").await.data();
        let version = house.agreed("PLAN", &[&house.rep, &house.other]).await;
        let run = house.run_of(&version).await;
        house.calculate(&run).await;
        for (who, total) in [(&house.rep, "32000.00"), (&house.other, "0.00")] {
            assert_eq!(house.statement(&house.finn, &run, who, "total { amount }").await["total"]["amount"], total);
        }
    }
}

on_both! {
    async fn what_cannot_be_converted_is_said_on_the_run(app) {
        let house = House::of(&app).await;
        let mut row = closed(&house.stages["Won"], "5", "08-10", 1);
        (row["amount"], row["ownerId"]) = (money("5", "USD"), house.rep.id());
        bring(&house.ann, vec![row]).await;
        let version = house.agreed("PLAN", &[&house.rep]).await;
        let run = house.run_of(&version).await;
        let seen = house.calculate(&run).await;
        assert_eq!((&seen["status"], &seen["calculating"]), (&json!("DRAFT"), &json!(null)));
        assert!(seen["failure"].as_str().unwrap().contains("USD/EUR on 2025-08-10"), "{seen}");
        house.ann.has("exchangeRate", json!({ "base": "USD", "quote": "EUR", "date": "2025-08-08", "rate": "0.5" })).await;
        let seen = house.calculate(&run).await;
        assert_eq!((&seen["status"], &seen["failure"]), (&json!("CALCULATED"), &json!(null)));
        assert_eq!(house.statement(&house.finn, &run, &house.rep, "total { amount }").await["total"]["amount"], "0.20");
    }
}

/// Sales with their numbers in a sheet.
const SHEET: &str = r#"
about = "Sales."
[[step]]
file = "sales.csv"
entity = "opportunity"
match = { external_ref = "{No}", system = "sheet" }
[step.fields]
amount = { from = "Amount", currency = "EUR" }
"#;

/// A file says that a sale is worth less.
async fn imported(who: &Person<'_>, id: &Value) {
    who.has("externalRef", json!({ "recordId": id, "system": "sheet", "externalId": "1" })).await;
    let job = crate::import::imported(who, SHEET, "sales.csv", b"No,Amount\r\n1,6\r\n").await;
    assert_eq!(crate::import::counts(&job), [1, 0, 1, 0, 0], "{job}");
}

/// Everything that is kept of a run, as text.
async fn kept(house: &House<'_>) -> Vec<String> {
    let store = &house.app.store;
    let mut all = vec![];
    for (table, columns) in [
        ("incentive_statement", "run_id, user_id, revision, current, total_minor, owed_minor, carried_minor, version"),
        ("incentive_statement_line", "statement_id, position, kind, amount_minor, version, deleted_at"),
        ("incentive_source", "position, record_id, base_minor, amount_minor, version, deleted_at"),
        ("incentive_run", "status, revision, inputs_hash, version"),
    ] {
        let sql = format!("SELECT {columns} FROM {table} ORDER BY id");
        let rows = store.migrator().query_all_raw(Statement::from_string(store.backend(), sql)).await.unwrap();
        all.extend(rows.iter().map(|row| format!("{row:?}")));
    }
    all
}

on_both! {
    async fn a_locked_run_never_changes(app) {
        let house = House::of(&app).await;
        let deals = house.won(&house.rep, &["400000", "300000"]).await;
        let version = house.agreed("PLAN", &[&house.rep]).await;
        let run = house.run_of(&version).await;
        house.locked(&run).await;
        let before = kept(&house).await;

        for (verb, more) in [("Calculate", json!({})), ("Submit", json!({})), ("Lock", json!({})), ("Approve", json!({ "inputsHash": "x" }))] {
            assert_eq!(house.step(&house.finn, verb, &run, more).await.code(), "INVALID_TRANSITION", "{verb}");
        }
        // there is nothing that writes these rows
        for name in crate::harness::Sample::roots("Mutation").keys() {
            let rows = ["incentiveStatement", "incentiveStatementLine", "incentiveSource"].iter().any(|record| name.starts_with(record));
            let upsert = ["incentiveRunUpdate", "incentiveRunUpsert", "incentiveRunDelete", "incentiveRunRestore"].contains(&name.as_str());
            assert!(!upsert && (!rows || ["incentiveStatementDispute", "incentiveStatementAdjust"].contains(&name.as_str())), "{name} writes what is fixed");
        }
        assert_eq!(house.finn.makes("incentiveRun", json!({ "agreementVersionId": version })).await.code(), "DUPLICATE");
        // not even Accord itself
        let mut tx = house.system().begin(api::actor::Permission::IncentiveLock).await.unwrap();
        let row = tx.lock::<entity::incentive_run::Entity>(run.as_str().unwrap().parse().unwrap()).await.unwrap();
        let patch = api::graph::Patch::default().with("inputs_hash", "other");
        let refused = api::graph::record::save::<entity::incentive_run::Entity>(&mut tx, Some(row), patch).await;
        assert!(refused.is_err_and(|error| error.to_string().contains("nothing changes it")));
        drop(tx);
        // deals that go, change, are brought in again or shared anew, their contracts, people that leave
        let account = house.ann.has("account", json!({ "name": "Customer" })).await;
        house.ann.does("opportunity", "Update", json!({ "id": deals[0], "accountId": account }), "id").await.data();
        let contract = json!({ "accountId": account, "opportunityId": deals[0], "monthlyAmount": money("5", "EUR"), "startsOn": "2025-09-01" });
        let contract = house.ann.has("customerContract", contract).await;
        house.ann.does("customerContract", "Cancel", json!({ "id": contract, "reason": "Elsewhere" }), "id").await.data();
        let again = json!([{ "id": deals[1], "amount": money("7", "EUR") }]);
        let upserted = house.ann.ask("mutation($rows: [OpportunityUpsertRow!]!) { opportunityUpsert(input: { matchOn: ID, rows: $rows }) { results { status userErrors { code } } } }", json!({ "rows": again })).await;
        assert_eq!(upserted.data()["opportunityUpsert"]["results"][0]["status"], "UPDATED", "{}", upserted.0);
        imported(&house.ann, &deals[1]).await;
        house.ann.does("opportunity", "Update", json!({ "id": deals[1], "amount": money("5", "EUR") }), "id").await.data();
        house.ann.does("opportunity", "Delete", json!({ "id": deals[0] }), "id").await.data();
        let input = json!({ "opportunityId": deals[1], "splits": [{ "userId": house.other.id(), "role": "OWNER", "percent": "100" }] });
        house.ann.ask("mutation($in: OpportunitySplitsSetInput!) { opportunitySplitsSet(input: $in) { userErrors { code } } }", json!({ "in": input })).await.data();
        house.ann.does("user", "Deactivate", json!({ "id": house.rep.id() }), "id").await.data();
        // what was won late, and what follows from all of this
        house.won(&house.other, &["300000"]).await;
        calculated(&app).await;
        assert_eq!(kept(&house).await, before);
        let told = house.finn.ask("{ incentiveAdjustments { totalCount } }", json!({})).await;
        assert_ne!(told.data()["incentiveAdjustments"]["totalCount"], 0, "it lands as adjustments");
        let told = house.statement(&house.finn, &run, &house.rep, LINES).await;
        assert_eq!((&told["total"]["amount"], &told["lines"]["nodes"][0]["sources"]["totalCount"]), (&json!("67000.00"), &json!(2)));
    }
}

on_both! {
    async fn a_run_that_is_taken_back_is_taken_in_the_next(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["700000"]).await;
        let version = house.agreed("PLAN", &[&house.rep]).await;
        let run = house.run_of(&version).await;
        house.locked(&run).await;
        assert_eq!(house.step(&house.finn, "MarkPaid", &run, json!({})).await.code(), "");
        assert!(house.statement(&house.rep, &run, &house.rep, "paidAt").await["paidAt"].is_string());
        assert_eq!(house.step(&house.finn, "Reverse", &run, json!({ "reason": "the wrong rates" })).await.code(), "");
        let back = "{ incentiveAdjustments { nodes { reason amount { amount } postedRun { id } } } }";
        let seen = house.rep.ask(back, json!({})).await;
        assert_eq!(seen.data()["incentiveAdjustments"]["nodes"], json!([{ "reason": "REVERSAL", "amount": { "amount": "-67000.00" }, "postedRun": null }]));
        assert_eq!(house.step(&house.finn, "Reverse", &run, json!({ "reason": "twice" })).await.code(), "INVALID_TRANSITION");

        // the period is run anew, and takes back what was paid
        let next = house.run_of(&version).await;
        house.locked(&next).await;
        let told = house.statement(&house.rep, &next, &house.rep, "total { amount } lines { nodes { kind amount { amount } } }").await;
        assert_eq!(told["total"]["amount"], "0.00", "{told}");
        let seen = house.rep.ask(back, json!({})).await;
        assert_eq!(seen.data()["incentiveAdjustments"]["nodes"][0]["postedRun"]["id"], next);
    }
}
