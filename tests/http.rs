//! HTTP as clients of every kind speak it, over a real connection: pages, health, media types, what browsers of other
//! sites may do, keys, sizes.

use std::io::Read;

use axum::{
    body::{Body, Bytes},
    http::{Request, request::Builder},
};
use flate2::read::GzDecoder;
use futures_util::stream;

use crate::{
    access::user,
    harness::{App, Database, Folder, Reply, Served, Server, json, on_both},
};

const CREATE: &str = "mutation { leadCreate(input: { lastName: \"Lovelace\" }) { lead { id } userErrors { code } } }";
const COUNT: &str = "{ leads { totalCount } }";
const GRAPHQL: &str = "application/graphql-response+json";

/// The service on SQLite with somebody who is signed in, for what no database answers differently.
async fn site(settings: &[(&str, &str)]) -> (App, Served, String) {
    let app = App::start(Database::Sqlite).await.expect("SQLite starts");
    let (site, token) = signed(&app, settings).await;
    (app, site, token)
}

async fn signed(app: &App, settings: &[(&str, &str)]) -> (Served, String) {
    user(app, "ADMIN", "ann@example.com").await;
    let site = app.serve(settings).await;
    let token = site.signs_in("ann@example.com").await;
    (site, token)
}

fn with(request: Builder, token: &str) -> Builder {
    request.header("authorization", format!("Bearer {token}"))
}

fn asking(query: &str) -> String {
    json!({ "query": query }).to_string()
}

async fn leads(site: &Served, token: &str) -> u64 {
    let answer = site.ask(Some(token), COUNT, json!({})).await;
    answer.data()["leads"]["totalCount"].as_u64().expect("a count")
}

#[tokio::test]
async fn the_explorer_needs_nothing_from_elsewhere() {
    let (_app, site, _) = site(&[]).await;
    let page = site.get("/").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert!(!policy.contains("http"), "{policy}");
    assert!(!page.text().contains("//"), "an address: {}", page.text());
    let named = page.text().split(['"', '\'']).filter(|word| word.starts_with("/explorer/"));
    let files: Vec<&str> = named.collect();
    assert_eq!(files.len(), 3, "{files:?}");
    for file in files {
        let file = site.get(file).await;
        assert_eq!((file.status, file.header("x-content-type-options")), (200, "nosniff"));
        assert_eq!(file.header("content-security-policy"), policy);
        // what the style sheet would load; scripts hold links for people, which the policy keeps from loading
        assert!(!file.text().contains("url(http") && !file.text().contains("@import"));
    }
}

#[tokio::test]
async fn the_schema_is_for_whom_the_setting_names() {
    for (setting, stranger, member) in [("signed-in", 401, 200), ("on", 200, 200), ("off", 403, 403)] {
        let (_app, site, token) = site(&[("ACCORD_INTROSPECTION", setting)]).await;
        let path = site.url("/schema.graphql");
        let known = site.send(with(Request::get(&path), &token), "").await;
        assert_eq!((site.get("/schema.graphql").await.status, known.status), (stranger, member), "{setting}");
        if member == 200 {
            assert_eq!(
                (known.header("content-type"), known.text()),
                ("text/plain; charset=utf-8", &*api::schema::sdl())
            );
        }
    }
}

on_both! {
    async fn operators_see_whether_it_lives_and_what_it_does(app) {
        let folder = Folder::new();
        user(&app, "ADMIN", "ann@example.com").await;
        let server = Server::start(&folder, &app.url, &[]).await;
        let token = server.signs_in("ann@example.com").await;
        server.ask(Some(&token), COUNT, json!({})).await.data();
        server.ask(None, "{", json!({})).await;
        for path in ["/healthz", "/readyz"] {
            let probe = server.get(path).await;
            assert_eq!((probe.status, probe.text()), (200, "ok"), "{path}");
        }
        let metrics = server.get("/metrics").await;
        assert_eq!((metrics.status, metrics.header("content-type")), (200, "text/plain; version=0.0.4"));
        for line in [
            "# TYPE accord_operations_total counter",
            "accord_operations_total{kind=\"mutation\",code=\"OK\"} 1",
            "accord_operations_total{kind=\"query\",code=\"OK\"} 1",
            "accord_refusals_total{code=\"GRAPHQL_PARSE_FAILED\"} 1",
            "accord_http_requests_total{path=\"/readyz\",status=\"200\"} 1",
            "accord_operation_seconds_count{kind=\"query\"} 1",
        ] {
            assert!(metrics.text().lines().any(|found| found == line), "{line} in\n{}", metrics.text());
        }
        let says_nothing_of_people = ["ann@example.com", "acme", token.as_str()];
        assert!(says_nothing_of_people.iter().all(|secret| !metrics.text().contains(secret)));
        if app.database == Database::Postgres {
            gone(&app.url).await;
            let probe = server.get("/readyz").await;
            assert_eq!((probe.status, probe.text()), (503, "fail"));
            assert_eq!(server.get("/healthz").await.status, 200);
        }
    }
}

on_both! {
    async fn requests_are_sent_elsewhere_while_it_cannot_serve_them(app) {
        use sea_orm::ConnectionTrait;
        use sqlx::{Connection, Executor};
        let folder = Folder::new();
        let full = Server::start(&folder, &app.url, &[("ACCORD_LIMITS__FREE_DISK_PERCENT", "100")]).await;
        assert_eq!((full.get("/readyz").await.status, full.get("/healthz").await.status), (503, 200), "no disk is empty");
        full.kill().await;

        let server = Server::start(&folder, &app.url, &[]).await;
        let database = app.store.migrator();
        for (step, status) in [
            ("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)", 503),
            ("DELETE FROM seaql_migrations WHERE version = 'm9999_later'", 200),
        ] {
            database.execute_unprepared(step).await.unwrap();
            assert_eq!(server.get("/readyz").await.status, status, "{step}");
        }
        if app.database == Database::Postgres {
            let (_, name) = app.url.rsplit_once('/').unwrap();
            let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
            for (only, status) in [("on", 503), ("off", 200)] {
                let mut other = sqlx::PgConnection::connect(&app.url).await.unwrap();
                other.execute("SET default_transaction_read_only = off").await.unwrap();
                other.execute(sqlx::AssertSqlSafe(format!("ALTER ROLE CURRENT_USER IN DATABASE {name} SET default_transaction_read_only = {only}"))).await.unwrap();
                other.execute(others).await.unwrap();
                let mut found = 0;
                // connections that were cut are found out one by one
                for _ in 0..100 {
                    found = server.get("/readyz").await.status;
                    if found == status {
                        break;
                    }
                }
                assert_eq!(found, status, "read only: {only}");
            }
        }
    }
}

/// The database is taken away while it is in use.
async fn gone(url: &str) {
    use sqlx::{Connection, Executor};
    let (server, name) = url.rsplit_once('/').expect("a URL with a database");
    let mut connection = sqlx::PgConnection::connect(&format!("{server}/postgres")).await.expect("PostgreSQL answers");
    let drop = format!("DROP DATABASE {name} WITH (FORCE)");
    connection.execute(sqlx::AssertSqlSafe(drop)).await.expect("dropped");
}

/// What a browser asks before it sends a request of another site's page.
async fn preflight(site: &Served, origin: &str) -> Reply {
    let request = Request::options(site.url("/graphql"))
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type,idempotency-key");
    site.send(request, "").await
}

#[tokio::test]
async fn pages_of_allowed_origins_may_call_and_no_others() {
    let allowed = [("ACCORD_ALLOWED_ORIGINS", "https://app.example.com,https://admin.example.com")];
    let (_app, site, token) = site(&allowed).await;
    for origin in ["https://app.example.com", "https://admin.example.com"] {
        let asked = preflight(&site, origin).await;
        assert_eq!((asked.status, asked.header("access-control-allow-origin")), (200, origin));
        let headers = asked.header("access-control-allow-headers");
        assert!(["authorization", "idempotency-key", "content-type"].iter().all(|name| headers.contains(name)));
        assert_eq!(asked.header("access-control-allow-credentials"), "", "there are no cookies");
        let sent = with(site.post().header("origin", origin), &token);
        let answer = site.send(sent, asking(COUNT)).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, origin));
        assert!(answer.header("access-control-expose-headers").contains("idempotency-replayed"));
    }
    for origin in ["https://evil.example.com", "http://app.example.com", "https://app.example.com.evil.org", "null"] {
        assert_eq!(preflight(&site, origin).await.header("access-control-allow-origin"), "", "{origin}");
        let answer = site.send(with(site.post().header("origin", origin), &token), asking(COUNT)).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
    }
}

#[tokio::test]
async fn without_allowed_origins_no_page_of_another_site_reads_anything() {
    let (_app, site, _) = site(&[]).await;
    let asked = preflight(&site, "https://app.example.com").await;
    assert!(asked.headers.keys().all(|name| !name.as_str().starts_with("access-control")), "{:?}", asked.headers);
}

#[tokio::test]
async fn what_a_page_may_send_unasked_changes_nothing() {
    let (_app, site, token) = site(&[]).await;
    let simple = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""];
    let odd = ["application/json; charset=utf-16", "application/jsonp", "json", "application/graphql"];
    for kind in simple.into_iter().chain(odd) {
        let request = with(Request::post(site.url("/graphql")), &token);
        let request = if kind.is_empty() { request } else { request.header("content-type", kind) };
        let answer = site.send(request, asking(CREATE)).await;
        assert_eq!((answer.status, &*answer.code()), (415, "BAD_USER_INPUT"), "{kind}");
    }
    let packed = with(site.post().header("content-encoding", "gzip"), &token);
    assert_eq!(site.send(packed, asking(CREATE)).await.status, 415);
    let query = url_encoded(CREATE);
    let by_get = site.send(with(Request::get(site.url(&format!("/graphql?query={query}"))), &token), "").await;
    assert_eq!((by_get.status, by_get.header("allow")), (405, "POST"));
    assert_eq!(leads(&site, &token).await, 0);
    site.ask(Some(&token), CREATE, json!({})).await.data();
    assert_eq!(leads(&site, &token).await, 1, "the same mutation, sent as it should be");
}

fn url_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |out, byte| out + &format!("%{byte:02X}"))
}

#[tokio::test]
async fn large_answers_are_compressed_for_who_understands_it() {
    let (_app, site, _) = site(&[("ACCORD_INTROSPECTION", "on")]).await;
    let packed = Request::get(site.url("/schema.graphql")).header("accept-encoding", "gzip");
    let packed = site.send(packed, "").await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.headers.get_all("vary").iter().any(|value| value == "accept-encoding"), "{:?}", packed.headers);
    let mut text = String::new();
    GzDecoder::new(&packed.body[..]).read_to_string(&mut text).expect("gzip");
    assert!(text == api::schema::sdl() && packed.body.len() < text.len() / 4);
    assert_eq!(site.get("/schema.graphql").await.header("content-encoding"), "");
    let small = Request::get(site.url("/healthz")).header("accept-encoding", "gzip");
    assert_eq!(site.send(small, "").await.header("content-encoding"), "");
}

#[tokio::test]
async fn every_answer_names_its_request() {
    let (_app, site, _) = site(&[]).await;
    let named = |id: &str| Request::get(site.url("/healthz")).header("x-request-id", id);
    let kept = site.send(named("order-4711_a"), "").await;
    assert_eq!(kept.header("x-request-id"), "order-4711_a");
    for harmful in ["short", "with space in it", "{\"json\":1}", "<script>alert(1)</script>", &"x".repeat(65)] {
        let made = site.send(named(harmful), "").await.header("x-request-id").to_owned();
        assert!(made != harmful && uuid::Uuid::parse_str(&made).is_ok(), "{harmful}: {made}");
    }
    let failed = site.send(site.post().header("x-request-id", "order-4711_b"), asking("{ nope }")).await;
    assert_eq!(failed.json()["errors"][0]["extensions"]["requestId"], "order-4711_b");
    assert_ne!(site.get("/nowhere").await.header("x-request-id"), "");
}

on_both! {
    async fn a_key_has_one_effect_and_one_answer(app) {
        let (site, token) = signed(&app, &[]).await;
        let keyed = |key: &str| with(site.post().header("idempotency-key", key), &token);
        let first = site.send(keyed("k-1"), asking(CREATE)).await;
        assert_eq!((first.status, first.header("idempotency-replayed")), (200, ""));
        let again = site.send(keyed("k-1"), asking(CREATE)).await;
        assert_eq!((again.status, again.header("idempotency-replayed")), (200, "true"));
        assert_eq!(again.body, first.body, "to the byte");
        let other = site.send(keyed("k-1"), asking(&CREATE.replace("Lovelace", "Byron"))).await;
        assert_eq!((other.status, &*other.code()), (422, "IDEMPOTENCY_KEY_REUSED"));
        assert_eq!(leads(&site, &token).await, 1);
        let directive = CREATE.replace("}) {", "}) @idempotent(key: \"k-1\") {");
        let differ = site.send(keyed("k-2"), asking(&directive)).await;
        assert_eq!(differ.code(), "BAD_USER_INPUT");
        let two = "mutation { a: leadCreate(input: {}) { lead { id } } b: leadCreate(input: {}) { lead { id } } }";
        assert_eq!(site.send(keyed("k-3"), asking(two)).await.code(), "BAD_USER_INPUT");
        assert_eq!(site.send(keyed(&"k".repeat(256)), asking(CREATE)).await.code(), "BAD_USER_INPUT");
        assert_eq!(leads(&site, &token).await, 1);
        site.send(keyed("k-2"), asking(CREATE)).await;
        assert_eq!(leads(&site, &token).await, 2, "another key is another effect");
    }
}

on_both! {
    async fn twenty_at_once_with_one_key_have_one_effect(app) {
        let (site, token) = signed(&app, &[]).await;
        let tries = (0..20).map(|_| site.send(with(site.post().header("idempotency-key", "k"), &token), asking(CREATE)));
        let answers = futures_util::future::join_all(tries).await;
        assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 409)));
        let good: Vec<&Reply> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert!(!good.is_empty() && good.iter().all(|answer| answer.body == good[0].body));
        assert_eq!(leads(&site, &token).await, 1);
    }
}

#[tokio::test]
async fn statuses_go_by_the_media_type_that_is_accepted() {
    let (_app, site, token) = site(&[]).await;
    let json_type = "application/json; charset=utf-8";
    let graphql_type = "application/graphql-response+json; charset=utf-8";
    for (query, status) in
        [(COUNT, 200), ("{", 400), ("{ nope }", 400), ("query A { __typename } query B { __typename }", 400)]
    {
        for (accept, kind, status) in [
            (GRAPHQL, graphql_type, status),
            ("application/json", json_type, 200),
            ("*/*", json_type, 200),
            ("", json_type, 200),
            ("application/json;q=0.5, application/graphql-response+json", graphql_type, status),
            ("text/html, application/json;q=0.1", json_type, 200),
        ] {
            let request = with(site.post(), &token);
            let request = if accept.is_empty() { request } else { request.header("accept", accept) };
            let answer = site.send(request, asking(query)).await;
            assert_eq!((answer.status, answer.header("content-type")), (status, kind), "{accept} {query}");
            assert_eq!(answer.json().get("data").is_some(), query == COUNT);
            assert_eq!(
                (answer.header("cache-control"), answer.header("x-content-type-options")),
                ("no-store", "nosniff")
            );
        }
    }
    let page = site.send(with(site.post().header("accept", "text/html"), &token), asking(COUNT)).await;
    assert_eq!(page.status, 406);
    for wrong in ["nonsense", "Bearer", "Basic YTpi"] {
        let stranger = site.post().header("accept", GRAPHQL).header("authorization", wrong);
        let answer = site.send(stranger, asking(COUNT)).await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, "Bearer"), "{wrong}");
    }
}

#[tokio::test]
async fn queries_may_come_by_get() {
    let (_app, site, token) = site(&[]).await;
    let get = |words: String| with(Request::get(site.url(&format!("/graphql?{words}"))), &token);
    let query = url_encoded("query A { __typename } query B($n: Int) { leads(first: $n) { totalCount } }");
    let variables = url_encoded("{\"n\": 3}");
    let good = site.send(get(format!("query={query}&operationName=B&variables={variables}&extensions=")), "").await;
    assert_eq!((good.status, &good.json()["data"]), (200, &json!({ "leads": { "totalCount": 0 } })));
    for (words, code) in [
        (format!("query={query}"), "OPERATION_RESOLUTION_FAILURE"),
        (format!("query={query}&operationName=B&variables=%7B"), "BAD_USER_INPUT"),
        (format!("query={query}&operationName=B&variables=%5B1%5D"), "BAD_USER_INPUT"),
        (String::new(), "BAD_USER_INPUT"),
    ] {
        assert_eq!(site.send(get(words.clone()), "").await.code(), code, "{words}");
    }
}

#[tokio::test]
async fn what_is_no_request_is_refused_in_words() {
    let (_app, site, token) = site(&[]).await;
    for (body, status, code) in [
        (format!("[{}, {}]", asking(CREATE), asking(CREATE)), 400, "BATCHING_DISABLED"),
        ("[]".into(), 400, "BATCHING_DISABLED"),
        ("{".into(), 400, "BAD_USER_INPUT"),
        (String::new(), 400, "BAD_USER_INPUT"),
        ("null".into(), 400, "BAD_USER_INPUT"),
        ("{}".into(), 400, "BAD_USER_INPUT"),
        (json!({ "query": 7 }).to_string(), 400, "BAD_USER_INPUT"),
        (json!({ "query": CREATE, "variables": [] }).to_string(), 400, "BAD_USER_INPUT"),
        (json!({ "query": CREATE, "extensions": "x" }).to_string(), 400, "BAD_USER_INPUT"),
    ] {
        let answer = site.send(with(site.post(), &token), body.clone()).await;
        assert_eq!((answer.status, &*answer.code()), (status, code), "{body}");
        assert!(!answer.text().contains("serde") && !answer.text().contains("line 1 column"), "{}", answer.text());
    }
    assert_eq!(leads(&site, &token).await, 0);
    assert_eq!(site.get("/nowhere").await.status, 404);
    assert_eq!(site.get("/graphql/").await.status, 404);
    for (method, path) in
        [("PUT", "/graphql"), ("DELETE", "/graphql"), ("POST", "/healthz"), ("POST", "/schema.graphql")]
    {
        let request = Request::builder().method(method).uri(site.url(path));
        assert_eq!(site.send(request, "").await.status, 405, "{method} {path}");
    }
}

#[tokio::test]
async fn bodies_are_bounded_in_size_and_in_time() {
    let limits = [("ACCORD_LIMITS__BODY_BYTES_ANONYMOUS", "2000"), ("ACCORD_LIMITS__BODY_MS", "1000")];
    let (_app, site, token) = site(&limits).await;
    let long = asking(&format!("{{ __typename }} #{}", "x".repeat(3_000)));
    let refused = site.send(site.post(), long.clone()).await;
    assert_eq!((refused.status, &*refused.code(), refused.header("connection")), (413, "QUERY_TOO_LARGE", "close"));
    assert_eq!(site.send(with(site.post(), &token), long).await.status, 200, "more is read of who is known");
    let begun = stream::once(async { Ok::<_, std::io::Error>(Bytes::from_static(b"{\"query\":")) });
    let slow = site.send(site.post(), Body::from_stream(stream::StreamExt::chain(begun, stream::pending()))).await;
    assert_eq!((slow.status, slow.header("connection")), (408, "close"));
    assert_eq!(site.send(site.post(), asking("{ __typename }")).await.status, 200, "the next one is heard");
}
