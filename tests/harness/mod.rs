//! A database per test, people to ask through, and rows by a sentence.

mod app;
mod chromium;
mod given;
mod ground;
mod hold;
mod person;
mod sample;
mod server;
mod site;
mod socket;
mod world;

pub use app::{ARGON2, App};
pub use chromium::{Page, browser};
pub use ground::{Database, Folder, Ground};
pub use person::{Answer, Person, listed};
pub use sample::{Known, Place, Sample, record_of};
pub use serde_json::json;
pub use server::{MEASURED, Said, Served, Server, accord, said};
pub use site::{Reply, Site};
pub use socket::{Opening, Socket};
pub use world::{World, pay::calculated};

/// How long something that must happen is waited for: on a busy machine it takes its time.
pub const PATIENCE: std::time::Duration = std::time::Duration::from_secs(120);

/// What a listener is told first. From when on it listens nobody knows, so that something is done until it is told.
pub async fn heard<T>(next: impl Future<Output = T>, mut done: impl AsyncFnMut()) -> T {
    let (mut next, begun) = (std::pin::pin!(next), std::time::Instant::now());
    while begun.elapsed() < PATIENCE {
        if let Ok(told) = tokio::time::timeout(std::time::Duration::from_millis(300), &mut next).await {
            return told;
        }
        done().await;
    }
    panic!("nothing is told");
}

/// Runs a test on a stack with room for an organisation that has one of everything: without optimisation its making takes
/// more than threads of tests have.
pub fn roomy<F: Future<Output = ()>>(test: impl FnOnce() -> F + Send + 'static) {
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    let thread = std::thread::Builder::new().name(name).stack_size(16 << 20).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(test());
    });
    if let Err(panic) = thread.expect("a thread").join() {
        std::panic::resume_unwind(panic);
    }
}

/// Declares a test that runs on both databases.
macro_rules! on_both {
    ($(#[$attr:meta])* async fn $name:ident($app:ident) $body:block) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($app: $crate::harness::App) $body

            #[test]
            fn sqlite() {
                $crate::harness::roomy(|| async {
                    run($crate::harness::App::start($crate::harness::Database::Sqlite).await.expect("SQLite starts")).await;
                });
            }

            #[test]
            fn postgres() {
                $crate::harness::roomy(|| async {
                    match $crate::harness::App::start($crate::harness::Database::Postgres).await {
                        Some(app) => run(app).await,
                        None => println!("ACCORD_TEST_POSTGRES_URL is not set: not run on PostgreSQL"),
                    }
                });
            }
        }
    };
}
pub(crate) use on_both;
