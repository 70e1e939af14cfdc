//! Agreements: two keys, turned by two people on the same text.

mod lists;
mod tie;
mod time;

use std::time::Duration;

use api::{
    access::role::templates::Template,
    actor::{Actor, Permission, Reach, Rights, Via},
    config::Retention,
    integration::work,
    store::{Settings, Store, jobs},
};
use chrono::{TimeDelta, Utc};
use entity::{
    id::{ApiKeyId, OrganizationId, RowId},
    word::Word,
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;

use crate::{
    access::{signed, user},
    handoff::person,
    harness::{Answer, App, Person, json, on_both},
};

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
    async fn nobody_turns_the_key_of_the_side_they_do_not_stand_on(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let mut house = House {
            revops: person(&app, Template::Revops, "rob").await,
            marketing: person(&app, Template::MktManager, "mia").await,
            sales: person(&app, Template::SalesManager, "sue").await,
        };
        let id = house.proposed("sql", json!(null)).await;
        // roles that hold both keys are no way round
        for who in [&mut house.marketing, &mut house.sales] {
            let mut rights = Rights::clone(&who.actor.rights);
            for key in [Permission::AgreementApproveMarketing, Permission::AgreementApproveSales] {
                rights.grant(key, Reach::ALL);
            }
            who.actor.rights = std::sync::Arc::new(rights);
        }
        for (who, own, other) in [(&house.marketing, "MARKETING", "SALES"), (&house.sales, "SALES", "MARKETING")] {
            ann.does("user", "Update", json!({ "id": who.id(), "side": own }), "side").await.data();
            let refused = turns(who, &id, other).await;
            assert_eq!(refused.code(), "LOCKED", "{}", refused.0);
            assert_eq!(refused.0["data"]["agreementVersionApprove"]["userErrors"][0]["field"], json!(["input", "side"]));
            status(&turns(who, &id, own).await);
        }
        assert_eq!(house.revops.sees("agreementVersion", &id, "status").await["status"], "ACTIVE");
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

/// Another node on the same database, with its own runner.
async fn runner(app: &App) -> tokio::task::JoinHandle<()> {
    let mut settings = Settings::new(&app.url);
    settings.clock = Some(app.clock());
    let store = Store::open(&settings).await.expect("another node");
    let handlers = work::handlers(&Retention { events_days: 400, idempotency_days: 30 });
    tokio::spawn(jobs::run(store, handlers))
}

fn soon(milliseconds: i64) -> Value {
    json!(Utc::now() + TimeDelta::milliseconds(milliseconds))
}

async fn sleep(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

impl House<'_> {
    /// Signed by both sides.
    async fn signed(&self, id: &Value) -> Value {
        turns(&self.marketing, id, "MARKETING").await.data();
        status(&turns(&self.sales, id, "SALES").await).clone()
    }

    /// The next version of the same agreement, proposed.
    async fn next(&self, id: &Value, definition: &str, from: Value) -> Value {
        let agreement = self.revops.sees("agreementVersion", id, "agreement { id }").await["agreement"]["id"].clone();
        let input = json!({ "agreementId": agreement, "body": word(definition), "effectiveFrom": from });
        let made = self.revops.does("agreementVersion", "Create", input, "id").await;
        let id = made.data()["agreementVersionCreate"]["agreementVersion"]["id"].clone();
        self.revops.does("agreementVersion", "Propose", json!({ "id": id }), "id").await.data();
        id
    }

    async fn in_force(&self, key: &str, at: Value) -> Value {
        self.sales.ask(IN_FORCE, json!({ "key": key, "at": at })).await.data()["agreementInForce"].clone()
    }

    /// How often an event was told of any version.
    async fn told(&self, app: &App, kind: &str) -> i64 {
        let home = self.revops.actor.organization.uuid();
        let rows = Statement::from_sql_and_values(
            app.store.backend(),
            "SELECT COUNT(*) FROM event WHERE organization_id = $1 AND kind = $2",
            [home.into(), kind.into()],
        );
        let rows = app.store.migrator().query_all_raw(rows).await.unwrap();
        rows[0].try_get_by_index(0).unwrap()
    }
}

on_both! {
    async fn a_refusal_needs_a_reason_and_ends_the_version_as_withdrawing_does(app) {
        let house = House::of(&app);
        let id = house.proposed("no", json!(null)).await;
        let silent = json!({ "id": id, "side": "SALES", "comment": "  " });
        assert_eq!(house.sales.does("agreementVersion", "Reject", silent, "id").await.code(), "VALIDATION");
        let no = json!({ "id": id, "side": "SALES", "comment": "Too many students" });
        let done = house.sales.does("agreementVersion", "Reject", no.clone(), SAID).await;
        assert_eq!(status(&done), "REJECTED");
        let said = &done.data()["agreementVersionReject"]["agreementVersion"]["approvals"]["nodes"][0];
        assert_eq!((&said["decision"], &said["comment"]), (&json!("REJECTED"), &json!("Too many students")));
        assert_eq!(house.sales.does("agreementVersion", "Reject", no, "id").await.code(), "INVALID_TRANSITION");
        let other = house.proposed("other", json!(null)).await;
        let gone = house.revops.does("agreementVersion", "Withdraw", json!({ "id": other }), "status").await;
        assert_eq!(gone.data()["agreementVersionWithdraw"]["agreementVersion"]["status"], "WITHDRAWN");
        assert_eq!(turns(&house.sales, &other, "SALES").await.code(), "INVALID_TRANSITION");
        for state in ["REJECTED", "WITHDRAWN"] {
            let list = "query($s: AgreementStatus) { agreementVersions(filter: { status: { eq: $s }, agreement: { kind: { eq: GLOSSARY } } }) { totalCount } }";
            assert_eq!(house.sales.ask(list, json!({ "s": state })).await.data()["agreementVersions"]["totalCount"], 1);
        }
    }
}

on_both! {
    async fn every_fault_of_a_body_is_named_by_its_path(app) {
        let house = House::of(&app);
        let body = json!({ "stageOwnership": { "stages": [
            { "leadStatus": "MQL", "side": "SALES", "slaHours": 0 },
            { "side": "SALES", "stageId": "lead_1", "exitCriteria": "x".repeat(2_001) },
            { "leadStatus": "MQL", "side": "SALES" },
        ] } });
        let made = house.revops.does("agreement", "Create", json!({ "key": "PIPELINE", "title": " ", "body": body }), "id").await;
        let faults = made.data()["agreementCreate"]["userErrors"].as_array().unwrap();
        let mut paths: Vec<String> = faults.iter().map(|f| f["field"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()).collect::<Vec<_>>().join(".")).collect();
        paths.sort();
        assert_eq!(paths, [
            "input.body.stageOwnership.stages", "input.body.stageOwnership.stages.0.slaHours",
            "input.body.stageOwnership.stages.1.exitCriteria", "input.body.stageOwnership.stages.1.stageId", "input.title",
        ]);
        let twice = json!({ "key": "a", "title": "a", "body": { "glossary": { "definition": "b" }, "charter": { "vision": "c" } } });
        assert_eq!(house.revops.does("agreement", "Create", twice, "id").await.code(), "BAD_USER_INPUT");
        let id = house.drafted("word", json!(null)).await;
        let other = json!({ "id": id, "body": { "charter": { "vision": "Another kind" } } });
        assert_eq!(house.revops.does("agreementVersion", "Update", other, "id").await.code(), "VALIDATION");
        let again = json!({ "key": "word", "title": "Word", "body": word("Twice") });
        assert_eq!(house.revops.does("agreement", "Create", again, "id").await.code(), "DUPLICATE");
    }
}

on_both! {
    async fn two_versions_can_be_compared(app) {
        let house = House::of(&app);
        let one = house.proposed("word", json!(null)).await;
        let other = house.next(&one, "A narrower word", json!(null)).await;
        let diff = "query($a: ID!, $b: ID!) { agreementVersionDiff(fromId: $a, toId: $b) { path before after } }";
        let same = house.sales.ask(diff, json!({ "a": one, "b": one })).await;
        assert_eq!(same.data()["agreementVersionDiff"], json!([]));
        let found = house.sales.ask(diff, json!({ "a": one, "b": other })).await;
        let expected = json!([{ "path": "definition", "before": "A lead both sides call good", "after": "A narrower word" }]);
        assert_eq!(found.data()["agreementVersionDiff"], expected);
        let stranger = app.admin().ask(diff, json!({ "a": one, "b": other })).await;
        assert_eq!(stranger.data()["agreementVersionDiff"], json!(null));
    }
}

on_both! {
    async fn who_answers_for_a_lead_is_agreed_by_its_stage(app) {
        let ann = app.admin();
        let stages = ann.sells().await;
        let body = json!({ "stageOwnership": { "stages": [
            { "leadStatus": "NEW", "side": "MARKETING", "exitCriteria": "Fits and asked for a talk" },
            { "stageId": stages["Proposal"], "side": "SALES", "slaHours": 48 },
        ] } });
        let lead = ann.has("lead", json!({ "email": "joe@example.com" })).await;
        let owner = "query($id: ID!) { stageOwner(id: $id) { side stage { leadStatus slaHours exitCriteria } agreementVersion { number } } }";
        assert_eq!(ann.ask(owner, json!({ "id": lead })).await.data()["stageOwner"], json!(null));
        ann.agrees("PIPELINE", body).await;
        let stage = json!({ "leadStatus": "NEW", "slaHours": null, "exitCriteria": "Fits and asked for a talk" });
        let expected = json!({ "side": "MARKETING", "stage": stage, "agreementVersion": { "number": 1 } });
        assert_eq!(ann.ask(owner, json!({ "id": lead })).await.data()["stageOwner"], expected);
        assert_eq!(app.admin().ask(owner, json!({ "id": lead })).await.data()["stageOwner"], json!(null));
        let account = ann.has("account", json!({ "name": "Acme" })).await;
        let deal = json!({ "name": "Deal", "accountId": account, "stageId": stages["Proposal"], "closeDate": "2030-01-01" });
        let deal = ann.has("opportunity", deal).await;
        let seen = ann.ask(owner, json!({ "id": deal })).await.data()["stageOwner"].clone();
        assert_eq!((&seen["side"], &seen["stage"]["slaHours"]), (&json!("SALES"), &json!(48)));
    }
}

on_both! {
    async fn an_administrator_who_is_alone_may_turn_both_keys_and_it_shows(app) {
        user(&app, "ADMIN", "ada@example.com").await;
        let ada = signed(&app, "ada@example.com").await;
        let made = ada.does("agreementCreate", json!({ "key": "w", "title": "W", "body": word("Alone") }), "agreement { versions { nodes { id } } }").await;
        let id = made.data()["agreementCreate"]["agreement"]["versions"]["nodes"][0]["id"].clone();
        ada.does("agreementVersionPropose", json!({ "id": id }), "").await.data();
        let key = |side: &str| json!({ "id": id, "side": side });
        let said = "agreementVersion { status solo }";
        assert_eq!(ada.does("agreementVersionApprove", key("SALES"), said).await.code(), "FORBIDDEN");
        let own = ada.ask("{ organizations { nodes { id } } }", json!({})).await.data()["organizations"]["nodes"][0]["id"].clone();
        let alone = json!({ "id": own, "soloMode": true });
        let set = ada.does("organizationUpdate", alone.clone(), "organization { soloMode }").await;
        assert_eq!(set.data()["organizationUpdate"]["organization"]["soloMode"], true);
        assert_eq!(ada.does("agreementVersionApprove", key("SALES"), said).await.data()["agreementVersionApprove"]["agreementVersion"]["status"], "PROPOSED");
        let done = ada.does("agreementVersionApprove", key("MARKETING"), said).await;
        assert_eq!(done.data()["agreementVersionApprove"]["agreementVersion"], json!({ "status": "ACTIVE", "solo": true }));

        // with a second administrator it is over, whatever the setting says
        user(&app, "ADMIN", "bob@example.com").await;
        let made = ada.does("agreementCreate", json!({ "key": "x", "title": "X", "body": word("Two") }), "agreement { versions { nodes { id } } }").await;
        let id = made.data()["agreementCreate"]["agreement"]["versions"]["nodes"][0]["id"].clone();
        ada.does("agreementVersionPropose", json!({ "id": id }), "").await.data();
        assert_eq!(ada.does("agreementVersionApprove", json!({ "id": id, "side": "SALES" }), said).await.code(), "FORBIDDEN");
        ada.does("organizationUpdate", json!({ "id": own, "soloMode": false }), "").await.data();
        assert_eq!(ada.does("organizationUpdate", alone, "").await.code(), "CRITERIA_UNMET");
        // an administrator who holds no key gives it to those who do
        let role = ada.role("SALES_MANAGER").await;
        let (_, sam) = user(&app, "SALES_REP", "sam@example.com").await;
        let given = ada.does("roleGrantCreate", json!({ "userId": sam.to_string(), "roleId": role }), "roleGrant { id }").await;
        assert!(given.data()["roleGrantCreate"]["roleGrant"]["id"].is_string(), "{}", given.0);
    }
}
