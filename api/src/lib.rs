//! Accord: revenue operations as one GraphQL API. This list is the map; it holds no code.

/// Who may come in: sign-in, sessions, the keys that sign access tokens.
pub mod access;
/// The command line: words to calls.
pub mod cli;
/// One struct from defaults, file, environment and flags.
pub mod config;
/// What each command does.
pub mod run;
/// Logs and traces.
pub mod telemetry;
