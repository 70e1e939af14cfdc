//! Roles that show everybody's pay: given by who sees it, and reached by no detour of an administrator.

use super::*;
use crate::harness::on_both;

async fn gives(by: &Signed<'_>, to: &str, role: &str) -> String {
    let input = json!({ "userId": to, "roleId": by.role(role).await });
    by.does("roleGrantCreate", input, "roleGrant { id }").await.code().to_owned()
}

async fn takes(by: &Signed<'_>, from: &str, role: &str) -> String {
    let query = "query($u: ID!) { user(by: { id: $u }) { roleGrants { nodes { id role { key } } } } }";
    let held =
        by.ask(query, json!({ "u": from })).await.data()["user"]["roleGrants"]["nodes"].as_array().unwrap().clone();
    let grant = held.iter().find(|grant| grant["role"]["key"] == role).expect("a grant")["id"].clone();
    by.does("roleGrantDelete", json!({ "id": grant }), "roleGrant { id }").await.code().to_owned()
}

async fn resets(by: &Signed<'_>, of: &str) -> String {
    by.does("userPasswordReset", json!({ "id": of }), "token").await.code().to_owned()
}

/// What the log says of grants, the oldest first.
async fn told(app: &App, who: &Signed<'_>) -> Vec<Value> {
    app.numbered().await;
    let page = who.ask("{ changes(first: 100, types: [\"RoleGrant\"]) { nodes { kind } } }", json!({})).await;
    page.data()["changes"]["nodes"].as_array().unwrap().iter().map(|change| change["kind"].clone()).collect()
}

on_both! {
async fn the_first_of_finance_is_made_by_an_administrator_and_the_others_by_finance(app) {
    let (_, kim) = user(&app, "SALES_REP", "kim@acme.com").await;
    let (_, rep) = user(&app, "SALES_REP", "rep@acme.com").await;
    let (_, own) = user(&app, "SALES_REP", "own@acme.com").await;
    let [kim_id, rep_id, own_id] = [kim, rep, own].map(|id| id.to_string());
    user(&app, "ADMIN", "ada@acme.com").await;
    let (ada, kim) = (signed(&app, "ada@acme.com").await, signed(&app, "kim@acme.com").await);

    // nobody sees pay yet: but not by a role that somebody has already
    let plain = json!({ "key": "PLAIN", "name": "Plain", "permissions": [{ "permission": "LEAD_READ", "scope": "OWN" }] });
    let plain = ada.does("roleCreate", plain, "role { id }").await.data()["roleCreate"]["role"]["id"].clone();
    assert_eq!(gives(&ada, &own_id, "PLAIN").await, "");
    let wide = json!({ "id": plain, "permissions": [{ "permission": "INCENTIVE_READ", "scope": "ALL" }] });
    assert_eq!(ada.does("roleUpdate", wide, "role { id }").await.code(), "FORBIDDEN");

    assert_eq!(gives(&ada, &kim_id, "FINANCE").await, "", "somebody must be able to");
    assert_eq!(told(&app, &ada).await.last(), Some(&json!("role_grant.founded")));
    // from then on nobody but who sees pay
    assert_eq!(gives(&ada, &own_id, "FINANCE").await, "FORBIDDEN");
    let input = json!({ "email": "x@acme.com", "name": "X", "roleIds": [ada.role("FINANCE").await] });
    assert_eq!(ada.does("userInvite", input, "token").await.code(), "FORBIDDEN");
    assert_eq!(takes(&ada, &kim_id, "FINANCE").await, "FORBIDDEN", "or there would be nobody, and a first one again");
    assert_eq!(resets(&ada, &kim_id).await, "FORBIDDEN");
    assert_eq!(resets(&ada, &rep_id).await, "");
    assert_eq!(gives(&ada, &rep_id, "SALES_MANAGER").await, "", "who sees the pay of those below");

    // finance gives what it holds, and nothing else, and not to whom only an administrator can be
    assert_eq!(gives(&kim, &rep_id, "FINANCE").await, "");
    assert_eq!(told(&app, &ada).await.last(), Some(&json!("role_grant.created")));
    assert_eq!(gives(&kim, &own_id, "EXEC").await, "FORBIDDEN");
    assert_eq!(gives(&kim, &own_id, "SALES_REP").await, "FORBIDDEN");
    assert_eq!(gives(&kim, &kim_id, "FINANCE").await, "LOCKED");
    let invited = ada.does("userInvite", json!({ "email": "y@acme.com", "name": "Y", "roleIds": [] }), "token user { id }").await;
    let invited = invited.data()["userInvite"]["user"]["id"].as_str().unwrap().to_owned();
    assert_eq!(gives(&kim, &invited, "FINANCE").await, "INVALID_TRANSITION", "whoever invited them holds their secret");
    assert_eq!(takes(&kim, &rep_id, "FINANCE").await, "");
    // shutting somebody out is another matter, and makes no room
    ada.does("userDeactivate", json!({ "id": kim_id }), "user { id }").await.data();
    assert_eq!(gives(&ada, &own_id, "FINANCE").await, "FORBIDDEN");
}
}

on_both! {
async fn no_role_of_ones_own_making_shows_pay_to_an_account_of_ones_own(app) {
    let (_, kim) = user(&app, "FINANCE", "kim@acme.com").await;
    let (_, own) = user(&app, "SALES_REP", "own@acme.com").await;
    let (kim_id, own_id) = (kim.to_string(), own.to_string());
    user(&app, "ADMIN", "ada@acme.com").await;
    let (ada, kim) = (signed(&app, "ada@acme.com").await, signed(&app, "kim@acme.com").await);
    let peek = json!([{ "permission": "INCENTIVE_READ", "scope": "ALL" }]);
    let show = json!([{ "permission": "INCENTIVE_GRANT", "scope": "OWN" }]);
    let plain = json!([{ "permission": "LEAD_READ", "scope": "OWN" }]);
    let make = async |key: &str, list: &Value| {
        let made = ada.does("roleCreate", json!({ "key": key, "name": key, "permissions": list }), "role { id }").await;
        made.data()["roleCreate"]["role"]["id"].as_str().unwrap_or_else(|| panic!("{}", made.0)).to_owned()
    };
    make("PEEK", &peek).await;
    make("SHOW", &show).await;
    let role = make("PLAIN", &plain).await;
    for key in ["PEEK", "SHOW"] {
        assert_eq!(gives(&ada, &own_id, key).await, "FORBIDDEN", "{key}");
    }
    let blue = ada.does("teamCreate", json!({ "name": "Blue", "kind": "SALES" }), "team { id }").await.data()["teamCreate"]["team"]["id"].clone();
    let within = json!({ "userId": own_id, "roleId": ada.role("PEEK").await, "teamId": blue });
    assert_eq!(ada.does("roleGrantCreate", within, "roleGrant { id }").await.code(), "FORBIDDEN", "within a team");
    // a role that is held does not come to show it
    assert_eq!(gives(&ada, &own_id, "PLAIN").await, "");
    for list in [&peek, &show] {
        let more = json!({ "id": role, "permissions": list });
        assert_eq!(ada.does("roleUpdate", more, "role { id }").await.code(), "FORBIDDEN");
    }
    assert_eq!(ada.does("roleUpdate", json!({ "id": role, "name": "Plainer" }), "role { id }").await.code(), "");
    // finance gives it, being able to
    assert_eq!(gives(&kim, &own_id, "PEEK").await, "");
    assert_eq!(resets(&ada, &own_id).await, "FORBIDDEN");
    let key = kim.does("apiKeyCreate", json!({ "name": "k", "scopes": ["INCENTIVE_GRANT"] }), "secret").await;
    assert_eq!(key.code(), "FORBIDDEN", "and finance makes no keys");
    assert_eq!(takes(&ada, &kim_id, "FINANCE").await, "FORBIDDEN");
}
}
