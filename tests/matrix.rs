//! The cells of the matrix of rights, row by row: for every built-in role, whose records it sees and changes, by every
//! way there is to see them. The cells are those of the model, written down once more.

use std::collections::{BTreeMap, BTreeSet};

use api::{access::role::templates::Template, actor::Rights};
use entity::{id::UserId, word::Word};
use serde_json::Value;

use crate::harness::{App, Person, json, on_both};

/// Records, how they are named, and what each role reads and changes of them, in the order of the roles.
#[rustfmt::skip]
const CELLS: [(&str, &str, [&str; 10], [&str; 10]); 7] = [
    //                          ADMIN  REVOPS EXEC   MKT_M  MKT_U  SALES_M        SALES_REP  SDR        FIN    INT
    ("lead", "lastName",       ["ALL", "ALL", "ALL", "ALL", "ALL", "SUBTREE+POOL", "OWN+POOL", "OWN+POOL", "-", "ALL"],
                               ["ALL", "ALL", "-",   "ALL", "OWN", "SUBTREE",      "OWN",      "OWN",      "-", "ALL"]),
    ("opportunity", "name",    ["ALL", "ALL", "ALL", "ALL", "OWN", "SUBTREE",      "TEAM",     "OWN",      "ALL", "ALL"],
                               ["ALL", "ALL", "-",   "-",   "-",   "SUBTREE",      "OWN",      "-",        "-", "ALL"]),
    ("account", "name",        ["ALL", "ALL", "ALL", "ALL", "ALL", "SUBTREE",      "SUBTREE",  "SUBTREE",  "ALL", "ALL"],
                               ["ALL", "ALL", "-",   "ALL", "-",   "SUBTREE",      "OWN",      "OWN",      "-", "ALL"]),
    ("contact", "lastName",    ["ALL", "ALL", "ALL", "ALL", "ALL", "SUBTREE",      "SUBTREE",  "SUBTREE",  "ALL", "ALL"],
                               ["ALL", "ALL", "-",   "ALL", "-",   "SUBTREE",      "OWN",      "OWN",      "-", "ALL"]),
    ("campaign", "name",       ["ALL", "ALL", "ALL", "ALL", "TEAM", "ALL",         "ALL",      "ALL",      "ALL", "ALL"],
                               ["ALL", "ALL", "-",   "ALL", "OWN", "-",            "-",        "-",        "-", "ALL"]),
    ("campaignCost", "note",   ["ALL", "ALL", "ALL", "ALL", "TEAM", "ALL",         "-",        "-",        "ALL", "ALL"],
                               ["ALL", "ALL", "-",   "ALL", "OWN", "-",            "-",        "-",        "ALL", "ALL"]),
    ("activity", "subject",    ["ALL", "ALL", "ALL", "ALL", "TEAM", "SUBTREE",     "TEAM",     "TEAM",     "-", "ALL"],
                               ["ALL", "ALL", "-",   "OWN", "OWN", "SUBTREE",      "OWN",      "OWN",      "-", "ALL"]),
];

const OWNERS: [&str; 5] = ["own", "team", "below", "others", "pool"];

/// Whose records a cell reaches.
fn owners(cell: &str) -> BTreeSet<&'static str> {
    let (scope, pool) = cell.strip_suffix("+POOL").map_or((cell, false), |scope| (scope, true));
    let n = match scope {
        "-" => 0,
        "OWN" => 1,
        "TEAM" => 2,
        "SUBTREE" => 3,
        _ => 5,
    };
    OWNERS[..n].iter().copied().chain(pool.then_some("pool")).collect()
}

struct World<'a> {
    boss: Person<'a>,
    me: UserId,
    /// A user of each kind but the pool.
    users: BTreeMap<&'static str, UserId>,
    /// An account of mine to which everything else belongs.
    hub: Value,
    /// Type and owner to id.
    records: BTreeMap<(&'static str, &'static str), Value>,
}

async fn world(app: &App) -> World<'_> {
    let mut users = BTreeMap::new();
    let mut home = None;
    for owner in &OWNERS[..4] {
        let (organization, id) = crate::access::user(app, "FINANCE", &format!("{owner}@acme.com")).await;
        home = Some(organization);
        users.insert(*owner, id);
    }
    let boss = app.with_rights(home.unwrap(), Rights::everything());
    boss.sells().await;
    let me = users["own"];
    let team = boss.has("team", json!({ "name": "Ours", "kind": "CROSS" })).await;
    for owner in ["own", "team"] {
        boss.has("membership", json!({ "teamId": team, "userId": users[owner].to_string() })).await;
    }
    let below = json!({ "id": users["below"].to_string(), "reportsToId": me.to_string() });
    assert_eq!(boss.does("user", "Update", below, "id").await.code(), "");
    let hub = boss.has("account", json!({ "name": "hub", "ownerId": me.to_string() })).await;
    let mut world = World { boss, me, users, hub, records: BTreeMap::new() };
    for owner in OWNERS {
        world.fill(owner).await;
    }
    world
}

impl World<'_> {
    async fn fill(&mut self, owner: &'static str) {
        let who = self.users.get(owner).map(ToString::to_string);
        for (record, name, ..) in CELLS {
            let mut input = json!({ name: owner, "ownerId": who });
            match record {
                "contact" | "opportunity" => input["accountId"] = self.hub.clone(),
                "activity" => (input["accountId"], input["kind"]) = (self.hub.clone(), json!("NOTE")),
                "campaignCost" => {
                    let campaign = &self.records[&("campaign", owner)];
                    input = json!({ "note": owner, "campaignId": campaign, "date": "2026-01-02", "kind": "MEDIA",
                        "amount": { "amount": "5", "currency": "EUR" } });
                }
                _ => {}
            }
            let id = self.boss.has(record, input).await;
            self.records.insert((record, owner), id);
        }
    }

    fn as_role(&self, app: &'_ App, template: Template) -> Person<'_> {
        let mut person = Person { app: self.boss.app, actor: self.boss.actor.clone() };
        assert!(std::ptr::eq(app, person.app));
        (person.actor.user, person.actor.rights) = (Some(self.me), template.rights().into());
        person
    }
}

/// The names in a list, the hub left out.
fn names(list: &Value, name: &str) -> BTreeSet<String> {
    let all = list["nodes"].as_array().unwrap().iter().map(|node| node[name].as_str().unwrap().to_owned());
    all.filter(|name| name != "hub").collect()
}

fn plural(record: &str) -> String {
    match record {
        "opportunity" => "opportunities".into(),
        "activity" => "activities".into(),
        other => format!("{other}s"),
    }
}

on_both! {
    async fn every_cell_holds_by_every_way(app) {
        let world = world(&app).await;
        for (column, template) in Template::all().enumerate() {
            let who = world.as_role(&app, template);
            for (record, name, reads, changes) in CELLS {
                let at = format!("{record} as {}", template.word());
                let list = plural(record);
                let can = format!("{{ {list}(first: 100) {{ totalCount nodes {{ id {name} viewerCan {{ update }} }} }} {record}Aggregate {{ count }} }}");
                let seen = who.ask(&can, json!({})).await;
                let found = names(&seen.data()[&list], name);
                let wanted: BTreeSet<String> = owners(reads[column]).into_iter().map(str::to_owned).collect();
                assert_eq!(found, wanted, "{at}: list");
                let hub = usize::from(record == "account" && !wanted.is_empty());
                assert_eq!(seen.data()[&list]["totalCount"], wanted.len() + hub, "{at}: count");
                assert_eq!(seen.data()[format!("{record}Aggregate")][0]["count"].as_u64().unwrap_or(0), (wanted.len() + hub) as u64, "{at}: aggregate");
                nodes(&world, &who, record, &wanted, &at).await;
                let writes = owners(changes[column]);
                for node in seen.data()[&list]["nodes"].as_array().unwrap().iter().filter(|n| n[name] != "hub") {
                    assert_eq!(node["viewerCan"]["update"], writes.contains(node[name].as_str().unwrap()), "{at}: {node}");
                }
                updates(&world, &who, (record, name), (&owners(reads[column]), &writes), &at).await;
            }
            edges(&world, &who, template, column).await;
        }
    }
}

/// The same by their ids.
async fn nodes(world: &World<'_>, who: &Person<'_>, record: &'static str, wanted: &BTreeSet<String>, at: &str) {
    let ids: Vec<_> = OWNERS.iter().map(|owner| world.records[&(record, *owner)].clone()).collect();
    let found = who.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": ids })).await;
    for (node, owner) in found.data()["nodes"].as_array().unwrap().iter().zip(OWNERS) {
        assert_eq!(!node.is_null(), wanted.contains(owner), "{at}: node of {owner}");
    }
}

/// What is readable and not changeable is FORBIDDEN, what is not readable NOT_FOUND, for whoever may change any.
async fn updates(
    world: &World<'_>,
    who: &Person<'_>,
    (record, name): (&'static str, &str),
    (reads, writes): (&BTreeSet<&str>, &BTreeSet<&str>),
    at: &str,
) {
    for owner in OWNERS {
        let input = json!({ "id": world.records[&(record, owner)], name: owner });
        let wanted = match () {
            () if writes.contains(owner) => "",
            () if reads.contains(owner) || writes.is_empty() => "FORBIDDEN",
            () => "NOT_FOUND",
        };
        assert_eq!(who.does(record, "Update", input, "id").await.code(), wanted, "{at}: update of {owner}");
    }
}

/// The same through the account that they belong to.
async fn edges(world: &World<'_>, who: &Person<'_>, template: Template, column: usize) {
    let query = "query($id: ID!) { account(by: { id: $id }) {
        opportunities(first: 100) { nodes { name } } contacts(first: 100) { nodes { lastName } } activities(first: 100) { nodes { subject } } } }";
    let seen = who.ask(query, json!({ "id": world.hub })).await;
    for (record, name, reads, _) in CELLS.iter().filter(|c| ["opportunity", "contact", "activity"].contains(&c.0)) {
        let wanted: BTreeSet<String> = owners(reads[column]).into_iter().map(str::to_owned).collect();
        let list = &seen.data()["account"][plural(record)];
        assert_eq!(names(list, name), wanted, "{record} as {} below an account", template.word());
    }
}

on_both! {
    async fn every_cell_holds_in_the_feed(app) {
        let world = world(&app).await;
        app.numbered().await;
        for (column, template) in Template::all().enumerate() {
            let who = world.as_role(&app, template);
            for (record, _, reads, _) in CELLS {
                let mut ty = record.to_owned();
                ty[..1].make_ascii_uppercase();
                let feed = "query($t: [String!]) { changes(types: $t, first: 100) { nodes { entityId } } }";
                let told = who.ask(feed, json!({ "t": [ty] })).await;
                let told: BTreeSet<&str> = told.data()["changes"]["nodes"].as_array().unwrap().iter().map(|n| n["entityId"].as_str().unwrap()).collect();
                for owner in OWNERS {
                    let id = world.records[&(record, owner)].as_str().unwrap();
                    assert_eq!(told.contains(id), owners(reads[column]).contains(owner), "{record} of {owner} as {}", template.word());
                }
            }
        }
    }
}

on_both! {
    async fn a_marketing_manager_changes_leads_until_they_are_offered(app) {
        let world = world(&app).await;
        let manager = world.as_role(&app, Template::MktManager);
        let user = world.as_role(&app, Template::MktUser);
        let me = world.me.to_string();
        for (status, theirs) in [("NEW", true), ("NURTURING", true), ("MQL", true), ("WORKING", false), ("SQL", false), ("RECYCLED", true)] {
            let lead = world.boss.has("lead", json!({ "lastName": status, "status": status, "ownerId": me })).await;
            let seen = manager.sees("lead", &lead, "lastName viewerCan { update delete assign }").await;
            assert_eq!(seen, json!({ "lastName": status, "viewerCan": { "update": theirs, "delete": theirs, "assign": theirs } }));
            let code = if theirs { "" } else { "FORBIDDEN" };
            let change = json!({ "id": lead, "title": "CEO" });
            assert_eq!(manager.does("lead", "Update", change.clone(), "id").await.code(), code, "{status}");
            assert_eq!(user.does("lead", "Update", change, "id").await.code(), "", "their own, {status}");
            assert_eq!(manager.does("lead", "Delete", json!({ "id": lead }), "id").await.code(), code, "{status}");
        }
    }
}

on_both! {
    async fn what_marketing_sourced_and_influenced_is_read_and_nothing_else(app) {
        let world = world(&app).await;
        let others = world.users["others"].to_string();
        let deal = async |name: &str, more: Value| {
            let mut input = json!({ "name": name, "ownerId": others });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            world.boss.has("opportunity", input).await
        };
        let of = |record: &'static str, owner: &'static str| world.records[&(record, owner)].clone();
        let member = async |campaign: Value, who: Value| {
            let mut input = json!({ "campaignId": campaign });
            input.as_object_mut().unwrap().extend(who.as_object().unwrap().clone());
            world.boss.has("campaignMember", input).await
        };
        member(of("campaign", "team"), json!({ "contactId": of("contact", "others") })).await;
        member(of("campaign", "others"), json!({ "contactId": of("contact", "pool") })).await;
        member(of("campaign", "team"), json!({ "leadId": of("lead", "others") })).await;
        deal("my lead", json!({ "sourceLeadId": of("lead", "own") })).await;
        deal("our lead", json!({ "sourceLeadId": of("lead", "team") })).await;
        deal("their lead", json!({ "sourceLeadId": of("lead", "below") })).await;
        deal("our campaign", json!({ "sourceCampaignId": of("campaign", "team") })).await;
        deal("a campaign of nobody", json!({ "sourceCampaignId": of("campaign", "pool") })).await;
        deal("our guest", json!({ "primaryContactId": of("contact", "others") })).await;
        deal("their guest", json!({ "primaryContactId": of("contact", "pool") })).await;
        let joined = deal("our guest as a lead", json!({ "sourceLeadId": of("lead", "others") })).await;
        let followed = |template| {
            let who = world.as_role(&app, template);
            async move {
                let seen = who.ask("{ opportunities(first: 100) { nodes { name } } }", json!({})).await;
                let mut found = names(&seen.data()["opportunities"], "name");
                found.retain(|name| name.contains(' '));
                found.into_iter().collect::<Vec<_>>()
            }
        };
        assert_eq!(followed(Template::MktUser).await, ["my lead", "our campaign", "our guest", "our guest as a lead", "our lead"]);
        assert_eq!(followed(Template::Sdr).await, ["my lead"]);
        assert_eq!(followed(Template::SalesRep).await, Vec::<String>::new());
        assert_eq!(followed(Template::SalesManager).await, Vec::<String>::new());
        let user = world.as_role(&app, Template::MktUser);
        let seen = user.sees("opportunity", &joined, "name viewerCan { update } stageChanges { totalCount }").await;
        assert_eq!(seen["viewerCan"]["update"], false);
        assert_eq!(seen["stageChanges"]["totalCount"], 1);
        assert_eq!(user.ask("{ opportunityAggregate { count } }", json!({})).await.data()["opportunityAggregate"][0]["count"], 6, "and my own");
    }
}
