//! Rendered bytes to HTTP responses: status, media type and the headers that keep an answer from caches and sniffers.

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};

use super::{
    budget::Standing,
    fault::{Code, Fault},
    metrics,
    negotiate::Media,
    run::Answer,
    status::Statuses,
    wire,
};

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

pub const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
pub const RATE_REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
pub const RATE_RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

pub fn answer(answer: Answer, media: Media, statuses: Statuses) -> Response {
    let status = statuses.of(media, answer.request_error, answer.partial);
    let mut response = reply(status, media, answer.body);
    response.headers_mut().extend(answer.headers);
    if let Some(standing) = &answer.standing {
        rate(response.headers_mut(), standing);
    }
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
    if let Some(standing) = &fault.standing {
        rate(headers, standing);
    }
    match (status, fault.code) {
        (StatusCode::METHOD_NOT_ALLOWED, _) => {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        (StatusCode::UNAUTHORIZED, _) => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        (_, Code::Timeout | Code::OutcomeUnknown | Code::RateLimited | Code::KeyInProgress) => {
            let seconds = fault.standing.map_or(1, |standing| standing.wait.as_secs() + 1);
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        // what is left of an unread body must not be taken for the next request
        (StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT, _) => {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        _ => {}
    }
    response
}

/// Points, not requests.
fn rate(headers: &mut HeaderMap, standing: &Standing) {
    headers.insert(RATE_LIMIT, standing.rate.most.into());
    headers.insert(RATE_REMAINING, standing.left.into());
    headers.insert(RATE_RESET, standing.full_in().into());
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
