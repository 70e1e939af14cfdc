//! The words of the trade: rows, ids, enums, money. It refuses to hold queries, rules or
//! resolvers; those live in `api`.

pub mod id;
pub mod money;
mod row;
pub mod word;

mod access;
mod crm;
mod marketing;
mod system;

pub use access::{organization, user};
pub use crm::{account, lead};
pub use marketing::campaign;
pub use system::event;
