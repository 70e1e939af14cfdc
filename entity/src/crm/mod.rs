//! Whom we sell to and what was said to them.

pub mod account;
pub mod lead;
