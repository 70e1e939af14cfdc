//! Accord in this process, on a database of its own.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, LazyLock, Mutex},
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
    store::{Access, Settings, Store},
};
use axum::Router;
use migration::{Migrator, MigratorTrait};
use sqlx::{Connection, Executor};
use tokio::sync::OnceCell;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Database {
    Sqlite,
    Postgres,
}

type People = Arc<Mutex<HashMap<String, Actor>>>;

pub struct App {
    pub store: Store,
    pub gate: Gate,
    pub router: Router,
    /// Who holds which token, besides those who sign in.
    pub people: People,
    pub database: Database,
    pub url: String,
    _place: Option<Arc<Place>>,
}

/// Removes the database's file when the test ends.
struct Place(PathBuf);

impl Drop for Place {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            _ = std::fs::remove_file(format!("{}{suffix}", self.0.display()));
        }
    }
}

impl App {
    /// None when no PostgreSQL server is named.
    pub async fn start(database: Database) -> Option<Self> {
        let (url, place) = match database {
            Database::Sqlite => sqlite().await,
            Database::Postgres => (postgres().await?, None),
        };
        let mut settings = Settings::new(&url);
        (settings.max_writers, settings.max_readers) = (4, 2);
        let store = Store::open(&settings).await.expect("the store opens");
        if database == Database::Postgres {
            tokio::spawn(store.clone().run_sequencer());
        }
        let people = People::default();
        let gate = gate(store.clone());
        let router = http::router(edge(store.clone(), gate.clone(), people.clone(), Limits::default()));
        Some(Self { store, gate, router, people, database, url, _place: place })
    }
}

impl App {
    /// The same service behind an edge with other limits.
    pub fn limited(&self, limits: Limits) -> Self {
        let (store, gate, people) = (self.store.clone(), self.gate.clone(), self.people.clone());
        let router = http::router(edge(store.clone(), gate.clone(), people.clone(), limits));
        let (database, url, _place) = (self.database, self.url.clone(), self._place.clone());
        Self { store, gate, router, people, database, url, _place }
    }
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
    let settings = identity::Settings { issuer: "http://localhost", access_token_seconds: 300, argon2: &ARGON2 };
    Gate::new(store, KEYS.clone(), &settings).expect("a gate")
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

fn unique() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

async fn migrate(url: &str) {
    let store = Store::open(&Settings::new(url)).await.expect("the template opens");
    Migrator::up(store.migrator(), None).await.expect("the template migrates");
}

async fn sqlite() -> (String, Option<Arc<Place>>) {
    static TEMPLATE: OnceCell<PathBuf> = OnceCell::const_new();
    let folder = std::env::temp_dir().join("accord-tests");
    let template = TEMPLATE
        .get_or_init(|| async {
            std::fs::create_dir_all(&folder).expect("a temporary folder");
            let file = folder.join(format!("template-{}.db", unique()));
            migrate(&format!("sqlite:{}", file.display())).await;
            file
        })
        .await;
    let file = folder.join(format!("{}.db", unique()));
    for suffix in ["", "-wal"] {
        _ = std::fs::copy(format!("{}{suffix}", template.display()), format!("{}{suffix}", file.display()));
    }
    (format!("sqlite:{}", file.display()), Some(Arc::new(Place(file))))
}

async fn postgres() -> Option<String> {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let server = std::env::var("ACCORD_TEST_POSTGRES_URL").ok()?;
    let (base, _) = server.rsplit_once('/').expect("a URL with a database");
    let template = TEMPLATE
        .get_or_init(|| async {
            drop_leftovers(&server).await;
            let name = format!("accord_test_{}", unique());
            run(&server, &format!("CREATE DATABASE {name}")).await;
            migrate(&format!("{base}/{name}")).await;
            name
        })
        .await;
    let name = format!("accord_test_{}", unique());
    run(&server, &format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")).await;
    Some(format!("{base}/{name}"))
}

/// Databases of earlier runs that nobody uses any more; not those of a run at the same time, whose template may be idle.
async fn drop_leftovers(server: &str) {
    let mut connection = sqlx::PgConnection::connect(server).await.expect("PostgreSQL answers");
    let hour_ago = chrono::Utc::now().timestamp_millis() - 3_600_000; // their names begin with the time
    let old: Vec<(String,)> = sqlx::query_as(
        "SELECT datname FROM pg_database d WHERE datname LIKE 'accord_test_%' AND datname COLLATE \"C\" < $1 \
         AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datname = d.datname)",
    )
    .bind(format!("accord_test_{hour_ago:012x}"))
    .fetch_all(&mut connection)
    .await
    .expect("the list of databases");
    // names tell their age: another run's template has no connection either
    for (name,) in old.into_iter().filter(|(name,)| stale(name)) {
        _ = connection.execute(sqlx::AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name}"))).await;
    }
}

/// Made more than an hour ago.
fn stale(name: &str) -> bool {
    let id = name.rsplit('_').next().and_then(|id| uuid::Uuid::parse_str(id).ok());
    let made = id.and_then(|id| id.get_timestamp()).map_or(0, |t| t.to_unix().0);
    let now = uuid::Uuid::now_v7().get_timestamp().map_or(0, |t| t.to_unix().0);
    now > made + 3_600
}

async fn run(server: &str, sql: &str) {
    let mut connection = sqlx::PgConnection::connect(server).await.expect("PostgreSQL answers");
    connection.execute(sqlx::AssertSqlSafe(sql.to_owned())).await.expect(sql);
}
