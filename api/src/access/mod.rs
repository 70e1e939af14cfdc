//! Who there is and what they may do: organisations, users, teams, roles, sessions, keys. It knows no lead.

pub mod keys;
pub mod user;
