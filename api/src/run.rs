//! What each command does. It puts parts together and knows no rule of the trade.

mod database;
mod ready;
mod serve;

use std::path::PathBuf;

pub use serve::{check, edge, serve};

use crate::access::keys::Keys;
use crate::access::organization::Beginning;
use crate::access::session::password::Hasher;
use crate::access::setup;
use crate::cli::password::Password;
use crate::config::Config;
use crate::integration::import::cli as files;
use crate::store::wall_clock;

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

/// A file to read, or a folder with the files of a mapping.
#[derive(Debug)]
pub struct Import {
    pub file: PathBuf,
    /// A preset's name, or a file.
    pub mapping: String,
    pub organization: String,
    /// Whose rights count.
    pub actor: String,
    pub dry_run: bool,
    pub errors: Option<PathBuf>,
}

pub async fn migrate(config: &Config, step: Migrate) -> Result<String, RunError> {
    database::migrate(&database::open(config).await?, step).await
}

pub fn schema() -> Result<String, RunError> {
    Ok(crate::schema::sdl())
}

pub async fn user_create(config: &Config, new: NewUser) -> Result<String, RunError> {
    let store = database::open(config).await?;
    database::prepare(&store, config.production).await?;
    let wanted = setup::NewUser {
        organization: &new.organization,
        email: &new.email,
        role: &new.role,
        name: new.name.as_deref(),
        password: new.password.expose(),
    };
    let hasher = Hasher::new(&config.argon2)?;
    setup::create_user(&store, &hasher, &wanted, BEGINNINGS).await?;
    Ok(format!("{} may now sign in to {} as {}.", new.email, new.organization, new.role))
}

/// What the themes add to a new organisation.
const BEGINNINGS: &[Beginning] = &[crate::crm::pipeline::seed_defaults, crate::crm::quality::seed_defaults];

pub async fn import(config: &Config, import: Import) -> Result<String, RunError> {
    let store = database::open(config).await?;
    database::prepare(&store, config.production).await?;
    crate::schema::install_records();
    let access = setup::in_name_of(&store, &import.organization, &import.actor).await?;
    let mapping = files::mapping(&import.mapping)?;
    let order = files::Order { path: &import.file, mapping, dry_run: import.dry_run, errors: import.errors.as_deref() };
    files::import(&access, &order).await
}

/// Which run's payroll file.
#[derive(Debug)]
pub struct Payroll {
    pub organization: String,
    /// Whose rights count.
    pub actor: String,
    /// An id that begins with `incentive_run_`.
    pub run: String,
}

/// Writes the payroll file of a locked run; what was written, in words.
pub async fn payroll(config: &Config, wanted: Payroll, to: &mut impl std::io::Write) -> Result<String, RunError> {
    let store = database::open(config).await?;
    database::prepare(&store, config.production).await?;
    crate::schema::install_records();
    let access = setup::in_name_of(&store, &wanted.organization, &wanted.actor).await?;
    let people = crate::incentive::payroll::cli::export(&access, &wanted.run, to).await?;
    Ok(format!("{people} people are paid by {}.", wanted.run))
}

/// Puts the work down for every organisation; whatever server runs does it, a hundred sales in a commit.
pub async fn rebuild(config: &Config) -> Result<String, RunError> {
    let store = database::open(config).await?;
    database::prepare(&store, config.production).await?;
    crate::schema::install_records();
    let organizations = crate::access::organization::all(&store).await?;
    for organization in &organizations {
        let system = crate::actor::Actor::system(*organization);
        crate::alignment::attribution::rebuild_later(&crate::store::Access::new(store.clone(), system, None)).await?;
    }
    Ok(format!("Credit of {} organisations is computed anew once a server runs.", organizations.len()))
}

pub fn keys_rotate(config: &Config, revoke: bool) -> Result<String, RunError> {
    let keys = Keys::rotate(&config.data_dir, wall_clock(), revoke)?;
    let kid = &keys.current().kid;
    Ok(format!("Key {kid} signs from the next start on; {} in the file.", keys.len()))
}
