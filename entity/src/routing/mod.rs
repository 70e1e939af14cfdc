//! How leads come from marketing to sales: offers and their answers, the pools that take turns, and quarrels over it.

pub mod dispute;
pub mod feedback_item;
pub mod handoff;
pub mod pool;
pub mod pool_member;
pub mod pool_turn;
pub mod rejection_reason;
pub mod routing_decision;
