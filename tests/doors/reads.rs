//! Queries: whoever holds the permission sees the row, for everybody else there is none.

use api::actor::Permission as P;
use entity::word::Word;
use serde_json::Value;

use super::{holds, roles, row};
use crate::harness::{App, Sample, World, json};

/// Queries that need no permission, and why.
const OPEN: &[(&str, &str)] = &[
    ("changes", "a feed of what the caller sees: `streams` holds it against the permissions"),
    ("importPresets", "they come with Accord and tell of nobody"),
    ("leadChance", "counts, all 0 before any lead has ended; null without the lead: tried in `scoring`"),
    ("metricSelfTest", "worked numbers, nobody's"),
    ("metrics", "what metrics there are"),
    ("node", "as `nodes`, which is tried with every record"),
    ("nodes", "tried with every record"),
    ("stuckLeads", "as `stuckOpportunities`"),
    ("stuckOpportunities", "opportunities that the caller sees, told apart by figures of many: tried in `aging`"),
    ("viewer", "the caller's own"),
];

/// Queries whose permissions the directive does not say as they are for these arguments: all of these are needed.
const NEEDED: &[(&str, &[P])] = &[
    ("dashboardData", &[P::DashboardRead, P::MetricRead]),
    ("duplicateCandidates", &[P::LeadRead]),
    ("explainAccess", &[P::RoleRead, P::LeadRead]),
    ("goalProgress", &[P::AgreementRead, P::MetricRead]),
    ("initiativeContributions", &[P::AgreementRead, P::InitiativeRead, P::MetricRead]),
    ("qualificationSimulation", &[P::AgreementRead, P::LeadRead]),
    ("slaVolumes", &[P::AgreementRead, P::LeadRead]),
    ("stageOwner", &[P::LeadRead]),
    ("timeline", &[P::LeadRead]),
];

/// Whether there is anything in an answer.
fn shows(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(all) => all.iter().any(shows),
        Value::Object(all) => match all.get("nodes") {
            Some(nodes) => shows(nodes),
            None => {
                all.values().all(|value| !value.is_number()) || all.values().any(|n| n.as_i64().is_some_and(|n| n > 0))
            }
        },
        _ => true,
    }
}

/// Every query by every role, some at a time.
pub async fn answers(world: &World<'_>, wrong: &mut Vec<String>) {
    let mut calls = vec![];
    for (name, field) in Sample::roots("Query").iter().filter(|(name, _)| !OPEN.iter().any(|(open, _)| open == name)) {
        let mut have = world.known.clone();
        let mut of = field.ty.inner_named_type().to_string();
        of[..1].make_ascii_lowercase();
        have.extend(world.known.get(&of).map(|id| ("id".to_owned(), id.clone())));
        let named = Sample::permissions(field);
        let needed = NEEDED.iter().find(|(query, _)| query == name).map_or(named, |(_, needed)| needed.to_vec());
        calls.push((name.as_str(), world.sample.arguments("Query", name, &have), needed));
    }
    let unneeded = calls.iter().filter(|(.., needed)| needed.is_empty());
    wrong.extend(unneeded.map(|(name, ..)| format!("{name} names no permission and is not listed as open")));
    for some in calls.chunks(15) {
        let asked: Vec<_> = some.iter().map(|(name, arguments, _)| (*name, arguments)).collect();
        let (query, variables) = Sample::operation("Query", &asked);
        for (role, who) in roles(world) {
            let answer = who.ask(&query, variables.clone()).await;
            for (at, (name, arguments, needed)) in some.iter().enumerate() {
                let said = &answer.0["data"][format!("a{at}")];
                if !answer.0["errors"].is_null() || shows(said) != holds(&who, needed) {
                    let errors = &answer.0["errors"];
                    let role = role.word();
                    wrong.push(format!(
                        "{name} as {role}: needs {needed:?}, told {arguments:.300}: {said:.200} {errors:.300}"
                    ));
                }
            }
        }
    }
}

/// One of every record by its id, as by every role.
pub async fn nodes(world: &World<'_>, wrong: &mut Vec<String>) {
    let records = api::schema::records();
    let ids: Vec<&String> = records.iter().map(|meta| &world.known[&meta.lower()]).collect();
    for (role, who) in roles(world) {
        let answer = who.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": ids })).await;
        for (meta, node) in records.iter().zip(answer.data()["nodes"].as_array().expect("nodes")) {
            if node.is_null() == holds(&who, &[meta.rules.read]) {
                wrong.push(format!("{} by its id as {}: {node}", meta.name, role.word()));
            }
        }
    }
}

/// How many rows of each record each role sees: whoever owns them, and somebody else of that role.
pub async fn counts(app: &App, world: &World<'_>, wrong: &mut Vec<String>) -> String {
    let mut text = String::new();
    let lists: Vec<&str> = api::schema::records().into_iter().map(|meta| meta.plural).collect();
    let asked: String = lists.iter().map(|list| format!("{list} {{ totalCount }} ")).collect();
    let query = format!("{{ {asked} }}");
    let mut columns = vec![];
    for (role, owner) in roles(world) {
        let other = app.with_rights(owner.actor.organization, role.rights());
        columns.push((owner.ask(&query, json!({})).await, other.ask(&query, json!({})).await));
    }
    let stranger = app.admin().ask(&query, json!({})).await;
    for list in lists {
        let count = |answer: &crate::harness::Answer| answer.data()[list]["totalCount"].clone();
        text += &row(list, columns.iter().map(|(owner, other)| format!("{} / {}", count(owner), count(other))));
        if count(&stranger) != 0 {
            wrong.push(format!("{list} shows another organisation's rows"));
        }
    }
    text
}
