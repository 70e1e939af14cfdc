//! The demo organisation: believable, the same every time, and open to everybody it names.

use std::collections::BTreeSet;

use api::{
    actor::Actor,
    demo::{self, Calendar, SignIn, Size},
};
use serde_json::{Value, json};

use crate::harness::{App, Database, Person, on_both};

const SMALL: Size = Size { seed: 7, percent: 8 };

async fn filled(app: &App) -> Vec<SignIn> {
    demo::fill_with(&app.store, app.gate.hasher(), SMALL).await.expect("the demo organisation")
}

/// Accord itself in the demo organisation: sees everything.
async fn everything(app: &App) -> Person<'_> {
    let demo = app.store.door().organization(Some(demo::SLUG)).await.expect("the door").expect("it is there");
    Person { app, actor: Actor::system(demo.id) }
}

async fn token(app: &App, who: &str) -> String {
    let input = json!({ "email": who, "password": demo::PASSWORD, "organization": demo::SLUG });
    let query = "mutation($i: SessionCreateInput!) { sessionCreate(input: $i) { session { accessToken } userErrors { message } } }";
    let answer = app.ask_as(None, &[], query, json!({ "i": input })).await;
    let token = &answer.data()["sessionCreate"]["session"]["accessToken"];
    token.as_str().unwrap_or_else(|| panic!("{who}: {}", answer.0)).to_owned()
}

const COUNTS: &str =
    "{ accounts { totalCount } contacts { totalCount } leads { totalCount } opportunities { totalCount }
    stageChanges { totalCount } campaigns { totalCount } activities { totalCount } users { totalCount } }";

on_both! {
async fn filling_twice_changes_nothing(app) {
    let first = filled(&app).await;
    let all = everything(&app).await;
    let before = all.ask(COUNTS, json!({})).await;
    assert_eq!(filled(&app).await, first);
    assert_eq!(all.ask(COUNTS, json!({})).await.data(), before.data());
    assert!(before.data().as_object().unwrap().values().all(|n| n["totalCount"].as_u64() > Some(5)), "{}", before.0);
}
}

on_both! {
async fn everybody_signs_in_and_every_role_is_there(app) {
    let people = filled(&app).await;
    let roles: BTreeSet<&str> = people.iter().map(|person| person.role).collect();
    assert_eq!(roles.len(), 10);
    for person in &people {
        let token = token(&app, &person.email).await;
        let seen = app.ask_as(Some(&token), &[], "{ viewer { user { name } } }", json!({})).await;
        assert_eq!(seen.data()["viewer"]["user"]["name"], person.name);
    }
}
}

on_both! {
async fn a_salesperson_sees_less_than_their_manager(app) {
    filled(&app).await;
    let mut seen = Vec::new();
    for who in ["sam.seller", "stan.lead"] {
        let token = token(&app, &format!("{who}@demo.example")).await;
        let answer = app.ask_as(Some(&token), &[], "{ opportunities { totalCount } }", json!({})).await;
        seen.push(answer.data()["opportunities"]["totalCount"].as_u64().unwrap());
    }
    assert!(0 < seen[0] && seen[0] < seen[1], "{seen:?}");
}
}

on_both! {
async fn sales_wins_about_half(app) {
    filled(&app).await;
    let query = "{ opportunityAggregate { won lost open winRate { value } } leadAggregate(groupBy: [{ field: STATUS }]) { key { status } count } }";
    let answer = everything(&app).await.ask(query, json!({})).await;
    let all = &answer.data()["opportunityAggregate"][0];
    let rate = all["winRate"]["value"].as_str().map_or_else(|| all["winRate"]["value"].as_f64(), |s| s.parse().ok());
    assert!(rate.is_some_and(|rate| (0.3..=0.6).contains(&rate)), "{}", answer.0);
    assert!(all["open"].as_u64() > Some(0), "{}", answer.0);
    assert!(answer.data()["leadAggregate"].as_array().unwrap().len() >= 6, "{}", answer.0);
}
}

on_both! {
async fn both_sides_have_goals_with_a_day_by_day_record(app) {
    filled(&app).await;
    let query = "{ goals(first: 10, orderBy: [{ field: PERIOD_START }, { field: CREATED_AT }]) { nodes {
        status agreement { key } parent { agreement { key } } agreementVersion { status } snapshots { totalCount } } } }";
    let answer = everything(&app).await.ask(query, json!({})).await;
    let goals = answer.data()["goals"]["nodes"].as_array().unwrap();
    let told: Vec<_> = goals.iter().map(|goal| (goal["agreement"]["key"].as_str().unwrap(), goal["status"].as_str().unwrap())).collect();
    assert_eq!(told, [("REVENUE_LAST", "MISSED"), ("REVENUE", "ACTIVE"), ("NEW_REVENUE", "ACTIVE"), ("PIPELINE", "ACTIVE")]);
    assert!((90..=92).contains(&goals[0]["snapshots"]["totalCount"].as_u64().unwrap()), "{}", answer.0);
    assert_eq!(goals[2]["parent"]["agreement"]["key"], "REVENUE");
    assert!(goals.iter().all(|goal| goal["agreementVersion"]["status"] == "ACTIVE"), "{}", answer.0);
}
}

on_both! {
async fn both_sides_have_scored_what_is_to_bring_their_goals_nearer(app) {
    filled(&app).await;
    let query = "{ initiatives(first: 10, orderBy: [{ field: RANK_PRODUCT, direction: DESC, nulls: LAST }]) { nodes {
        id status rankProduct disagreements goal { agreement { key } } } } }";
    let answer = everything(&app).await.ask(query, json!({})).await;
    let all = answer.data()["initiatives"]["nodes"].as_array().unwrap();
    let ranks: Vec<_> = all.iter().map(|one| one["rankProduct"].as_str().unwrap_or("none")).collect();
    assert_eq!(ranks, ["385", "340", "240", "106.5", "none"]);
    assert_eq!(all[3]["disagreements"], json!(["IMPACT", "CONFIDENCE"]));
    assert_eq!(all.iter().filter(|one| one["status"] == "ACTIVE").count(), 2);
}
}

on_both! {
async fn customers_have_contracts_and_answers_and_tasks_were_done(app) {
    filled(&app).await;
    let end = app.store.now();
    let start = end - chrono::TimeDelta::days(540);
    let asked = |key: &str| format!("{key}: metric(key: {key}, period: $p) {{ value n }} ");
    let keys = ["NPS", "CSAT", "FOLLOW_THROUGH", "RECURRING_REVENUE"];
    let query = format!("query($p: PeriodInput!) {{ {} }}", keys.map(asked).concat());
    let period = json!({ "start": start.to_rfc3339(), "end": end.to_rfc3339() });
    let told = everything(&app).await.ask(&query, json!({ "p": period })).await;
    let value = |key: &str| -> f64 { told.data()[key]["value"].as_str().unwrap_or_else(|| panic!("{key}: {}", told.0)).parse().unwrap() };
    assert!((-100.0..=100.0).contains(&value("NPS")) && (0.0..=1.0).contains(&value("CSAT")), "{}", told.0);
    assert!((0.5..1.0).contains(&value("FOLLOW_THROUGH")) && value("RECURRING_REVENUE") > 0.0, "{}", told.0);
    assert!(keys.iter().all(|key| told.data()[*key]["n"].as_u64() > Some(3)), "{}", told.0);
}
}

on_both! {
async fn only_plans_lie_in_the_future(app) {
    filled(&app).await;
    let now = app.store.now().to_rfc3339();
    let query = "query($now: DateTime!) {
        accounts(filter: { createdAt: { gt: $now } }) { totalCount }
        leads(filter: { or: [{ createdAt: { gt: $now } }, { statusChangedAt: { gt: $now } }] }) { totalCount }
        opportunities(filter: { or: [{ updatedAt: { gt: $now } }, { openedAt: { gt: $now } }, { closedAt: { gt: $now } }] }) { totalCount }
        stageChanges(filter: { at: { gt: $now } }) { totalCount }
        activities(filter: { happenedAt: { gt: $now } }) { totalCount }
    }";
    let answer = everything(&app).await.ask(query, json!({ "now": now })).await;
    assert!(answer.data().as_object().unwrap().values().all(|n| n["totalCount"] == 0), "{}", answer.0);
}
}

on_both! {
async fn what_was_planned_is_what_is_there(app) {
    filled(&app).await;
    let query = "{ opportunities(first: 100, orderBy: [{ field: NAME }, { field: AMOUNT }]) { nodes { name stageType amount { amount } createdAt owner { name } } } }";
    let all = everything(&app).await.ask(query, json!({})).await;
    let rows = all.data()["opportunities"]["nodes"].as_array().unwrap().clone();
    let old = |row: &&Value| row["createdAt"].as_str().unwrap() < app.store.now().to_rfc3339().as_str();
    assert_eq!(rows.iter().filter(old).count(), rows.len());
    assert!(rows.iter().all(|row| row["owner"]["name"].as_str().unwrap().ends_with("Seller")), "{rows:?}");
}
}

on_both! {
async fn both_sides_have_targets_and_sales_know_their_buyers(app) {
    filled(&app).await;
    let query = "{ targetLists { nodes { state agreementRate { numerator denominator } } } stageCriteria { totalCount }
        opportunities(filter: { stageType: { eq: OPEN }, engagedContacts: { gte: 0 } }) { nodes { committeeCoverage { denominator } } } }";
    let answer = everything(&app).await.ask(query, json!({})).await;
    let list = &answer.data()["targetLists"]["nodes"][0];
    assert_eq!(list["state"], "LOCKED");
    let (agreed, all) = (list["agreementRate"]["numerator"].as_u64(), list["agreementRate"]["denominator"].as_u64());
    assert!(Some(0) < agreed && agreed < all, "{}", answer.0);
    assert_eq!(answer.data()["stageCriteria"]["totalCount"], 4);
    let open = answer.data()["opportunities"]["nodes"].as_array().unwrap();
    assert!(!open.is_empty() && open.iter().all(|deal| deal["committeeCoverage"]["denominator"] == 3), "{open:?}");
}
}

on_both! {
async fn the_way_of_leads_has_rows_in_every_list(app) {
    filled(&app).await;
    let query = "{ touchpoints { totalCount } handoffs { totalCount } routingDecisions { totalCount } slaClocks { totalCount }
        leadStatusChanges { totalCount } pools { totalCount } poolMembers { totalCount } rejectionReasons { totalCount }
        feedbackItems { totalCount } disputes { totalCount } duplicatePairs { totalCount } userAbsences { totalCount }
        businessCalendars { totalCount } agreements { totalCount } untouchedLeads { totalCount } ghostAcceptedLeads { totalCount }
        waiting: handoffs(filter: { state: { eq: PENDING } }) { totalCount }
        running: slaClocks(filter: { status: { eq: PENDING } }) { totalCount }
        late: slaClocks(filter: { status: { eq: BREACHED } }) { totalCount }
        proposed: agreementVersions(filter: { status: { eq: PROPOSED } }) { totalCount }
        quarrels: disputes(filter: { status: { eq: UNDER_REVIEW } }) { totalCount } }";
    let answer = everything(&app).await.ask(query, json!({})).await;
    let lists = answer.data().as_object().unwrap();
    let empty: Vec<_> = lists.iter().filter(|(_, list)| list["totalCount"].as_u64() == Some(0)).collect();
    assert!(empty.is_empty(), "{empty:?}");
}
}

const FIGURES: &str = "query($input: SlaReportInput!, $period: PeriodInput!) {
    handoffAggregate { count acceptance { value } } slaAttainment(input: $input) { attainment { value } }
    slaResponseTimes(input: $input) { p50Seconds } rejectionReport(groupBy: REASON, period: $period) { rejected }
    leads(first: 1, orderBy: [{ field: SCORE, direction: DESC }]) { nodes { id } } }";

on_both! {
async fn every_role_gets_figures_of_what_it_may_see(app) {
    let period = json!({ "start": "2000-01-01T00:00:00Z", "end": "2100-01-01T00:00:00Z" });
    let variables = json!({ "input": { "period": period }, "period": period });
    let mut most = 0;
    for person in filled(&app).await {
        let token = token(&app, &person.email).await;
        let answer = app.ask_as(Some(&token), &[], FIGURES, variables.clone()).await;
        let told = answer.data();
        let count = told["handoffAggregate"][0]["count"].as_u64().unwrap_or(0);
        if person.role == "FINANCE" {
            assert_eq!((count, &told["leads"]["nodes"]), (0, &json!([])));
            assert!(told["slaAttainment"][0]["attainment"]["value"].is_f64(), "shared, though they see no lead: {}", answer.0);
            let pay = "{ incentiveRuns(first: 10, orderBy: [{ field: PERIOD_START }]) { nodes { status } }
                incentiveStatements(first: 100, filter: { current: { eq: true } }) { nodes { total { amount } lines { totalCount } } } }";
            let pay = app.ask_as(Some(&token), &[], pay, json!({})).await;
            let states: Vec<&Value> = pay.data()["incentiveRuns"]["nodes"].as_array().unwrap().iter().map(|run| &run["status"]).collect();
            assert_eq!(states, ["PAID", "PAID", "PAID", "IN_REVIEW"], "a year of runs");
            let paid = pay.data()["incentiveStatements"]["nodes"].as_array().unwrap().clone();
            assert!(paid.iter().filter(|one| one["total"]["amount"] != "0.00").count() > 8, "{paid:?}");
            continue;
        }
        if person.role == "ADMIN" {
            most = count;
            let share = |ratio: &Value| ratio["value"].as_f64().unwrap();
            assert!((0.6..0.97).contains(&share(&told["handoffAggregate"][0]["acceptance"])), "{}", answer.0);
            assert!((0.6..0.95).contains(&share(&told["slaAttainment"][0]["attainment"])), "{}", answer.0);
            let median: f64 = told["slaResponseTimes"]["p50Seconds"].as_str().unwrap().parse().unwrap();
            assert!(median < 3600.0, "{median}");
            assert!(told["rejectionReport"].as_array().unwrap().len() > 3, "{}", answer.0);
        }
        assert!(0 < count && count <= most, "{}: {count} of {most}", person.email);
        let score = "query($id: ID!) { leadScore(leadId: $id) { grade contributions { rule } } }";
        let score = app.ask_as(Some(&token), &[], score, json!({ "id": told["leads"]["nodes"][0]["id"] })).await;
        assert!(!score.data()["leadScore"]["contributions"].as_array().unwrap().is_empty(), "{}", score.0);
    }
}
}

#[test]
fn the_same_seed_and_instant_give_the_same_plan() {
    let calendar = Calendar::new("2026-11-22T10:00:00Z".parse().unwrap());
    assert_eq!(demo::draw(Size::default(), &calendar), demo::draw(Size::default(), &calendar));
    assert_ne!(demo::draw(SMALL, &calendar), demo::draw(Size { seed: 8, ..SMALL }, &calendar));
}

/// What `--demo` makes: a few thousand records over eighteen months.
#[test]
fn the_usual_plan_is_large_enough_to_look_at() {
    let calendar = Calendar::new("2026-11-22T10:00:00Z".parse().unwrap());
    let acts = demo::draw(Size::default(), &calendar);
    let things: BTreeSet<_> = acts.iter().map(|act| act.what.of()).map(|of| (of.table, of.at)).collect();
    let count = |table: &str| things.iter().filter(|(name, _)| *name == table).count();
    let told = ["account", "contact", "lead", "opportunity", "activity", "campaign"].map(|table| (table, count(table)));
    assert!((2_000..20_000).contains(&things.len()), "{} records: {told:?}", things.len());
    assert!(told.iter().all(|(_, count)| *count >= 10) && count("lead") >= 500, "{told:?}");
    let days = (acts.last().unwrap().at - acts[0].at).num_days();
    assert!((530..=560).contains(&days), "{days} days");
    assert!(acts.iter().all(|act| act.at <= calendar.now()));
}

#[tokio::test]
async fn the_same_seed_fills_with_the_same_records() {
    let query = "{ opportunities(first: 100, orderBy: [{ field: NAME }, { field: AMOUNT }]) { totalCount nodes { name amount { amount } stage { name } owner { name } account { name } } }
        leads(first: 100, orderBy: [{ field: EMAIL }]) { totalCount nodes { email status owner { name } campaign { name } } } }";
    let mut told = vec![];
    for _ in 0..2 {
        let app = App::start(Database::Sqlite).await.expect("SQLite starts");
        demo::fill_with(&app.store, app.gate.hasher(), Size { seed: 7, percent: 1 })
            .await
            .expect("the demo organisation");
        told.push(everything(&app).await.ask(query, json!({})).await.data().clone());
    }
    assert_eq!(told[0], told[1]);
}

on_both! {
async fn a_filling_that_was_broken_off_is_noticed(app) {
    api::access::organization::found(&app.store, demo::SLUG, &[]).await.expect("the first step of a filling");
    let again = demo::fill_with(&app.store, app.gate.hasher(), SMALL).await.expect_err("it is not complete");
    assert!(again.to_string().contains("broken off"), "{again}");
}
}

on_both! {
async fn its_dashboards_answer_every_widget_to_whom_they_are_shared_with(app) {
    let query = "{ dashboards(first: 10, orderBy: [{ field: NAME }]) { nodes { id name } } }";
    for person in filled(&app).await {
        let token = token(&app, &person.email).await;
        let found = app.ask_as(Some(&token), &[], query, json!({})).await;
        let boards = found.data()["dashboards"]["nodes"].as_array().unwrap().clone();
        let marketing = ["ADMIN", "REVOPS", "MKT_MANAGER", "MKT_USER", "SALES_MANAGER"].contains(&person.role);
        let names: Vec<_> = boards.iter().map(|board| board["name"].as_str().unwrap()).collect();
        assert_eq!(names, if marketing { vec!["The quarter", "What becomes of leads"] } else { vec!["The quarter"] }, "{}", person.role);
        for board in boards {
            let asked = "query($id: ID!) { dashboardData(id: $id) { widgets { title error { message } } } }";
            let told = app.ask_as(Some(&token), &[], asked, json!({ "id": board["id"] })).await;
            let widgets = told.data()["dashboardData"]["widgets"].as_array().unwrap();
            assert!(widgets.len() >= 10 && widgets.iter().all(|widget| widget["error"].is_null()), "{}: {}", person.role, told.0);
        }
    }
}
}
