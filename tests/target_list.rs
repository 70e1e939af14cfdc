//! Target accounts: proposed by one side, agreed by both, kept within caps, locked with their period.

mod merged;

use api::{
    access::role::templates::Template,
    actor::{Actor, Permission, Reach, Rights, Scope, Via},
};
use entity::{
    id::{ApiKeyId, OrganizationId, RowId},
    word::Word,
};
use serde_json::Value;

use crate::{
    handoff::person,
    harness::{Answer, App, Person, json, on_both},
};

/// Everybody of an organisation, by the name of their role.
struct House<'a> {
    revops: Person<'a>,
    marketing: Person<'a>,
    sales: Person<'a>,
}

fn day(app: &App, from_now: i64) -> String {
    (app.store.now().date_naive() + chrono::Duration::days(from_now)).to_string()
}

impl<'a> House<'a> {
    fn of(app: &'a App) -> Self {
        let home = OrganizationId::from_uuid(uuid::Uuid::now_v7());
        let as_a = |template: Template| app.with_rights(home, template.rights());
        let (revops, marketing) = (as_a(Template::Revops), as_a(Template::MktManager));
        // a sales manager over everybody
        let mut rights = Template::SalesManager.rights();
        rights.grant(Permission::AccountRead, Reach::ALL);
        Self { revops, marketing, sales: app.with_rights(home, rights) }
    }

    /// A list whose period begins so many days from now and lasts for ninety.
    async fn list(&self, name: &str, begins: i64, more: Value) -> Value {
        let app = self.revops.app;
        let mut input = json!({ "name": name, "periodStart": day(app, begins), "periodEnd": day(app, begins + 90) });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.revops.has("targetList", input).await
    }

    async fn accounts(&self, n: usize) -> Vec<Value> {
        let upsert = "mutation($rows: [AccountUpsertRow!]!) { accountUpsert(input: { rows: $rows }) { results { account { id } } } }";
        let rows: Vec<_> = (0..n).map(|i| json!({ "name": format!("Acme {i}") })).collect();
        let made = self.revops.ask(upsert, json!({ "rows": rows })).await;
        let results = made.data()["accountUpsert"]["results"].as_array().unwrap().clone();
        results.into_iter().map(|r| r["account"]["id"].clone()).collect()
    }
}

const PROPOSE: &str = "mutation($input: TargetEntryProposeInput!) { targetEntryPropose(input: $input) {
    targetEntries { id state tier side account { name } } userErrors { code field message } } }";

async fn propose(who: &Person<'_>, list: &Value, side: &str, rows: Vec<Value>) -> Answer {
    who.ask(PROPOSE, json!({ "input": { "targetListId": list, "side": side, "rows": rows } })).await
}

fn row(account: &Value, tier: &str) -> Value {
    json!({ "accountId": account, "tier": tier, "reason": "Fits" })
}

async fn proposed(who: &Person<'_>, list: &Value, side: &str, rows: Vec<Value>) -> Vec<Value> {
    let answer = propose(who, list, side, rows).await;
    let payload = &answer.data()["targetEntryPropose"];
    assert_eq!(payload["userErrors"], json!([]), "{}", answer.0);
    payload["targetEntries"].as_array().unwrap().iter().map(|entry| entry["id"].clone()).collect()
}

async fn votes(who: &Person<'_>, entry: &Value, side: &str, choice: &str, question: &str) -> Answer {
    let input = json!({ "id": entry, "side": side, "choice": choice, "question": question });
    who.does(
        "targetEntry",
        "Vote",
        input,
        "state solo votes(orderBy: [{ field: SIDE }]) { nodes { side choice question } }",
    )
    .await
}

/// The state after a vote, or the code of its refusal.
async fn says(who: &Person<'_>, entry: &Value, side: &str, choice: &str, question: &str) -> String {
    let answer = votes(who, entry, side, choice, question).await;
    let state = answer.0["data"]["targetEntryVote"]["targetEntry"]["state"].as_str();
    state.unwrap_or_else(|| answer.code()).to_owned()
}

async fn rate(who: &Person<'_>, list: &Value) -> Value {
    who.sees("targetList", list, "agreementRate { numerator denominator value }").await["agreementRate"].clone()
}

on_both! {
    async fn an_account_is_agreed_once_both_sides_want_it(app) {
        let house = House::of(&app);
        let list = house.list("Q1", 30, json!({})).await;
        let accounts = house.accounts(4).await;
        assert_eq!(rate(&house.sales, &list).await, json!({ "numerator": 0, "denominator": 0, "value": null }));
        let mine = proposed(&house.marketing, &list, "MARKETING", accounts[..3].iter().map(|a| row(a, "TIER_1")).collect()).await;
        let theirs = proposed(&house.sales, &list, "SALES", vec![row(&accounts[3], "TIER_2")]).await;
        let first = votes(&house.sales, &mine[0], "SALES", "YES", "ADD").await;
        let entry = &first.data()["targetEntryVote"]["targetEntry"];
        assert_eq!((&entry["state"], &entry["solo"]), (&json!("AGREED"), &json!(false)), "{}", first.0);
        assert_eq!(entry["votes"]["nodes"], json!([{ "side": "MARKETING", "choice": "YES", "question": "ADD" }, { "side": "SALES", "choice": "YES", "question": "ADD" }]));
        assert_eq!(says(&house.sales, &mine[1], "SALES", "NO", "ADD").await, "DECLINED");
        assert_eq!(says(&house.marketing, &mine[2], "MARKETING", "NO", "ADD").await, "DECLINED", "a side takes its wish back");
        assert_eq!(says(&house.marketing, &theirs[0], "MARKETING", "YES", "ADD").await, "AGREED");
        assert_eq!(rate(&house.sales, &list).await, json!({ "numerator": 2, "denominator": 4, "value": 0.5 }));
        // what is decided is decided
        for entry in [&mine[0], &mine[1]] {
            assert_eq!(says(&house.sales, entry, "SALES", "YES", "ADD").await, "INVALID_TRANSITION");
        }
        let targets = "query($list: ID!) { accounts(filter: { targetEntries: { some: { targetListId: { eq: $list }, state: { eq: AGREED }, tier: { eq: TIER_1 } } } }) {
            nodes { name targetEntries { nodes { tier state targetList { name } } } } } }";
        let targets = house.sales.ask(targets, json!({ "list": list })).await;
        let agreed = json!([{ "name": "Acme 0", "targetEntries": { "nodes": [{ "tier": "TIER_1", "state": "AGREED", "targetList": { "name": "Q1" } }] } }]);
        assert_eq!(targets.data()["accounts"]["nodes"], agreed);
    }
}

on_both! {
    async fn before_the_period_one_side_takes_off_afterwards_both(app) {
        let house = House::of(&app);
        let accounts = house.accounts(2).await;
        let mut entries = vec![];
        for (name, begins) in [("Next", 30), ("Running", -1)] {
            let list = house.list(name, begins, json!({})).await;
            let made = proposed(&house.marketing, &list, "MARKETING", accounts.iter().map(|a| row(a, "TIER_1")).collect()).await;
            for entry in &made {
                assert_eq!(says(&house.sales, entry, "SALES", "YES", "ADD").await, "AGREED");
            }
            entries.push((list, made));
        }
        let [(next, early), (running, late)] = &entries[..] else { panic!("two lists") };
        let state = async |list| house.sales.sees("targetList", list, "state").await["state"].clone();
        assert_eq!((state(next).await, state(running).await), (json!("OPEN"), json!("LOCKED")));
        let locked = house.sales.ask("{ targetLists(filter: { state: { eq: LOCKED } }) { nodes { name } } }", json!({})).await;
        assert_eq!(locked.data()["targetLists"]["nodes"], json!([{ "name": "Running" }]));

        assert_eq!(says(&house.sales, &early[0], "SALES", "YES", "REMOVE").await, "REMOVED");
        assert_eq!(says(&house.sales, &early[0], "SALES", "YES", "REMOVE").await, "INVALID_TRANSITION");
        assert_eq!(rate(&house.sales, next).await, json!({ "numerator": 1, "denominator": 2, "value": 0.5 }), "it stays in the denominator");
        // proposed again, it counts once
        let again = proposed(&house.sales, next, "SALES", vec![row(&accounts[0], "TIER_3")]).await;
        assert_eq!(says(&house.marketing, &again[0], "MARKETING", "YES", "ADD").await, "AGREED");
        assert_eq!(rate(&house.sales, next).await, json!({ "numerator": 2, "denominator": 2, "value": 1.0 }));

        assert_eq!(says(&house.sales, &late[0], "SALES", "YES", "REMOVE").await, "AGREED", "waits for marketing");
        assert_eq!(says(&house.sales, &late[0], "SALES", "YES", "REMOVE").await, "DUPLICATE");
        assert_eq!(says(&house.marketing, &late[0], "MARKETING", "NO", "REMOVE").await, "AGREED");
        assert_eq!(says(&house.marketing, &late[0], "MARKETING", "YES", "REMOVE").await, "AGREED", "the matter was over");
        assert_eq!(says(&house.sales, &late[0], "SALES", "YES", "REMOVE").await, "REMOVED");
        app.numbered().await;
        let feed = "{ changes(first: 100, types: [\"TargetEntry\"]) { nodes { kind } } }";
        let feed = house.sales.ask(feed, json!({})).await;
        let kinds = feed.data()["changes"]["nodes"].as_array().unwrap().clone();
        let count = |kind: &str| kinds.iter().filter(|change| change["kind"] == kind).count();
        assert_eq!((count("target_entry.agreed"), count("target_entry.removed")), (5, 2), "{kinds:?}");
    }
}

on_both! {
    async fn a_swap_takes_one_place_for_another_within_the_cap(app) {
        let house = House::of(&app);
        let list = house.list("Running", -1, json!({ "tier1Cap": 1 })).await;
        let accounts = house.accounts(3).await;
        let old = proposed(&house.marketing, &list, "MARKETING", vec![row(&accounts[0], "TIER_1")]).await;
        assert_eq!(says(&house.sales, &old[0], "SALES", "YES", "ADD").await, "AGREED");
        let full = proposed(&house.marketing, &list, "MARKETING", vec![row(&accounts[1], "TIER_1")]).await;
        let refused = votes(&house.sales, &full[0], "SALES", "YES", "ADD").await;
        let fault = &refused.data()["targetEntryVote"]["userErrors"][0];
        assert_eq!((&fault["code"], &fault["field"]), (&json!("CRITERIA_UNMET"), &json!(["input", "tier"])));
        assert_eq!(house.sales.sees("targetEntry", &full[0], "state votes { totalCount }").await, json!({ "state": "PROPOSED", "votes": { "totalCount": 1 } }));

        let mut swap = row(&accounts[2], "TIER_1");
        swap["replacesId"] = full[0].clone();
        assert_eq!(propose(&house.sales, &list, "SALES", vec![swap.clone()]).await.code(), "VALIDATION", "only an agreed one is replaced");
        swap["replacesId"] = old[0].clone();
        let new = proposed(&house.sales, &list, "SALES", vec![swap]).await;
        assert_eq!(house.sales.sees("targetEntry", &old[0], "state").await["state"], "AGREED", "not by one side");
        assert_eq!(says(&house.marketing, &new[0], "MARKETING", "YES", "ADD").await, "AGREED");
        assert_eq!(house.sales.sees("targetEntry", &old[0], "state").await["state"], "REMOVED");
        assert_eq!(house.sales.sees("targetEntry", &new[0], "replaces { id }").await["replaces"]["id"], old[0]);
    }
}

on_both! {
    async fn a_list_keeps_its_period_and_caps_once_it_has_begun_and_ends(app) {
        let house = House::of(&app);
        let accounts = house.accounts(2).await;
        let next = house.list("Next", 30, json!({ "tier1Cap": 5 })).await;
        for entry in proposed(&house.marketing, &next, "MARKETING", accounts.iter().map(|a| row(a, "TIER_1")).collect()).await {
            says(&house.sales, &entry, "SALES", "YES", "ADD").await;
        }
        let change = async |list: &Value, more: Value| {
            let mut input = json!({ "id": list });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            house.revops.does("targetList", "Update", input, "id").await.code().to_owned()
        };
        assert_eq!(change(&next, json!({ "tier1Cap": 1 })).await, "CRITERIA_UNMET");
        assert_eq!(change(&next, json!({ "tier1Cap": 2, "periodStart": day(&app, 40) })).await, "");
        assert_eq!(change(&next, json!({ "periodEnd": day(&app, 40) })).await, "VALIDATION");
        let running = house.list("Running", -1, json!({})).await;
        for locked in [json!({ "periodStart": day(&app, 3) }), json!({ "periodEnd": day(&app, 400) }), json!({ "tier2Cap": 3 })] {
            assert_eq!(change(&running, locked).await, "LOCKED");
        }
        assert_eq!(change(&running, json!({ "name": "This quarter" })).await, "");
        let over = house.list("Over", -90, json!({})).await;
        assert_eq!(house.sales.sees("targetList", &over, "state").await["state"], "CLOSED");
        assert_eq!(propose(&house.sales, &over, "SALES", vec![row(&accounts[0], "TIER_1")]).await.code(), "LOCKED");
        assert_eq!(house.revops.makes("targetList", json!({ "name": "Over", "periodStart": day(&app, 1), "periodEnd": day(&app, 2) })).await.code(), "DUPLICATE");
    }
}

on_both! {
    async fn whoever_stands_on_one_side_does_not_speak_for_the_other_whatever_their_roles_are(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let eva = person(&app, Template::SalesManager, "eva").await;
        ann.does("user", "Update", json!({ "id": eva.id(), "side": "SALES" }), "id").await.data();
        let mut both = app.with_rights(ann.actor.organization, Rights::everything());
        both.actor.user = eva.actor.user;
        let dates = json!({ "name": "Q1", "periodStart": day(&app, 30), "periodEnd": day(&app, 120) });
        let list = ann.has("targetList", dates).await;
        let acme = ann.has("account", json!({ "name": "Acme" })).await;
        assert_eq!(propose(&both, &list, "MARKETING", vec![row(&acme, "TIER_1")]).await.code(), "LOCKED");
        let entry = proposed(&both, &list, "SALES", vec![row(&acme, "TIER_1")]).await.remove(0);
        assert_eq!(says(&both, &entry, "MARKETING", "YES", "ADD").await, "LOCKED");
        let found = ann.sees("targetEntry", &entry, "state votes { totalCount }").await;
        assert_eq!(found, json!({ "state": "PROPOSED", "votes": { "totalCount": 1 } }));
    }
}

on_both! {
    async fn a_side_speaks_only_through_its_own_people(app) {
        let house = House::of(&app);
        let home = house.revops.actor.organization;
        let list = house.list("Q1", 30, json!({})).await;
        let accounts = house.accounts(3).await;
        let entry = proposed(&house.marketing, &list, "MARKETING", vec![row(&accounts[0], "TIER_1")]).await.remove(0);
        for (side, holder) in [("MARKETING", Template::MktManager), ("SALES", Template::SalesManager)] {
            for template in Template::all().filter(|template| *template != holder) {
                let who = app.with_rights(home, template.rights());
                assert_eq!(says(&who, &entry, side, "YES", "ADD").await, "FORBIDDEN", "{} for {side}", template.word());
                let answer = propose(&who, &list, side, vec![row(&accounts[1], "TIER_1")]).await;
                assert_eq!(answer.code(), "FORBIDDEN", "{} for {side}", template.word());
            }
        }
        let mut rights = Template::MktManager.rights();
        rights.grant(Permission::TargetListVoteSales, Reach::ALL);
        let both = app.with_rights(home, rights);
        let own = proposed(&both, &list, "MARKETING", vec![row(&accounts[1], "TIER_1")]).await.remove(0);
        assert_eq!(says(&both, &own, "SALES", "YES", "ADD").await, "LOCKED", "nobody speaks for both");
        assert_eq!(says(&both, &entry, "SALES", "YES", "ADD").await, "AGREED", "but for either");
        let via = Via::ApiKey(ApiKeyId::from_uuid(uuid::Uuid::now_v7()));
        let program = Person { app: &app, actor: Actor { via, ..house.sales.actor.clone() } };
        assert_eq!(says(&program, &own, "SALES", "YES", "ADD").await, "FORBIDDEN");
        assert_eq!(says(&app.admin(), &own, "SALES", "YES", "ADD").await, "NOT_FOUND");
    }
}

on_both! {
    async fn an_entry_is_seen_with_its_account_and_the_rate_by_everybody(app) {
        let house = House::of(&app);
        let list = house.list("Q1", 30, json!({})).await;
        let accounts = house.accounts(2).await;
        let own = Reach { scope: Scope::Own, unassigned: false };
        let mut narrow = app.holding(house.revops.actor.organization, &[(Permission::TargetListRead, Reach::ALL), (Permission::AccountRead, own),
            (Permission::TargetListVoteSales, Reach::ALL)]);
        let entries = proposed(&house.marketing, &list, "MARKETING", accounts.iter().map(|a| row(a, "TIER_1")).collect()).await;
        says(&house.sales, &entries[0], "SALES", "YES", "ADD").await;
        assert_eq!(narrow.sees("targetEntry", &entries[0], "id").await, Value::Null);
        assert_eq!(says(&narrow, &entries[1], "SALES", "YES", "ADD").await, "NOT_FOUND");
        assert_eq!(propose(&narrow, &list, "SALES", vec![row(&accounts[1], "TIER_1")]).await.code(), "NOT_FOUND");
        let seen = narrow.sees("targetList", &list, "entries { totalCount } agreementRate { numerator denominator }").await;
        assert_eq!(seen, json!({ "entries": { "totalCount": 0 }, "agreementRate": { "numerator": 1, "denominator": 2 } }));
        assert_eq!(narrow.ask("{ targetVotes { totalCount } }", json!({})).await.data()["targetVotes"]["totalCount"], 0);
        narrow = app.holding(house.revops.actor.organization, &[(Permission::AccountRead, Reach::ALL)]);
        assert_eq!(narrow.sees("targetList", &list, "id").await, Value::Null);
        assert_eq!(narrow.ask("{ targetEntries { totalCount } }", json!({})).await.data()["targetEntries"]["totalCount"], 0);
    }
}

on_both! {
    async fn the_only_administrator_speaks_for_both_in_solo_mode(app) {
        let (organization, user) = crate::access::user(&app, "ADMIN", "ann@example.com").await;
        let mut ann = app.with_rights(organization, Template::Admin.rights());
        ann.actor.user = Some(user);
        let list = ann.has("targetList", json!({ "name": "Q1", "periodStart": day(&app, 3), "periodEnd": day(&app, 9) })).await;
        let acme = ann.has("account", json!({ "name": "Acme" })).await;
        assert_eq!(propose(&ann, &list, "MARKETING", vec![row(&acme, "TIER_1")]).await.code(), "FORBIDDEN");
        let solo = json!({ "id": organization.to_string(), "soloMode": true });
        assert_eq!(ann.does("organization", "Update", solo, "id").await.code(), "");
        let entry = proposed(&ann, &list, "MARKETING", vec![row(&acme, "TIER_1")]).await.remove(0);
        let agreed = votes(&ann, &entry, "SALES", "YES", "ADD").await;
        let agreed = &agreed.data()["targetEntryVote"]["targetEntry"];
        assert_eq!((&agreed["state"], &agreed["solo"]), (&json!("AGREED"), &json!(true)));
    }
}

on_both! {
    async fn a_proposal_is_all_or_nothing_and_costs_the_same_for_many(app) {
        let house = House::of(&app);
        let list = house.list("Q1", 30, json!({})).await;
        let accounts = house.accounts(60).await;
        proposed(&house.sales, &list, "SALES", vec![row(&accounts[0], "TIER_1")]).await;
        let bad = vec![row(&accounts[0], "TIER_1"), row(&accounts[1], "TIER_1"), row(&accounts[1], "TIER_1"), row(&list, "TIER_1")];
        let answer = propose(&house.marketing, &list, "MARKETING", bad.clone()).await;
        assert_eq!(answer.data()["targetEntryPropose"]["userErrors"][0]["field"], json!(["input", "rows", "3", "accountId"]));
        let answer = propose(&house.marketing, &list, "MARKETING", bad[..3].to_vec()).await;
        let faults = answer.data()["targetEntryPropose"]["userErrors"].as_array().unwrap().clone();
        let said: Vec<_> = faults.iter().map(|f| (f["code"].as_str().unwrap(), f["field"][2].as_str().unwrap())).collect();
        assert_eq!(said, [("DUPLICATE", "0"), ("DUPLICATE", "2")], "{}", answer.0);
        assert_eq!(house.sales.ask("{ targetEntries { totalCount } }", json!({})).await.data()["targetEntries"]["totalCount"], 1);
        assert_eq!(propose(&house.marketing, &list, "MARKETING", vec![]).await.code(), "VALIDATION");
        let mut costs = vec![];
        for range in [1..11, 11..60] {
            let rows = accounts[range].iter().map(|a| row(a, "TIER_2")).collect();
            let before = app.store.statements();
            proposed(&house.marketing, &list, "MARKETING", rows).await;
            costs.push(app.store.statements() - before);
        }
        assert_eq!(costs[0], costs[1]);
        let first = house.sales.ask("{ targetEntries(filter: { side: { eq: MARKETING } }, first: 1, orderBy: [{ field: CREATED_AT }]) { nodes { account { name } } } }", json!({})).await;
        assert_eq!(first.data()["targetEntries"]["nodes"][0]["account"]["name"], "Acme 1");
    }
}

on_both! {
    async fn a_cap_holds_when_everybody_votes_at_once(app) {
        let house = House::of(&app);
        let list = house.list("Q1", 30, json!({ "tier1Cap": 5 })).await;
        let accounts = house.accounts(16).await;
        let entries = proposed(&house.marketing, &list, "MARKETING", accounts.iter().map(|a| row(a, "TIER_1")).collect()).await;
        let all = entries.iter().map(|entry| says(&house.sales, entry, "SALES", "YES", "ADD"));
        let said = futures_util::future::join_all(all).await;
        let count = |what: &str| said.iter().filter(|one| *one == what).count();
        assert_eq!((count("AGREED"), count("CRITERIA_UNMET")), (5, 11), "{said:?}");
        // two sides and many people at one entry: one outcome
        let open = house.list("Other", 30, json!({})).await;
        let entry = proposed(&house.marketing, &open, "MARKETING", vec![row(&accounts[0], "TIER_1")]).await.remove(0);
        let people: Vec<_> = (0..8).map(|_| app.with_rights(house.sales.actor.organization, (*house.sales.actor.rights).clone())).collect();
        let said = futures_util::future::join_all(people.iter().map(|who| says(who, &entry, "SALES", "YES", "ADD"))).await;
        assert_eq!(said.iter().filter(|one| *one == "AGREED").count(), 1, "{said:?}");
        assert_eq!(said.iter().filter(|one| *one == "INVALID_TRANSITION").count(), 7, "{said:?}");
        // the same account proposed by both sides at once: one entry
        let rows = || vec![row(&accounts[1], "TIER_1")];
        let (a, b) = tokio::join!(propose(&house.marketing, &open, "MARKETING", rows()), propose(&house.sales, &open, "SALES", rows()));
        let mut codes = [a.code().to_owned(), b.code().to_owned()];
        codes.sort();
        assert_eq!(codes, ["", "DUPLICATE"]);
    }
}
