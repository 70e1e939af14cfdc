//! Quarrels over credit: both sides find the same, and the touch is corrected.

use api::{access::role::templates::Template, actor::Via};
use entity::id::{ApiKeyId, RowId};
use serde_json::{Value, json};

use super::{Shop, amounts, attribution, kept::equals, settled};
use crate::harness::{Answer, Person, on_both};

const OPEN: &str = "mutation($input: AttributionDisputeInput!) { attributionDispute(input: $input) {
    dispute { id kind status attributionClaim claim opportunity { id } touchpoint { id } correction { occurredAt contactId } } userErrors { code field message } } }";

async fn opens(who: &Person<'_>, input: Value) -> Answer {
    who.ask(OPEN, json!({ "input": input })).await
}

fn id(answer: &Answer) -> Value {
    let id = answer.data()["attributionDispute"]["dispute"]["id"].clone();
    assert!(id.is_string(), "{}", answer.0);
    id
}

on_both! {
    async fn an_upheld_claim_corrects_the_touch_and_credit_follows(app) {
        let shop = Shop::open(&app).await;
        let home = shop.ann.actor.organization;
        let (mia, eva) = (app.with_rights(home, Template::MktManager.rights()), app.with_rights(home, api::actor::Rights::everything()));
        let (deal, contact, touches) = shop.journey().await;
        let model = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        let signed = async |dispute: &Value, verdict: &str| {
            let input = json!({ "id": dispute, "verdict": verdict, "resolution": "Both looked" });
            mia.does("dispute", "SignMarketing", input.clone(), "status").await.data();
            let both = eva.does("dispute", "SignSales", input, "status verdict").await;
            let status = both.data()["disputeSignSales"]["dispute"]["status"].clone();
            settled(&app).await;
            equals(&shop, std::slice::from_ref(&deal), std::slice::from_ref(&model)).await;
            status
        };

        let (_, other) = shop.buyer("Other").await;
        let wrong = opens(&mia, json!({ "opportunityId": deal, "claim": "WRONG_PERSON", "touchpointId": touches[4], "correction": { "contactId": other }, "comment": "Not Joe", "evidence": [contact] })).await;
        let said = &wrong.data()["attributionDispute"]["dispute"];
        assert_eq!((&said["kind"], &said["status"], &said["attributionClaim"], &said["correction"]["contactId"]), (&json!("ATTRIBUTION"), &json!("OPEN"), &json!("WRONG_PERSON"), &other));
        let again = opens(&eva, json!({ "opportunityId": deal, "claim": "WRONG_PERSON", "touchpointId": touches[4], "correction": { "contactId": other }, "comment": "Me too" })).await;
        assert_eq!(again.code(), "DUPLICATE");
        let verdict = json!({ "id": id(&wrong), "verdict": "SALES_MISS" });
        assert_eq!(mia.does("dispute", "SignMarketing", verdict, "id").await.code(), "VALIDATION", "no verdict on credit");
        assert_eq!(signed(&id(&wrong), "CLAIM_RIGHT").await, "UPHELD");
        assert_eq!(amounts(&attribution(&shop.ann, &deal, &model, "WON").await), ["24000.00"; 5]);
        assert_eq!(shop.ann.sees("touchpoint", &touches[4], "contact { id } occurredAt").await, json!({ "contact": { "id": other }, "occurredAt": "2026-03-20T10:00:00Z" }));

        let late = opens(&mia, json!({ "opportunityId": deal, "claim": "WRONG_TIME", "touchpointId": touches[5], "correction": { "occurredAt": "2026-04-16T10:00:00Z" }, "comment": "After the signature" })).await;
        assert_eq!(signed(&id(&late), "CLAIM_RIGHT").await, "UPHELD");
        assert_eq!(amounts(&attribution(&shop.ann, &deal, &model, "WON").await), ["30000.00"; 4]);

        let ours = opens(&eva, json!({ "opportunityId": deal, "claim": "NOT_MARKETING", "touchpointId": touches[3], "comment": "Sam had called" })).await;
        assert_eq!(signed(&id(&ours), "CLAIM_RIGHT").await, "UPHELD");
        let now = attribution(&shop.ann, &deal, &model, "WON").await;
        assert_eq!(amounts(&now), ["40000.00"; 3]);
        assert_eq!(now["leftOut"][0], json!({ "touchpoint": { "id": touches[3] }, "reason": "NOT_MARKETING" }));

        let missing = json!({ "opportunityId": deal, "claim": "MISSING_TOUCH", "comment": "He was at our stand", "correction": { "kind": "EVENT_ATTEND", "channel": "EVENT", "occurredAt": "2026-02-01T10:00:00Z", "contactId": contact } });
        let stand = opens(&mia, missing.clone()).await;
        assert_eq!(opens(&mia, missing.clone()).await.code(), "DUPLICATE", "one at a time");
        assert_eq!(signed(&id(&stand), "CLAIM_RIGHT").await, "UPHELD");
        let now = attribution(&shop.ann, &deal, &model, "WON").await;
        assert_eq!((amounts(&now), &now["credits"][2]["channel"]), (vec!["30000.00"; 4], &json!("EVENT")));

        let denied = opens(&mia, missing).await;
        assert_eq!(signed(&id(&denied), "CLAIM_WRONG").await, "DENIED");
        assert_eq!(amounts(&attribution(&shop.ann, &deal, &model, "WON").await).len(), 4, "nothing changes");
        let all = shop.ann.sees("opportunity", &deal, "disputes { nodes { status } }").await;
        assert_eq!(all["disputes"]["nodes"].as_array().unwrap().len(), 5);
    }
}

on_both! {
    async fn a_claim_says_what_it_needs_and_names_only_what_its_maker_sees(app) {
        let shop = Shop::open(&app).await;
        let (deal, contact, touches) = shop.journey().await;
        let wrong = async |who: &Person<'_>, input: Value| {
            let answer = opens(who, input).await;
            let fault = answer.0["data"]["attributionDispute"]["userErrors"][0].clone();
            (fault["code"].clone(), fault["field"].clone())
        };
        let claim = |claim: &str, touch: &Value, correction: Value| json!({ "opportunityId": deal, "claim": claim, "touchpointId": touch, "correction": correction, "comment": "x" });
        let fault = |code: &str, field: &[&str]| (json!(code), json!([&["input"], field].concat()));
        let ann = &shop.ann;
        assert_eq!(wrong(ann, claim("MISSING_TOUCH", &touches[0], json!({}))).await, fault("VALIDATION", &["touchpointId"]));
        assert_eq!(wrong(ann, claim("WRONG_TIME", &touches[0], json!({ "contactId": contact }))).await, fault("VALIDATION", &["correction", "occurredAt"]));
        assert_eq!(wrong(ann, claim("WRONG_PERSON", &touches[0], json!(null))).await, fault("VALIDATION", &["correction"]));
        assert_eq!(wrong(ann, claim("WRONG_PERSON", &touches[0], json!({ "leadId": contact }))).await, fault("VALIDATION", &["correction", "leadId"]));
        let nobody = "contact_00000000000070008000000000000000";
        assert_eq!(wrong(ann, claim("WRONG_PERSON", &touches[0], json!({ "contactId": nobody }))).await, fault("NOT_FOUND", &["correction", "contactId"]));
        let eve = app.admin();
        assert_eq!(wrong(&eve, claim("NOT_MARKETING", &touches[0], json!(null))).await, fault("NOT_FOUND", &["opportunityId"]));
        let home = ann.actor.organization;
        assert_eq!(opens(&app.with_rights(home, Template::Exec.rights()), claim("NOT_MARKETING", &touches[0], json!(null))).await.code(), "FORBIDDEN");

        let dispute = id(&opens(ann, claim("NOT_MARKETING", &touches[0], json!(null))).await);
        let rep = app.with_rights(home, Template::SalesRep.rights());
        assert_eq!(rep.ask("{ disputes { totalCount } }", json!({})).await.data()["disputes"]["totalCount"], 0, "nor the sale is theirs");
        let program = Person { app: &app, actor: api::actor::Actor { via: Via::ApiKey(ApiKeyId::from_uuid(uuid::Uuid::now_v7())), ..ann.actor.clone() } };
        assert_eq!(program.does("dispute", "SignSales", json!({ "id": dispute, "verdict": "CLAIM_RIGHT" }), "id").await.code(), "FORBIDDEN");
    }
}

on_both! {
    async fn a_dispute_is_about_the_sales_own_people_and_follows_them_where_they_went(app) {
        let shop = Shop::open(&app).await;
        let ann = &shop.ann;
        let home = ann.actor.organization;
        let (mia, eva) = (app.with_rights(home, api::actor::Rights::everything()), app.with_rights(home, api::actor::Rights::everything()));
        let (deal, contact, touches) = shop.journey().await;
        let (strange, stranger) = shop.buyer("Stranger").await;
        let theirs = shop.touch(&stranger, "02-01", 70, json!({})).await;
        let refused = async |input: Value| {
            let answer = opens(&mia, input).await;
            answer.0["data"]["attributionDispute"]["userErrors"][0]["field"].clone()
        };
        let other = json!({ "opportunityId": deal, "claim": "NOT_MARKETING", "touchpointId": theirs, "comment": "x" });
        assert_eq!(refused(other).await, json!(["input", "touchpointId"]), "nobody of the sale did it");
        let stand = |contact: &Value| json!({ "opportunityId": deal, "claim": "MISSING_TOUCH", "comment": "At our stand",
            "correction": { "kind": "EVENT_ATTEND", "channel": "EVENT", "occurredAt": "2026-02-01T10:00:00Z", "contactId": contact } });
        assert_eq!(refused(stand(&stranger)).await, json!(["input", "correction", "contactId"]));

        let twin = ann.has("contact", json!({ "lastName": "Twin", "accountId": strange })).await;
        let wrong = opens(&mia, json!({ "opportunityId": deal, "claim": "WRONG_PERSON", "touchpointId": touches[4], "correction": { "contactId": twin }, "comment": "Not Joe" })).await;
        let missing = opens(&mia, stand(&contact)).await;
        let merged = ann.ask("mutation($in: MergeInput!) { contactMerge(input: $in) { userErrors { message } } }", json!({ "in": { "winnerId": stranger, "loserIds": [twin] } })).await;
        assert_eq!(merged.data()["contactMerge"]["userErrors"], json!([]), "{}", merged.0);
        for dispute in [id(&wrong), id(&missing)] {
            let input = json!({ "id": dispute, "verdict": "CLAIM_RIGHT", "resolution": "Both looked" });
            mia.does("dispute", "SignMarketing", input.clone(), "status").await.data();
            let both = eva.does("dispute", "SignSales", input, "status").await;
            assert_eq!(both.data()["disputeSignSales"]["dispute"]["status"], "UPHELD", "{}", both.0);
        }
        let corrected = ann.sees("touchpoint", &touches[4], "contact { id } account { id }").await;
        assert_eq!(corrected, json!({ "contact": { "id": stranger }, "account": { "id": strange } }), "whom the contact became, and for their account");
        let account = ann.sees("opportunity", &deal, "account { id }").await;
        let recorded = ann.ask("query($id: ID!) { touchpoints(filter: { contactId: { eq: $id }, kind: { eq: EVENT_ATTEND } }) { nodes { account { id } } } }", json!({ "id": contact })).await;
        assert_eq!(recorded.data()["touchpoints"]["nodes"], json!([account]), "{}", recorded.0);
    }
}
