//! A step that makes a table anew in another shape.

use sea_orm_migration::prelude::{
    ConnectionTrait, DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait, sea_orm::DbBackend,
};

use crate::{sql, table::Table};

/// A table in two shapes.
pub struct Reshape {
    /// A column that only the later shape has.
    pub known_by: &'static str,
    pub from: fn() -> Table,
    pub to: fn() -> Table,
    /// Which rows fit the earlier shape again.
    pub back: &'static str,
}

/// A step that makes a table anew in another shape and fills it with the rows that fit: `SQLite` cannot let a column be
/// empty that had to be filled.
pub struct Reshaped(pub &'static str, pub Reshape);

impl MigrationName for Reshaped {
    fn name(&self) -> &str {
        self.0
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Reshaped {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (from, to) = ((self.1.from)(), (self.1.to)());
        if manager.has_column(to.name, self.1.known_by).await? {
            return Ok(());
        }
        reshape(manager, &from, &to, "").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (from, to) = ((self.1.from)(), (self.1.to)());
        if manager.has_column(to.name, self.1.known_by).await? {
            reshape(manager, &to, &from, &format!(" WHERE {}", self.1.back)).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn reshape(manager: &SchemaManager<'_>, from: &Table, to: &Table, which: &str) -> Result<(), DbErr> {
    let database = manager.get_connection();
    let backend = manager.get_database_backend();
    let name = to.name;
    for statement in sql::drop_indexes_of(from) {
        database.execute_unprepared(&statement).await?;
    }
    database.execute_unprepared(&format!("ALTER TABLE \"{name}\" RENAME TO \"{name}_old\"")).await?;
    if backend == DbBackend::Postgres {
        database.execute_unprepared(&format!("ALTER INDEX \"{name}_pkey\" RENAME TO \"{name}_old_pkey\"")).await?;
    }
    database.execute_unprepared(&sql::create(to, backend)).await?;
    let shared = to.columns.iter().filter(|column| from.columns.iter().any(|other| other.name == column.name));
    let shared = shared.map(|column| format!("\"{}\"", column.name)).collect::<Vec<_>>().join(", ");
    let copy = format!("INSERT INTO \"{name}\" ({shared}) SELECT {shared} FROM \"{name}_old\"{which}");
    database.execute_unprepared(&copy).await?;
    database.execute_unprepared(&format!("DROP TABLE \"{name}_old\"")).await?;
    Ok(())
}
