//! The change feed: what a reader gets of the log, in what order, and what they do not get.

use std::time::Duration;

use api::{
    actor::{Permission, Reach, Rights, Scope},
    store::Access,
};
use entity::{id::RowId, user};
use futures_util::{Stream, StreamExt};
use sea_orm::{ActiveValue::Set, ConnectionTrait};
use serde_json::Value;

use crate::harness::{App, Database, PATIENCE, Person, heard, json, on_both};

const CREATE: &str = "mutation($input: LeadCreateInput!) { leadCreate(input: $input) { lead { id } userErrors { code message field } } }";
const UPDATE: &str = "mutation($input: LeadUpdateInput!) { leadUpdate(input: $input) { lead { id } userErrors { code message field } } }";
const FEED: &str = "query($after: String, $types: [String!], $first: Int! = 100) { changes(after: $after, types: $types, first: $first) {
    nodes { seq id cursor op reason kind entityType entityId version actor { id } fields before after node { id __typename ... on Lead { email } } }
    pageInfo { hasNextPage endCursor } latestSeq latestCursor } }";
const FOLLOW: &str = "subscription($after: String) { changes(after: $after) { seq cursor op entityId node { id } } }";

const CATCH_UP: &str =
    "subscription($after: String) { changes(after: $after, types: [\"Lead\"], live: false) { cursor entityId } }";

const OWN: Reach = Reach { scope: Scope::Own, unassigned: false };

impl App {
    /// Until every event has its number.
    pub async fn numbered(&self) {
        let begun = std::time::Instant::now();
        while self.database == Database::Postgres && begun.elapsed() < PATIENCE {
            let query =
                sea_orm::Statement::from_string(self.store.backend(), "SELECT 1 FROM event WHERE seq IS NULL LIMIT 1");
            if self.store.migrator().query_one_raw(query).await.unwrap().is_none() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(self.database == Database::Sqlite, "events are not numbered");
    }

    /// Somebody who is a user of this organisation.
    async fn colleague<'a>(&'a self, of: &Person<'_>, rights: &[(Permission, Reach)]) -> Person<'a> {
        let access = Access::new(self.store.clone(), of.actor.clone(), None);
        let mut tx = access.begin(Permission::UserCreate).await.unwrap();
        let row = user::ActiveModel {
            email: Set(format!("{}@example.com", uuid::Uuid::now_v7().simple())),
            name: Set("Somebody".into()),
            active: Set(true),
            ..Default::default()
        };
        let row = tx.insert::<user::Entity>(row).await.unwrap();
        tx.commit(json!(null)).await.unwrap();
        let mut person = self.holding(of.actor.organization, rights);
        person.actor.user = Some(row.id);
        person
    }
}

impl Person<'_> {
    async fn lead(&self, input: Value) -> Value {
        let made = self.ask(CREATE, json!({ "input": input })).await;
        made.data()["leadCreate"]["lead"]["id"].clone()
    }

    async fn change(&self, id: &Value, mut input: Value) {
        input["id"] = id.clone();
        let done = self.ask(UPDATE, json!({ "input": input })).await;
        assert_eq!(done.data()["leadUpdate"]["userErrors"], json!([]));
    }

    async fn feed(&self, after: &Value) -> Value {
        self.app.numbered().await;
        self.ask(FEED, json!({ "after": after })).await.data()["changes"].clone()
    }

    /// What the feed says, in short.
    async fn told(&self, after: &Value) -> Vec<String> {
        let feed = self.feed(after).await;
        let line = |n: &Value| format!("{} {}", n["kind"].as_str().unwrap(), n["reason"].as_str().unwrap_or(""));
        feed["nodes"].as_array().unwrap().iter().map(|n| line(n).trim().to_owned()).collect()
    }

    fn key(&self) -> String {
        self.actor.user.unwrap().to_string()
    }

    fn follow(&self, after: &Value) -> impl Stream<Item = Value> + Unpin + use<> {
        self.stream(FOLLOW, after)
    }
}

async fn next(stream: &mut (impl Stream<Item = Value> + Unpin)) -> Value {
    let item = tokio::time::timeout(PATIENCE, stream.next()).await;
    item.expect("a change").expect("the stream goes on")
}

on_both! {
    async fn a_change_says_what_when_and_by_whom(app) {
        let boss = app.admin();
        let ann = app.colleague(&boss, &[(Permission::LeadRead, Reach::ALL), (Permission::LeadCreate, Reach::ALL), (Permission::LeadUpdate, Reach::ALL), (Permission::UserRead, Reach::ALL)]).await;
        let id = ann.lead(json!({ "email": "joe@example.com", "lastName": "Doe" })).await;
        ann.change(&id, json!({ "lastName": "Dee", "ownerId": ann.key() })).await;
        app.numbered().await;

        let feed = ann.ask(FEED, json!({ "types": ["Lead"] })).await;
        let nodes = feed.data()["changes"]["nodes"].as_array().unwrap().clone();
        assert_eq!(nodes.len(), 2);
        assert_eq!((&nodes[0]["op"], &nodes[0]["kind"], &nodes[0]["version"]), (&json!("CREATED"), &json!("lead.created"), &json!(1)));
        assert_eq!(nodes[0]["before"], json!(null));
        assert_eq!(nodes[0]["after"]["email"], "joe@example.com");
        assert_eq!(nodes[1]["fields"], json!(["lastName", "owner"]));
        assert_eq!(nodes[1]["before"], json!({ "lastName": "Doe", "ownerId": null }));
        assert_eq!(nodes[1]["after"], json!({ "lastName": "Dee", "ownerId": ann.key() }));
        assert_eq!(nodes[1]["node"], json!({ "id": id, "__typename": "Lead", "email": "joe@example.com" }));
        assert_eq!(nodes[1]["actor"], json!({ "id": ann.key() }));
        assert_eq!(feed.data()["changes"]["latestSeq"], nodes[1]["seq"]);
        let at = nodes[0]["after"]["createdAt"].as_str().unwrap();
        assert!(chrono::DateTime::parse_from_rfc3339(at).is_ok(), "{at}");
    }
}

on_both! {
    async fn nothing_of_another_organisation_or_another_owner(app) {
        let (ann, eve) = (app.admin(), app.admin());
        let sam = app.colleague(&ann, &[(Permission::LeadRead, OWN)]).await;
        let kim = app.colleague(&ann, &[(Permission::LeadRead, OWN)]).await;
        let mine = ann.lead(json!({ "email": "sam@example.com", "ownerId": sam.key() })).await;
        ann.lead(json!({ "email": "kim@example.com", "ownerId": kim.key() })).await;
        ann.lead(json!({ "email": "pool@example.com" })).await;

        let feed = sam.feed(&json!(null)).await;
        assert_eq!(feed["nodes"].as_array().unwrap().len(), 1);
        assert_eq!(feed["nodes"][0]["entityId"], mine);
        assert_eq!(feed["nodes"][0]["actor"], json!(null), "without USER_READ nobody is named");
        assert_eq!(feed["nodes"][0]["after"]["ownerId"], json!(null), "nor in the values");
        assert!(eve.told(&json!(null)).await.is_empty());
    }
}

on_both! {
    async fn a_record_that_leaves_the_view_is_deleted_for_its_reader(app) {
        let ann = app.admin();
        let sam = app.colleague(&ann, &[(Permission::LeadRead, OWN)]).await;
        let kim = app.colleague(&ann, &[(Permission::LeadRead, OWN)]).await;
        let id = ann.lead(json!({ "email": "a@example.com", "lastName": "Secret", "ownerId": sam.key() })).await;
        assert_eq!(sam.told(&json!(null)).await, ["lead.created"]);

        ann.change(&id, json!({ "lastName": "Top secret", "ownerId": kim.key() })).await;
        ann.change(&id, json!({ "lastName": "After" })).await;
        let feed = sam.feed(&json!(null)).await;
        let gone = &feed["nodes"][0];
        assert_eq!(feed["nodes"].as_array().unwrap().len(), 1);
        assert_eq!((&gone["op"], &gone["reason"], &gone["entityId"]), (&json!("DELETED"), &json!("VISIBILITY"), &id));
        assert!([&gone["before"], &gone["after"], &gone["node"], &gone["actor"]].iter().all(|v| v.is_null()), "{gone}");
        assert_eq!(gone["fields"], json!([]));
        assert_eq!(kim.told(&json!(null)).await, ["lead.created", "lead.updated", "lead.updated"]);

        // the same once it has been deleted by its new owner
        ann.ask("mutation($id: ID!) { leadDelete(input: { id: $id }) { userErrors { code } } }", json!({ "id": id })).await;
        assert_eq!(sam.told(&json!(null)).await, ["lead.deleted VISIBILITY"]);
        let last = kim.feed(&json!(null)).await["nodes"][3].clone();
        assert_eq!((&last["op"], &last["reason"], &last["before"]), (&json!("DELETED"), &json!(null), &json!(null)));
    }
}

on_both! {
    async fn a_cursor_goes_on_without_gap_or_double(app) {
        let ann = app.admin();
        for n in 0..7 {
            ann.lead(json!({ "email": format!("n{n}@example.com") })).await;
        }
        app.numbered().await;
        let (mut after, mut seen) = (json!(null), vec![]);
        loop {
            let page = ann.ask(FEED, json!({ "after": after, "first": 3 })).await.data()["changes"].clone();
            seen.extend(page["nodes"].as_array().unwrap().iter().map(|n| n["seq"].as_str().unwrap().to_owned()));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(seen, ["1", "2", "3", "4", "5", "6", "7"]);
        ann.lead(json!({ "email": "late@example.com" })).await;
        assert_eq!(ann.feed(&after).await["nodes"][0]["seq"], "8");
    }
}

on_both! {
    async fn a_cursor_belongs_to_its_reader_and_their_rights(app) {
        let (ann, eve) = (app.admin(), app.admin());
        ann.lead(json!({ "email": "a@example.com" })).await;
        let feed = ann.feed(&json!(null)).await;
        let after = feed["pageInfo"]["endCursor"].clone();

        assert_eq!(eve.ask(FEED, json!({ "after": after })).await.code(), "BAD_USER_INPUT");
        assert_eq!(ann.ask(FEED, json!({ "after": "bogus" })).await.code(), "BAD_USER_INPUT");
        assert_eq!(ann.ask(FEED, json!({ "types": ["Nothing"] })).await.code(), "BAD_USER_INPUT");
        assert_eq!(ann.ask(FEED, json!({ "first": 101 })).await.code(), "BAD_USER_INPUT");
        let mut less = app.with_rights(ann.actor.organization, Rights::everything());
        let mut rights = Rights::everything();
        rights.retain(|p| p != Permission::LeadDelete);
        (less.actor.user, less.actor.rights) = (ann.actor.user, rights.into());
        let refused = less.ask(FEED, json!({ "after": after })).await;
        assert_eq!(refused.code(), "CURSOR_EXPIRED");
        let resync = refused.0["errors"][0]["extensions"]["resyncFrom"].clone();
        less.lead(json!({ "email": "b@example.com" })).await;
        assert_eq!(less.told(&resync).await, ["lead.created"]);
    }
}

on_both! {
    async fn a_change_of_team_ends_the_cursor(app) {
        let ann = app.admin();
        let team = Reach { scope: Scope::Subtree, unassigned: false };
        let (sam, kim) = (app.colleague(&ann, &[(Permission::LeadRead, team)]).await, app.colleague(&ann, &[]).await);
        let after = sam.feed(&json!(null)).await["latestCursor"].clone();
        assert!(sam.told(&after).await.is_empty());
        let line = sea_orm::sea_query::Query::insert()
            .into_table("reporting_line")
            .columns(["organization_id", "above_id", "below_id", "depth"])
            .values_panic([ann.actor.organization.uuid().into(), sam.actor.user.unwrap().uuid().into(), kim.actor.user.unwrap().uuid().into(), 1.into()])
            .take();
        app.store.migrator().execute(&line).await.unwrap();
        assert_eq!(sam.ask(FEED, json!({ "after": after })).await.code(), "CURSOR_EXPIRED");
    }
}

on_both! {
    async fn what_did_not_happen_is_not_told(app) {
        let ann = app.admin();
        let id = ann.lead(json!({ "email": "a@example.com", "lastName": "Doe" })).await;
        let same = json!({ "id": id, "lastName": "Doe" });
        ann.ask(UPDATE, json!({ "input": same })).await;
        let stale = json!({ "id": id, "lastName": "Dee", "expectedVersion": 9 });
        assert_eq!(ann.ask(UPDATE, json!({ "input": stale })).await.code(), "CONFLICT");
        let bulk = "mutation($rows: [LeadUpsertRow!]!) { leadUpsert(input: { atomic: true, rows: $rows }) { results { status } } }";
        ann.ask(bulk, json!({ "rows": [{ "email": "b@example.com" }, { "email": "not an address" }] })).await;
        assert_eq!(ann.told(&json!(null)).await, ["lead.created"]);
    }
}

on_both! {
    async fn erased_values_are_missing_and_the_rest_stays(app) {
        let ann = app.admin();
        ann.lead(json!({ "email": "a@example.com", "source": "web" })).await;
        app.numbered().await;
        app.store.migrator().execute_unprepared("DELETE FROM event_personal").await.unwrap();
        let told = ann.feed(&json!(null)).await["nodes"][0].clone();
        assert!(told["fields"].as_array().unwrap().contains(&json!("email")));
        assert_eq!(told["after"]["source"], "web");
        assert!(told["after"].get("email").is_none(), "{told}");
    }
}

on_both! {
    async fn a_page_costs_the_same_however_many_records(app) {
        let ann = app.admin();
        let sam = app.colleague(&ann, &[(Permission::LeadRead, OWN), (Permission::UserRead, Reach::ALL)]).await;
        let kim = app.colleague(&ann, &[]).await;
        let mut costs = vec![];
        for round in 0..2 {
            for n in 0..5 {
                let id = ann.lead(json!({ "email": format!("{round}-{n}@example.com"), "ownerId": sam.key() })).await;
                if n == 0 {
                    ann.change(&id, json!({ "ownerId": kim.key() })).await;
                }
            }
            app.numbered().await;
            // the least of a few: the sequencer sends statements of its own
            let mut least = u64::MAX;
            for _ in 0..5 {
                let before = app.store.statements();
                sam.ask(FEED, json!({})).await.data();
                least = least.min(app.store.statements() - before);
            }
            costs.push(least);
        }
        assert_eq!(costs[0], costs[1]);
    }
}

on_both! {
    async fn a_subscription_goes_on_where_it_was_cut(app) {
        let ann = app.admin();
        ann.lead(json!({ "email": "before@example.com" })).await;
        app.numbered().await;
        let mut live = ann.follow(&json!(null));
        let mut made = vec![];
        let told = heard(next(&mut live), async || made.push(ann.lead(json!({})).await)).await["data"]["changes"].clone();
        let first = made.iter().position(|id| *id == told["entityId"]).expect("only what is new");
        assert_eq!((&told["node"]["id"], &told["op"]), (&made[first], &json!("CREATED")));
        drop(live);

        made.push(ann.lead(json!({ "email": "second@example.com" })).await);
        made.push(ann.lead(json!({ "email": "third@example.com" })).await);
        let mut live = ann.follow(&told["cursor"]);
        for then in &made[first + 1..] {
            assert_eq!(next(&mut live).await["data"]["changes"]["entityId"], *then);
        }
        let fourth = ann.lead(json!({ "email": "fourth@example.com" })).await;
        assert_eq!(next(&mut live).await["data"]["changes"]["entityId"], fourth);
    }
}

on_both! {
    async fn a_reader_who_only_catches_up_is_told_everything_once_and_then_released(app) {
        let ann = app.admin();
        let mut all = vec![];
        // more than one page of the follower
        for n in 0..120 {
            all.push(ann.lead(json!({ "email": format!("{n}@example.com") })).await);
        }
        app.numbered().await;
        let catch_up = |after: Value| ann.stream(CATCH_UP, &after).map(|told| told["data"]["changes"].clone()).collect::<Vec<_>>();
        let told = catch_up(json!(null)).await;
        assert_eq!(told.iter().map(|t| t["entityId"].clone()).collect::<Vec<_>>(), all);
        assert_eq!(catch_up(told[117]["cursor"].clone()).await, told[118..]);
        assert!(catch_up(told[119]["cursor"].clone()).await.is_empty());
    }
}

on_both! {
    async fn a_subscription_with_a_bad_cursor_fails_once_and_ends(app) {
        let mut live = app.admin().follow(&json!("bogus"));
        let refused = next(&mut live).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        assert!(live.next().await.is_none());
    }
}

on_both! {
    async fn a_slow_reader_gets_nothing_that_has_left_their_view(app) {
        let ann = app.admin();
        let sam = app.colleague(&ann, &[(Permission::LeadRead, OWN)]).await;
        let kim = app.colleague(&ann, &[]).await;
        let cursor = sam.feed(&json!(null)).await["latestCursor"].clone();
        let first = ann.lead(json!({ "email": "1@example.com", "ownerId": sam.key() })).await;
        let second = ann.lead(json!({ "email": "2@example.com", "ownerId": sam.key() })).await;
        app.numbered().await;
        let mut live = sam.follow(&cursor);
        assert_eq!(next(&mut live).await["data"]["changes"]["entityId"], first);
        ann.change(&second, json!({ "ownerId": kim.key() })).await;
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let told = next(&mut live).await["data"]["changes"].clone();
        assert_eq!((&told["op"], &told["entityId"]), (&json!("DELETED"), &second));
    }
}

on_both! {
    async fn two_hundred_followers_ask_nothing_while_their_organisations_rest(app) {
        let (ann, bob, eve) = (app.admin(), app.admin(), app.admin());
        let told = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        for n in 0..200 {
            let mut live = if n % 2 == 0 { ann.follow(&json!(null)) } else { bob.follow(&json!(null)) };
            let told = told.clone();
            tokio::spawn(async move {
                while live.next().await.is_some() {
                    told.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                }
            });
        }
        let since = async |before: u64, wait: u64| {
            tokio::time::sleep(Duration::from_millis(wait)).await;
            app.store.statements() - before
        };
        tokio::time::sleep(Duration::from_secs(2)).await;
        let rest = std::time::Instant::now();
        let idle = since(app.store.statements(), 2_000).await;
        let most = 6 * rest.elapsed().as_secs();
        assert!(idle <= most, "{idle} statements in {:?} of rest", rest.elapsed());
        let before = app.store.statements();
        eve.lead(json!({ "email": "e@example.com" })).await;
        let elsewhere = since(before, 500).await;
        assert!(elsewhere <= 30, "{elsewhere} statements for a commit of another organisation");
        let before = app.store.statements();
        ann.lead(json!({ "email": "a@example.com" })).await;
        let here = since(before, 1_500).await;
        assert!(here <= 100 * 5 + 30, "{here} statements for a hundred that follow");
        for _ in 0..2400 {
            if told.load(std::sync::atomic::Ordering::Relaxed) == 100 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("told {told:?} of 100");
    }
}
