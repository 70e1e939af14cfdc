//! What a version that is only drafted would have meant, before anybody signs it.

use super::*;

on_both! {
    async fn a_drafted_version_is_tried_on_the_past_like_the_text_it_holds(app) {
        let ann = past(&app).await;
        let first = agreed(&app, &ann, "MQL", body(&["DE"])).await;
        let of = ann.sees("agreementVersion", &first, "agreement { id }").await["agreement"]["id"].clone();
        let draft = json!({ "agreementId": of, "body": body(&["DE", "FR"]) });
        let draft = ann.does("agreementVersion", "Create", draft, "id status").await.data()["agreementVersionCreate"]["agreementVersion"].clone();
        assert_eq!(draft["status"], "DRAFT");
        let (from, to) = ((Utc::now() - TimeDelta::days(1)).to_rfc3339(), (Utc::now() + TimeDelta::days(1)).to_rfc3339());
        let tried = async |version: &Value, body: Value| {
            let asked = json!({ "version": version, "body": body, "from": from, "to": to });
            ann.ask(TRY, asked).await.data()["qualificationSimulation"].clone()
        };
        let found = tried(&draft["id"], json!(null)).await;
        assert_eq!(found, tried(&json!(null), definition(&["DE", "FR"])).await);
        assert_eq!((&found["leads"], &found["both"], &found["onlyCandidate"], &found["onlyInForce"], &found["inForceVersion"]), (&json!(4), &json!(2), &json!(1), &json!(0), &json!(1)));
        assert_eq!(found["candidate"], json!({
            "passed": { "numerator": 3, "denominator": 4, "value": 0.75 },
            "sqlRate": { "numerator": 3, "denominator": 3, "value": 1.0 },
            "winRate": { "numerator": 1, "denominator": 2, "value": 0.5 },
        }));
        // an edit of the draft is what is tried from then on
        ann.does("agreementVersion", "Update", json!({ "id": draft["id"], "body": body(&["US"]) }), "id").await.data();
        let found = tried(&draft["id"], json!(null)).await;
        assert_eq!((&found["candidate"]["passed"]["numerator"], &found["both"], &found["onlyInForce"]), (&json!(1), &json!(0), &json!(2)));
        // no other stage's
        let sql = agreed(&app, &ann, "SQL", body(&["DE"])).await;
        assert_eq!(tried(&sql, json!(null)).await, json!(null));
        assert_eq!(ann.sees("agreementVersion", &draft["id"], "status").await["status"], "DRAFT", "trying it is no step of it");
    }
}
