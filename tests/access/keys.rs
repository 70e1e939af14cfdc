//! Keys for programs.

use super::*;
use crate::harness::on_both;

const MAY: &str = "{ viewer { session { id } permissions { permission } } }";

async fn key(by: &Signed<'_>, input: Value) -> (String, String) {
    let answer = by.does("apiKeyCreate", input, "secret apiKey { id name scopes }").await;
    let made = &answer.data()["apiKeyCreate"];
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{}", answer.0)).to_owned();
    (text(&made["secret"]), text(&made["apiKey"]["id"]))
}

on_both! {
async fn a_key_may_what_its_scopes_and_its_owner_may(app) {
    user(&app, "ADMIN", "ada@acme.com").await;
    let (_, ops_id) = user(&app, "REVOPS", "ops@acme.com").await;
    let (ada, ops) = (signed(&app, "ada@acme.com").await, signed(&app, "ops@acme.com").await);
    let beyond = json!({ "name": "k", "scopes": ["USER_UPDATE"] });
    assert_eq!(ops.does("apiKeyCreate", beyond, "secret").await.code(), "VALIDATION");
    let (secret, id) = key(&ops, json!({ "name": "sync", "scopes": ["LEAD_READ", "API_KEY_CREATE"] })).await;

    let seen = app.ask_as(Some(&secret), &[], MAY, json!({})).await;
    let permissions = json!([{ "permission": "API_KEY_CREATE" }, { "permission": "LEAD_READ" }]);
    assert_eq!(seen.data()["viewer"], json!({ "session": null, "permissions": permissions }));
    let more = r#"mutation { apiKeyCreate(input: { name: "k2", scopes: [LEAD_READ] }) { secret } }"#;
    assert_eq!(app.ask_as(Some(&secret), &[], more, json!({})).await.code(), "FORBIDDEN", "keys make no keys");
    let refused = app.ask_as(Some(&secret), &[], more, json!({})).await;
    assert_eq!(refused.0["data"], json!({ "apiKeyCreate": null }), "a refused field is null, not the whole answer");
    assert_eq!(ops.ask("{ apiKeys { totalCount } }", json!({})).await.data()["apiKeys"]["totalCount"], 1);
    assert_eq!(ada.ask("{ apiKeys { totalCount } }", json!({})).await.data()["apiKeys"]["totalCount"], 1);

    let query = "query($u: ID!) { user(by: { id: $u }) { roleGrants { nodes { id } } } }";
    let grant = ada.ask(query, json!({ "u": ops_id.to_string() })).await.data()["user"]["roleGrants"]["nodes"][0]["id"].clone();
    ada.does("roleGrantDelete", json!({ "id": grant }), "roleGrant { id }").await.data();
    assert_eq!(app.ask_as(Some(&secret), &[], MAY, json!({})).await.data()["viewer"]["permissions"], json!([]), "its owner lost them");

    ada.does("apiKeyRevoke", json!({ "id": id }), "apiKey { revokedAt }").await.data();
    assert_eq!(app.ask_as(Some(&secret), &[], MAY, json!({})).await.code(), "UNAUTHENTICATED");
    assert_eq!(ada.does("apiKeyRevoke", json!({ "id": id }), "apiKey { id }").await.code(), "INVALID_TRANSITION");
}
}

on_both! {
async fn a_wrong_key_opens_nothing(app) {
    user(&app, "ADMIN", "ada@acme.com").await;
    let ada = signed(&app, "ada@acme.com").await;
    let (secret, _) = key(&ada, json!({ "name": "k", "scopes": ["LEAD_READ"] })).await;
    for bad in [&secret[..91], &secret.replace('_', "-"), &format!("{secret}0"), "accord_", &secret.to_uppercase()] {
        assert_eq!(app.ask_as(Some(bad), &[], MAY, json!({})).await.code(), "UNAUTHENTICATED", "{bad}");
    }
    for (at, name) in [("1999-01-01T00:00:00Z", "past"), ("2999-01-01T00:00:00Z", "far")] {
        let input = json!({ "name": name, "scopes": ["LEAD_READ"], "expiresAt": at });
        assert_eq!(ada.does("apiKeyCreate", input, "secret").await.code(), "VALIDATION");
    }
}
}

on_both! {
async fn programs_get_their_keys_from_an_administrator(app) {
    user(&app, "ADMIN", "ada@acme.com").await;
    let (_, rep) = user(&app, "SALES_REP", "rep@acme.com").await;
    let (_, bot) = user(&app, "INTEGRATION", "bot@acme.com").await;
    let ada = signed(&app, "ada@acme.com").await;
    let input = |user: UserId| json!({ "name": "k", "scopes": ["LEAD_READ"], "userId": user.to_string() });
    assert_eq!(ada.does("apiKeyCreate", input(rep), "secret").await.code(), "VALIDATION", "not in a person's name");
    let (secret, id) = key(&ada, input(bot)).await;
    assert!(app.ask_as(Some(&secret), &[], "{ leads { totalCount } }", json!({})).await.data().is_object());
    let used = "query($k: ID!) { apiKey(by: { id: $k }) { lastUsedAt version } }";
    for _ in 0..6000 {
        let seen = ada.ask(used, json!({ "k": id })).await;
        if seen.data()["apiKey"]["lastUsedAt"].is_string() {
            assert_eq!(seen.data()["apiKey"]["version"], 1, "use is no change");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("its use was not noted");
}
}

on_both! {
async fn a_key_opens_only_from_its_networks(app) {
    user(&app, "ADMIN", "ada@acme.com").await;
    let ada = signed(&app, "ada@acme.com").await;
    let input = |networks: Value| json!({ "name": "k", "scopes": ["LEAD_READ"], "networks": networks });
    for bad in [json!([]), json!(["10.0.0.0/33"]), json!(["example.com"])] {
        assert_eq!(ada.does("apiKeyCreate", input(bad), "secret").await.code(), "VALIDATION");
    }
    let (secret, id) = key(&ada, input(json!(["203.0.113.9/24", "2001:db8::/48"]))).await;
    let seen = ada.ask("query($k: ID!) { apiKey(by: { id: $k }) { networks } }", json!({ "k": id })).await;
    assert_eq!(seen.data()["apiKey"]["networks"], json!(["203.0.113.0/24", "2001:db8::/48"]));
    for (from, opens) in [(Some("203.0.113.77"), true), (Some("2001:db8::7"), true), (Some("203.0.114.1"), false), (Some("::1"), false), (None, false)] {
        let answer = app.ask_from(from, Some(&secret), &[], MAY, json!({})).await;
        assert_eq!(answer.code().is_empty(), opens, "{from:?}: {}", answer.0);
    }
}
}

on_both! {
async fn a_key_is_rotated_with_an_overlap(app) {
    user(&app, "ADMIN", "ada@acme.com").await;
    user(&app, "EXEC", "eve@acme.com").await;
    let (ada, eve) = (signed(&app, "ada@acme.com").await, signed(&app, "eve@acme.com").await);
    let (old, id) = key(&ada, json!({ "name": "sync", "scopes": ["LEAD_READ"], "networks": ["0.0.0.0/0"] })).await;
    let good = async |secret: &str| app.ask_from(Some("10.0.0.1"), Some(secret), &[], MAY, json!({})).await.code().is_empty();
    let rotate = async |hours: i32| ada.does("apiKeyRotate", json!({ "id": id, "overlapHours": hours }), "secret apiKey { id name scopes networks }").await;
    assert_eq!(eve.does("apiKeyRotate", json!({ "id": id }), "secret").await.code(), "FORBIDDEN");
    assert_eq!(rotate(169).await.code(), "VALIDATION");

    let answer = rotate(1).await;
    let made = &answer.data()["apiKeyRotate"];
    let new = made["secret"].as_str().unwrap();
    assert_eq!(made["apiKey"]["networks"], json!(["0.0.0.0/0"]));
    assert_eq!((&made["apiKey"]["name"], &made["apiKey"]["scopes"]), (&json!("sync"), &json!(["LEAD_READ"])));
    assert!(good(&old).await && good(new).await, "both for an hour");
    assert_eq!(rotate(0).await.code(), "");
    assert!(!good(&old).await, "no overlap, no old key");
    assert!(good(new).await);
    assert_eq!(rotate(0).await.code(), "INVALID_TRANSITION");
    let query = "mutation($i: ID!) { apiKeyRotate(input: { id: $i }) { secret } }";
    assert_eq!(app.ask_from(Some("10.0.0.1"), Some(new), &[], query, json!({ "i": id })).await.code(), "FORBIDDEN");
}
}
