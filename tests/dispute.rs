//! Disputes that found a gap in the definition: each goes as a counter-example to the draft of a better one.

use api::{
    access::role::templates::Template,
    actor::{Permission, Reach, Rights},
};
use futures_util::future::join_all;
use serde_json::Value;

use crate::{
    handoff::person,
    harness::{Answer, App, Person, json, on_both},
};

fn definition() -> Value {
    let france = json!({ "eq": { "field": "country", "value": { "text": "FR" } } });
    json!({ "qualification": { "criteria": [{ "label": "Where we sell", "when": france }] } })
}

/// Both sides of one organisation and whoever does the rest.
struct Cast<'a> {
    ann: Person<'a>,
    mia: Person<'a>,
    eva: Person<'a>,
    sam: Person<'a>,
    reason: Value,
}

async fn cast(app: &App) -> Cast<'_> {
    let (mia, eva) = (person(app, Template::MktManager, "mia").await, person(app, Template::SalesManager, "eva").await);
    let sam = person(app, Template::SalesRep, "sam").await;
    let ann = app.with_rights(mia.actor.organization, Rights::everything());
    ann.does("user", "Update", json!({ "id": sam.id(), "reportsToId": eva.id() }), "id").await.data();
    let reason = ann.reason("CAPACITY", 30).await;
    Cast { ann, mia, eva, sam, reason }
}

impl Cast<'_> {
    /// An offer to `who` that they rejected and marketing disputes; the dispute.
    async fn disputed_of(&self, who: &Person<'_>, email: &str) -> Value {
        let lead = json!({ "email": email, "status": "MQL", "country": "FR", "ownerId": self.mia.id() });
        let lead = self.ann.has("lead", lead).await;
        let offer = self.ann.offers(&lead, json!({ "userId": who.id() })).await;
        who.does("handoff", "Reject", json!({ "id": offer, "reasonId": self.reason }), "id").await.data();
        let input = json!({ "id": offer, "claim": format!("{email} is a student"), "evidence": [lead] });
        let said = self.mia.does("handoff", "Dispute", input, "disputes { nodes { id } }").await;
        said.data()["handoffDispute"]["handoff"]["disputes"]["nodes"][0]["id"].clone()
    }

    async fn disputed(&self, email: &str) -> Value {
        self.disputed_of(&self.sam, email).await
    }

    /// Both managers find a gap.
    async fn settle(&self, dispute: &Value) -> Answer {
        let gap = json!({ "id": dispute, "verdict": "DEFINITION_GAP", "resolution": "It says nothing of students" });
        self.mia.does("dispute", "SignMarketing", gap.clone(), "id").await.data();
        self.eva.does("dispute", "SignSales", gap, "status verdict agreementVersion { id }").await
    }

    /// The draft that the gap went to.
    async fn gap(&self, dispute: &Value) -> Value {
        let said = self.settle(dispute).await;
        let dispute = said.data()["disputeSignSales"]["dispute"].clone();
        assert_eq!(
            (&dispute["status"], &dispute["verdict"]),
            (&json!("UPHELD"), &json!("DEFINITION_GAP")),
            "{}",
            said.0
        );
        dispute["agreementVersion"]["id"].clone()
    }
}

const DRAFT: &str =
    "number status hash summary body { ... on QualificationBody { criteria { label } } } agreement { kind key }
    counterExamples(orderBy: [{ field: RESOLVED_AT }]) { nodes { id handoff { lead { email } } } }";

on_both! {
    async fn a_gap_drafts_a_better_definition_and_the_next_one_adds_to_it(app) {
        let cast = cast(&app).await;
        let active = cast.ann.agrees("MQL", definition()).await;
        let signed = cast.ann.sees("agreementVersion", &active, "hash counterExamples { totalCount }").await;
        assert_eq!(signed["counterExamples"]["totalCount"], 0);

        let (first, second) = (cast.disputed("a@example.com").await, cast.disputed("b@example.com").await);
        let draft = cast.gap(&first).await;
        let told = cast.ann.sees("agreementVersion", &draft, DRAFT).await;
        let example = |id: &Value, email: &str| json!({ "id": id, "handoff": { "lead": { "email": email } } });
        assert_eq!(told, json!({
            "number": 2, "status": "DRAFT", "hash": signed["hash"],
            "summary": "A dispute found a gap in version 1: a@example.com is a student",
            "body": { "criteria": [{ "label": "Where we sell" }] },
            "agreement": { "kind": "QUALIFICATION", "key": "MQL" },
            "counterExamples": { "nodes": [example(&first, "a@example.com")] },
        }));
        assert_eq!(cast.gap(&second).await, draft, "it is still open");
        cast.ann.does("agreementVersion", "Propose", json!({ "id": draft }), "id").await.data();
        let third = cast.disputed("c@example.com").await;
        assert_eq!(cast.gap(&third).await, draft, "also while it is up for signature");
        let told = cast.ann.sees("agreementVersion", &draft, DRAFT).await;
        let all = [(&first, "a@example.com"), (&second, "b@example.com"), (&third, "c@example.com")];
        assert_eq!(told["counterExamples"]["nodes"], json!(all.map(|(id, email)| example(id, email))));
        assert_eq!(told["status"], "PROPOSED");

        for (who, side) in [(&cast.mia, "MARKETING"), (&cast.eva, "SALES")] {
            let done = who.does("agreementVersion", "Approve", json!({ "id": draft, "side": side }), "status").await;
            assert_eq!(done.code(), "", "{}", done.0);
        }
        let fourth = cast.disputed("d@example.com").await;
        let next = cast.gap(&fourth).await;
        let told = cast.eva.sees("agreementVersion", &next, "number summary counterExamples { totalCount }").await;
        assert_eq!(told, json!({ "number": 3, "summary": "A dispute found a gap in version 2: d@example.com is a student", "counterExamples": { "totalCount": 1 } }));
    }
}

on_both! {
    async fn gaps_found_at_once_share_one_draft(app) {
        let cast = cast(&app).await;
        cast.ann.agrees("MQL", definition()).await;
        let mut disputes = vec![];
        for n in 0..6 {
            let dispute = cast.disputed(&format!("l{n}@example.com")).await;
            let gap = json!({ "id": dispute, "verdict": "DEFINITION_GAP" });
            cast.mia.does("dispute", "SignMarketing", gap, "id").await.data();
            disputes.push(dispute);
        }
        let sign = |id| cast.eva.does("dispute", "SignSales", json!({ "id": id, "verdict": "DEFINITION_GAP" }), "agreementVersion { number }");
        for done in join_all(disputes.iter().map(sign)).await {
            assert_eq!(done.data()["disputeSignSales"]["dispute"]["agreementVersion"]["number"], 2, "{}", done.0);
        }
        let all = cast.ann.ask("{ agreementVersions { totalCount } }", json!({})).await;
        assert_eq!(all.data()["agreementVersions"]["totalCount"], 2);
    }
}

on_both! {
    async fn a_tie_broken_for_a_gap_drafts_though_whoever_breaks_it_may_not(app) {
        let cast = cast(&app).await;
        cast.ann.agrees("MQL", definition()).await;
        let dispute = cast.disputed("a@example.com").await;
        let found = |verdict: &str| json!({ "id": dispute, "verdict": verdict });
        cast.mia.does("dispute", "SignMarketing", found("SALES_MISS"), "id").await.data();
        cast.eva.does("dispute", "SignSales", found("MARKETING_MISS"), "id").await.data();
        let rights = [Permission::LeadRead, Permission::AgreementRead, Permission::DisputeBreakTie];
        let ops = app.holding(cast.ann.actor.organization, &rights.map(|right| (right, Reach::ALL)));
        let done = ops.does("dispute", "BreakTie", found("DEFINITION_GAP"), "agreementVersion { number status }").await;
        let draft = json!({ "number": 2, "status": "DRAFT" });
        assert_eq!(done.data()["disputeBreakTie"]["dispute"]["agreementVersion"], draft, "{}", done.0);
    }
}

on_both! {
    async fn without_a_definition_there_is_nothing_to_mend(app) {
        let cast = cast(&app).await;
        let dispute = cast.disputed("a@example.com").await;
        assert_eq!(cast.gap(&dispute).await, Value::Null);
        cast.ann.agrees("SQL", definition()).await;
        let dispute = cast.disputed("b@example.com").await;
        assert_eq!(cast.gap(&dispute).await, Value::Null, "another stage's definition is not what leads are offered by");
    }
}

on_both! {
    async fn counter_examples_are_seen_by_who_sees_the_offer(app) {
        let cast = cast(&app).await;
        cast.ann.agrees("MQL", definition()).await;
        let kim = person(&app, Template::SalesRep, "kim").await;
        cast.ann.does("user", "Update", json!({ "id": kim.id(), "reportsToId": cast.eva.id() }), "id").await.data();
        let (sams, kims) = (cast.disputed("a@example.com").await, cast.disputed_of(&kim, "b@example.com").await);
        let draft = cast.gap(&sams).await;
        assert_eq!(cast.gap(&kims).await, draft);
        for (who, seen) in [(&cast.sam, &sams), (&kim, &kims)] {
            let told = who.sees("agreementVersion", &draft, "counterExamples { totalCount nodes { id } }").await;
            assert_eq!(told["counterExamples"], json!({ "totalCount": 1, "nodes": [{ "id": seen }] }));
        }
    }
}
