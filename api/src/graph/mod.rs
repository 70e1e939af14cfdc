//! The kit below the domains: what a record is in the schema, and how records are planned, fetched, written out,
//! filtered, ordered, paged, counted and changed. It knows the store and no domain.

pub mod aggregate;
pub mod args;
pub mod connection;
pub mod derived;
pub mod external;
pub mod fetch;
pub mod field;
pub mod filter;
pub mod form;
pub mod item;
pub mod link;
pub mod listed;
pub mod lookup;
pub mod order;
pub mod patch;
pub mod payload;
pub mod plan;
pub mod purse;
pub mod record;
pub mod repoint;
pub mod root;
pub mod said;
pub mod scalar;
pub mod sdl;
pub mod seal;
pub mod step;
pub mod text;
pub mod through;
pub mod together;
pub mod upsert;
pub mod value;
pub mod veil;
pub mod write;

pub use field::{
    Field, Kind, Reckoned, any, boolean, currency, date, decimal, email, formed, found, integer, json, list, many,
    money, one, ratio, reckoned, text, time, told, word,
};
pub use item::Item;
pub use patch::Patch;
pub use payload::{Node, Nodes, Payload};
pub use record::{Change, Meta, Record, Refusals, Rules};
