//! A name for every request, ours or a harmless one of the client's, and what is counted about each answer.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, Request},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use tokio::time::Instant;
use uuid::Uuid;

use super::{auth::RequestInfo, metrics, run::RequestId};

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST: usize = 64;

/// Names the request, runs it, counts it and puts the name on the answer.
pub async fn layer(mut request: Request, next: Next) -> Response {
    let id = given(&request).unwrap_or_else(fresh);
    let value = HeaderValue::from_str(&id);
    request.extensions_mut().insert(RequestId(id.into()));
    let path = known(request.uri().path());
    let (begun, alive) = (Instant::now(), metrics::Alive::request());
    let mut response = next.run(request).await;
    drop(alive);
    metrics::request(path, response.status().as_u16(), begun.elapsed());
    if let Ok(value) = value {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

pub fn of(request: &Request) -> Arc<str> {
    let named = request.extensions().get::<RequestId>();
    named.map_or_else(|| Arc::from(""), |id| id.0.clone())
}

pub fn info(request: &Request) -> RequestInfo {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let agent = request.headers().get(header::USER_AGENT);
    let agent = agent.and_then(|v| v.to_str().ok());
    RequestInfo {
        request_id: of(request),
        peer: peer.map(|p| p.0.ip()),
        user_agent: agent.map(|a| a.chars().take(200).collect()),
    }
}

/// A client's own id is kept only if it can do no harm in a log or a header.
fn given(request: &Request) -> Option<String> {
    let id = request.headers().get(HEADER)?.to_str().ok()?;
    let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let short = (8..=LONGEST).contains(&id.len());
    (plain && short).then(|| id.to_owned())
}

fn known(path: &str) -> &'static str {
    match path {
        "/graphql" => "/graphql",
        "/graphql/ws" => "/graphql/ws",
        "/healthz" => "/healthz",
        "/readyz" => "/readyz",
        "/metrics" => "/metrics",
        "/schema.graphql" => "/schema.graphql",
        "/" => "/",
        _ => "other",
    }
}

#[expect(clippy::disallowed_methods, reason = "a request's id is no row's id")]
fn fresh() -> String {
    Uuid::now_v7().to_string()
}
