//! Records made one, and parted again.

use api::{
    access::role::templates::Template,
    actor::{Permission, Reach},
};
use serde_json::Value;

use crate::{
    handoff::{contiguous, person},
    harness::{Answer, Person, json, on_both},
};

async fn merge(who: &Person<'_>, record: &str, input: Value, said: &str) -> Answer {
    let query = format!(
        "mutation($input: MergeInput!) {{ {record}Merge(input: $input) {{
            {record} {{ {said} }} merge {{ id }} changed moved {{ entity count }} userErrors {{ code message field }} }} }}"
    );
    who.ask(&query, json!({ "input": input })).await
}

async fn merged(who: &Person<'_>, record: &str, input: Value, said: &str) -> Value {
    let answer = merge(who, record, input, said).await;
    let done = answer.data()[format!("{record}Merge")].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    done
}

async fn undo(who: &Person<'_>, merge: &Value) -> Answer {
    let query = "mutation($id: ID!) { mergeUndo(input: { id: $id }) { restoredIds movedBack kept merge { undoneAt } userErrors { code message field } } }";
    who.ask(query, json!({ "id": merge })).await
}

on_both! {
    async fn a_leads_belongings_follow_and_its_old_id_leads_to_the_winner(app) {
        let ann = app.founder().await;
        let campaign = ann.has("campaign", json!({ "name": "Fair" })).await;
        let other = ann.has("campaign", json!({ "name": "Webinar" })).await;
        let winner = ann.has("lead", json!({ "lastName": "Doe", "email": "joe@x.example", "title": "CTO" })).await;
        let loser = ann.has("lead", json!({ "firstName": "Joe", "lastName": "Do", "email": "joe@y.example", "phone": "+4930123456" })).await;
        let call = ann.has("activity", json!({ "kind": "CALL", "subject": "Hi", "leadId": loser })).await;
        let deal = ann.has("opportunity", json!({ "name": "Deal", "sourceLeadId": loser })).await;
        ann.has("campaignMember", json!({ "campaignId": campaign, "leadId": winner })).await;
        ann.has("campaignMember", json!({ "campaignId": campaign, "leadId": loser, "step": "ATTENDED", "success": true })).await;
        ann.has("campaignMember", json!({ "campaignId": other, "leadId": loser })).await;
        ann.has("externalRef", json!({ "recordId": loser, "system": "hubspot", "externalId": "77" })).await;
        let said = "id firstName lastName email phone title activities { totalCount } opportunities { nodes { id } } campaignMembers(orderBy: [{ field: CREATED_AT }]) { nodes { step success } }";

        let picks = json!([{ "field": "email", "fromId": loser }]);
        let dry = merged(&ann, "lead", json!({ "winnerId": winner, "loserIds": [loser], "fieldPicks": picks, "dryRun": true }), "email").await;
        assert_eq!((&dry["lead"]["email"], &dry["changed"]["email"], &dry["merge"]), (&json!("joe@x.example"), &json!("joe@y.example"), &Value::Null));
        assert_eq!(ann.sees("lead", &loser, "status").await["status"], "NEW", "a dry run writes nothing");

        let done = merged(&ann, "lead", json!({ "winnerId": winner, "loserIds": [loser], "fieldPicks": picks }), said).await;
        let lead = &done["lead"];
        assert_eq!((&lead["firstName"], &lead["lastName"], &lead["email"], &lead["phone"], &lead["title"]),
            (&json!("Joe"), &json!("Doe"), &json!("joe@y.example"), &json!("+4930123456"), &json!("CTO")));
        assert_eq!((&lead["activities"]["totalCount"], &lead["opportunities"]["nodes"]), (&json!(1), &json!([{ "id": deal }])));
        assert_eq!(lead["campaignMembers"]["nodes"], json!([{ "step": "ATTENDED", "success": true }, { "step": "LISTED", "success": false }]));
        assert!(done["moved"].as_array().unwrap().contains(&json!({ "entity": "campaign_member", "count": 2 })), "{done}");

        let by = "query($id: ID!) { lead(by: { id: $id }) { id } node(id: $id) { id } nodes(ids: [$id]) { id }
            ref: lead(by: { externalRef: { system: \"hubspot\", externalId: \"77\" } }) { id } leads { totalCount } }";
        let found = ann.ask(by, json!({ "id": loser })).await;
        let same = json!({ "id": winner });
        assert_eq!(found.data(), &json!({ "lead": same, "node": same, "nodes": [same], "ref": same, "leads": { "totalCount": 1 } }));
        for (verb, input) in [("Update", json!({ "id": loser, "title": "X" })), ("Delete", json!({ "id": loser })), ("Restore", json!({ "id": loser }))] {
            assert_eq!(ann.does("lead", verb, input, "id").await.code(), "LOCKED", "{verb}");
        }
        let disqualify = json!({ "id": loser, "category": "NO_NEED" });
        assert_eq!(ann.does("lead", "Disqualify", disqualify, "id").await.code(), "LOCKED");

        ann.does("activity", "Update", json!({ "id": call, "subject": "Touched" }), "id").await.data();
        let back = undo(&ann, &done["merge"]["id"]).await;
        let back = &back.data()["mergeUndo"];
        assert_eq!((&back["restoredIds"], &back["kept"], &back["userErrors"]), (&json!([loser]), &json!(1), &json!([])));
        let loser_now = ann.sees("lead", &loser, said).await;
        assert_eq!((&loser_now["id"], &loser_now["email"], &loser_now["activities"]["totalCount"]), (&loser, &json!("joe@y.example"), &json!(0)));
        assert_eq!(loser_now["campaignMembers"]["nodes"], json!([{ "step": "ATTENDED", "success": true }, { "step": "LISTED", "success": false }]));
        let winner_now = ann.sees("lead", &winner, said).await;
        assert_eq!((&winner_now["firstName"], &winner_now["email"], &winner_now["phone"]), (&Value::Null, &json!("joe@x.example"), &Value::Null));
        assert_eq!((&winner_now["activities"]["totalCount"], &winner_now["campaignMembers"]["nodes"]), (&json!(1), &json!([{ "step": "LISTED", "success": false }])));
        assert_eq!(undo(&ann, &done["merge"]["id"]).await.code(), "LOCKED");
    }
}

on_both! {
    async fn contacts_keep_one_main_company_and_one_address(app) {
        let ann = app.founder().await;
        let (one, two) = (ann.has("account", json!({ "name": "One" })).await, ann.has("account", json!({ "name": "Two" })).await);
        let winner = ann.has("contact", json!({ "lastName": "Doe", "accountId": one })).await;
        let loser = ann.has("contact", json!({ "lastName": "Doe", "email": "joe@x.example", "accountId": two })).await;
        let third = ann.has("contact", json!({ "lastName": "Doe", "accountId": one })).await;
        let said = "email account { id } accountTies(orderBy: [{ field: CREATED_AT }]) { nodes { primary account { id } } }";
        let done = merged(&ann, "contact", json!({ "winnerId": winner, "loserIds": [loser, third] }), said).await;
        assert_eq!((&done["contact"]["email"], &done["contact"]["account"]["id"]), (&json!("joe@x.example"), &one), "a deleted row frees its address");
        let ties = json!([{ "primary": true, "account": { "id": one } }, { "primary": false, "account": { "id": two } }]);
        assert_eq!(done["contact"]["accountTies"]["nodes"], ties);
        let back = undo(&ann, &done["merge"]["id"]).await;
        assert_eq!(back.data()["mergeUndo"]["userErrors"], json!([]));
        let tie = |id: &Value| json!({ "nodes": [{ "primary": true, "account": { "id": id } }] });
        for (contact, account) in [(&winner, &one), (&loser, &two), (&third, &one)] {
            assert_eq!(ann.sees("contact", contact, said).await["accountTies"], tie(account));
        }
        assert_eq!(ann.sees("contact", &loser, said).await["email"], "joe@x.example");
        assert_eq!(ann.sees("contact", &winner, said).await["email"], Value::Null);
    }
}

on_both! {
    async fn accounts_bring_their_people_their_deals_and_their_standing(app) {
        let ann = app.founder().await;
        let winner = ann.has("account", json!({ "name": "Acme" })).await;
        let loser = ann.has("account", json!({ "name": "ACME Inc", "domain": "acme.example", "annualRevenue": { "amount": "5", "currency": "EUR" } })).await;
        let part = ann.has("account", json!({ "name": "Acme Labs", "parentId": loser })).await;
        ann.has("contact", json!({ "lastName": "Doe", "accountId": loser })).await;
        let deal = ann.has("opportunity", json!({ "name": "Deal", "accountId": loser, "amount": { "amount": "9", "currency": "EUR" } })).await;
        ann.does("opportunity", "Win", json!({ "id": deal }), "id").await.data();
        let lead = ann.has("lead", json!({ "email": "joe@acme.example" })).await;
        let said = "domain lifecycle annualRevenue { amount } children { nodes { id } } contacts { totalCount } contactTies { totalCount } opportunities { totalCount } matchedLeads { nodes { id } }";
        let done = merged(&ann, "account", json!({ "winnerId": winner, "loserIds": [loser] }), said).await;
        assert_eq!(done["account"], json!({ "domain": "acme.example", "lifecycle": "CUSTOMER", "annualRevenue": { "amount": "5.00" },
            "children": { "nodes": [{ "id": part }] }, "contacts": { "totalCount": 1 }, "contactTies": { "totalCount": 1 },
            "opportunities": { "totalCount": 1 }, "matchedLeads": { "nodes": [{ "id": lead }] } }));
        let back = undo(&ann, &done["merge"]["id"]).await;
        assert_eq!((&back.data()["mergeUndo"]["userErrors"], &back.data()["mergeUndo"]["kept"]), (&json!([]), &json!(0)));
        let loser_now = ann.sees("account", &loser, said).await;
        assert_eq!((&loser_now["domain"], &loser_now["opportunities"]["totalCount"], &loser_now["children"]["nodes"]), (&json!("acme.example"), &json!(1), &json!([{ "id": part }])));
        assert_eq!(ann.sees("account", &winner, said).await["domain"], Value::Null);

        let child = ann.has("account", json!({ "name": "Below", "parentId": winner })).await;
        let up = merged(&ann, "account", json!({ "winnerId": child, "loserIds": [winner] }), "parent { id }").await;
        assert_eq!(up["account"]["parent"], Value::Null, "it takes its parent's place");
    }
}

on_both! {
    async fn what_cannot_be_merged_is_refused_and_named(app) {
        let ann = app.founder().await;
        let new = ann.has("lead", json!({ "lastName": "A" })).await;
        let working = ann.has("lead", json!({ "lastName": "B", "status": "WORKING" })).await;
        let tried = |winner: &Value, losers: Value| {
            let input = json!({ "winnerId": winner, "loserIds": losers });
            merge(&ann, "lead", input, "id")
        };
        assert_eq!(tried(&new, json!([working])).await.code(), "INVALID_TRANSITION");
        assert_eq!(tried(&new, json!([new])).await.code(), "VALIDATION");
        assert_eq!(tried(&new, json!([])).await.code(), "VALIDATION");
        assert_eq!(tried(&working, json!([new, new])).await.code(), "VALIDATION");
        let nobody = tried(&new, json!(["lead_00000000000070008000000000000000"])).await;
        assert_eq!((nobody.code(), &nobody.data()["leadMerge"]["userErrors"][0]["field"]), ("NOT_FOUND", &json!(["input", "loserIds"])));
        let pick = json!({ "winnerId": working, "loserIds": [new], "fieldPicks": [{ "field": "status", "fromId": new }] });
        assert_eq!(merge(&ann, "lead", pick, "id").await.code(), "VALIDATION");
        let eve = app.founder().await;
        assert_eq!(merge(&eve, "lead", json!({ "winnerId": working, "loserIds": [new] }), "id").await.code(), "NOT_FOUND");
        merged(&ann, "lead", json!({ "winnerId": working, "loserIds": [new] }), "id").await;
        assert_eq!(tried(&working, json!([new])).await.code(), "LOCKED");
    }
}

on_both! {
    async fn merging_needs_its_right_and_every_record_within_reach(app) {
        let ann = app.founder().await;
        let home = ann.actor.organization;
        let (a, b) = (ann.has("lead", json!({ "lastName": "A" })).await, ann.has("lead", json!({ "lastName": "A" })).await);
        let input = json!({ "winnerId": a, "loserIds": [b] });
        for template in [Template::SalesRep, Template::MktUser, Template::Exec] {
            let who = app.with_rights(home, template.rights());
            assert_eq!(merge(&who, "lead", input.clone(), "id").await.code(), "FORBIDDEN");
        }
        // RevOps never deletes, and makes one what is the same
        let ops = app.with_rights(home, Template::Revops.rights());
        assert_eq!(ops.does("lead", "Delete", json!({ "id": b }), "id").await.code(), "FORBIDDEN");
        let done = merged(&ops, "lead", input.clone(), "id").await;
        assert_eq!(undo(&ops, &done["merge"]["id"]).await.data()["mergeUndo"]["restoredIds"], json!([b]));
        let held = [(Permission::LeadRead, Reach::ALL), (Permission::LeadUpdate, Reach::ALL), (Permission::LeadDelete, Reach::ALL)];
        assert_eq!(merge(&app.holding(home, &held), "lead", input.clone(), "id").await.code(), "FORBIDDEN", "deleting is another right");
        let own = Reach { scope: api::actor::Scope::Own, unassigned: false };
        let held = [(Permission::LeadRead, Reach::ALL), (Permission::LeadCreate, own), (Permission::LeadUpdate, own), (Permission::DuplicateMerge, Reach::ALL)];
        let who = app.holding(home, &held);
        let mine = who.has("lead", json!({ "lastName": "A" })).await;
        for (winner, loser) in [(&mine, &b), (&b, &mine)] {
            let tried = merge(&who, "lead", json!({ "winnerId": winner, "loserIds": [loser] }), "id").await;
            assert_eq!(tried.code(), "FORBIDDEN", "each of them must be within reach");
        }
        let manager = app.with_rights(home, Template::MktManager.rights());
        merged(&manager, "lead", input, "id").await;
    }
}

on_both! {
    async fn of_merges_that_overlap_one_wins(app) {
        let ann = app.founder().await;
        let mut ids = vec![];
        for n in 0..3 {
            ids.push(ann.has("lead", json!({ "lastName": format!("L{n}") })).await);
        }
        let one = |winner: usize, loser: usize| {
            let (app, ids, home) = (&app, &ids, ann.actor.organization);
            async move {
                let who = app.with_rights(home, api::actor::Rights::everything());
                let input = json!({ "winnerId": ids[winner], "loserIds": [ids[loser]] });
                merge(&who, "lead", input, "id").await
            }
        };
        let (x, y, z) = tokio::join!(one(0, 1), one(1, 0), one(2, 1));
        let done = [&x, &y, &z].iter().filter(|a| a.data()["leadMerge"]["userErrors"] == json!([])).count();
        let alive = ann.ask("{ leads { totalCount } }", json!({})).await.data()["leads"]["totalCount"].as_i64().unwrap();
        assert_eq!(alive, 3 - i64::try_from(done).unwrap(), "{} {} {}", x.0, y.0, z.0);
        assert!((1..=2).contains(&done), "a chain of two is no overlap of losers");
        for answer in [&x, &y, &z].iter().filter(|a| a.data()["leadMerge"]["userErrors"] != json!([])) {
            assert!(["LOCKED", "NOT_FOUND"].contains(&answer.code()), "{}", answer.0);
        }
    }
}

on_both! {
    async fn the_feed_says_what_became_of_it(app) {
        let ann = app.founder().await;
        let (a, b) = (ann.has("lead", json!({ "lastName": "A" })).await, ann.has("lead", json!({ "lastName": "A" })).await);
        let c = ann.has("lead", json!({ "lastName": "A" })).await;
        let first = merged(&ann, "lead", json!({ "winnerId": b, "loserIds": [a] }), "id").await;
        merged(&ann, "lead", json!({ "winnerId": c, "loserIds": [b] }), "id").await;
        let query = "{ changes(types: [\"Lead\"], first: 100) { nodes { op kind entityId mergedIntoId } } }";
        let mut told = vec![];
        for _ in 0..2400 {
            let page = ann.ask(query, json!({})).await;
            told = page.data()["changes"]["nodes"].as_array().unwrap().iter().filter(|n| n["op"] == "MERGED").cloned().collect();
            if told.len() == 2 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(told[0], json!({ "op": "MERGED", "kind": "lead.merged", "entityId": a, "mergedIntoId": null }), "its winner is no more");
        assert_eq!(told[1], json!({ "op": "MERGED", "kind": "lead.merged", "entityId": b, "mergedIntoId": c }));
        assert_eq!(ann.sees("lead", &a, "id").await["id"], c, "the first leads to the last");
        assert_eq!(undo(&ann, &first["merge"]["id"]).await.code(), "LOCKED", "undo the later one first");
    }
}

on_both! {
    async fn it_costs_the_same_for_twice_the_rows_and_ends_after_thirty_days(app) {
        let ann = app.founder().await;
        let mut costs = vec![];
        let mut last = Value::Null;
        for round in [5, 10] {
            let (a, b) = (ann.has("lead", json!({ "lastName": "A" })).await, ann.has("lead", json!({ "lastName": "A" })).await);
            for n in 0..round {
                ann.has("activity", json!({ "kind": "NOTE", "subject": format!("{n}"), "leadId": b })).await;
            }
            let before = app.store.statements();
            last = merged(&ann, "lead", json!({ "winnerId": a, "loserIds": [b] }), "id").await;
            costs.push(app.store.statements() - before);
        }
        assert_eq!(costs[0], costs[1]);
        let id = last["merge"]["id"].as_str().unwrap().parse().unwrap();
        let late = ann.actor.clone();
        let access = api::store::Access::new(app.store.clone(), late, None).at(chrono::Utc::now() + chrono::Duration::days(31));
        let refused = api::crm::merge::undo::<entity::lead::Entity>(&access, id).await.err().expect("too late");
        assert!(refused.to_string().contains("30 days"), "{refused}");
    }
}

on_both! {
    async fn a_lead_that_is_offered_takes_others_in_and_is_not_taken_in(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let sam = person(&app, Template::SalesRep, "sam").await;
        let (offered, other) = (ann.has_mql("joe@x.example").await, ann.has_mql("joe@y.example").await);
        let former = ann.offers(&other, json!({ "userId": sam.id() })).await;
        ann.does("handoff", "Withdraw", json!({ "id": former }), "id").await.data();
        ann.does("lead", "Nurture", json!({ "id": other }), "id").await.data();
        let offer = ann.offers(&offered, json!({ "userId": sam.id() })).await;
        let refused = merge(&ann, "lead", json!({ "winnerId": other, "loserIds": [offered] }), "id").await;
        assert_eq!(refused.code(), "INVALID_TRANSITION", "whoever it is offered to must answer first");

        let said = "status handoffs(orderBy: [{ field: OFFERED_AT }]) { nodes { id state } }";
        let done = merged(&ann, "lead", json!({ "winnerId": offered, "loserIds": [other] }), said).await;
        let handoffs = json!({ "nodes": [{ "id": former, "state": "WITHDRAWN" }, { "id": offer, "state": "PENDING" }] });
        assert_eq!(done["lead"], json!({ "status": "OFFERED", "handoffs": handoffs }));
        contiguous(&ann, &offered).await;
        let taken = sam.does("handoff", "Accept", json!({ "id": offer }), "state lead { id owner { name } }").await;
        assert_eq!(taken.data()["handoffAccept"]["handoff"], json!({ "state": "ACCEPTED", "lead": { "id": offered, "owner": { "name": "sam" } } }));
        let back = undo(&ann, &done["merge"]["id"]).await;
        assert_eq!(back.data()["mergeUndo"]["restoredIds"], json!([other]), "{}", back.0);
        assert_eq!(ann.sees("lead", &other, said).await["handoffs"]["nodes"], json!([{ "id": former, "state": "WITHDRAWN" }]));
        contiguous(&ann, &other).await;
    }
}

on_both! {
    async fn values_that_fit_their_fields_no_more_stay_with_the_loser(app) {
        let ann = app.founder().await;
        let field = async |key: &str, kind: &str, options: Value| {
            ann.has("customField", json!({ "entity": "account", "key": key, "label": key, "kind": kind, "options": options })).await
        };
        let old = field("old", "TEXT", json!([])).await;
        let tier = field("tier", "CHOICE", json!(["gold", "silver"])).await;
        field("seats", "NUMBER", json!([])).await;
        let winner = ann.has("account", json!({ "name": "A" })).await;
        let own = json!({ "old": "x", "tier": "gold", "seats": 5 });
        let loser = ann.has("account", json!({ "name": "A", "customFields": own })).await;
        assert_eq!(ann.does("customField", "Delete", json!({ "id": old }), "id").await.code(), "");
        assert_eq!(ann.does("customField", "Update", json!({ "id": tier, "options": ["silver"] }), "id").await.code(), "");
        let done = merged(&ann, "account", json!({ "winnerId": winner, "loserIds": [loser] }), "customFields").await;
        assert_eq!(done["account"]["customFields"], json!({ "seats": 5 }));
        assert_eq!(undo(&ann, &done["merge"]["id"]).await.code(), "");
        assert_eq!(ann.sees("account", &winner, "customFields").await["customFields"], json!({}));
        assert_eq!(ann.sees("account", &loser, "customFields").await["customFields"], own, "nothing is lost");
    }
}
