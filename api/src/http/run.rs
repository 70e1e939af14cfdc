//! Runs an admitted operation to its rendered answer, the same for every transport: deadline, panics, idempotency,
//! trace and count. It knows no HTTP status and no socket.

use std::{panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{Request, Response, parser::types::OperationType};
use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode},
};
use futures_util::{FutureExt, Stream, StreamExt};
use tokio::time::{Instant, timeout};
use tracing::{Instrument, Span};

use super::{
    App,
    auth::Identified,
    bill::Bill,
    budget::Standing,
    fault::{Code, Fault},
    front::Admitted,
    idempotency::{Begun, Claim},
    limits::ms,
    metrics, wire,
};
use crate::{
    access::session::Client,
    error::annotate,
    graph::{args::PageLimit, purse::Purse},
    store::{Key, hex},
};

/// Request data: the id that every error of this request carries.
#[derive(Debug, Clone)]
pub struct RequestId(pub Arc<str>);

/// One operation's surroundings.
#[derive(Clone)]
pub struct Call {
    pub app: App,
    pub who: Identified,
    pub id: Arc<str>,
    pub client: Client,
    /// The client wants to know what its operation cost.
    pub shows_cost: bool,
}

pub struct Answer {
    pub body: Bytes,
    /// Where the data begins in it.
    pub data_at: usize,
    pub headers: HeaderMap,
    /// Nothing was executed.
    pub request_error: bool,
    /// Data and errors.
    pub partial: bool,
    pub replayed: bool,
    /// What the caller has left, for who asked.
    pub standing: Option<Standing>,
}

impl Answer {
    fn plain(body: Bytes) -> Self {
        let headers = HeaderMap::new();
        Self { body, data_at: 0, headers, request_error: false, partial: false, replayed: false, standing: None }
    }
}

/// Runs a query or a mutation.
pub async fn run(call: &Call, admitted: Admitted, key: Option<String>) -> Result<Answer, Fault> {
    let span = span(call, &admitted);
    let (kind, begun) = (admitted.kind, Instant::now());
    let bill = Bill::open(&call.app.budget, &call.who, &admitted, call.shows_cost)?;
    let work = async {
        match kind {
            OperationType::Mutation => mutation(call, admitted, key).await,
            _ => query(call, admitted).await,
        }
    };
    let mut answer = work.instrument(span.clone()).await;
    match &mut answer {
        Err(fault) => finished(&span, kind, fault.code.as_str(), begun),
        Ok(answer) => {
            finished(&span, kind, "OK", begun);
            bill.settle(answer);
        }
    }
    answer
}

async fn query(call: &Call, admitted: Admitted) -> Result<Answer, Fault> {
    let request = call.carried(admitted.request, None);
    let work = AssertUnwindSafe(call.app.schema.execute(request)).catch_unwind();
    match timeout(ms(call.app.limits.operation_ms), work).await {
        Ok(Ok(response)) => Ok(rendered(call, response)),
        Ok(Err(_)) => Err(Fault::internal()),
        Err(_) => {
            Err(Fault::new(Code::Timeout, "the operation took too long").with_status(StatusCode::SERVICE_UNAVAILABLE))
        }
    }
}

/// A mutation that has begun ends, whether or not its client still waits: dropping it could lose an acknowledged write.
async fn mutation(call: &Call, admitted: Admitted, key: Option<String>) -> Result<Answer, Fault> {
    let claim = match key {
        None => None,
        Some(key) => {
            let hash = hex(&admitted.fingerprint());
            let key = Key { caller: call.who.key.clone(), key, hash };
            match call.app.idempotency.begin(call.who.access.as_ref(), key).await? {
                Begun::Run(claim) => Some(claim),
                Begun::Replay(body) => return Ok(replayed(body)),
            }
        }
    };
    let work = effect(call.clone(), admitted, claim).in_current_span();
    let task = call.app.life.tasks.spawn(work);
    match timeout(ms(call.app.limits.operation_ms), task).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(_)) => Err(Fault::internal()),
        Err(_) => {
            let message = "no answer in time; retry with the same idempotency key";
            Err(Fault::new(Code::OutcomeUnknown, message).with_status(StatusCode::SERVICE_UNAVAILABLE))
        }
    }
}

async fn effect(call: Call, admitted: Admitted, claim: Option<Claim>) -> Answer {
    let secret = admitted.secret;
    let request = call.carried(admitted.request, claim.as_ref().map(|c| &c.key));
    let response = call.app.schema.execute(request).await;
    let succeeded = response.errors.is_empty();
    let mut answer = rendered(&call, response);
    if let Some(claim) = claim {
        answer.replayed = claim.replay;
        if succeeded && !secret {
            claim.remember(call.who.access.as_ref(), &answer.body).await;
        }
    }
    answer
}

/// Runs a subscription: one rendered answer per event. Paid for at its beginning, but for what an event charges itself. A panic ends it with a masked error.
pub fn subscribe(call: &Call, admitted: Admitted) -> Result<impl Stream<Item = Answer> + Send + use<>, Fault> {
    call.app.budget.charge(&call.who, admitted.cost)?;
    let span = span(call, &admitted);
    span.in_scope(|| tracing::info!("subscribed"));
    metrics::operation(admitted.kind, "OK");
    let request = call.carried(admitted.request, None);
    let events = AssertUnwindSafe(call.app.schema.execute_stream(request)).catch_unwind();
    let call = call.clone();
    Ok(events.map(move |event| {
        event.map_or_else(
            |_| {
                let body = wire::refusal(&Fault::internal(), &call.id);
                Answer { request_error: true, ..Answer::plain(body.into()) }
            },
            |response| span.in_scope(|| rendered(&call, response)),
        )
    }))
}

impl Call {
    /// The request with its caller: one instant and one id for all that it does.
    fn carried(&self, request: Request, key: Option<&Key>) -> Request {
        let (budget, who) = (self.app.budget.clone(), self.who.clone());
        let take = move |points| match budget.charge(&who, points) {
            Ok(_) => Ok(()),
            Err(refused) => Err(refused.standing.map_or(1, |standing| standing.wait.as_secs() + 1)),
        };
        let request = request
            .data(RequestId(self.id.clone()))
            .data(self.client.clone())
            .data(PageLimit { most: self.app.limits.page, usual: self.app.limits.default_page })
            .data(Purse::new(take));
        match &self.who.access {
            Some(access) => request.data(access.again(&self.id, key.cloned())),
            None => request,
        }
    }
}

fn rendered(call: &Call, mut response: Response) -> Answer {
    response.errors.iter_mut().for_each(annotate);
    for error in &response.errors {
        let (code, _) = wire::seen(error);
        if code == Code::Internal.as_str() {
            tracing::error!(request_id = %call.id, path = ?error.path, cause = %error.message, "masked");
        }
    }
    let (body, data_at) = wire::answer(&response, &call.id, &call.app.limits);
    let failed = !response.errors.is_empty();
    Answer {
        data_at,
        request_error: wire::is_request_error(&response),
        partial: failed && response.data != async_graphql::Value::Null,
        headers: response.http_headers,
        ..Answer::plain(body.into())
    }
}

fn replayed(body: Bytes) -> Answer {
    Answer { replayed: true, ..Answer::plain(body) }
}

/// Named by the kind of the operation, as names of operations are endless. Never holds variables or documents.
fn span(call: &Call, admitted: &Admitted) -> Span {
    let name = admitted.name.as_deref().unwrap_or_default();
    let name = name.get(..name.len().min(100)).unwrap_or_default();
    let (id, caller, cost) = (&*call.id, &*call.who.key, admitted.cost);
    macro_rules! span {
        ($kind:literal) => {
            tracing::info_span!($kind, operation = name, request_id = id, caller, cost)
        };
    }
    match admitted.kind {
        OperationType::Query => span!("query"),
        OperationType::Mutation => span!("mutation"),
        OperationType::Subscription => span!("subscription"),
    }
}

fn finished(span: &Span, kind: OperationType, code: &str, begun: Instant) {
    let took = begun.elapsed();
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(code, duration_ms = milliseconds, "answered"));
    metrics::operation(kind, code);
    metrics::operation_took(kind, took);
}
