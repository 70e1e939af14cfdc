//! GraphQL over HTTP: one endpoint, POST and GET. It takes a request apart and puts an answer together;
//! what an operation may be is the front door's decision.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use axum::{
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderName, Method, StatusCode},
    response::Response,
};
use tokio::time::timeout;

use super::{
    App, auth,
    fault::{Code, Fault},
    front::Asked,
    idempotency,
    limits::ms,
    negotiate::{self, Media},
    params, reply, request_id,
    run::{self, Call},
    sse,
};

/// A client that sends it with `true` is told what its operation cost, in `extensions.cost`.
pub const COST: HeaderName = HeaderName::from_static("accord-cost");

pub async fn handle(State(app): State<App>, request: Request) -> Response {
    let id = request_id::of(&request);
    let Some(media) = negotiate::accepted(request.headers()) else {
        let fault = Fault::http(
            StatusCode::NOT_ACCEPTABLE,
            "accept application/json, application/graphql-response+json or text/event-stream",
        );
        return reply::refusal(&fault, Media::Json, &id);
    };
    let statuses = app.limits.statuses;
    let answer = answer(app, request, media, id.clone()).await;
    answer.unwrap_or_else(|fault| reply::refusal(&statuses.on(fault, media), media, &id))
}

async fn answer(app: App, request: Request, media: Media, id: Arc<str>) -> Result<Response, Fault> {
    let get = request.method() == Method::GET;
    if !get && !negotiate::is_plain_json(request.headers()) {
        return Err(Fault::http(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send application/json in UTF-8, not compressed"));
    }
    // the caller first: how much may be read depends on it
    let info = request_id::info(&request);
    let client = info.client();
    let who = auth::caller(&app.identify, request.headers(), info).await?;
    let headers = request.headers().clone();
    let asked = if get {
        params::from_query(request.uri().query().unwrap_or_default())?
    } else {
        posted(&app, request, who.signed_in()).await?
    };
    let admitted = app.front.admit(asked, who.signed_in())?;
    let key = idempotency::key(&headers, &admitted)?;
    if get && admitted.kind == OperationType::Mutation {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        return Err(Fault::http(status, "mutations need POST"));
    }
    let shows_cost = headers.get(COST).is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"true"));
    let statuses = app.limits.statuses;
    let call = Call { app, who, id, client, shows_cost };
    match (media, admitted.kind) {
        (Media::EventStream, _) => sse::respond(call, admitted, key).await,
        (_, OperationType::Subscription) => {
            let message = "subscriptions need a websocket or text/event-stream";
            Err(Fault::new(Code::BadUserInput, message))
        }
        _ => {
            let answer = run::run(&call, admitted, key).await?;
            Ok(reply::answer(answer, media, statuses))
        }
    }
}

async fn posted(app: &App, request: Request, signed_in: bool) -> Result<Asked, Fault> {
    let limits = &app.limits;
    let most = if signed_in { limits.body_bytes_signed_in } else { limits.body_bytes_anonymous };
    let body: Bytes = match timeout(ms(limits.body_ms), to_bytes(request.into_body(), most)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => {
            let message = format!("the body is over {most} bytes");
            let fault = Fault::new(Code::QueryTooLarge, message);
            return Err(fault.with_status(StatusCode::PAYLOAD_TOO_LARGE));
        }
        Err(_) => {
            let status = StatusCode::REQUEST_TIMEOUT;
            return Err(Fault::http(status, "the body took too long"));
        }
    };
    params::from_body(&body)
}
