//! The steps can be taken, taken back and taken again, on both databases.

use std::path::{Path, PathBuf};

use sea_orm_migration::prelude::{
    ConnectionTrait, MigratorTrait, SchemaManager,
    sea_orm::{Database, DatabaseConnection, DbBackend, Statement},
};

use crate::Migrator;

/// Tables and indexes there are, by name.
async fn names(database: &DatabaseConnection) -> Vec<String> {
    let sql = match database.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i') ORDER BY 1"
        }
        _ => "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1",
    };
    let rows = database.query_all_raw(Statement::from_string(database.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "name").unwrap()).collect()
}

async fn up_down_up(database: &DatabaseConnection) {
    Migrator::up(database, None).await.unwrap();
    let first = names(database).await;
    assert!(first.iter().any(|name| name == "uq_user_email"), "{first:?}");

    Migrator::down(database, None).await.unwrap();
    let left: Vec<_> = names(database).await.into_iter().filter(|name| !name.starts_with("seaql")).collect();
    assert!(left.is_empty(), "down leaves {left:?}");

    Migrator::up(database, None).await.unwrap();
    let manager = SchemaManager::new(database);
    for step in Migrator::migrations() {
        step.up(&manager).await.unwrap();
    }
    assert_eq!(names(database).await, first);
}

async fn sqlite(name: &str) -> (DatabaseConnection, PathBuf) {
    let path = std::env::temp_dir().join(format!("accord-migration-{}-{name}.db", std::process::id()));
    let database = Database::connect(format!("sqlite://{}?mode=rwc", path.display())).await.unwrap();
    (database, path)
}

async fn forget(database: DatabaseConnection, path: &Path) {
    database.close().await.unwrap();
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn up_down_up_on_sqlite() {
    let (database, path) = sqlite("updown").await;
    up_down_up(&database).await;
    forget(database, &path).await;
}

#[tokio::test]
async fn up_down_up_on_postgres() {
    let Ok(server) = std::env::var("ACCORD_TEST_POSTGRES_URL") else {
        return;
    };
    let name = format!("accord_migration_{}", std::process::id());
    let server_database = Database::connect(&server).await.unwrap();
    server_database.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    let base = server.rsplit_once('/').unwrap().0;
    let database = Database::connect(format!("{base}/{name}")).await.unwrap();

    up_down_up(&database).await;

    database.close().await.unwrap();
    server_database.execute_unprepared(&format!("DROP DATABASE {name}")).await.unwrap();
}

/// How many products a piece of text finds.
async fn found(database: &DatabaseConnection, piece: &str) -> i64 {
    let sql = "SELECT count(*) AS n FROM product JOIN product_search ON product_search.rowid = product.row_no \
               WHERE product_search MATCH ?";
    let piece = format!("\"{piece}\"");
    let row = database.query_one_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, [piece.into()])).await;
    row.unwrap().unwrap().try_get("", "n").unwrap()
}

#[tokio::test]
async fn on_sqlite_the_search_index_follows_the_row() {
    let (database, path) = sqlite("search").await;
    Migrator::up(&database, None).await.unwrap();
    let run = async |sql: &str| database.execute_unprepared(sql).await.unwrap();

    for (id, text) in [("x'01'", "gone tomorrow"), ("x'02'", "steel ruler 30 cm")] {
        run(&format!(
            "INSERT INTO product (id, organization_id, created_at, updated_at, version, name, active, search_text) \
             VALUES ({id}, x'00', '', '', 1, '', 1, '{text}') RETURNING id, version"
        ))
        .await;
    }
    run("DELETE FROM product WHERE id = x'01'").await;
    run("VACUUM").await;
    assert_eq!((found(&database, "eel ru").await, found(&database, "tomorrow").await), (1, 0));

    run("UPDATE product SET search_text = 'brass ruler' WHERE id = x'02'").await;
    assert_eq!((found(&database, "eel ru").await, found(&database, "ass").await), (0, 1));

    forget(database, &path).await;
}
