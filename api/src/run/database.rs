//! Opens the database and keeps its tables as this binary expects them. It never runs an older binary on newer tables.

use migration::{Migrator, MigratorTrait};

use super::{Migrate, RunError};
use crate::{
    config::Config,
    store::{Settings, Store},
};

pub async fn open(config: &Config) -> Result<Store, RunError> {
    let mut settings = Settings::new(config.database_url.expose());
    settings.reader_url = config.database_reader_url.as_ref().map(|url| url.expose().to_owned());
    settings.max_writers = config.pool.connections;
    settings.max_readers = config.pool.readers;
    Ok(Store::open(&settings).await?)
}

/// Brings the tables up to date; in production that is the operator's to start.
pub async fn prepare(store: &Store, production: bool) -> Result<(), RunError> {
    let pending = pending(store).await?;
    if pending.is_empty() {
        return Ok(());
    }
    if production {
        let list = pending.join(", ");
        return Err(format!("the database lacks the migrations {list}: run `accord migrate up` first").into());
    }
    tracing::info!(steps = pending.len(), "migrating");
    Ok(Migrator::up(store.migrator(), None).await?)
}

pub async fn migrate(store: &Store, step: Migrate) -> Result<String, RunError> {
    let waiting = pending(store).await?;
    match step {
        Migrate::Up(steps) => {
            Migrator::up(store.migrator(), steps).await?;
            let done = waiting.len() - pending(store).await?.len();
            Ok(format!("{done} migrations done."))
        }
        Migrate::Down(steps) => {
            Migrator::down(store.migrator(), Some(steps)).await?;
            Ok(format!("{steps} migrations taken back."))
        }
        Migrate::Status => Ok(status(&waiting)),
    }
}

fn status(waiting: &[String]) -> String {
    let line = |m: &dyn sea_orm_migration::MigrationTrait| {
        let mark = if waiting.iter().any(|w| w == m.name()) { "waiting" } else { "done   " };
        format!("{mark} {}", m.name())
    };
    Migrator::migrations().iter().map(|m| line(m.as_ref())).collect::<Vec<_>>().join("\n")
}

/// The steps that the database has not taken; refused when it has taken one that this binary does not know.
async fn pending(store: &Store) -> Result<Vec<String>, RunError> {
    let newer = |error: sea_orm::DbErr| -> RunError {
        let text = error.to_string();
        if text.contains("is missing") {
            format!("the database was made by a newer Accord: start that version, or go back with its `accord migrate down` ({text})").into()
        } else {
            error.into()
        }
    };
    let steps = Migrator::get_pending_migrations(store.migrator()).await.map_err(newer)?;
    Ok(steps.iter().map(|m| m.name().to_owned()).collect())
}
