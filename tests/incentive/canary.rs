//! A canary amount in somebody's pay: no role that may not see it finds it, by any query, filter, order, aggregate, stream or error.

use futures_util::StreamExt;

use super::*;
use crate::harness::{Known, Sample};

/// What only pay says, in minor units and whole ones: the rep's commission, and their target bonus.
const CANARY: [&str; 4] = ["73197.06", "7319706", "818283.84", "81828384"];

/// Where each of these songs may be heard: ids and texts of what somebody may not see.
struct Cage<'a> {
    house: &'a House<'a>,
    run: Value,
    ids: Vec<String>,
    have: Known,
}

impl Cage<'_> {
    fn silent(&self, who: &str, what: &str, text: &str) {
        assert!(!CANARY.iter().any(|song| text.contains(song)), "{who}: {what}: {text:.400}");
        assert!(
            !self.ids.iter().any(|id| text.contains(id.as_str())),
            "{who}: {what} names what it hides: {text:.400}"
        );
    }

    /// Every list, aggregate, order, group and filter by amount of the records of pay.
    fn records(&self) -> Vec<String> {
        let mut asked = vec![];
        for meta in api::schema::records().into_iter().filter(|meta| meta.table.starts_with("incentive")) {
            let (one, many) = (meta.lower(), meta.plural);
            asked.push(format!("{many}(first: 100) {{ totalCount nodes {{ id }} }}"));
            asked.push(format!("{one}Aggregate {{ count }}"));
            for field in meta.fields.iter().filter(|f| f.order) {
                asked.push(format!(
                    "{many}(first: 100, orderBy: [{{ field: {} }}]) {{ nodes {{ id }} }}",
                    field.enum_name()
                ));
            }
            for field in meta.fields.iter().filter(|f| f.group) {
                asked.push(format!("{one}Aggregate(groupBy: [{{ field: {} }}]) {{ count }}", field.enum_name()));
            }
            for field in
                meta.fields.iter().filter(|f| f.filter && matches!(f.shape, api::graph::field::Shape::Money(..)))
            {
                let how = "currency: \"EUR\", gte: \"50000\"";
                asked
                    .push(format!("{many}(filter: {{ {}: {{ {how} }} }}) {{ totalCount nodes {{ id }} }}", field.name));
            }
        }
        asked
    }

    /// Every query there is, about this run, plan, person and statement.
    fn queries(&self) -> Vec<(String, Value)> {
        let sample = Sample::new("canary");
        let mut all = vec![];
        for (name, field) in Sample::roots("Query") {
            let mut of = field.ty.inner_named_type().to_string();
            of[..1].make_ascii_lowercase();
            let mut have = self.have.clone();
            have.extend(self.have.get(&of).map(|id| ("id".to_owned(), id.clone())));
            let mut arguments = sample.arguments("Query", name, &have);
            if name == "incentiveStatementProject" {
                arguments["userId"] = self.house.rep.id();
            }
            all.push((name.clone(), arguments));
        }
        all
    }

    /// All that a query tells somebody, as text.
    async fn told(&self, who: &Person<'_>, name: &str, arguments: &Value) -> String {
        let (query, variables) = Sample::whole(name, arguments);
        let answer = who.ask(&query, variables).await;
        let deaf = ["COMPLEXITY_EXCEEDED", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "TIMEOUT"];
        assert!(!deaf.contains(&answer.code()), "{name} was not asked: {:.600}", answer.0.to_string());
        answer.0.to_string()
    }
}

/// How many runs have a statement of so much, as somebody is told.
async fn runs_with(who: &Person<'_>, amount: &str) -> Value {
    let query = format!(
        "{{ incentiveRuns(filter: {{ statements: {{ some: {{ total: {{ currency: \"EUR\", gte: \"{amount}\" }} }} }} }}) {{ totalCount }} }}"
    );
    who.ask(&query, json!({})).await.data()["incentiveRuns"]["totalCount"].clone()
}

/// All that somebody hears of it.
async fn listens(cage: &Cage<'_>, name: &str, who: &Person<'_>) {
    for query in cage.records() {
        let answer = who.ask(&format!("{{ {query} }}"), json!({})).await.0.to_string();
        cage.silent(name, &query, &answer);
    }
    for (query, arguments) in cage.queries() {
        let told = cage.told(who, &query, &arguments).await;
        cage.silent(name, &query, &told);
    }
    assert_eq!(runs_with(who, "50000").await, 0, "{name}: a filter through the relation");
    for id in &cage.ids {
        let found = who.ask("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
        assert_eq!(found.data()["node"], json!(null), "{name}");
    }
    for (record, verb, more) in [
        ("incentiveStatement", "Dispute", json!({ "claim": "?" })),
        ("incentiveStatement", "Adjust", json!({ "amount": money("1", "EUR"), "note": "?" })),
    ] {
        let mut input = more;
        input["id"] = json!(cage.ids[0]);
        let refused = who.does(record, verb, input, "id").await;
        assert!(["NOT_FOUND", "FORBIDDEN"].contains(&refused.code()), "{name}: {verb}: {}", refused.0);
        assert!(!CANARY.iter().any(|song| refused.0.to_string().contains(song)), "{name}: {}", refused.0);
    }
    let feed: Vec<Value> = who
        .stream("subscription { changes(live: false) { entityType entityId before after } }", &Value::Null)
        .collect()
        .await;
    cage.silent(name, "the feed", &json!(feed).to_string());
    let page = who.ask("{ changes(first: 100) { nodes { entityId before after } } }", json!({})).await;
    cage.silent(name, "a page of it", &page.0.to_string());
    let id = cage.run.as_str().unwrap();
    let progress = format!(
        "subscription {{ incentiveRunProgress(id: \"{id}\") {{ run {{ statements {{ totalCount nodes {{ id total {{ amount }} }} }} }} }} }}"
    );
    let mut stream = who.stream(&progress, &Value::Null);
    if let Ok(Some(news)) = tokio::time::timeout(std::time::Duration::from_millis(300), stream.next()).await {
        cage.silent(name, "progress", &news.to_string());
    }
}

async fn caged<'a>(house: &'a House<'a>) -> Cage<'a> {
    house.won(&house.rep, &["123456.00"]).await;
    let part = json!([{ "key": "AE", "name": "Sales", "commissionRetroactive": { "roles": ["OWNER"], "tiers": [{ "from": "0", "rate": "0.5929" }] } }]);
    let version = house.drafted("PLAN", house.body(json!({ "components": part }))).await;
    house.takes_in(&version, &house.rep.id(), json!({ "targetBonus": money("818283.84", "EUR") })).await;
    house.takes_in(&version, &house.other.id(), json!({})).await;
    house.sign(&version).await;
    let run = house.run_of(&version).await;
    house.locked(&run).await;
    let told = house.statement(&house.rep, &run, &house.rep, "id total { amount } lines { nodes { id } }").await;
    assert_eq!(told["total"]["amount"], "73197.06");
    let terms = house.rep.ask("{ incentiveAssignments { nodes { id } } }", json!({})).await.data()["incentiveAssignments"]["nodes"][0]["id"].clone();
    let ids = [&told["id"], &told["lines"]["nodes"][0]["id"], &terms].map(|id| id.as_str().unwrap().to_owned());
    house.app.numbered().await;
    let text = |id: &Value| id.as_str().unwrap().to_owned();
    let plans = ["agreementVersion", "signedPlan", "incentivePlan", "otherVersion", "payPlan"]
        .map(|name| (name.to_owned(), text(&version)));
    let mut have: Known = plans.into_iter().collect();
    let rows = [
        ("incentiveRun", text(&run)),
        ("lockedRun", text(&run)),
        ("user", text(&house.rep.id())),
        ("incentiveStatement", ids[0].clone()),
        ("incentiveStatementLine", ids[1].clone()),
        ("incentiveAssignment", ids[2].clone()),
    ];
    have.extend(rows.map(|(name, id)| (name.to_owned(), id)));
    Cage { house, run: run.clone(), ids: ids.to_vec(), have }
}

on_both! {
    async fn a_canary_in_somebody_elses_statement_sings_for_nobody(app) {
        let house = House::of(&app).await;
        let cage = caged(&house).await;
        // whoever may hear it does: the walk would find it
        assert_eq!((runs_with(&house.finn, "50000").await, runs_with(&house.finn, "90000").await), (json!(1), json!(0)));
        let mut heard = String::new();
        for query in cage.records() {
            let answer = house.finn.ask(&format!("{{ {query} }}"), json!({})).await;
            assert_eq!(answer.0["errors"], json!(null), "{query}: {}", answer.0);
            heard += &answer.0.to_string();
        }
        assert!(heard.contains(cage.ids[0].as_str()) && heard.contains(cage.ids[2].as_str()), "finance hears it: {heard:.2000}");
        for (name, arguments) in cage.queries() {
            let told = cage.told(&house.finn, &name, &arguments).await;
            let pay = ["incentiveStatements", "incentiveStatement", "incentiveStatementLines", "incentiveStatementLine",
                "incentivePayroll", "incentiveStatementProject"];
            let terms = ["incentiveAssignments", "incentiveAssignment"];
            assert!(!pay.contains(&name.as_str()) || told.contains(CANARY[0]), "finance does not hear {name}: {told:.600}");
            assert!(!terms.contains(&name.as_str()) || told.contains(CANARY[2]), "finance does not hear {name}: {told:.600}");
        }

        let sibling = person(&app, Template::SalesManager, "sibling").await;
        let roles = [Template::Admin, Template::Revops, Template::Exec, Template::MktManager, Template::MktUser, Template::Sdr, Template::Integration];
        let mut outsiders = vec![("a sibling's manager".to_owned(), &sibling), ("a colleague".to_owned(), &cage.house.other)];
        let mut more = vec![];
        for role in roles {
            more.push((role.to_string(), person(&app, role, &role.to_string().to_lowercase()).await));
        }
        outsiders.extend(more.iter().map(|(name, who)| (name.clone(), who)));
        for (name, who) in outsiders {
            listens(&cage, &name, who).await;
        }
        // sums of everybody are kept on the run, and told by nothing that shows runs
        let run_events: Vec<Value> = house.finn.stream("subscription { changes(live: false, types: [\"IncentiveRun\"]) { before after } }", &Value::Null).collect().await;
        assert!(!json!(run_events).to_string().contains("73197"), "{run_events:?}");
    }
}
