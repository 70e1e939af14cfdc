//! The steps that make the database what the rows expect. They import nothing of ours: an old
//! step must not change when a row does.

mod m0001_access;
mod m0002_crm;
mod m0003_marketing;
mod m0004_sales;
mod m0005_system;
mod m0006_agreement;
mod m0007_touchpoint;
mod m0009_lead_status;
mod m0009_routing;
mod sql;
mod table;
#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the steps are tried on bare databases")]
mod tests;

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::{ConnectionTrait, DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::table::{Added, Table};

/// Takes the steps that were not taken yet, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(Step::new("m0001_access", m0001_access::tables)),
            Box::new(Step::new("m0002_crm", m0002_crm::tables)),
            Box::new(Step::new("m0003_marketing", m0003_marketing::tables)),
            Box::new(Step::new("m0004_sales", m0004_sales::tables)),
            Box::new(Step::new("m0005_system", m0005_system::tables)),
            Box::new(Step::new("m0006_agreement", m0006_agreement::tables).adding(m0006_agreement::columns)),
            Box::new(Step::new("m0007_touchpoint", m0007_touchpoint::tables).adding(m0007_touchpoint::columns)),
            Box::new(Step::new("m0009_lead_status", m0009_lead_status::tables).adding(m0009_lead_status::columns)),
            Box::new(Step::new("m0009_routing", m0009_routing::tables).adding(m0009_routing::columns)),
        ]
    }
}

/// A step that adds tables, in the order in which they can be made, and then columns to tables of earlier steps.
struct Step {
    name: &'static str,
    tables: fn() -> Vec<Table>,
    columns: fn() -> Vec<Added>,
}

impl Step {
    fn new(name: &'static str, tables: fn() -> Vec<Table>) -> Self {
        Self { name, tables, columns: Vec::new }
    }

    fn adding(self, columns: fn() -> Vec<Added>) -> Self {
        Self { columns, ..self }
    }
}

impl MigrationName for Step {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let database = manager.get_connection();
        let backend = manager.get_database_backend();
        database.execute_unprepared(sql::prepare(backend)).await?;
        for table in (self.tables)() {
            database.execute_unprepared(&sql::create(&table, backend)).await?;
        }
        for added in (self.columns)() {
            if !manager.has_column(added.table, added.column.name).await? {
                database.execute_unprepared(&sql::add(&added, backend)).await?;
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        for added in (self.columns)().iter().rev() {
            manager.get_connection().execute_unprepared(&sql::take_back(added)).await?;
        }
        for table in (self.tables)().iter().rev() {
            manager.get_connection().execute_unprepared(&sql::drop(table, backend)).await?;
        }
        Ok(())
    }

    /// All of a step or none of it, on both databases.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
