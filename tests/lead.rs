//! Leads, and with them the whole way from the schema to both databases.

mod beginnings;

use crate::harness::{json, on_both};

const CREATE: &str = "mutation($input: LeadCreateInput!) { leadCreate(input: $input) {
    lead { id email status version createdAt viewerCan { update delete } } userErrors { code message field } } }";

on_both! {
    async fn a_lead_is_created_read_and_listed(app) {
        let ann = app.admin();
        let answer = ann.ask(CREATE, json!({ "input": { "email": "Joe@Example.com", "lastName": "Doe", "source": "web" } })).await;
        let lead = &answer.data()["leadCreate"]["lead"];
        assert_eq!(lead["email"], "joe@example.com");
        assert_eq!(lead["status"], "NEW");
        assert_eq!(lead["version"], 1);
        assert_eq!(lead["viewerCan"], json!({ "update": true, "delete": true }));

        let one = "query($id: ID!) { lead(by: { id: $id }) { id lastName } node(id: $id) { __typename id } }";
        let one = ann.ask(one, json!({ "id": lead["id"] })).await;
        assert_eq!(one.data()["lead"]["lastName"], "Doe");
        assert_eq!(one.data()["node"], json!({ "__typename": "Lead", "id": lead["id"] }));

        let list = "{ leads(filter: { email: { eq: \"joe@example.com\" } }, search: \"DOE\") { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }";
        let list = ann.ask(list, json!({})).await;
        assert_eq!(list.data()["leads"]["totalCount"], 1);
        assert_eq!(list.data()["leads"]["nodes"][0]["id"], lead["id"]);
    }
}

on_both! {
    async fn pages_cover_the_list_once_in_either_direction(app) {
        let ann = app.admin();
        let rows: Vec<_> = (0..7).map(|i| json!({ "lastName": format!("L{}", i % 3), "email": format!("p{i}@example.com") })).collect();
        let upsert = "mutation($rows: [LeadUpsertRow!]!) { leadUpsert(input: { rows: $rows }) { results { status userErrors { message } } } }";
        let done = ann.ask(upsert, json!({ "rows": rows })).await;
        assert_eq!(done.data()["leadUpsert"]["results"][6]["status"], "CREATED", "{}", done.0);

        let next = "query($after: String) { leads(first: 3, after: $after, orderBy: [{ field: LAST_NAME, direction: DESC }]) {
            nodes { email lastName } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
        let (mut seen, mut after) = (vec![], json!(null));
        loop {
            let page = ann.ask(next, json!({ "after": after })).await;
            let list = page.data()["leads"].clone();
            seen.extend(list["nodes"].as_array().unwrap().iter().map(|n| n["lastName"].as_str().unwrap().to_owned()));
            after = list["pageInfo"]["endCursor"].clone();
            if list["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(seen, ["L2", "L2", "L1", "L1", "L0", "L0", "L0"]);

        let back = "{ leads(last: 2, orderBy: [{ field: LAST_NAME, direction: DESC }]) { nodes { lastName } pageInfo { hasPreviousPage } } }";
        let back = ann.ask(back, json!({})).await;
        assert_eq!(back.data()["leads"], json!({ "nodes": [{ "lastName": "L0" }, { "lastName": "L0" }], "pageInfo": { "hasPreviousPage": true } }));
    }
}

on_both! {
    async fn an_update_keeps_what_is_absent_and_clears_what_is_null(app) {
        let ann = app.admin();
        let made = ann.ask(CREATE, json!({ "input": { "email": "a@example.com", "lastName": "Doe", "title": "CTO" } })).await;
        let id = made.data()["leadCreate"]["lead"]["id"].clone();
        let update = "mutation($input: LeadUpdateInput!) { leadUpdate(input: $input) { lead { lastName title version } userErrors { code field } } }";

        let answer = ann.ask(update, json!({ "input": { "id": id, "title": null, "expectedVersion": 1 } })).await;
        assert_eq!(answer.data()["leadUpdate"]["lead"], json!({ "lastName": "Doe", "title": null, "version": 2 }));

        let stale = ann.ask(update, json!({ "input": { "id": id, "title": "CEO", "expectedVersion": 1 } })).await;
        assert_eq!(stale.data()["leadUpdate"]["userErrors"], json!([{ "code": "CONFLICT", "field": ["input", "expectedVersion"] }]));

        let same = ann.ask(update, json!({ "input": { "id": id, "lastName": "Doe" } })).await;
        assert_eq!(same.data()["leadUpdate"]["lead"]["version"], 2);
    }
}

on_both! {
    async fn another_organisations_lead_does_not_exist(app) {
        let (ann, eve) = (app.admin(), app.admin());
        let made = ann.ask(CREATE, json!({ "input": { "email": "a@example.com" } })).await;
        let id = made.data()["leadCreate"]["lead"]["id"].clone();

        let read = eve.ask("query($id: ID!) { node(id: $id) { id } lead(by: { id: $id }) { id } leads { totalCount } }", json!({ "id": id })).await;
        assert_eq!(read.data(), &json!({ "node": null, "lead": null, "leads": { "totalCount": 0 } }));
        let write = eve.ask("mutation($id: ID!) { leadDelete(input: { id: $id }) { userErrors { code } } }", json!({ "id": id })).await;
        assert_eq!(write.code(), "NOT_FOUND");
    }
}

on_both! {
    async fn figures_are_grouped(app) {
        let ann = app.admin();
        for (n, source) in [(1, "web"), (2, "web"), (3, "fair")] {
            ann.ask(CREATE, json!({ "input": { "email": format!("g{n}@example.com"), "source": source } })).await;
        }
        let sums = "{ leadAggregate(groupBy: [{ field: SOURCE }, { field: CREATED_AT, grain: YEAR }]) { key { source status createdAt } count score { sum avg } } }";
        let sums = ann.ask(sums, json!({})).await;
        let groups = sums.data()["leadAggregate"].as_array().unwrap().clone();
        assert_eq!(groups.len(), 2);
        assert_eq!((&groups[0]["key"]["source"], &groups[0]["count"]), (&json!("fair"), &json!(1)));
        assert_eq!((&groups[1]["key"]["source"], &groups[1]["count"]), (&json!("web"), &json!(2)));
        assert_eq!(groups[1]["score"], json!({ "sum": 0, "avg": 0.0 }));
    }
}

on_both! {
    async fn a_lead_is_given_up_only_after_somebody_tried_and_may_come_back(app) {
        let ann = app.admin();
        let id = ann.has("lead", json!({ "email": "joe@example.com" })).await;
        let up = json!({ "id": id, "category": "NO_BUDGET", "reason": "Broke" });
        assert_eq!(ann.does("lead", "Disqualify", up.clone(), "id").await.code(), "CRITERIA_UNMET");
        ann.has("activity", json!({ "kind": "CALL", "subject": "Hello", "leadId": id })).await;
        let gone = ann.does("lead", "Disqualify", up.clone(), "status disqualifyCategory").await;
        assert_eq!(gone.data()["leadDisqualify"]["lead"], json!({ "status": "DISQUALIFIED", "disqualifyCategory": "NO_BUDGET" }));
        assert_eq!(ann.does("lead", "Disqualify", up, "id").await.code(), "INVALID_TRANSITION");
        let back = ann.does("lead", "Reopen", json!({ "id": id, "reason": "New budget" }), "status disqualifyCategory activities { totalCount }").await;
        assert_eq!(back.data()["leadReopen"]["lead"], json!({ "status": "NURTURING", "disqualifyCategory": null, "activities": { "totalCount": 2 } }));
    }
}

on_both! {
    async fn a_leads_status_is_told_at_its_beginning_and_then_moves_by_steps(app) {
        let ann = app.admin();
        let nurtured = ann.does("lead", "Create", json!({ "email": "a@example.com", "status": "NURTURING" }), "status").await;
        assert_eq!(nurtured.data()["leadCreate"]["lead"]["status"], "NURTURING");
        assert_eq!(ann.makes("lead", json!({ "email": "b@example.com", "status": "CONVERTED" })).await.code(), "INVALID_TRANSITION");
        assert_eq!(ann.makes("lead", json!({ "email": "b@example.com", "status": "DISQUALIFIED" })).await.code(), "VALIDATION");
        let plain = "mutation { leadUpdate(input: { id: \"lead_00000000000000000000000000000000\", status: MQL }) { lead { id } } }";
        assert_eq!(ann.ask(plain, json!({})).await.code(), "GRAPHQL_VALIDATION_FAILED");
    }
}

on_both! {
    async fn every_move_is_kept_and_begins_where_the_last_one_ended(app) {
        let ann = app.admin();
        let id = ann.has("lead", json!({ "email": "joe@example.com" })).await;
        ann.has("activity", json!({ "kind": "CALL", "subject": "Hello", "leadId": id })).await;
        ann.does("lead", "Disqualify", json!({ "id": id, "category": "NO_BUDGET", "reason": "Broke" }), "id").await;
        ann.does("lead", "Reopen", json!({ "id": id, "reason": "New budget" }), "id").await;
        let moves = ann.sees("lead", &id, "statusReason statusChanges(orderBy: [{ field: AT }]) { nodes { fromStatus toStatus cycleNo reason } }").await;
        assert_eq!(moves["statusChanges"]["nodes"], json!([
            { "fromStatus": null, "toStatus": "NEW", "cycleNo": 1, "reason": null },
            { "fromStatus": "NEW", "toStatus": "DISQUALIFIED", "cycleNo": 1, "reason": "Broke" },
            { "fromStatus": "DISQUALIFIED", "toStatus": "NURTURING", "cycleNo": 1, "reason": "New budget" },
        ]));
        assert_eq!(moves["statusReason"], "New budget");
    }
}
