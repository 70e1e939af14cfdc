//! Agreements: two keys, turned by two people on the same text.

use api::{
    access::role::templates::Template,
    actor::{Actor, Via},
};
use entity::{
    id::{ApiKeyId, OrganizationId, RowId},
    word::Word,
};
use serde_json::Value;

use crate::harness::{Answer, App, Person, json, on_both};

const SAID: &str = "id number status hash version solo summary effectiveFrom ratifiedAt agreement { key kind title } \
    approvals(orderBy: [{ field: CREATED_AT }]) { nodes { side decision comment hash clearedAt } } \
    body { __typename ... on GlossaryBody { definition ownerSide } }";

/// Everybody of an organisation, by the name of their role.
struct House<'a> {
    revops: Person<'a>,
    marketing: Person<'a>,
    sales: Person<'a>,
}

impl<'a> House<'a> {
    fn of(app: &'a App) -> Self {
        let home = OrganizationId::from_uuid(uuid::Uuid::now_v7());
        let as_a = |template: Template| app.with_rights(home, template.rights());
        Self {
            revops: as_a(Template::Revops),
            marketing: as_a(Template::MktManager),
            sales: as_a(Template::SalesManager),
        }
    }

    /// A proposed word.
    async fn proposed(&self, key: &str, from: Value) -> Value {
        let id = self.drafted(key, from).await;
        let done = self.revops.does("agreementVersion", "Propose", json!({ "id": id }), "status").await;
        assert_eq!(done.data()["agreementVersionPropose"]["agreementVersion"]["status"], "PROPOSED");
        id
    }

    async fn drafted(&self, key: &str, from: Value) -> Value {
        let input =
            json!({ "key": key, "title": key, "body": word("A lead both sides call good"), "effectiveFrom": from });
        let made = self.revops.does("agreement", "Create", input, "versions { nodes { id } }").await;
        made.data()["agreementCreate"]["agreement"]["versions"]["nodes"][0]["id"].clone()
    }
}

fn word(definition: &str) -> Value {
    json!({ "glossary": { "definition": definition, "ownerSide": "MARKETING" } })
}

async fn turns(who: &Person<'_>, id: &Value, side: &str) -> Answer {
    who.does("agreementVersion", "Approve", json!({ "id": id, "side": side }), SAID).await
}

fn status(answer: &Answer) -> &Value {
    let payload = answer.data().as_object().unwrap().values().next().unwrap();
    assert_eq!(payload["userErrors"], json!([]), "{}", answer.0);
    &payload["agreementVersion"]["status"]
}

on_both! {
    async fn two_people_of_two_sides_put_an_agreement_into_force(app) {
        let house = House::of(&app);
        let id = house.proposed("qualified lead", json!(null)).await;
        let first = turns(&house.marketing, &id, "MARKETING").await;
        assert_eq!(status(&first), "PROPOSED");
        assert_eq!(house.sales.ask(IN_FORCE, json!({ "key": "qualified lead" })).await.data()["agreementInForce"], json!(null));
        let second = turns(&house.sales, &id, "SALES").await;
        assert_eq!(status(&second), "ACTIVE");
        let version = &second.data()["agreementVersionApprove"]["agreementVersion"];
        assert_eq!(version["body"], json!({ "__typename": "GlossaryBody", "definition": "A lead both sides call good", "ownerSide": "MARKETING" }));
        assert_eq!(version["agreement"], json!({ "key": "qualified lead", "kind": "GLOSSARY", "title": "qualified lead" }));
        assert_eq!((&version["solo"], &version["number"], &version["effectiveFrom"]), (&json!(false), &json!(1), &version["ratifiedAt"]));
        let keys = version["approvals"]["nodes"].as_array().unwrap();
        assert_eq!(keys.iter().map(|k| k["side"].as_str().unwrap()).collect::<Vec<_>>(), ["MARKETING", "SALES"]);
        assert!(keys.iter().all(|k| k["hash"] == version["hash"] && k["clearedAt"].is_null()));
        let now = house.sales.ask(IN_FORCE, json!({ "key": "qualified lead" })).await;
        assert_eq!(now.data()["agreementInForce"]["id"], id);
        assert_eq!(turns(&house.sales, &id, "SALES").await.code(), "INVALID_TRANSITION");
        let change = house.revops.does("agreementVersion", "Update", json!({ "id": id, "summary": "No" }), "id").await;
        assert_eq!(change.code(), "LOCKED");
    }
}

const IN_FORCE: &str =
    "query($key: String!, $at: DateTime) { agreementInForce(kind: GLOSSARY, key: $key, at: $at) { id number status } }";

on_both! {
    async fn each_key_is_turned_by_its_side_alone(app) {
        let home = OrganizationId::from_uuid(uuid::Uuid::now_v7());
        let mut wrong = Vec::new();
        for (side, holder) in [("MARKETING", Template::MktManager), ("SALES", Template::SalesManager), ("FINANCE", Template::Finance)] {
            for template in Template::all() {
                let who = app.with_rights(home, template.rights());
                for (verb, more) in [("Approve", json!({})), ("Reject", json!({ "comment": "No" }))] {
                    let nobody = "agreement_version_00000000000070008000000000000000";
                    let mut input = json!({ "id": nobody, "side": side });
                    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                    let answer = who.does("agreementVersion", verb, input, "id").await;
                    if answer.code() != if template == holder { "NOT_FOUND" } else { "FORBIDDEN" } {
                        wrong.push(format!("{verb} {side} as {}: {}", template.word(), answer.0));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

on_both! {
    async fn one_person_turns_one_key_and_a_program_none(app) {
        let house = House::of(&app);
        let id = house.proposed("sql", json!(null)).await;
        let mut rights = Template::MktManager.rights();
        rights.grant(api::actor::Permission::AgreementApproveSales, api::actor::Reach::ALL);
        let both = app.with_rights(house.revops.actor.organization, rights);
        assert_eq!(status(&turns(&both, &id, "MARKETING").await), "PROPOSED");
        assert_eq!(turns(&both, &id, "SALES").await.code(), "LOCKED");
        assert_eq!(turns(&both, &id, "MARKETING").await.code(), "DUPLICATE");
        assert_eq!(turns(&app.admin(), &id, "SALES").await.code(), "NOT_FOUND");
        let via = Via::ApiKey(ApiKeyId::from_uuid(uuid::Uuid::now_v7()));
        let program = Person { app: &app, actor: Actor { via, ..house.sales.actor.clone() } };
        assert_eq!(turns(&program, &id, "SALES").await.code(), "FORBIDDEN");
        assert_eq!(turns(&house.sales, &id, "FINANCE").await.code(), "FORBIDDEN");
        assert_eq!(status(&turns(&house.sales, &id, "SALES").await), "ACTIVE");
    }
}

on_both! {
    async fn another_text_clears_the_keys(app) {
        let house = House::of(&app);
        let id = house.proposed("mql", json!(null)).await;
        let seen = house.sales.sees("agreementVersion", &id, "hash version").await;
        turns(&house.marketing, &id, "MARKETING").await;
        let edit = json!({ "id": id, "body": word("Anybody at all") });
        let edited = house.revops.does("agreementVersion", "Update", edit, SAID).await;
        assert_eq!(status(&edited), "DRAFT");
        let version = &edited.data()["agreementVersionUpdate"]["agreementVersion"];
        assert_ne!(version["hash"], seen["hash"]);
        assert!(version["approvals"]["nodes"][0]["clearedAt"].is_string());
        assert_eq!(turns(&house.sales, &id, "SALES").await.code(), "INVALID_TRANSITION");
        house.revops.does("agreementVersion", "Propose", json!({ "id": id }), "id").await.data();
        let stale = json!({ "id": id, "side": "SALES", "expectedHash": seen["hash"] });
        assert_eq!(house.sales.does("agreementVersion", "Approve", stale, "id").await.code(), "CONFLICT");
        assert_eq!(status(&turns(&house.sales, &id, "SALES").await), "PROPOSED");
        assert_eq!(status(&turns(&house.marketing, &id, "MARKETING").await), "ACTIVE");
    }
}

on_both! {
    async fn two_keys_turned_at_once_ratify_once(app) {
        let house = House::of(&app);
        for round in 0..5 {
            let id = house.proposed(&format!("word {round}"), json!(null)).await;
            let (one, other) = tokio::join!(turns(&house.marketing, &id, "MARKETING"), turns(&house.sales, &id, "SALES"));
            let mut both = [status(&one).clone(), status(&other).clone()];
            both.sort_by_key(ToString::to_string);
            // who came second sees it in force; the first may read its answer before or after that
            assert!(both.contains(&json!("ACTIVE")), "{both:?}");
            let events = "query($id: ID!) { agreementVersion(by: { id: $id }) { status approvals { totalCount } } }";
            let now = house.sales.ask(events, json!({ "id": id })).await;
            assert_eq!(now.data()["agreementVersion"], json!({ "status": "ACTIVE", "approvals": { "totalCount": 2 } }));
        }
    }
}
