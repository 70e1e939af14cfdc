//! What each command does. Only `keys_rotate` is built; the others answer `NotBuilt` until their parts are there.

use std::path::PathBuf;

use crate::access::keys::Keys;
use crate::cli::password::Password;
use crate::config::Config;

/// A command's failure: shown to who typed it.
pub type RunError = Box<dyn std::error::Error + Send + Sync>;

/// Which way the database goes.
#[derive(Clone, Copy, Debug)]
pub enum Migrate {
    Up(Option<u32>),
    Down(u32),
    Status,
}

/// The user to make; the organisation too when it is new.
#[derive(Debug)]
pub struct NewUser {
    pub organization: String,
    pub email: String,
    pub role: String,
    pub name: Option<String>,
    pub password: Password,
}

/// A file to read.
#[derive(Debug)]
pub struct Import {
    pub file: PathBuf,
    pub entity: String,
    pub mapping: PathBuf,
    pub organization: String,
    /// Whose rights count.
    pub actor: String,
    pub dry_run: bool,
    pub errors: Option<PathBuf>,
}

#[derive(Debug, thiserror::Error)]
#[error("`accord {0}` is not built yet")]
struct NotBuilt(&'static str);

#[expect(clippy::unused_async, reason = "will await the server")]
pub async fn serve(_: Config) -> Result<(), RunError> {
    Err(NotBuilt("serve").into())
}

#[expect(clippy::unused_async, reason = "will await the database")]
pub async fn migrate(_: &Config, _: Migrate) -> Result<String, RunError> {
    Err(NotBuilt("migrate").into())
}

pub fn schema() -> Result<String, RunError> {
    Ok(crate::schema::sdl())
}

#[expect(clippy::unused_async, reason = "will await the database")]
pub async fn user_create(_: &Config, _: NewUser) -> Result<String, RunError> {
    Err(NotBuilt("user create").into())
}

#[expect(clippy::unused_async, reason = "will await the database")]
pub async fn import(_: &Config, _: Import) -> Result<String, RunError> {
    Err(NotBuilt("import").into())
}

#[expect(clippy::disallowed_methods, reason = "a command has no request whose time it could take")]
pub fn keys_rotate(config: &Config, revoke: bool) -> Result<String, RunError> {
    let keys = Keys::rotate(&config.data_dir, chrono::Utc::now(), revoke)?;
    let kid = &keys.current().kid;
    Ok(format!("Key {kid} signs from the next start on; {} in the file.", keys.len()))
}
