//! How the pipeline moved: every way in and out, and buckets that add up.

use api::{access::role::templates::Template, actor::Permission};
use chrono::Utc;
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use serde_json::Value;

use crate::{
    harness::{App, Person, json, on_both},
    metric::{bring, closed, money, open, stages},
};

const SAID: &str =
    "buckets { key sign amount { amount currency } count withheld opportunities { totalCount nodes { name } } }";

/// The quarter in which things are expected to close.
const PERIOD: &str = "period: { start: \"2099-04-01T00:00:00Z\", end: \"2099-07-01T00:00:00Z\" }";

async fn moved(who: &Person<'_>, since: &str, more: &str) -> Value {
    let answer =
        who.ask(&format!("{{ pipelineWaterfall({PERIOD}, from: \"{since}\" {more}) {{ {SAID} }} }}"), json!({})).await;
    answer.data()["pipelineWaterfall"]["buckets"].clone()
}

/// Key, amount and how many, of buckets that are not empty.
fn told(buckets: &Value) -> Vec<(String, String, i64)> {
    let text = |v: &Value| v.as_str().unwrap_or("-").to_owned();
    let all = buckets.as_array().unwrap().iter();
    let all = all.map(|b| (text(&b["key"]), text(&b["amount"]["amount"]), b["count"].as_i64().unwrap_or(-1)));
    all.filter(|(_, _, count)| *count != 0).collect()
}

fn line(key: &str, amount: &str, count: i64) -> (String, String, i64) {
    (key.to_owned(), amount.to_owned(), count)
}

fn now() -> String {
    Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

async fn update(who: &Person<'_>, id: &Value, more: Value) {
    let mut input = json!({ "id": id });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let done = who.does("opportunity", "Update", input, "id").await;
    assert_eq!(done.data()["opportunityUpdate"]["userErrors"], json!([]), "{}", done.0);
}

async fn step(who: &Person<'_>, verb: &str, id: &Value, more: Value) {
    let mut input = json!({ "id": id });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let done = who.does("opportunity", verb, input, "id").await;
    let payload = done.data().as_object().unwrap().values().next().unwrap();
    assert_eq!(payload["userErrors"], json!([]), "{}", done.0);
}

on_both! {
    async fn each_way_in_and_out_has_its_bucket(app) {
        let ann = app.founder().await;
        let stages = stages(&ann).await;
        let (inside, outside) = ("2099-05-01", "2099-09-01");
        let named = |name: &str, mut row: Value| { row["name"] = json!(name); row };
        let deal = |name: &str, amount: &str, close: &str| named(name, open(&stages["Proposal"], amount, close));
        let ids = bring(&ann, vec![
            deal("stays", "100", inside),
            deal("grows", "200", inside),
            deal("shrinks", "300", inside),
            deal("pushed", "400", inside),
            deal("won", "500", inside),
            deal("lost", "600", inside),
            deal("deleted", "700", inside),
            deal("pulled", "800", outside),
            named("reopened", closed(&stages["Lost"], "900", "06-30", 10)),
            deal("bounces", "1000", inside),
            deal("never", "1100", outside),
        ]).await;
        let since = now();
        update(&ann, &ids[1], json!({ "amount": money("250", "EUR") })).await;
        update(&ann, &ids[2], json!({ "amount": money("260", "EUR") })).await;
        update(&ann, &ids[3], json!({ "closeDate": outside, "amount": money("440", "EUR") })).await;
        step(&ann, "Win", &ids[4], json!({ "amount": money("555", "EUR") })).await;
        step(&ann, "Lose", &ids[5], json!({ "reason": "PRICE" })).await;
        ann.does("opportunity", "Delete", json!({ "id": ids[6] }), "id").await.data();
        update(&ann, &ids[7], json!({ "closeDate": inside })).await;
        step(&ann, "Reopen", &ids[8], json!({})).await;
        update(&ann, &ids[8], json!({ "closeDate": inside })).await;
        update(&ann, &ids[9], json!({ "closeDate": outside })).await;
        update(&ann, &ids[9], json!({ "closeDate": inside })).await;
        let new = bring(&ann, vec![deal("new", "50", inside), deal("came and went", "60", inside)]).await;
        step(&ann, "Lose", &new[1], json!({ "reason": "FIT" })).await;
        let buckets = moved(&ann, &since, "").await;
        assert_eq!(told(&buckets), [
            line("START", "3800.00", 8),
            line("NEW", "110.00", 2),
            line("PULLED_IN", "800.00", 1),
            line("REOPENED", "900.00", 1),
            line("INCREASED", "145.00", 3),
            line("DECREASED", "40.00", 1),
            line("PUSHED_OUT", "440.00", 1),
            line("WON", "555.00", 1),
            line("LOST", "660.00", 2),
            line("DELETED", "700.00", 1),
            line("END", "3360.00", 7),
        ]);
        assert_eq!(buckets[7]["opportunities"], json!({ "totalCount": 1, "nodes": [{ "name": "won" }] }));
        assert_eq!(buckets[9]["opportunities"]["totalCount"], 0, "what was deleted is not shown");
        // before anything moved it was all new
        let before = moved(&ann, "2026-01-01T00:00:00Z", &format!(", to: \"{since}\"")).await;
        assert_eq!(told(&before), [line("NEW", "3800.00", 8), line("END", "3800.00", 8)]);
        let rep = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        let theirs = moved(&rep, &since, "").await;
        let seen: Vec<_> = told(&theirs).into_iter().filter(|(_, amount, _)| amount != "-").collect();
        assert_eq!(seen, [line("START", "3800.00", 8), line("END", "3360.00", 7)], "what rests on few is withheld");
        assert_eq!(theirs[7]["withheld"], true);
        let nobody = app.holding(ann.actor.organization, &[(Permission::OpportunityRead, api::actor::Reach::ALL)]);
        let none = nobody.ask(&format!("{{ pipelineWaterfall({PERIOD}) {{ currency }} }}"), json!({})).await;
        assert_eq!(none.data()["pipelineWaterfall"], json!(null));
    }
}

on_both! {
    async fn other_currencies_are_converted_at_one_day(app) {
        let ann = app.founder().await;
        let stages = stages(&ann).await;
        let mut row = open(&stages["Proposal"], "1", "2099-05-01");
        row["amount"] = money("100.10", "USD");
        let ids = bring(&ann, vec![row.clone(), row]).await;
        let since = now();
        update(&ann, &ids[0], json!({ "amount": money("40", "EUR") })).await;
        let refused = ann.ask(&format!("{{ pipelineWaterfall({PERIOD}, from: \"{since}\") {{ currency }} }}"), json!({})).await;
        assert_eq!(refused.0["errors"][0]["extensions"]["userErrorCode"], "FX_RATE_MISSING");
        let query = format!("{{ pipelineWaterfall({PERIOD}, from: \"{since}\", onMissingRate: BUCKET) {{ {SAID} unconverted {{ count amount {{ amount currency }} }} }} }}");
        let left = ann.ask(&query, json!({})).await.data()["pipelineWaterfall"].clone();
        assert_eq!(told(&left["buckets"]), []);
        assert_eq!(left["unconverted"], json!([{ "count": 2, "amount": { "amount": "200.20", "currency": "USD" } }]), "one by what it was worth last, one by what it had been");
        let rep = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        assert_eq!(rep.ask(&query, json!({})).await.data()["pipelineWaterfall"]["unconverted"], json!([]), "two are few");
        let today = Utc::now().date_naive().to_string();
        ann.has("exchangeRate", json!({ "base": "USD", "quote": "EUR", "date": today, "rate": "0.5" })).await;
        let buckets = moved(&ann, &since, "").await;
        assert_eq!(told(&buckets), [line("START", "100.10", 2), line("DECREASED", "10.05", 1), line("END", "90.05", 2)]);
    }
}

on_both! {
    async fn what_leaves_the_filter_is_pushed_out(app) {
        let ann = crate::import::someone(&app, "acme").await;
        let stages = ann.sells().await;
        let boss = crate::metric::seller(&app, &ann, "boss", None).await;
        let ids = bring(&ann, vec![open(&stages["Proposal"], "10", "2099-05-01"), open(&stages["Proposal"], "20", "2099-05-01")]).await;
        let to = |owner: &Person<'_>| json!({ "ownerId": owner.actor.user.unwrap().to_string() });
        update(&ann, &ids[0], to(&boss)).await;
        let since = now();
        update(&ann, &ids[0], to(&ann)).await;
        update(&ann, &ids[1], to(&boss)).await;
        let filter = format!(", filter: {{ ownerIds: [\"{}\"] }}", boss.actor.user.unwrap());
        let buckets = moved(&ann, &since, &filter).await;
        assert_eq!(told(&buckets), [line("START", "10.00", 1), line("PULLED_IN", "20.00", 1), line("PUSHED_OUT", "10.00", 1), line("END", "20.00", 1)]);
    }
}

/// What may happen to an opportunity.
#[derive(Clone, Copy, Debug)]
enum Move {
    In,
    Out,
    Worth(u8),
    Win,
    Lose,
    Reopen,
    Delete,
    Restore,
}

fn any_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        Just(Move::In),
        Just(Move::Out),
        (1..9_u8).prop_map(Move::Worth),
        Just(Move::Win),
        Just(Move::Lose),
        Just(Move::Reopen),
        Just(Move::Delete),
        Just(Move::Restore),
    ]
}

/// Tries a move; one that the life cycle forbids changes nothing.
async fn try_move(who: &Person<'_>, id: &Value, what: Move) {
    let (verb, more) = match what {
        Move::In => ("Update", json!({ "closeDate": "2099-05-01" })),
        Move::Out => ("Update", json!({ "closeDate": "2099-09-01" })),
        Move::Worth(n) => ("Update", json!({ "amount": money(&format!("{n}00.01"), "EUR") })),
        Move::Win => ("Win", json!({})),
        Move::Lose => ("Lose", json!({ "reason": "PRICE" })),
        Move::Reopen => ("Reopen", json!({})),
        Move::Delete => ("Delete", json!({})),
        Move::Restore => ("Restore", json!({})),
    };
    let mut input = json!({ "id": id });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    who.does("opportunity", verb, input, "id").await;
}

/// An opportunity's states, oldest first.
async fn history(who: &Person<'_>, id: &Value) -> Vec<Value> {
    let query = "query($id: ID!) { opportunityStates(filter: { opportunityId: { eq: $id } }, orderBy: [{ field: AT }], first: 100) {
        nodes { at until initial stageType closeDate amount { amount } } } }";
    who.ask(query, json!({ "id": id })).await.data()["opportunityStates"]["nodes"].as_array().unwrap().clone()
}

/// In the pipeline of the quarter: its worth in minor units.
fn worth(state: &Value) -> i64 {
    state["amount"]["amount"].as_str().map_or(0, |a| a.replace('.', "").parse().unwrap())
}

fn inside(state: &Value) -> bool {
    let close = state["closeDate"].as_str().unwrap_or_default();
    state["stageType"] == "OPEN" && ("2099-04-01".."2099-07-01").contains(&close)
}

fn text(v: &Value) -> String {
    v.as_str().unwrap_or("9999").to_owned()
}

/// What stood at an instant.
fn at<'a>(history: &'a [Value], instant: &str) -> Option<&'a Value> {
    history.iter().find(|s| text(&s["at"]).as_str() < instant && instant <= text(&s["until"]).as_str())
}

/// Start, end and each way in and out, reckoned from the histories by hand.
fn reckoned(histories: &[Vec<Value>], since: &str, until: &str) -> Vec<(String, i64)> {
    let mut sums = std::collections::BTreeMap::<&str, i64>::new();
    for history in histories {
        let lasting = |s: &&Value| text(&s["until"]) > text(&s["at"]);
        let states: Vec<&Value> = history.iter().filter(lasting).collect();
        let meant = |s: &&&Value| inside(s) && text(&s["until"]).as_str() >= since && text(&s["at"]).as_str() < until;
        let within: Vec<&&Value> = states.iter().filter(meant).collect();
        let (Some(first), Some(last)) = (within.first(), within.last()) else { continue };
        let started = at(history, since).is_some_and(inside);
        let came = if started {
            "START"
        } else if states.iter().any(|s| s["initial"] == true && text(&s["at"]).as_str() >= since) {
            "NEW"
        } else if at(history, since).is_some_and(|s| s["stageType"] != "OPEN") {
            "REOPENED"
        } else {
            "PULLED_IN"
        };
        let end = at(history, until);
        let after = states.iter().find(|s| s["at"] == last["until"]);
        let (went, worth_then) = match end {
            Some(state) if inside(state) => ("END", worth(last)),
            Some(state) if state["stageType"] == "WON" => ("WON", worth(after.unwrap_or(last))),
            Some(state) if state["stageType"] == "LOST" => ("LOST", worth(after.unwrap_or(last))),
            Some(_) => ("PUSHED_OUT", worth(after.unwrap_or(last))),
            None => ("DELETED", worth(after.unwrap_or(last))),
        };
        *sums.entry(came).or_default() += worth(first);
        *sums.entry(went).or_default() += worth_then;
        let change = worth_then - worth(first);
        *sums.entry(if change > 0 { "INCREASED" } else { "DECREASED" }).or_default() += change.abs();
    }
    sums.into_iter().filter(|(_, sum)| *sum != 0).map(|(key, sum)| (key.to_owned(), sum)).collect()
}

async fn random_histories(app: &App, ann: &Person<'_>, stage: &Value, moves: &[(usize, Move)], cut: usize) {
    let rows = ["2099-05-01", "2099-09-01", "2099-05-02"].iter().map(|day| open(stage, "100.01", day)).collect();
    let ids = bring(ann, rows).await;
    let mut since = now();
    for (n, (at, what)) in moves.iter().enumerate() {
        if n == cut {
            since = now();
        }
        try_move(ann, &ids[*at], *what).await;
    }
    let until = now();
    let buckets = moved(ann, &since, &format!(", to: \"{until}\"")).await;
    let minor = |b: &Value| b["amount"]["amount"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
    let of = |key: &str| minor(buckets.as_array().unwrap().iter().find(|b| b["key"] == key).unwrap());
    let flows: i64 = buckets.as_array().unwrap().iter().map(|b| b["sign"].as_i64().unwrap() * minor(b)).sum();
    assert_eq!(of("START") + flows, of("END"), "{moves:?}");
    let mut histories = vec![];
    for id in &ids {
        // states of what was deleted are shown again once it is restored
        try_move(ann, id, Move::Restore).await;
        histories.push(history(ann, id).await);
    }
    let told: std::collections::BTreeMap<String, i64> =
        buckets.as_array().unwrap().iter().map(|b| (text(&b["key"]), minor(b))).filter(|(_, n)| *n != 0).collect();
    let told: Vec<_> = told.into_iter().collect();
    assert_eq!(told, reckoned(&histories, &since, &until), "{moves:?} cut at {cut}");
    for id in ids {
        ann.does("opportunity", "Delete", json!({ "id": id }), "id").await;
    }
    let _ = app;
}

on_both! {
    async fn whatever_happens_it_adds_up_and_is_what_the_histories_say(app) {
        let ann = app.founder().await;
        let stages = stages(&ann).await;
        let mut runner = TestRunner::new(Config::default());
        let moves = prop::collection::vec((0..3_usize, any_move()), 1..12);
        for _ in 0..20 {
            let moves = moves.new_tree(&mut runner).unwrap().current();
            let cut = (0..moves.len()).new_tree(&mut runner).unwrap().current();
            random_histories(&app, &ann, &stages["Proposal"], &moves, cut).await;
        }
    }
}
