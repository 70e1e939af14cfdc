//! What we do so that people come, and what it costs.

pub mod campaign;
