//! Behaviour through the front door. Every test runs on SQLite, and on PostgreSQL too when
//! `ACCORD_TEST_POSTGRES_URL` names a server on which databases may be made.

mod harness;

mod access;
mod account;
mod campaign;
mod changes;
mod convert;
mod cost;
mod custom_field;
mod demo;
mod doors;
mod duplicate;
mod house;
mod http_front;
mod import;
mod jobs;
mod lead;
mod matching;
mod matrix;
mod merge;
mod opportunity;
mod order;
mod pipeline;
mod property;
mod reach;
mod readme;
mod reference;
mod rights;
mod schema;
mod store;
