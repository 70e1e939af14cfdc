//! Who is calling: takes the bearer credential out of a request and hands it to the one function that knows.
//! It never looks into a credential and never decides what a caller may do.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::http::{HeaderMap, StatusCode, header};
use futures_util::future::BoxFuture;

use super::{
    fault::{Code, Fault},
    limits::{Limits, ms},
};
use crate::{
    access::{identity::Gate, session::Client},
    error::Error,
    store::Access,
};

/// What is known of a request besides its credential; for sessions, audit and limits per network.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    pub request_id: Arc<str>,
    pub peer: Option<IpAddr>,
    pub user_agent: Option<String>,
}

/// A caller, signed in or not.
#[derive(Clone)]
pub struct Identified {
    /// The caller's way to the store; none for strangers.
    pub access: Option<Access>,
    /// Stable name of the caller for limits and idempotency keys; never a credential.
    pub key: String,
    /// Time left until the credential expires, counted from now.
    pub expires_in: Option<Duration>,
    /// Still the same caller? Asked about each second while a socket or stream is open.
    pub recheck: Recheck,
}

impl RequestInfo {
    /// What sign-in may know of where a request came from.
    pub fn client(&self) -> Client {
        Client { ip: self.peer, user_agent: self.user_agent.clone(), request_id: Some(self.request_id.to_string()) }
    }
}

#[derive(Debug, Clone, Copy)]
pub enum AuthError {
    /// Malformed, unknown, expired or revoked: the client is not told which.
    Refused,
    /// It could not be found out.
    Broken,
}

impl Identified {
    pub fn signed_in(&self) -> bool {
        self.access.is_some()
    }
}

pub type Recheck = Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

/// Without a bearer the answer is the anonymous caller.
pub type Identify =
    Arc<dyn Fn(Option<String>, RequestInfo) -> BoxFuture<'static, Result<Identified, AuthError>> + Send + Sync>;

/// The callers of a service: bearers as the gate knows them. An open socket ends when its caller's rights change.
pub fn by(gate: Gate) -> Identify {
    Arc::new(move |bearer, info| Box::pin(known(gate.clone(), bearer, info)))
}

async fn known(gate: Gate, bearer: Option<String>, info: RequestInfo) -> Result<Identified, AuthError> {
    let Some(bearer) = bearer else {
        let recheck: Recheck = Arc::new(|| Box::pin(async { true }));
        return Ok(Identified { access: None, key: stranger(&info), expires_in: None, recheck });
    };
    let client = info.client();
    let found = gate.identify(&bearer, &client).await;
    let found = found.map_err(|error| match error {
        Error::Unauthenticated => AuthError::Refused,
        error => {
            tracing::error!(%error, "a caller could not be identified");
            AuthError::Broken
        }
    })?;
    let actor = found.access.actor().clone();
    let left = (found.expires_at - found.access.now()).to_std().unwrap_or_default();
    let (key, rights) = (actor.key(), actor.rights.clone());
    let recheck: Recheck = Arc::new(move || {
        let (gate, bearer, client, rights) = (gate.clone(), bearer.clone(), client.clone(), rights.clone());
        let same =
            async move { gate.identify(&bearer, &client).await.is_ok_and(|n| n.access.actor().rights == rights) };
        Box::pin(same)
    });
    Ok(Identified { access: Some(found.access), key, expires_in: Some(left), recheck })
}

fn stranger(info: &RequestInfo) -> String {
    info.peer.map_or_else(|| "stranger".to_owned(), |ip| format!("stranger:{ip}"))
}

pub async fn caller(identify: &Identify, headers: &HeaderMap, info: RequestInfo) -> Result<Identified, Fault> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let bearer = match (given.next(), given.next()) {
        (None, _) => None,
        (Some(value), None) => Some(value.to_str().ok().and_then(token).ok_or_else(refused)?),
        _ => return Err(refused()),
    };
    identified(identify, bearer, info).await
}

/// The same for a credential that came in a socket's first message.
pub async fn identified(identify: &Identify, bearer: Option<String>, info: RequestInfo) -> Result<Identified, Fault> {
    identify(bearer, info).await.map_err(|error| match error {
        AuthError::Refused => refused(),
        AuthError::Broken => Fault::internal(),
    })
}

/// `Bearer x` without the word; the word's case does not matter.
pub fn token(value: &str) -> Option<String> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    let good = scheme.eq_ignore_ascii_case("bearer") && !token.is_empty();
    good.then(|| token.to_owned())
}

pub fn refused() -> Fault {
    Fault::new(Code::Unauthenticated, "the credential is not valid").with_status(StatusCode::UNAUTHORIZED)
}

/// Ends when the caller is no longer who it was: expired, signed out, changed rights.
pub async fn ended(who: Identified, limits: Arc<Limits>) {
    let expired = async {
        match who.expires_in {
            Some(left) => tokio::time::sleep(left).await,
            None => std::future::pending().await,
        }
    };
    let revoked = async {
        loop {
            tokio::time::sleep(ms(limits.recheck_ms)).await;
            if !(who.recheck)().await {
                return;
            }
        }
    };
    tokio::select! {
        () = expired => {}
        () = revoked => {}
    }
}
