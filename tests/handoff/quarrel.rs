//! Disputes, feedback, and who is told of offers.

use super::*;

on_both! {
    async fn a_dispute_ends_when_a_manager_of_each_side_signs_the_same(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let (mia, eva) = (person(&app, Template::MktManager, "mia").await, person(&app, Template::SalesManager, "eva").await);
        let (sam, ops) = (person(&app, Template::SalesRep, "sam").await, person(&app, Template::Revops, "ops").await);
        ann.does("user", "Update", json!({ "id": sam.id(), "reportsToId": eva.id() }), "id").await.data();
        let reason = ann.reason("CAPACITY", 30).await;
        let rejected = async |email: &str| {
            let lead = ann.has_mql(email).await;
            let offer = ann.offers(&lead, json!({ "userId": sam.id() })).await;
            assert_eq!(mia.does("handoff", "Dispute", json!({ "id": offer, "claim": "x" }), "id").await.code(), "INVALID_TRANSITION");
            sam.does("handoff", "Reject", json!({ "id": offer, "reasonId": reason }), "id").await.data();
            let opened = mia.does("handoff", "Dispute", json!({ "id": offer, "claim": "It met every criterion", "evidence": [lead] }), "disputes { nodes { id status claim } }").await;
            let dispute = opened.data()["handoffDispute"]["handoff"]["disputes"]["nodes"][0].clone();
            assert_eq!((&dispute["status"], &dispute["claim"]), (&json!("OPEN"), &json!("It met every criterion")));
            assert_eq!(eva.does("handoff", "Dispute", json!({ "id": offer, "claim": "again" }), "id").await.code(), "DUPLICATE");
            (offer, dispute["id"].clone())
        };
        let said = "status verdict handoff { overturned }";
        let miss = |id: &Value, verdict: &str| json!({ "id": id, "verdict": verdict, "resolution": "Both looked" });

        let (_, dispute) = rejected("a@example.com").await;
        for nobody in [&ann, &sam, &ops, &eva] {
            assert_eq!(nobody.does("dispute", "SignMarketing", miss(&dispute, "SALES_MISS"), "id").await.code(), "FORBIDDEN");
        }
        assert_eq!(mia.does("dispute", "SignSales", miss(&dispute, "SALES_MISS"), "id").await.code(), "FORBIDDEN");
        assert_eq!(ops.does("dispute", "BreakTie", miss(&dispute, "SALES_MISS"), "id").await.code(), "CRITERIA_UNMET");
        let one = mia.does("dispute", "SignMarketing", miss(&dispute, "SALES_MISS"), said).await;
        assert_eq!(one.data()["disputeSignMarketing"]["dispute"], json!({ "status": "UNDER_REVIEW", "verdict": null, "handoff": { "overturned": false } }));
        let both = eva.does("dispute", "SignSales", miss(&dispute, "SALES_MISS"), said).await;
        assert_eq!(both.data()["disputeSignSales"]["dispute"], json!({ "status": "UPHELD", "verdict": "SALES_MISS", "handoff": { "overturned": true } }));
        assert_eq!(eva.does("dispute", "SignSales", miss(&dispute, "DATA_ERROR"), "id").await.code(), "INVALID_TRANSITION");
        let figures = ann.ask("{ handoffAggregate { accepted rejected } }", json!({})).await;
        assert_eq!(figures.data()["handoffAggregate"][0], json!({ "accepted": 1, "rejected": 0 }), "overturned by verdict");

        let (_, dispute) = rejected("b@example.com").await;
        mia.does("dispute", "SignMarketing", miss(&dispute, "SALES_MISS"), said).await.data();
        let differ = eva.does("dispute", "SignSales", miss(&dispute, "MARKETING_MISS"), said).await;
        assert_eq!(differ.data()["disputeSignSales"]["dispute"]["status"], "UNDER_REVIEW");
        let tie = ops.does("dispute", "BreakTie", miss(&dispute, "MARKETING_MISS"), said).await;
        assert_eq!(tie.data()["disputeBreakTie"]["dispute"], json!({ "status": "DENIED", "verdict": "MARKETING_MISS", "handoff": { "overturned": false } }));

        let (_, dispute) = rejected("c@example.com").await;
        assert_eq!(eva.does("dispute", "Withdraw", json!({ "id": dispute }), "id").await.code(), "FORBIDDEN", "somebody else's");
        assert_eq!(mia.does("dispute", "Withdraw", json!({ "id": dispute }), said).await.code(), "");
    }
}

on_both! {
    async fn a_rejection_opens_a_thread_that_marketing_answers_and_counts_against_its_source(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let (mia, sam) = (person(&app, Template::MktManager, "mia").await, person(&app, Template::SalesRep, "sam").await);
        let campaign = mia.has("campaign", json!({ "name": "Fair" })).await;
        let reason = ann.reason("CLERICAL", 30).await;
        let start = (Utc::now() - TimeDelta::minutes(5)).to_rfc3339();
        for (email, source) in [("a@example.com", "fair"), ("b@example.com", "web")] {
            let lead = ann.has("lead", json!({ "email": email, "status": "MQL", "source": source, "campaignId": campaign })).await;
            let offer = ann.offers(&lead, json!({ "userId": sam.id() })).await;
            if source == "web" {
                sam.does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
                continue;
            }
            let no = json!({ "id": offer, "reasonId": reason, "note": "Wrong number", "suggestedFix": "Ask again" });
            sam.does("handoff", "Reject", no, "id").await.data();
            let thread = mia.sees("handoff", &offer, "feedback { nodes { id body campaign { name } createdBy { name } outcome } }").await;
            let word = thread["feedback"]["nodes"][0].clone();
            assert_eq!((&word["body"], &word["campaign"]["name"], &word["createdBy"]["name"]), (&json!("CLERICAL 30: Wrong number\nAsk again"), &json!("Fair"), &json!("sam")));
            let input = json!({ "handoffId": offer, "body": "We asked" });
            mia.has("feedbackItem", input).await;
            let resolve = json!({ "id": word["id"], "outcome": "Form asks for the number twice" });
            assert_eq!(sam.does("feedbackItem", "Resolve", resolve.clone(), "id").await.code(), "FORBIDDEN");
            let done = mia.does("feedbackItem", "Resolve", resolve.clone(), "outcome").await;
            assert_eq!(done.data()["feedbackItemResolve"]["feedbackItem"]["outcome"], "Form asks for the number twice");
            assert_eq!(mia.does("feedbackItem", "Resolve", resolve, "id").await.code(), "LOCKED");
        }
        let report = "query($by: RejectionGroup!, $period: PeriodInput!) { rejectionReport(groupBy: $by, period: $period) {
            source campaign { name } reason { name } rep { name } accepted rejected pending expired
            acceptance { numerator denominator value } categories { category count } } }";
        let period = json!({ "start": start, "end": (Utc::now() + TimeDelta::minutes(5)).to_rfc3339() });
        let asked = async |by: &str| mia.ask(report, json!({ "by": by, "period": period })).await.data()["rejectionReport"].clone();
        let by = asked("SOURCE").await;
        assert_eq!((&by[0]["source"], &by[0]["rejected"], &by[0]["categories"]), (&json!("fair"), &json!(1), &json!([{ "category": "CLERICAL", "count": 1 }])));
        assert_eq!((&by[1]["source"], &by[1]["accepted"]), (&json!("web"), &json!(1)));
        let by = asked("CAMPAIGN").await;
        assert_eq!((&by[0]["campaign"]["name"], &by[0]["acceptance"]), (&json!("Fair"), &json!({ "numerator": 1, "denominator": 2, "value": 0.5 })));
        let by = asked("REASON").await;
        assert!(by.as_array().unwrap().iter().any(|row| row["reason"]["name"] == "CLERICAL 30" && row["rejected"] == 1), "{by}");
        let by = asked("REP").await;
        assert_eq!((&by[0]["rep"]["name"], &by[0]["accepted"], &by[0]["rejected"]), (&json!("sam"), &json!(1), &json!(1)));
    }
}

on_both! {
    async fn an_offer_is_told_at_once_to_who_may_answer_and_to_nobody_else(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let (sam, kim) = (person(&app, Template::SalesRep, "sam").await, person(&app, Template::SalesRep, "kim").await);
        let follow = |who: &Person<'_>| {
            let access = Access::new(app.store.clone(), who.actor.clone(), None);
            let request = Request::new("subscription { handoffOffered { at cursor handoff { lead { email } offeredUser { name } } } }").data(access);
            api::schema::build().execute_stream(request).boxed()
        };
        let (mut sams, mut kims) = (follow(&sam), follow(&kim));
        let (first, second) = (sams.next(), kims.next());
        let mut made = vec![];
        let first = heard(first, async || {
            let email = format!("joe{}@example.com", made.len());
            let lead = ann.has_mql(&email).await;
            ann.offers(&lead, json!({ "userId": sam.id() })).await;
            made.push(json!({ "lead": { "email": email }, "offeredUser": { "name": "sam" } }));
        });
        let wait = std::time::Duration::from_secs(6);
        let (told, silent) = tokio::join!(first, tokio::time::timeout(wait, second));
        let told = serde_json::to_value(told.expect("the stream goes on")).unwrap();
        assert!(made.contains(&told["data"]["handoffOffered"]["handoff"]), "{told}");
        assert!(silent.is_err(), "kim is told nothing");
    }
}
