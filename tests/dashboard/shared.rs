//! Who sees a dashboard, and who changes it.

use api::actor::{Permission, Reach};

use super::*;

async fn sees(who: &Person<'_>, dashboard: &Value) -> bool {
    let list = who.ask("{ dashboards(first: 50) { nodes { id } } }", json!({})).await;
    let listed = list.data()["dashboards"]["nodes"].as_array().unwrap().iter().any(|row| row["id"] == *dashboard);
    assert_eq!(who.sees("dashboard", dashboard, "id").await.is_null(), !listed);
    assert_eq!(data(who, dashboard).await.is_null(), !listed);
    listed
}

async fn shares(who: &Person<'_>, dashboard: &Value, word: &str) -> String {
    who.does("dashboard", "Update", json!({ "id": dashboard, "sharing": word }), "id").await.code().to_owned()
}

async fn role(house: &House<'_>, key: &str) -> Value {
    let query = "query($key: String!) { roles(filter: { key: { eq: $key } }) { nodes { id } } }";
    house.ann.ask(query, json!({ "key": key })).await.data()["roles"]["nodes"][0]["id"].clone()
}

on_both! {
    async fn it_is_private_then_named_then_everybodys(app) {
        let house = House::of(&app).await;
        let admin = app.holding(house.ann.actor.organization, &Permission::all().map(|all| (all, Reach::ALL)).collect::<Vec<_>>());
        let mine = saves(&house.rex, json!([number("a", "REVENUE", quarter())]), json!({})).await;
        let who = [&house.rex, &house.mia, &admin];
        let seen = async || [sees(who[0], &mine).await, sees(who[1], &mine).await, sees(who[2], &mine).await];
        assert_eq!(seen().await, [true, false, false], "private is private, also to who may do everything");
        assert_eq!(shares(&admin, &mine, "ORGANIZATION").await, "NOT_FOUND");
        assert_eq!(shares(&house.rex, &mine, "NAMED").await, "");
        assert_eq!(seen().await, [true, false, true], "a reach of ALL goes over what is shared by name");
        // with a role
        let marketers = role(&house, "MKT_USER").await;
        let share = house.rex.does("dashboardShare", "Create", json!({ "dashboardId": mine, "roleId": marketers }), "id").await;
        let share = share.data()["dashboardShareCreate"]["dashboardShare"]["id"].clone();
        assert_eq!(seen().await, [true, true, true]);
        assert_eq!(house.mia.sees("dashboard", &mine, "shares { nodes { role { key } team { id } } }").await["shares"]["nodes"],
            json!([{ "role": { "key": "MKT_USER" }, "team": null }]));
        assert_eq!(shares(&house.mia, &mine, "ORGANIZATION").await, "FORBIDDEN", "to look is not to change");
        let more = json!({ "dashboardId": mine, "roleId": role(&house, "EXEC").await });
        assert!(["FORBIDDEN", "NOT_FOUND"].contains(&house.mia.does("dashboardShare", "Create", more, "id").await.code()));
        house.rex.does("dashboardShare", "Delete", json!({ "id": share }), "id").await.data();
        assert_eq!(seen().await, [true, false, true]);
        // with a team
        let team = house.ann.has("team", json!({ "name": "Crew", "kind": "CROSS" })).await;
        house.rex.does("dashboardShare", "Create", json!({ "dashboardId": mine, "teamId": team }), "id").await.data();
        assert_eq!(seen().await, [true, false, true]);
        house.ann.does("membership", "Create", json!({ "teamId": team, "userId": house.mia.id() }), "id").await.data();
        assert_eq!(seen().await, [true, true, true]);
        // with nobody but oneself, then with all
        assert_eq!(shares(&house.rex, &mine, "PRIVATE").await, "");
        assert_eq!(seen().await, [true, false, false]);
        assert_eq!(shares(&house.rex, &mine, "ORGANIZATION").await, "");
        assert_eq!(seen().await, [true, true, true]);
        assert_eq!(shares(&house.mia, &mine, "PRIVATE").await, "FORBIDDEN");
        let renamed = admin.does("dashboard", "Update", json!({ "id": mine, "name": "Put in order" }), "name").await;
        assert_eq!(renamed.data()["dashboardUpdate"]["dashboard"]["name"], "Put in order");
        assert!(!sees(&app.admin(), &mine).await, "another organisation");
    }
}

on_both! {
    async fn a_share_is_with_a_role_or_a_team_once(app) {
        let house = House::of(&app).await;
        let mine = house.saves(json!([number("a", "REVENUE", quarter())]), json!({ "sharing": "NAMED" })).await;
        let exec = role(&house, "EXEC").await;
        let team = house.ann.has("team", json!({ "name": "Crew", "kind": "CROSS" })).await;
        let share = async |role: &Value, team: &Value| {
            let input = json!({ "dashboardId": mine, "roleId": role, "teamId": team });
            house.ann.does("dashboardShare", "Create", input, "id").await.code().to_owned()
        };
        assert_eq!(share(&Value::Null, &Value::Null).await, "VALIDATION");
        assert_eq!(share(&exec, &team).await, "VALIDATION");
        assert_eq!(share(&exec, &Value::Null).await, "");
        assert_eq!(share(&exec, &Value::Null).await, "DUPLICATE");
        assert_eq!(share(&Value::Null, &team).await, "");
        assert_eq!(share(&Value::Null, &team).await, "DUPLICATE");
    }
}
