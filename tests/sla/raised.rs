//! What time raises, once and on any node; leads that nobody looks after; alerts; answers that race.

use futures_util::StreamExt;

use super::*;

on_both! {
    async fn risk_and_breach_are_raised_once_by_whichever_node(app) {
        let ann = app.founder().await;
        let mut body = hour();
        body["ladder"] = json!([{ "afterPct": 90, "action": "NOTIFY" }, { "afterPct": 150, "action": "RECLAIM" }]);
        ann.promises(body).await;
        let lead = ann.lead_in(lead::Status::Accepted, Utc::now()).await;
        ann.waits(Kind::FirstResponse, lead, Utc::now()).await;
        let answered = ann.lead_in(lead::Status::Accepted, Utc::now()).await;
        ann.waits(Kind::FirstResponse, answered, Utc::now()).await;
        ann.meets(Kind::FirstResponse, answered, Utc::now()).await;
        let nodes = [Node::start(&app).await, Node::start(&app).await];
        let runners = nodes.each_ref().map(|node| tokio::spawn(jobs::run(node.store.clone(), work::handlers(&Retention::default()))));
        let later = |minutes: i64| nodes.iter().for_each(|node| node.later(minutes * 60));
        later(49);
        until(&app.store, "event WHERE kind = 'sla.at_risk'").await;
        assert_eq!(told(&app, "sla.breached").await + told(&app, "sla.escalated").await, 0);
        later(6);
        until(&app.store, "event WHERE kind = 'sla.escalated'").await;
        let notes = ann.ask("{ notifications { nodes { id kind subject subjectId user { id } readAt } } }", json!({})).await;
        let note = notes.data()["notifications"]["nodes"][0].clone();
        assert_eq!(note["subjectId"], ann.clocks(lead).await[0]["id"]);
        let read = ann.does("notification", "Read", json!({ "id": note["id"] }), "readAt").await;
        assert!(read.data()["notificationRead"]["notification"]["readAt"].is_string());
        later(6);
        until(&app.store, "event WHERE kind = 'sla.breached'").await;
        later(30);
        until(&app.store, "event WHERE kind = 'sla.reclaim'").await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        for kind in ["sla.at_risk", "sla.escalated", "sla.breached", "sla.reclaim"] {
            assert_eq!(told(&app, kind).await, 1, "{kind}");
        }
        let clock = &ann.clocks(lead).await[0];
        assert_eq!((&clock["status"], &clock["escalations"], &clock["metAt"]), (&json!("BREACHED"), &json!(2), &json!(null)));
        assert_eq!(clock["lead"]["status"], "RECYCLED", "taken back");
        // here it is not late yet: what is done in time counts, whoever raised the breach before
        ann.call(lead, json!({})).await;
        let clock = &ann.clocks(lead).await[0];
        assert!(clock["status"] == "MET" && clock["metAt"].is_string());
        assert_eq!((told(&app, "sla.met").await, count(&app.store, "job WHERE failed_at IS NOT NULL").await), (2, 0));
        runners.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

on_both! {
    async fn a_breach_survives_the_node_that_was_to_raise_it(app) {
        let ann = app.founder().await;
        ann.promises(hour()).await;
        let lead = ann.lead_in(lead::Status::Accepted, Utc::now()).await;
        ann.waits(Kind::FirstResponse, lead, Utc::now() - TimeDelta::hours(2)).await;
        let hang = Handlers::default().on(sla::WATCH, |_, _| std::future::pending());
        let first = Node::start(&app).await;
        let killed = tokio::spawn(jobs::run(first.store.clone(), hang));
        until(&app.store, "job WHERE kind = 'sla.watch' AND attempts = 1").await;
        killed.abort();
        let other = Node::start(&app).await;
        other.later(31);
        let runner = tokio::spawn(jobs::run(other.store.clone(), work::handlers(&Retention::default())));
        until(&app.store, "event WHERE kind = 'sla.breached'").await;
        assert_eq!((told(&app, "sla.at_risk").await, told(&app, "sla.breached").await), (1, 1));
        assert_eq!(ann.clocks(lead).await[0]["status"], "BREACHED");
        runner.abort();
    }
}

on_both! {
    async fn a_rolled_back_handoff_leaves_neither_clock_nor_job(app) {
        let ann = app.founder().await;
        ann.promises(hour()).await;
        let lead = ann.lead_in(lead::Status::Offered, Utc::now()).await;
        let jobs = count(&app.store, "job WHERE kind = 'sla.watch'").await;
        let mut tx = ann.access().begin(Permission::LeadUpdate).await.unwrap();
        sla::start(&mut tx, &[ann.begin(Kind::Accept, lead, Utc::now())]).await.unwrap();
        drop(tx);
        assert!(ann.clocks(lead).await.is_empty());
        assert_eq!(count(&app.store, "job WHERE kind = 'sla.watch'").await, jobs);
        let one = rows(&app.store, "SELECT COUNT(*) FROM sla_clock").await[0].try_get_by_index::<i64>(0).unwrap();
        assert_eq!(one, 0);
    }
}

on_both! {
    async fn many_clocks_cost_the_statements_of_one(app) {
        let ann = app.founder().await;
        ann.promises(hour()).await;
        let mut counts = vec![];
        for size in [2, 20] {
            let mut begins = vec![];
            for _ in 0..size {
                let lead = ann.lead_in(lead::Status::Offered, Utc::now()).await;
                begins.push(ann.begin(Kind::Accept, lead, Utc::now()));
            }
            let mut tx = ann.access().begin(Permission::LeadUpdate).await.unwrap();
            let before = app.store.statements();
            sla::start(&mut tx, &begins).await.unwrap();
            counts.push(app.store.statements() - before);
            tx.commit(json!(null)).await.unwrap();
        }
        assert!(counts[0] == counts[1] && counts[0] <= 8, "{counts:?}");
    }
}

on_both! {
    async fn leads_that_nobody_looks_after_are_listed(app) {
        let ann = app.founder().await;
        let old = Utc::now() - TimeDelta::hours(48);
        let (fresh, left, called) = (ann.lead_in(lead::Status::Mql, Utc::now()).await, ann.lead_in(lead::Status::Mql, old).await, ann.lead_in(lead::Status::Accepted, old).await);
        let ghost = ann.lead_in(lead::Status::Accepted, old).await;
        let earlier = (old - TimeDelta::hours(1)).to_rfc3339();
        ann.call(called, json!({ "kind": "NOTE", "direction": null, "happenedAt": (old + TimeDelta::hours(1)).to_rfc3339() })).await;
        ann.call(ghost, json!({ "happenedAt": earlier })).await;
        let list = |name: &str| format!("{{ {name}(olderThanHours: 24, first: 10) {{ totalCount nodes {{ id }} pageInfo {{ hasNextPage }} }} }}");
        let ids = |answer: &Value| {
            let mut ids: Vec<String> = answer["nodes"].as_array().unwrap().iter().map(|n| n["id"].as_str().unwrap().to_owned()).collect();
            ids.sort();
            ids
        };
        let sorted = |leads: &[LeadId]| {
            let mut ids: Vec<String> = leads.iter().map(ToString::to_string).collect();
            ids.sort();
            ids
        };
        let untouched = ann.ask(&list("untouchedLeads"), json!({})).await;
        assert_eq!(ids(&untouched.data()["untouchedLeads"]), sorted(&[left, called, ghost]), "a note is no contact");
        assert_eq!(untouched.data()["untouchedLeads"]["totalCount"], 3);
        let ghosts = ann.ask(&list("ghostAcceptedLeads"), json!({})).await;
        assert_eq!(ids(&ghosts.data()["ghostAcceptedLeads"]), sorted(&[ghost]));
        ann.call(left, json!({})).await;
        let untouched = ann.ask(&list("untouchedLeads"), json!({})).await;
        assert_eq!(ids(&untouched.data()["untouchedLeads"]), sorted(&[called, ghost]));
        let page = ann.ask("{ untouchedLeads(first: 1) { nodes { id } pageInfo { endCursor hasNextPage } } }", json!({})).await;
        let info = page.data()["untouchedLeads"]["pageInfo"].clone();
        assert_eq!(info["hasNextPage"], true);
        let next = "query($after: String) { untouchedLeads(first: 1, after: $after) { nodes { id } pageInfo { hasNextPage } } }";
        let next = ann.ask(next, json!({ "after": info["endCursor"] })).await;
        assert_eq!(next.data()["untouchedLeads"]["pageInfo"]["hasNextPage"], false);
        assert_ne!(next.data()["untouchedLeads"]["nodes"], page.data()["untouchedLeads"]["nodes"]);
        let bad = ann.ask("{ untouchedLeads(olderThanHours: -1) { totalCount } }", json!({})).await;
        assert_eq!(bad.code(), "BAD_USER_INPUT");
        for page in ["first: -1", "first: 1000", "last: 0", "after: \"x\""] {
            for list in ["untouchedLeads", "ghostAcceptedLeads"] {
                assert_eq!(ann.ask(&format!("{{ {list}({page}) {{ nodes {{ id }} }} }}"), json!({})).await.code(), "BAD_USER_INPUT", "{page}");
            }
        }
        let rep = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        assert_eq!(rep.ask(&list("untouchedLeads"), json!({})).await.data()["untouchedLeads"]["totalCount"], 0);
        assert_ne!(fresh, left);
    }
}

on_both! {
    async fn alerts_come_to_those_who_may_see_the_clock(app) {
        let ann = app.founder().await;
        ann.promises(hour()).await;
        let other = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        app.numbered().await;
        let follow = async |who: &Person<'_>| {
            let now = who.ask("{ changes { latestCursor } }", json!({})).await.data()["changes"]["latestCursor"].clone();
            let alerts = "subscription($after: String) { slaAtRisk(after: $after) { cursor at clock { status lead { id } } } }";
            who.stream(alerts, &now)
        };
        let (mut mine, mut theirs) = (follow(&ann).await, follow(&other).await);
        let lead = ann.lead_in(lead::Status::Accepted, Utc::now()).await;
        ann.waits(Kind::FirstResponse, lead, Utc::now() - TimeDelta::minutes(50)).await;
        let runner = tokio::spawn(jobs::run(app.store.clone(), work::handlers(&Retention::default())));
        let told = tokio::time::timeout(PATIENCE, mine.next()).await.expect("an alert").unwrap();
        assert_eq!(told["data"]["slaAtRisk"]["clock"], json!({ "status": "PENDING", "lead": { "id": lead.to_string() } }), "{told}");
        let silent = tokio::time::timeout(Duration::from_millis(500), theirs.next()).await;
        assert!(silent.is_err(), "{silent:?}");
        runner.abort();
    }
}

/// Answers and the clock's end race: whoever comes first, there is one end.
mod race {
    use super::*;

    on_both! {
        async fn ten_answers_at_once_end_a_clock_once(app) {
            let ann = app.founder().await;
            ann.promises(hour()).await;
            let lead = ann.lead_in(lead::Status::Accepted, Utc::now()).await;
            ann.waits(Kind::FirstResponse, lead, Utc::now()).await;
            let calls = (0..10).map(|_| ann.call(lead, json!({})));
            futures_util::future::join_all(calls).await;
            let clocks = ann.clocks(lead).await;
            assert_eq!((clocks.len(), &clocks[0]["status"], &clocks[0]["lead"]["status"]), (1, &json!("MET"), &json!("WORKING")));
            assert_eq!((told(&app, "sla.met").await, told(&app, "lead.moved").await), (1, 1));
        }
    }
}
