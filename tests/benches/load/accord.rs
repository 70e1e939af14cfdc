//! Accord's own edge in a process: callers, tenancy, visibility, limits and events as in service.

use std::{collections::HashMap, sync::Arc};

use api::{
    actor::{Actor, Permission, Reach, Rights, Scope, Via},
    http::{
        self, Origins,
        auth::{AuthError, Identified, Identify},
        front::{Front, Trusted},
        limits::Limits,
        seats::Seats,
    },
    schema,
    store::{Access, Settings, Store},
};
use entity::id::{OrganizationId, RowId, SessionId, UserId};
use tokio::{io::AsyncBufReadExt, net::TcpListener};

use crate::data;

#[tokio::main]
pub async fn run(url: &str) {
    let store = Store::open(&Settings::new(url)).await.expect("the database opens");
    tokio::spawn(store.clone().run_sequencer());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("{}", listener.local_addr().expect("an address").port());
    tokio::spawn(count(store.clone()));
    http::serve::serve(listener, edge(store), std::future::pending()).await;
}

/// Says how many statements were sent, once for each line that comes in.
async fn count(store: Store) {
    let mut lines = tokio::io::BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(_)) = lines.next_line().await {
        println!("{}", store.statements());
    }
    std::process::exit(0); // whoever started us is gone
}

fn edge(store: Store) -> http::App {
    let limits = Arc::new(Limits::default());
    let sdl = schema::sdl();
    http::App {
        schema: schema::build(),
        front: Arc::new(Front::new(&sdl, Trusted::default(), limits.clone()).expect("the schema is valid")),
        sdl: sdl.into(),
        identify: identify(store),
        idempotency: http::idempotency::Idempotency::default(),
        ready: Arc::new(|| Box::pin(async { true })),
        origins: Origins(vec![]),
        recorder: None,
        life: http::serve::Life::default(),
        seats: Seats::new(limits.sockets_per_caller),
        limits,
    }
}

/// An administrator, and a salesperson who reaches their team and those below them.
fn people() -> HashMap<&'static str, Actor> {
    let mut rep = Rights::default();
    Permission::all().for_each(|p| rep.grant(p, Reach { scope: Scope::Subtree, unassigned: false }));
    HashMap::from([("admin", actor(200, Rights::everything())), ("rep", actor(1, rep))])
}

fn actor(user: u64, rights: Rights) -> Actor {
    let user = data::id(data::USER, user);
    Actor {
        organization: OrganizationId::from_uuid(data::id(data::ORGANIZATION, 1)),
        user: Some(UserId::from_uuid(user)),
        via: Via::Session(SessionId::from_uuid(user)),
        rights: Arc::new(rights),
    }
}

fn identify(store: Store) -> Identify {
    let people = Arc::new(people());
    Arc::new(move |bearer, info| {
        let (store, people) = (store.clone(), people.clone());
        Box::pin(async move {
            let actor = bearer.and_then(|token| people.get(token.as_str()).cloned()).ok_or(AuthError::Refused)?;
            let key = actor.key();
            let access = Some(Access::new(store, actor, Some(info.request_id.to_string())));
            Ok(Identified { access, key, expires_in: None, recheck: Arc::new(|| Box::pin(async { true })) })
        })
    })
}
