//! Behaviour through the front door. Every test runs on SQLite, and on PostgreSQL too when
//! `ACCORD_TEST_POSTGRES_URL` names a server on which databases may be made.

mod harness;

mod access;
mod changes;
mod house;
mod http_front;
mod import;
mod jobs;
mod lead;
mod reference;
mod schema;
mod store;
