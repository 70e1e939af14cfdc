//! One key, one effect, one answer. It holds what runs in this process and asks two functions about the rest;
//! the key's row itself is written by the store, in the transaction of the effect.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode},
};
use futures_util::future::BoxFuture;

use super::{
    fault::{Code, Fault},
    front::Admitted,
};

const LONGEST: usize = 255;

/// Request data of a mutation with a key: the store writes this row with the effect.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    pub caller: String,
    pub key: String,
    pub hash: [u8; 32],
}

/// Request data of a mutation whose effect is there but whose answer was lost: the resolver answers from these ids
/// and changes nothing.
#[derive(Debug, Clone)]
pub struct IdempotencyReplay {
    pub ids: Vec<String>,
}

/// What is known about a key.
pub enum Stored {
    New,
    /// Used with another request.
    Reused,
    /// Running elsewhere.
    InProgress,
    Body(Bytes),
    Ids(Vec<String>),
}

type Lookup =
    Arc<dyn Fn(IdempotencyKey) -> BoxFuture<'static, Result<Stored, Fault>> + Send + Sync>;
type Remember = Arc<dyn Fn(IdempotencyKey, Bytes) -> BoxFuture<'static, ()> + Send + Sync>;
type Running = Arc<Mutex<HashMap<(String, String), [u8; 32]>>>;

#[derive(Clone)]
pub struct Idempotency {
    lookup: Lookup,
    remember: Remember,
    running: Running,
}

/// What to do about a request with a key.
pub enum Begun {
    Run(Claim),
    Replay(Bytes),
}

/// Holds the key until the mutation is answered; dropping it lets the next try in.
pub struct Claim {
    pub key: IdempotencyKey,
    pub replay: Option<IdempotencyReplay>,
    running: Running,
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.remove(&(self.key.caller.clone(), self.key.key.clone()));
    }
}

impl Idempotency {
    /// `remember` adds the body to a row that exists and does nothing without one: a refusal has no row.
    pub fn new(lookup: Lookup, remember: Remember) -> Self {
        Self {
            lookup,
            remember,
            running: Arc::default(),
        }
    }

    pub async fn begin(&self, key: IdempotencyKey) -> Result<Begun, Fault> {
        let mut claim = self.claim(key)?;
        match (self.lookup)(claim.key.clone()).await? {
            Stored::New => Ok(Begun::Run(claim)),
            Stored::Reused => Err(reused()),
            Stored::InProgress => Err(in_progress()),
            Stored::Body(body) => Ok(Begun::Replay(body)),
            Stored::Ids(ids) => {
                claim.replay = Some(IdempotencyReplay { ids });
                Ok(Begun::Run(claim))
            }
        }
    }

    pub async fn remember(&self, claim: &Claim, body: Bytes) {
        (self.remember)(claim.key.clone(), body).await;
    }

    fn claim(&self, key: IdempotencyKey) -> Result<Claim, Fault> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        match running.entry((key.caller.clone(), key.key.clone())) {
            Entry::Occupied(other) if *other.get() != key.hash => return Err(reused()),
            Entry::Occupied(_) => return Err(in_progress()),
            Entry::Vacant(free) => free.insert(key.hash),
        };
        drop(running);
        Ok(Claim {
            key,
            replay: None,
            running: self.running.clone(),
        })
    }
}

/// The key of a request: from the header, from `@idempotent`, or the same from both.
pub fn key(headers: &HeaderMap, admitted: &Admitted) -> Result<Option<String>, Fault> {
    let refuse = |message: &str| Err(Fault::new(Code::BadUserInput, message));
    let mut given = headers.get_all("idempotency-key").iter();
    let header = match (given.next(), given.next()) {
        (None, _) => None,
        (Some(value), None) => match value.to_str() {
            Ok(text) => Some(text.to_owned()),
            Err(_) => return refuse("the idempotency key must be visible ASCII"),
        },
        _ => return refuse("more than one Idempotency-Key header"),
    };
    let key = match (header, admitted.key.clone()) {
        (Some(a), Some(b)) if a != b => {
            return refuse("the Idempotency-Key header and @idempotent differ");
        }
        (a, b) => a.or(b),
    };
    let Some(key) = key else { return Ok(None) };
    if key.is_empty() || key.len() > LONGEST || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return refuse("an idempotency key is 1 to 255 visible ASCII characters");
    }
    if !admitted.single_mutation {
        return refuse("an idempotency key needs exactly one root mutation field");
    }
    Ok(Some(key))
}

fn reused() -> Fault {
    let message = "this idempotency key was used with another request";
    Fault::new(Code::KeyReused, message).with_status(StatusCode::UNPROCESSABLE_ENTITY)
}

fn in_progress() -> Fault {
    let message = "a request with this idempotency key is still running";
    Fault::new(Code::KeyInProgress, message).with_status(StatusCode::CONFLICT)
}
