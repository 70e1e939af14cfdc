//! What people are paid: a pure function of a signed plan and frozen inputs. It knows no clock, no database and no
//! fraction that is not exact; an amount is rounded once, half to even, where it becomes a line.

pub mod input;
pub mod plan;
pub mod result;
pub mod validate;
