//! What is wrong with a request is said with a code and a place, and nothing at all has changed afterwards: every row of
//! every table is as it was.

use api::access::{
    keys::Keys,
    session::token::{Subject, sign},
};
use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use chrono::TimeDelta;
use entity::id::{RowId, SessionId};
use serde_json::Value;
use tower::ServiceExt;

use crate::{
    access::{signed_in, user, user_in},
    harness::{Answer, Folder, Person, json, on_both},
    leak::dump,
};

/// A request, and the code and place of its refusal.
struct Case {
    query: String,
    variables: Value,
    code: &'static str,
    field: Value,
}

/// A mutation of a record with an input that is refused at this place of it.
fn refused(record: &str, verb: &str, input: Value, code: &'static str, place: &[&str]) -> Case {
    let name = record[..1].to_uppercase() + &record[1..];
    let query = format!(
        "mutation($input: {name}{verb}Input!) {{ {record}{verb}(input: $input) {{ userErrors {{ code message field }} }} }}"
    );
    let field = std::iter::once("input").chain(place.iter().copied()).collect();
    Case { query, variables: json!({ "input": input }), code, field }
}

/// The same, refused before anything of it is tried.
fn unread(record: &str, verb: &str, input: Value) -> Case {
    Case { field: Value::Null, ..refused(record, verb, input, "BAD_USER_INPUT", &[]) }
}

fn question(query: &str, variables: Value, code: &'static str) -> Case {
    Case { query: query.to_owned(), variables, code, field: Value::Null }
}

fn money(amount: &str, currency: &str) -> Value {
    json!({ "amount": amount, "currency": currency })
}

/// Asks, and says what was not as it should be.
async fn wrong(who: &Person<'_>, cases: Vec<Case>) -> Vec<String> {
    who.app.numbered().await;
    let before = dump(who.app).await;
    let mut wrong = Vec::new();
    for case in cases {
        let answer = who.ask(&case.query, case.variables.clone()).await;
        let about = format!("{:.200} {:.300}", case.query, case.variables.to_string());
        if (answer.code(), field(&answer)) != (case.code, &case.field) {
            wrong.push(format!("{about}\n  not {} {} but {:.400}", case.code, case.field, answer.0.to_string()));
        }
        if answer.0.to_string().len() > 4_000 {
            wrong.push(format!("{about}\n  the answer grows with the request"));
        }
        if dump(who.app).await != before {
            wrong.push(format!("{about}\n  something has changed"));
            break;
        }
    }
    wrong
}

/// Where the first user error points to.
fn field(answer: &Answer) -> &Value {
    let payload = answer.0["data"].as_object().and_then(|data| data.values().next());
    payload.map_or(&Value::Null, |payload| &payload["userErrors"][0]["field"])
}

on_both! {
    async fn values_that_are_none_are_named_and_change_nothing(app) {
        let ann = app.admin();
        ann.sells().await;
        let account = ann.has("account", json!({ "name": "Acme", "domain": "acme.com" })).await;
        let other = ann.has("account", json!({ "name": "Other" })).await;
        let lead = ann.has("lead", json!({ "lastName": "Lovelace" })).await;
        ann.does("lead", "Update", json!({ "id": lead, "firstName": "Ada" }), "version").await.data();
        let deal = ann.has("opportunity", json!({ "name": "Deal", "amount": money("10", "EUR"), "closeDate": "2030-01-31" })).await;
        let product = ann.has("product", json!({ "name": "Seat", "listPrice": money("5", "EUR") })).await;
        let strange = ann.app.admin().has("lead", json!({ "lastName": "Elsewhere" })).await;
        let long = "x".repeat(20_000);
        let lead_with = |more: Value| {
            let mut input = json!({ "id": lead });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            input
        };
        let lead_at = |place: &'static str, value: Value, code| {
            refused("lead", "Update", lead_with(json!({ place: value })), code, &[place])
        };
        let cases = vec![
            // enums, scalars, shapes
            unread("lead", "Update", lead_with(json!({ "channel": "TELEPATHY" }))),
            unread("lead", "Update", lead_with(json!({ "channel": 1 }))),
            unread("lead", "Update", lead_with(json!({ "lastName": 7 }))),
            unread("lead", "Update", lead_with(json!({ "nose": "long" }))),
            unread("lead", "Update", json!({ "id": null, "lastName": "X" })),
            unread("account", "Create", json!({ "name": null })),
            unread("account", "Create", json!({})),
            unread("opportunity", "Create", json!({ "name": "D", "amount": { "amount": "1" } })),
            unread("lead", "Update", json!([lead_with(json!({})), lead_with(json!({}))])),
            refused("account", "Update", json!({ "id": account, "name": null }), "VALIDATION", &["name"]),
            refused("account", "Update", json!({ "id": account, "name": " " }), "VALIDATION", &["name"]),
            // ids
            refused("lead", "Update", json!({ "id": account, "lastName": "X" }), "VALIDATION", &["id"]),
            refused("lead", "Update", json!({ "id": "lead_zzz", "lastName": "X" }), "VALIDATION", &["id"]),
            refused("lead", "Update", json!({ "id": "", "lastName": "X" }), "VALIDATION", &["id"]),
            refused("lead", "Update", json!({ "id": strange, "lastName": "X" }), "NOT_FOUND", &["id"]),
            refused("lead", "Delete", json!({ "id": strange }), "NOT_FOUND", &["id"]),
            lead_at("ownerId", lead.clone(), "VALIDATION"),
            lead_at("ownerId", json!("user_zzz"), "VALIDATION"),
            lead_at("matchedAccountId", deal.clone(), "VALIDATION"),
            lead_at("ownerId", json!("user_01a215a1b306736eb2c083280080db2d"), "NOT_FOUND"),
            lead_at("campaignId", json!("1 OR 1=1"), "VALIDATION"),
            // versions and what is there already
            refused("lead", "Update", lead_with(json!({ "expectedVersion": 1, "lastName": "X" })), "CONFLICT", &["expectedVersion"]),
            refused("lead", "Delete", lead_with(json!({ "expectedVersion": 9 })), "CONFLICT", &["expectedVersion"]),
            refused("account", "Create", json!({ "name": "Twin", "domain": "https://www.ACME.com/" }), "DUPLICATE", &["domain"]),
            refused("account", "Update", json!({ "id": other, "domain": "acme.com" }), "DUPLICATE", &["domain"]),
            // money
            refused("opportunity", "Update", json!({ "id": deal, "amount": money("-1", "EUR") }), "VALIDATION", &["amount"]),
            refused("opportunity", "Update", json!({ "id": deal, "amount": money("0.001", "EUR") }), "VALIDATION", &["amount"]),
            refused("opportunity", "Update", json!({ "id": deal, "amount": money("99999999999999999999", "EUR") }), "VALIDATION", &["amount"]),
            refused("opportunity", "Update", json!({ "id": deal, "amount": money("1,5", "EUR") }), "VALIDATION", &["amount"]),
            refused("opportunity", "Update", json!({ "id": deal, "amount": money("NaN", "EUR") }), "VALIDATION", &["amount"]),
            refused("opportunity", "Update", json!({ "id": deal, "amount": money("1", "EURO") }), "VALIDATION", &["amount"]),
            refused("opportunity", "Update", json!({ "id": deal, "amount": money("1", "ZZZ") }), "VALIDATION", &["amount"]),
            refused("opportunityLine", "Create", json!({ "opportunityId": deal, "productId": product, "unitPrice": money("1", "USD") }), "VALIDATION", &["unitPrice"]),
            refused("opportunity", "Update", json!({ "id": deal, "probability": 101 }), "VALIDATION", &["probability"]),
            // texts
            lead_at("lastName", json!(long), "VALIDATION"),
            lead_at("description", json!("x".repeat(200_000)), "VALIDATION"),
            refused("lead", "Update", lead_with(json!({ "customFields": { "nobody_defined": 1 } })), "VALIDATION", &["customFields", "nobody_defined"]),
            lead_at("customFields", json!("text"), "VALIDATION"),
            lead_at("email", json!("not an address"), "VALIDATION"),
            lead_at("email", json!(format!("{long}@example.com")), "VALIDATION"),
            lead_at("email", json!("a\r\nbcc: b@example.com"), "VALIDATION"),
            lead_at("country", json!("Germany"), "VALIDATION"),
            lead_at("buysBy", json!("2030-02-30"), "VALIDATION"),
            lead_at("buysBy", json!("30.01.2030"), "VALIDATION"),
            refused("businessCalendar", "Create", json!({ "name": "C", "timeZone": "Mars/Olympus", "schedule": { "hours": [], "holidays": [] } }), "VALIDATION", &["timeZone"]),
            // states
            refused("lead", "Convert", json!({ "id": lead }), "INVALID_TRANSITION", &["id"]),
            refused("lead", "Work", json!({ "id": lead }), "INVALID_TRANSITION", &["id"]),
        ];
        let wrong = wrong(&ann, cases).await;
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

on_both! {
    async fn questions_that_make_no_sense_are_refused(app) {
        let ann = app.admin();
        for n in 0..3 {
            ann.has("lead", json!({ "email": format!("{n}@example.com") })).await;
        }
        let page = "query($orderBy: [LeadOrder!], $after: String) { leads(first: 1, orderBy: $orderBy, after: $after) { pageInfo { endCursor } } }";
        let cursor = ann.ask(page, json!({})).await.data()["leads"]["pageInfo"]["endCursor"].clone();
        let filter = "query($f: LeadFilter) { leads(filter: $f) { totalCount } }";
        let cases = vec![
            question("{ leads(first: 101) { nodes { id } } }", json!({}), "BAD_USER_INPUT"),
            question("{ leads(last: 101) { nodes { id } } }", json!({}), "BAD_USER_INPUT"),
            question("{ leads(first: -1) { nodes { id } } }", json!({}), "BAD_USER_INPUT"),
            question("{ leads(first: 1, last: 1) { nodes { id } } }", json!({}), "BAD_USER_INPUT"),
            question("{ leads(first: 99999999999) { nodes { id } } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
            question("query($n: Int) { leads(first: $n) { nodes { id } } }", json!({ "n": 1.5 }), "BAD_USER_INPUT"),
            question("{ changes(first: 101) { latestSeq } }", json!({}), "BAD_USER_INPUT"),
            question("{ changes(after: \"nonsense\") { latestSeq } }", json!({}), "BAD_USER_INPUT"),
            question(page, json!({ "after": "nonsense" }), "BAD_USER_INPUT"),
            question(page, json!({ "after": "" }), "BAD_USER_INPUT"),
            question(page, json!({ "after": cursor, "orderBy": [{ "field": "EMAIL" }] }), "BAD_USER_INPUT"),
            question(page, json!({ "after": cursor, "orderBy": [{ "field": "SHOE_SIZE" }] }), "BAD_USER_INPUT"),
            question(filter, json!({ "f": { "shoeSize": { "eq": 1 } } }), "BAD_USER_INPUT"),
            question(filter, json!({ "f": { "status": { "eq": "ASLEEP" } } }), "BAD_USER_INPUT"),
            question(filter, json!({ "f": { "createdAt": { "gt": "yesterday" } } }), "BAD_USER_INPUT"),
            question(filter, json!({ "f": { "lastName": { "contains": "x" } } }), "BAD_USER_INPUT"),
            question("{ lead(by: {}) { id } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
            question("{ lead(by: { id: \"lead_1\", email: \"a@b.c\" }) { id } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
            question("mutation { leadCreate(input: { channel: TELEPATHY }) { lead { id } } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
            question("mutation { accountCreate(input: { name: null }) { account { id } } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
            question("mutation A { __typename } mutation B { __typename }", json!({}), "OPERATION_RESOLUTION_FAILURE"),
        ];
        let wrong = wrong(&ann, cases).await;
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        for impossible in [
            json!({ "and": [{ "status": { "eq": "NEW" } }, { "status": { "eq": "MQL" } }] }),
            json!({ "and": [{ "email": { "isNull": true } }, { "email": { "eq": "1@example.com" } }] }),
            json!({ "and": [{ "email": { "eq": "1@example.com" } }, { "not": { "email": { "eq": "1@example.com" } } }] }),
            json!({ "createdAt": { "gt": "2030-01-01T00:00:00Z", "lt": "2020-01-01T00:00:00Z" } }),
            json!({ "email": { "in": [] } }),
        ] {
            let none = ann.ask(filter, json!({ "f": impossible })).await;
            assert_eq!(none.data()["leads"]["totalCount"], 0, "{impossible}: nothing is both");
        }
    }
}

on_both! {
    async fn documents_without_measure_are_not_run(app) {
        let ann = app.admin();
        let create = |selection: &str| format!("mutation {{ leadCreate(input: {{ lastName: \"Lovelace\" }}) {selection} }}");
        let deep = |n: usize| format!("{{ lead {}", "{ owner { reportsTo ".repeat(n) + "{ id } " + &"} }".repeat(n) + "}");
        let aliases: String = (0..1_000).map(|n| format!("a{n}: __typename ")).collect();
        let roots: String = (0..1_000).map(|n| format!("a{n}: leadCreate(input: {{}}) {{ lead {{ id }} }} ")).collect();
        let bomb: String = (0..30).map(|n| format!("fragment f{n} on LeadPayload {{ ...f{} ...f{} }} ", n + 1, n + 1)).collect();
        let cases = vec![
            question(&create(&deep(25)), json!({}), "QUERY_TOO_LARGE"),
            question(&create(&deep(400)), json!({}), "QUERY_TOO_LARGE"),
            question(&create(&format!("{{ {aliases} }}")), json!({}), "QUERY_TOO_LARGE"),
            question(&format!("mutation {{ {roots} }}"), json!({}), "QUERY_TOO_LARGE"),
            question(&format!("{} {bomb} fragment f30 on LeadPayload {{ __typename }}", create("{ ...f0 }")), json!({}), "QUERY_TOO_LARGE"),
            question(&create(&format!("{{ __typename {} }}", "@include(if: true) ".repeat(1_000))), json!({}), "QUERY_TOO_LARGE"),
            question(&format!("mutation {{ leadCreate(input: {}", "[".repeat(5_000)), json!({}), "QUERY_TOO_LARGE"),
            question(&format!("{} #{}", create("{ __typename }"), "x".repeat(70_000)), json!({}), "QUERY_TOO_LARGE"),
        ];
        let cases: Vec<_> = cases.into_iter().chain(vec![
            question("{ leads(search: \"ab\\u0000cd\") { nodes { id } } }", json!({}), "BAD_USER_INPUT"),
            question("query($n: String!) { leads(filter: { lastName: { contains: $n } }) { nodes { id } } }", json!({ "n": "a\u{0}bc" }), "BAD_USER_INPUT"),
            question("mutation($i: LeadCreateInput!) { leadCreate(input: $i) { lead { id } } }", json!({ "i": { "lastName": "Doe", "customFields": { "tier": "a\u{0}b" } } }), "BAD_USER_INPUT"),
        ]).collect();
        let wrong = wrong(&ann, cases).await;
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));

        let before = dump(&app).await;
        let token = format!("test:{}", ann.actor.key());
        let body = json!({ "query": create("{ __typename }"), "extensions": { "padding": "x".repeat(10 << 20) } }).to_string();
        let request = Request::post("/graphql").header("content-type", "application/json");
        let request = request.header("authorization", format!("Bearer {token}")).body(Body::from(body)).unwrap();
        let answer = app.router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), 413);
        let said = to_bytes(answer.into_body(), 4_000).await.expect("a short answer");
        assert_eq!(Answer(serde_json::from_slice(&said).unwrap()).code(), "QUERY_TOO_LARGE");
        assert_eq!(dump(&app).await, before);
    }
}

on_both! {
    async fn a_file_that_is_no_text_brings_nothing_in(app) {
        let ann = app.admin();
        let mapping = "[[step]]\nfile = 'a'\nentity = 'lead'\n[step.fields]\nlastName = 'Name'\n";
        let job = crate::import::created(&ann, mapping, "a.csv").await;
        let part = |bytes: &[u8], offset: i64| {
            let input = json!({ "id": job, "offset": offset, "base64": BASE64_STANDARD.encode(bytes), "last": true });
            let mut case = refused("import", "Append", input, "VALIDATION", &["text"]);
            case.field = json!(["input", "text"]);
            case
        };
        let mut gap = part(b"Name\nX\n", 7);
        (gap.code, gap.field) = ("CONFLICT", json!(["input", "offset"]));
        let cases = vec![
            part(b"Name,\xff\xfe\nLovelace,1\n", 0),
            part(b"\xff\xfeN\0a\0m\0e\0", 0),
            part(b"Name,Name\nA,B\n", 0),
            part(b"Na\x00me\nA\n", 0),
            part(b"", 0),
            gap,
        ];
        let wrong = wrong(&ann, cases).await;
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// A ring of one key with this name and a secret of our own.
fn forged(kid: &str) -> Keys {
    let folder = Folder::new();
    let secret: Vec<u8> = (0..32).map(|n| n * 7).collect();
    let key = json!([{ "kid": kid, "alg": "HS256", "secret": BASE64_STANDARD.encode(secret), "created_at": chrono::Utc::now() }]);
    let file = folder.file("keys.json", key.to_string());
    let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(file, owner_only).expect("chmod");
    Keys::load_or_create(folder.path(), chrono::Utc::now()).expect("keys")
}

/// A token with other words in its head or its claims, its signature kept or left out.
fn edited(token: &str, part: usize, change: impl Fn(&mut Value), signed: bool) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let mut words: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(&parts[part]).unwrap()).unwrap();
    change(&mut words);
    parts[part] = BASE64_URL_SAFE_NO_PAD.encode(words.to_string());
    if !signed {
        parts[2] = String::new();
    }
    parts.join(".")
}

on_both! {
    async fn tokens_that_are_not_ours_open_nothing(app) {
        const UPDATE: &str = "mutation($id: ID!) { leadUpdate(input: { id: $id, lastName: \"Taken\" }) { lead { id } userErrors { code field } } }";
        let (_, ann_id) = user(&app, "ADMIN", "ann@example.com").await;
        user_in(&app, "other", "ADMIN", "eve@example.com").await;
        let first = signed_in(&app, "acme", "ann@example.com").await;
        let made = first.ask("mutation { leadCreate(input: { lastName: \"Lovelace\" }) { lead { id } } }", json!({})).await;
        let lead = made.data()["leadCreate"]["lead"]["id"].clone();
        let eve = signed_in(&app, "other", "eve@example.com").await;
        let ann = signed_in(&app, "acme", "ann@example.com").await;
        ann.ask("mutation { sessionRevokeOthers { revoked } }", json!({})).await.data();
        let session = ann.ask("{ viewer { session { id } } }", json!({})).await.data()["viewer"]["session"]["id"].clone();
        let session: SessionId = session.as_str().unwrap().parse().unwrap();

        let keys = app.gate.keys();
        let now = chrono::Utc::now();
        let subject = |session, seconds: i64| Subject { user: ann_id, session, expires_at: now + TimeDelta::seconds(seconds) };
        let issued = |keys: &Keys, issuer: &str, subject, at| sign(keys, issuer, subject, at).expect("a token");
        let hour_ago = now - TimeDelta::hours(1);
        let good = &ann.access;
        let tokens = [
            ("revoked", first.access.clone()),
            ("expired", issued(keys, "http://localhost", subject(session, -60), hour_ago)),
            ("from the future", issued(keys, "http://localhost", subject(session, 900), now + TimeDelta::minutes(10))),
            ("living too long", issued(keys, "http://localhost", subject(session, 86_400), now)),
            ("of another issuer", issued(keys, "http://evil.example.com", subject(session, 60), now)),
            ("of no session", issued(keys, "http://localhost", subject(SessionId::from_uuid(uuid::Uuid::now_v7()), 60), now)),
            ("signed with another key of the same name", issued(&forged(&keys.current().kid), "http://localhost", subject(session, 60), now)),
            ("signed with a key nobody knows", issued(&forged("nobody"), "http://localhost", subject(session, 60), now)),
            ("alg none", edited(good, 0, |head| head["alg"] = json!("none"), false)),
            ("alg none, signed", edited(good, 0, |head| head["alg"] = json!("none"), true)),
            ("another algorithm", edited(good, 0, |head| head["alg"] = json!("RS256"), true)),
            ("without a signature", edited(good, 0, |_| {}, false)),
            ("another subject", edited(good, 1, |claims| claims["sub"] = json!("user_1"), true)),
            ("later", edited(good, 1, |claims| claims["exp"] = json!(claims["exp"].as_i64().unwrap() + 600), true)),
            ("cut", good[..good.len() - 1].to_owned()),
            ("an API key nobody made", "accord_1_2_3".to_owned()),
            ("long", "x".repeat(10_000)),
        ];
        app.numbered().await;
        let before = dump(&app).await;
        for (why, token) in tokens {
            let answer = app.ask_as(Some(&token), &[], UPDATE, json!({ "id": lead })).await;
            assert_eq!((answer.code(), answer.0.get("data")), ("UNAUTHENTICATED", None), "{why}");
        }
        let stranger = app.ask_as(None, &[], UPDATE, json!({ "id": lead })).await;
        assert_eq!(stranger.code(), "UNAUTHENTICATED");
        let other = eve.ask(UPDATE, json!({ "id": lead })).await;
        assert_eq!((other.code(), field(&other)), ("NOT_FOUND", &json!(["input", "id"])), "of another organisation");
        assert_eq!(dump(&app).await, before);
        let ours = issued(keys, "http://localhost", subject(session, 60), now);
        assert_eq!(app.ask_as(Some(&ours), &[], UPDATE, json!({ "id": lead })).await.code(), "", "one of ours does");
    }
}
