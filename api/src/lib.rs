//! Accord: revenue operations as one GraphQL API. This list is the map: a theme may use those above it, never
//! those below. It holds no code.

/// Who acts, and every permission.
pub mod actor;
/// One error, its codes.
pub mod error;
/// One struct from defaults, file, environment and flags.
pub mod config;
/// The only door to the database.
pub mod store;
/// The kit: what a record is in the schema.
pub mod graph;
/// Organisations, users, teams, roles, sessions, keys.
pub mod access;
/// Accounts, contacts, leads, opportunities, activities.
pub mod crm;
/// Campaigns, their members and costs.
pub mod marketing;
/// Data in and out: imports.
pub mod integration;
/// The API on one page.
pub mod schema;
/// What each command does.
pub mod run;
/// Logs and traces.
pub mod telemetry;
/// The command line: words to calls.
pub mod cli;
