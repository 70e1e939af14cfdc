//! What if.

use super::*;
use crate::metric::{bring, open};

const PROJECT: &str = "query($id: ID!, $of: ID, $outcomes: [IncentiveOutcomeInput!]! = []) {
    incentiveStatementProject(agreementVersionId: $id, userId: $of, outcomes: $outcomes) {
        now { total { amount } } then { total { amount } lines { kind component basis { amount } attainment amount { amount } } } } }";

on_both! {
    async fn a_payee_sees_what_open_deals_would_bring(app) {
        let house = House::of(&app).await;
        let won = house.won(&house.rep, &["400000"]).await;
        house.won(&house.other, &["900000"]).await;
        let mut row = open(&house.stages["Proposal"], "200000", "2026-12-01");
        row["ownerId"] = house.rep.id();
        let deal = bring(&house.ann, vec![row]).await.remove(0);
        let version = house.agreed("PLAN", &[&house.rep, &house.other]).await;
        let ask = async |who: &Person<'_>, of: Value, outcomes: Value| {
            who.ask(PROJECT, json!({ "id": version, "of": of, "outcomes": outcomes })).await
        };
        let totals = |answer: &Answer| {
            let told = &answer.data()["incentiveStatementProject"];
            (told["now"]["total"]["amount"].clone(), told["then"]["total"]["amount"].clone())
        };
        let answer = ask(&house.rep, json!(null), json!([{ "opportunityId": deal }])).await;
        assert_eq!(totals(&answer), (json!("32000.00"), json!("52000.00")), "{}", answer.0);
        assert_eq!(answer.data()["incentiveStatementProject"]["then"]["lines"][0]["attainment"], "1.2");
        let larger = json!([{ "opportunityId": deal, "amount": "300000" }, { "opportunityId": won[0], "outcome": "LOST" }]);
        assert_eq!(totals(&ask(&house.rep, json!(null), larger).await), (json!("32000.00"), json!("24000.00")));
        // a manager too; nobody else
        assert_eq!(totals(&ask(&house.eva, house.rep.id(), json!([])).await), (json!("32000.00"), json!("32000.00")));
        for who in [&house.other, &house.mia] {
            assert_eq!(ask(who, house.rep.id(), json!([])).await.data()["incentiveStatementProject"], json!(null));
        }
        let theirs = ask(&house.other, json!(null), json!([{ "opportunityId": deal }])).await;
        assert_eq!(theirs.0["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "a deal that they do not see: {}", theirs.0);
    }
}

on_both! {
    async fn a_sale_that_was_handed_over_counts_for_who_won_it(app) {
        let house = House::of(&app).await;
        let won = house.won(&house.rep, &["400000"]).await.remove(0);
        house.ann.does("opportunity", "Update", json!({ "id": won, "ownerId": house.other.id() }), "id").await.data();
        let version = house.agreed("PLAN", &[&house.rep, &house.other]).await;
        let totals = async |who: &Person<'_>, outcomes: Value| {
            let answer = who.ask(PROJECT, json!({ "id": version, "of": null, "outcomes": outcomes })).await;
            let told = &answer.data()["incentiveStatementProject"];
            [told["now"]["total"]["amount"].clone(), told["then"]["total"]["amount"].clone()]
        };
        assert_eq!(totals(&house.rep, json!([])).await, ["32000.00", "32000.00"]);
        let theirs = json!([{ "opportunityId": won }]);
        assert_eq!(totals(&house.other, theirs).await, ["0.00", "0.00"], "whoever has taken it over");
        // a run says the same
        let run = house.run_of(&version).await;
        house.calculate(&run).await;
        for (who, total) in [(&house.rep, "32000.00"), (&house.other, "0.00")] {
            assert_eq!(house.statement(&house.finn, &run, who, "total { amount }").await["total"]["amount"], total);
        }
    }
}
