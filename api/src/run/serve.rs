//! `accord serve`: puts the parts together and runs until told to stop.

use std::{io::Write, sync::Arc, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::{net::TcpListener, time::interval};

use super::{RunError, database, ready::Ready};
use crate::{
    access::{
        identity::{Gate, Settings},
        keys::Keys,
        role,
    },
    config::{Config, HttpStatuses, Introspection, TrustedMode},
    demo,
    http::{
        self, Origins,
        budget::Budget,
        front::{Front, Mode, Trusted},
        limits::{self, Limits},
        seats::Seats,
        status::Statuses,
    },
    integration::work,
    network::Network,
    schema,
    store::{Store, jobs, wall_clock},
};

/// Jobs done at a time.
const RUNNERS: usize = 2;
/// How often what was measured is added up.
const UPKEEP: Duration = Duration::from_secs(5);

/// What `Config::check` cannot know: whether the edge understands its part of the settings. Opens no connection.
pub fn check(config: &Config) -> Result<(), RunError> {
    limits(config)?;
    trusted(config)?;
    Ok(())
}

pub async fn serve(config: Config) -> Result<(), RunError> {
    check(&config)?;
    let keys = Keys::load_or_create(&config.data_dir, wall_clock())?;
    let store = database::open(&config).await?;
    database::prepare(&store, config.production).await?;
    let gate = gate(&config, store.clone(), keys)?;
    role::refresh_all(&store).await?;
    // what is written must be heard of before anything is
    schema::install_records();
    if config.demo {
        Box::pin(demonstrate(&store, &gate)).await?;
    }
    let app = edge(&config, store.clone(), gate)?;
    tokio::spawn(upkeep(app.recorder.clone()));
    let listener = TcpListener::bind(config.listen).await?;
    tokio::spawn(store.clone().run_sequencer());
    for _ in 0..RUNNERS {
        tokio::spawn(jobs::run(store.clone(), work::handlers(&config.retention)));
    }
    // with port 0 the system chose one
    tracing::info!(address = %listener.local_addr()?, "listening");
    http::serve::serve(listener, app, http::serve::signals()).await;
    Ok(())
}

/// What is measured is kept one by one until somebody adds it up: nobody need ask for `/metrics`.
async fn upkeep(recorder: Option<PrometheusHandle>) {
    let Some(recorder) = recorder else { return };
    let mut beat = interval(UPKEEP);
    loop {
        beat.tick().await;
        recorder.run_upkeep();
    }
}

/// Fills the demo organisation and says how to sign in.
async fn demonstrate(store: &Store, gate: &Gate) -> Result<(), RunError> {
    tracing::info!("looking for the demo organisation; the first start makes it, which takes a minute or two");
    // drawn on a terminal alone
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} {eta}");
    let bar = ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let drawn = bar.clone();
    let told = move |done: usize, of: usize| {
        drawn.set_length(of as u64);
        drawn.set_position(done as u64);
    };
    let people = Box::pin(demo::fill(store, gate.hasher(), &told)).await?;
    bar.finish_and_clear();
    let mut out = std::io::stdout();
    writeln!(out, "\nThe demo organisation; sign in as any of")?;
    for person in people {
        writeln!(out, "  {person}")?;
    }
    Ok(writeln!(out)?)
}

/// The edge as the settings want it.
pub fn edge(config: &Config, store: Store, gate: Gate) -> Result<http::App, RunError> {
    let limits = Arc::new(limits(config)?);
    let sdl = schema::sdl();
    let front = Front::new(&sdl, trusted(config)?, limits.clone())?;
    let ready = Arc::new(Ready::new(config, &limits, store));
    Ok(http::App {
        schema: schema::with(gate.clone()),
        sdl: sdl.into(),
        front: Arc::new(front),
        limits: limits.clone(),
        identify: http::auth::by(gate),
        idempotency: http::idempotency::Idempotency::default(),
        ready: Arc::new(move || {
            let ready = ready.clone();
            Box::pin(async move { ready.holds().await })
        }),
        origins: Origins(origins(config)),
        proxies: config.trusted_proxies.iter().filter_map(|text| Network::parse(text)).collect(),
        recorder: PrometheusBuilder::new().install_recorder().ok(),
        life: http::serve::Life::default(),
        seats: Seats::new(limits.sockets_per_caller),
        budget: Budget::new(&limits),
        dashboard: config.dashboard,
    })
}

/// Who may come in. Tokens name the public URL as their issuer, or else the address.
pub fn gate(config: &Config, store: Store, keys: Keys) -> Result<Gate, RunError> {
    let address = format!("http://{}", config.listen);
    let settings = Settings {
        issuer: config.public_url.as_deref().unwrap_or(&address),
        access_token_seconds: config.access_token_seconds,
        argon2: &config.argon2,
    };
    Ok(Gate::new(store, keys, &settings)?)
}

fn limits(config: &Config) -> Result<Limits, RunError> {
    let mut limits: Limits =
        serde_json::from_value(config.limits.clone().into()).map_err(|error| format!("limits: {error}"))?;
    limits.introspection = match config.introspection {
        Introspection::SignedIn => limits::Introspection::SignedIn,
        Introspection::On => limits::Introspection::On,
        Introspection::Off => limits::Introspection::Off,
    };
    limits.statuses = match config.http_statuses {
        HttpStatuses::Audits => Statuses::Audits,
        HttpStatuses::September2026 => Statuses::September2026,
    };
    limits.problem().map_or(Ok(limits), |problem| Err(problem.into()))
}

fn trusted(config: &Config) -> Result<Trusted, RunError> {
    let mode = match config.trusted_documents.mode {
        TrustedMode::Off => return Ok(Trusted::default()),
        TrustedMode::Allow => Mode::Allow,
        TrustedMode::Only => Mode::Only,
    };
    let file = config.trusted_documents.manifest.as_ref().ok_or("trusted_documents.manifest is missing")?;
    Ok(Trusted::new(mode, &std::fs::read_to_string(file)?)?)
}

fn origins(config: &Config) -> Vec<String> {
    config.public_url.iter().chain(&config.allowed_origins).map(|o| o.trim_end_matches('/').to_owned()).collect()
}
