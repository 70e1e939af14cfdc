//! Accord in this process, on a database of its own.

use std::{
    collections::HashMap,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use api::{
    access::{
        identity::{self, Gate},
        keys::Keys,
    },
    actor::Actor,
    config::Argon2,
    http::{
        self, Origins,
        auth::{AuthError, Identified, Identify, by},
        budget::Budget,
        front::{Front, Trusted},
        limits::Limits,
        seats::Seats,
    },
    schema,
    store::{Access, Clock, Store},
};
use axum::Router;
use chrono::{TimeDelta, Utc};

use super::ground::{Database, Ground, unique};

type People = Arc<Mutex<HashMap<String, Actor>>>;

pub struct App {
    pub store: Store,
    pub gate: Gate,
    pub router: Router,
    /// Who holds which token, besides those who sign in.
    pub people: People,
    pub database: Database,
    pub url: String,
    pub ground: Ground,
    /// Microseconds by which its clock is ahead.
    ahead: Arc<AtomicI64>,
}

impl App {
    /// None when no PostgreSQL server is named.
    pub async fn start(database: Database) -> Option<Self> {
        let ground = Ground::new(database).await?;
        let ahead = Arc::<AtomicI64>::default();
        let store = ground.store_by(Some(clock(ahead.clone()))).await;
        if database == Database::Postgres {
            tokio::spawn(store.clone().run_sequencer());
        }
        let people = People::default();
        let gate = gate(store.clone());
        let router = http::router(edge(store.clone(), gate.clone(), people.clone(), Limits::default()));
        let url = ground.url.clone();
        Some(Self { store, gate, router, people, database, url, ground, ahead })
    }
}

impl App {
    /// The same service behind an edge with other limits.
    pub fn limited(&self, limits: Limits) -> Self {
        let (store, gate, people) = (self.store.clone(), self.gate.clone(), self.people.clone());
        let router = http::router(edge(store.clone(), gate.clone(), people.clone(), limits));
        let (database, url, ground) = (self.database, self.url.clone(), self.ground.clone());
        Self { store, gate, router, people, database, url, ground, ahead: self.ahead.clone() }
    }
}

impl App {
    /// The same service started again with other signing keys.
    pub fn keyed(&self, keys: Keys) -> Self {
        let gate = gate_with(self.store.clone(), keys);
        let people = self.people.clone();
        let router = http::router(edge(self.store.clone(), gate.clone(), people.clone(), Limits::default()));
        let (store, database, url, ground) = (self.store.clone(), self.database, self.url.clone(), self.ground.clone());
        Self { store, gate, router, people, database, url, ground, ahead: self.ahead.clone() }
    }
}

impl App {
    /// Time passes: for this service, and for whoever shares its clock.
    pub fn later(&self, by: TimeDelta) {
        self.ahead.fetch_add(by.num_microseconds().expect("a while"), Ordering::Relaxed);
    }

    /// Its clock, for another node.
    pub fn clock(&self) -> Clock {
        clock(self.ahead.clone())
    }
}

fn clock(ahead: Arc<AtomicI64>) -> Clock {
    Arc::new(move || Utc::now() + TimeDelta::microseconds(ahead.load(Ordering::Relaxed)))
}

/// The edge as `accord serve` builds it, but for who is who.
fn edge(store: Store, gate: Gate, people: People, limits: Limits) -> http::App {
    static FRONT: LazyLock<Arc<Front>> = LazyLock::new(|| {
        let front = Front::new(&schema::sdl(), Trusted::default(), Arc::new(Limits::default()));
        Arc::new(front.expect("the schema is valid"))
    });
    let limits = Arc::new(limits);
    http::App {
        schema: schema::with(gate.clone()),
        sdl: schema::sdl().into(),
        front: FRONT.clone(),
        limits: limits.clone(),
        identify: identify(store, gate, people),
        idempotency: http::idempotency::Idempotency::default(),
        ready: Arc::new(|| Box::pin(async { true })),
        origins: Origins(vec![]),
        proxies: vec![],
        recorder: None,
        life: http::serve::Life::default(),
        seats: Seats::new(limits.sockets_per_caller),
        budget: Budget::new(&limits),
        dashboard: true,
    }
}

/// Cheap passwords: they are hashed by the thousand here.
pub const ARGON2: Argon2 = Argon2 { memory_kib: 64, iterations: 1, parallelism: 1 };

fn gate(store: Store) -> Gate {
    static KEYS: LazyLock<Keys> = LazyLock::new(|| {
        let folder = std::env::temp_dir().join(format!("accord-tests-keys-{}", unique()));
        let keys = Keys::load_or_create(&folder, chrono::Utc::now()).expect("signing keys");
        _ = std::fs::remove_dir_all(folder);
        keys
    });
    gate_with(store, KEYS.clone())
}

fn gate_with(store: Store, keys: Keys) -> Gate {
    let settings = identity::Settings { issuer: "http://localhost", access_token_seconds: 300, argon2: &ARGON2 };
    Gate::new(store, keys, &settings).expect("a gate")
}

/// Tokens that begin with `test:` are people of the test; all others are for the gate.
fn identify(store: Store, gate: Gate, people: People) -> Identify {
    let gate = by(gate);
    Arc::new(move |bearer, info| {
        let Some(token) = bearer.as_ref().filter(|token| token.starts_with("test:")) else { return gate(bearer, info) };
        let actor = people.lock().unwrap().get(token).cloned();
        let store = store.clone();
        Box::pin(async move {
            let actor = actor.ok_or(AuthError::Refused)?;
            let key = actor.key();
            let access = Some(Access::new(store, actor, Some(info.request_id.to_string())));
            Ok(Identified { access, key, expires_in: None, recheck: Arc::new(|| Box::pin(async { true })) })
        })
    })
}
