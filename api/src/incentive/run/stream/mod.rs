//! How a run is calculated, as it goes on. It only reads the feed.

pub mod graphql;
