//! A running server as its clients see it: an address, and what comes back from there.

use std::net::SocketAddr;

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Request, request::Builder},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};

use super::Answer;
use crate::access::{PASSWORD, SIGN_IN};

/// Connections are kept open from request to request, as browsers do.
#[derive(Clone)]
pub struct Site {
    pub address: SocketAddr,
    client: Client<HttpConnector, Body>,
}

/// A whole response.
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Site {
    pub fn at(address: SocketAddr) -> Self {
        Self { address, client: Client::builder(TokioExecutor::new()).build_http() }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A POST to the endpoint that says it is JSON.
    pub fn post(&self) -> Builder {
        Request::post(self.url("/graphql")).header("content-type", "application/json")
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(self.url(path)), "").await
    }

    pub async fn send(&self, request: Builder, body: impl Into<Body>) -> Reply {
        self.try_to_send(request, body).await.expect("the server answers")
    }

    /// None when the server did not answer to the end.
    pub async fn try_to_send(&self, request: Builder, body: impl Into<Body>) -> Option<Reply> {
        let (parts, body) = self.begin(request, body).await?;
        let body = to_bytes(body, usize::MAX).await.ok()?;
        Some(Reply { status: parts.status.as_u16(), headers: parts.headers, body })
    }

    /// Sends a request; its response with a body that is still coming.
    pub async fn begin(&self, request: Builder, body: impl Into<Body>) -> Option<(axum::http::response::Parts, Body)> {
        let request = request.body(body.into()).expect("a request");
        let (parts, body) = self.client.request(request).await.ok()?.into_parts();
        Some((parts, Body::new(body)))
    }

    pub async fn ask(&self, token: Option<&str>, query: &str, variables: Value) -> Answer {
        let request = match token {
            Some(token) => self.post().header("authorization", format!("Bearer {token}")),
            None => self.post(),
        };
        let body = json!({ "query": query, "variables": variables }).to_string();
        let answer = Answer(self.send(request, body).await.json());
        answer.is_documented();
        answer
    }

    /// Signs in; the access token.
    pub async fn signs_in(&self, email: &str) -> String {
        let input = json!({ "in": { "email": email, "password": PASSWORD } });
        let answer = self.ask(None, SIGN_IN, input).await;
        let token = answer.data()["sessionCreate"]["session"]["accessToken"].as_str();
        token.unwrap_or_else(|| panic!("{}", answer.0)).to_owned()
    }
}

impl Reply {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("JSON: {}", self.text()))
    }

    /// Empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header is text"))
    }

    /// The code of the first error.
    pub fn code(&self) -> String {
        let answer = Answer(self.json());
        answer.is_documented();
        answer.code().to_owned()
    }
}
