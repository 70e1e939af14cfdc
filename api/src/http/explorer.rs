//! The page at `/`: the explorer's files, built into the binary and served under a policy that lets nothing else in.
//! And the schema as text, for those who may read it.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};

use super::{
    App,
    auth::{self, RequestInfo},
    fault::{Code, Fault},
    limits::Introspection,
    negotiate::Media,
    reply, request_id,
};

const PAGE: &[u8] = include_bytes!("../../assets/explorer/index.html");
const SCRIPT: &[u8] = include_bytes!("../../assets/explorer/explorer.js");
const STYLE: &[u8] = include_bytes!("../../assets/explorer/explorer.css");

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws: wss:; worker-src 'self' blob:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const WORKER: &[u8] = include_bytes!("../../assets/explorer/explorer.worker.js");

pub async fn page() -> Response {
    file("text/html; charset=utf-8", PAGE)
}

pub async fn script() -> Response {
    file("text/javascript; charset=utf-8", SCRIPT)
}

pub async fn worker() -> Response {
    file("text/javascript; charset=utf-8", WORKER)
}

pub async fn style() -> Response {
    file("text/css; charset=utf-8", STYLE)
}

fn file(kind: &'static str, bytes: &'static [u8]) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, bytes).into_response()
}

pub async fn schema(State(app): State<App>, request: Request) -> Response {
    let info = request_id::info(&request);
    let id = info.request_id.clone();
    let (parts, _) = request.into_parts();
    match readable(&app, &parts.headers, info).await {
        Ok(()) => {
            let mut response = app.sdl.to_string().into_response();
            let kind = HeaderValue::from_static("text/plain; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            response
        }
        // not GraphQL: the status must say it
        Err(fault) => reply::refusal(&fault, Media::GraphQl, &id),
    }
}

async fn readable(app: &App, headers: &HeaderMap, info: RequestInfo) -> Result<(), Fault> {
    let who = auth::caller(&app.identify, headers, info).await?;
    match app.limits.introspection {
        Introspection::On => Ok(()),
        Introspection::SignedIn if who.signed_in() => Ok(()),
        Introspection::SignedIn => Err(Fault::new(Code::Unauthenticated, "sign in first")),
        Introspection::Off => Err(Fault::new(Code::Forbidden, "introspection is switched off")),
    }
}
