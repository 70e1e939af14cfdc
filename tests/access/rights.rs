//! Roles: given, taken, composed, explained; and what nobody can do with them.

use super::*;
use crate::harness::on_both;

async fn grant(by: &Signed<'_>, user: UserId, role: &str) -> Answer {
    let input = json!({ "userId": user.to_string(), "roleId": by.role(role).await });
    by.does("roleGrantCreate", input, "roleGrant { id }").await
}

async fn grant_of(by: &Signed<'_>, user: UserId) -> String {
    let query = "query($u: ID!) { user(by: { id: $u }) { roleGrants { nodes { id } } } }";
    let answer = by.ask(query, json!({ "u": user.to_string() })).await;
    answer.data()["user"]["roleGrants"]["nodes"][0]["id"].as_str().unwrap().to_owned()
}

on_both! {
async fn a_role_counts_at_once_and_ends_at_once(app) {
    user(&app, "ADMIN", "ada@acme.com").await;
    let (_, fin) = user(&app, "FINANCE", "fin@acme.com").await;
    let (ada, finance) = (signed(&app, "ada@acme.com").await, signed(&app, "fin@acme.com").await);
    let may = r#"{ viewer { permissions { permission } } }"#;
    let leads = |answer: &Answer| answer.data()["viewer"]["permissions"].to_string().contains("LEAD_READ");
    assert!(!leads(&finance.ask(may, json!({})).await));

    let answer = grant(&ada, fin, "SALES_REP").await;
    assert!(leads(&finance.ask(may, json!({})).await));
    assert_eq!(grant(&ada, fin, "SALES_REP").await.code(), "DUPLICATE");

    let id = answer.data()["roleGrantCreate"]["roleGrant"]["id"].clone();
    ada.does("roleGrantDelete", json!({ "id": id }), "roleGrant { id }").await.data();
    assert!(!leads(&finance.ask(may, json!({})).await));
}
}

on_both! {
async fn nobody_rises_by_themselves(app) {
    let (_, ada_id) = user(&app, "ADMIN", "ada@acme.com").await;
    let (_, rep_id) = user(&app, "SALES_REP", "rep@acme.com").await;
    let (ada, rep) = (signed(&app, "ada@acme.com").await, signed(&app, "rep@acme.com").await);
    assert_eq!(grant(&rep, rep_id, "ADMIN").await.code(), "FORBIDDEN");
    assert_eq!(grant(&ada, ada_id, "SALES_REP").await.code(), "LOCKED", "their own");
    let helper = json!([{ "permission": "ROLE_READ", "scope": "ALL" }, { "permission": "ROLE_UPDATE", "scope": "ALL" },
        { "permission": "ROLE_CREATE", "scope": "ALL" }, { "permission": "ROLE_DELETE", "scope": "ALL" }, { "permission": "USER_CREATE", "scope": "ALL" },
        { "permission": "USER_UPDATE", "scope": "ALL" }, { "permission": "USER_READ", "scope": "ALL" }, { "permission": "ORGANIZATION_READ", "scope": "ALL" }]);
    let keys = json!([{ "permission": "AGREEMENT_APPROVE_MARKETING", "scope": "ALL" }, { "permission": "AGREEMENT_APPROVE_SALES", "scope": "ALL" }]);
    let both = ada.does("roleCreate", json!({ "key": "BOTH", "name": "Both", "permissions": keys }), "role { id }").await;
    assert_eq!(both.code(), "VALIDATION", "nobody speaks for both sides: {}", both.0);
    let made = ada.does("roleCreate", json!({ "key": "HELPER", "name": "Helper", "permissions": helper }), "role { id }").await;
    let role = made.data()["roleCreate"]["role"]["id"].clone();
    let (_, help_id) = user(&app, "HELPER", "help@acme.com").await;
    let help = signed(&app, "help@acme.com").await;

    assert_eq!(grant(&help, rep_id, "ADMIN").await.code(), "FORBIDDEN", "more than they hold");
    let wide = json!({ "key": "WIDE", "name": "Wide", "permissions": [{ "permission": "LEAD_DELETE", "scope": "ALL" }] });
    assert_eq!(help.does("roleCreate", wide, "role { id }").await.code(), "FORBIDDEN");
    let more = json!({ "id": role, "permissions": [] });
    assert_eq!(help.does("roleUpdate", more.clone(), "role { id }").await.code(), "LOCKED", "they hold it");
    let admin = help.role("ADMIN").await;
    let input = json!({ "email": "x@acme.com", "name": "X", "roleIds": [admin] });
    assert_eq!(help.does("userInvite", input, "token").await.code(), "FORBIDDEN");
    let adas = grant_of(&help, ada_id).await;
    assert_eq!(help.does("roleGrantDelete", json!({ "id": adas }), "roleGrant { id }").await.code(), "FORBIDDEN");
    assert_eq!(help.does("userDeactivate", json!({ "id": ada_id.to_string() }), "user { id }").await.code(), "FORBIDDEN");
    assert_eq!(help.does("roleUpdate", json!({ "id": admin, "permissions": [] }), "role { id }").await.code(), "FORBIDDEN");
    assert_eq!(ada.does("roleUpdate", json!({ "id": admin, "name": "Root" }), "role { id }").await.code(), "FORBIDDEN");
    assert_eq!(ada.does("roleDelete", json!({ "id": admin }), "role { id }").await.code(), "FORBIDDEN");
    assert_eq!(ada.does("roleDelete", json!({ "id": role }), "role { id }").await.code(), "LOCKED", "held");
    ada.does("roleGrantDelete", json!({ "id": grant_of(&ada, help_id).await }), "roleGrant { id }").await.data();
    ada.does("roleDelete", json!({ "id": role }), "role { id }").await.data();
}
}

on_both! {
async fn the_last_administrator_stays(app) {
    let (_, a) = user(&app, "ADMIN", "a@acme.com").await;
    let (_, b) = user(&app, "ADMIN", "b@acme.com").await;
    let (ada, bob) = (signed(&app, "a@acme.com").await, signed(&app, "b@acme.com").await);

    let input = |id: UserId| json!({ "id": id.to_string() });
    let (one, other) = tokio::join!(
        ada.does("userDeactivate", input(b), "user { active }"),
        bob.does("roleGrantDelete", json!({ "id": grant_of(&bob, a).await }), "roleGrant { id }"),
    );

    let done = [&one, &other].iter().filter(|answer| answer.code().is_empty()).count();
    assert_eq!(done, 1, "{} {}", one.0, other.0);
    let left = if one.code().is_empty() { (&ada, a) } else { (&bob, b) };
    assert_eq!(left.0.does("userDeactivate", input(left.1), "user { active }").await.code(), "LOCKED");
}
}

on_both! {
async fn rights_are_explained(app) {
    user(&app, "ADMIN", "ada@acme.com").await;
    let (_, rep_id) = user(&app, "SALES_REP", "rep@acme.com").await;
    let (ada, rep) = (signed(&app, "ada@acme.com").await, signed(&app, "rep@acme.com").await);
    let lead = ada.does("leadCreate", json!({ "lastName": "Pool" }), "lead { id }").await.data()["leadCreate"]["lead"]["id"].clone();
    let query = "query($u: ID!, $i: ID!, $p: Permission!) { explainAccess(userId: $u, id: $i, permission: $p) { allowed scope because } }";
    let ask = |who: &'static str| {
        let (ada, lead) = (&ada, lead.clone());
        async move { ada.ask(query, json!({ "u": rep_id.to_string(), "i": lead, "p": who })).await.data()["explainAccess"].clone() }
    };
    let read = ask("LEAD_READ").await;
    assert_eq!((&read["allowed"], &read["scope"]), (&json!(true), &json!("OWN")), "{read}");
    assert!(read["because"][0].as_str().unwrap().contains("SALES_REP"));
    assert_eq!(ask("LEAD_UPDATE").await["allowed"], false, "the pool is not theirs to change");
    assert_eq!(ask("LEAD_DELETE").await["scope"], Value::Null);
    assert_eq!(ask("TEAM_READ").await["allowed"], false, "not about leads");
    let held = ada.ask("query($u: ID!) { effectivePermissions(userId: $u) { permission scope unassigned roles } }", json!({ "u": rep_id.to_string() })).await;
    let held = held.data()["effectivePermissions"].as_array().unwrap().clone();
    assert!(held.contains(&json!({ "permission": "LEAD_READ", "scope": "OWN", "unassigned": true, "roles": ["SALES_REP"] })));
    let hidden = ada.does("leadUpdate", json!({ "id": lead, "ownerId": ada.ask("{ viewer { user { id } } }", json!({})).await.data()["viewer"]["user"]["id"] }), "lead { id }").await;
    hidden.data();
    let none = rep.ask(query, json!({ "u": rep_id.to_string(), "i": lead, "p": "LEAD_READ" })).await;
    assert_eq!(none.data()["explainAccess"], Value::Null, "a hidden row explains nothing");
}
}

on_both! {
async fn built_in_roles_follow_the_templates(app) {
    let (organization, _) = user(&app, "ADMIN", "ada@acme.com").await;
    let ada = signed(&app, "ada@acme.com").await;
    let roles = ada.ask("{ roles(first: 50) { totalCount nodes { key builtIn version permissions { permission scope unassigned } } } }", json!({})).await;
    assert_eq!(roles.data()["roles"]["totalCount"], 10);
    api::access::role::refresh_all(&app.store).await.unwrap();
    let again = ada.ask("{ roles(first: 50) { totalCount nodes { key builtIn version permissions { permission scope unassigned } } } }", json!({})).await;
    assert_eq!(roles.0["data"], again.0["data"], "nothing to do, nothing changed: {organization}");
}
}

on_both! {
async fn a_role_within_a_team_counts_for_its_members_records_only(app) {
    let (organization, _) = user(&app, "ADMIN", "ada@acme.com").await;
    let (_, kim_id) = user(&app, "FINANCE", "kim@acme.com").await;
    let (_, rep_id) = user(&app, "SALES_REP", "rep@acme.com").await;
    let (ada, kim) = (signed(&app, "ada@acme.com").await, signed(&app, "kim@acme.com").await);
    let boss = app.with_rights(organization, api::actor::Rights::everything());
    let blue = boss.has("team", json!({ "name": "Blue", "kind": "SALES" })).await;
    let place = boss.has("membership", json!({ "teamId": blue, "userId": rep_id.to_string() })).await;
    for (name, owner) in [("theirs", json!(rep_id.to_string())), ("mine", json!(kim_id.to_string())), ("pool", Value::Null)] {
        boss.has("lead", json!({ "lastName": name, "ownerId": owner })).await;
    }
    let product = boss.has("product", json!({ "name": "Bolt" })).await;
    let leads = async || {
        let seen = kim.ask("{ leads { nodes { id lastName viewerCan { update } } } leadAggregate { count } }", json!({})).await;
        let nodes = seen.data()["leads"]["nodes"].as_array().unwrap().clone();
        assert_eq!(seen.data()["leadAggregate"][0]["count"].as_u64().unwrap_or(0), nodes.len() as u64);
        nodes
    };
    assert_eq!(leads().await.len(), 0);

    let input = json!({ "userId": kim_id.to_string(), "roleId": ada.role("REVOPS").await, "teamId": blue });
    let given = ada.does("roleGrantCreate", input.clone(), "roleGrant { id team { name } }").await;
    assert_eq!(given.data()["roleGrantCreate"]["roleGrant"]["team"]["name"], "Blue");
    assert_eq!(ada.does("roleGrantCreate", input, "roleGrant { id }").await.code(), "DUPLICATE");
    let seen = leads().await;
    assert_eq!((seen.len(), &seen[0]["lastName"], &seen[0]["viewerCan"]["update"]), (1, &json!("theirs"), &json!(true)));
    let change = |id: &Value, more: Value| { let mut input = more; input["id"] = id.clone(); input };
    let theirs = &seen[0]["id"];
    kim.does("leadUpdate", change(theirs, json!({ "title": "CEO" })), "lead { id }").await.data();
    assert_eq!(kim.does("leadCreate", json!({ "lastName": "mine" }), "lead { id }").await.code(), "FORBIDDEN", "kim is not in it");
    let for_rep = json!({ "lastName": "new", "ownerId": rep_id.to_string() });
    assert_eq!(kim.does("leadCreate", for_rep, "lead { id }").await.code(), "");
    assert_eq!(kim.does("productUpdate", change(&product, json!({ "name": "Nut" })), "product { id }").await.code(), "FORBIDDEN", "products are in no team");
    let away = change(theirs, json!({ "ownerId": kim_id.to_string() }));
    assert_eq!(kim.does("leadUpdate", away, "lead { id }").await.code(), "", "REVOPS may assign what it reaches");
    assert_eq!(leads().await.len(), 1);

    let held = ada.ask("query($u: ID!) { effectivePermissions(userId: $u) { permission scope roles team { name } } }", json!({ "u": kim_id.to_string() })).await;
    let held = held.data()["effectivePermissions"].as_array().unwrap().clone();
    assert!(held.contains(&json!({ "permission": "LEAD_DELETE", "scope": "ALL", "roles": ["REVOPS"], "team": { "name": "Blue" } })) || held.contains(&json!({ "permission": "LEAD_UPDATE", "scope": "ALL", "roles": ["REVOPS"], "team": { "name": "Blue" } })));
    boss.does("membership", "Delete", json!({ "id": place }), "id").await.data();
    assert_eq!(leads().await.len(), 0, "nobody is in it");
    boss.has("membership", json!({ "teamId": blue, "userId": kim_id.to_string() })).await;
    assert_eq!(leads().await.len(), 2, "kim's own are now");
    ada.does("teamDelete", json!({ "id": blue }), "team { id }").await.data();
    assert_eq!(leads().await.len(), 0);
}
}

on_both! {
async fn within_a_team_nobody_gives_more_than_they_hold_there(app) {
    let (organization, _) = user(&app, "ADMIN", "ada@acme.com").await;
    let (_, kim_id) = user(&app, "FINANCE", "kim@acme.com").await;
    let (_, rep_id) = user(&app, "FINANCE", "rep@acme.com").await;
    let (ada, kim) = (signed(&app, "ada@acme.com").await, signed(&app, "kim@acme.com").await);
    let boss = app.with_rights(organization, api::actor::Rights::everything());
    let (blue, red) = (boss.has("team", json!({ "name": "Blue", "kind": "SALES" })).await, boss.has("team", json!({ "name": "Red", "kind": "SALES" })).await);
    let grants = json!([{ "permission": "ROLE_READ", "scope": "ALL" }, { "permission": "ROLE_UPDATE", "scope": "ALL" }, { "permission": "USER_READ", "scope": "ALL" }, { "permission": "TEAM_READ", "scope": "ALL" }]);
    let giver = ada.does("roleCreate", json!({ "key": "GIVER", "name": "Giver", "permissions": grants }), "role { id }").await.data()["roleCreate"]["role"]["id"].clone();
    ada.does("roleGrantCreate", json!({ "userId": kim_id.to_string(), "roleId": giver }), "roleGrant { id }").await.data();
    let sales = ada.role("SALES_REP").await;
    ada.does("roleGrantCreate", json!({ "userId": kim_id.to_string(), "roleId": sales, "teamId": blue }), "roleGrant { id }").await.data();
    let give = async |team: Value| kim.does("roleGrantCreate", json!({ "userId": rep_id.to_string(), "roleId": sales, "teamId": team }), "roleGrant { id }").await;
    assert_eq!(give(Value::Null).await.code(), "FORBIDDEN");
    assert_eq!(give(red).await.code(), "FORBIDDEN");
    assert_eq!(give(blue).await.code(), "");
}
}

on_both! {
async fn nobody_pulls_others_into_their_reach(app) {
    let (organization, _) = user(&app, "ADMIN", "ada@acme.com").await;
    let (_, kim_id) = user(&app, "FINANCE", "kim@acme.com").await;
    let (_, rep_id) = user(&app, "SALES_REP", "rep@acme.com").await;
    let (ada, kim) = (signed(&app, "ada@acme.com").await, signed(&app, "kim@acme.com").await);
    let boss = app.with_rights(organization, api::actor::Rights::everything());
    let blue = boss.has("team", json!({ "name": "Blue", "kind": "SALES" })).await;
    boss.has("membership", json!({ "teamId": blue, "userId": kim_id.to_string() })).await;
    let team = json!([{ "permission": "TEAM_UPDATE", "scope": "TEAM" }, { "permission": "SESSION_UPDATE", "scope": "ALL" }]);
    let role = ada.does("roleCreate", json!({ "key": "LEADER", "name": "Leader", "permissions": team }), "role { id }").await.data()["roleCreate"]["role"]["id"].clone();
    let grant = |team: Value| json!({ "userId": kim_id.to_string(), "roleId": role, "teamId": team });
    let made = ada.does("roleGrantCreate", grant(Value::Null), "roleGrant { id }").await.data()["roleGrantCreate"]["roleGrant"]["id"].clone();
    let pull = json!({ "teamId": blue, "userId": rep_id.to_string() });
    assert_eq!(kim.does("membershipCreate", pull.clone(), "membership { id }").await.code(), "FORBIDDEN", "they share no team yet");

    ada.does("roleGrantDelete", json!({ "id": made }), "roleGrant { id }").await.data();
    ada.does("roleGrantCreate", grant(blue), "roleGrant { id }").await.data();
    assert_eq!(kim.does("membershipCreate", pull, "membership { id }").await.code(), "FORBIDDEN", "nor by a right within the team");
    let sessions = kim.ask("{ viewer { session { id } } sessions { nodes { id user { id } } } }", json!({})).await;
    let seen: Vec<_> = sessions.data()["sessions"]["nodes"].as_array().unwrap().iter().map(|s| s["user"]["id"].clone()).collect();
    assert_eq!(seen, [json!(kim_id.to_string())], "of the team's members, who is kim");
    let own = sessions.data()["viewer"]["session"]["id"].clone();
    assert_eq!(kim.does("sessionRevoke", json!({ "id": own }), "session { id }").await.code(), "");
}
}
