//! Leads are judged by the score that they have, not by the one that was kept.

use super::*;

fn scoring(home: i32) -> Value {
    json!({ "scoring": {
        "fit": [{ "name": "home", "when": { "eq": { "field": "country", "value": { "text": "DE" } } }, "points": home }],
        "engagement": [], "groups": [], "halfLifeDays": 30,
        "grades": { "aFrom": 20, "bFrom": 10, "oneFrom": 30, "twoFrom": 10 },
    } })
}

fn warm() -> Value {
    json!({ "qualification": { "criteria": [{ "label": "Warm enough", "when": { "gte": { "field": "score", "value": { "number": "50" } } } }] } })
}

on_both! {
    async fn another_version_of_the_score_counts_at_once(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let sam = person(&app, Template::SalesRep, "sam").await;
        let all = app.with_rights(ann.actor.organization, Rights::everything());
        let first = agreed(&app, &all, "LEAD", scoring(20)).await;
        agreed(&app, &all, "MQL", warm()).await;
        let lead = async |n: usize, status: &str| ann.has("lead", json!({ "email": format!("l{n}@example.com"), "country": "DE", "status": status })).await;
        let (one, born) = (lead(1, "NEW").await, lead(2, "MQL").await);
        let qualify = async |lead: &Value| ann.does("lead", "Qualify", json!({ "id": lead }), "status score").await;
        let offer = async |lead: &Value| ann.does("lead", "Offer", json!({ "id": lead, "userId": sam.id() }), "status").await;
        assert_eq!((qualify(&one).await.code(), offer(&born).await.code()), ("CRITERIA_UNMET", "CRITERIA_UNMET"));

        // no job has run since
        let second = agreed_next(&app, &all, &first, scoring(60)).await;
        assert_eq!(ann.sees("lead", &one, "score").await["score"], 20);
        let done = qualify(&one).await;
        assert_eq!(done.data()["leadQualify"]["lead"], json!({ "status": "MQL", "score": 60 }));
        assert_eq!(offer(&born).await.code(), "");
        let told = ann.sees("lead", &born, "score version handoffs { nodes { score evidence } }").await;
        assert_eq!((&told["score"], &told["handoffs"]["nodes"][0]["score"], &told["handoffs"]["nodes"][0]["evidence"]["score"]), (&json!(60), &json!(60), &json!(60)));

        agreed_next(&app, &all, &second, scoring(20)).await;
        let two = lead(3, "NEW").await;
        assert_eq!(qualify(&two).await.code(), "CRITERIA_UNMET");
    }
}

on_both! {
    async fn judging_again_goes_by_the_score_of_now(app) {
        let ann = app.admin();
        let first = agreed(&app, &ann, "LEAD", scoring(60)).await;
        let mql = agreed(&app, &ann, "MQL", warm()).await;
        let lead = ann.has("lead", json!({ "email": "l@example.com", "country": "DE" })).await;
        assert_eq!(qualified(&ann, json!({ "id": lead })).await.code(), "");
        agreed_next(&app, &ann, &first, scoring(20)).await;
        agreed_next(&app, &ann, &mql, warm()).await;
        let done = ann.ask(AGAIN, json!({ "policy": "OPEN_ONLY" })).await;
        assert_eq!((&done.data()["leadRequalify"]["unmet"], &done.data()["leadRequalify"]["returned"]), (&json!(1), &json!(1)), "{}", done.0);
    }
}
