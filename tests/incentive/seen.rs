//! Who sees whose pay, and what can be told of it by those who do not.

use sea_orm::{ConnectionTrait, Statement};

use super::*;

const COUNTS: &str =
    "{ incentiveAssignments { totalCount } incentiveStatements { totalCount } incentiveStatementLines { totalCount }
    incentiveSources { totalCount } }";

async fn counts(who: &Person<'_>) -> Vec<i64> {
    let answer = who.ask(COUNTS, json!({})).await;
    let names = ["incentiveAssignments", "incentiveStatements", "incentiveStatementLines", "incentiveSources"];
    names.iter().map(|name| answer.data()[name]["totalCount"].as_i64().unwrap()).collect()
}

on_both! {
    async fn the_payee_those_above_and_finance(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["400000", "300000"]).await;
        house.won(&house.other, &["123456.78"]).await;
        // who shares a team is nobody's manager for that
        let team = house.ann.has("team", json!({ "name": "Sales", "kind": "SALES" })).await;
        for who in [&house.eva, &house.rep, &house.other] {
            house.ann.has("membership", json!({ "teamId": team, "userId": who.id() })).await;
        }
        let version = house.agreed("PLAN", &[&house.rep, &house.other]).await;
        let run = house.run_of(&version).await;
        house.calculate(&run).await;
        assert_eq!(counts(&house.finn).await, [2, 2, 2, 3]);
        assert_eq!(counts(&house.rep).await, [1, 1, 1, 2], "their own");
        assert_eq!(counts(&house.eva).await, [1, 1, 1, 2], "of who reports to her, and not of who shares her team");
        assert_eq!(counts(&house.other).await, [1, 1, 1, 1]);
        for role in [Template::Admin, Template::Revops, Template::Exec, Template::MktManager, Template::MktUser, Template::Sdr, Template::Integration] {
            let who = person(&app, role, &role.to_string().to_lowercase()).await;
            assert_eq!(counts(&who).await, [0, 0, 0, 0], "{role}");
            if role != Template::Integration {
                assert_eq!(who.sees("incentiveRun", &run, "status").await["status"], "CALCULATED", "{role}");
            }
        }
    }
}

on_both! {
    async fn finance_lets_an_administrator_look_for_an_hour(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["400000"]).await;
        let version = house.agreed("PLAN", &[&house.rep, &house.other]).await;
        let run = house.run_of(&version).await;
        house.calculate(&run).await;
        let ada = person(&app, Template::Admin, "ada").await;
        assert_eq!(counts(&ada).await, [0, 0, 0, 0]);
        let look = |who: &Person<'_>| json!({ "userId": who.id(), "subjectId": house.rep.id(), "reason": "their statement looks wrong" });
        assert_eq!(ada.makes("incentiveAccessGrant", look(&ada)).await.code(), "FORBIDDEN");
        assert_eq!(house.finn.makes("incentiveAccessGrant", look(&house.finn)).await.code(), "LOCKED", "nobody lets themselves");
        let mut long = look(&ada);
        long["expiresAt"] = json!(chrono::Utc::now() + chrono::TimeDelta::minutes(61));
        assert_eq!(house.finn.makes("incentiveAccessGrant", long).await.code(), "VALIDATION");
        let grant = house.finn.has("incentiveAccessGrant", look(&ada)).await;
        assert_eq!(counts(&ada).await, [1, 1, 1, 1], "the rep's and nobody else's");
        let told = house.rep.ask("{ incentiveAccessGrants { nodes { reason user { id } } } }", json!({})).await;
        assert_eq!(told.data()["incentiveAccessGrants"]["nodes"], json!([{ "reason": "their statement looks wrong", "user": { "id": ada.id() } }]));
        let mut key = Person { app: &app, actor: ada.actor.clone() };
        key.actor.via = api::actor::Via::ApiKey(entity::id::RowId::from_uuid(uuid::Uuid::now_v7()));
        assert_eq!(counts(&key).await, [0, 0, 0, 0], "not by a program");
        // the hour is over
        let store = &app.store;
        let past = "UPDATE incentive_access_grant SET expires_text = '2020-01-01 00:00:00'";
        store.migrator().execute_raw(Statement::from_string(store.backend(), past)).await.unwrap();
        assert_eq!(counts(&ada).await, [0, 0, 0, 0]);
        let second = house.finn.has("incentiveAccessGrant", look(&ada)).await;
        assert_eq!(counts(&ada).await, [1, 1, 1, 1]);
        assert_ne!(grant, second);
        assert_eq!(house.fay.does("incentiveAccessGrant", "Revoke", json!({ "id": second }), "revokedAt").await.code(), "");
        assert_eq!(counts(&ada).await, [0, 0, 0, 0]);
    }
}

on_both! {
    async fn nobody_gives_themselves_a_role_that_sees_pay(app) {
        let house = House::of(&app).await;
        let ada = person(&app, Template::Admin, "ada").await;
        let roles = ada.ask("{ roles(first: 50) { nodes { id key } } }", json!({})).await;
        let finance = roles.data()["roles"]["nodes"].as_array().unwrap().iter().find(|role| role["key"] == "FINANCE").unwrap()["id"].clone();
        let give = async |who: &Person<'_>, to: &Value| who.makes("roleGrant", json!({ "userId": to, "roleId": finance })).await.code().to_owned();
        assert_eq!(give(&ada, &ada.id()).await, "LOCKED");
        assert_eq!(give(&ada, &house.rep.id()).await, "FORBIDDEN", "nor to others: whoever sees pay gives it");
        assert_eq!(give(&house.finn, &house.rep.id()).await, "");
        let custom = json!({ "key": "PEEK", "name": "Peek", "permissions": [{ "permission": "INCENTIVE_READ", "scope": "ALL", "unassigned": false }] });
        assert_eq!(person(&app, Template::Revops, "rob").await.makes("role", custom).await.code(), "FORBIDDEN");
    }
}

on_both! {
    async fn nobody_puts_people_below_themselves_to_see_their_pay(app) {
        let house = House::of(&app).await;
        let mut rights = Template::Admin.rights();
        rights.add(&Template::SalesManager.rights());
        let both = Person { app: &app, actor: Actor { rights: rights.into(), ..house.eva.actor.clone() } };
        let below = json!({ "id": house.other.id(), "reportsToId": house.eva.id() });
        assert_eq!(both.does("user", "Update", below, "id").await.code(), "LOCKED");
        let around = json!({ "id": house.other.id(), "reportsToId": house.rep.id() });
        assert_eq!(both.does("user", "Update", around, "id").await.code(), "LOCKED", "below somebody who reports to her");
        let elsewhere = json!({ "id": house.other.id(), "reportsToId": house.mia.id() });
        assert_eq!(both.does("user", "Update", elsewhere, "id").await.code(), "");
        let branch = json!({ "id": house.mia.id(), "reportsToId": house.rep.id() });
        assert_eq!(both.does("user", "Update", branch, "id").await.code(), "LOCKED", "nor with all below them");
        // who is below her already may be moved about there
        let sub = person(&app, Template::SalesRep, "sub").await;
        house.ann.does("user", "Update", json!({ "id": sub.id(), "reportsToId": house.eva.id() }), "id").await.data();
        let within = json!({ "id": sub.id(), "reportsToId": house.rep.id() });
        assert_eq!(both.does("user", "Update", within, "id").await.code(), "");
    }
}

on_both! {
    async fn sums_are_of_five_people_or_more(app) {
        let house = House::of(&app).await;
        let exec = person(&app, Template::Exec, "exec").await;
        let mut sellers = vec![];
        for n in 0..6 {
            sellers.push(person(&app, Template::SalesRep, &format!("seller{n}")).await);
        }
        house.won(&sellers[0], &["100000"]).await;
        house.won(&sellers[1], &["50000"]).await;
        let version = house.drafted("PLAN", house.body(json!({}))).await;
        for (n, who) in sellers.iter().enumerate() {
            house.takes_in(&version, &who.id(), json!({ "side": if n == 5 { "MARKETING" } else { "SALES" } })).await;
        }
        house.sign(&version).await;
        let run = house.run_of(&version).await;
        house.calculate(&run).await;
        let totals = "query($run: ID!) { incentiveTotals(runId: $run) { side team { id } people total { amount } } }";
        let said = async |who: &Person<'_>| who.ask(totals, json!({ "run": run })).await.data()["incentiveTotals"].clone();
        assert_eq!(said(&exec).await, json!(null), "not while it may change with single records");
        house.locked(&run).await;
        // five of sales and one of marketing: the side would tell the one
        assert_eq!(said(&exec).await, json!([{ "side": null, "team": null, "people": 6, "total": { "amount": "12000.00" } }]));
        for who in [&house.ann, &house.finn] {
            assert!(said(who).await.is_array());
        }
        for who in [&house.eva, &house.rep, &house.mia] {
            assert_eq!(said(who).await, json!(null));
        }
        assert_eq!(counts(&exec).await, [0, 0, 0, 0]);
    }
}

on_both! {
    async fn the_payroll_file_holds_no_formulas_and_is_for_finance(app) {
        let house = House::of(&app).await;
        house.won(&house.rep, &["400000"]).await;
        house.ann.does("user", "Update", json!({ "id": house.rep.id(), "name": "=HYPERLINK(\"http://x\",\"1\")" }), "id").await.data();
        let version = house.agreed("PLAN", &[&house.rep, &house.other]).await;
        let run = house.run_of(&version).await;
        let query = "query($run: ID!, $after: ID) { incentivePayroll(runId: $run, after: $after, first: 1) { csv hasNextPage endCursor } }";
        let page = async |who: &Person<'_>, after: Value| who.ask(query, json!({ "run": run, "after": after })).await;
        assert_eq!(page(&house.finn, json!(null)).await.code(), "BAD_USER_INPUT", "not locked");
        house.locked(&run).await;
        let (mut file, mut after) = (String::new(), json!(null));
        loop {
            let answer = page(&house.finn, after).await;
            let part = answer.data()["incentivePayroll"].clone();
            file += part["csv"].as_str().unwrap();
            if part["hasNextPage"] == false {
                break;
            }
            after = part["endCursor"].clone();
        }
        let lines: Vec<&str> = file.lines().collect();
        assert_eq!((lines.len(), lines[0]), (3, "statement_id,user_id,email,name,side,period_start,period_end,currency,total,held,paid_at"));
        assert!(file.contains(",\"'=HYPERLINK(\"\"http://x\"\",\"\"1\"\")\",SALES,2025-07-01,2025-10-01,EUR,32000.00,false,\r\n"), "{file}");
        for who in [&house.eva, &house.rep, &house.mia] {
            assert_eq!(page(who, json!(null)).await.data()["incentivePayroll"], json!(null));
        }
    }
}
