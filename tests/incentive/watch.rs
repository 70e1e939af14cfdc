//! Nobody comes to see somebody's pay in silence.

use super::*;

/// What somebody was told, the newest last.
async fn told(who: &Person<'_>) -> Vec<String> {
    let seen = who
        .ask("{ notifications(first: 50, orderBy: [{ field: CREATED_AT }]) { nodes { kind subject } } }", json!({}))
        .await;
    let nodes = seen.data()["notifications"]["nodes"].as_array().unwrap().clone();
    nodes
        .iter()
        .map(|node| format!("{}: {}", node["kind"].as_str().unwrap(), node["subject"].as_str().unwrap()))
        .collect()
}

async fn resets(by: &Person<'_>, of: &Person<'_>) -> String {
    let query = "mutation($i: ID!) { userPasswordReset(input: { id: $i }) { token userErrors { code } } }";
    by.ask(query, json!({ "i": of.id() })).await.code().to_owned()
}

on_both! {
    async fn whoever_opens_somebodys_pay_is_seen_by_them_and_by_finance(app) {
        let house = House::of(&app).await;
        let ada = person(&app, Template::Admin, "ada").await;
        let puppet = person(&app, Template::SalesRep, "puppet").await;
        assert_eq!(resets(&ada, &house.rep).await, "");
        assert_eq!(told(&house.finn).await, Vec::<String>::new(), "nobody is paid yet");
        let roles = ada.ask("{ roles(first: 50) { nodes { id key } } }", json!({})).await;
        let manager = roles.data()["roles"]["nodes"].as_array().unwrap().iter().find(|role| role["key"] == "SALES_MANAGER").unwrap()["id"].clone();
        let invite = "mutation($r: [ID!]!) { userInvite(input: { email: \"late@acme.example\", name: \"Late\", roleIds: $r }) { token } }";
        let late = ada.ask(invite, json!({ "r": [manager] })).await.data()["userInvite"]["token"].clone();
        let junior = person(&app, Template::SalesRep, "junior").await;
        ada.does("user", "Update", json!({ "id": junior.id(), "reportsToId": house.other.id() }), "id").await.data();
        house.agreed("PLAN", &[&house.rep, &house.other]).await;

        // a payee's password
        assert_eq!(resets(&ada, &house.rep).await, "");
        let word = "user.password_reset_requested: a secret was made with which the password of rep can be set".to_owned();
        for who in [&house.rep, &house.finn, &house.fay] {
            assert_eq!(told(who).await, std::slice::from_ref(&word));
        }
        for who in [&house.other, &house.eva, &ada] {
            assert_eq!(told(who).await, Vec::<String>::new());
        }
        assert_eq!(resets(&ada, &house.finn).await, "FORBIDDEN", "everybody's pay");

        // an account of one's own that is made somebody's manager
        assert_eq!(ada.makes("roleGrant", json!({ "userId": puppet.id(), "roleId": manager })).await.code(), "");
        let below = json!({ "id": house.other.id(), "reportsToId": puppet.id() });
        assert_eq!(ada.does("user", "Update", below, "id").await.code(), "");
        let seen = told(&house.finn).await;
        assert_eq!(seen[1..], ["role_grant.shows_pay: puppet was given the role SALES_MANAGER, which shows what others are paid".to_owned(),
            "user.moved: other reports to puppet, who may see what they and those below them are paid".to_owned()]);
        for who in [&house.other, &junior] {
            assert_eq!(told(who).await, [seen[2].clone()], "and whoever is below them");
        }
        // what shows no pay of others is nobody's news
        let plain = roles.data()["roles"]["nodes"].as_array().unwrap().iter().find(|role| role["key"] == "SDR").unwrap()["id"].clone();
        assert_eq!(ada.makes("roleGrant", json!({ "userId": house.other.id(), "roleId": plain })).await.code(), "");
        assert_eq!(told(&house.finn).await, seen);

        // invited when nobody was paid
        let activate = "mutation($t: String!, $p: String!) { userActivate(input: { token: $t, password: $p }) { session { accessToken } userErrors { code } } }";
        let came = app.ask_as(None, &[], activate, json!({ "t": late, "p": crate::access::PASSWORD })).await;
        assert!(came.data()["userActivate"]["session"].is_object(), "{}", came.0);
        assert_eq!(told(&house.finn).await.last().map(String::as_str), Some("role_grant.shows_pay: Late has come, with the role SALES_MANAGER, which shows what others are paid"));
    }
}

on_both! {
    async fn whoever_comes_into_a_team_where_pay_is_seen_is_told(app) {
        let house = House::of(&app).await;
        let ada = person(&app, Template::Admin, "ada").await;
        let lead = person(&app, Template::SalesRep, "lead").await;
        house.agreed("PLAN", &[&house.rep, &house.other]).await;
        let roles = ada.ask("{ roles(first: 50) { nodes { id key } } }", json!({})).await;
        let manager = roles.data()["roles"]["nodes"].as_array().unwrap().iter().find(|role| role["key"] == "SALES_MANAGER").unwrap()["id"].clone();
        let teams = [house.ann.has("team", json!({ "name": "North", "kind": "SALES" })).await, house.ann.has("team", json!({ "name": "South", "kind": "SALES" })).await];
        let grant = json!({ "userId": lead.id(), "roleId": manager, "teamId": teams[0] });
        assert_eq!(ada.makes("roleGrant", grant).await.code(), "");
        for (who, team) in [(&house.rep, &teams[0]), (&house.other, &teams[1])] {
            ada.has("membership", json!({ "teamId": team, "userId": who.id() })).await;
        }
        let word = "membership.shows_pay: rep has come into a team where lead has the role SALES_MANAGER, which shows what others are paid".to_owned();
        assert_eq!(told(&house.rep).await, std::slice::from_ref(&word));
        assert_eq!(told(&house.finn).await.last(), Some(&word));
        assert_eq!(told(&house.other).await, Vec::<String>::new());
    }
}
