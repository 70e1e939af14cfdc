//! Versions and the instants from which on they count.

use super::*;

on_both! {
    async fn a_version_counts_from_its_instant_on_and_is_marked_once_by_any_node(app) {
        let house = House::of(&app);
        let id = house.proposed("mql", soon(4_000)).await;
        assert_eq!(house.signed(&id).await, "RATIFIED");
        let from = house.revops.sees("agreementVersion", &id, "effectiveFrom").await["effectiveFrom"].clone();
        assert_eq!(house.in_force("mql", json!(null)).await, json!(null));
        assert_eq!(house.in_force("mql", from.clone()).await["number"], 1);
        sleep(4_100).await;
        // no job has run: it counts all the same
        assert_eq!(house.in_force("mql", json!(null)).await, json!({ "id": id, "number": 1, "status": "RATIFIED" }));
        let nodes = [runner(&app).await, runner(&app).await];
        for _ in 0..200 {
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
        let at = soon(6_000);
        let first = house.proposed("sal", at.clone()).await;
        assert_eq!(house.signed(&first).await, "RATIFIED");
        let second = house.next(&first, "Another", at.clone()).await;
        let third = house.next(&first, "A third, at once", json!(null)).await;
        assert_eq!(house.signed(&second).await, "RATIFIED");
        turns(&house.marketing, &third, "MARKETING").await.data();
        sleep(6_100).await;
        let nodes = [runner(&app).await, runner(&app).await];
        assert_eq!(status(&turns(&house.sales, &third, "SALES").await), "ACTIVE");
        for _ in 0..100 {
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
        let soon = house.proposed("soon", soon(1_500)).await;
        turns(&house.marketing, &soon, "MARKETING").await.data();
        sleep(1_600).await;
        assert_eq!(turns(&house.sales, &soon, "SALES").await.code(), "CRITERIA_UNMET");
        let seen = house.sales.sees("agreementVersion", &soon, "status approvals { totalCount }").await;
        assert_eq!(seen, json!({ "status": "PROPOSED", "approvals": { "totalCount": 1 } }));
    }
}
