//! What is asked of a goal before anybody signs it, and how it follows its agreement.

use super::*;

/// What is wrong with a body, by field.
async fn faults(house: &House<'_>, more: Value) -> Vec<String> {
    let input = json!({ "key": "Wrong", "title": "Wrong", "body": house.goal(more) });
    let answer = house.mia.does("agreement", "Create", input, "id").await;
    let faults = answer.data()["agreementCreate"]["userErrors"].as_array().unwrap().clone();
    faults.iter().map(|fault| fault["field"].as_array().unwrap().last().unwrap().as_str().unwrap().to_owned()).collect()
}

on_both! {
    async fn a_body_that_cannot_be_measured_is_refused(app) {
        let house = House::of(&app).await;
        for (more, field) in [
            (json!({ "target": "0" }), "target"),
            (json!({ "stretch": "1000" }), "stretch"),
            (json!({ "baseline": "0.0000001" }), "baseline"),
            (json!({ "target": "1000000000001" }), "target"),
            (json!({ "periodEnd": "2025-07-01" }), "periodEnd"),
            (json!({ "curve": { "kind": "MONTHLY", "weights": ["0.5", "0.5"] } }), "weights"),
            (json!({ "curve": { "kind": "LINEAR", "weights": ["1"] } }), "weights"),
            (json!({ "metric": "PIPELINE_COVERAGE", "target": "3" }), "options"),
            (json!({ "options": { "target": "3" } }), "options"),
            (json!({ "scope": { "priorities": ["URGENT"] } }), "scope"),
            (json!({ "scope": { "pipelineIds": ["lead_1"] } }), "scope"),
            (json!({ "graceDays": 91 }), "graceDays"),
            (json!({ "parentId": "goal_1" }), "parentId"),
            (json!({ "salesOwnerIds": ["team_1"] }), "salesOwnerIds"),
            (json!({ "salesOwnerIds": [house.eva.id(), house.eva.id()] }), "salesOwnerIds"),
        ] {
            assert_eq!(faults(&house, more.clone()).await, [field], "{more}");
        }
        assert!(faults(&house, json!({ "metric": "PIPELINE_COVERAGE", "options": { "target": "5000" }, "target": "3" })).await.is_empty());
    }
}

on_both! {
    async fn it_is_proposed_only_with_an_owner_on_each_side_and_within_its_parent(app) {
        let house = House::of(&app).await;
        let (parent, _) = house.drafted("Year", house.goal(json!({ "periodEnd": "2026-01-01" }))).await;
        let nobody = house.goal(json!({ "parentId": "goal_00000000000070008000000000000000" }));
        let draft = json!({ "key": "NOBODY", "title": "Nobody", "body": nobody });
        assert_eq!(house.mia.does("agreement", "Create", draft, "id").await.code(), "NOT_FOUND");
        for (at, (more, why)) in [
            (json!({ "salesOwnerIds": [] }), "SALES has none"),
            (json!({ "marketingOwnerIds": [] }), "MARKETING has none"),
            (json!({ "salesOwnerIds": [house.mia.id()] }), "nobody of SALES"),
            (json!({ "parentId": parent, "metric": "DEAL_SIZE" }), "another metric"),
            (json!({ "parentId": parent, "currency": "USD" }), "another metric or currency"),
            (json!({ "parentId": parent, "periodEnd": "2026-01-02" }), "within"),
        ].into_iter().enumerate() {
            let (_, version) = house.drafted(&format!("G{at}"), house.goal(more.clone())).await;
            let answer = house.mia.does("agreementVersion", "Propose", json!({ "id": version }), "id").await;
            assert_eq!(answer.code(), "CRITERIA_UNMET", "{more}: {}", answer.0);
            assert!(answer.0.to_string().contains(why), "{}", answer.0);
            assert_eq!(house.mia.sees("agreementVersion", &version, "status").await["status"], "DRAFT");
        }
        let (part, version) = house.drafted("Part", house.goal(json!({ "parentId": parent }))).await;
        house.sign(&version).await;
        let seen = house.eva.sees("goal", &parent, "status parts(filter: { status: { ne: DRAFT } }) { nodes { id status } } parent { id }").await;
        assert_eq!(seen, json!({ "status": "DRAFT", "parts": { "nodes": [{ "id": part, "status": "ACTIVE" }] }, "parent": null }));
        // the year cannot become a part of its part
        let of = house.mia.sees("goal", &parent, "agreementVersion { id }").await["agreementVersion"]["id"].clone();
        let round = house.goal(json!({ "parentId": part }));
        house.mia.does("agreementVersion", "Update", json!({ "id": of, "body": round }), "id").await.data();
        let answer = house.mia.does("agreementVersion", "Propose", json!({ "id": of }), "id").await;
        assert!(answer.0.to_string().contains("no part of itself"), "{}", answer.0);
        // nor can it become shorter than its part
        let shorter = house.goal(json!({ "periodEnd": "2025-08-01" }));
        house.mia.does("agreementVersion", "Update", json!({ "id": of, "body": shorter }), "id").await.data();
        let answer = house.mia.does("agreementVersion", "Propose", json!({ "id": of }), "id").await;
        assert!(answer.code() == "CRITERIA_UNMET" && answer.0.to_string().contains("would not fit"), "{}", answer.0);
    }
}

on_both! {
    async fn it_stays_in_the_currency_in_which_it_was_signed(app) {
        let house = House::of(&app).await;
        house.sells().await;
        let (goal, version) = house.drafted("Q3", house.goal(json!({}))).await;
        house.sign(&version).await;
        let before = progress(&house.mia, &[&goal], "2999-01-01T00:00:00Z", "currency actual target").await;
        assert_eq!(before[0]["currency"], "EUR");
        let home = house.mia.actor.organization.to_string();
        let founder = app.with_rights(house.mia.actor.organization, api::actor::Rights::everything());
        let changed = founder.does("organization", "Update", json!({ "id": home, "baseCurrency": "USD" }), "id").await;
        assert_eq!(changed.code(), "", "{}", changed.0);
        assert_eq!(progress(&house.mia, &[&goal], "2999-01-01T00:00:00Z", "currency actual target").await, before);
        assert_eq!(house.eva.sees("goal", &goal, "currency").await["currency"], "EUR");
    }
}

on_both! {
    async fn proposed_signed_measured_amended_and_given_up(app) {
        let house = House::of(&app).await;
        house.sells().await;
        let (goal, first) = house.drafted("Q3", house.goal(json!({}))).await;
        let said = "metric status target baseline stretch periodStart periodEnd agreement { key kind } agreementVersion { id number status
            body { ... on GoalBody { metric target marketingOwnerIds salesOwnerIds curve { kind } scope { types } } } }";
        let drafted = house.eva.sees("goal", &goal, said).await;
        assert_eq!(drafted, json!({ "metric": "REVENUE", "status": "DRAFT", "target": "2000000", "baseline": "0", "stretch": null,
            "periodStart": "2025-07-01", "periodEnd": "2025-10-01", "agreement": { "key": "Q3", "kind": "GOAL" },
            "agreementVersion": { "id": first, "number": 1, "status": "DRAFT", "body": { "metric": "REVENUE", "target": "2000000",
                "marketingOwnerIds": [house.mia.id()], "salesOwnerIds": [house.eva.id()], "curve": null, "scope": null } } }));
        let status = || async { house.eva.sees("goal", &goal, "status target agreementVersion { number }").await };
        house.mia.does("agreementVersion", "Propose", json!({ "id": first }), "id").await.data();
        assert_eq!(status().await["status"], "PROPOSED");
        house.mia.does("agreementVersion", "Approve", json!({ "id": first, "side": "MARKETING" }), "id").await.data();
        assert_eq!(status().await["status"], "PROPOSED", "one key is not enough");
        house.eva.does("agreementVersion", "Approve", json!({ "id": first, "side": "SALES" }), "id").await.data();
        assert_eq!(status().await["status"], "ACTIVE");
        house.backdate(&first, "2025-07-01T00:00:00Z").await;
        let told = progress(&house.mia, &[&goal], MIDDLE, "paceRatio status agreementVersionId").await;
        assert_eq!(told[0], json!({ "paceRatio": "0.85", "status": "AT_RISK", "agreementVersionId": first }));

        // a draft of the next version changes nothing until both have signed it
        let second = house.amended(&first, house.goal(json!({ "target": "1600000" })), "2025-08-20T00:00:00Z").await;
        assert_eq!(status().await, json!({ "status": "ACTIVE", "target": "1600000", "agreementVersion": { "number": 2 } }));
        let then = progress(&house.mia, &[&goal], MIDDLE, "target agreementVersionId paceRatio").await;
        assert_eq!(then[0], json!({ "target": "2000000.00", "agreementVersionId": first, "paceRatio": "0.85" }));
        let later = progress(&house.mia, &[&goal], "2025-08-21T00:00:00Z", "target agreementVersionId").await;
        assert_eq!(later[0], json!({ "target": "1600000.00", "agreementVersionId": second }));

        house.amended(&second, house.goal(json!({ "cancelled": true })), "2025-08-25T00:00:00Z").await;
        assert_eq!(status().await["status"], "CANCELLED");
        assert_eq!(house.keep().await, 0, "nobody works for it any more");
    }
}

on_both! {
    async fn parts_add_up_to_the_whole(app) {
        let house = House::of(&app).await;
        let kinds = ["NEW", "EXPANSION", "RENEWAL"];
        let rows = (0..24).map(|n: usize| {
            let mut row = closed(&house.stages["Won"], &format!("{}.{:02}", 100 + 37 * n, 7 * n % 100), &format!("0{}-{:02}", 7 + n % 3, 1 + n), 5);
            row["type"] = json!(kinds[n / 2 % 3]);
            row
        });
        bring(&house.ann, rows.collect()).await;
        let (whole, _) = house.agreed("All", house.goal(json!({})), "2025-07-01T00:00:00Z").await;
        let mut goals = vec![whole.clone()];
        for kind in kinds {
            let part = house.goal(json!({ "parentId": whole, "scope": { "types": [kind] }, "target": "500000" }));
            goals.push(house.agreed(kind, part, "2025-07-01T00:00:00Z").await.0);
        }
        let ids: Vec<&Value> = goals.iter().collect();
        let cents = |v: &Value| v["actual"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
        for day in ["2025-07-02", "2025-07-15", "2025-08-11", "2025-09-30", "2025-10-05"] {
            let told = progress(&house.ann, &ids, &format!("{day}T00:00:00Z"), "actual").await;
            let all: Vec<i64> = told.as_array().unwrap().iter().map(cents).collect();
            assert_eq!(all[0], all[1..].iter().sum::<i64>(), "{day}: {told}");
        }
    }
}
