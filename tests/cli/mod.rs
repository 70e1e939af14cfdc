//! The command line as an operator uses it: the built binary, its files, what it prints and how it ends.

mod database;
mod import;
mod settings;

use std::{collections::BTreeSet, fs::Permissions, os::unix::fs::PermissionsExt};

use futures_util::future::join_all;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};

use crate::{
    access::PASSWORD,
    harness::{App, Database, Folder, PATIENCE, Said, Server, accord, json, on_both, said},
};

const VIEWER: &str = "{ viewer { user { email name } organization { slug } roles { key } } }";

/// Nothing that was said holds a secret.
fn find_none(said: &Said, secrets: &[&str]) {
    for secret in secrets {
        assert!(!said.out.contains(secret) && !said.err.contains(secret), "{secret} in {}{}", said.out, said.err);
    }
}

/// Runs `accord` on a database.
async fn on(url: &str, folder: &Folder, words: &[&str], input: &str) -> Said {
    let mut command = accord(folder, words);
    command.env("ACCORD_DATABASE_URL", url);
    said(command, input).await
}

/// `accord user create` for Ann, an administrator of `acme`.
async fn ann(url: &str, folder: &Folder) -> Said {
    let words = ["user", "create", "--organization", "acme", "--email", "ann@example.com", "--role", "ADMIN"];
    on(url, folder, &words, &format!("{PASSWORD}\n")).await
}

on_both! {
    async fn a_user_is_made_and_signs_in_and_no_secret_is_logged(app) {
        let folder = Folder::new();
        let made = ann(&app.url, &folder).await;
        assert!(made.good, "{}", made.err);
        assert_eq!(made.out, "ann@example.com may now sign in to acme as ADMIN.\n");
        assert!(!made.err.contains(PASSWORD));
        let server = Server::start(&folder, &app.url, &[("ACCORD_LOG__FILTER", "trace,hyper=off,sqlx=off")]).await;
        let token = server.signs_in("ann@example.com").await;
        let answer = server.ask(Some(&token), VIEWER, json!({})).await;
        let ann = json!({ "user": { "email": "ann@example.com", "name": "ann" }, "organization": { "slug": "acme" }, "roles": [{ "key": "ADMIN" }] });
        assert_eq!(answer.data()["viewer"], ann);
        let pipelines = server.ask(Some(&token), "{ pipelines { totalCount } }", json!({})).await;
        assert_eq!(pipelines.data()["pipelines"]["totalCount"], 1, "a new organisation begins with a pipeline");
        server.terminate().await;
        let (code, log) = server.ended().await;
        assert_eq!(code, Some(0));
        let keys = std::fs::read_to_string(folder.path().join("data/keys.json")).expect("keys");
        let keys: Value = serde_json::from_str(&keys).expect("JSON");
        let key = find(&keys, "secret").expect("a secret");
        assert!([PASSWORD, &token, &key].iter().all(|secret| !log.contains(secret)), "a secret is in the log");
        assert!(log.contains("\"operation\"") || log.contains("answered"), "requests are logged: {log:.2000}");
    }
}

/// The first text of this name in a JSON document.
fn find(value: &Value, name: &str) -> Option<String> {
    match value {
        Value::Object(map) => match map.get(name) {
            Some(Value::String(text)) => Some(text.clone()),
            _ => map.values().find_map(|value| find(value, name)),
        },
        Value::Array(list) => list.iter().find_map(|value| find(value, name)),
        _ => None,
    }
}

on_both! {
    async fn a_user_who_cannot_be_made_leaves_nothing(app) {
        let folder = Folder::new();
        let create = |role: &str, email: &str, slug: &str, password: &str| {
            let words = ["user", "create", "--organization", slug, "--email", email, "--role", role].map(str::to_owned);
            let (folder, url, password) = (&folder, &app.url, password.to_owned());
            async move { on(url, folder, &words.each_ref().map(String::as_str), &password).await }
        };
        for (role, email, slug, password, why) in [
            ("ADMIN", "ann@example.com", "acme", "short\n", "8 to 1024"),
            ("ADMIN", "ann@example.com", "acme", "", "8 to 1024"),
            ("ADMIN", "ann@example.com", "acme", "password123\n", "password"),
            ("BOSS", "ann@example.com", "acme", "violet kettle nine\n", "no role \"BOSS\""),
            ("ADMIN", "not an address", "acme", "violet kettle nine\n", "e-mail"),
            ("ADMIN", "ann@example.com", "No Slug!", "violet kettle nine\n", ""),
        ] {
            let refused = create(role, email, slug, password).await;
            assert!(!refused.good && refused.err.contains(why), "{role} {email} {slug}: {}", refused.err);
            assert!(refused.err.starts_with("accord: ") && refused.out.is_empty());
        }
        for table in ["\"user\"", "organization", "role", "event"] {
            assert_eq!(crate::jobs::count(&app.store, table).await, 0, "{table}");
        }
        assert!(create("ADMIN", "ann@example.com", "acme", "violet kettle nine").await.good);
        let twice = create("ADMIN", "ann@example.com", "acme", "violet kettle nine").await;
        assert!(!twice.good, "{}", twice.out);
        assert_eq!(crate::jobs::count(&app.store, "\"user\"").await, 1);
    }
}

fn mode(folder: &Folder, path: &str) -> u32 {
    std::fs::metadata(folder.path().join(path)).expect(path).permissions().mode() & 0o777
}

/// A server on the embedded database of the data folder.
async fn embedded(folder: &Folder) -> Server {
    Server::of(accord(folder, &["serve"])).await
}

#[tokio::test]
async fn the_first_start_makes_a_key_that_only_its_owner_reads() {
    let folder = Folder::new();
    let server = embedded(&folder).await;
    assert_eq!((mode(&folder, "data"), mode(&folder, "data/keys.json")), (0o700, 0o600));
    let key = std::fs::read(folder.path().join("data/keys.json")).expect("keys");
    server.kill().await;
    embedded(&folder).await.kill().await;
    assert_eq!(std::fs::read(folder.path().join("data/keys.json")).expect("keys"), key, "the second start keeps it");

    std::fs::set_permissions(folder.path().join("data/keys.json"), Permissions::from_mode(0o644)).expect("chmod");
    let exposed = said(accord(&folder, &["serve"]), "").await;
    assert!(!exposed.good && exposed.err.contains("may be read by others"), "{}", exposed.err);
    let secret = find(&serde_json::from_slice(&key).expect("JSON"), "secret").expect("a secret");
    assert!(!exposed.err.contains(&secret));
}

#[tokio::test]
async fn tokens_outlive_a_rotation_but_not_a_revocation() {
    let folder = Folder::new();
    let words = ["user", "create", "--organization", "acme", "--email", "ann@example.com", "--role", "ADMIN"];
    let made = said(accord(&folder, &words), &format!("{PASSWORD}\n")).await;
    assert!(made.good, "the first command on a machine: {}", made.err);
    assert_eq!(mode(&folder, "data"), 0o700);
    let server = embedded(&folder).await;
    let token = server.signs_in("ann@example.com").await;
    let old = refresh(&server, &session(&server).await).await;
    let new = refresh(&server, &old).await;
    server.kill().await;
    for (words, known) in [(&["keys", "rotate"][..], true), (&["keys", "rotate", "--revoke"][..], false)] {
        let done = said(accord(&folder, words), "").await;
        assert!(done.good && done.out.starts_with("Key "), "{}", done.err);
        let server = embedded(&folder).await;
        let answer = server.ask(Some(&token), VIEWER, json!({})).await;
        assert_eq!(answer.0["data"]["viewer"].is_object(), known, "{words:?}: {}", answer.0);
        assert!(!server.signs_in("ann@example.com").await.is_empty());
        if known {
            let newest = refresh(&server, &new).await;
            assert!(!newest.is_empty(), "nobody is signed out");
            assert_eq!(refresh(&server, &old).await, "", "a copy of an older one is still known");
            assert_eq!(refresh(&server, &newest).await, "", "and ends the session");
        }
        server.kill().await;
    }
}

/// Signs Ann in; the refresh token.
async fn session(server: &Server) -> String {
    let input = json!({ "in": { "email": "ann@example.com", "password": PASSWORD } });
    let answer = server.ask(None, crate::access::SIGN_IN, input).await;
    answer.data()["sessionCreate"]["session"]["refreshToken"].as_str().expect("signed in").to_owned()
}

/// The next refresh token; empty when there is none.
async fn refresh(server: &Server, token: &str) -> String {
    let query = "mutation($t: String!) { sessionRefresh(input: { refreshToken: $t }) { session { refreshToken } userErrors { code } } }";
    let answer = server.ask(None, query, json!({ "t": token })).await;
    answer.data()["sessionRefresh"]["session"]["refreshToken"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_demo_says_how_to_sign_in() {
    let app = App::start(Database::Sqlite).await.expect("SQLite starts");
    let folder = Folder::new();
    // a smaller one than the server would make; it leaves it as it is
    let size = api::demo::Size { seed: 7, percent: 1 };
    let filled = api::demo::fill_with(&app.store, app.gate.hasher(), size).await.expect("the demo organisation");
    let mut command = accord(&folder, &["serve", "--demo"]);
    command.env("ACCORD_DATABASE_URL", &app.url);
    let mut server = Server::of(command).await;
    let mut lines = BufReader::new(server.child.stdout.take().expect("its output")).lines();
    let mut people = Vec::new();
    while people.len() < filled.len() {
        let line = lines.next_line().await.expect("output").expect("everybody");
        if line.contains("@demo.example") {
            people.push(line);
        }
    }
    let enters = async |person: &String| {
        let [role, email, password] = person.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{person}") };
        let input = json!({ "in": { "email": email, "password": password } });
        let answer = server.ask(None, crate::access::SIGN_IN, input).await;
        let token = answer.data()["sessionCreate"]["session"]["accessToken"].as_str().expect("signed in").to_owned();
        let viewer = server.ask(Some(&token), "{ viewer { user { email } } }", json!({})).await;
        assert_eq!(viewer.data()["viewer"]["user"]["email"], email);
        role.to_owned()
    };
    let roles: BTreeSet<String> = join_all(people.iter().map(enters)).await.into_iter().collect();
    assert_eq!(roles.len(), 10, "every role is there: {roles:?}");
    server.kill().await;
}

/// A collector that takes what it is sent until it has seen this.
async fn collector(listener: tokio::net::TcpListener, word: &str) {
    let (mut seen, word) = (Vec::new(), word.as_bytes());
    while !seen.windows(word.len()).any(|window| window == word) {
        let (stream, _) = listener.accept().await.expect("an exporter");
        let mut stream = BufReader::new(stream);
        let (mut line, mut length) = (String::new(), 0);
        while stream.read_line(&mut line).await.expect("a header") > 2 {
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            line.clear();
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.expect("a body");
        seen.extend(body);
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        stream.get_mut().write_all(answer).await.expect("an answer");
    }
}

#[tokio::test]
async fn spans_go_to_the_collector_that_a_flag_names() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let folder = Folder::new();
    let server = Server::of(accord(&folder, &["serve", "--otlp-endpoint", &endpoint])).await;
    server.ask(None, "query SpanOfThisTest { __typename }", json!({})).await.data();
    let spans = collector(listener, "SpanOfThisTest");
    let (ended, ()) = tokio::join!(tokio::time::timeout(PATIENCE, spans), server.terminate());
    ended.expect("the span is sent before the server ends");
    assert_eq!(server.ended().await.0, Some(0));
}

#[tokio::test]
async fn the_schema_is_printed_and_written() {
    let folder = Folder::new();
    let printed = said(accord(&folder, &["schema"]), "").await;
    assert!(printed.good && printed.out == api::schema::sdl());
    assert!(said(accord(&folder, &["schema", "--output", "s.graphql"]), "").await.good);
    assert!(std::fs::read_to_string(folder.path().join("s.graphql")).expect("a file") == printed.out);
    let nowhere = said(accord(&folder, &["schema", "--output", "nowhere/s.graphql"]), "").await;
    assert!(!nowhere.good && nowhere.err.starts_with("accord: "), "{}", nowhere.err);
}

#[tokio::test]
async fn words_that_are_none_are_refused_with_help() {
    let folder = Folder::new();
    for words in [&[][..], &["fly"], &["serve", "--prodction"], &["migrate"], &["import", "x.csv"]] {
        let refused = said(accord(&folder, words), "").await;
        assert!(!refused.good && refused.err.contains("Usage: accord"), "{words:?}: {}", refused.err);
    }
    let version = said(accord(&folder, &["--version"]), "").await;
    assert_eq!(version.out, format!("accord {}\n", env!("CARGO_PKG_VERSION")));
}
