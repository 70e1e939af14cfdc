//! Nobody learns of a row that they may not see. For every record type of the schema two outsiders, somebody of another
//! organisation and somebody with every right but the one to read it, ask about a row that is there and about one that
//! is not, by every way that leads to it, and must be told the same. What is refused changes nothing.

pub mod dump;
mod probe;

use std::collections::BTreeMap;

use api::{actor::Rights, graph::Meta};
use entity::id::OrganizationId;
use serde_json::Value;

use self::{dump::dump, probe::Probe};
use crate::{
    doors::one_of_each,
    harness::{App, Person, Sample, json, on_both},
};

const NOBODY: &str = "00000000000070008000000000000000";

type Known = BTreeMap<String, String>;

/// One probe's answer, without the id that it was about and the request's own.
async fn told(who: &Person<'_>, probe: &Probe, id: &str) -> String {
    let mut answer = who.ask(&probe.query, probe.about(id)).await.0;
    for error in answer.get_mut("errors").and_then(Value::as_array_mut).into_iter().flatten() {
        error["extensions"].as_object_mut().map(|e| e.remove("requestId"));
    }
    answer.to_string().replace(id, "THE_ID")
}

/// What somebody is told differently of a row and of none.
async fn differences(who: &Person<'_>, probes: &[Probe], id: &str, nobody: &str) -> Vec<String> {
    let mut different = vec![];
    for probe in probes {
        let (real, none) = (told(who, probe, id).await, told(who, probe, nobody).await);
        if real != none {
            different.push(format!("{}\n  real: {real:.600}\n  none: {none:.600}", probe.name));
        }
    }
    different
}

/// Without any id: lists in every order, groups, search, and the feed.
async fn shown(who: &Person<'_>, meta: &Meta, id: &str) -> Vec<String> {
    let mut shown = vec![];
    for query in probe::blind(meta) {
        let answer = who.ask(&query, json!({})).await.0;
        let data = answer["data"].as_object().into_iter().flat_map(|data| data.values());
        let counted = data.flat_map(|v| v.as_array().cloned().unwrap_or_else(|| vec![v.clone()])).any(|v| {
            let count = v["totalCount"].as_i64().or(v["count"].as_i64()).unwrap_or(0);
            count > 0 || v["nodes"].as_array().is_some_and(|nodes| !nodes.is_empty())
        });
        if counted || answer["errors"].is_array() {
            shown.push(format!("{query}\n  {:.600}", answer.to_string()));
        }
    }
    let feed = who
        .ask("{ changes(first: 100) { nodes { entityId before after } pageInfo { hasNextPage } } }", json!({}))
        .await;
    let told = feed.data()["changes"].to_string();
    if told.contains(id) {
        shown.push(format!("the feed tells of {id}: {told:.300}"));
    }
    shown
}

/// Somebody of this organisation with every right but to read this table.
fn hides<'a>(meta: &Meta, home: OrganizationId, app: &'a App) -> Option<Person<'a>> {
    let mut rights = Rights::everything();
    rights.retain(|permission| permission != meta.rules.read);
    // one's own organisation is no secret
    (meta.table != "organization").then(|| app.with_rights(home, rights))
}

on_both! {
    async fn outsiders_are_told_the_same_of_what_is_and_what_is_not(app) {
        let sample = Sample::new();
        let ann = app.founder().await;
        let known = one_of_each(&sample, &ann).await;
        let eve = app.founder().await;
        let theirs = one_of_each(&sample, &eve).await;
        // no unique key of one organisation stands in the way of another
        assert_eq!(known.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
        let mut leaks = vec![];
        for meta in api::schema::records() {
            let Some(id) = known.get(&meta.lower()) else { continue };
            let nobody = format!("{}_{NOBODY}", meta.table);
            let deaf = hides(meta, ann.actor.organization, &app);
            for (who, name, have) in [(Some(&eve), "another organisation", &theirs), (deaf.as_ref(), "a role", &known)] {
                let Some(who) = who else { continue };
                let probes = probe::probes(meta, &sample, have);
                let before = dump(&app).await;
                let mut found = differences(who, &probes, id, &nobody).await;
                if name == "a role" {
                    found.extend(shown(who, meta, id).await);
                }
                if dump(&app).await != before {
                    found.push("something changed".into());
                }
                leaks.extend(found.into_iter().map(|what| format!("{} to {name}: {what}", meta.name)));
            }
        }
        assert!(leaks.is_empty(), "{} leaks\n{}", leaks.len(), leaks.join("\n"));
    }
}

on_both! {
    async fn whoever_sees_a_row_is_told_otherwise(app) {
        let sample = Sample::new();
        let ann = app.founder().await;
        let known = one_of_each(&sample, &ann).await;
        for table in ["lead", "account", "opportunity", "campaign"] {
            let records = api::schema::records();
            let meta = records.iter().find(|meta| meta.table == table).unwrap();
            let reads = probe::reads(meta);
            let found = differences(&ann, &reads, &known[table], &format!("{table}_{NOBODY}")).await;
            assert_eq!(found.len(), reads.len(), "{table}: a probe that tells nobody anything: {found:#?}");
        }
    }
}

on_both! {
    async fn what_is_forbidden_changes_nothing(app) {
        let sample = Sample::new();
        let ann = app.founder().await;
        let known: Known = one_of_each(&sample, &ann).await;
        let nobody = app.with_rights(ann.actor.organization, Rights::default());
        let before = dump(&app).await;
        for (name, field) in sample.roots("Mutation") {
            if crate::schema::OWN.contains(&name.as_str()) {
                continue;
            }
            let record = probe::record_of(&name);
            let mut have = known.clone();
            have.extend(known.get(&record).map(|id| ("id".to_owned(), id.clone())));
            let (query, variables) = sample.operation("mutation", &name, field, &have);
            let answer = nobody.ask(&query, variables).await;
            let refused = answer.code() == "FORBIDDEN" || answer.0.to_string().contains("\"FORBIDDEN\"");
            assert!(refused, "{name}: {}", answer.0);
        }
        assert_eq!(dump(&app).await, before);
    }
}
