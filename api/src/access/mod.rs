//! Who there is and what they may do: organisations, users, teams, roles, sessions, keys. It knows no lead.

pub mod absence;
pub mod api_key;
pub mod calendar;
pub mod explain;
pub mod graphql;
pub mod identity;
pub mod joining;
pub mod keys;
pub mod notification;
pub mod organization;
pub mod reset;
pub mod role;
pub mod session;
pub mod setup;
pub mod side;
pub mod team;
pub mod user;
