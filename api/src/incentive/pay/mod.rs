//! What people are paid: a pure function of a signed plan and frozen inputs. It knows no clock, no database and no
//! fraction that is not exact; an amount is rounded once, half to even, where it becomes a line.

pub mod calculate;
pub mod clawback;
mod component;
mod curve;
pub mod digest;
pub mod input;
pub mod lint;
pub mod plan;
#[cfg(test)]
mod properties;
pub mod result;
pub mod settle;
pub mod split;
#[cfg(test)]
mod terms;
pub mod validate;
#[cfg(test)]
mod worked;
