//! Buying committees: who has a say, how well the roles are covered, and whether a sale hangs by one thread.

use api::actor::{Permission, Reach, Scope};
use serde_json::Value;

use crate::harness::{App, Person, json, on_both};

const FIGURES: &str = "committeeCoverage { numerator denominator value } rolesMissing engagedContacts singleThreaded";

async fn contact(who: &Person<'_>, name: &str) -> Value {
    who.has("contact", json!({ "lastName": name, "email": format!("{}@example.com", name.to_lowercase()) })).await
}

async fn joins(who: &Person<'_>, deal: &Value, contact: &Value, role: &str) -> Value {
    who.has("committeeMember", json!({ "opportunityId": deal, "contactId": contact, "role": role })).await
}

async fn requires(who: &Person<'_>, roles: &[&str]) {
    let sales = who.ask("{ pipeline(by: { name: \"Sales\" }) { id } }", json!({})).await;
    for role in roles {
        let pipeline = &sales.data()["pipeline"]["id"];
        who.has("committeeRequirement", json!({ "pipelineId": pipeline, "role": role })).await;
    }
}

on_both! {
    async fn a_member_belongs_to_one_opportunity_or_account_and_plays_a_part_once(app) {
        let ann = app.admin();
        ann.sells().await;
        let (deal, acme) = (ann.has("opportunity", json!({ "name": "Deal" })).await, ann.has("account", json!({ "name": "Acme" })).await);
        let joe = contact(&ann, "Joe").await;
        let part = json!({ "opportunityId": deal, "contactId": joe, "role": "CHAMPION" });
        let made = ann.does("committeeMember", "Create", part.clone(), "id role stance influence contact { lastName } opportunity { name }").await;
        let member = &made.data()["committeeMemberCreate"]["committeeMember"];
        assert_eq!((&member["stance"], &member["influence"]), (&json!("UNKNOWN"), &json!(3)));
        assert_eq!(ann.makes("committeeMember", part).await.code(), "DUPLICATE");
        joins(&ann, &deal, &joe, "ECONOMIC_BUYER").await;
        ann.has("committeeMember", json!({ "accountId": acme, "contactId": joe, "role": "CHAMPION", "influence": 5 })).await;
        for (wrong, code) in [
            (json!({ "contactId": joe, "role": "LEGAL" }), "VALIDATION"),
            (json!({ "contactId": joe, "role": "LEGAL", "opportunityId": deal, "accountId": acme }), "VALIDATION"),
            (json!({ "contactId": joe, "role": "LEGAL", "opportunityId": deal, "influence": 0 }), "VALIDATION"),
            (json!({ "contactId": joe, "role": "LEGAL", "opportunityId": deal, "influence": 6 }), "VALIDATION"),
            (json!({ "contactId": deal, "role": "LEGAL", "opportunityId": deal }), "VALIDATION"),
        ] {
            assert_eq!(ann.makes("committeeMember", wrong).await.code(), code);
        }
        let seen = ann.sees("opportunity", &deal, "committeeMembers(orderBy: [{ field: ROLE }]) { totalCount nodes { role } }").await;
        assert_eq!(seen["committeeMembers"], json!({ "totalCount": 2, "nodes": [{ "role": "CHAMPION" }, { "role": "ECONOMIC_BUYER" }] }));
        assert_eq!(ann.sees("account", &acme, "committeeMembers { nodes { influence } }").await["committeeMembers"]["nodes"], json!([{ "influence": 5 }]));
    }
}

on_both! {
    async fn coverage_is_roles_filled_of_roles_required(app) {
        let ann = app.admin();
        ann.sells().await;
        let deal = ann.has("opportunity", json!({ "name": "Deal" })).await;
        let coverage = async || ann.sees("opportunity", &deal, FIGURES).await;
        assert_eq!(coverage().await["committeeCoverage"], json!({ "numerator": 0, "denominator": 0, "value": null }));
        requires(&ann, &["ECONOMIC_BUYER", "CHAMPION", "TECHNICAL_EVALUATOR", "LEGAL"]).await;
        let (joe, kim) = (contact(&ann, "Joe").await, contact(&ann, "Kim").await);
        let first = joins(&ann, &deal, &joe, "CHAMPION").await;
        joins(&ann, &deal, &kim, "CHAMPION").await;
        joins(&ann, &deal, &kim, "END_USER").await;
        let seen = coverage().await;
        assert_eq!(seen["committeeCoverage"], json!({ "numerator": 1, "denominator": 4, "value": 0.25 }));
        assert_eq!(seen["rolesMissing"], 3);
        joins(&ann, &deal, &joe, "LEGAL").await;
        joins(&ann, &deal, &joe, "ECONOMIC_BUYER").await;
        assert_eq!(coverage().await["committeeCoverage"], json!({ "numerator": 3, "denominator": 4, "value": 0.75 }));
        ann.does("committeeMember", "Delete", json!({ "id": first }), "id").await.data();
        assert_eq!(coverage().await["committeeCoverage"]["numerator"], 3, "Kim still speaks for us");
    }
}

on_both! {
    async fn who_sits_at_every_table_of_an_account_sits_at_this_one(app) {
        let ann = app.admin();
        ann.sells().await;
        let acme = ann.has("account", json!({ "name": "Acme" })).await;
        let deal = ann.has("opportunity", json!({ "name": "Deal", "accountId": acme })).await;
        requires(&ann, &["ECONOMIC_BUYER", "CHAMPION"]).await;
        let joe = contact(&ann, "Joe").await;
        ann.has("committeeMember", json!({ "accountId": acme, "contactId": joe, "role": "CHAMPION" })).await;
        let seen = ann.sees("opportunity", &deal, FIGURES).await;
        assert_eq!((&seen["committeeCoverage"]["numerator"], &seen["rolesMissing"]), (&json!(1), &json!(1)), "{seen}");
        let other = ann.has("opportunity", json!({ "name": "Other" })).await;
        assert_eq!(ann.sees("opportunity", &other, FIGURES).await["committeeCoverage"]["numerator"], 0);
    }
}

on_both! {
    async fn one_engaged_person_is_a_single_thread(app) {
        let ann = app.admin();
        ann.sells().await;
        let deal = ann.has("opportunity", json!({ "name": "Deal" })).await;
        let (joe, kim) = (contact(&ann, "Joe").await, contact(&ann, "Kim").await);
        joins(&ann, &deal, &joe, "CHAMPION").await;
        joins(&ann, &deal, &joe, "LEGAL").await;
        let kims = joins(&ann, &deal, &kim, "ECONOMIC_BUYER").await;
        let now = app.store.now();
        let ago = |days| (now - chrono::Duration::days(days)).to_rfc3339();
        let talk = async |contact: &Value, kind: &str, direction: Value, days: i64| {
            let input = json!({ "kind": kind, "subject": "Talk", "contactId": contact, "direction": direction, "happenedAt": ago(days) });
            ann.has("activity", input).await
        };
        let figures = async || {
            let seen = ann.sees("opportunity", &deal, FIGURES).await;
            (seen["engagedContacts"].clone(), seen["singleThreaded"].clone())
        };
        talk(&joe, "MEETING", json!(null), 3).await;
        talk(&kim, "CALL", json!("OUTBOUND"), 3).await;
        talk(&kim, "MEETING", json!(null), 91).await;
        assert_eq!(figures().await, (json!(1), json!(true)), "an unanswered call and an old meeting do not engage");
        let listed = "{ some: opportunities(filter: { singleThreaded: { eq: true } }) { totalCount }
            few: opportunities(filter: { engagedContacts: { lt: 2 } }) { totalCount }
            none: opportunities(filter: { singleThreaded: { eq: false } }) { totalCount } }";
        let count = |name: &str, of: &Value| of[name]["totalCount"].clone();
        let before = ann.ask(listed, json!({})).await;
        assert_eq!(["some", "few", "none"].map(|n| count(n, before.data())), [json!(1), json!(1), json!(0)]);
        let mail = talk(&kim, "MAIL", json!("INBOUND"), 2).await;
        assert_eq!(figures().await, (json!(2), json!(false)));
        let engaged = ann.sees("committeeMember", &kims, "engagedAt").await["engagedAt"].clone();
        let engaged = chrono::DateTime::parse_from_rfc3339(engaged.as_str().unwrap()).unwrap();
        assert!((engaged.to_utc() - (now - chrono::Duration::days(2))).num_seconds().abs() < 2);
        let after = ann.ask(listed, json!({})).await;
        assert_eq!(["some", "few", "none"].map(|n| count(n, after.data())), [json!(0), json!(0), json!(1)]);
        ann.does("activity", "Delete", json!({ "id": mail }), "id").await.data();
        assert_eq!(figures().await, (json!(1), json!(true)), "what did not happen does not count");
    }
}

/// Kim, with these permissions on what is their own.
fn kim<'a>(app: &'a App, ann: &Person<'a>, held: &[Permission]) -> Person<'a> {
    let own = Reach { scope: Scope::Own, unassigned: false };
    let held: Vec<_> = held.iter().map(|p| (*p, own)).collect();
    app.holding(ann.actor.organization, &held)
}

on_both! {
    async fn a_committee_is_seen_and_changed_with_its_opportunity(app) {
        let ann = app.admin();
        ann.sells().await;
        let deal = ann.has("opportunity", json!({ "name": "Deal" })).await;
        let joe = contact(&ann, "Joe").await;
        let member = joins(&ann, &deal, &joe, "CHAMPION").await;
        let mut reader = app.holding(ann.actor.organization, &[
            (Permission::OpportunityRead, Reach::ALL), (Permission::ContactRead, Reach::ALL),
            (Permission::CommitteeMemberRead, Reach::ALL), (Permission::CommitteeMemberUpdate, Reach::ALL),
        ]);
        assert_eq!(reader.sees("committeeMember", &member, "role").await["role"], "CHAMPION");
        let change = json!({ "id": member, "stance": "BLOCKER" });
        assert_eq!(reader.does("committeeMember", "Update", change.clone(), "id").await.code(), "FORBIDDEN", "read only");
        let theirs = json!({ "opportunityId": deal, "contactId": joe, "role": "LEGAL" });
        assert_eq!(reader.makes("committeeMember", theirs).await.code(), "FORBIDDEN");
        // somebody who sells, and does not see the deal
        reader = kim(&app, &ann, &[Permission::OpportunityRead, Permission::OpportunityUpdate, Permission::CommitteeMemberRead, Permission::CommitteeMemberUpdate]);
        assert_eq!(reader.sees("committeeMember", &member, "role").await, Value::Null);
        assert_eq!(reader.does("committeeMember", "Update", change, "id").await.code(), "NOT_FOUND");
        // somebody who sees the deal, but no committees
        reader = app.holding(ann.actor.organization, &[(Permission::OpportunityRead, Reach::ALL)]);
        let seen = reader.sees("opportunity", &deal, &format!("{FIGURES} committeeMembers {{ totalCount }}")).await;
        assert_eq!(seen, json!({ "committeeCoverage": null, "rolesMissing": null, "engagedContacts": null, "singleThreaded": null, "committeeMembers": { "totalCount": 0 } }));
        let hidden = reader.ask("{ opportunities(filter: { singleThreaded: { eq: true } }) { totalCount } }", json!({})).await;
        assert_eq!(hidden.data()["opportunities"]["totalCount"], 0);
    }
}

on_both! {
    async fn figures_cost_no_statement_more_for_more_rows(app) {
        let ann = app.admin();
        ann.sells().await;
        requires(&ann, &["CHAMPION"]).await;
        let list = format!("{{ opportunities(first: 50, filter: {{ singleThreaded: {{ eq: true }} }}) {{ nodes {{ {FIGURES} committeeMembers {{ nodes {{ engagedAt }} }} }} }} }}");
        let mut costs = vec![];
        for round in 0..2 {
            for n in 0..4 {
                let deal = ann.has("opportunity", json!({ "name": format!("Deal {round} {n}") })).await;
                joins(&ann, &deal, &contact(&ann, &format!("Joe{round}{n}")).await, "CHAMPION").await;
            }
            let before = app.store.statements();
            let seen = ann.ask(&list, json!({})).await;
            assert_eq!(seen.data()["opportunities"]["nodes"].as_array().unwrap().len(), 4 * (round + 1));
            costs.push(app.store.statements() - before);
        }
        assert_eq!(costs, [2, 2]);
    }
}
