//! What requests cost: the number of SQL statements does not depend on the number of rows.

use serde_json::{Value, json};

use crate::harness::{App, Person, on_both};

/// The statements that one request sends.
async fn statements(app: &App, who: &Person<'_>, query: &str, variables: Value) -> u64 {
    let before = app.store.statements();
    who.ask(query, variables).await.data();
    app.store.statements() - before
}

const ACCOUNTS: &str = "mutation($rows: [AccountUpsertRow!]!) { accountUpsert(input: { rows: $rows }) { results { status account { id } userErrors { message field } } } }";
const CHILDREN: &str = "mutation($opps: [OpportunityUpsertRow!]!) { opportunityUpsert(input: { rows: $opps }) { results { status userErrors { message field } } } }";
const CONTACTS: &str = "mutation($rows: [ContactUpsertRow!]!) { contactUpsert(input: { rows: $rows }) { results { status userErrors { message field } } } }";
const LEADS: &str = "mutation($rows: [LeadUpsertRow!]!) { leadUpsert(input: { rows: $rows }) { results { status userErrors { message field } } } }";

fn all_created(answer: &Value, root: &str) {
    for result in answer[root]["results"].as_array().expect("results") {
        assert_eq!(result["status"], "CREATED", "{result}");
    }
}

/// So many accounts more, each with three opportunities, contacts and leads.
async fn grow(who: &Person<'_>, round: usize, accounts: usize) {
    grow_by(who, round, accounts, 3).await;
}

async fn grow_by(who: &Person<'_>, round: usize, accounts: usize, children: usize) {
    let rows: Vec<Value> = (0..accounts)
        .map(|i| json!({ "name": format!("Acme {round}-{i}"), "domain": format!("a{round}-{i}.example") }))
        .collect();
    let made = who.ask(ACCOUNTS, json!({ "rows": rows })).await;
    all_created(made.data(), "accountUpsert");
    let ids: Vec<Value> = made.data()["accountUpsert"]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["account"]["id"].clone())
        .collect();
    let each = |make: fn(usize, usize, usize, &Value) -> Value| -> Vec<Value> {
        ids.iter().enumerate().flat_map(|(a, id)| (0..children).map(move |n| make(round, a, n, id))).collect()
    };
    let opps = each(|_, a, n, id| json!({ "name": format!("Deal {a}-{n}"), "accountId": id }));
    all_created(who.ask(CHILDREN, json!({ "opps": opps })).await.data(), "opportunityUpsert");
    let contacts =
        each(|r, a, n, id| json!({ "lastName": "Doe", "email": format!("c{r}-{a}-{n}@example.com"), "accountId": id }));
    all_created(who.ask(CONTACTS, json!({ "rows": contacts })).await.data(), "contactUpsert");
    let leads = each(|r, a, n, _| json!({ "email": format!("l{r}-{a}-{n}@a{r}-{a}.example") }));
    all_created(who.ask(LEADS, json!({ "rows": leads })).await.data(), "leadUpsert");
}

const NESTED: &str = "{ accounts(first: 20) { totalCount nodes { name owner { name }
    opportunities(first: 5) { totalCount nodes { name stage { name } owner { name } } }
    contacts(first: 5) { nodes { lastName email } } } } }";
const FLAT: &str = "{ leads(first: 50) { nodes { email owner { name } campaign { name } matchedAccount { name owner { name } } viewerCan { update } } } }";
const FIGURES: &str =
    "{ opportunityAggregate(groupBy: [{ field: STAGE }]) { key { stage { name } } count amount { sum { amount } } } }";

on_both! {
    async fn reads_cost_the_same_when_the_rows_double(app) {
        let ann = app.founder().await;
        grow_by(&ann, 0, 10, 6).await;
        let mut first = vec![];
        for query in [NESTED, FLAT, FIGURES] {
            first.push(statements(&app, &ann, query, json!({})).await);
        }
        grow_by(&ann, 1, 10, 6).await;
        let asked = ann.ask(FLAT, json!({})).await;
        let leads = asked.data()["leads"]["nodes"].as_array().unwrap();
        assert!(leads.len() == 50 && leads.iter().all(|lead| lead["matchedAccount"]["name"].is_string()), "{}", asked.0);
        for (query, before) in [NESTED, FLAT, FIGURES].into_iter().zip(&first) {
            assert_eq!(statements(&app, &ann, query, json!({})).await, *before, "{query}");
        }
        assert!(first.iter().all(|n| *n <= 9), "{first:?}");
    }
}

const PERIOD: &str = "{ start: \"2020-01-01T00:00:00Z\", end: \"2090-01-01T00:00:00Z\" }";

on_both! {
    async fn figures_cost_the_same_when_the_rows_double(app) {
        let ann = app.founder().await;
        let queries = [
            format!("{{ funnel(period: {PERIOD}) {{ steps {{ cohort {{ reached }} leadCycles {{ totalCount }} }} }} }}"),
            format!("{{ pipelineForecast(period: {PERIOD}) {{ weighted {{ amount }} }} }}"),
            "{ stageAging { stage { name } open p90StayDays } }".to_owned(),
            "{ opportunitiesAsOf(at: \"2999-01-01T00:00:00Z\") { nodes { opportunity { name } } } }".to_owned(),
            "{ opportunityDiff(from: \"2020-01-01T00:00:00Z\") { nodes { changed before { stage { name } } after { stage { name } } } } }".to_owned(),
        ];
        grow(&ann, 0, 2).await;
        let mut first = vec![];
        for query in &queries {
            first.push(statements(&app, &ann, query, json!({})).await);
        }
        grow(&ann, 1, 4).await;
        for (query, before) in queries.iter().zip(&first) {
            assert_eq!(statements(&app, &ann, query, json!({})).await, *before, "{query}");
        }
    }
}

on_both! {
    async fn bulk_writes_cost_the_same_for_twice_the_rows(app) {
        let ann = app.founder().await;
        let mut counts = vec![];
        for (round, size) in [(0, 20), (1, 40)] {
            let rows: Vec<Value> = (0..size).map(|i| json!({ "email": format!("b{round}-{i}@example.com") })).collect();
            counts.push(statements(&app, &ann, LEADS, json!({ "rows": rows })).await);
        }
        assert_eq!(counts[0], counts[1]);
    }
}
