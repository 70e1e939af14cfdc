//! What is to bring a goal nearer: scored by each side for itself, ranked by both, and what it is expected to bring.

use api::actor::Via;
use entity::id::ApiKeyId;

use super::*;

const RANKED: &str =
    "query($o: InitiativeOrder!, $after: String) { initiatives(first: 2, after: $after, orderBy: [$o]) {
    nodes { name rankProduct rankMean } pageInfo { hasNextPage endCursor } } }";

impl House<'_> {
    async fn suggests(&self, goal: &Value, name: &str) -> Value {
        self.mia.has("initiative", json!({ "goalId": goal, "name": name, "impactShare": "20" })).await
    }

    async fn scores(&self, initiative: &Value, side: &str, [impact, confidence, ease]: [i32; 3]) {
        let who = if side == "SALES" { &self.eva } else { &self.mia };
        let done = score(who, initiative, side, [impact, confidence, ease]).await;
        assert_eq!(done.code(), "", "{}", done.0);
    }

    /// The names in this order, page by page.
    async fn ranked(&self, by: &str) -> Vec<String> {
        let (mut names, mut after) = (vec![], Value::Null);
        loop {
            let order = json!({ "field": by, "direction": "DESC", "nulls": "LAST" });
            let page = self.eva.ask(RANKED, json!({ "o": order, "after": after })).await.data()["initiatives"].clone();
            let nodes = page["nodes"].as_array().unwrap().iter();
            names.extend(nodes.map(|node| node["name"].as_str().unwrap().to_owned()));
            if page["pageInfo"]["hasNextPage"] == false {
                return names;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }
}

async fn score(
    who: &Person<'_>,
    initiative: &Value,
    side: &str,
    [impact, confidence, ease]: [i32; 3],
) -> crate::harness::Answer {
    let input = json!({ "id": initiative, "side": side, "impact": impact, "confidence": confidence, "ease": ease });
    who.does("initiative", "Score", input, "id").await
}

async fn contributions(who: &Person<'_>, initiatives: &[&Value], as_of: &str, said: &str) -> Value {
    let query =
        format!("query($ids: [ID!]!, $at: DateTime) {{ initiativeContributions(ids: $ids, asOf: $at) {{ {said} }} }}");
    who.ask(&query, json!({ "ids": initiatives, "at": as_of })).await.data()["initiativeContributions"].clone()
}

const SCORES: &str =
    "marketingScore { impact confidence ease product mean } marketingScorer { id } salesScore { product mean }
    salesScoredAt rankProduct rankMean disagreements disagreed status owner { id } impactShare version";

on_both! {
    async fn both_sides_score_eight_by_six_by_five_apart_and_it_is_ranked_by_both(app) {
        let house = House::of(&app).await;
        house.sells().await;
        let (goal, _) = house.drafted("Q3", house.goal(json!({}))).await;
        let webinar = house.suggests(&goal, "Webinars").await;
        let said = "gap expectedContribution unit currency withheld";
        let waits = json!([{ "gap": "1150000.00", "expectedContribution": null, "unit": "MONEY", "currency": "EUR", "withheld": false }]);
        assert_eq!(contributions(&house.eva, &[&webinar], MIDDLE, said).await, waits);
        house.scores(&webinar, "MARKETING", [8, 6, 5]).await;
        let alone = house.eva.sees("initiative", &webinar, SCORES).await;
        assert_eq!(alone["marketingScore"], json!({ "impact": 8, "confidence": 6, "ease": 5, "product": 240, "mean": "6.333333" }));
        assert_eq!([&alone["salesScore"], &alone["salesScoredAt"], &alone["rankProduct"], &alone["rankMean"]], [&Value::Null; 4]);
        assert_eq!((&alone["disagreements"], &alone["impactShare"]), (&json!([]), &json!("20")));
        assert_eq!((&alone["owner"]["id"], &alone["marketingScorer"]["id"]), (&house.mia.id(), &house.mia.id()));

        house.scores(&webinar, "SALES", [8, 6, 5]).await;
        let both = house.mia.sees("initiative", &webinar, SCORES).await;
        assert_eq!((&both["rankProduct"], &both["rankMean"]), (&json!("240"), &json!("6.333333")));
        assert_eq!((&both["salesScore"], &both["disagreed"]), (&json!({ "product": 240, "mean": "6.333333" }), &json!(false)));
        let told = contributions(&house.eva, &[&webinar, &webinar], MIDDLE, "gap expectedContribution goalId initiativeId").await;
        let one = json!({ "gap": "1150000.00", "expectedContribution": "138000.00", "goalId": goal, "initiativeId": webinar });
        assert_eq!(told, json!([one, one]));

        // sales thinks again: less of the impact, and not sure at all
        house.scores(&webinar, "SALES", [5, 3, 7]).await;
        let now = house.mia.sees("initiative", &webinar, SCORES).await;
        assert_eq!((&now["rankProduct"], &now["rankMean"]), (&json!("172.5"), &json!("5.666667")));
        assert_eq!((&now["disagreements"], &now["disagreed"]), (&json!(["IMPACT", "CONFIDENCE"]), &json!(true)));
        let told = contributions(&house.eva, &[&webinar], MIDDLE, "expectedContribution").await;
        assert_eq!(told[0]["expectedContribution"], "103500.00");
        app.numbered().await;
        let feed = house.ann.ask("{ changes(first: 100, types: [\"Initiative\"]) { nodes { kind } } }", json!({})).await;
        let kinds: Vec<_> = feed.data()["changes"]["nodes"].as_array().unwrap().iter().map(|n| n["kind"].clone()).collect();
        assert_eq!(kinds.iter().filter(|kind| **kind == "initiative.scored").count(), 3, "{kinds:?}");
        // what is over brings nothing more
        assert_eq!(house.eva.does("initiative", "Drop", json!({ "id": webinar, "reason": "Over" }), "status").await.code(), "");
        let told = contributions(&house.eva, &[&webinar], MIDDLE, "gap expectedContribution").await;
        assert_eq!(told, json!([{ "gap": "1150000.00", "expectedContribution": null }]));
    }
}

on_both! {
    async fn a_gap_that_is_closed_brings_nothing_and_one_below_zero_brings_less(app) {
        let house = House::of(&app).await;
        house.sells().await;
        let (done, _) = house.drafted("Done", house.goal(json!({ "target": "800000" }))).await;
        let less = json!({ "metric": "SALES_CYCLE", "baseline": "20", "target": "4" });
        let (fast, _) = house.drafted("Fast", house.goal(less)).await;
        let mut ids = vec![];
        for goal in [&done, &fast] {
            let id = house.suggests(goal, "It").await;
            house.scores(&id, "MARKETING", [5, 5, 5]).await;
            house.scores(&id, "SALES", [5, 5, 5]).await;
            ids.push(id);
        }
        let told = contributions(&house.eva, &[&ids[0], &ids[1]], MIDDLE, "gap expectedContribution unit").await;
        assert_eq!(told, json!([
            { "gap": "0.00", "expectedContribution": "0.00", "unit": "MONEY" },
            { "gap": "-6", "expectedContribution": "-0.6", "unit": "DAYS" }]));
        let nothing = json!([null]);
        let nobody = json!("initiative_00000000000070008000000000000000");
        assert_eq!(contributions(&house.eva, &[&nobody], MIDDLE, "gap").await, nothing);
        let query = "query($ids: [ID!]!) { initiativeContributions(ids: $ids) { gap } }";
        for ids in [json!([]), json!([done]), json!(vec![&ids[0]; 101])] {
            assert_eq!(house.eva.ask(query, json!({ "ids": ids })).await.code(), "BAD_USER_INPUT", "{ids}");
        }
    }
}

on_both! {
    async fn the_backlog_is_ranked_by_products_or_means_and_ties_follow_by_id(app) {
        let house = House::of(&app).await;
        let (goal, _) = house.drafted("Q3", house.goal(json!({}))).await;
        for (name, marketing, sales) in [
            ("lopsided", [10, 10, 1], [10, 10, 1]),
            ("even", [5, 5, 5], [5, 5, 5]),
            ("tie one", [8, 6, 5], [4, 4, 4]),
            ("tie two", [4, 4, 4], [5, 6, 8]),
        ] {
            let id = house.suggests(&goal, name).await;
            house.scores(&id, "MARKETING", marketing).await;
            house.scores(&id, "SALES", sales).await;
        }
        let half = house.suggests(&goal, "half").await;
        house.scores(&half, "MARKETING", [10, 10, 10]).await;
        // products: 152, 152, 125, 100; means: 7, 5.166667 twice, 5
        assert_eq!(house.ranked("RANK_PRODUCT").await, ["tie two", "tie one", "even", "lopsided", "half"]);
        assert_eq!(house.ranked("RANK_MEAN").await, ["lopsided", "tie two", "tie one", "even", "half"]);
        let query = "query($g: ID!) { goal(by: { id: $g }) { initiatives(first: 2, filter: { rankProduct: { gte: \"120.5\" } },
            orderBy: [{ field: RANK_PRODUCT, direction: DESC, nulls: LAST }]) { totalCount nodes { name } } }
            initiatives(filter: { salesScoredAt: { isNull: true } }) { nodes { name } }
            apart: initiatives(filter: { disagreed: { eq: true } }) { totalCount } }";
        let seen = house.eva.ask(query, json!({ "g": goal })).await;
        assert_eq!(seen.data()["goal"]["initiatives"], json!({ "totalCount": 3, "nodes": [{ "name": "tie two" }, { "name": "tie one" }] }));
        assert_eq!((&seen.data()["initiatives"]["nodes"], &seen.data()["apart"]["totalCount"]), (&json!([{ "name": "half" }]), &json!(2)));
    }
}

on_both! {
    async fn nobody_scores_for_a_side_that_is_not_theirs(app) {
        let house = House::of(&app).await;
        let (goal, _) = house.drafted("Q3", house.goal(json!({}))).await;
        let id = house.suggests(&goal, "Webinars").await;
        let eight = [8, 6, 5];
        assert_eq!(score(&house.mia, &id, "SALES", eight).await.code(), "FORBIDDEN");
        assert_eq!(score(&house.eva, &id, "MARKETING", eight).await.code(), "FORBIDDEN");
        // the boss holds both keys and stands on no side: one of them only
        assert_eq!(score(&house.ann, &id, "SALES", eight).await.code(), "");
        assert_eq!(score(&house.ann, &id, "MARKETING", eight).await.code(), "LOCKED");
        // whoever stands on the other side is held back whatever their rights are
        let mut eva = house.app.with_rights(house.eva.actor.organization, Rights::everything());
        eva.actor.user = house.eva.actor.user;
        assert_eq!(score(&eva, &id, "MARKETING", eight).await.code(), "LOCKED");
        eva.actor.via = Via::ApiKey(ApiKeyId::from_uuid(uuid::Uuid::now_v7()));
        assert_eq!(score(&eva, &id, "SALES", eight).await.code(), "FORBIDDEN");
        for wrong in [[0, 5, 5], [5, 11, 5], [5, 5, -1]] {
            assert_eq!(score(&house.mia, &id, "MARKETING", wrong).await.code(), "VALIDATION");
        }
        let nobody = json!("initiative_00000000000070008000000000000000");
        assert_eq!(score(&house.mia, &nobody, "MARKETING", eight).await.code(), "NOT_FOUND");
        let stale = json!({ "id": id, "side": "MARKETING", "impact": 1, "confidence": 1, "ease": 1, "expectedVersion": 1 });
        assert_eq!(house.mia.does("initiative", "Score", stale, "id").await.code(), "CONFLICT");
        for share in ["0", "100.01", "-1"] {
            let input = json!({ "goalId": goal, "name": "Share", "impactShare": share });
            assert_eq!(house.mia.makes("initiative", input).await.code(), "VALIDATION", "{share}");
        }
    }
}

on_both! {
    async fn an_initiative_is_begun_and_finished_or_dropped_and_its_scores_then_stay(app) {
        let house = House::of(&app).await;
        let (goal, _) = house.drafted("Q3", house.goal(json!({}))).await;
        let id = house.suggests(&goal, "Webinars").await;
        let step = async |verb: &str, more: Value| {
            let mut input = json!({ "id": id });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            house.eva.does("initiative", verb, input, "status dropReason").await
        };
        assert_eq!(step("Finish", json!({})).await.code(), "INVALID_TRANSITION");
        let dropped = step("Drop", json!({ "reason": "Too dear" })).await;
        assert_eq!(dropped.data()["initiativeDrop"]["initiative"], json!({ "status": "DROPPED", "dropReason": "Too dear" }));
        assert_eq!(score(&house.mia, &id, "MARKETING", [1, 1, 1]).await.code(), "LOCKED");
        let again = step("Reopen", json!({})).await;
        assert_eq!(again.data()["initiativeReopen"]["initiative"], json!({ "status": "PROPOSED", "dropReason": null }));
        assert_eq!(step("Activate", json!({})).await.code(), "");
        house.scores(&id, "MARKETING", [1, 2, 3]).await;
        assert_eq!(step("Finish", json!({})).await.code(), "");
        assert_eq!(score(&house.mia, &id, "MARKETING", [1, 1, 1]).await.code(), "LOCKED");
        assert_eq!(step("Reopen", json!({})).await.code(), "INVALID_TRANSITION");
        assert_eq!(house.eva.sees("initiative", &id, "status marketingScore { product }").await, json!({ "status": "DONE", "marketingScore": { "product": 6 } }));
    }
}

on_both! {
    async fn what_initiatives_bring_costs_the_same_for_more_of_them(app) {
        let house = House::of(&app).await;
        let (goal, _) = house.drafted("Q3", house.goal(json!({}))).await;
        let list = "{ initiatives(first: 50, orderBy: [{ field: RANK_PRODUCT, direction: DESC, nulls: LAST }]) { nodes {
            name goal { status } owner { name } marketingScore { product } salesScorer { name } disagreements } } }";
        let brings = "query($ids: [ID!]!) { initiativeContributions(ids: $ids) { gap expectedContribution } }";
        let (mut ids, mut costs) = (vec![], vec![]);
        for round in 0..2 {
            for n in 0..3 {
                ids.push(house.suggests(&goal, &format!("{round}{n}")).await);
            }
            costs.push((statements(&house, list, json!({})).await, statements(&house, brings, json!({ "ids": ids })).await));
        }
        assert_eq!(costs[0], costs[1]);
        assert!(costs[0].0 <= 4 && costs[0].1 <= 7, "{costs:?}");
    }
}

on_both! {
    async fn the_only_administrator_scores_for_both_in_solo_mode(app) {
        let house = House::of(&app).await;
        let (goal, _) = house.drafted("Q3", house.goal(json!({}))).await;
        let id = house.suggests(&goal, "Webinars").await;
        let organization = house.ann.actor.organization;
        let mut solo = app.with_rights(organization, Template::Admin.rights());
        solo.actor.user = house.ann.actor.user;
        let mode = async |on: bool| {
            let input = json!({ "id": organization.to_string(), "soloMode": on });
            assert_eq!(solo.does("organization", "Update", input, "id").await.code(), "");
        };
        assert_eq!(score(&solo, &id, "SALES", [8, 6, 5]).await.code(), "FORBIDDEN");
        mode(true).await;
        for side in ["SALES", "MARKETING"] {
            assert_eq!(score(&solo, &id, side, [8, 6, 5]).await.code(), "", "{side}");
        }
        assert_eq!(solo.sees("initiative", &id, "rankProduct").await["rankProduct"], "240");
        // not alone any more
        person(&app, Template::Admin, "bea").await;
        assert_eq!(score(&solo, &id, "SALES", [1, 1, 1]).await.code(), "FORBIDDEN");
        mode(false).await;
        assert_eq!(score(&solo, &id, "SALES", [1, 1, 1]).await.code(), "FORBIDDEN");
    }
}

on_both! {
    async fn what_few_records_would_tell_is_not_told_by_what_is_missing(app) {
        let house = House::of(&app).await;
        house.sells().await;
        let rep = app.holding(house.ann.actor.organization, &[
            (Permission::AgreementRead, Reach::ALL),
            (Permission::InitiativeRead, Reach::ALL),
            (Permission::MetricRead, Reach::ALL),
            (Permission::OpportunityRead, Reach { scope: Scope::Own, unassigned: false }),
        ]);
        let (goal, _) = house.drafted("Q3", house.goal(json!({}))).await;
        let id = house.suggests(&goal, "Webinars").await;
        house.scores(&id, "MARKETING", [8, 6, 5]).await;
        house.scores(&id, "SALES", [8, 6, 5]).await;
        // by the end of July two sales count, by the end of the quarter six
        let said = "gap expectedContribution withheld";
        let early = "2025-08-01T00:00:00Z";
        let seen = json!([{ "gap": "1660000.00", "expectedContribution": "199200.00", "withheld": false }]);
        assert_eq!(contributions(&house.ann, &[&id], early, said).await, seen);
        let hidden = json!([{ "gap": null, "expectedContribution": null, "withheld": true }]);
        assert_eq!(contributions(&rep, &[&id], early, said).await, hidden);
        assert_eq!(contributions(&rep, &[&id], "2025-10-01T00:00:00Z", "gap withheld").await, json!([{ "gap": "1050000.00", "withheld": false }]));
    }
}
