//! Records that may be the same person or company: what speaks for it, pair by pair. Pairs are found by keys, never by
//! comparing all with all. It changes no record; `merge` does.

mod alike;
pub mod block;
mod evidence;
mod find;
pub mod graphql;
pub mod pairs;
mod read;
pub mod scan;
pub mod subject;

pub use evidence::{DEFAULT_SCORE, Rule, Verdict, compare};
pub use read::Comparable;
