//! Who tries too often waits; who has lost their password gets another; nobody is locked out by strangers.

use futures_util::future::join_all;

use super::*;
use crate::harness::{PATIENCE, on_both};

async fn try_from(app: &App, from: &str, email: &str, password: &str) -> bool {
    let variables = json!({ "in": { "email": email, "password": password } });
    let answer = app.ask_from(Some(from), None, &[], SIGN_IN, variables).await;
    answer.data()["sessionCreate"]["session"].is_object()
}

on_both! {
async fn a_network_that_tries_too_often_waits_and_no_other(app) {
    user(&app, "ADMIN", "ada@acme.com").await;
    user(&app, "EXEC", "eve@acme.com").await;
    assert!(try_from(&app, "10.0.0.5", "ada@acme.com", PASSWORD).await);
    // one address each, no account of theirs: what is counted is the network
    let tries: Vec<_> = (0..40).map(|n| (format!("203.0.113.{n}"), format!("nobody{n}@acme.com"))).collect();
    join_all(tries.iter().map(|(from, email)| try_from(&app, from, email, "wrong"))).await;

    assert!(!try_from(&app, "203.0.113.200", "eve@acme.com", PASSWORD).await, "the network waits");
    assert!(!try_from(&app, "::ffff:203.0.113.201", "eve@acme.com", PASSWORD).await, "spelled otherwise, too");
    assert!(try_from(&app, "198.51.100.1", "eve@acme.com", PASSWORD).await, "another does not");
    assert!(try_from(&app, "10.0.0.77", "ada@acme.com", PASSWORD).await);
    let right = (0..40).map(|n| format!("192.0.2.{n}")).collect::<Vec<_>>();
    let done = join_all(right.iter().take(25).map(|from| try_from(&app, from, "eve@acme.com", PASSWORD))).await;
    let more = join_all(right.iter().skip(25).map(|from| try_from(&app, from, "eve@acme.com", PASSWORD))).await;
    assert!(done.into_iter().chain(more).all(|right| right), "right ones cost nothing");
}
}

on_both! {
async fn strangers_lock_nobody_out(app) {
    user(&app, "ADMIN", "ada@acme.com").await;
    assert!(try_from(&app, "2001:db8:1:1::5", "ada@acme.com", PASSWORD).await);
    let tries: Vec<_> = (0..12).map(|n| format!("198.51.{n}.1")).collect();
    join_all(tries.iter().map(|from| try_from(&app, from, "ada@acme.com", "wrong"))).await;

    assert!(!try_from(&app, "192.0.2.1", "ada@acme.com", PASSWORD).await, "the account waits for strangers");
    assert!(try_from(&app, "2001:db8:1:1:ffff::9", "ada@acme.com", PASSWORD).await, "but not at home");
    join_all((0..22).map(|_| try_from(&app, "2001:db8:1:1::6", "ada@acme.com", "wrong"))).await;
    assert!(!try_from(&app, "2001:db8:1:1::5", "ada@acme.com", PASSWORD).await, "twenty wrong tries there, and it waits");
}
}

const RESET: &str =
    "mutation($in: PasswordResetInput!) { passwordReset(input: $in) { done userErrors { code message field } } }";

async fn reset(app: &App, token: &Value, password: &str) -> Answer {
    app.ask_as(None, &[], RESET, json!({ "in": { "token": token, "password": password } })).await
}

async fn secret(by: &Signed<'_>, user: UserId) -> Value {
    let answer = by.does("userPasswordReset", json!({ "id": user.to_string() }), "token user { email }").await;
    answer.data()["userPasswordReset"]["token"].clone()
}

on_both! {
async fn who_has_lost_their_password_gets_another_once(app) {
    user(&app, "ADMIN", "ada@acme.com").await;
    let (_, rep_id) = user(&app, "SALES_REP", "rep@acme.com").await;
    let (ada, rep) = (signed(&app, "ada@acme.com").await, signed(&app, "rep@acme.com").await);
    let old = secret(&ada, rep_id).await;
    let new = secret(&ada, rep_id).await;
    let refused = reset(&app, &old, "another kettle").await;
    let forged = reset(&app, &json!("nonsense"), "another kettle").await;
    assert_eq!((refused.code(), &refused.0), ("VALIDATION", &forged.0), "an older one reads like a forged one");
    assert_eq!(reset(&app, &new, "password123").await.code(), "VALIDATION");
    assert!(rep.is_in().await);

    assert_eq!(reset(&app, &new, "another kettle").await.data()["passwordReset"], json!({ "done": true, "userErrors": [] }));

    assert!(!rep.is_in().await, "every session ends");
    assert_eq!(reset(&app, &new, "yet another kettle").await.0, forged.0, "once");
    assert!(sign_in(&app, "rep@acme.com", "another kettle").await.data()["sessionCreate"]["session"].is_object());
    assert_eq!(sign_in(&app, "rep@acme.com", PASSWORD).await.code(), "VALIDATION");
}
}

on_both! {
async fn a_new_password_is_for_others_and_below_one(app) {
    let (_, ada_id) = user(&app, "ADMIN", "ada@acme.com").await;
    let (_, rep_id) = user(&app, "SALES_REP", "rep@acme.com").await;
    let (_, out_id) = user(&app, "SALES_REP", "out@acme.com").await;
    let (ada, rep) = (signed(&app, "ada@acme.com").await, signed(&app, "rep@acme.com").await);
    let ask = async |by: &Signed<'_>, id: UserId| by.does("userPasswordReset", json!({ "id": id.to_string() }), "token").await.code().to_owned();
    assert_eq!(ask(&ada, ada_id).await, "LOCKED");
    assert_eq!(ask(&rep, ada_id).await, "FORBIDDEN");
    let pending = secret(&ada, out_id).await;
    ada.does("userDeactivate", json!({ "id": out_id.to_string() }), "user { id }").await.data();
    assert_eq!(ask(&ada, out_id).await, "INVALID_TRANSITION");
    ada.does("userReactivate", json!({ "id": out_id.to_string() }), "user { id }").await.data();
    assert_eq!(reset(&app, &pending, "another kettle").await.code(), "VALIDATION", "it ended with the deactivation");
    let permissions = json!([{ "permission": "USER_UPDATE", "scope": "ALL" }, { "permission": "USER_READ", "scope": "ALL" }]);
    ada.does("roleCreate", json!({ "key": "DESK", "name": "Desk", "permissions": permissions }), "role { id }").await.data();
    user(&app, "DESK", "desk@acme.com").await;
    let desk = signed(&app, "desk@acme.com").await;
    assert_eq!(ask(&desk, rep_id).await, "FORBIDDEN", "who may more than the desk");
    let key = ada.does("apiKeyCreate", json!({ "name": "k", "scopes": ["USER_UPDATE"] }), "secret").await;
    let key = key.data()["apiKeyCreate"]["secret"].as_str().unwrap().to_owned();
    let query = "mutation($i: ID!) { userPasswordReset(input: { id: $i }) { token } }";
    assert_eq!(app.ask_as(Some(&key), &[], query, json!({ "i": rep_id.to_string() })).await.code(), "FORBIDDEN");
}
}

on_both! {
async fn whoever_is_followed_by_a_socket_is_let_go_when_it_changes(app) {
    use api::http::auth::{RequestInfo, by, ended};
    user(&app, "ADMIN", "ada@acme.com").await;
    let (_, rep_id) = user(&app, "SALES_REP", "rep@acme.com").await;
    let ada = signed(&app, "ada@acme.com").await;
    let identify = by(app.gate.clone());
    let open = async |token: &str| {
        let info = RequestInfo { request_id: "r".into(), peer: None, user_agent: None };
        identify(Some(token.to_owned()), info).await.unwrap_or_else(|_| panic!("known"))
    };
    let within = async |who, wait| {
        let limits = std::sync::Arc::new(api::http::limits::Limits::default());
        tokio::time::timeout(wait, ended(who, limits)).await.is_ok()
    };
    let over = async |who| within(who, PATIENCE).await;
    let (one, other) = (signed(&app, "rep@acme.com").await, signed(&app, "rep@acme.com").await);
    let socket = open(&other.access).await;
    one.does("passwordChange", json!({ "password": PASSWORD, "newPassword": "another kettle" }), "user { id }").await.data();
    assert!(over(socket).await, "a new password elsewhere");
    let socket = open(&one.access).await;
    assert!(!within(socket.clone(), std::time::Duration::from_millis(1_500)).await, "nothing has changed");
    let exec = json!({ "userId": rep_id.to_string(), "roleId": ada.role("EXEC").await });
    let grant = ada.does("roleGrantCreate", exec, "roleGrant { id }").await.data()["roleGrantCreate"]["roleGrant"]["id"].clone();
    assert!(over(socket).await, "another role");
    let socket = open(&one.access).await;
    ada.does("roleGrantDelete", json!({ "id": grant }), "roleGrant { id }").await.data();
    assert!(over(socket).await, "a role less");
    let socket = open(&one.access).await;
    ada.does("userDeactivate", json!({ "id": rep_id.to_string() }), "user { id }").await.data();
    assert!(over(socket).await, "shut out");
}
}
