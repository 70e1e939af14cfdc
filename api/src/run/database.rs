//! Opens the database and keeps its tables as this binary expects them. It never runs an older binary on newer tables.

use migration::{Migrator, MigratorTrait};
use sea_orm::ConnectionTrait;

use super::{Migrate, RunError};
use crate::{
    access::keys::data_dir,
    config::Config,
    store::{Settings, Store},
};

pub async fn open(config: &Config) -> Result<Store, RunError> {
    if config.database_url.is_sqlite() {
        // the first command on a machine need not be `serve`
        data_dir(&config.data_dir)?;
    }
    let mut settings = Settings::new(config.database_url.expose());
    settings.reader_url = config.database_reader_url.as_ref().map(|url| url.expose().to_owned());
    settings.max_writers = config.pool.connections;
    settings.max_readers = config.pool.readers;
    Ok(Store::open(&settings).await?)
}

/// Brings the tables up to date; in production that is the operator's to start.
pub async fn prepare(store: &Store, production: bool) -> Result<(), RunError> {
    let pending = pending(store.migrator()).await?;
    if pending.is_empty() {
        return Ok(());
    }
    if production {
        let list = pending.join(", ");
        return Err(format!("the database lacks the migrations {list}: run `accord migrate up` first").into());
    }
    tracing::info!(steps = pending.len(), "migrating");
    migrate(store, Migrate::Up(None)).await.map(|_| ())
}

/// All steps that were asked for, or none. Another node that migrates is waited for: what it did is not done again.
pub async fn migrate(store: &Store, step: Migrate) -> Result<String, RunError> {
    if matches!(step, Migrate::Status) {
        return Ok(status(&pending(store.migrator()).await?));
    }
    let work = store.migration().await?;
    let waiting = pending(&work).await?.len();
    match step {
        Migrate::Up(steps) => Migrator::up(&work, steps).await?,
        Migrate::Down(steps) => Migrator::down(&work, Some(steps)).await?,
        Migrate::Status => {}
    }
    let left = pending(&work).await?.len();
    work.commit().await?;
    Ok(match step {
        Migrate::Down(_) => format!("{} migrations taken back.", left - waiting),
        _ => format!("{} migrations done.", waiting - left),
    })
}

fn status(waiting: &[String]) -> String {
    let line = |m: &dyn sea_orm_migration::MigrationTrait| {
        let mark = if waiting.iter().any(|w| w == m.name()) { "waiting" } else { "done   " };
        format!("{mark} {}", m.name())
    };
    Migrator::migrations().iter().map(|m| line(m.as_ref())).collect::<Vec<_>>().join("\n")
}

/// The steps that the database has not taken; refused when it has taken one that this binary does not know.
async fn pending(database: &impl ConnectionTrait) -> Result<Vec<String>, RunError> {
    let newer = |error: sea_orm::DbErr| -> RunError {
        let text = error.to_string();
        if text.contains("is missing") {
            format!("the database was made by a newer Accord: start that version, or go back with its `accord migrate down` ({text})").into()
        } else {
            error.into()
        }
    };
    let steps = Migrator::get_pending_migrations_read_only(database).await.map_err(newer)?;
    Ok(steps.iter().map(|m| m.name().to_owned()).collect())
}

/// Whether its tables are those that this binary expects.
pub async fn current(store: &Store) -> bool {
    pending(store.migrator()).await.is_ok_and(|waiting| waiting.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn store(name: &str) -> (Store, std::path::PathBuf) {
        let file = std::env::temp_dir().join(format!("accord-run-{}-{name}.db", std::process::id()));
        _ = std::fs::remove_file(&file);
        (Store::open(&Settings::new(format!("sqlite:{}", file.display()))).await.unwrap(), file)
    }

    #[tokio::test]
    async fn an_older_binary_refuses_a_newer_database() {
        let (store, file) = store("newer").await;
        prepare(&store, false).await.unwrap();
        assert!(prepare(&store, true).await.is_ok(), "nothing lacks");
        // what the next version's migration leaves behind
        let step = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)";
        store.migrator().execute_unprepared(step).await.unwrap();
        for production in [false, true] {
            let refused = prepare(&store, production).await.unwrap_err().to_string();
            assert!(refused.contains("newer Accord") && refused.contains("m9999_later"), "{refused}");
        }
        assert!(migrate(&store, Migrate::Up(None)).await.is_err());
        std::fs::remove_file(file).unwrap();
    }

    #[tokio::test]
    async fn in_production_nothing_migrates_by_itself() {
        let (store, file) = store("older").await;
        let last = Migrator::migrations().len() - 1;
        Migrator::up(store.migrator(), Some(u32::try_from(last).unwrap())).await.unwrap();
        let refused = prepare(&store, true).await.unwrap_err().to_string();
        assert!(refused.contains("accord migrate up"), "{refused}");
        prepare(&store, false).await.unwrap();
        assert!(prepare(&store, true).await.is_ok());
        std::fs::remove_file(file).unwrap();
    }
}
