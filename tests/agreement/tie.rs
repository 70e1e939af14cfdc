//! Executives break ties where the organisation allows it.

use super::*;

on_both! {
    async fn an_executive_breaks_a_tie_where_the_organisation_allows_it(app) {
        let (_, eve) = user(&app, "EXEC", "eve@example.com").await;
        user(&app, "ADMIN", "ada@example.com").await;
        for (role, name) in [("MKT_MANAGER", "mia"), ("SALES_MANAGER", "sam")] {
            user(&app, role, &format!("{name}@example.com")).await;
        }
        let [ada, mia, sam] = [signed(&app, "ada@example.com").await, signed(&app, "mia@example.com").await, signed(&app, "sam@example.com").await];
        let exec = signed(&app, "eve@example.com").await;
        let proposed = async |key: &str| {
            let made = ada.does("agreementCreate", json!({ "key": key, "title": key, "body": word("Good") }), "agreement { versions { nodes { id } } }").await;
            let id = made.data()["agreementCreate"]["agreement"]["versions"]["nodes"][0]["id"].clone();
            ada.does("agreementVersionPropose", json!({ "id": id }), "").await.data();
            id
        };
        let id = proposed("a").await;
        let tie = |id: &Value| json!({ "id": id, "side": "TIE_BREAK", "comment": "Six weeks are enough" });
        let said = "agreementVersion { status tieBroken solo approvals(orderBy: [{ field: CREATED_AT }]) { nodes { side comment user { id } } } }";
        assert_eq!(exec.does("agreementVersionApprove", tie(&id), said).await.code(), "CRITERIA_UNMET", "not without the setting");
        let own = ada.ask("{ organizations { nodes { id } } }", json!({})).await.data()["organizations"]["nodes"][0]["id"].clone();
        ada.does("organizationUpdate", json!({ "id": own, "agreementTieBreak": true }), "").await.data();
        assert_eq!(exec.does("agreementVersionApprove", tie(&id), said).await.code(), "CRITERIA_UNMET", "nobody has turned a key");
        let key = |id: &Value, side: &str| json!({ "id": id, "side": side });
        mia.does("agreementVersionApprove", key(&id, "MARKETING"), said).await.data();
        for who in [&ada, &mia, &sam] {
            assert_eq!(who.does("agreementVersionApprove", tie(&id), said).await.code(), "FORBIDDEN");
        }
        for side in ["MARKETING", "SALES"] {
            assert_eq!(exec.does("agreementVersionApprove", key(&id, side), said).await.code(), "FORBIDDEN");
        }
        assert_eq!(exec.does("agreementVersionApprove", key(&id, "TIE_BREAK"), said).await.code(), "VALIDATION", "without a word");
        assert_eq!(exec.does("agreementVersionReject", tie(&id), said).await.code(), "VALIDATION");
        let done = exec.does("agreementVersionApprove", tie(&id), said).await;
        let version = &done.data()["agreementVersionApprove"]["agreementVersion"];
        assert_eq!((&version["status"], &version["tieBroken"], &version["solo"]), (&json!("ACTIVE"), &json!(true), &json!(false)), "{}", done.0);
        assert_eq!(version["approvals"]["nodes"][1], json!({ "side": "TIE_BREAK", "comment": "Six weeks are enough", "user": { "id": eve.to_string() } }));
        // both sides together need nobody
        let id = proposed("b").await;
        mia.does("agreementVersionApprove", key(&id, "MARKETING"), said).await.data();
        let both = sam.does("agreementVersionApprove", key(&id, "SALES"), said).await;
        let version = &both.data()["agreementVersionApprove"]["agreementVersion"];
        assert_eq!((&version["status"], &version["tieBroken"]), (&json!("ACTIVE"), &json!(false)));
    }
}
