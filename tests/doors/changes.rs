//! Mutations: tried by every role, and carried out by every role that holds the permission, on a row made for it.

use std::collections::{BTreeMap, BTreeSet};

use api::{
    access::role::templates::Template,
    actor::{Permission, Rights},
};
use entity::word::Word;
use serde_json::Value;

use super::{holds, roles, row};
use crate::{
    harness::{App, Person, Sample, World, record_of},
    leak::dump,
};

/// What nobody carries out here, and why.
const NEVER: [(&str, &str); 0] = [];

/// Roles that hold the permission and are FORBIDDEN all the same, and why.
const HELD_BACK: [(&str, Template, &str); 7] = [
    ("importAppend", Template::MktUser, "the sample imports accounts, which it may not write"),
    ("importAppend", Template::Finance, "the sample imports accounts, which it may not write"),
    ("leadConfirm", Template::MktManager, "the lead is with sales by then, and it has no LEAD_WORK"),
    ("leadConvert", Template::MktManager, "the lead is with sales by then, and it has no LEAD_WORK"),
    ("leadConvert", Template::MktUser, "makes a contact and an account, which it may not"),
    ("leadRecycle", Template::MktManager, "the lead is with sales by then, and it has no LEAD_WORK"),
    ("leadWork", Template::MktManager, "the lead is with sales by then, and it has no LEAD_WORK"),
];

/// Mutations that take one of several permissions, as the input's `side` says.
const SIDES: [(&str, &[(&str, Permission)]); 5] = [
    ("agreementVersionApprove", KEYS),
    ("agreementVersionReject", KEYS),
    ("targetEntryPropose", VOTES),
    ("targetEntryVote", VOTES),
    ("initiativeScore", SCORES),
];

const KEYS: &[(&str, Permission)] = &[
    ("MARKETING", Permission::AgreementApproveMarketing),
    ("SALES", Permission::AgreementApproveSales),
    ("FINANCE", Permission::AgreementApproveFinance),
];

const VOTES: &[(&str, Permission)] =
    &[("MARKETING", Permission::TargetListVoteMarketing), ("SALES", Permission::TargetListVoteSales)];

const SCORES: &[(&str, Permission)] =
    &[("MARKETING", Permission::InitiativeScoreMarketing), ("SALES", Permission::InitiativeScoreSales)];

/// Who carried out what.
type Done = BTreeMap<String, Vec<&'static str>>;

/// One way to try a mutation.
struct Way {
    name: &'static str,
    /// A side, or `new` for an upsert that creates.
    variant: &'static str,
    /// All of these are needed.
    needed: Vec<Permission>,
}

impl Way {
    fn label(&self) -> String {
        format!("{} {}", self.name, self.variant).trim().to_owned()
    }
}

fn ways() -> Vec<Way> {
    let mut ways = vec![];
    for (name, field) in Sample::roots("Mutation") {
        let needed = Sample::permissions(field);
        if let Some((_, sides)) = SIDES.iter().find(|(known, _)| known == name) {
            ways.extend(sides.iter().map(|(variant, one)| Way { name, variant, needed: vec![*one] }));
        } else if !needed.is_empty() {
            // those without are for one's own credentials: `access` tries them
            ways.push(Way { name, variant: "", needed });
        }
        let record = record_of(name);
        let meta = api::schema::records().into_iter().find(|meta| meta.lower() == record);
        if let Some(create) = meta.and_then(|meta| meta.rules.create).filter(|_| name.ends_with("Upsert")) {
            ways.push(Way { name, variant: "new", needed: vec![create] });
        }
    }
    ways
}

/// The table of who carried out what; what is not as the permissions say goes to `wrong`.
pub async fn tried(app: &App, world: &World<'_>, wrong: &mut Vec<String>) -> String {
    let ways = ways();
    let mut given = vec![];
    for way in &ways {
        given.push(world.given(way.name, way.variant).await);
    }
    app.numbered().await;
    let before = dump(app).await;
    let nobody = app.with_rights(world.me.actor.organization, Rights::default());
    for (role, who) in roles(world).iter().map(|(role, who)| (role.word(), who)).chain([("NOBODY", &nobody)]) {
        wrong.extend(forbidden(world, who, &ways, &given).await.into_iter().map(|what| format!("{role}: {what}")));
    }
    if dump(app).await != before {
        wrong.push("what was forbidden has changed something".into());
    }
    let mut done = Done::new();
    for (way, given) in ways.iter().zip(given) {
        carried_out(world, way, given, &mut done, wrong).await;
    }
    accounted_for(&done, wrong);
    let cells = |(label, by): (&String, &Vec<&str>)| {
        let cell = |role: Template| if by.contains(&role.word()) { "yes" } else { "-" }.to_owned();
        row(label, Template::all().map(cell))
    };
    done.iter().map(cells).collect()
}

/// Everything for which somebody lacks the permission, some at a time: what was not FORBIDDEN.
async fn forbidden(world: &World<'_>, who: &Person<'_>, ways: &[Way], given: &[Value]) -> Vec<String> {
    let not_theirs = ways.iter().zip(given).filter(|(way, _)| !holds(who, &way.needed)).collect::<Vec<_>>();
    let mut wrong = vec![];
    for some in not_theirs.chunks(10) {
        let calls: Vec<_> = some.iter().map(|(way, given)| (way.name, *given)).collect();
        let (refusals, answer) = world.all(who, &calls).await;
        let others = some.iter().zip(refusals).filter(|(_, code)| code.as_deref() != Some("FORBIDDEN"));
        wrong.extend(others.map(|((way, _), code)| format!("{}: {code:?} in {:.300}", way.label(), answer.0)));
    }
    wrong
}

/// By each role that holds the permission, each on a row of its own; what was deleted is restored by who deleted it.
async fn carried_out(world: &World<'_>, way: &Way, given: Value, done: &mut Done, wrong: &mut Vec<String>) {
    let restore = way.name.strip_suffix("Delete").map(|record| format!("{record}Restore"));
    let restore = restore.filter(|name| Sample::roots("Mutation").contains_key(name));
    done.entry(way.label()).or_default();
    if way.name.ends_with("Restore") {
        return;
    }
    let mut given = Some(given);
    for (role, who) in roles(world).into_iter().filter(|(_, who)| holds(who, &way.needed)) {
        let told = match given.take() {
            Some(given) => given,
            None => world.given(way.name, way.variant).await,
        };
        one(world, (role, &who), (way.label(), way.name), &told, done, wrong).await;
        if let Some(restore) = &restore {
            one(world, (role, &who), (restore.clone(), restore), &told, done, wrong).await;
            given = Some(told);
        }
    }
}

async fn one(
    world: &World<'_>,
    (role, who): (Template, &Person<'_>),
    (label, name): (String, &str),
    told: &Value,
    done: &mut Done,
    wrong: &mut Vec<String>,
) {
    let (refused, answer) = world.tries(who, name, told).await;
    let held_back = HELD_BACK.iter().any(|(known, of, _)| *known == label && *of == role);
    if refused.as_deref() != held_back.then_some("FORBIDDEN") && !NEVER.iter().any(|(known, _)| *known == label) {
        wrong.push(format!("{label} as {}: told {told:.300}: {:.300}", role.word(), answer.0));
    }
    if refused.is_none() {
        done.entry(label).or_default().push(role.word());
    }
}

/// Only what is listed is carried out by nobody.
fn accounted_for(done: &Done, wrong: &mut Vec<String>) {
    let undone: BTreeSet<&str> = done.iter().filter(|(_, by)| by.is_empty()).map(|(label, _)| label.as_str()).collect();
    let never: BTreeSet<&str> = NEVER.iter().map(|(label, _)| *label).collect();
    wrong.extend(undone.difference(&never).map(|label| format!("{label}: nobody carries it out")));
    wrong.extend(never.difference(&undone).map(|label| format!("{label}: listed as never, and carried out")));
}
