//! What the server does with connections themselves: who is silent, who says too much, and who is one too many.

use axum::http::Request;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::{App, Database, PATIENCE, Served};

async fn site(settings: &[(&str, &str)]) -> (App, Served) {
    let app = App::start(Database::Sqlite).await.expect("SQLite starts");
    let site = app.serve(settings).await;
    (app, site)
}

/// Says this and listens until the server closes, or resets what it will not read to its end.
async fn talk(site: &Served, text: &str) -> String {
    let mut stream = TcpStream::connect(site.address).await.expect("a connection");
    let mut said = Vec::new();
    if stream.write_all(text.as_bytes()).await.is_ok() {
        _ = stream.read_to_end(&mut said).await;
    }
    String::from_utf8(said).expect("text")
}

#[tokio::test]
async fn who_never_ends_a_request_is_not_waited_for() {
    let (_app, site) = site(&[("ACCORD_LIMITS__HEADER_MS", "300")]).await;
    for begun in ["", "PRI * HTTP/2.0\r", "GET /healthz HTTP/1.1\r\n", "GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: "] {
        let said = talk(&site, begun).await;
        assert!(!said.contains("200 OK"), "{begun:?}: {said}");
    }
    // a kept connection may be silent between its requests, but not for ever
    let twice = talk(&site, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nGET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(twice.matches("200 OK").count(), 2, "{twice}");
}

#[tokio::test]
async fn what_is_no_http_or_too_much_of_it_is_refused() {
    let (_app, site) = site(&[]).await;
    // a body with two lengths is two requests to somebody
    let smuggled = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!";
    for text in ["HELLO\r\n\r\n", "GET /healthz HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n", smuggled] {
        let said = talk(&site, text).await;
        assert!(said.starts_with("HTTP/1.1 400 ") && !said.contains(" 200 "), "{text}: {said}");
    }
    let long = "x".repeat(300_000);
    for text in [
        format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx-long: {long}\r\n\r\n"),
        format!("GET /{long} HTTP/1.1\r\nhost: x\r\n\r\n"),
    ] {
        let said = talk(&site, &text).await;
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 4"), "{said:.200}");
    }
}

#[tokio::test]
async fn one_connection_too_many_is_closed_and_others_go_on() {
    let (_app, site) = site(&[("ACCORD_LIMITS__CONNECTIONS", "2")]).await;
    assert_eq!(site.get("/healthz").await.status, 200, "this one is kept");
    let mut second = TcpStream::connect(site.address).await.expect("a connection");
    second.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("it is heard");
    let mut begun = [0; 12];
    second.read_exact(&mut begun).await.expect("an answer");
    assert_eq!(&begun, b"HTTP/1.1 200");
    let mut third = TcpStream::connect(site.address).await.expect("the system accepts it");
    let mut said = Vec::new();
    // closed, or reset: nothing was said
    _ = third.read_to_end(&mut said).await;
    assert!(said.is_empty());
    assert_eq!(site.get("/healthz").await.status, 200);
    drop(second);
    let again = async {
        while site_of_its_own(&site).await.is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, again).await.expect("its place is given to the next");
}

/// A request on a new connection.
async fn site_of_its_own(site: &Served) -> Option<u16> {
    let other = crate::harness::Site::at(site.address);
    Some(other.try_to_send(Request::get(other.url("/healthz")), "").await?.status)
}
