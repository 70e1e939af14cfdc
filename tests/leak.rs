//! Nobody learns of a row that they may not see. For every record type of the schema two outsiders, somebody of another
//! organisation and somebody with every right but the one to read it, ask about a row that is there and about one that
//! is not, by every way that leads to it, and must be told the same. Every text of the row begins with a mark that no
//! answer to the other organisation may hold. What is refused changes nothing.

mod dump;
mod marks;
mod probe;

use api::{
    actor::{Actor, Rights},
    graph::Meta,
};
use futures_util::StreamExt;
use serde_json::Value;

pub use self::dump::dump;
use self::probe::{Around, Probe};
use crate::harness::{Known, Person, Sample, World, json, on_both, record_of};

/// Begins every text of the organisation that is watched.
const MARK: &str = "canary";

const NOBODY: &str = "00000000000070008000000000000000";

/// Root fields that are not asked, and why.
const NOT_ASKED: [(&str, &str); 6] = [
    ("passwordChange", "takes no id, only secrets: `access` tries it"),
    ("passwordReset", "takes no id, only secrets: `access` tries it"),
    ("sessionCreate", "takes no id, only secrets: `access` tries it"),
    ("sessionRefresh", "takes no id, only secrets: `access` tries it"),
    ("sessionRevokeOthers", "takes nothing"),
    ("userActivate", "takes no id, only secrets: `access` tries it"),
];

fn asked(name: &str) -> bool {
    !NOT_ASKED.iter().any(|(known, _)| *known == name)
}

/// Several probes of one kind in one operation; where they are told differently of a row and of none.
async fn differences(who: &Person<'_>, probes: &[Probe], id: &str) -> Vec<String> {
    let nobody = &format!("{}_{NOBODY}", id.rsplit_once('_').expect("an id").0);
    let mut different = vec![];
    for some in probe::together(probes) {
        let (query, real) = Probe::operation(&some, id);
        let (_, none) = Probe::operation(&some, nobody);
        let (real, none) = (told(who, &query, real, id).await, told(who, &query, none, nobody).await);
        for (at, probe) in some.iter().enumerate() {
            let of = |answer: &Value| probe::said(answer, at);
            if of(&real) != of(&none) {
                different.push(format!("{}\n  real: {:.400}\n  none: {:.400}", probe.name, of(&real), of(&none)));
            }
        }
    }
    different
}

/// An answer without the id that it was about and the request's own.
async fn told(who: &Person<'_>, query: &str, variables: Value, id: &str) -> Value {
    let mut answer = who.ask(query, variables).await.0;
    for error in answer.get_mut("errors").and_then(Value::as_array_mut).into_iter().flatten() {
        error["extensions"].as_object_mut().map(|e| e.remove("requestId"));
    }
    // of the records of a merge the one with the least id is refused first, whatever is wrong with it
    let text = answer.to_string().replace(id, "THE_ID").replace("winnerId", "loserIds");
    serde_json::from_str(&text).expect("JSON")
}

/// Without any id: lists in every order, groups, search, and the feed.
async fn shown(who: &Person<'_>, meta: &Meta, id: &str) -> Vec<String> {
    let mut shown = vec![];
    for query in probe::blind(meta) {
        let answer = who.ask(&query, json!({})).await.0;
        let counted = |v: &Value| v["totalCount"].as_i64().or(v["count"].as_i64()).unwrap_or(0) > 0;
        let listed = |v: &Value| v["nodes"].as_array().is_some_and(|nodes| !nodes.is_empty());
        let told = |said: &Value| match said.as_array() {
            Some(rows) => rows.iter().any(counted),
            None => counted(said) || listed(said),
        };
        if answer["data"].as_object().is_none_or(|data| data.values().any(told)) || answer["errors"].is_array() {
            shown.push(format!("{query}\n  {answer:.600}"));
        }
    }
    let feed = heard(who, &[meta.name]).await;
    if feed.contains(id) {
        shown.push(format!("the feed tells of {id}: {feed:.300}"));
    }
    shown
}

/// All that the feed has told, of these types.
async fn heard(who: &Person<'_>, types: &[&str]) -> String {
    let types = if types.is_empty() { String::new() } else { format!("types: {}, ", json!(types)) };
    let feed = format!("subscription {{ changes({types}live: false) {{ entityId kind before after node {{ id }} }} }}");
    let told: Vec<Value> = who.stream(&feed, &Value::Null).collect().await;
    told.into_iter().map(|told| told.to_string()).collect()
}

/// Whoever owns everything, with every right but to read this table.
fn hides<'a>(meta: &Meta, world: &World<'a>) -> Option<Person<'a>> {
    let mut rights = Rights::everything();
    rights.retain(|permission| permission != meta.rules.read);
    // one's own organisation is no secret
    let person = Person { app: world.me.app, actor: Actor { rights: rights.into(), ..world.me.actor.clone() } };
    (meta.table != "organization").then_some(person)
}

on_both! {
    async fn outsiders_are_told_the_same_of_what_is_and_what_is_not(app) {
        let ann = World::of(&app, MARK).await;
        let eve = World::of(&app, "other").await;
        let (anns, eves) = (Around::of(&ann).await, Around::of(&eve).await);
        // not the rows that the inputs would name anyway: what does not change is not looked at
        let mut others = Known::new();
        for record in ann.known.keys().filter(|record| api::schema::records().iter().any(|meta| meta.lower() == **record)) {
            others.insert(record.clone(), ann.fresh(record).await);
        }
        let mut leaks = vec![];
        app.numbered().await;
        let before = dump(&app).await;
        for meta in api::schema::records() {
            let id = &ann.known[&meta.lower()];
            let mut found = differences(&eve.me, &probe::probes(meta, &eves), id).await;
            if let Some(deaf) = hides(meta, &ann) {
                found.extend(differences(&deaf, &probe::probes(meta, &anns), &others[&meta.lower()]).await);
                found.extend(shown(&deaf, meta, id).await);
            }
            let own = differences(&ann.me, &probe::reads(meta), id).await.len();
            if own != probe::reads(meta).len() {
                found.push(format!("only {own} ways tell even its owner of it"));
            }
            leaks.extend(found.into_iter().map(|what| format!("{}: {what}", meta.name)));
        }
        app.numbered().await;
        let after = dump(&app).await;
        leaks.extend(after.lines().filter(|line| !before.contains(line)).map(|line| format!("changed: {line:.400}")));
        assert!(leaks.is_empty(), "{} leaks\n{}", leaks.len(), leaks.join("\n"));
    }
}

/// What in an answer to an outsider is of the organisation that is watched: its mark, or the id of a row that was not
/// asked about.
fn strange(ann: &World<'_>, asked: &Value, answer: &str) -> Option<String> {
    let asked = asked.to_string();
    let ids = ann.known.values().filter(|id| !asked.contains(id.as_str()) && answer.contains(id.as_str()));
    let marks = answer.contains(MARK).then(|| MARK.to_owned());
    ids.cloned().chain(marks).next()
}

on_both! {
    async fn no_answer_to_another_organisation_holds_a_mark(app) {
        let ann = World::of(&app, MARK).await;
        let eve = World::of(&app, "other").await;
        let mut leaks = marks::unmarked(&ann).await;
        let own = dump::of(&app, ann.me.actor.organization).await;
        for meta in api::schema::records() {
            leaks.extend(marks::asked_for(meta, &ann, &eve).await);
        }
        app.numbered().await;
        if let Some(what) = strange(&ann, &json!(null), &heard(&eve.me, &[]).await) {
            leaks.push(format!("the feed tells of {what}"));
        }
        leaks.extend(marks::given_ids(&ann, &eve).await);
        if dump::of(&app, ann.me.actor.organization).await != own {
            leaks.push("something of the other organisation changed".into());
        }
        assert!(leaks.is_empty(), "{} leaks\n{}", leaks.len(), leaks.join("\n"));
    }
}
