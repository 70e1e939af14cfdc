//! A database per test, people to ask through, and rows by a sentence.

mod app;
mod chromium;
mod given;
mod ground;
mod person;
mod sample;
mod server;
mod site;
mod socket;
mod world;

pub use app::{ARGON2, App};
pub use chromium::{Page, browser};
pub use ground::{Database, Folder, Ground};
pub use person::{Answer, Person};
pub use sample::{Known, Place, Sample, record_of};
pub use serde_json::json;
pub use server::{Said, Served, Server, accord, said};
pub use site::{Reply, Site};
pub use socket::{Opening, Socket};
pub use world::{World, pay::calculated};

/// Declares a test that runs on both databases.
macro_rules! on_both {
    ($(#[$attr:meta])* async fn $name:ident($app:ident) $body:block) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($app: $crate::harness::App) $body

            #[tokio::test]
            async fn sqlite() {
                run($crate::harness::App::start($crate::harness::Database::Sqlite).await.expect("SQLite starts")).await;
            }

            #[tokio::test]
            async fn postgres() {
                match $crate::harness::App::start($crate::harness::Database::Postgres).await {
                    Some(app) => run(app).await,
                    None => println!("ACCORD_TEST_POSTGRES_URL is not set: not run on PostgreSQL"),
                }
            }
        }
    };
}
pub(crate) use on_both;
