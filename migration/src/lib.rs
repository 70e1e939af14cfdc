//! The steps that make the database what the rows expect. They import nothing of ours: an old
//! step must not change when a row does.

mod m0001_access;
mod m0002_crm;
mod m0003_marketing;
mod m0004_sales;
mod m0005_system;
mod m0006_agreement;
mod m0007_touchpoint;
mod m0008_sla;
mod m0009_lead_status;
mod m0009_routing;
mod m0010_duplicates;
mod m0011_committee;
mod m0011_criteria;
mod m0011_target;
mod m0012_sign_in;
mod m0013_gap;
mod m0013_insight;
mod m0013_keys;
mod m0013_tie;
mod m0014_attribution;
mod m0015_past;
mod m0016_goal;
mod m0017_incentive;
mod m0018_incentive_dispute;
mod m0019_report;
mod m0020_dashboard;
mod m0021_contract;
mod m0022_stage_past;
mod m0024_base;
mod m0025_size;
mod m0026_answers;
mod m0027_initiative;
mod m0028_gone;
mod m0029_consent;
mod m0030_unique;
mod m0031_days;
mod m0032_stays;
mod reshape;
mod sql;
mod table;
#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the steps are tried on bare databases")]
mod tests;

use sea_orm_migration::prelude::{
    ConnectionTrait, DbErr, MigrationName, MigrationTrait, async_trait,
    sea_orm::{DbBackend, Statement},
};
pub use sea_orm_migration::{MigratorTrait, SchemaManager};

use crate::{
    reshape::{Reshape, Reshaped},
    table::{Column, Table},
};

/// Takes the steps that were not taken yet, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(Tables("m0001_access", m0001_access::tables)),
            Box::new(Tables("m0002_crm", m0002_crm::tables)),
            Box::new(Tables("m0003_marketing", m0003_marketing::tables)),
            Box::new(Tables("m0004_sales", m0004_sales::tables)),
            Box::new(Tables("m0005_system", m0005_system::tables)),
            Box::new(Tables("m0006_agreement", m0006_agreement::tables)),
            Box::new(Columns("m0006_agreement_solo", m0006_agreement::columns)),
            Box::new(Tables("m0007_touchpoint", m0007_touchpoint::tables)),
            Box::new(Columns("m0007_lead_score", m0007_touchpoint::columns)),
            Box::new(Tables("m0008_sla", m0008_sla::tables)),
            Box::new(Columns("m0008_sla_hours", m0008_sla::columns)),
            Box::new(Tables("m0009_lead_status", m0009_lead_status::tables)),
            Box::new(Columns("m0009_lead_status_reason", m0009_lead_status::columns)),
            Box::new(Tables("m0009_routing", m0009_routing::tables)),
            Box::new(Columns("m0009_routing_lead", m0009_routing::columns)),
            Box::new(Tables("m0010_duplicates", m0010_duplicates::tables)),
            Box::new(Indexes("m0010_phones", m0010_duplicates::indexes)),
            Box::new(Tables("m0011_committee", m0011_committee::tables)),
            Box::new(Tables("m0011_criteria", m0011_criteria::tables)),
            Box::new(Tables("m0011_target", m0011_target::tables)),
            Box::new(Tables("m0012_sign_in", m0012_sign_in::tables)),
            Box::new(Columns("m0012_api_key_networks", m0012_sign_in::columns)),
            Box::new(Indexes("m0013_gap", m0013_gap::indexes)),
            Box::new(Rows("m0013_keys", m0013_keys::up, m0013_keys::down)),
            Box::new(Columns("m0013_tie", m0013_tie::columns)),
            Box::new(Tables("m0013_insight", m0013_insight::tables)),
            Box::new(Fill("m0013_insight_past", ["opportunity_state", "lead_cycle"], m0013_insight::fill)),
            Box::new(Tables("m0014_attribution", m0014_attribution::tables)),
            Box::new(Columns("m0014_touchpoint", m0014_attribution::columns)),
            Box::new(Indexes("m0014_visitors", m0014_attribution::indexes)),
            Box::new(Reshaped("m0014_disputes", DISPUTES)),
            Box::new(Columns("m0015_past", m0015_past::columns)),
            Box::new(Indexes("m0015_past_indexes", m0015_past::indexes)),
            Box::new(Tables("m0015_customer", m0015_past::tables)),
            Box::new(Tables("m0016_goal", m0016_goal::tables)),
            Box::new(Tables("m0017_splits", m0017_incentive::splits)),
            Box::new(Tables("m0017_incentive", m0017_incentive::tables)),
            Box::new(Tables("m0018_incentive_dispute", m0018_incentive_dispute::tables)),
            Box::new(Tables("m0019_report", m0019_report::tables)),
            Box::new(Rows("m0019_quality", m0019_report::up, m0019_report::down)),
            Box::new(Tables("m0020_dashboard", m0020_dashboard::tables)),
            Box::new(Columns("m0021_contract", m0021_contract::columns)),
            Box::new(Indexes("m0022_stage_past", m0022_stage_past::indexes)),
            Box::new(Columns("m0024_rates", m0024_base::columns)),
            Box::new(Gone("m0024_custom_field", m0024_base::gone)),
            Box::new(Indexes("m0024_orders", m0024_base::indexes)),
            Box::new(Instead("m0025_size", m0025_size::wide, m0025_size::narrow)),
            Box::new(Reshaped("m0026_answers", ANSWERS)),
            Box::new(Rows("m0026_answers_accounts", m0026_answers::up, m0026_answers::down)),
            Box::new(Tables("m0027_initiative", m0027_initiative::tables)),
            Box::new(Indexes("m0028_gone", m0028_gone::indexes)),
            Box::new(Tables("m0029_contact_tables", m0029_consent::tables)),
            Box::new(Columns("m0029_consent", m0029_consent::columns)),
            Box::new(Columns("m0030_unique", m0030_unique::columns)),
            Box::new(Tables("m0030_custom_value", m0030_unique::tables)),
            Box::new(Indexes("m0031_gone", m0031_days::indexes)),
            Box::new(Tables("m0031_days", m0031_days::tables)),
            Box::new(Indexes("m0032_stays", m0032_stays::indexes)),
        ]
    }
}

const DISPUTES: Reshape = Reshape {
    known_by: "opportunity_id",
    from: m0014_attribution::old_disputes,
    to: m0014_attribution::disputes,
    back: "handoff_id IS NOT NULL",
};

const ANSWERS: Reshape = Reshape {
    known_by: "account_id",
    from: m0015_past::survey_response,
    to: m0026_answers::survey_response,
    back: "contact_id IS NOT NULL",
};

/// A step that adds tables: its name, and the tables in the order in which they can be made.
struct Tables(&'static str, fn() -> Vec<Table>);

impl MigrationName for Tables {
    fn name(&self) -> &str {
        self.0
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Tables {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let database = manager.get_connection();
        let backend = manager.get_database_backend();
        database.execute_unprepared(sql::prepare(backend)).await?;
        for table in self.1() {
            database.execute_unprepared(&sql::create(&table, backend)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        for table in self.1().iter().rev() {
            manager.get_connection().execute_unprepared(&sql::drop(table, backend)).await?;
        }
        Ok(())
    }

    /// All of a step or none of it, on both databases.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// A step that adds columns, which rows may leave empty, to tables of earlier steps.
struct Columns(&'static str, fn() -> Vec<(&'static str, Column)>);

impl MigrationName for Columns {
    fn name(&self) -> &str {
        self.0
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Columns {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, &self.1()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        take_away(manager, &self.1()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn add(manager: &SchemaManager<'_>, columns: &[(&str, Column)]) -> Result<(), DbErr> {
    for (table, column) in columns {
        if !manager.has_column(table, column.name).await? {
            let sql = sql::add(table, column, manager.get_database_backend());
            manager.get_connection().execute_unprepared(&sql).await?;
        }
    }
    Ok(())
}

async fn take_away(manager: &SchemaManager<'_>, columns: &[(&str, Column)]) -> Result<(), DbErr> {
    for (table, column) in columns.iter().rev() {
        if manager.has_column(table, column.name).await? {
            manager.get_connection().execute_unprepared(&sql::take_away(table, column)).await?;
        }
    }
    Ok(())
}

/// A step that takes columns of earlier steps away, with what they held: its name, and the columns as they come back.
struct Gone(&'static str, fn() -> Vec<(&'static str, Column)>);

impl MigrationName for Gone {
    fn name(&self) -> &str {
        self.0
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Gone {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        take_away(manager, &self.1()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, &self.1()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// A step that fills tables of the step before it from what is there: its name, the tables, and the statements. Tables
/// that hold rows already are left alone.
struct Fill(&'static str, [&'static str; 2], fn(DbBackend) -> Vec<String>);

impl MigrationName for Fill {
    fn name(&self) -> &str {
        self.0
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Fill {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (database, backend) = (manager.get_connection(), manager.get_database_backend());
        for table in self.1 {
            let some = format!("SELECT 1 FROM \"{table}\" LIMIT 1");
            if database.query_one_raw(Statement::from_string(backend, some)).await?.is_some() {
                return Ok(());
            }
        }
        for statement in self.2(backend) {
            database.execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// A step that adds indexes to tables of earlier steps: its name, and the tables with nothing but their new indexes.
struct Indexes(&'static str, fn() -> Vec<Table>);

impl MigrationName for Indexes {
    fn name(&self) -> &str {
        self.0
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Indexes {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in self.1().iter().flat_map(sql::create_indexes) {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in self.1().iter().flat_map(sql::drop_indexes) {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// A step that puts indexes in the place of others: its name, the tables with nothing but the new, and with the old.
struct Instead(&'static str, fn() -> Vec<Table>, fn() -> Vec<Table>);

impl MigrationName for Instead {
    fn name(&self) -> &str {
        self.0
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Instead {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        instead(manager, &self.1(), &self.2()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        instead(manager, &self.2(), &self.1()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn instead(manager: &SchemaManager<'_>, new: &[Table], old: &[Table]) -> Result<(), DbErr> {
    let statements = new.iter().flat_map(sql::create_indexes).chain(old.iter().flat_map(sql::drop_indexes));
    for statement in statements {
        manager.get_connection().execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// A step that writes rows: its name, what it says and what takes that back. Either may be said twice.
struct Rows(&'static str, fn(DbBackend) -> &'static str, fn(DbBackend) -> &'static str);

impl MigrationName for Rows {
    fn name(&self) -> &str {
        self.0
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Rows {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared((self.1)(manager.get_database_backend())).await.map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared((self.2)(manager.get_database_backend())).await.map(|_| ())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
