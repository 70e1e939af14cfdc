//! Versions and the instants from which on they count.

use std::sync::LazyLock;

use api::{schema::AppSchema, store::Access};
use async_graphql::{Request, Variables};
use chrono::DateTime;

use super::*;

on_both! {
    async fn a_version_counts_from_its_instant_on_and_is_marked_once_by_any_node(app) {
        let house = House::of(&app);
        let id = house.proposed("mql", soon(60_000)).await;
        assert_eq!(house.signed(&id).await, "RATIFIED");
        let from = house.revops.sees("agreementVersion", &id, "effectiveFrom").await["effectiveFrom"].clone();
        assert_eq!(house.in_force("mql", json!(null)).await, json!(null));
        assert_eq!(house.in_force("mql", from.clone()).await["number"], 1);
        app.later(TimeDelta::seconds(61));
        // no job has run: it counts all the same
        assert_eq!(house.in_force("mql", json!(null)).await, json!({ "id": id, "number": 1, "status": "RATIFIED" }));
        let nodes = [runner(&app).await, runner(&app).await];
        for _ in 0..2400 {
            if house.in_force("mql", json!(null)).await["status"] == "ACTIVE" {
                break;
            }
            sleep(50).await;
        }
        assert_eq!(house.in_force("mql", json!(null)).await["status"], "ACTIVE");
        let next = house.next(&id, "A stricter word", json!(null)).await;
        assert_eq!(house.signed(&next).await, "ACTIVE");
        let old = house.revops.sees("agreementVersion", &id, "status supersededAt").await;
        let new = house.revops.sees("agreementVersion", &next, "status effectiveFrom number").await;
        assert_eq!(old, json!({ "status": "SUPERSEDED", "supersededAt": new["effectiveFrom"] }));
        assert_eq!((&new["status"], &new["number"]), (&json!("ACTIVE"), &json!(2)));
        assert_eq!(house.in_force("mql", from).await["number"], 1, "what was in force then stays so");
        assert_eq!(house.in_force("mql", new["effectiveFrom"].clone()).await["number"], 2);
        assert_eq!(house.told(&app, "agreement.activated").await, 2);
        nodes.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

on_both! {
    async fn of_versions_that_come_into_force_at_once_the_last_signed_counts(app) {
        let house = House::of(&app);
        let at = soon(60_000);
        let first = house.proposed("sal", at.clone()).await;
        assert_eq!(house.signed(&first).await, "RATIFIED");
        let second = house.next(&first, "Another", at.clone()).await;
        let third = house.next(&first, "A third, at once", json!(null)).await;
        assert_eq!(house.signed(&second).await, "RATIFIED");
        turns(&house.marketing, &third, "MARKETING").await.data();
        app.later(TimeDelta::seconds(61));
        let nodes = [runner(&app).await, runner(&app).await];
        assert_eq!(status(&turns(&house.sales, &third, "SALES").await), "ACTIVE");
        for _ in 0..2400 {
            if house.told(&app, "agreement.activated").await == 3 {
                break;
            }
            sleep(50).await;
        }
        sleep(300).await;
        let list = "{ agreementVersions(orderBy: [{ field: NUMBER }]) { nodes { number status } } }";
        let list = house.sales.ask(list, json!({})).await.data()["agreementVersions"]["nodes"].clone();
        let expected = json!([
            { "number": 1, "status": "SUPERSEDED" }, { "number": 2, "status": "SUPERSEDED" }, { "number": 3, "status": "ACTIVE" }
        ]);
        assert_eq!(list, expected);
        assert_eq!((house.told(&app, "agreement.activated").await, house.told(&app, "agreement.superseded").await), (3, 2));
        assert_eq!(house.in_force("sal", json!(null)).await["number"], 3);
        nodes.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

on_both! {
    async fn nothing_is_agreed_for_the_past(app) {
        let house = House::of(&app);
        let late = house.drafted("late", soon(-1_000)).await;
        assert_eq!(house.revops.does("agreementVersion", "Propose", json!({ "id": late }), "id").await.code(), "CRITERIA_UNMET");
        let soon = house.proposed("soon", soon(60_000)).await;
        turns(&house.marketing, &soon, "MARKETING").await.data();
        app.later(TimeDelta::seconds(61));
        assert_eq!(turns(&house.sales, &soon, "SALES").await.code(), "CRITERIA_UNMET");
        let seen = house.sales.sees("agreementVersion", &soon, "status approvals { totalCount }").await;
        assert_eq!(seen, json!({ "status": "PROPOSED", "approvals": { "totalCount": 1 } }));
    }
}

/// The same as through the door, by the clock of a node that says this instant.
async fn turns_at(who: &Person<'_>, at: DateTime<Utc>, id: &Value, side: &str) -> Answer {
    static SCHEMA: LazyLock<AppSchema> = LazyLock::new(api::schema::build);
    let query = "mutation($input: AgreementVersionApproveInput!) { agreementVersionApprove(input: $input) {
        agreementVersion { status effectiveFrom } userErrors { code message field } } }";
    let access = Access::new(who.app.store.clone(), who.actor.clone(), None).at(at);
    let input = Variables::from_json(json!({ "input": { "id": id, "side": side } }));
    let mut answer = SCHEMA.execute(Request::new(query).variables(input).data(access)).await;
    answer.errors.iter_mut().for_each(api::error::annotate);
    Answer(serde_json::to_value(&answer).unwrap())
}

/// The one version that is marked is the one that is in force.
async fn agree_on_what_is_in_force(house: &House<'_>, key: &str, at: DateTime<Utc>) -> Value {
    let list = "{ agreementVersions(filter: { status: { eq: ACTIVE } }) { nodes { id } } }";
    let list = house.sales.ask(list, json!({})).await.data()["agreementVersions"]["nodes"].clone();
    let in_force = house.in_force(key, json!(at.to_rfc3339())).await["id"].clone();
    assert_eq!(list, json!([{ "id": in_force }]));
    in_force
}

on_both! {
    async fn what_was_signed_last_is_in_force_even_by_a_clock_that_is_behind(app) {
        let house = House::of(&app);
        let first = house.proposed("mql", json!(null)).await;
        let second = house.next(&first, "Another", json!(null)).await;
        let now = Utc::now();
        let third = house.next(&first, "A third", json!((now + TimeDelta::seconds(60)).to_rfc3339())).await;
        for id in [&first, &second, &third] {
            turns(&house.marketing, id, "MARKETING").await.data();
        }
        let ahead = now + TimeDelta::seconds(90);
        assert_eq!(status(&turns_at(&house.sales, ahead, &first, "SALES").await), "ACTIVE");
        let late = turns_at(&house.sales, now, &second, "SALES").await;
        assert_eq!(status(&late), "ACTIVE");
        let from = late.data()["agreementVersionApprove"]["agreementVersion"]["effectiveFrom"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        assert!(from > ahead && from < ahead + TimeDelta::milliseconds(1), "{from}");
        let old = house.sales.sees("agreementVersion", &first, "status supersededAt").await;
        assert_eq!((&old["status"], old["supersededAt"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap()), (&json!("SUPERSEDED"), from));
        assert_eq!(agree_on_what_is_in_force(&house, "mql", now + TimeDelta::seconds(600)).await, second);
        // nothing is put in the place of what came later
        assert_eq!(turns_at(&house.sales, now, &third, "SALES").await.code(), "CRITERIA_UNMET");
        assert_eq!(agree_on_what_is_in_force(&house, "mql", now + TimeDelta::seconds(600)).await, second);
    }
}

on_both! {
    async fn of_several_signed_at_once_one_is_marked_and_it_is_the_one_in_force(app) {
        let house = House::of(&app);
        let first = house.proposed("mql", json!(null)).await;
        let mut all = vec![first.clone()];
        for n in 0..5 {
            all.push(house.next(&first, &format!("Text {n}"), json!(null)).await);
        }
        for id in &all {
            turns(&house.marketing, id, "MARKETING").await.data();
        }
        let signed = futures_util::future::join_all(all.iter().map(|id| turns(&house.sales, id, "SALES"))).await;
        assert!(signed.iter().all(|answer| status(answer) == "ACTIVE"), "each was, if only for a moment");
        agree_on_what_is_in_force(&house, "mql", Utc::now() + TimeDelta::seconds(600)).await;
    }
}
