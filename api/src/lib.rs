//! Accord's service. This list is the map; it holds no code. A theme may use those above it, never those below.

pub mod config; // one struct from defaults, file, environment and flags
pub mod telemetry; // logs and traces
pub mod actor; // who acts; every permission
pub mod error; // one error, its codes
pub mod store; // the only door to the database
pub mod graph; // the kit: records in the schema
pub mod access; // organisation, users, teams, roles, sessions, keys
pub mod crm; // accounts, contacts, leads, opportunities, activities
pub mod marketing; // campaigns, their members and costs
pub mod schema; // the API on one page
pub mod run; // what each command does
pub mod cli; // the command line: words to calls
