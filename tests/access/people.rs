//! Organisation, users, teams, and how people come and go.

use super::*;
use crate::harness::on_both;

const ACTIVATE: &str = "mutation($in: UserActivateInput!) { userActivate(input: $in) {
    session { accessToken } userErrors { code field } } }";

async fn invite(by: &Signed<'_>, email: &str, roles: &[&str]) -> (String, String) {
    let mut ids = vec![];
    for role in roles {
        ids.push(by.role(role).await);
    }
    let input = json!({ "email": email, "name": "New Person", "roleIds": ids });
    let answer = by.does("userInvite", input, "token user { id active roleGrants { totalCount } }").await;
    let made = &answer.data()["userInvite"];
    assert_eq!(made["user"]["active"], false, "{}", answer.0);
    (made["user"]["id"].as_str().unwrap().to_owned(), made["token"].as_str().unwrap().to_owned())
}

on_both! {
async fn somebody_is_invited_and_comes(app) {
    user(&app, "ADMIN", "ada@acme.com").await;
    let ada = signed(&app, "ada@acme.com").await;
    let (id, token) = invite(&ada, "New@acme.com", &["SALES_REP"]).await;
    assert_eq!(sign_in(&app, "new@acme.com", PASSWORD).await.code(), "VALIDATION");
    let weak = json!({ "in": { "token": token, "password": "password" } });
    assert_eq!(app.ask_as(None, &[], ACTIVATE, weak).await.code(), "VALIDATION");

    let input = json!({ "in": { "token": token, "password": PASSWORD, "name": "Nina" } });
    let came = app.ask_as(None, &[], ACTIVATE, input.clone()).await;

    let access = came.data()["userActivate"]["session"]["accessToken"].as_str().unwrap().to_owned();
    let me = app.ask_as(Some(&access), &[], "{ viewer { user { id name active } roles { key } } }", json!({})).await;
    assert_eq!(me.data()["viewer"], json!({ "user": { "id": id, "name": "Nina", "active": true }, "roles": [{ "key": "SALES_REP" }] }));
    assert_eq!(app.ask_as(None, &[], ACTIVATE, input).await.code(), "VALIDATION", "once");
    assert!(signed(&app, "new@acme.com").await.is_in().await);
}
}

on_both! {
async fn a_new_invitation_ends_the_one_before(app) {
    user(&app, "ADMIN", "ada@acme.com").await;
    let ada = signed(&app, "ada@acme.com").await;
    let (id, old) = invite(&ada, "new@acme.com", &[]).await;
    let again = ada.does("userInvite", json!({ "email": "new@acme.com", "name": "N" }), "token").await;
    assert_eq!(again.code(), "DUPLICATE");
    let answer = ada.does("userInviteRenew", json!({ "id": id }), "token").await;
    let new = answer.data()["userInviteRenew"]["token"].clone();
    let old = json!({ "in": { "token": old, "password": PASSWORD } });
    assert_eq!(app.ask_as(None, &[], ACTIVATE, old).await.code(), "VALIDATION");
    let new = json!({ "in": { "token": new, "password": PASSWORD } });
    assert!(app.ask_as(None, &[], ACTIVATE, new).await.data()["userActivate"]["session"].is_object());
}
}

on_both! {
async fn a_secret_is_not_told_twice(app) {
    user(&app, "ADMIN", "ada@acme.com").await;
    let ada = signed(&app, "ada@acme.com").await;
    let query = r#"mutation { userInvite(input: { email: "new@acme.com", name: "N" }) { token user { email } userErrors { code } } }"#;
    let key = [("idempotency-key", "k1")];
    let first = app.ask_as(Some(&ada.access), &key, query, json!({})).await;
    let second = app.ask_as(Some(&ada.access), &key, query, json!({})).await;
    assert!(first.data()["userInvite"]["token"].is_string());
    assert_eq!(second.data()["userInvite"], json!({ "token": null, "user": { "email": "new@acme.com" }, "userErrors": [] }));
}
}

on_both! {
async fn who_is_shut_out_is_out_at_once(app) {
    user(&app, "ADMIN", "ada@acme.com").await;
    let (_, rep_id) = user(&app, "SALES_REP", "rep@acme.com").await;
    let (ada, rep) = (signed(&app, "ada@acme.com").await, signed(&app, "rep@acme.com").await);
    assert_eq!(rep.does("userDeactivate", json!({ "id": rep_id.to_string() }), "user { id }").await.code(), "FORBIDDEN");

    ada.does("userDeactivate", json!({ "id": rep_id.to_string() }), "user { active }").await.data();

    assert!(!rep.is_in().await);
    assert_eq!(sign_in(&app, "rep@acme.com", PASSWORD).await.code(), "VALIDATION");
    ada.does("userReactivate", json!({ "id": rep_id.to_string() }), "user { active }").await.data();
    assert!(!rep.is_in().await, "sessions do not come back");
    assert!(signed(&app, "rep@acme.com").await.is_in().await);
}
}

on_both! {
async fn the_organization_keeps_its_settings_in_order(app) {
    user(&app, "ADMIN", "ada@acme.com").await;
    user(&app, "REVOPS", "ops@acme.com").await;
    let (ada, ops) = (signed(&app, "ada@acme.com").await, signed(&app, "ops@acme.com").await);
    let id = ada.ask("{ viewer { organization { id } } }", json!({})).await.data()["viewer"]["organization"]["id"].clone();
    let change = |field: &str, value: Value| {
        let mut input = json!({ "id": id });
        input[field] = value;
        input
    };
    let fields = "organization { name timeZone baseCurrency fiscalYearStartMonth }";
    for (field, bad) in [("timeZone", json!("../../etc/passwd")), ("baseCurrency", json!("XXQ")), ("fiscalYearStartMonth", json!(0)), ("fiscalYearStartMonth", json!(13)), ("name", json!(""))] {
        let answer = ada.does("organizationUpdate", change(field, bad), fields).await;
        assert_eq!(answer.code(), "VALIDATION", "{field}");
    }
    let done = ada.does("organizationUpdate", change("timeZone", json!("Europe/Berlin")), fields).await;
    assert_eq!(done.data()["organizationUpdate"]["organization"]["timeZone"], "Europe/Berlin");
    assert_eq!(ops.does("organizationUpdate", change("name", json!("X")), fields).await.code(), "FORBIDDEN");
}
}

on_both! {
async fn reporting_lines_have_no_circle_and_move_whole(app) {
    let (organization, a) = user(&app, "ADMIN", "a@acme.com").await;
    let mut ids = vec![a];
    for email in ["b@acme.com", "c@acme.com", "d@acme.com"] {
        ids.push(user(&app, "SALES_MANAGER", email).await.1);
    }
    let ada = signed(&app, "a@acme.com").await;
    let reports = |user: usize, to: Option<usize>| {
        let input = json!({ "id": ids[user].to_string(), "reportsToId": to.map(|to| ids[to].to_string()) });
        async { ada.does("userUpdate", input, "user { reportsTo { id } }").await }
    };
    for (user, to) in [(1, 0), (2, 1), (3, 2)] {
        reports(user, Some(to)).await.data();
    }
    for (user, to) in [(1, 1), (1, 2), (1, 3), (0, 3)] {
        let answer = reports(user, Some(to)).await;
        assert_eq!(answer.code(), "VALIDATION", "{user} to {to}");
    }
    assert_eq!(below(&app, organization, ids[1]).await, 3, "b, c, d");
    reports(2, Some(0)).await.data();
    assert_eq!(below(&app, organization, ids[1]).await, 1, "b");
    assert_eq!(below(&app, organization, ids[0]).await, 4);
    reports(2, None).await.data();
    assert_eq!((below(&app, organization, ids[0]).await, below(&app, organization, ids[2]).await), (2, 2));
}
}

/// How many are in somebody's tree, they themselves too.
async fn below(app: &App, organization: OrganizationId, user: UserId) -> usize {
    let access = api::store::Access::new(app.store.clone(), api::actor::Actor::system(organization), None);
    let tx = access.begin(api::actor::Permission::UserRead).await.unwrap();
    let mut count = 0;
    for other in tx.read(api::store::Scoped::<entity::user::Entity>::read(&access)).await.unwrap() {
        count += usize::from(tx.is_above(user, other.id).await.unwrap());
    }
    count
}

on_both! {
async fn teams_come_and_go(app) {
    user(&app, "ADMIN", "ada@acme.com").await;
    let (_, rep_id) = user(&app, "SALES_REP", "rep@acme.com").await;
    let (ada, rep) = (signed(&app, "ada@acme.com").await, signed(&app, "rep@acme.com").await);
    let made = ada.does("teamCreate", json!({ "name": "North", "kind": "SALES" }), "team { id }").await;
    let team = made.data()["teamCreate"]["team"]["id"].clone();
    let member = json!({ "teamId": team, "userId": rep_id.to_string() });
    ada.does("membershipCreate", member.clone(), "membership { id }").await.data();
    assert_eq!(ada.does("membershipCreate", member.clone(), "membership { id }").await.code(), "DUPLICATE");
    assert_eq!(rep.does("membershipCreate", member, "membership { id }").await.code(), "FORBIDDEN");
    let seen = rep.ask("{ viewer { teams { name kind memberships { nodes { user { email } } } } } }", json!({})).await;
    assert_eq!(seen.data()["viewer"]["teams"][0]["memberships"]["nodes"], json!([{ "user": { "email": "rep@acme.com" } }]));
    ada.does("teamDelete", json!({ "id": team }), "team { id }").await.data();
    let seen = rep.ask("{ viewer { teams { name } } memberships { totalCount } }", json!({})).await;
    assert_eq!(seen.data(), &json!({ "viewer": { "teams": [] }, "memberships": { "totalCount": 0 } }));
}
}

on_both! {
async fn a_team_of_both_sides_needs_somebody_of_each(app) {
    user(&app, "ADMIN", "ada@acme.com").await;
    let ada = signed(&app, "ada@acme.com").await;
    let mut teams = vec![];
    for kind in ["CROSS", "MARKETING"] {
        let made = ada.does("teamCreate", json!({ "name": kind, "kind": kind }), "team { id active }").await;
        assert_eq!(made.data()["teamCreate"]["team"]["active"], json!(kind == "MARKETING"));
        teams.push(made.data()["teamCreate"]["team"]["id"].clone());
    }
    for (email, side, active) in [("mia@acme.com", "MARKETING", false), ("sam@acme.com", "SALES", true)] {
        let (_, id) = user(&app, "SALES_REP", email).await;
        ada.does("userUpdate", json!({ "id": id.to_string(), "side": side }), "user { id }").await.data();
        ada.does("membershipCreate", json!({ "teamId": teams[0], "userId": id.to_string() }), "membership { id }").await.data();
        let seen = ada.ask("{ teams(filter: { kind: { eq: CROSS } }) { nodes { active } } }", json!({})).await;
        assert_eq!(seen.data()["teams"]["nodes"], json!([{ "active": active }]), "{email}");
    }
    let sam = ada.ask(r#"{ user(by: { email: "sam@acme.com" }) { id } }"#, json!({})).await.data()["user"]["id"].clone();
    ada.does("userDeactivate", json!({ "id": sam }), "user { active }").await.data();
    let seen = ada.ask("{ teams(filter: { active: { eq: false } }) { nodes { kind } } }", json!({})).await;
    assert_eq!(seen.data()["teams"]["nodes"], json!([{ "kind": "CROSS" }]));
}
}
