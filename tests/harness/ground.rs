//! What a test stands on: a folder and a database of its own.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use api::store::{Clock, Settings, Store};
use migration::{Migrator, MigratorTrait};
use sqlx::{Connection, Executor};
use tokio::sync::OnceCell;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// A migrated database. The file of SQLite is removed with it; PostgreSQL's is dropped by a later run.
#[derive(Clone)]
pub struct Ground {
    pub url: String,
    _folder: Option<Arc<Folder>>,
}

/// Removed when the test ends.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let path = std::env::temp_dir().join("accord-tests").join(unique());
        std::fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file; where it is.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, content).expect("a file");
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Ground {
    /// None when no PostgreSQL server is named.
    pub async fn new(database: Database) -> Option<Self> {
        match database {
            Database::Sqlite => Some(sqlite().await),
            Database::Postgres => {
                let url = postgres().await?;
                Some(Self { url, _folder: None })
            }
        }
    }

    /// The URL of a copy as it is now, on PostgreSQL; whoever is connected is cut off.
    pub async fn copied(&self) -> String {
        let (server, name) = self.url.rsplit_once('/').expect("a URL with a database");
        let server = format!("{server}/postgres");
        run(&server, &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")).await;
        copy(&server, name).await
    }

    /// Opened with few connections.
    pub async fn store(&self) -> Store {
        self.store_by(None).await
    }

    /// The same by a clock of its own.
    pub async fn store_by(&self, clock: Option<Clock>) -> Store {
        let mut settings = Settings::new(&self.url);
        (settings.max_writers, settings.max_readers) = (4, 2);
        settings.clock = clock;
        Store::open(&settings).await.expect("the store opens")
    }
}

pub fn unique() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

async fn migrate(url: &str) {
    let store = Store::open(&Settings::new(url)).await.expect("the template opens");
    Migrator::up(store.migrator(), None).await.expect("the template migrates");
}

async fn sqlite() -> Ground {
    static TEMPLATE: OnceCell<PathBuf> = OnceCell::const_new();
    let template = TEMPLATE
        .get_or_init(|| async {
            let folder = std::env::temp_dir().join("accord-tests");
            std::fs::create_dir_all(&folder).expect("a temporary folder");
            let file = folder.join(format!("template-{}.db", unique()));
            migrate(&format!("sqlite:{}", file.display())).await;
            file
        })
        .await;
    let folder = Folder::new();
    let file = folder.path().join("accord.db");
    for suffix in ["", "-wal"] {
        _ = std::fs::copy(format!("{}{suffix}", template.display()), format!("{}{suffix}", file.display()));
    }
    let url = format!("sqlite:{}", file.display());
    Ground { url, _folder: Some(Arc::new(folder)) }
}

async fn postgres() -> Option<String> {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let server = std::env::var("ACCORD_TEST_POSTGRES_URL").ok()?;
    let template = TEMPLATE
        .get_or_init(|| async {
            drop_leftovers(&server).await;
            let name = format!("accord_test_{}", unique());
            run(&server, &format!("CREATE DATABASE {name}")).await;
            migrate(&beside(&server, &name)).await;
            name
        })
        .await;
    Some(copy(&server, template).await)
}

/// A copy of a database that nobody uses; its URL.
async fn copy(server: &str, template: &str) -> String {
    let name = format!("accord_test_{}", unique());
    run(server, &format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")).await;
    beside(server, &name)
}

/// The URL of another database of the same server.
fn beside(server: &str, name: &str) -> String {
    let (base, _) = server.rsplit_once('/').expect("a URL with a database");
    format!("{base}/{name}")
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
