//! Rendered bytes to HTTP responses: status, media type and the headers that keep an answer from caches and sniffers.

use axum::{
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};

use super::{
    fault::{Code, Fault},
    metrics,
    negotiate::Media,
    run::Answer,
    wire,
};

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

pub fn answer(answer: Answer, media: Media) -> Response {
    let refused = answer.request_error && media == Media::GraphQl;
    let status = if refused { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let mut response = reply(status, media, answer.body);
    response.headers_mut().extend(answer.headers);
    if answer.replayed {
        let yes = HeaderValue::from_static("true");
        response.headers_mut().insert(REPLAYED, yes);
    }
    response
}

pub fn refusal(fault: &Fault, media: Media, id: &str) -> Response {
    metrics::refused(fault.code.as_str());
    let status = fault.status.unwrap_or(match media {
        Media::Json => StatusCode::OK,
        Media::GraphQl | Media::EventStream => fault.code.status(),
    });
    let mut response = reply(status, media, wire::refusal(fault, id).into());
    let headers = response.headers_mut();
    match (status, fault.code) {
        (StatusCode::METHOD_NOT_ALLOWED, _) => {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        (StatusCode::UNAUTHORIZED, _) => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        (_, Code::Timeout | Code::OutcomeUnknown | Code::RateLimited | Code::KeyInProgress) => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        // what is left of an unread body must not be taken for the next request
        (StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT, _) => {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        _ => {}
    }
    response
}

fn reply(status: StatusCode, media: Media, body: Bytes) -> Response {
    let kind = match media {
        Media::GraphQl => "application/graphql-response+json; charset=utf-8",
        Media::Json | Media::EventStream => "application/json; charset=utf-8",
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
