//! One key, one effect, one answer. It holds what runs in this process and asks the store about the rest; the key's
//! row itself is written there, in the transaction of the effect.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode},
};
use entity::id::RowId;

use super::{
    fault::{Code, Fault},
    front::Admitted,
};
use crate::store::{Access, Key, Stored};

const LONGEST: usize = 255;

type Running = Arc<Mutex<HashMap<(String, String), String>>>;

/// The keys whose requests run in this process.
#[derive(Clone, Default)]
pub struct Idempotency(Running);

/// What to do about a request with a key.
pub enum Begun {
    Run(Claim),
    Replay(Bytes),
}

/// Holds the key until the mutation is answered; dropping it lets the next try in.
pub struct Claim {
    pub key: Key,
    /// The effect is there, only its answer was lost: the store answers from its ids and changes nothing.
    pub replay: bool,
    running: Running,
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.remove(&(self.key.caller.clone(), self.key.key.clone()));
    }
}

impl Claim {
    /// Keeps the answer, to be given again to the byte; a refusal has no row to keep it in.
    pub async fn remember(&self, access: Option<&Access>, body: &[u8]) {
        let Some(access) = access else { return };
        let organization = access.actor().organization.uuid();
        if let Err(error) = access.store().remember(organization, &self.key, body).await {
            tracing::warn!(%error, "an answer could not be kept; a retry renders it again");
        }
    }
}

impl Idempotency {
    pub async fn begin(&self, access: Option<&Access>, key: Key) -> Result<Begun, Fault> {
        let Some(access) = access else {
            return Err(Fault::new(Code::BadUserInput, "idempotency keys are for signed-in callers"));
        };
        let mut claim = self.claim(key)?;
        let stored = access.store().stored(access.actor().organization.uuid(), &claim.key).await;
        match stored.map_err(|error| broken(&error))? {
            Stored::New => Ok(Begun::Run(claim)),
            Stored::Reused => Err(reused()),
            Stored::Body(body) => Ok(Begun::Replay(body.into())),
            Stored::Ids(_) => {
                claim.replay = true;
                Ok(Begun::Run(claim))
            }
        }
    }

    fn claim(&self, key: Key) -> Result<Claim, Fault> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match running.entry((key.caller.clone(), key.key.clone())) {
            Entry::Occupied(other) if *other.get() != key.hash => return Err(reused()),
            Entry::Occupied(_) => return Err(in_progress()),
            Entry::Vacant(free) => free.insert(key.hash.clone()),
        };
        drop(running);
        Ok(Claim { key, replay: false, running: self.0.clone() })
    }
}

fn broken(error: &crate::error::Error) -> Fault {
    tracing::error!(%error, "an idempotency key could not be looked up");
    Fault::internal()
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
