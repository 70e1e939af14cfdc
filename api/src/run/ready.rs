//! Whether requests should come to this process: what `/readyz` asks.

use std::path::PathBuf;

use super::database;
use crate::{config::Config, http::limits::Limits, store::Store};

pub struct Ready {
    store: Store,
    folder: PathBuf,
    /// So many per cent of the folder's disk stay free; 0 when it does not matter.
    free: u64,
}

impl Ready {
    pub fn new(config: &Config, limits: &Limits, store: Store) -> Self {
        Self { store, folder: config.data_dir.clone(), free: limits.free_disk_percent }
    }

    /// True while the database can be written and has the tables of this binary, events get their numbers and the disk has
    /// room. What is wrong is for the log: a body says nothing about the inside.
    pub async fn holds(&self) -> bool {
        let wrong = match self.store.probe().await {
            Err(error) => error.to_string(),
            Ok(false) => "the database takes no writes".to_owned(),
            Ok(true) if !database::current(&self.store).await => "the tables are not those of this version".to_owned(),
            Ok(true) if !self.store.numbers() => "events have had no numbers for a minute".to_owned(),
            Ok(true) if !self.has_room() => format!("less than {} % of the disk is free", self.free),
            Ok(true) => return true,
        };
        tracing::warn!(wrong, "not ready");
        false
    }

    /// A disk that tells nothing is none that is full.
    fn has_room(&self) -> bool {
        let told = fs4::available_space(&self.folder).and_then(|free| Ok((free, fs4::total_space(&self.folder)?)));
        told.map_or(true, |(free, all)| u128::from(free) * 100 >= u128::from(all) * u128::from(self.free))
    }
}
