//! Limits as an operator sets them, what takes too long, trusted documents, and the codes with which they answer.

use axum::http::Request;

use crate::{
    access::user,
    harness::{App, Database, Folder, Reply, Served, json, listed, on_both},
};

async fn signed(app: &App, settings: &[(&str, &str)]) -> (Served, String) {
    user(app, "ADMIN", "ann@example.com").await;
    let site = app.serve(settings).await;
    let token = site.signs_in("ann@example.com").await;
    (site, token)
}

/// One POST of any body, perhaps with a key.
async fn post(site: &Served, token: &str, key: Option<&str>, body: serde_json::Value) -> Reply {
    let request = site.post().header("authorization", format!("Bearer {token}"));
    let request = key.into_iter().fold(request, |request, key| request.header("idempotency-key", key));
    site.send(request, body.to_string()).await
}

#[tokio::test]
async fn every_limit_of_a_document_can_be_set() {
    let app = App::start(Database::Sqlite).await.expect("SQLite starts");
    let (usual, token) = signed(&app, &[]).await;
    for (limit, bound, query, code) in [
        ("DEPTH", "3", "{ leads { nodes { owner { name } } } }", "QUERY_TOO_LARGE"),
        ("COST", "10", "{ leads(first: 20) { nodes { id } } }", "COMPLEXITY_EXCEEDED"),
        ("FIELDS", "3", "{ leads { nodes { id email title } } }", "QUERY_TOO_LARGE"),
        ("ALIASES", "1", "{ a: __typename b: __typename }", "QUERY_TOO_LARGE"),
        ("DIRECTIVES", "1", "{ __typename @skip(if: false) @include(if: true) }", "QUERY_TOO_LARGE"),
        ("TOKENS", "5", "{ leads { nodes { id } } }", "QUERY_TOO_LARGE"),
        ("BRACKETS", "2", "{ leads { nodes { id } } }", "QUERY_TOO_LARGE"),
        ("DOCUMENT_BYTES", "20", "{ leads { nodes { id email } } }", "QUERY_TOO_LARGE"),
        ("FRAGMENTS", "0", "{ ...f } fragment f on Query { __typename }", "QUERY_TOO_LARGE"),
        (
            "ROOT_MUTATIONS",
            "1",
            "mutation { leadCreate(input: {}) { lead { id } } b: leadCreate(input: {}) { lead { id } } }",
            "QUERY_TOO_LARGE",
        ),
        ("PAGE", "30", "{ leads(first: 31) { nodes { id } } }", "BAD_USER_INPUT"),
        ("BODY_BYTES_SIGNED_IN", "20", "{ __typename }", "QUERY_TOO_LARGE"),
    ] {
        let site = app.serve(&[(&*format!("ACCORD_LIMITS__{limit}"), bound)]).await;
        let good = post(&usual, &token, None, json!({ "query": query })).await;
        assert!(good.json().get("errors").is_none(), "{limit}: {}", good.text());
        let refused = post(&site, &token, None, json!({ "query": query })).await;
        assert_eq!(refused.code(), code, "{limit}: {}", refused.text());
    }
}

on_both! {
    async fn a_list_is_as_long_as_the_operator_says(app) {
        let (_usual, token) = signed(&app, &[]).await;
        let site = app.serve(&[("ACCORD_LIMITS__DEFAULT_PAGE", "2"), ("ACCORD_LIMITS__PAGE", "3")]).await;
        let rows: Vec<_> = (0..4).map(|n| json!({ "email": format!("{n}@example.com") })).collect();
        let upsert = "mutation($rows: [LeadUpsertRow!]!) { leadUpsert(input: { rows: $rows }) { results { status } } }";
        site.ask(Some(&token), upsert, json!({ "rows": rows })).await.data();
        for (page, found) in [("", 2), ("(first: 3)", 3), ("(last: 1)", 1)] {
            let answer = site.ask(Some(&token), &format!("{{ leads{page} {{ nodes {{ id }} }} }}"), json!({})).await;
            assert_eq!(answer.data()["leads"]["nodes"].as_array().map(Vec::len), Some(found), "{page}");
        }
    }
}

#[test]
fn every_code_is_listed() {
    use api::{error::Error, http::fault::Code as C};
    let edge = [
        C::Unauthenticated,
        C::Forbidden,
        C::BadUserInput,
        C::ParseFailed,
        C::ValidationFailed,
        C::OperationResolution,
        C::QueryTooLarge,
        C::ComplexityExceeded,
        C::RateLimited,
        C::BatchingDisabled,
        C::KeyReused,
        C::KeyInProgress,
        C::OutcomeUnknown,
        C::Timeout,
        C::Internal,
    ];
    let inside = [Error::CursorExpired(String::new()), Error::StorageFull].map(|error| error.code());
    let mut known: Vec<&str> = edge.into_iter().map(C::as_str).chain(inside).collect();
    let mut listed = listed();
    known.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, known);
}

#[tokio::test]
async fn a_query_that_takes_too_long_is_told_so() {
    let Some(app) = App::start(Database::Postgres).await else {
        return println!("ACCORD_TEST_POSTGRES_URL is not set: not run on PostgreSQL");
    };
    let (usual, token) = signed(&app, &[]).await;
    let site = app.serve(&[("ACCORD_LIMITS__OPERATION_MS", "300")]).await;
    let other = app.hold("LOCK TABLE lead IN ACCESS EXCLUSIVE MODE").await;
    let accounts = json!({ "query": "{ accounts { totalCount } }" });
    assert_eq!(post(&site, &token, None, accounts.clone()).await.status, 200);
    for _ in 0..2 {
        let late = post(&site, &token, None, json!({ "query": "{ leads { totalCount } }" })).await;
        assert_eq!((late.status, &*late.code()), (503, "TIMEOUT"));
    }
    let busy = post(&site, &token, None, accounts.clone()).await;
    assert_eq!(busy.code(), "TIMEOUT", "both readers still wait for the database");
    other.commit().await;
    assert_eq!(
        usual.ask(Some(&token), "{ accounts { totalCount } }", json!({})).await.data()["accounts"]["totalCount"],
        0
    );
    assert_eq!(usual.ask(Some(&token), "{ leads { totalCount } }", json!({})).await.data()["leads"]["totalCount"], 0);
}

on_both! {
    async fn a_mutation_that_takes_too_long_is_done_once_and_told_to_who_asks_again(app) {
        let (usual, token) = signed(&app, &[]).await;
        let site = app.serve(&[("ACCORD_LIMITS__OPERATION_MS", "500")]).await;
        let made = usual.ask(Some(&token), "mutation { leadCreate(input: { lastName: \"Old\" }) { lead { id } } }", json!({})).await;
        let id = made.data()["leadCreate"]["lead"]["id"].clone();
        let query = "mutation($id: ID!) { leadUpdate(input: { id: $id, lastName: \"New\" }) { lead { lastName version } userErrors { code } } }";
        let body = json!({ "query": query, "variables": { "id": id } });

        let other = app.hold("UPDATE lead SET updated_by = updated_by").await;
        let late = post(&site, &token, Some("k-1"), body.clone()).await;
        assert_eq!((late.status, &*late.code()), (503, "OUTCOME_UNKNOWN"));
        let early = post(&site, &token, Some("k-1"), body.clone()).await;
        assert_eq!((early.status, &*early.code()), (409, "IDEMPOTENCY_IN_PROGRESS"));
        other.commit().await;

        let mut again = post(&site, &token, Some("k-1"), body.clone()).await;
        while again.status == 409 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            again = post(&site, &token, Some("k-1"), body.clone()).await;
        }
        assert_eq!((again.status, again.header("idempotency-replayed")), (200, "true"), "{}", again.text());
        let lead = json!({ "lead": { "lastName": "New", "version": 2 }, "userErrors": [] });
        assert_eq!(again.json()["data"]["leadUpdate"], lead, "once");
    }
}

/// What is kept of documents, by id.
fn manifest(folder: &Folder) -> String {
    folder.file(
        "documents.json",
        json!({ "sha256:1": "query Count($n: Int) { leads(first: $n) { totalCount } }" }).to_string(),
    )
}

#[tokio::test]
async fn an_operator_says_which_documents_run() {
    let app = App::start(Database::Sqlite).await.expect("SQLite starts");
    let folder = Folder::new();
    let file = manifest(&folder);
    user(&app, "ADMIN", "ann@example.com").await;
    let token = app.serve(&[]).await.signs_in("ann@example.com").await;
    let known = json!({ "documentId": "sha256:1", "variables": { "n": 1 } });
    let unknown = json!({ "documentId": "sha256:2" });
    let text = json!({ "query": "{ leads { totalCount } }" });
    let both = json!({ "documentId": "sha256:1", "query": "{ leads { totalCount } }" });
    for (mode, good, bad) in [
        ("off", vec![&text], vec![&known, &unknown, &both]),
        ("allow", vec![&text, &known], vec![&unknown, &both]),
        ("only", vec![&known], vec![&text, &unknown, &both]),
    ] {
        let site =
            app.serve(&[("ACCORD_TRUSTED_DOCUMENTS__MODE", mode), ("ACCORD_TRUSTED_DOCUMENTS__MANIFEST", &file)]).await;
        for body in good {
            assert_eq!(
                post(&site, &token, None, body.clone()).await.json()["data"]["leads"]["totalCount"],
                0,
                "{mode} {body}"
            );
        }
        for body in bad {
            assert_eq!(post(&site, &token, None, body.clone()).await.code(), "BAD_USER_INPUT", "{mode} {body}");
        }
        let by_get =
            Request::get(site.url("/graphql?documentId=sha256:1")).header("authorization", format!("Bearer {token}"));
        let by_get = site.send(by_get, "").await;
        assert_eq!(by_get.json().get("errors").is_none(), mode != "off", "{mode}");
        let mut socket = site.socket_of(&token).await;
        for (id, payload, runs) in [("1", &known, mode != "off"), ("2", &text, mode != "only")] {
            socket.say(json!({ "id": id, "type": "subscribe", "payload": payload })).await;
            let heard = socket.hear().await;
            assert_eq!(
                (&heard["id"], &heard["type"]),
                (&json!(id), &json!(if runs { "next" } else { "error" })),
                "{mode} {heard}"
            );
            if runs {
                assert_eq!(socket.hear().await["type"], "complete");
            }
        }
    }
}

#[tokio::test]
async fn the_character_that_no_database_keeps_is_refused_and_nothing_that_looks_like_it() {
    let app = App::start(Database::Sqlite).await.expect("SQLite starts");
    let (site, token) = signed(&app, &[]).await;
    let create =
        |name: &str| format!("mutation {{ leadCreate(input: {{ lastName: {name} }}) {{ lead {{ lastName }} }} }}");
    for (name, kept) in [
        (r#""\u{00E9}va""#, "éva"),
        (r#""\u{E9}va""#, "éva"),
        (r#""\\u0000""#, r"\u0000"),
        (r#""""\u0000""""#, r"\u0000"),
        ("# \\u0000 in a comment\n\"Lee\"", "Lee"),
    ] {
        let made = site.ask(Some(&token), &create(name), json!({})).await;
        assert_eq!(made.data()["leadCreate"]["lead"]["lastName"], kept, "{name}");
    }
    for name in [r#""a\u0000b""#, r#""a\u{0}b""#, r#""a\u{0000}b""#] {
        let refused = post(&site, &token, None, json!({ "query": create(name) })).await;
        assert_eq!(refused.code(), "BAD_USER_INPUT", "{name}");
        let hidden = format!("query($n: String = {name}) {{ leads(search: $n) {{ totalCount }} }}");
        assert_eq!(post(&site, &token, None, json!({ "query": hidden })).await.code(), "BAD_USER_INPUT", "{name}");
    }
    let variable = "mutation($n: String) { leadCreate(input: { lastName: $n }) { lead { id } } }";
    let refused = post(&site, &token, None, json!({ "query": variable, "variables": { "n": "a\u{0}b" } })).await;
    assert_eq!(refused.code(), "BAD_USER_INPUT");
}
