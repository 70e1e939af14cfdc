//! The demo organisation: people of every role and eighteen months of marketing and sales, made through the API's own
//! rules. The same seed and instant give the same organisation.

mod agreements;
mod dice;
mod people;
mod plan;
mod targets;
mod words;
mod write;

use std::fmt;

use entity::{business_calendar, id::RowId, organization, word::Word};

pub use plan::{Act, Calendar, Size, draw};

use serde_json::json;

use crate::{
    access::{organization::found, session::password::Hasher},
    actor::{Actor, Permission},
    crm::pipeline,
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

/// Makes the demo organisation, or leaves it as it is, unless it was left half made; how to sign in to it, the administrator first.
pub async fn fill(store: &Store, hasher: &Hasher) -> Result<Vec<SignIn>> {
    fill_with(store, hasher, Size::default()).await
}

/// The same from another seed, or smaller.
pub async fn fill_with(store: &Store, hasher: &Hasher, size: Size) -> Result<Vec<SignIn>> {
    match store.door().organization(Some(SLUG)).await? {
        None => make(store, hasher, size).await?,
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

async fn make(store: &Store, hasher: &Hasher, size: Size) -> Result<()> {
    let hash = hasher.hash(&hasher.seat()?, PASSWORD).await?;
    let calendar = Calendar::new(store.now());
    let organization = found(store, SLUG, &[pipeline::seed_defaults]).await?;
    let access = Access::new(store.clone(), Actor::system(organization), None).at(calendar.instant(0, 0));
    let people = people::settle(&access, &hash).await?;
    let signers = agreements::Signers { store, organization, people: &people, calendar };
    agreements::write(&signers).await?;
    let ground = write::Ground { store, organization, people: &people, calendar };
    write::Writer::new(ground).await?.write(&draw(size, calendar)).await?;
    agreements::credit(&signers).await?;
    targets::settle(store, organization, &people).await?;
    let mut tx = access.begin(Permission::OrganizationUpdate).await?;
    let row = tx.lock::<organization::Entity>(organization).await?;
    let hours = save::<business_calendar::Entity>(&mut tx, None, office_hours()).await?;
    let named = Patch::default()
        .with("name", "Demo Inc")
        .with("time_zone", "Europe/Berlin")
        .with("business_calendar_id", Some(hours.id.uuid()));
    save::<organization::Entity>(&mut tx, Some(row), named).await?;
    tx.commit(serde_json::Value::Null).await
}

/// Nine to five on workdays, with a break, but on the days when everybody is off.
fn office_hours() -> Patch {
    let days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];
    let span = |day: &str, from: &str, to: &str| json!({ "day": day, "opensAt": from, "closesAt": to });
    let hours: Vec<_> =
        days.iter().flat_map(|day| [span(day, "09:00", "12:30"), span(day, "13:30", "18:00")]).collect();
    let off = |date: &str, name: &str| json!({ "date": date, "name": name });
    let holidays = [off("2026-12-25", "Christmas Day"), off("2027-01-01", "New Year"), off("2027-05-01", "Labour Day")];
    Patch::default()
        .with("name", "Office hours")
        .with("time_zone", "Europe/Berlin")
        .with("schedule", json!({ "hours": hours, "holidays": holidays }))
}
