//! Saved dashboards: the same figures as their single queries for whoever looks, shared by name or with everybody, one round
//! trip whatever fails in it.

mod changed;
mod page;
mod saved;
mod shared;

use api::{access::role::templates::Template, actor::Rights};
use serde_json::Value;

use crate::{
    handoff::person,
    harness::{App, PATIENCE, Person, json, on_both},
    metric::{bring, closed, money, open},
};

/// Who has every right, and a seller and a marketer.
struct House<'a> {
    ann: Person<'a>,
    rex: Person<'a>,
    mia: Person<'a>,
    stages: Value,
}

const QUARTER: [&str; 2] = ["2025-07-01", "2025-10-01"];

impl<'a> House<'a> {
    async fn of(app: &'a App) -> Self {
        let mut ann = person(app, Template::Admin, "ann").await;
        ann.actor.rights = Rights::everything().into();
        let rex = person(app, Template::SalesRep, "rex").await;
        let mia = person(app, Template::MktUser, "mia").await;
        let stages = ann.sells().await;
        Self { ann, rex, mia, stages }
    }

    /// Sales of the third quarter of 2025, some of them of Rex, and what is still open.
    async fn sells(&self) {
        let mut rows = vec![];
        for (at, day) in ["07-10", "07-20", "08-01", "08-10", "08-15", "09-20"].into_iter().enumerate() {
            let mut won = closed(&self.stages["Won"], "170000.55", day, 10);
            won["type"] = json!(if at < 5 { "NEW" } else { "EXPANSION" });
            won["ownerId"] = if at < 2 { self.rex.id() } else { self.ann.id() };
            rows.push(won);
        }
        rows.extend(["07-11", "07-12", "08-01", "08-02", "09-03"].map(|day| {
            let mut lost = closed(&self.stages["Lost"], "40000", day, 20);
            lost["lossReason"] = json!("PRICE");
            lost
        }));
        rows.extend((0..5).map(|_| open(&self.stages["Qualification"], "9000", "2025-09-30")));
        bring(&self.ann, rows).await;
    }

    /// A goal that ann drafts: its id.
    async fn aims(&self) -> Value {
        let body = json!({ "goal": { "metric": "REVENUE", "periodStart": QUARTER[0], "periodEnd": QUARTER[1], "baseline": "0",
            "target": "2000000", "marketingOwnerIds": [self.mia.id()], "salesOwnerIds": [self.rex.id()] } });
        let input = json!({ "key": "Q3", "title": "Q3", "body": body });
        let made = self.ann.does("agreement", "Create", input, "id").await;
        let query = "query($id: ID!) { goals(filter: { agreementId: { eq: $id } }) { nodes { id } } }";
        let agreement = &made.data()["agreementCreate"]["agreement"]["id"];
        let found = self.ann.ask(query, json!({ "id": agreement })).await;
        found.data()["goals"]["nodes"][0]["id"].clone()
    }

    /// A dashboard that ann saves: its id.
    async fn saves(&self, widgets: Value, more: Value) -> Value {
        saves(&self.ann, widgets, more).await
    }
}

async fn saves(who: &Person<'_>, widgets: Value, more: Value) -> Value {
    let mut input = json!({ "name": "Ours", "layout": { "widgets": widgets } });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = who.does("dashboard", "Create", input, "id").await;
    let id = made.data()["dashboardCreate"]["dashboard"]["id"].clone();
    assert!(id.is_string(), "{}", made.0);
    id
}

fn number(key: &str, metric: &str, period: Value) -> Value {
    json!({ "key": key, "title": key, "draw": "NUMBER", "metric": metric, "period": period })
}

fn quarter() -> Value {
    json!({ "start": QUARTER[0], "end": QUARTER[1] })
}

/// One of every sort.
fn everything(goal: &Value) -> Value {
    json!([
        number("revenue", "REVENUE", quarter()),
        { "key": "rate", "title": "Rate", "draw": "NUMBER", "metric": "WIN_RATE", "period": quarter(), "filter": { "types": ["NEW"] } },
        { "key": "coverage", "title": "Coverage", "draw": "NUMBER", "metric": "PIPELINE_COVERAGE", "period": quarter(),
          "options": { "target": "100000" } },
        { "key": "types", "title": "Types", "draw": "BAR", "metric": "REVENUE", "period": quarter(), "groupBy": ["TYPE"] },
        { "key": "owners", "title": "Owners", "draw": "TABLE", "metric": "REVENUE", "period": quarter(), "groupBy": ["OWNER", "TYPE"] },
        { "key": "line", "title": "Line", "draw": "LINE", "metric": "REVENUE", "period": quarter(), "every": "MONTH" },
        { "key": "sum", "title": "Sum", "draw": "LINE", "metric": "REVENUE", "period": quarter(), "every": "MONTH", "line": "SO_FAR" },
        { "key": "funnel", "title": "Funnel", "draw": "FUNNEL", "period": quarter(), "options": { "from": "MQL", "withinDays": 30 } },
        { "key": "waterfall", "title": "Waterfall", "draw": "WATERFALL", "period": quarter() },
        { "key": "forecast", "title": "Forecast", "draw": "FORECAST", "period": quarter() },
        { "key": "goal", "title": "Goal", "draw": "GOAL", "goalId": goal },
    ])
}

const METRIC: &str = "formulaVersion value numerator denominator n withheld targetMet currency withoutAmount
    groups { key { dimension word id name } value n withheld }
    explain { inputs { records { opportunities { totalCount } } } }";
const FUNNEL: &str = "from steps { step cohort { reached open } flow { entries } }";
const WATERFALL: &str = "from to currency buckets { key amount { amount } count withheld }";
const FORECAST: &str = "won { amount } wonCount weighted { amount } parts { category count amount { amount } submitted { amount } cumulative { amount } }";
const GOAL: &str =
    "goalId actual expected paceRatio projected status withheld measured { value n explain { inputs { records {
    opportunities { totalCount } } } } }";

async fn data(who: &Person<'_>, dashboard: &Value) -> Value {
    let query = format!(
        "query($id: ID!) {{ dashboardData(id: $id) {{ dashboard {{ id name }} widgets {{ key title draw start end startsAt endsAt
            metric {{ {METRIC} }} points {{ start end startsAt endsAt result {{ {METRIC} }} }} funnel {{ {FUNNEL} }}
            waterfall {{ {WATERFALL} }} forecast {{ {FORECAST} }} goal {{ {GOAL} }} error {{ code userErrorCode message }} }} }} }}"
    );
    who.ask(&query, json!({ "id": dashboard })).await.data()["dashboardData"].clone()
}

/// What the single query of a widget answers.
async fn single(who: &Person<'_>, widget: &Value, shown: &Value) -> (&'static str, Value) {
    let period = json!({ "start": shown["startsAt"], "end": shown["endsAt"] });
    let ask =
        async |query: String, variables: Value, field: &str| who.ask(&query, variables).await.data()[field].clone();
    match widget["draw"].as_str().unwrap() {
        "FUNNEL" => {
            let query =
                format!("query($p: PeriodInput!, $c: FunnelInput) {{ funnel(period: $p, cohort: $c) {{ {FUNNEL} }} }}");
            ("funnel", ask(query, json!({ "p": period, "c": widget["options"] }), "funnel").await)
        }
        "WATERFALL" => {
            let query = format!("query($p: PeriodInput!) {{ pipelineWaterfall(period: $p) {{ {WATERFALL} }} }}");
            ("waterfall", ask(query, json!({ "p": period }), "pipelineWaterfall").await)
        }
        "FORECAST" => {
            let query = format!("query($p: PeriodInput!) {{ pipelineForecast(period: $p) {{ {FORECAST} }} }}");
            ("forecast", ask(query, json!({ "p": period }), "pipelineForecast").await)
        }
        "GOAL" => {
            let query = format!("query($ids: [ID!]!) {{ goalProgress(ids: $ids) {{ {GOAL} }} }}");
            ("goal", ask(query, json!({ "ids": [widget["goalId"]] }), "goalProgress").await[0].clone())
        }
        "LINE" => {
            let mut points = vec![];
            for point in shown["points"].as_array().unwrap() {
                let step = json!({ "start": point["startsAt"], "end": point["endsAt"] });
                let so_far = widget["line"] == "SO_FAR";
                let (asked, at) = if so_far { (&period, point["endsAt"].clone()) } else { (&step, Value::Null) };
                let mut point = point.clone();
                point["result"] = measured(who, widget, asked, at).await;
                points.push(point);
            }
            ("points", points.into())
        }
        _ => ("metric", measured(who, widget, &period, Value::Null).await),
    }
}

async fn measured(who: &Person<'_>, widget: &Value, period: &Value, at: Value) -> Value {
    let query = format!(
        "query($k: MetricKey!, $p: PeriodInput!, $f: MetricFilter, $g: [MetricDimension!], $o: MetricOptionsInput, $at: DateTime) {{
            metric(key: $k, period: $p, filter: $f, groupBy: $g, options: $o, asOf: $at) {{ {METRIC} }} }}"
    );
    let variables = json!({ "k": widget["metric"], "p": period, "f": widget["filter"], "g": widget["groupBy"],
        "o": widget["options"], "at": at });
    who.ask(&query, variables).await.data()["metric"].clone()
}

on_both! {
    async fn each_widget_has_the_figures_of_its_own_query_for_whoever_looks(app) {
        let house = House::of(&app).await;
        house.sells().await;
        let widgets = everything(&house.aims().await);
        let dashboard = house.saves(widgets.clone(), json!({ "sharing": "ORGANIZATION" })).await;
        let mut seen = vec![];
        for who in [&house.ann, &house.rex, &house.mia] {
            let told = data(who, &dashboard).await;
            assert_eq!(told["dashboard"], json!({ "id": dashboard, "name": "Ours" }));
            let shown = told["widgets"].as_array().unwrap();
            assert_eq!(shown.len(), widgets.as_array().unwrap().len());
            for (widget, shown) in widgets.as_array().unwrap().iter().zip(shown) {
                assert_eq!((&shown["key"], &shown["error"]), (&widget["key"], &Value::Null), "{shown}");
                let (field, alone) = single(who, widget, shown).await;
                assert!(!alone.is_null(), "{widget}");
                assert_eq!(shown[field], alone, "{widget}");
            }
            seen.push(told);
        }
        let of = |who: usize, at: usize| &seen[who]["widgets"][at];
        for who in 0..3 {
            assert_eq!(of(who, 0)["metric"]["value"], "1020003.30", "one number for everybody");
            assert_eq!(of(who, 5)["points"].as_array().unwrap().len(), 3);
            let sums: Vec<_> = of(who, 6)["points"].as_array().unwrap().iter().map(|p| p["result"]["value"].clone()).collect();
            // what it comes to by the end of each month; of two only who sees them is told
            assert_eq!(sums[1..], [json!("850002.75"), json!("1020003.30")]);
        }
        let records = |who: usize| &of(who, 0)["metric"]["explain"]["inputs"][0]["records"]["opportunities"]["totalCount"];
        assert_eq!((records(0), records(1), records(2)), (&json!(6), &json!(2), &json!(0)), "each their own records");
        let owners = |who: usize| of(who, 4)["metric"]["groups"].as_array().unwrap().len();
        assert_eq!((owners(0), owners(1), owners(2)), (3, 1, 0), "each only people within reach");
        // without the right to read figures there are none, however the dashboard is shared
        let blind = app.holding(house.ann.actor.organization, &[(api::actor::Permission::DashboardRead, api::actor::Reach::ALL)]);
        assert_eq!(data(&blind, &dashboard).await, Value::Null);
        assert_eq!(data(&app.admin(), &dashboard).await, Value::Null, "another organisation");
        // what is not selected is not computed, and what is selected twice only once
        let cost = async |said: &str| {
            let before = app.store.statements();
            house.ann.ask(&format!("{{ dashboardData(id: {dashboard}) {{ {said} }} }}"), json!({})).await.data();
            app.store.statements() - before
        };
        let (none, once) = (cost("asOf").await, cost("widgets { key }").await);
        assert!(none < 5 && once > 20, "{none} {once}");
        assert_eq!(cost("a: widgets { key } b: widgets { title }").await, once);
        let answer = house.ann.ask("{ dashboardData(id: \"nothing\") { asOf } }", json!({})).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT");
    }
}

on_both! {
    async fn a_widget_that_fails_says_why_and_the_others_stand(app) {
        let house = House::of(&app).await;
        house.sells().await;
        let goal = house.aims().await;
        let mut dollars = closed(&house.stages["Won"], "1", "07-10", 1);
        dollars["amount"] = money("5", "USD");
        bring(&house.ann, vec![dollars]).await;
        let mut bucket = number("bucket", "REVENUE", quarter());
        bucket["onMissingRate"] = json!("BUCKET");
        let future = json!({ "key": "future", "title": "Future", "draw": "WATERFALL", "period": { "relative": "NEXT_QUARTER" } });
        let widgets = json!([number("refuses", "REVENUE", quarter()), bucket, number("rate", "WIN_RATE", quarter()), future,
            { "key": "goal", "title": "Goal", "draw": "GOAL", "goalId": goal }]);
        let dashboard = house.saves(widgets, json!({ "sharing": "ORGANIZATION" })).await;
        let told = data(&house.ann, &dashboard).await;
        let error = |at: usize| (told["widgets"][at]["error"]["code"].clone(), told["widgets"][at]["error"]["userErrorCode"].clone());
        assert_eq!(error(0), (json!("BAD_USER_INPUT"), json!("FX_RATE_MISSING")));
        assert!(told["widgets"][0]["error"]["message"].as_str().unwrap().contains("USD"), "{told}");
        assert_eq!((&told["widgets"][1]["metric"]["value"], &told["widgets"][1]["error"]), (&json!("1020003.30"), &Value::Null));
        assert_eq!(told["widgets"][2]["metric"]["value"], "0.583333");
        assert_eq!(error(3), (json!("BAD_USER_INPUT"), Value::Null));
        assert_eq!(error(4), (json!("BAD_USER_INPUT"), json!("FX_RATE_MISSING")));
        // who reads no agreements sees no goal
        use api::actor::{Permission, Reach};
        let some = app.holding(house.ann.actor.organization, &[(Permission::DashboardRead, Reach::ALL), (Permission::MetricRead, Reach::ALL)]);
        let told = data(&some, &dashboard).await;
        assert_eq!(told["widgets"][4]["error"]["userErrorCode"], "NOT_FOUND");
        assert_eq!(told["widgets"][4]["goal"], Value::Null);
    }
}

on_both! {
    async fn relative_periods_are_days_of_the_organisation(app) {
        let house = House::of(&app).await;
        let home = house.ann.actor.organization.to_string();
        house.ann.does("organization", "Update", json!({ "id": home, "timeZone": "Pacific/Kiritimati" }), "id").await.data();
        let periods = ["TODAY", "LAST_30_DAYS", "THIS_QUARTER"].map(|word| number(word, "REVENUE", json!({ "relative": word })));
        let dashboard = house.saves(json!(periods), json!({})).await;
        let told = data(&house.ann, &dashboard).await;
        let today = (app.store.now() + chrono::TimeDelta::hours(14)).date_naive();
        for (at, days) in [1, 30].into_iter().enumerate() {
            let widget = &told["widgets"][at];
            let first = today - chrono::Days::new(days - 1);
            assert_eq!(widget["start"], first.to_string());
            let begins = first.and_time(chrono::NaiveTime::MIN).and_utc() - chrono::TimeDelta::hours(14);
            let starts: chrono::DateTime<chrono::Utc> = widget["startsAt"].as_str().unwrap().parse().unwrap();
            assert_eq!(starts, begins, "the day begins fourteen hours before UTC's");
            assert_eq!(widget["end"], (today + chrono::Days::new(1)).to_string());
        }
        let quarter = told["widgets"][2]["start"].as_str().unwrap();
        assert!(["-01-01", "-04-01", "-07-01", "-10-01"].contains(&&quarter[4..]), "{quarter}");
        house.ann.does("organization", "Update", json!({ "id": home, "fiscalYearStartMonth": 2 }), "id").await.data();
        let told = data(&house.ann, &dashboard).await;
        let quarter = told["widgets"][2]["start"].as_str().unwrap();
        assert!(["-02-01", "-05-01", "-08-01", "-11-01"].contains(&&quarter[4..]), "{quarter}");
    }
}

on_both! {
    async fn it_costs_the_same_for_more_rows(app) {
        let house = House::of(&app).await;
        let dashboard = house.saves(everything(&house.aims().await), json!({})).await;
        let mut costs = vec![];
        for _ in 0..2 {
            house.sells().await;
            let before = app.store.statements();
            let query = "query($id: ID!) { dashboardData(id: $id) { widgets { metric { value groups { value key { name } } }
                points { result { value } } funnel { steps { flow { entries } } } waterfall { buckets { count } }
                forecast { parts { count } } goal { actual } error { code } } } }";
            let told = house.ann.ask(query, json!({ "id": dashboard })).await;
            assert!(!told.data().to_string().contains("BAD_USER_INPUT"), "{}", told.0);
            costs.push(app.store.statements() - before);
        }
        assert_eq!(costs[0], costs[1]);
        assert!(costs[0] < 100, "{costs:?}");
    }
}
