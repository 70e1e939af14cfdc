//! Accord's own edge in a process: callers, tenancy, visibility, limits and events as in service.

use std::{path::Path, sync::Arc};

use api::{
    access::{
        identity::{Gate, Settings},
        keys::Keys,
    },
    config::Argon2,
    http::{
        self, Origins,
        budget::Budget,
        front::{Front, Trusted},
        limits::Limits,
        seats::Seats,
    },
    schema,
    store::{self, Store},
};
use entity::id::{RowId, SessionId};
use tokio::{io::AsyncBufReadExt, net::TcpListener};

use crate::data;

#[tokio::main]
pub async fn run(url: &str) {
    let store = Store::open(&store::Settings::new(url)).await.expect("the database opens");
    tokio::spawn(store.clone().run_sequencer());
    let gate = gate(store.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("{}", listener.local_addr().expect("an address").port());
    println!("{}\n{}", token(&gate, 1).await, token(&gate, 2).await);
    tokio::spawn(count(store));
    http::serve::serve(listener, edge(gate), std::future::pending()).await;
}

/// Says how many statements were sent, once for each line that comes in.
async fn count(store: Store) {
    let mut lines = tokio::io::BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(_)) = lines.next_line().await {
        println!("{}", store.statements());
    }
    std::process::exit(0); // whoever started us is gone
}

fn edge(gate: Gate) -> http::App {
    // one caller may open thousands of sockets here, to weigh them
    let limits = Arc::new(Limits { sockets_per_caller: 100_000, ..Limits::default() });
    let sdl = schema::sdl();
    http::App {
        schema: schema::with(gate.clone()),
        front: Arc::new(Front::new(&sdl, Trusted::default(), limits.clone()).expect("the schema is valid")),
        sdl: sdl.into(),
        identify: http::auth::by(gate),
        idempotency: http::idempotency::Idempotency::default(),
        ready: Arc::new(|| Box::pin(async { true })),
        origins: Origins(vec![]),
        proxies: vec![],
        recorder: None,
        life: http::serve::Life::default(),
        seats: Seats::new(limits.sockets_per_caller),
        budget: Budget::new(&limits),
        dashboard: true,
        limits,
    }
}

/// Sign-in as it is in service.
fn gate(store: Store) -> Gate {
    let folder = concat!(env!("CARGO_TARGET_TMPDIR"), "/bench-keys");
    let keys = Keys::load_or_create(Path::new(folder), chrono::Utc::now()).expect("signing keys");
    let argon2 = Argon2::default();
    let settings = Settings { issuer: "http://bench", access_token_seconds: 3_600, argon2: &argon2 };
    Gate::new(store, keys, &settings).expect("a gate")
}

/// An access token of one of the sessions in the data set.
async fn token(gate: &Gate, session: u64) -> String {
    let id = SessionId::from_uuid(data::id(data::SESSION, session));
    let session = gate.store().door().session(id).await.expect("an answer").expect("a session");
    gate.tokens(&session, String::new(), chrono::Utc::now()).expect("a token").access
}
