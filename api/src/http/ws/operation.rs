//! One operation of a socket, in its own task: from admission to `complete`. It says nothing after its end.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::parser::types::OperationType;
use futures_util::StreamExt;
use tokio::task::AbortHandle;

use super::{message, outbox::Outbox};
use crate::http::{
    fault::{Code, Fault},
    front::Asked,
    idempotency,
    run::{self, Answer, Call},
    wire,
};

/// The operations of one socket that have not ended.
#[derive(Clone, Default)]
pub struct Open(Arc<Mutex<ById>>);

/// The serial tells a new operation from an ended one of the same id.
type ById = HashMap<String, (u64, Option<AbortHandle>)>;

pub enum Refused {
    Duplicate,
    TooMany,
}

impl Open {
    fn with<T>(&self, work: impl FnOnce(&mut ById) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn reserve(&self, id: &str, serial: u64, most: usize) -> Result<(), Refused> {
        self.with(|open| match open.len() {
            _ if open.contains_key(id) => Err(Refused::Duplicate),
            count if count >= most => Err(Refused::TooMany),
            _ => {
                open.insert(id.to_owned(), (serial, None));
                Ok(())
            }
        })
    }

    pub fn started(&self, id: &str, serial: u64, handle: AbortHandle) {
        self.with(|open| match open.get_mut(id) {
            Some(entry) if entry.0 == serial => entry.1 = Some(handle),
            _ => {}
        });
    }

    /// The client wants no more of it.
    pub fn stop(&self, id: &str) {
        if let Some((_, Some(handle))) = self.with(|open| open.remove(id)) {
            handle.abort();
        }
    }

    pub fn stop_all(&self) {
        for (_, (_, handle)) in self.with(std::mem::take) {
            if let Some(handle) = handle {
                handle.abort();
            }
        }
    }

    /// True if it was still open: only then may its end be said, and its id is free before the client knows.
    fn end(&self, id: &str, serial: u64) -> bool {
        self.with(|open| {
            let ours = open.get(id).is_some_and(|entry| entry.0 == serial);
            if ours {
                open.remove(id);
            }
            ours
        })
    }
}

pub struct Operation {
    pub id: String,
    pub serial: u64,
    pub open: Open,
    pub out: Outbox,
}

impl Operation {
    pub async fn run(self, call: Call, asked: Asked) {
        let ended_well = match self.answers(&call, asked).await {
            Ok(()) => true,
            Err(fault) => {
                let mut payload = Vec::new();
                wire::problems(&mut payload, &fault, &call.id);
                self.fail(&payload).await;
                false
            }
        };
        if ended_well && self.open.end(&self.id, self.serial) {
            self.out.send(message::complete(&self.id)).await;
        }
    }

    async fn answers(&self, call: &Call, asked: Asked) -> Result<(), Fault> {
        let admitted = call.app.front.admit(asked, call.who.signed_in())?;
        let key = idempotency::key(&axum::http::HeaderMap::new(), &admitted)?;
        if admitted.kind != OperationType::Subscription {
            let answer = run::run(call, admitted, key).await?;
            return self.next(answer).await;
        }
        let mut events = Box::pin(run::subscribe(call, admitted)?);
        while let Some(answer) = events.next().await {
            self.next(answer).await?;
        }
        Ok(())
    }

    async fn next(&self, answer: Answer) -> Result<(), Fault> {
        if answer.request_error {
            let body = serde_json::from_slice::<serde_json::Value>(&answer.body);
            let errors = body.ok().and_then(|b| b.get("errors").map(ToString::to_string));
            self.fail(errors.unwrap_or_default().as_bytes()).await;
            return Ok(());
        }
        let sent = self.out.send(message::carrying(&self.id, "next", &answer.body));
        if sent.await { Ok(()) } else { Err(Fault::new(Code::Timeout, "the reader is too slow")) }
    }

    /// An `error` message ends the operation by itself.
    async fn fail(&self, payload: &[u8]) {
        if self.open.end(&self.id, self.serial) {
            self.out.send(message::carrying(&self.id, "error", payload)).await;
        }
    }
}
