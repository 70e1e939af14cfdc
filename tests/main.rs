//! Behaviour through the front door. Every test runs on SQLite, and on PostgreSQL too when
//! `ACCORD_TEST_POSTGRES_URL` names a server on which databases may be made.

mod harness;

mod access;
mod account;
mod agreement;
mod calendar;
mod campaign;
mod changes;
mod committee;
mod convert;
mod cost;
mod criteria;
mod custom_field;
mod demo;
mod doors;
mod duplicate;
mod edge;
mod handoff;
mod house;
mod http_front;
mod import;
mod jobs;
mod journeys;
mod lead;
mod leak;
mod matching;
mod matrix;
mod merge;
mod opportunity;
mod order;
mod pipeline;
mod property;
mod qualification;
mod reach;
mod readme;
mod reference;
mod rights;
mod routing;
mod rule;
mod schema;
mod scoring;
mod sla;
mod store;
mod target_list;
mod touchpoint;
