//! What people said about being reached, what is then withheld of them, and by what further addresses they are known.

use api::{
    access::role::templates::Template,
    actor::{Actor, Permission, Rights, Via},
};
use entity::id::{ApiKeyId, RowId};
use serde_json::Value;

use crate::{
    handoff::person,
    harness::{App, Person, json, on_both},
};

const CANARY: &str = "canary.mail@people.example";
const NUMBER: &str = "+4930555444";
const SAID: &str = "emailConsent phoneConsent consents(orderBy: [{ field: SAID_AT }]) { nodes { channel state source basis createdBy { id } } }";

fn program<'a>(app: &'a App, of: &Person<'_>) -> Person<'a> {
    let via = Via::ApiKey(ApiKeyId::from_uuid(uuid::Uuid::now_v7()));
    Person { app, actor: Actor { via, ..of.actor.clone() } }
}

fn role<'a>(app: &'a App, of: &Person<'_>, role: Template) -> Person<'a> {
    app.with_rights(of.actor.organization, role.rights())
}

async fn says(who: &Person<'_>, contact: &Value, channel: &str, state: &str) -> String {
    let input = json!({ "contactId": contact, "channel": channel, "state": state });
    who.makes("contactConsent", input).await.code().to_owned()
}

async fn feed(app: &App, who: &Person<'_>, entity: &Value) -> Vec<Value> {
    app.numbered().await;
    let feed =
        "{ changes(first: 100, types: [\"Contact\", \"ContactAddress\"]) { nodes { kind entityId before after } } }";
    let told = who.ask(feed, json!({})).await.data()["changes"]["nodes"].as_array().unwrap().clone();
    told.into_iter().filter(|change| change["entityId"] == *entity).collect()
}

on_both! {
    async fn sayings_stay_and_the_latest_is_what_the_contact_shows(app) {
        let ann = app.admin();
        let contact = ann.has("contact", json!({ "lastName": "Doe", "emailConsent": "GRANTED" })).await;
        let made = ann.sees("contact", &contact, SAID).await;
        assert_eq!((&made["emailConsent"], &made["consents"]["nodes"][0]["state"]), (&json!("GRANTED"), &json!("GRANTED")), "a state that is set is a saying");
        let form = json!({ "contactId": contact, "channel": "PHONE", "state": "GRANTED", "basis": "CONSENT", "source": "Webinar form",
            "saidAt": "2026-01-02T03:04:05Z" });
        ann.has("contactConsent", form).await;
        assert_eq!(says(&ann, &contact, "PHONE", "WITHDRAWN").await, "");
        let late = json!({ "contactId": contact, "channel": "PHONE", "state": "GRANTED", "saidAt": "2026-01-03T03:04:05Z" });
        ann.has("contactConsent", late).await;
        let now = ann.sees("contact", &contact, SAID).await;
        assert_eq!((&now["phoneConsent"], now["consents"]["nodes"].as_array().unwrap().len()), (&json!("WITHDRAWN"), 4), "the latest holds: {now}");
        assert_eq!(now["consents"]["nodes"][0]["source"], "Webinar form");
        let kinds: Vec<_> = feed(&app, &ann, &contact).await.into_iter().map(|change| change["kind"].clone()).collect();
        assert_eq!(kinds, ["contact.created", "contact.consent_changed", "contact.consent_changed"]);

        let found = ann.ask("{ contacts(filter: { not: { phoneConsent: { eq: WITHDRAWN } } }) { totalCount } }", json!({})).await;
        assert_eq!(found.data()["contacts"]["totalCount"], 0, "whoever plans a campaign leaves them out");
        let ahead = json!({ "contactId": contact, "channel": "POST", "state": "GRANTED", "saidAt": "2999-01-01T00:00:00Z" });
        assert_eq!(ann.makes("contactConsent", ahead).await.code(), "VALIDATION");
        assert_eq!(ann.does("contact", "Update", json!({ "id": contact, "emailConsent": null }), "id").await.code(), "VALIDATION");
    }
}

on_both! {
    async fn a_program_may_withdraw_and_neither_grants_again_nor_writes_what_is_withheld(app) {
        let ann = app.admin();
        let key = program(&app, &ann);
        let contact = ann.has("contact", json!({ "lastName": "Doe", "email": CANARY, "emailConsent": "GRANTED" })).await;
        assert_eq!(says(&key, &contact, "EMAIL", "WITHDRAWN").await, "");
        assert_eq!(says(&key, &contact, "EMAIL", "GRANTED").await, "LOCKED");
        let tries = [json!({ "emailConsent": "GRANTED" }), json!({ "email": "other@people.example" }), json!({ "email": CANARY })];
        for mut input in tries {
            input["id"] = contact.clone();
            assert_eq!(key.does("contact", "Update", input, "id").await.code(), "LOCKED");
        }
        let more = json!({ "contactId": contact, "kind": "EMAIL", "value": "more@people.example" });
        assert_eq!(key.makes("contactAddress", more.clone()).await.code(), "LOCKED");
        let more = ann.has("contactAddress", more).await;
        assert_eq!(key.does("contactAddress", "Delete", json!({ "id": more }), "id").await.code(), "LOCKED");
        let other = ann.has("contact", json!({ "lastName": "Doe" })).await;
        for (winner, loser) in [(&other, &contact), (&contact, &other)] {
            let merge = "mutation($input: MergeInput!) { contactMerge(input: $input) { userErrors { code field } } }";
            let merged = key.ask(merge, json!({ "input": { "winnerId": winner, "loserIds": [loser] } })).await;
            assert_eq!(merged.code(), "LOCKED", "{}", merged.0);
        }
        ann.does("contactAddress", "Delete", json!({ "id": more }), "id").await.data();
        assert_eq!(key.does("contact", "Update", json!({ "id": contact, "title": "CTO" }), "id").await.code(), "");
        assert_eq!(says(&ann, &contact, "EMAIL", "GRANTED").await, "");
        assert_eq!(ann.sees("contact", &contact, "emailConsent email").await, json!({ "emailConsent": "GRANTED", "email": CANARY }));
    }
}

/// Ways to find the address and number that are withheld, and how many each finds for who knows them.
const ASKED: [(&str, &str, i64); 10] = [
    ("eq", "contacts(filter: { email: { eq: \"canary.mail@people.example\" } }) { totalCount }", 1),
    ("in", "contacts(filter: { email: { in: [\"canary.mail@people.example\"] } }) { totalCount }", 1),
    ("contains", "contacts(filter: { email: { contains: \"canary.mail\" } }) { totalCount }", 1),
    ("startsWith", "contacts(filter: { email: { startsWith: \"canary\" } }) { totalCount }", 1),
    ("ne", "contacts(filter: { email: { ne: \"a@people.example\" } }) { totalCount }", 1),
    ("isNull", "contacts(filter: { email: { isNull: false } }) { totalCount }", 2),
    ("not", "contacts(filter: { not: { email: { isNull: true } } }) { totalCount }", 2),
    (
        "relation",
        "accounts(filter: { contacts: { some: { email: { eq: \"canary.mail@people.example\" } } } }) { totalCount }",
        1,
    ),
    ("further", "contacts(filter: { emails: { some: { value: { startsWith: \"canary\" } } } }) { totalCount }", 1),
    ("addresses", "contactAddresses(filter: { value: { contains: \"canary\" } }) { totalCount }", 1),
];

/// What somebody finds in each of these ways.
async fn finds(who: &Person<'_>) -> Vec<i64> {
    let asked: String = ASKED.iter().map(|(name, query, _)| format!("{name}: {query} ")).collect();
    let found = who.ask(&format!("{{ {asked} }}"), json!({})).await;
    ASKED.iter().map(|(name, ..)| found.data()[name]["totalCount"].as_i64().unwrap()).collect()
}

/// What somebody is told of the contact in every way that tells of it.
async fn told(app: &App, who: &Person<'_>, contact: &Value) -> String {
    let query = "query($id: ID!) {
        contact(by: { id: $id }) { email phone emails { totalCount nodes { value } } phones { nodes { value } } }
        node(id: $id) { ... on Contact { email } }
        accounts { nodes { contacts(orderBy: [{ field: EMAIL }]) { edges { cursor node { lastName email } } } } }
        contacts(orderBy: [{ field: EMAIL, nulls: FIRST }]) { pageInfo { startCursor } edges { cursor node { lastName email phone } } }
        contactAddresses { nodes { value } } }";
    let answer = who.ask(query, json!({ "id": contact })).await;
    let list = "{ contacts(search: \"canary\") { nodes { email } } contact(by: { email: \"canary.mail@people.example\" }) { id } }";
    format!("{} {} {:?}", answer.data(), who.ask(list, json!({})).await.data(), feed(app, who, contact).await)
}

on_both! {
    async fn what_is_withheld_is_nowhere_to_be_found(app) {
        let ann = app.admin();
        let sam = role(&app, &ann, Template::SalesRep);
        let account = ann.has("account", json!({ "name": "Acme" })).await;
        let owner = sam.actor.user.map(|id| id.to_string());
        let contact = ann.has("contact", json!({ "lastName": "Doe", "email": CANARY, "phone": NUMBER, "accountId": account })).await;
        ann.has("contact", json!({ "lastName": "Roe", "email": "a@people.example" })).await;
        ann.has("contactAddress", json!({ "contactId": contact, "kind": "EMAIL", "value": "canary.two@people.example" })).await;
        ann.has("contactAddress", json!({ "contactId": contact, "kind": "PHONE", "value": "+49 30 555 4442" })).await;
        let max = role(&app, &ann, Template::MktManager);
        let rae = role(&app, &ann, Template::Revops);
        assert_eq!(finds(&max).await, ASKED.map(|(.., all)| all), "nothing is withheld before");
        // its owner is no user of the organisation here, so it is set where the store keeps it
        give(&app, &contact, owner.as_deref().unwrap()).await;
        for channel in ["EMAIL", "PHONE"] {
            assert_eq!(says(&ann, &contact, channel, "WITHDRAWN").await, "");
        }
        for who in [&ann, &rae] {
            assert_eq!(finds(who).await, ASKED.map(|(.., all)| all));
            assert!(told(&app, who, &contact).await.contains(CANARY));
        }
        assert_eq!(sam.sees("contact", &contact, "email phone emails { totalCount } phones { totalCount }").await,
            json!({ "email": CANARY, "phone": NUMBER, "emails": { "totalCount": 1 }, "phones": { "totalCount": 1 } }), "its owner");
        let by = "{ contact(by: { email: \"canary.mail@people.example\" }) { lastName } }";
        assert_eq!(sam.ask(by, json!({})).await.data()["contact"]["lastName"], "Doe");

        let key = program(&app, &sam);
        for who in [&max, &role(&app, &ann, Template::Exec), &role(&app, &ann, Template::Integration), &key] {
            let others = if who.actor.user == sam.actor.user { 0 } else { 1 };
            assert_eq!(finds(who).await, [0, 0, 0, 0, 0, others, others, 0, 0, 0]);
            let all = told(&app, who, &contact).await;
            assert!(all.contains("Doe") && !all.contains("canary") && !all.contains("555444"), "{all}");
        }
        let ask = "query($input: DuplicateCandidatesInput!) { duplicateCandidates(input: $input, threshold: 1) { score } }";
        for person in [json!({ "email": CANARY }), json!({ "phone": NUMBER }), json!({ "email": "canary.two@people.example" })] {
            let input = json!({ "input": { "contact": person } });
            assert_eq!(max.ask(ask, input.clone()).await.data()["duplicateCandidates"], json!([]), "{input}");
            assert_eq!(rae.ask(ask, input).await.data()["duplicateCandidates"].as_array().unwrap().len(), 1);
        }
        let rows = json!([{ "email": CANARY, "lastName": "X" }]);
        let upsert = "mutation($rows: [ContactUpsertRow!]!) { contactUpsert(input: { rows: $rows, matchOn: EMAIL }) { results { status contact { id } userErrors { code } } } }";
        let writer = role(&app, &ann, Template::Integration);
        let result = &writer.ask(upsert, json!({ "rows": rows })).await.0["data"]["contactUpsert"]["results"][0];
        assert_eq!((&result["status"], &result["contact"]), (&json!("FAILED"), &Value::Null), "{result}");
        assert_eq!(result["userErrors"][0]["code"], "DUPLICATE");
        for input in [json!({ "email": CANARY }), json!({ "phone": "+4930999888" })] {
            let mut input = input;
            input["id"] = contact.clone();
            assert_eq!(max.does("contact", "Update", input, "id").await.code(), "LOCKED");
        }
        let more = json!({ "contactId": contact, "kind": "EMAIL", "value": "x@people.example" });
        assert_eq!(max.makes("contactAddress", more).await.code(), "LOCKED");
        assert_eq!(max.does("contact", "Update", json!({ "id": contact, "title": "CTO" }), "title email").await.data()["contactUpdate"]["contact"],
            json!({ "title": "CTO", "email": null }));
    }
}

/// Gives a contact to somebody, whoever they are.
async fn give(app: &App, contact: &Value, owner: &str) {
    use sea_orm::ConnectionTrait;
    let uuid = |id: &str| uuid::Uuid::parse_str(id.rsplit_once('_').unwrap().1).unwrap();
    let values = [uuid(owner).into(), uuid(contact.as_str().unwrap()).into()];
    let sql = "UPDATE contact SET owner_id = $1 WHERE id = $2";
    let statement = sea_orm::Statement::from_sql_and_values(app.store.backend(), sql, values);
    app.store.migrator().execute_raw(statement).await.expect("an update");
}

on_both! {
    async fn a_person_is_known_by_further_addresses(app) {
        let ann = app.founder().await;
        let contact = ann.has("contact", json!({ "firstName": "Ada", "lastName": "Doe", "email": "ada@work.example" })).await;
        let further = json!({ "contactId": contact, "kind": "EMAIL", "label": "PRIVATE", "value": " Ada@HOME.example " });
        let address = ann.has("contactAddress", further.clone()).await;
        assert_eq!(ann.sees("contactAddress", &address, "value label contact { id }").await,
            json!({ "value": "ada@home.example", "label": "PRIVATE", "contact": { "id": contact } }));
        ann.has("contactAddress", json!({ "contactId": contact, "kind": "PHONE", "value": "+49 30 1234-567" })).await;
        assert_eq!(ann.sees("contact", &contact, "emails { nodes { value } } phones { nodes { value label } }").await,
            json!({ "emails": { "nodes": [{ "value": "ada@home.example" }] }, "phones": { "nodes": [{ "value": "+49301234567", "label": "WORK" }] } }));
        assert_eq!(ann.makes("contactAddress", further).await.code(), "DUPLICATE");
        let other = ann.has("contact", json!({ "lastName": "Roe", "email": "roe@work.example" })).await;
        for (value, code) in [("ada@work.example", "DUPLICATE"), ("ada@home.example", "DUPLICATE"), ("roe@work.example", "DUPLICATE"), ("nonsense", "VALIDATION")] {
            let refused = ann.makes("contactAddress", json!({ "contactId": other, "kind": "EMAIL", "value": value })).await;
            assert_eq!((refused.code(), &refused.data()["contactAddressCreate"]["userErrors"][0]["field"]), (code, &json!(["input", "value"])));
        }
        assert_eq!(ann.makes("contact", json!({ "lastName": "Doe", "email": "ada@home.example" })).await.code(), "DUPLICATE");

        let ask = "query($input: DuplicateCandidatesInput!) { duplicateCandidates(input: $input) { record { id } rules } }";
        for (said, rule) in [(json!({ "email": "ada@home.example" }), "EMAIL"), (json!({ "phone": "+49301234567" }), "PHONE")] {
            let found = ann.ask(ask, json!({ "input": { "contact": said } })).await;
            assert_eq!(found.data()["duplicateCandidates"], json!([{ "record": { "id": contact }, "rules": [rule] }]));
        }
        let lead = ann.has("lead", json!({ "lastName": "Doe", "email": "ada@home.example", "companyName": "Home", "status": "SQL" })).await;
        let convert = "mutation($id: ID!) { leadConvert(input: { id: $id }) { contact { id email } contactCreated userErrors { message } } }";
        let done = ann.ask(convert, json!({ "id": lead })).await;
        assert_eq!(done.data()["leadConvert"], json!({ "contact": { "id": contact, "email": "ada@work.example" }, "contactCreated": false, "userErrors": [] }));

        let main = ann.does("contact", "Update", json!({ "id": contact, "email": "ada@home.example" }), "email emails { totalCount }").await;
        assert_eq!(main.data()["contactUpdate"]["contact"], json!({ "email": "ada@home.example", "emails": { "totalCount": 0 } }), "it became the main one");
    }
}

on_both! {
    async fn a_merge_keeps_all_addresses_and_the_stricter_consent(app) {
        let ann = app.founder().await;
        let winner = ann.has("contact", json!({ "lastName": "Doe", "email": "a@x.example", "emailConsent": "GRANTED" })).await;
        let loser = ann.has("contact", json!({ "lastName": "Doe", "email": "b@x.example", "phone": NUMBER, "emailConsent": "WITHDRAWN", "smsConsent": "GRANTED" })).await;
        ann.has("contactAddress", json!({ "contactId": loser, "kind": "EMAIL", "value": "c@x.example" })).await;
        let merge = "mutation($input: MergeInput!) { contactMerge(input: $input) { merge { id } changed contact { email } userErrors { message } } }";
        let said = "email phone emailConsent smsConsent emails(orderBy: [{ field: VALUE }]) { nodes { value } } consents { totalCount }";
        // whoever does not know what is withheld is not told it by a merge
        let max = role(&app, &ann, Template::MktManager);
        let picks = json!([{ "field": "email", "fromId": loser }]);
        let wish = json!({ "winnerId": winner, "loserIds": [loser], "fieldPicks": picks, "dryRun": true });
        let dry = max.ask(merge, json!({ "input": wish })).await;
        assert_eq!(dry.data()["contactMerge"]["userErrors"], json!([]), "{}", dry.0);
        assert!(!dry.data().to_string().contains("b@x.example"), "{}", dry.0);

        let done = ann.ask(merge, json!({ "input": { "winnerId": winner, "loserIds": [loser] } })).await;
        let done = &done.data()["contactMerge"];
        assert_eq!(done["userErrors"], json!([]), "{done}");
        let now = ann.sees("contact", &winner, said).await;
        assert_eq!((&now["email"], &now["phone"], &now["emailConsent"], &now["smsConsent"]), (&json!("a@x.example"), &json!(NUMBER), &json!("WITHDRAWN"), &json!("GRANTED")));
        assert_eq!(now["emails"]["nodes"], json!([{ "value": "b@x.example" }, { "value": "c@x.example" }]));

        let undo = ann.ask("mutation($id: ID!) { mergeUndo(input: { id: $id }) { kept userErrors { message } } }", json!({ "id": done["merge"]["id"] })).await;
        assert_eq!(undo.data()["mergeUndo"], json!({ "kept": 0, "userErrors": [] }));
        let back = ann.sees("contact", &winner, said).await;
        assert_eq!((&back["emailConsent"], &back["smsConsent"], &back["emails"]["nodes"]), (&json!("GRANTED"), &Value::Null, &json!([])));
        let back = ann.sees("contact", &loser, said).await;
        assert_eq!((&back["email"], &back["emailConsent"], &back["emails"]["nodes"]), (&json!("b@x.example"), &json!("WITHDRAWN"), &json!([{ "value": "c@x.example" }])));
    }
}

on_both! {
    async fn whoever_merges_people_without_further_addresses_keeps_the_losers(app) {
        let ann = app.admin();
        let (winner, loser) = (ann.has("contact", json!({ "lastName": "Doe", "email": "a@x.example" })).await, ann.has("contact", json!({ "lastName": "Doe", "email": "b@x.example" })).await);
        let merge = "mutation($input: MergeInput!) { contactMerge(input: $input) { contact { email emails { nodes { value label } } } merge { id } userErrors { message } } }";
        let done = ann.ask(merge, json!({ "input": { "winnerId": winner, "loserIds": [loser] } })).await;
        let done = &done.data()["contactMerge"];
        assert_eq!(done["contact"], json!({ "email": "a@x.example", "emails": { "nodes": [{ "value": "b@x.example", "label": "OTHER" }] } }), "{done}");
        let undo = ann.ask("mutation($id: ID!) { mergeUndo(input: { id: $id }) { kept userErrors { message } } }", json!({ "id": done["merge"]["id"] })).await;
        assert_eq!(undo.data()["mergeUndo"], json!({ "kept": 0, "userErrors": [] }));
        assert_eq!(ann.sees("contact", &winner, "emails { totalCount }").await["emails"]["totalCount"], 0);
    }
}

on_both! {
    async fn whoever_does_not_see_what_is_withheld_cannot_make_it_seen(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let joe = ann.has("contact", json!({ "lastName": "Doe", "email": "joe@x.example", "emailConsent": "WITHDRAWN" })).await;
        // who may do all else
        let mut max = person(&app, Template::MktManager, "max").await;
        let mut rights = Rights::everything();
        rights.retain(|right| right != Permission::ContactReadWithheld);
        max.actor.rights = rights.into();
        let granted = max.does("contact", "Update", json!({ "id": joe, "emailConsent": "GRANTED" }), "email").await;
        assert_eq!(granted.code(), "LOCKED");
        assert_eq!(says(&max, &joe, "EMAIL", "GRANTED").await, "LOCKED");
        assert_eq!(says(&max, &joe, "SMS", "WITHDRAWN").await, "", "what they say of other channels anybody writes down");
        assert_eq!(says(&max, &joe, "SMS", "GRANTED").await, "");
        // not by a merge into somebody whom they own, either
        let own = max.has("contact", json!({ "lastName": "Doe" })).await;
        let merge = "mutation($input: MergeInput!) { contactMerge(input: $input) { contact { email } userErrors { code } } }";
        let merged = max.ask(merge, json!({ "input": { "winnerId": own, "loserIds": [joe] } })).await;
        assert_eq!(merged.code(), "LOCKED", "{}", merged.0);
        // nor by asking what a lead would become
        let lead = ann.has("lead", json!({ "email": "joe@x.example", "lastName": "Doe", "companyName": "X", "status": "SQL" })).await;
        let convert = "mutation($input: LeadConvertInput!) { leadConvert(input: $input) { contact { id } contactCreated userErrors { code } } }";
        let dry = json!({ "input": { "id": lead, "dryRun": true } });
        let told = ann.ask(convert, dry.clone()).await;
        assert_eq!(told.data()["leadConvert"]["contact"]["id"], joe, "{}", told.0);
        let told = max.ask(convert, dry).await;
        let told = &told.data()["leadConvert"];
        assert_eq!((&told["contact"], &told["contactCreated"], &told["userErrors"]), (&json!(null), &json!(true), &json!([])));
        assert_eq!(ann.sees("contact", &joe, "email emailConsent smsConsent").await, json!({ "email": "joe@x.example", "emailConsent": "WITHDRAWN", "smsConsent": "GRANTED" }));
    }
}

on_both! {
    async fn what_was_said_under_another_name_grants_nothing(app) {
        let ann = app.founder().await;
        let winner = ann.has("contact", json!({ "lastName": "Doe", "email": "a@x.example", "emailConsent": "WITHDRAWN" })).await;
        let loser = ann.has("contact", json!({ "lastName": "Doe", "email": "b@x.example", "emailConsent": "GRANTED" })).await;
        let merge = "mutation($input: MergeInput!) { contactMerge(input: $input) { merge { id } userErrors { message } } }";
        let done = ann.ask(merge, json!({ "input": { "winnerId": winner, "loserIds": [loser] } })).await;
        assert_eq!(done.data()["contactMerge"]["userErrors"], json!([]), "{}", done.0);
        assert_eq!(says(&ann, &winner, "SMS", "GRANTED").await, "");
        assert_eq!(ann.sees("contact", &winner, "emailConsent smsConsent").await, json!({ "emailConsent": "WITHDRAWN", "smsConsent": "GRANTED" }));
        // what they said themselves after a merge stands when it is undone, and nothing is said for them
        let other = ann.has("contact", json!({ "lastName": "Roe", "emailConsent": "GRANTED" })).await;
        let gone = ann.has("contact", json!({ "lastName": "Roe", "emailConsent": "WITHDRAWN" })).await;
        let done = ann.ask(merge, json!({ "input": { "winnerId": other, "loserIds": [gone] } })).await;
        assert_eq!(says(&ann, &other, "EMAIL", "WITHDRAWN").await, "");
        let undo = "mutation($id: ID!) { mergeUndo(input: { id: $id }) { userErrors { message } } }";
        ann.ask(undo, json!({ "id": done.data()["contactMerge"]["merge"]["id"] })).await.data();
        let now = ann.sees("contact", &other, "emailConsent consents { totalCount nodes { state } }").await;
        assert_eq!((&now["emailConsent"], &now["consents"]["totalCount"]), (&json!("WITHDRAWN"), &json!(2)), "{now}");
    }
}

on_both! {
    async fn an_address_that_another_got_meanwhile_does_not_come_back(app) {
        let ann = app.founder().await;
        let (joe, kim) = (ann.has("contact", json!({ "lastName": "Doe" })).await, ann.has("contact", json!({ "lastName": "Kim" })).await);
        let address = |of: &Value| json!({ "contactId": of, "kind": "EMAIL", "value": "x@x.example" });
        let first = ann.has("contactAddress", address(&joe)).await;
        ann.does("contactAddress", "Delete", json!({ "id": first }), "id").await.data();
        ann.has("contactAddress", address(&kim)).await;
        assert_eq!(ann.does("contactAddress", "Restore", json!({ "id": first }), "id").await.code(), "DUPLICATE");
        let gone = ann.has("contact", json!({ "lastName": "Poe", "email": "y@x.example" })).await;
        ann.does("contact", "Delete", json!({ "id": gone }), "id").await.data();
        ann.has("contactAddress", json!({ "contactId": kim, "kind": "EMAIL", "value": "y@x.example" })).await;
        assert_eq!(ann.does("contact", "Restore", json!({ "id": gone }), "id").await.code(), "DUPLICATE");
        // many at once become main ones
        let rows: Vec<Value> = (0..1000).map(|n| json!({ "email": format!("m{n}@x.example"), "lastName": format!("M{n}"), "phone": format!("+4930{:07}", n) })).collect();
        let upsert = "mutation($rows: [ContactUpsertRow!]!) { contactUpsert(input: { rows: $rows, matchOn: EMAIL }) { results { status } } }";
        let made = ann.ask(upsert, json!({ "rows": rows })).await;
        assert!(made.data()["contactUpsert"]["results"][999]["status"] == "CREATED", "{}", made.0);
        let other: Vec<Value> = rows.iter().map(|row| { let mut row = row.clone(); row["phone"] = json!(row["phone"].as_str().unwrap().replace("+4930", "+4940")); row }).collect();
        let changed = ann.ask(upsert, json!({ "rows": other })).await;
        assert!(changed.data()["contactUpsert"]["results"][999]["status"] == "UPDATED", "{}", changed.0);
    }
}
