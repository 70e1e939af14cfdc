//! The demo organisation: people of every role and eighteen months of marketing and sales, made through the API's own
//! rules. The same seed and instant give the same organisation.

mod aftermath;
mod agreements;
mod bodies;
mod customers;
mod dashboards;
mod desk;
mod dice;
mod goals;
mod handover;
mod hours;
mod initiatives;
mod pay;
mod people;
mod plan;
mod targets;
mod together;
mod words;
mod write;

use std::fmt;

use entity::{organization, word::Word};
use uuid::Uuid;

pub use plan::{Act, Calendar, Size, draw};

use crate::{
    access::{organization::found, session::password::Hasher},
    actor::{Actor, Permission},
    crm::{pipeline, quality},
    error::{Error, FaultCode, Result},
    graph::{Patch, record::save},
    store::{Access, Store},
};

/// Its name in addresses.
pub const SLUG: &str = "demo";
/// Everybody's there. It is printed in the documentation: never fill a server that others reach.
pub const PASSWORD: &str = "demo-accord-2026";

/// How one of its people signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    pub name: &'static str,
    pub email: String,
    pub role: &'static str,
    pub password: &'static str,
}

impl fmt::Display for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<14} {:<32} {}", self.role, self.email, self.password)
    }
}

/// Hears how many acts of how many have been written.
pub type Told = dyn Fn(usize, usize) + Send + Sync;

/// Makes the demo organisation, or leaves it as it is, unless it was left half made; how to sign in to it, the administrator first.
/// `told` hears how much of how much has been written.
pub async fn fill(store: &Store, hasher: &Hasher, told: &Told) -> Result<Vec<SignIn>> {
    Box::pin(fill_in(store, hasher, Size::default(), told)).await
}

/// The same from another seed, or smaller.
pub async fn fill_with(store: &Store, hasher: &Hasher, size: Size) -> Result<Vec<SignIn>> {
    Box::pin(fill_in(store, hasher, size, &|_, _| ())).await
}

async fn fill_in(store: &Store, hasher: &Hasher, size: Size, told: &Told) -> Result<Vec<SignIn>> {
    match store.door().organization(Some(SLUG)).await? {
        None => make(store, hasher, size, told).await?,
        // its last act changes the organisation's row
        Some(begun) if begun.version == 1 => return Err(Error::refused(FaultCode::Conflict, "demo", BROKEN_OFF)),
        Some(_) => {}
    }
    Ok(sign_ins())
}

const BROKEN_OFF: &str = "an earlier start was broken off while it filled the demo organisation, which is incomplete: \
                          start with an empty database, or without --demo";

fn sign_ins() -> Vec<SignIn> {
    let of = |person: &people::Person| SignIn {
        name: person.name,
        email: person.email(),
        role: person.role.word(),
        password: PASSWORD,
    };
    people::PEOPLE.iter().rev().map(of).collect()
}

async fn make(store: &Store, hasher: &Hasher, size: Size, told: &Told) -> Result<()> {
    let hash = hasher.hash(&hasher.seat()?, PASSWORD).await?;
    let calendar = Calendar::new(store.now());
    let organization = found(store, SLUG, &[pipeline::seed_defaults, quality::seed_defaults]).await?;
    let access = Access::new(store.clone(), Actor::system(organization), None).at(calendar.instant(0, 0));
    let people = people::settle(&access, &hash).await?;
    let ground = write::Ground { store, organization, people: &people, calendar: &calendar };
    let desk = desk::settle(ground).await?;
    let definitions = agreements::write(ground, &desk).await?;
    let acts = draw(size, &calendar);
    let (before, after) = acts.split_at(acts.partition_point(|act| act.at < calendar.instant(agreements::STRICTER, 0)));
    let mut writer = write::Writer::new(ground, &desk.reasons).await?;
    writer.write(before, &|done| told(done, acts.len())).await?;
    definitions.become_stricter(ground).await?;
    writer.write(after, &|done| told(before.len() + done, acts.len())).await?;
    definitions.ask_for_budget(ground).await?;
    targets::settle(ground).await?;
    together::settle(ground).await?;
    aftermath::settle(ground).await?;
    customers::settle(ground).await?;
    goals::settle(ground).await?;
    initiatives::settle(ground).await?;
    dashboards::settle(ground).await?;
    Box::pin(pay::settle(ground)).await?;
    open(&access, desk.hours).await?;
    goals::keep(ground).await
}

/// The last act but for what a job would do too: from then on the organisation is complete.
async fn open(access: &Access, hours: Uuid) -> Result<()> {
    let mut tx = access.begin(Permission::OrganizationUpdate).await?;
    let row = tx.lock::<organization::Entity>(access.actor().organization).await?;
    let named = Patch::default()
        .with("name", "Demo Inc")
        .with("time_zone", hours::ZONE.name())
        .with("business_calendar_id", Some(hours));
    save::<organization::Entity>(&mut tx, Some(row), named).await?;
    tx.commit(serde_json::Value::Null).await
}
