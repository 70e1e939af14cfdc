//! Accord: revenue operations as one GraphQL API. This list is the map: a theme may use those above it, never
//! those below. It holds no code.

/// Organisations, users, teams, roles, sessions, keys.
pub mod access;
/// Who acts, and every permission.
pub mod actor;
/// What marketing and sales agree on, and what follows from it.
pub mod alignment;
/// The command line: words to calls.
pub mod cli;
/// One struct from defaults, file, environment and flags.
pub mod config;
/// Accounts, contacts, leads, opportunities, activities.
pub mod crm;
/// An organisation to try things out with.
pub mod demo;
/// One error, its codes.
pub mod error;
/// The kit: what a record is in the schema.
pub mod graph;
/// The edge: connections, transports, the front door, limits, health.
pub mod http;
/// Pay: plans that both sides signed, runs, statements.
pub mod incentive;
/// Metrics and reports that both sides trust.
pub mod insight;
/// The change feed, the work that goes on by itself, imports.
pub mod integration;
/// Campaigns, their members and costs.
pub mod marketing;
/// Networks of addresses.
pub mod network;
/// What each command does.
pub mod run;
/// The API on one page.
pub mod schema;
/// The only door to the database.
pub mod store;
/// Logs and traces.
pub mod telemetry;
