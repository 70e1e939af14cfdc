//! Accord's service. This list is the map: a theme may use those above it, never those below.

pub mod actor; // who acts; every permission
pub mod error; // one error, its codes
pub mod store; // the only door to the database
pub mod graph; // the kit: records in the schema
pub mod access; // organisation, users, teams, roles, sessions, keys
pub mod crm; // accounts, contacts, leads, opportunities, activities
pub mod marketing; // campaigns, their members and costs
pub mod schema; // the API on one page
