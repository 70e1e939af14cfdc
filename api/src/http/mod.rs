//! The edge: everything between a TCP connection and the engine. It knows callers only by what `Identify` says of them
//! and the schema only as text; rules of the trade and rights on rows live below.

pub mod auth;
mod bill;
pub mod budget;
pub mod dashboard;
mod explorer;
pub mod fault;
pub mod front;
mod graphql;
pub mod health;
pub mod idempotency;
pub mod limits;
mod metrics;
mod negotiate;
mod params;
pub mod proxies;
mod reply;
mod request_id;
mod run;
pub mod seats;
pub mod serve;
mod sse;
pub mod status;
mod wire;
mod ws;

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderName, HeaderValue, Method, header},
    middleware::from_fn,
    routing::get,
};
use metrics_exporter_prometheus::PrometheusHandle;
use tower::util::option_layer;
use tower_http::{
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, Predicate, SizeAbove},
    },
    cors::CorsLayer,
};

use self::{
    auth::Identify, budget::Budget, front::Front, health::Probe, idempotency::Idempotency, limits::Limits,
    seats::Seats, serve::Life,
};
pub use self::{run::RequestId, ws::Origins};
use crate::{network::Network, schema::AppSchema};

/// Smaller answers gain nothing from compression.
const COMPRESS_ABOVE: u64 = 1_024;

/// All that a request may need; cloned for each.
#[derive(Clone)]
pub struct App {
    pub schema: AppSchema,
    /// What `/schema.graphql` shows.
    pub sdl: Arc<str>,
    pub front: Arc<Front>,
    pub limits: Arc<Limits>,
    pub identify: Identify,
    pub idempotency: Idempotency,
    pub ready: Probe,
    pub origins: Origins,
    /// Who says for whom they ask.
    pub proxies: Vec<Network>,
    pub recorder: Option<PrometheusHandle>,
    pub life: Life,
    pub seats: Seats,
    pub budget: Budget,
    /// Whether there is the page at `/dashboard`.
    pub dashboard: bool,
}

pub fn router(app: App) -> Router {
    let cors = option_layer(cors(&app.origins));
    let large = DefaultPredicate::new().and(SizeAbove::new(COMPRESS_ABOVE));
    let proxies = app.proxies.clone();
    let operations = get(graphql::handle).post(graphql::handle);
    let routes = Router::new()
        .route("/graphql", operations)
        .route("/graphql/ws", get(ws::upgrade))
        .route("/schema.graphql", get(explorer::schema))
        .route("/", get(explorer::page))
        .route("/explorer/explorer.js", get(explorer::script))
        .route("/explorer/explorer.worker.js", get(explorer::worker))
        .route("/explorer/explorer.css", get(explorer::style))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .merge(if app.dashboard { dashboard::routes() } else { Router::new() })
        .layer(CompressionLayer::new().compress_when(large))
        .layer(cors)
        .layer(from_fn(request_id::layer))
        .with_state(app);
    proxies::behind(routes, proxies)
}

/// Without configured origins there is no CORS header at all: only our own pages may read answers.
fn cors(origins: &Origins) -> Option<CorsLayer> {
    let allowed = origins.0.iter().filter_map(|o| HeaderValue::from_str(o).ok());
    let allowed: Vec<HeaderValue> = allowed.collect();
    let sent = [
        header::CONTENT_TYPE,
        header::AUTHORIZATION,
        HeaderName::from_static("idempotency-key"),
        HeaderName::from_static("x-request-id"),
        graphql::COST,
    ];
    let shown = [
        header::RETRY_AFTER,
        HeaderName::from_static("idempotency-replayed"),
        HeaderName::from_static("x-request-id"),
        reply::RATE_LIMIT,
        reply::RATE_REMAINING,
        reply::RATE_RESET,
    ];
    (!allowed.is_empty()).then(|| {
        CorsLayer::new()
            .allow_origin(allowed)
            .allow_methods([Method::GET, Method::POST])
            .allow_headers(sent)
            .expose_headers(shown)
    })
}
