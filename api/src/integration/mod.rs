//! Data in and out: files brought in. It stands above every other theme and none knows it; it has no rules of its
//! own about the records it moves.

pub mod import;
