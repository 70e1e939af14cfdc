//! What plans would have come to.

use super::*;
use crate::metric::{bring, closed};

const TEST: &str =
    "query($id: ID!) { incentivePlanBacktest(agreementVersionId: $id, periods: 2) { inForce { id } periods {
    periodStart periodEnd sides { side people amount { amount } inForce { amount } }
    people { user { id } side amount { amount } inForce { amount } } } } }";

on_both! {
    async fn the_quarter_before_is_paid_by_the_new_plan_beside_the_old(app) {
        let house = House::of(&app).await;
        // won in the 92 days before July
        for (who, amount) in [(&house.rep, "600000"), (&house.other, "100000")] {
            let mut row = closed(&house.stages["Won"], amount, "05-10", 10);
            row["ownerId"] = who.id();
            bring(&house.ann, vec![row]).await;
        }
        let version = house.agreed("PLAN", &[&house.rep, &house.other]).await;
        let agreement = house.mia.sees("agreementVersion", &version, "agreement { id }").await["agreement"]["id"].clone();
        let flat = house.body(json!({ "components": [{ "key": "AE", "name": "AE", "commissionMarginal": { "roles": ["OWNER"],
            "tiers": [{ "from": "0", "rate": "0.05" }] } }] }));
        let made = house.mia.does("agreementVersion", "Create", json!({ "agreementId": agreement, "body": flat }), "id").await;
        let next = made.data()["agreementVersionCreate"]["agreementVersion"]["id"].clone();
        let ask = async |who: &Person<'_>, id: &Value| {
            let answer = who.ask(TEST, json!({ "id": id })).await;
            answer.data()["incentivePlanBacktest"].clone()
        };
        let told = ask(&house.finn, &next).await;
        assert_eq!(told["inForce"]["id"], version, "{told}");
        let period = &told["periods"][0];
        assert_eq!((&period["periodStart"], &period["periodEnd"]), (&json!("2025-03-31"), &json!("2025-07-01")));
        let sales = json!({ "side": "SALES", "people": 2, "amount": { "amount": "35000.00" }, "inForce": { "amount": "60000.00" } });
        assert_eq!(period["sides"][1], sales);
        assert_eq!(period["people"].as_array().unwrap().len(), 2);
        assert_eq!(told["periods"][1]["sides"][1]["amount"]["amount"], "0.00");

        let own = ask(&house.rep, &next).await;
        let mine = json!([{ "user": { "id": house.rep.id() }, "side": "SALES", "amount": { "amount": "30000.00" }, "inForce": { "amount": "52000.00" } }]);
        assert_eq!(own["periods"][0]["people"], mine);
        assert_eq!(own["periods"][0]["sides"][1]["amount"], json!(null), "a sum of two tells what the other is paid");
        let head = crate::handoff::person(&app, api::access::role::templates::Template::Exec, "max").await;
        for id in [&next, &version] {
            let told = ask(&head, id).await;
            assert_eq!((&told["periods"][0]["people"], &told["periods"][0]["sides"][1]["amount"]), (&json!([]), &json!(null)));
        }
        let answer = house.mia.ask(&TEST.replace("periods: 2", "periods: 9"), json!({ "id": next })).await;
        assert_eq!(answer.0["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}

on_both! {
    async fn two_versions_asked_one_after_the_other_tell_nobodys_pay(app) {
        let house = House::of(&app).await;
        let exec = crate::handoff::person(&app, api::access::role::templates::Template::Exec, "max").await;
        let mut sellers = vec![];
        for n in 0..6 {
            sellers.push(crate::handoff::person(&app, api::access::role::templates::Template::SalesRep, &format!("seller{n}")).await);
        }
        let people: Vec<&Person<'_>> = sellers.iter().collect();
        let version = house.agreed("PLAN", &people).await;
        let sums = async |who: &Person<'_>, id: &Value| {
            let told = who.ask(TEST, json!({ "id": id })).await.data()["incentivePlanBacktest"]["periods"][0]["sides"][1].clone();
            (told["amount"]["amount"].clone(), told["inForce"]["amount"].clone())
        };
        assert_eq!(sums(&exec, &version).await, (json!("0.00"), json!(null)), "of six");
        // the next version without one of them, signed too
        let agreement = house.mia.sees("agreementVersion", &version, "agreement { id }").await["agreement"]["id"].clone();
        let body = house.body(json!({ "periodStart": "2025-10-01", "periodEnd": "2026-01-01" }));
        let made = house.mia.does("agreementVersion", "Create", json!({ "agreementId": agreement, "body": body }), "id").await;
        let next = made.data()["agreementVersionCreate"]["agreementVersion"]["id"].clone();
        let query = "query($v: ID!, $u: ID!) { incentiveAssignments(filter: { agreementVersionId: { eq: $v }, userId: { eq: $u } }) { nodes { id } } }";
        let terms = house.finn.ask(query, json!({ "v": next, "u": sellers[0].id() })).await.data()["incentiveAssignments"]["nodes"][0]["id"].clone();
        house.finn.does("incentiveAssignment", "Delete", json!({ "id": terms }), "id").await.data();
        house.sign(&next).await;
        for id in [&version, &next] {
            assert_eq!(sums(&exec, id).await, (json!(null), json!(null)), "six less five is one");
            assert_eq!(sums(&house.finn, id).await.0, json!("0.00"));
        }
    }
}
