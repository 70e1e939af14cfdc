//! What machines ask about the process: alive, ready, counters. Bodies say ok or fail and nothing about the inside.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::future::BoxFuture;
use tokio::time::timeout;

use super::{App, limits::ms};

/// True while requests should come here; `run::ready` says when.
pub type Probe = Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

/// No input or output, ever: an answer means the process lives.
pub async fn alive() -> &'static str {
    "ok"
}

pub async fn ready(State(app): State<App>) -> Response {
    let probe = timeout(ms(app.limits.ready_ms), (app.ready)());
    if !app.life.draining.is_cancelled() && matches!(probe.await, Ok(true)) {
        return "ok".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, "fail").into_response()
}

pub async fn metrics(State(app): State<App>) -> Response {
    let Some(recorder) = &app.recorder else {
        return StatusCode::NOT_FOUND.into_response();
    };
    recorder.run_upkeep();
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (kind, recorder.render()).into_response()
}
